/* replay_store.h -- a replay of what is stored.
 *
 *     struct sw_replay_store past = {.from = {store, &zone, …}};
 *     struct sw_replay replay = {.from_day = …, .to_day = …, .until_s = …, .each = …};
 *     r = sw_replay_store_open(&past);
 *     r = sw_replay_stored(&past, &replay, &patient); // for each patient
 *     sw_replay_store_fini(&past);
 */
#ifndef RECORDS_REPLAY_STORE_H
#define RECORDS_REPLAY_STORE_H

#include "records/facts.h"
#include "records/replay.h"
#include "stepward/store.h"

/* An alert may be older than the requested days, so begin this many days earlier. */
enum { SW_REPLAY_WARM_UP_DAYS = 7 };

struct sw_replay_store {
    struct sw_stored_history from; /* .patient is set by each replay */
    bool is_always; /* as if the gateway had been connected all the time */

    /* When the gateway was connected; all the time if the store has no spans. */
    struct sw_spans online_spans;
    bool knows_watched; /* the spans come from the store */
    struct sw_span *spans;
    const struct sw_replay *replay; /* the running one */
    /* Days are read a week at once, because loading one day also loads what began in
     * the 24 h before it. All zero at first. */
    struct sw_week_cache {
        struct sw_day_set set;
        int64_t patient_key; /* 0: the cache is empty */
        int32_t from_day, to_day;
    } week_cache;
};

/* Both return 0 or a negative errno. */
int sw_replay_store_open(struct sw_replay_store *past);
/* Sets the zone, the source and the spans online in *replay, then runs it. What
 * replay->each returns is passed on. */
int sw_replay_stored(struct sw_replay_store *past, struct sw_replay *replay,
                     const struct sw_patient *patient);
void sw_replay_store_fini(struct sw_replay_store *past);

#endif
