/* comparison.h -- the alerts of a replay beside those there were.
 *
 *     struct sw_comparison comparison = {.zone = &zone, .window = …};
 *     sw_comparison_listen(&comparison, &replay);            // what would have been
 *     r = sw_replay_patient(&replay, &patient.id);
 *     sw_comparison_match(&comparison);
 *     sw_comparison_fini(&comparison);
 *
 * or, of what is stored, all of this at once: sw_comparison_stored().
 */
#ifndef RECORDS_COMPARISON_H
#define RECORDS_COMPARISON_H

#include "records/replay.h"

/* One alert: as it was, as it would have been, or both. SW_STATE_NONE: it was not. */
struct sw_compared {
    struct sw_alert was, would;
};
/* A transition in a replay, with its time. */
struct sw_replayed_event {
    struct sw_alert alert;
    enum sw_alert_change change;
    int64_t at_s;
};
struct sw_comparison {
    const struct sw_zone *zone;
    struct sw_span window; /* alerts that overlap it count */
    int32_t n_days;        /* days in the window */
    /* An alert that would have opened before this may have been open all along: the
     * replay began on the day before. 0: there was nothing before. */
    int64_t knows_from_s;
    struct sw_compared *pairs;
    size_t n_pairs, cap_pairs;
    struct sw_replayed_event *events;
    size_t n_events, cap_events;
};

void sw_comparison_listen(struct sw_comparison *comparison, struct sw_replay *replay);
/* Leave out what closed before the window. Pair the alerts of one patient and kind that
 * overlap in time; sort by patient and time. */
void sw_comparison_match(struct sw_comparison *comparison);
/* Whether the alert was open when the replay began: since when is not known. */
bool sw_comparison_is_from_before(const struct sw_comparison *comparison,
                                  const struct sw_compared *pair);
void sw_comparison_fini(struct sw_comparison *comparison);

/* What is asked of the store. */
struct sw_comparison_order {
    struct sw_store *store;
    const struct sw_zone *zone;
    int32_t from_day, to_day;         /* both included */
    int64_t now_s;                    /* nothing after it is judged */
    const struct sw_replay_set *sets; /* the plan's fields that would have been other */
    size_t n_sets;
    bool is_always; /* as if the gateway had been connected all the time */
};
/* Compare the patients' stored alerts with those there would have been, and match them.
 * *ret_knows_online becomes whether it is recorded when the gateway was connected. Alerts
 * whose past is not stored, those of batteries and of what was refused, are left out. 0
 * or a negative errno; *ret is sw_comparison_fini()'s either way. */
int sw_comparison_stored(const struct sw_comparison_order *order,
                         const struct sw_patient *patients, size_t n,
                         struct sw_comparison *ret, bool *ret_knows_online);

#endif
