/* replay.h -- the alerts there would have been: the core runs over past data, in
 * virtual time.
 *
 *     struct sw_replay replay = {.zone = &zone, .from_day = …, .to_day = …, …};
 *     replay.source = sw_recording_source(patient); // of a store: see replay_store.h
 *     r = sw_replay_patient(&replay, &patient->id);
 *
 * The replay judges only at minutes at which something can change, with the same result
 * as judging every minute. It does not invent what is not stored: a reading counts as
 * received when it ended; while the gateway was not connected nothing is judged, so
 * data that ended then counts from the next connection; what therapists did is left
 * out; the past of batteries is unknown.
 */
#ifndef RECORDS_REPLAY_H
#define RECORDS_REPLAY_H

#include "records/facts.h"

/* One patient's data, in the order in which it was received. */
enum sw_received_kind { SW_RECEIVED_READING, SW_RECEIVED_TOTAL, SW_RECEIVED_PAIN };
struct sw_received {
    int64_t at_s; /* when the gateway received it */
    int64_t device_key;
    enum sw_received_kind kind;
    int32_t battery; /* percent; -1: not sent */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };

    /* What it can do to alerts by itself; filled in by the replay. */
    int64_t from_s, to_s; /* the time it covers; a total: since the last one */
    int64_t steps;        /* adds at most so many to the day */
    bool is_odd;          /* may change what earlier data said */
};
/* All zero is a valid empty list. */
struct sw_received_list {
    struct sw_received *items;
    size_t n, cap;
};
/* 0 or -ENOMEM. */
int sw_received_list_add(struct sw_received_list *received_list,
                         const struct sw_received *received);
/* Leaves it empty. */
void sw_received_list_fini(struct sw_received_list *received_list);

/* The state of a patient when the replay begins. */
struct sw_replay_start {
    int64_t added_at_s;
    int64_t heard_at_s;                          /* last message; 0: never */
    struct sw_valid_day valid_days[SW_LOW_DAYS]; /* before it, the newest first */
    int32_t n_valid_days;
    struct sw_day_set scores; /* earlier scores; the replay frees the set */
};

/* The source of a patient's past. Functions return 0 or a negative errno. */
struct sw_replay_source {
    int (*start)(void *ctx, struct sw_replay_start *ret);
    /* Add the data that computing the day needs, whenever it was received, in
     * any order. */
    int (*load)(void *ctx, int32_t day, struct sw_received_list *ret);
    int (*plan_on)(void *ctx, int32_t day, struct sw_plan *ret);
    const char *(*device)(void *ctx, int64_t device_key); /* its id; NULL: unknown */
    void *ctx;
};

/* A transition of an alert, with the facts it was judged by. */
struct sw_replay_event {
    const struct sw_alert *alert; /* as it is now */
    const struct sw_alert_effect *effect;
    const struct sw_facts *facts;
};

struct sw_replay {
    const struct sw_zone *zone;
    int32_t from_day, to_day;     /* both included */
    int64_t until_s;              /* nothing after it is judged */
    struct sw_spans online_spans; /* when the gateway was connected */
    bool every_minute;            /* judge every minute: slow... */
    int64_t every_minute_from_s;  /* ...and only from then on */
    struct sw_replay_source source;
    int (*each)(void *ctx, const struct sw_replay_event *event); /* 0 goes on */
    /* Called after each judgement with its facts; may be NULL. */
    void (*judged)(void *ctx, const struct sw_facts *facts,
                   const struct sw_alert alerts[static SW_ALERT_KINDS]);
    void *ctx; /* for both callbacks */
};

/* 0, a negative errno, or what each returned. */
int sw_replay_patient(const struct sw_replay *replay,
                      const struct sw_patient_id *patient);

#endif
