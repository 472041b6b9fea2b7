/* replay_tale.h -- the alerts a replay finds beside those there were.
 *
 *     struct tale tale = {.cli = cli, .window = …};
 *     r = tale_add_stored(&tale, &patient);      // what was
 *     r = tale_replay(&tale, &replay, &patient); // what would have been
 *     tale_match(&tale);
 *     tale_fini(&tale);
 */
#ifndef CLI_REPLAY_TALE_H
#define CLI_REPLAY_TALE_H

#include "cli/cli.h"
#include "records/replay.h"

/* One alert: as it was, as it would have been, or both. state NONE: it was not. */
struct tale_pair {
    struct sw_alert was, would;
};
/* A transition in a replay, with its time. */
struct tale_event {
    struct sw_alert alert;
    enum sw_alert_change change;
    int64_t at_s;
};
struct tale {
    struct cli *cli;
    struct sw_span window; /* alerts that overlap it count */
    /* What would have opened before may have been open all along: the replay began on
     * the day before this one. 0: there was nothing before. */
    int64_t knows_from_s;
    struct tale_pair *pairs;
    size_t n_pairs, cap_pairs;
    struct tale_event *events;
    size_t n_events, cap_events;
};

/* 0 or a negative errno, like sw_store_… and sw_replay_patient(). */
int tale_add_stored(struct tale *tale, const struct sw_patient_id *patient);
int tale_replay(struct tale *tale, struct sw_replay *replay,
                const struct sw_patient_id *patient);
/* Pair those of one patient and kind that overlap in time; sort by patient and time. */
void tale_match(struct tale *tale);
/* It was open when the replay began: since when is not known. */
bool tale_is_from_before(const struct tale *tale, const struct tale_pair *pair);
void tale_fini(struct tale *tale);

#endif
