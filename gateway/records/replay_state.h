/* replay_state.h -- the state of a replay while it walks through a patient's past.
 * Private to the replay. */
#ifndef RECORDS_REPLAY_STATE_H
#define RECORDS_REPLAY_STATE_H

#include "records/replay.h"

enum { REPLAY_MINUTE_S = 60, REPLAY_DEVICES_MAX = SW_DEVICES_MAX };

/* A day before today, by the data received so far. */
struct past_day {
    struct sw_day_row row;
    int32_t floor; /* of its plan */
};

/* The data of one day: received up to `taken`, the rest comes later. */
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
    struct replay_day *late; /* days before today with more data to come */
    size_t n_late, cap_late;
    struct sw_valid_day before[SW_LOW_DAYS]; /* before the walk, the newest first */
    int32_t n_before;
    struct sw_unworn its_unworn;  /* an open `unworn`'s stretch, by its own day */
    struct sw_unworn past_unworn; /* the same, by the days since too */

    struct sw_day_set scores; /* received so far */
    struct {
        int64_t device_key;
        struct sw_battery level; /* .at_s 0: it sent none */
    } batteries[REPLAY_DEVICES_MAX];
    size_t n_batteries;
};

/* Sort the data by time of receipt, and fill in what it can do to alerts. 0
 * or -ENOMEM. */
int replay_prepare(struct sw_received_list *received_list);
/* The next minute at which a judgement may have an effect, or end_s; now_s is the
 * minute last judged. */
int64_t replay_next_minute(const struct state *state, int64_t now_s);
bool replay_has_open(const struct state *state);
int64_t replay_heard_s(const struct state *state); /* last message, else when added */
bool replay_is_online(const struct state *state, int64_t now_s);

#endif
