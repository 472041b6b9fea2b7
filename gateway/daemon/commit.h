/* commit.h -- one transaction: what is pending, the days it changes, alerts, health.
 *
 * Judging happens here too, because an alert and the readings it rests on are stored
 * together, and because another hand (the command line) may have changed the store.
 */
#ifndef DAEMON_COMMIT_H
#define DAEMON_COMMIT_H

#include "daemon/connection_log.h"
#include "daemon/incidents.h"
#include "daemon/ingest.h"
#include "daemon/online_spans.h"
#include "daemon/patients.h"
#include "daemon/receive_clock.h"
#include "stepward/health.h"

/* When therapists' digests are due is looked up seldom. */
struct digest_schedule {
    int64_t due_s;  /* the next one; 0: to be looked up */
    uint64_t epoch; /* of the store, when that was looked up */
};

struct commit {
    const struct sw_config *config;
    struct patients *patients;
    struct ingest *ingest;
    struct online_spans *online_spans;
    struct incidents *incidents;
    struct dropped *dropped; /* NULL: nobody counts */
    struct sw_health *health;
    struct receive_clock *keeper; /* its clock goes with what it dated; may be NULL */
    int64_t *delivered;           /* outbox rows the broker has, to be removed */
    size_t n_delivered, cap_delivered;
    struct digest_schedule digest_schedule;
    /* What changes all the time and may be a minute old after a crash is stored once a
     * minute: the watched time, and when patients were heard (but see is_heard_due()). */
    bool minute_due;
    uint64_t epoch; /* what others stored until then was judged and committed */
    uint64_t n_transactions;
};

/* Judge every patient marked for it. If that has effects, or if `due`, store everything
 * in one transaction. What alerts look at only once it is stored (scores, batteries,
 * days before today) is then judged too, and effects of that are stored in a second
 * one. *ret_committed says whether one took place. After a negative errno what was not
 * stored is still pending and can be tried again. */
int commit_attempt(struct commit *commit, const struct eval_time *eval_time, bool due,
                   bool *ret_committed);

/* What digests rest on may have changed by our own hand: patients, the day. What another
 * one changes in the store is noticed without it. */
void commit_check_digests(struct commit *commit);
int commit_note_delivered(struct commit *commit, int64_t seq);
void commit_fini(struct commit *commit);

#endif
