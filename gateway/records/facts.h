/* facts.h -- what judging looks at, from a computed day and a moment: the same for the
 * running gateway and for a replay.
 *
 *     sw_facts_fill(&facts, &day, alerts, now_s);    // when the day changed
 *     sw_facts_complete(&facts, &moment);            // before each judgement
 *     n = sw_alerts_judge(&facts, alerts, effects);
 *
 * Days before today, scores and batteries are the caller's to fill in.
 */
#ifndef RECORDS_FACTS_H
#define RECORDS_FACTS_H

#include "stepward/alert.h"
#include "stepward/civil.h"

/* Spans of time, the oldest first, none overlapping. */
struct sw_spans {
    const struct sw_span *items;
    size_t n;
};
/* Their seconds in [from_s, to_s): all of them, and those in the wake window. */
int64_t sw_spans_seconds(struct sw_spans spans, int64_t from_s, int64_t to_s);
int64_t sw_spans_wake_seconds(struct sw_spans spans, const struct sw_zone *zone,
                              const struct sw_plan *plan, int64_t from_s, int64_t to_s);

/* The alert of a kind if it is open, else NULL; so too for alerts NULL: there are none.
 */
const struct sw_alert *sw_open_alert(const struct sw_alert *alerts,
                                     enum sw_alert_kind kind);

/* Fill what today's minutes say at now_s, given the alerts that are open. */
void sw_facts_fill(struct sw_facts *facts, const struct sw_day *day,
                   const struct sw_alert *alerts, int64_t now_s);

struct sw_eval_input {
    const struct sw_zone *zone;
    const struct sw_plan *plan; /* in force today */
    int32_t today;
    int64_t now_s;
    bool clock_trusted;
    const struct sw_alert *alerts; /* SW_ALERT_KINDS of them; NULL: none was raised */
    /* Of an open `unworn` that rests on a day before today: what that day says by now,
     * and today's first known minute (0: none). */
    struct sw_unworn past_unworn;
    int64_t worn_today_s;
    int64_t heard_at_s;           /* last message, or when the patient was added */
    struct sw_spans online_spans; /* when the gateway was connected */
};
/* Fill what the moment says: the time, the plan, the wake window, the silence. */
void sw_facts_complete(struct sw_facts *facts, const struct sw_eval_input *input);

/* Before judging: whose alerts they are. The therapist of an open alert stays: its
 * retained copy lies under that topic. */
void sw_alerts_label(struct sw_alert alerts[static SW_ALERT_KINDS],
                     const struct sw_patient_id *patient,
                     const struct sw_therapist_id *therapist);

#endif
