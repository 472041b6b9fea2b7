/* history.h -- what alerts rest on besides today's minutes: earlier days, pain scores
 * and batteries; the same for the running gateway and for a replay.
 *
 * It changes seldom and is read when it has changed, not every minute.
 */
#ifndef RECORDS_HISTORY_H
#define RECORDS_HISTORY_H

#include "records/facts.h"
#include "stepward/store.h"

/* The source of the days before today. Each function returns a negative
 * errno on failure. */
struct sw_days_before {
    /* The last valid days before today, the newest first, each with the floor of the
     * plan in force that day; returns how many. */
    int (*valid)(void *ctx, int32_t today, struct sw_valid_day ret[static SW_LOW_DAYS]);
    /* The rows of the days [from_day, to_day] in order, until each returns something
     * other than 0, which is passed on. */
    int (*rows)(void *ctx, int32_t from_day, int32_t to_day,
                int (*each)(void *ctx, const struct sw_day_row *row), void *each_ctx);
    /* The day's stretch of unworn minutes that ended at to_s, as known now. */
    int (*unworn)(void *ctx, int32_t day, int64_t to_s, struct sw_unworn *ret);
    void *ctx;
};

/* Fill the facts about days before today: the valid days, and the steps of the day of
 * an open `over`. *past_unworn becomes the stretch of an open `unworn` as known now.
 * moment->alerts may be NULL. 0 or a negative errno. */
int sw_history_days(const struct sw_days_before *before,
                    const struct sw_eval_input *moment, struct sw_facts *facts,
                    struct sw_unworn *past_unworn);

/* ---- as it is stored ---- */

/* A field of the plan that holds on every day instead of its stored value. */
struct sw_replay_set {
    const char *key, *value;
};

struct sw_stored_history {
    struct sw_store *store;
    const struct sw_zone *zone;
    const struct sw_patient *patient;
    const struct sw_replay_set *sets; /* values for sw_plan_set() */
    size_t n_sets;
};
struct sw_days_before sw_stored_days(struct sw_stored_history *history);
/* The plan in force on the day, with the sets applied. */
int sw_stored_plan_on(const struct sw_stored_history *history, int32_t day,
                      struct sw_plan *ret);
int sw_stored_pains(const struct sw_stored_history *history, struct sw_facts *facts);
int sw_stored_batteries(const struct sw_stored_history *history,
                        const struct sw_alert *alerts, struct sw_facts *facts);

#endif
