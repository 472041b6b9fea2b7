/* history.h -- what alerts rest on besides today's minutes: days before today, scores of
 * pain and batteries; the same for the running gateway and for a replay.
 *
 * It changes seldom and is read when it did, not every minute.
 */
#ifndef RECORDS_HISTORY_H
#define RECORDS_HISTORY_H

#include "records/facts.h"
#include "stepward/store.h"

/* Where the days before today come from. Each returns a negative errno if it fails. */
struct sw_days_before {
    /* The newest valid days before today, the newest first, each with the floor of its
     * own plan; returns how many. */
    int (*valid)(void *ctx, int32_t today, struct sw_valid_day ret[static SW_LOW_DAYS]);
    /* The rows of these days, the first first, until each returns something else than 0,
     * which is passed on. */
    int (*rows)(void *ctx, int32_t from_day, int32_t to_day,
                int (*each)(void *ctx, const struct sw_day_row *row), void *each_ctx);
    /* What the day's minutes say of the stretch that ended at to_s. */
    int (*unworn)(void *ctx, int32_t day, int64_t to_s, struct sw_unworn *ret);
    void *ctx;
};

/* Fill what is about days before today: the valid ones, what the day of an open `over`
 * has come to, and into *past_unworn what became of the stretch of an open `unworn`.
 * alerts NULL: there are none. 0 or a negative errno. */
int sw_history_days(const struct sw_days_before *before,
                    const struct sw_eval_input *moment, struct sw_facts *facts,
                    struct sw_unworn *past_unworn);

/* ---- as it is stored ---- */

/* A field of the plan that is to hold on every day instead of what is stored. */
struct sw_replay_set {
    const char *key, *value;
};

struct sw_stored_history {
    struct sw_store *store;
    const struct sw_zone *zone;
    const struct sw_patient *patient;
    const struct sw_replay_set *sets; /* sw_plan_set() takes them */
    size_t n_sets;
};
struct sw_days_before sw_stored_days(struct sw_stored_history *history);
/* The plan of the day, with the sets. */
int sw_stored_plan_on(const struct sw_stored_history *history, int32_t day,
                      struct sw_plan *ret);
int sw_stored_pains(const struct sw_stored_history *history, struct sw_facts *facts);
int sw_stored_batteries(const struct sw_stored_history *history,
                        const struct sw_alert *alerts, struct sw_facts *facts);

#endif
