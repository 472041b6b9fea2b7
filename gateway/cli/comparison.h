/* comparison.h -- the alerts of a replay beside those there were.
 *
 *     struct comparison comparison = {.cli = cli, .window = …};
 *     r = comparison_add_stored(&comparison, &patient.id);   // what was
 *     comparison_listen(&comparison, &replay);               // what would have been
 *     r = sw_replay_patient(&replay, &patient.id);
 *     comparison_match(&comparison);
 *     comparison_fini(&comparison);
 */
#ifndef CLI_COMPARISON_H
#define CLI_COMPARISON_H

#include "cli/cli.h"
#include "records/replay.h"

/* One alert: as it was, as it would have been, or both. SW_STATE_NONE: it was not. */
struct compared {
    struct sw_alert was, would;
};
/* A transition in a replay, with its time. */
struct replayed_event {
    struct sw_alert alert;
    enum sw_alert_change change;
    int64_t at_s;
};
struct comparison {
    struct cli *cli;
    struct sw_span window; /* alerts that overlap it count */
    int32_t n_days;        /* days in the window */
    /* An alert that would have opened before this may have been open all along: the
     * replay began on the day before. 0: there was nothing before. */
    int64_t knows_from_s;
    struct compared *pairs;
    size_t n_pairs, cap_pairs;
    struct replayed_event *events;
    size_t n_events, cap_events;
};

/* 0 or a negative errno, like sw_store_… and sw_replay_patient(). */
int comparison_add_stored(struct comparison *comparison,
                          const struct sw_patient_id *patient);
void comparison_listen(struct comparison *comparison, struct sw_replay *replay);
/* Leave out what closed before the window. Pair the alerts of one patient and kind that
 * overlap in time; sort by patient and time. */
void comparison_match(struct comparison *comparison);
/* Whether the alert was open when the replay began: since when is not known. */
bool comparison_is_from_before(const struct comparison *comparison,
                               const struct compared *pair);
void comparison_fini(struct comparison *comparison);

/* Each prints a listing and returns an exit code. */
int comparison_print_alerts(const struct comparison *comparison);
int comparison_print_events(const struct comparison *comparison);
int comparison_print_patients(const struct comparison *comparison);
int comparison_print_therapists(const struct comparison *comparison);

#endif
