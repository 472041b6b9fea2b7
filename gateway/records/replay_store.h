/* replay_store.h -- a replay of what is stored.
 *
 *     struct sw_replay_store past = {.from = {store, &zone, …}};
 *     struct sw_replay replay = {.from_day = …, .to_day = …, .until_s = …, .each = …};
 *     r = sw_replay_store_open(&past);
 *     r = sw_replay_stored(&past, &replay, &patient); // for each
 *     sw_replay_store_fini(&past);
 */
#ifndef RECORDS_REPLAY_STORE_H
#define RECORDS_REPLAY_STORE_H

#include "records/history.h"
#include "records/replay.h"
#include "stepward/store.h"

/* An alert may be older than the days that are asked for: walk so many before them. */
enum { SW_REPLAY_WARM_UP_DAYS = 7 };

struct sw_replay_store {
    struct sw_stored_history from; /* .patient is filled in */
    bool is_always; /* as if the gateway had been connected all the time */

    /* When it was; all the time where the store does not say. */
    struct sw_spans online_spans;
    bool knows_watched; /* the store says, and is believed */
    struct sw_span *spans;
    const struct sw_replay *replay; /* the one that runs */
    /* Days are read a week at once, for a day is asked for together with all that began
     * in the 24 h before it. All zero at first. */
    struct sw_week_cache {
        struct sw_day_set set;
        int64_t patient_key; /* 0: nothing is on it */
        int32_t from_day, to_day;
    } week_cache;
};

/* Each 0 or a negative errno. */
int sw_replay_store_open(struct sw_replay_store *past);
/* The zone, the source and when it was watched are filled in. What replay->each returns
 * is passed on. */
int sw_replay_stored(struct sw_replay_store *past, struct sw_replay *replay,
                     const struct sw_patient *patient);
void sw_replay_store_fini(struct sw_replay_store *past);

#endif
