/* replay_state.h -- a patient's past as it is walked through. Private to the replay. */
#ifndef RECORDS_REPLAY_STATE_H
#define RECORDS_REPLAY_STATE_H

#include "records/replay.h"

enum { REPLAY_MINUTE_S = 60, REPLAY_DEVICES_MAX = SW_DEVICES_MAX };

/* A day before today, by what was received so far. */
struct past_day {
    struct sw_day_row row;
    struct sw_valid_day valid; /* .day 0: it is not */
};

/* What was said of one day: heard up to `taken`, the rest is still to come. */
struct replay_day {
    int32_t day;
    struct sw_plan plan;
    struct sw_received_list received_list;
    size_t taken;
    struct sw_day_set set;
};

struct state {
    const struct sw_replay *replay;
    struct sw_patient_id patient;
    struct sw_alert alerts[SW_ALERT_KINDS];
    struct sw_facts facts;
    int64_t added_at_s, heard_at_s; /* heard_at_s 0: never */

    struct replay_day today;
    int64_t begin_s, end_s;           /* of today */
    struct sw_day *day;               /* as last computed; 14 KB */
    bool day_changed, alerts_changed; /* since facts were filled */
    int64_t worn_today_s;

    bool needs_days;       /* a plan has a floor */
    struct past_day *past; /* every day walked, in order */
    size_t n_past;
    struct replay_day *late; /* days before today of which more is to come */
    size_t n_late, cap_late;
    struct sw_valid_day before[SW_LOW_DAYS]; /* the walk; the newest first */
    int32_t n_before;
    struct sw_unworn its_unworn;  /* an open `unworn`'s, by its own day before today */
    struct sw_unworn past_unworn; /* and by the days since */

    struct sw_day_set scores; /* received so far */
    struct {
        int64_t device_key;
        struct sw_battery level; /* .at_s 0: it told none */
    } batteries[REPLAY_DEVICES_MAX];
    size_t n_batteries;
};

/* The next minute after now_s, the last judged, at which a judgement may have an
 * effect, or end_s. */
int64_t replay_next_minute(const struct state *state, int64_t now_s);
/* When the next of what days before today still get is received; INT64_MAX: never. */
int64_t replay_next_late_s(const struct state *state);
bool replay_has_open(const struct state *state);
int64_t replay_heard_s(const struct state *state); /* or when the patient was added */
bool replay_is_online(const struct state *state, int64_t now_s);
/* The first minute of today at or after at_s. */
int64_t replay_minute_from(const struct state *state, int64_t at_s);

#endif
