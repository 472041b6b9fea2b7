/* commit.h -- one transaction: what is pending, the days it changes, alerts, health.
 *
 * Judging happens here too, because an alert and the readings it rests on are stored
 * together, and because another hand (the command line) may have changed the store.
 */
#ifndef DAEMON_COMMIT_H
#define DAEMON_COMMIT_H

#include "daemon/digests.h"
#include "daemon/dropped.h"
#include "daemon/intake.h"
#include "daemon/timekeeper.h"
#include "daemon/trouble.h"
#include "daemon/ward.h"
#include "daemon/watched.h"
#include "stepward/health.h"

struct commit {
    const struct sw_config *config;
    struct ward *ward;
    struct intake *intake;
    struct watched *watched;
    struct trouble *trouble;
    struct dropped *dropped; /* NULL: nobody counts */
    struct sw_health *health;
    struct timekeeper *keeper; /* its clock goes with what it dated; may be NULL */
    int64_t *delivered;        /* outbox rows the broker has, to be removed */
    size_t n_delivered, cap_delivered;
    struct digests digests;
    /* What changes all the time and may be a minute old after a crash is stored once a
     * minute: the watched time, and when patients were heard (but see commit_store.c).
     */
    bool minute_due;
    bool judge_again; /* what was stored last is to be recalled and judged */
    uint64_t epoch;   /* what others stored until then was judged and committed */
};

/* Judge every patient marked for it. If that has effects, or if `due`, store everything
 * in one transaction. What alerts look at only once it is stored (scores, batteries,
 * days before today) is then judged too, and effects of that are stored in a second
 * one. *ret_committed says whether one took place. After a negative errno what was not
 * stored is still pending and can be tried again. */
int commit_attempt(struct commit *commit, const struct judging *judging, bool due,
                   bool *ret_committed);

/* Put the patient into the store if it was only enrolled here; in the transaction. */
int commit_enroll(struct commit *commit, struct patient *patient);

int commit_note_delivered(struct commit *commit, int64_t seq);
void commit_fini(struct commit *commit);

#endif
