/* digest_schedule.h -- when therapists' digests are due, looked up seldom, and stored when they
 * are. */
#ifndef DAEMON_DIGEST_SCHEDULE_H
#define DAEMON_DIGEST_SCHEDULE_H

#include "daemon/patients.h"
#include "stepward/config.h"

struct digest_schedule {
    int64_t due_s;  /* the next one; 0: to be looked up */
    uint64_t epoch; /* of the store, when that was looked up */
    bool stored;    /* some, in the transaction that is under way */
};

/* What it rests on may have changed by our own hand: patients, the day. What another
 * one changes in the store is noticed without it. */
void digest_schedule_check(struct digest_schedule *digest_schedule);
bool digest_schedule_is_due(struct digest_schedule *digest_schedule,
                            const struct patients *patients,
                            const struct eval_time *eval_time);
/* Those that are due, in the caller's transaction. */
int digest_schedule_store(struct digest_schedule *digest_schedule,
                          const struct patients *patients,
                          const struct sw_config *config,
                          const struct eval_time *eval_time);
void digest_schedule_committed(
    struct digest_schedule *digest_schedule); /* the transaction is on the disk */

#endif
