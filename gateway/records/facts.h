/* facts.h -- the facts for judging: from a computed day, from what is stored besides
 * today's minutes, and from a moment; the same for the running gateway and for a replay.
 *
 *     sw_facts_fill(&facts, &day, alerts, now_s);    // when the day changed
 *     sw_history_days(&before, &input, &facts, …);   // when something before it did
 *     sw_facts_complete(&facts, &input);             // before each judgement
 *     n = sw_alerts_judge(&facts, alerts, effects);
 */
#ifndef RECORDS_FACTS_H
#define RECORDS_FACTS_H

#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/store.h"

/* Spans of time, the oldest first, without overlap; the caller keeps the memory. */
struct sw_spans {
    const struct sw_span *items;
    size_t n;
};
/* The seconds of the spans in [from_s, to_s): all of them, and those in the wake
 * window. */
int64_t sw_spans_seconds(struct sw_spans spans, int64_t from_s, int64_t to_s);
int64_t sw_spans_wake_seconds(struct sw_spans spans, const struct sw_zone *zone,
                              const struct sw_plan *plan, int64_t from_s, int64_t to_s);

/* The alert of a kind if it is open, else NULL; alerts may be NULL, meaning none. */
const struct sw_alert *sw_open_alert(const struct sw_alert *alerts,
                                     enum sw_alert_kind kind);

/* Fill the facts of today's minutes at now_s, with those that open alerts need. */
void sw_facts_fill(struct sw_facts *facts, const struct sw_day *day,
                   const struct sw_alert *alerts, int64_t now_s);

struct sw_eval_input {
    const struct sw_zone *zone;
    const struct sw_plan *plan; /* in force today */
    int32_t today;
    int64_t now_s;
    bool clock_trusted;
    const struct sw_alert *alerts; /* SW_ALERT_KINDS of them; NULL: none was raised */
    /* For an open `unworn` of a day before today: its stretch as that day says now, and
     * today's first known minute (0: none). */
    struct sw_unworn past_unworn;
    int64_t worn_today_s;
    int64_t heard_at_s;           /* last message, or when the patient was added */
    struct sw_refusing refusing;  /* all zero also where it is not known */
    struct sw_spans online_spans; /* when the gateway was connected */
};
/* Fill the facts of the moment: time, plan, wake window, silence, and
 * a past `unworn`. */
void sw_facts_complete(struct sw_facts *facts, const struct sw_eval_input *input);

/* Name the patient and the therapist in the alerts, before judging. An open alert keeps
 * its therapist, because its retained copy lies under that topic. */
void sw_alerts_label(struct sw_alert alerts[static SW_ALERT_KINDS],
                     const struct sw_patient_id *patient,
                     const struct sw_therapist_id *therapist);

/* ---- days before today ---- */

/* The source of the days before today. Each function returns a negative errno on
 * failure. */
struct sw_days_before {
    /* The last valid days before today, the newest first, each with the floor of the
     * plan in force that day; returns how many. */
    int (*valid)(void *ctx, int32_t today, struct sw_valid_day ret[static SW_LOW_DAYS]);
    /* A day's row; all zero if it has none. */
    int (*row)(void *ctx, int32_t day, struct sw_day_row *ret);
    /* The day's stretch of unworn minutes that ended at to_s, as known now. */
    int (*unworn)(void *ctx, int32_t day, int64_t to_s, struct sw_unworn *ret);
    void *ctx;
};

/* Fill the facts about days before today: the valid days, and the steps of the day of
 * an open `over`. *past_unworn becomes the stretch of an open `unworn` as known now.
 * input->alerts may be NULL. 0 or a negative errno. */
int sw_history_days(const struct sw_days_before *before,
                    const struct sw_eval_input *input, struct sw_facts *facts,
                    struct sw_unworn *past_unworn);

/* ---- what is stored: it changes seldom and is read when it has changed ---- */

/* A field of the plan that holds on every day instead of its stored value. */
struct sw_replay_set {
    const char *key, *value;
};

struct sw_stored_history {
    struct sw_store *store;
    const struct sw_zone *zone;
    const struct sw_patient *patient;
    const struct sw_replay_set *sets; /* values for sw_plan_set() */
    size_t n_sets;
};
struct sw_days_before sw_stored_days(struct sw_stored_history *history);
/* The plan in force on the day, with the sets applied. */
int sw_stored_plan_on(const struct sw_stored_history *history, int32_t day,
                      struct sw_plan *ret);
int sw_stored_pains(const struct sw_stored_history *history, struct sw_facts *facts);
int sw_stored_batteries(const struct sw_stored_history *history,
                        const struct sw_alert *alerts, struct sw_facts *facts);

#endif
