/* comparison.h -- the alerts a replay finds beside those there were.
 *
 *     struct tale tale = {.cli = cli, .window = …};
 *     r = comparison_add_stored(&tale, &patient);      // what was
 *     tale_listen(&tale, &replay);               // what would have been
 *     r = sw_replay_patient(&replay, &patient.id);
 *     tale_leave_out_early(&tale);
 *     comparison_match(&tale);
 *     comparison_fini(&tale);
 */
#ifndef CLI_COMPARISON_H
#define CLI_COMPARISON_H

#include "cli/cli.h"
#include "records/replay.h"

/* One alert: as it was, as it would have been, or both. state NONE: it was not. */
struct comparison_pair {
    struct sw_alert was, would;
};
/* A transition in a replay, with its time. */
struct comparison_event {
    struct sw_alert alert;
    enum sw_alert_change change;
    int64_t at_s;
};
struct comparison {
    struct cli *cli;
    struct sw_span window; /* alerts that overlap it count */
    /* What would have opened before may have been open all along: the replay began on
     * the day before this one. 0: there was nothing before. */
    int64_t knows_from_s;
    struct comparison_pair *pairs;
    size_t n_pairs, cap_pairs;
    struct comparison_event *events;
    size_t n_events, cap_events;
};

/* 0 or a negative errno, like sw_store_… and sw_replay_patient(). */
int comparison_add_stored(struct comparison *comparison,
                          const struct sw_patient_id *patient);
void tale_listen(struct comparison *comparison, struct sw_replay *replay);
/* After each replay: what was over before the window does not count. */
void tale_leave_out_early(struct comparison *comparison);
/* Pair those of one patient and kind that overlap in time; sort by patient and time. */
void comparison_match(struct comparison *comparison);
/* It was open when the replay began: since when is not known. */
bool comparison_is_from_before(const struct comparison *comparison,
                               const struct comparison_pair *pair);
void comparison_fini(struct comparison *comparison);

#endif
