/* replay_store.h -- a replay of what is stored.
 *
 *     struct sw_replay_store past = {.store = store, .zone = &zone, …};
 *     r = sw_replay_online(store, &past.watched);    // once
 *     past.patient = patient;                         // for each
 *     struct sw_replay replay = {.source = sw_replay_store_source(&past), …};
 *     sw_replay_store_fini(&past);
 */
#ifndef RECORDS_REPLAY_STORE_H
#define RECORDS_REPLAY_STORE_H

#include "records/replay.h"
#include "stepward/store.h"

/* A field of the plan that is to hold on every day instead of what is stored. */
struct sw_replay_set {
    const char *key, *value;
};

struct sw_replay_store {
    struct sw_store *store;
    const struct sw_zone *zone;
    int32_t from_day; /* the replay's */
    struct sw_spans online_spans;
    const struct sw_replay_set *sets; /* sw_plan_set() takes them */
    size_t n_sets;
    struct sw_patient patient;
    /* Days are read a week at once, for a day is asked for together with all that began
     * in the 24 h before it. All zero at first. */
    struct sw_week_cache {
        struct sw_day_set set;
        int64_t patient_key; /* 0: nothing is on it */
        int32_t from_day, to_day;
    } week_cache;
};

void sw_replay_store_fini(struct sw_replay_store *past);

struct sw_replay_source sw_replay_store_source(struct sw_replay_store *past);

void sw_replay_apply(struct sw_plan *plan, const struct sw_replay_set *sets, size_t n);

/* When the gateway was connected, by the store; items are the caller's to free. n 0:
 * the store does not say. */
int sw_replay_online(struct sw_store *store, struct sw_spans *ret);

#endif
