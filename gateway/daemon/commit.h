/* commit.h -- one transaction: pending messages, the days they change, alerts, health.
 *
 * Judging happens here too, because an alert is stored together with the readings it
 * rests on, and because another writer (the command line) may have changed the store.
 */
#ifndef DAEMON_COMMIT_H
#define DAEMON_COMMIT_H

#include "daemon/connection_log.h"
#include "daemon/evaluate.h"
#include "daemon/incidents.h"
#include "daemon/ingest.h"
#include "daemon/online_spans.h"
#include "daemon/patients.h"
#include "daemon/receive_clock.h"
#include "stepward/health.h"

/* The time at which therapists' digests are due is looked up seldom. */
struct digest_schedule {
    int64_t due_s;  /* the next one; 0: to be looked up */
    uint64_t epoch; /* of the store when that was looked up */
};

struct commit {
    const struct sw_config *config;
    struct patients *patients;
    struct ingest *ingest;
    struct online_spans *online_spans;
    struct incidents *incidents;
    struct dropped *dropped; /* NULL: nobody counts */
    struct sw_health *health;
    struct receive_clock *keeper; /* stored with what it dated; may be NULL */
    int64_t *delivered;           /* outbox rows to remove: the broker has them */
    size_t n_delivered, cap_delivered;
    struct digest_schedule digest_schedule;
    /* Values that change all the time, and may be a minute old after a crash, are
     * stored once a minute: online time, and when patients' last messages came (but see
     * is_heard_due()). */
    bool minute_due;
    uint64_t epoch; /* other writers' changes until then are judged and committed */
    uint64_t n_transactions;
};

/* Judge every patient marked for it. If that has effects, or if `due`, store everything
 * in one transaction. What alerts use only once it is stored (scores, batteries, days
 * before today) is judged after that, and any effects are stored in a second
 * transaction. *ret_committed says whether a transaction was committed. After a
 * negative errno everything that was not stored is still pending, and the attempt can
 * be repeated. */
int commit_attempt(struct commit *commit, const struct eval_time *eval_time, bool due,
                   bool *ret_committed);

/* Call this after the gateway changed what digests rest on: patients, or the day.
 * Changes by other writers are noticed without it. */
void commit_check_digests(struct commit *commit);
int commit_note_delivered(struct commit *commit, int64_t seq);
void commit_fini(struct commit *commit);

#endif
