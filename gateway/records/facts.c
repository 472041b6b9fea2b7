/* facts.c -- the facts for judging, from a computed day and a moment.
 *
 * When to judge, and what to load from the store, is the business of the daemon and of
 * the replay.
 */
#include "records/facts.h"

/* ---- spans ---- */

static bool clip(const struct sw_span *span, int64_t from_s, int64_t to_s,
                 struct sw_span *ret)
{
    ret->from_s = span->from_s > from_s ? span->from_s : from_s;
    ret->to_s = span->to_s < to_s ? span->to_s : to_s;
    return ret->from_s < ret->to_s;
}

int64_t sw_spans_seconds(struct sw_spans spans, int64_t from_s, int64_t to_s)
{
    struct sw_span part;
    int64_t sum_s = 0;
    for (size_t i = spans.n; i > 0 && spans.items[i - 1].to_s > from_s; i--)
        if (clip(&spans.items[i - 1], from_s, to_s, &part))
            sum_s += part.to_s - part.from_s;
    return sum_s;
}

int64_t sw_spans_wake_seconds(struct sw_spans spans, const struct sw_zone *zone,
                              const struct sw_plan *plan, int64_t from_s, int64_t to_s)
{
    struct sw_span part;
    int64_t sum_s = 0;
    for (size_t i = spans.n; i > 0 && spans.items[i - 1].to_s > from_s; i--)
        if (clip(&spans.items[i - 1], from_s, to_s, &part))
            sum_s += sw_wake_seconds(zone, plan->wake_from_min, plan->wake_to_min,
                                     part.from_s, part.to_s);
    return sum_s;
}

/* ---- today's minutes ---- */

const struct sw_alert *sw_open_alert(const struct sw_alert *alerts,
                                     enum sw_alert_kind kind)
{
    const struct sw_alert *alert = alerts ? &alerts[kind] : NULL;
    return alert && sw_alert_is_open(alert) ? alert : NULL;
}

void sw_facts_fill(struct sw_facts *facts, const struct sw_day *day,
                   const struct sw_alert *alerts, int64_t now_s)
{
    const struct sw_alert *rest = sw_open_alert(alerts, SW_ALERT_REST);
    const struct sw_alert *unworn = sw_open_alert(alerts, SW_ALERT_UNWORN);
    facts->now_s = now_s;
    sw_facts_from_day(facts, day, rest ? rest->span : (struct sw_span){0});
    facts->unworn = sw_unworn_of(day, now_s, INT64_MAX);
    if (unworn)
        facts->alert_unworn = sw_unworn_of(day, now_s, unworn->span.to_s);
}

/* ---- the moment ---- */

static void add_silence(struct sw_facts *facts, const struct sw_eval_input *input)
{
    int64_t now_s = input->now_s;
    int64_t heard_at_s = input->heard_at_s < now_s ? input->heard_at_s : now_s;
    bool can_be_silent = now_s - heard_at_s >= input->plan->silent_after_s;
    facts->heard_at_s = heard_at_s;
    facts->silent_wake_s = facts->silent_s = 0;
    if (!can_be_silent)
        return;
    facts->silent_wake_s = sw_spans_wake_seconds(input->online_spans, input->zone,
                                                 input->plan, heard_at_s, now_s);
    facts->silent_s = sw_spans_seconds(input->online_spans, heard_at_s, now_s);
}

/* An `unworn` alert of an earlier day rests on that day, and ends today
 * at the latest. */
static void add_past_wear(struct sw_facts *facts, const struct sw_eval_input *input)
{
    const struct sw_alert *open = sw_open_alert(input->alerts, SW_ALERT_UNWORN);
    if (!open || open->span.to_s > sw_day_begin(input->zone, input->today))
        return;
    facts->alert_unworn = input->past_unworn;
    if (facts->alert_unworn.worn_at_s == 0)
        facts->alert_unworn.worn_at_s = input->worn_today_s;
}

void sw_facts_complete(struct sw_facts *facts, const struct sw_eval_input *input)
{
    const struct sw_plan *plan = input->plan;
    int32_t minute = sw_local_minute(input->zone, input->now_s);
    facts->now_s = input->now_s;
    facts->clock_trusted = input->clock_trusted;
    facts->plan = *plan;
    facts->today = input->today;
    facts->in_window = minute >= plan->wake_from_min && minute < plan->wake_to_min;
    for (int kind = 0; input->alerts && kind < SW_ALERT_KINDS; kind++)
        facts->alert_day[kind] =
            sw_day_of(input->zone, input->alerts[kind].opened_at_s);
    add_past_wear(facts, input);
    add_silence(facts, input);
}

void sw_alerts_label(struct sw_alert alerts[static SW_ALERT_KINDS],
                     const struct sw_patient_id *patient,
                     const struct sw_therapist_id *therapist)
{
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        alerts[kind].patient = *patient;
        if (!sw_alert_is_open(&alerts[kind]))
            alerts[kind].therapist = *therapist;
    }
}
