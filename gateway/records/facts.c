/* facts.c -- the facts for judging, from a computed day, from days before it, from what
 * is stored, and from a moment.
 *
 * When to judge, and when to read what is stored again, is the business of the daemon
 * and of the replay.
 */
#include "records/facts.h"

#include <errno.h>
#include <stdlib.h>

#include "records/records.h"

/* ---- spans ---- */

static struct sw_span clip(struct sw_span span, int64_t from_s, int64_t to_s)
{
    if (span.from_s < from_s)
        span.from_s = from_s;
    if (span.to_s > to_s)
        span.to_s = to_s;
    return span.from_s < span.to_s ? span : (struct sw_span){from_s, from_s};
}

int64_t sw_spans_seconds(struct sw_spans spans, int64_t from_s, int64_t to_s)
{
    int64_t sum_s = 0;
    for (size_t i = spans.n; i > 0 && spans.items[i - 1].to_s > from_s; i--) {
        struct sw_span part = clip(spans.items[i - 1], from_s, to_s);
        sum_s += part.to_s - part.from_s;
    }
    return sum_s;
}

int64_t sw_spans_wake_seconds(struct sw_spans spans, const struct sw_zone *zone,
                              const struct sw_plan *plan, int64_t from_s, int64_t to_s)
{
    int64_t sum_s = 0;
    for (size_t i = spans.n; i > 0 && spans.items[i - 1].to_s > from_s; i--) {
        struct sw_span part = clip(spans.items[i - 1], from_s, to_s);
        sum_s += sw_wake_seconds(zone, plan->wake_from_min, plan->wake_to_min,
                                 part.from_s, part.to_s);
    }
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

    /* An `unworn` alert of an earlier day rests on that day, and ends today at the
     * latest. */
    const struct sw_alert *unworn = sw_open_alert(input->alerts, SW_ALERT_UNWORN);
    if (unworn && unworn->span.to_s <= sw_day_begin(input->zone, input->today)) {
        facts->alert_unworn = input->past_unworn;
        if (facts->alert_unworn.worn_at_s == 0)
            facts->alert_unworn.worn_at_s = input->worn_today_s;
    }

    facts->refusing = input->refusing;
    facts->refusing_wake_s = 0;
    if (input->refusing.to_s - input->refusing.from_s >= plan->silent_after_s)
        facts->refusing_wake_s =
            sw_spans_wake_seconds(input->online_spans, input->zone, plan,
                                  input->refusing.from_s, input->refusing.to_s);

    int64_t now_s = input->now_s;
    facts->heard_at_s = input->heard_at_s < now_s ? input->heard_at_s : now_s;
    facts->silent_wake_s = facts->silent_s = 0;
    if (now_s - facts->heard_at_s < plan->silent_after_s)
        return;
    facts->silent_wake_s = sw_spans_wake_seconds(input->online_spans, input->zone, plan,
                                                 facts->heard_at_s, now_s);
    facts->silent_s = sw_spans_seconds(input->online_spans, facts->heard_at_s, now_s);
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

/* ---- days before today ---- */

/* Of an `unworn` alert of an earlier day: the stretch ends with the first minute in
 * which the device was worn, on its own day, on a day since, or today, which
 * sw_facts_complete() adds. */
static int find_past_unworn(const struct sw_days_before *before,
                            const struct sw_eval_input *input,
                            struct sw_unworn *past_unworn)
{
    const struct sw_alert *open = sw_open_alert(input->alerts, SW_ALERT_UNWORN);
    int32_t day = open ? sw_day_of(input->zone, open->span.to_s - 1) : input->today;
    struct sw_day_row row;
    if (day >= input->today)
        return 0;
    int r = before->unworn(before->ctx, day, open->span.to_s, past_unworn);
    while (r >= 0 && past_unworn->worn_at_s == 0 && ++day < input->today) {
        r = before->row(before->ctx, day, &row);
        if (r >= 0 && row.active_min + row.still_min > 0)
            past_unworn->worn_at_s = sw_day_begin(input->zone, day);
    }
    return r;
}

int sw_history_days(const struct sw_days_before *before,
                    const struct sw_eval_input *input, struct sw_facts *facts,
                    struct sw_unworn *past_unworn)
{
    const struct sw_alert *over = sw_open_alert(input->alerts, SW_ALERT_OVER);
    struct sw_day_row row = {.steps = 0};
    int r = 0;
    facts->n_valid_days = 0;
    if (input->plan->floor > 0) /* else no rule needs them */
        r = before->valid(before->ctx, input->today, facts->valid_days);
    if (r < 0)
        return r;
    facts->n_valid_days = r;
    r = find_past_unworn(before, input, past_unworn);
    if (r < 0)
        return r;
    int32_t over_day = over ? sw_day_of(input->zone, over->opened_at_s) : input->today;
    if (over_day != input->today)
        r = before->row(before->ctx, over_day, &row);
    facts->over_steps = row.steps;
    return r;
}

/* ---- what is stored ---- */

int sw_stored_plan_on(const struct sw_stored_history *history, int32_t day,
                      struct sw_plan *ret)
{
    char why[SW_WHY_MAX];
    int r = sw_store_plan_on(history->store, history->patient->key, day, ret);
    if (r == SW_STORE_NONE)
        *ret = sw_plan_default();
    for (size_t i = 0; i < history->n_sets; i++)
        sw_plan_set(ret, history->sets[i].key, history->sets[i].value, why);
    return r < 0 ? r : 0;
}

struct stored_valid {
    const struct sw_stored_history *history;
    struct sw_valid_day *days;
    int n;
};

static int keep_valid_day(void *ctx, const struct sw_day_row *row)
{
    struct stored_valid *found = ctx;
    struct sw_plan plan;
    int r = sw_stored_plan_on(found->history, row->day, &plan);
    if (r == 0)
        found->days[found->n++] =
            (struct sw_valid_day){row->day, row->steps, plan.floor};
    return r;
}

static int stored_valid(void *ctx, int32_t today,
                        struct sw_valid_day ret[static SW_LOW_DAYS])
{
    struct stored_valid found = {.history = ctx, .days = ret};
    int r = sw_store_last_valid_days(found.history->store, found.history->patient->key,
                                     today, SW_LOW_DAYS, keep_valid_day, &found);
    return r < 0 ? r : found.n;
}

static int keep_row(void *ctx, const struct sw_day_row *row)
{
    *(struct sw_day_row *)ctx = *row;
    return 0;
}

static int stored_row(void *ctx, int32_t day, struct sw_day_row *ret)
{
    const struct sw_stored_history *history = ctx;
    *ret = (struct sw_day_row){.day = day};
    return sw_store_each_day(history->store, &history->patient->id, day, day, keep_row,
                             ret);
}

static int stored_unworn(void *ctx, int32_t day, int64_t to_s, struct sw_unworn *ret)
{
    const struct sw_stored_history *history = ctx;
    struct sw_day *computed = malloc(sizeof(*computed));
    if (!computed)
        return -ENOMEM;
    int r = sw_records_day(history->store, history->zone, history->patient->key, day,
                           computed);
    if (r >= 0)
        *ret = sw_unworn_of(computed, INT64_MAX, to_s);
    free(computed);
    return r;
}

struct sw_days_before sw_stored_days(struct sw_stored_history *history)
{
    return (struct sw_days_before){stored_valid, stored_row, stored_unworn, history};
}

int sw_stored_pains(const struct sw_stored_history *history, struct sw_facts *facts)
{
    struct sw_day_set scores = {.n_pains = 0};
    int r = sw_store_load_last_pains(history->store, history->patient->key, &scores);
    if (r >= 0)
        sw_facts_from_pains(facts, scores.pains, scores.n_pains);
    sw_day_set_fini(&scores);
    return r;
}

struct stored_batteries {
    struct sw_facts *facts;
    const struct sw_alert *open;
};

static int add_battery(void *ctx, const struct sw_battery *battery)
{
    const struct stored_batteries *found = ctx;
    sw_facts_add_battery(found->facts, battery, found->open);
    return 0;
}

int sw_stored_batteries(const struct sw_stored_history *history,
                        const struct sw_alert *alerts, struct sw_facts *facts)
{
    struct stored_batteries found = {facts, sw_open_alert(alerts, SW_ALERT_BATTERY)};
    sw_facts_clear_batteries(facts);
    return sw_store_each_battery(history->store, history->patient->key, add_battery,
                                 &found);
}
