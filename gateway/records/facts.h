/* facts.h -- the facts for judging, from a computed day and a moment; the same for the
 * running gateway and for a replay.
 *
 *     sw_facts_fill(&facts, &day, alerts, now_s);    // when the day changed
 *     sw_facts_complete(&facts, &input);             // before each judgement
 *     n = sw_alerts_judge(&facts, alerts, effects);
 *
 * history.h fills in days before today, scores and batteries.
 */
#ifndef RECORDS_FACTS_H
#define RECORDS_FACTS_H

#include "stepward/alert.h"
#include "stepward/civil.h"

/* Spans of time, the oldest first, without overlap; the caller keeps the memory. */
struct sw_spans {
    const struct sw_span *items;
    size_t n;
};
/* The seconds of the spans in [from_s, to_s): all of them, and those in
 * the wake window. */
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

#endif
