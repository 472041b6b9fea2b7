/* digest_schedule.c -- look up when the next digest is due, and store those that are.
 * What is in one, and that it is told once, is the book's business. */
#include "daemon/digest_schedule.h"

#include "records/digest.h"

void digest_schedule_check(struct digest_schedule *digest_schedule)
{
    digest_schedule->due_s = 0;
    digest_schedule->stored = false;
}

/* If it cannot be looked up, the next turn looks again. */
bool digest_schedule_is_due(struct digest_schedule *digest_schedule,
                            const struct patients *patients,
                            const struct eval_time *eval_time)
{
    if (!eval_time->clock_trusted)
        return false;
    if (digest_schedule->epoch != sw_store_epoch(patients->store)) {
        digest_schedule_check(digest_schedule);
        digest_schedule->epoch = sw_store_epoch(patients->store);
    }
    if (digest_schedule->due_s == 0 &&
        sw_records_next_digest(patients->store, patients->zone, eval_time->now_s,
                               &digest_schedule->due_s) < 0)
        return false;
    return eval_time->now_s >= digest_schedule->due_s;
}

int digest_schedule_store(struct digest_schedule *digest_schedule,
                          const struct patients *patients,
                          const struct sw_config *config,
                          const struct eval_time *eval_time)
{
    if (!digest_schedule_is_due(digest_schedule, patients, eval_time))
        return 0;
    digest_schedule->stored = true;
    return sw_records_put_digests(patients->store, patients->zone, config->site,
                                  config->alert_budget, eval_time->now_s);
}

void digest_schedule_committed(struct digest_schedule *digest_schedule)
{
    if (digest_schedule->stored)
        digest_schedule_check(digest_schedule);
}
