/* rest.c -- resting too long: the alert, the nudge, and the facts both look at.
 *
 * The rest that counts is the one that reaches the newest known minute of today. An
 * open alert remembers its rest; what late data make of that rest decides how it ends.
 */
#include "core/judge.h"

enum { MINUTE_S = 60 };

static int32_t span_min(struct sw_span span)
{
    return (int32_t)((span.to_s - span.from_s) / MINUTE_S);
}

static struct sw_span span_of(const struct sw_day *day, struct sw_rest rest)
{
    return (struct sw_span){day->begin_s + (int64_t)rest.from * MINUTE_S,
                            day->begin_s + (int64_t)(rest.to + 1) * MINUTE_S};
}

static bool is_known(const struct sw_minute *minute)
{
    return minute->class == SW_MINUTE_STILL || minute->class == SW_MINUTE_ACTIVE;
}

/* The last known minute of the window, -1 if there is none. */
static int32_t newest_known(const struct sw_day *day, int32_t n)
{
    int32_t i = n - 1;
    while (i >= 0 && !(day->minutes[i].in_window && is_known(&day->minutes[i])))
        i--;
    return i;
}

/* When the first minute after the n-th of which anything is known begins, 0: none. */
static int64_t next_known_s(const struct sw_day *day, int32_t n)
{
    for (int32_t i = n; i < day->n_minutes; i++)
        if (day->minutes[i].class != SW_MINUTE_UNKNOWN)
            return day->begin_s + (int64_t)i * MINUTE_S;
    return 0;
}

/* When the first active minute of the window since from_s and before the n-th begins, 0
 * if there is none. */
static int64_t first_active(const struct sw_day *day, int64_t from_s, int32_t n)
{
    int64_t first = (from_s - day->begin_s) / MINUTE_S;
    for (int64_t i = first < 0 ? 0 : first; i < n; i++)
        if (day->minutes[i].in_window && day->minutes[i].class == SW_MINUTE_ACTIVE)
            return day->begin_s + i * MINUTE_S;
    return 0;
}

static bool overlap(struct sw_span a, struct sw_span b)
{
    return a.from_s < b.to_s && b.from_s < a.to_s;
}

void sw_facts_from_day(struct sw_facts *facts, const struct sw_day *day,
                       struct sw_span open_rest)
{
    struct sw_rest rest;
    int64_t begun = (facts->now_s - day->begin_s) / MINUTE_S + 1;
    int32_t n = begun < 0                ? 0
                : begun < day->n_minutes ? (int32_t)begun
                                         : day->n_minutes;
    int32_t newest = newest_known(day, n);

    facts->steps = day->row.steps;
    facts->is_valid = day->row.valid;
    facts->running = facts->alert_rest = (struct sw_span){0};
    facts->again_at_s = next_known_s(day, n);
    facts->newest_known_s = newest < 0 ? 0 : day->begin_s + (int64_t)newest * MINUTE_S;
    for (int32_t from = 0; sw_day_next_rest(day, from, &rest); from = rest.to + 1) {
        bool has_begun = rest.from <= newest;
        if (!has_begun)
            break;
        rest.to = rest.to < newest ? rest.to : newest;
        struct sw_span span = span_of(day, rest);
        if (rest.to == newest)
            facts->running = span;
        if (overlap(span, open_rest) && span_min(span) > span_min(facts->alert_rest))
            facts->alert_rest = span;
    }
    facts->active_after_s =
        facts->alert_rest.to_s ? first_active(day, facts->alert_rest.to_s, n) : 0;
}

/* The rest that reaches now, 0 if the newest known minute is active or too old. */
static int32_t rest_now_min(const struct sw_facts *facts)
{
    bool is_fresh =
        facts->now_s / MINUTE_S - facts->newest_known_s / MINUTE_S <= SW_REST_FRESH_MIN;
    return is_fresh ? span_min(facts->running) : 0;
}

static struct sw_verdict verdict_on(const struct sw_facts *facts, struct sw_span span)
{
    int32_t limit_min = facts->plan.rest_limit_min;
    int32_t rest_min = span_min(span);
    return (struct sw_verdict){
        .due = rest_min >= limit_min,
        .level = rest_min >= 2 * limit_min ? SW_LEVEL_MEDIUM : SW_LEVEL_LOW,
        .evidence = {rest_min, limit_min, facts->steps},
        .span = span,
    };
}

static struct sw_verdict judge_open(const struct sw_facts *facts,
                                    const struct sw_alert *open)
{
    bool window_is_over =
        !facts->in_window || facts->today != facts->alert_day[SW_ALERT_REST];
    struct sw_verdict verdict = verdict_on(facts, facts->alert_rest);
    if (window_is_over) {
        verdict = sw_verdict_over(open, SW_REASON_WINDOW_END);
    } else if (!verdict.due) {
        verdict.reason = SW_REASON_WITHDRAWN;
    } else if (facts->active_after_s != 0) {
        verdict.reason = SW_REASON_MOVED;
    }
    return verdict;
}

struct sw_verdict sw_judge_rest(const struct sw_facts *facts,
                                const struct sw_alert *open)
{
    if (open)
        return judge_open(facts, open);
    if (rest_now_min(facts) == 0)
        return (struct sw_verdict){0};
    return verdict_on(facts, facts->running);
}

int32_t sw_nudge_due(const struct sw_facts *facts, struct sw_nudge *last)
{
    int32_t after_min = facts->plan.nudge_after_min;
    int32_t rest_min = rest_now_min(facts);
    bool is_another_rest = facts->running.from_s != last->rest_from_s;
    if (after_min == 0 || !facts->clock_trusted || !facts->in_window)
        return 0;
    if (rest_min < after_min) {
        /* A rest that late data shortened may reach its first milestone again. */
        last->steps_done = is_another_rest ? 0 : last->steps_done;
        last->rest_from_s = facts->running.from_s;
        return 0;
    }
    int32_t milestones = 1 + (rest_min - after_min) / SW_NUDGE_EVERY_MIN;
    bool is_news = is_another_rest || milestones > last->steps_done;
    last->rest_from_s = facts->running.from_s;
    last->steps_done = milestones;
    return is_news ? rest_min : 0;
}
