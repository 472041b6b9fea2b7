/* explain_verdict.c -- why there was an alert of a kind that day, or why there was
 * none. The numbers are those that judging looked at; the limits are the plan's and the
 * core's. */
#include <stdio.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/text.h"
#include "util/line.h"

enum { MINUTE_S = 60, CLOCK_MAX = SW_HHMM_LEN + 1 };

typedef char text[EXPLAIN_TEXT_MAX];

static void clock_of(const struct explain *explain, int64_t at_s, char out[CLOCK_MAX])
{
    sw_hhmm_format(sw_local_minute(&explain->cli->zone, at_s), out);
}

/* ---- there was one ---- */

static bool explain_alert(const struct explain *explain, enum sw_alert_kind kind,
                          text out)
{
    const struct sw_alert *last = NULL;
    char message[SW_MESSAGE_MAX];
    int n = 0;
    for (size_t i = 0; i < explain->n_alerts; i++) {
        const struct sw_alert *alert = &explain->alerts[i];
        if (alert->kind != kind)
            continue;
        n++;
        if (!last || alert->opened_at_s > last->opened_at_s)
            last = alert;
    }
    if (!last)
        return false;
    char opened[CLOCK_MAX];
    clock_of(explain, last->opened_at_s, opened);
    sw_alert_message(last, message);
    bool is_older = last->opened_at_s < explain->span.from_s;
    snprintf(out, EXPLAIN_TEXT_MAX, "%d alert%s; the last, opened %s%s: %s", n,
             sw_plural(n), is_older ? "on an earlier day at " : "", opened, message);
    return true;
}

/* ---- there was none ---- */

/* Still minutes in a row outside the wake window. */
static int32_t stillness_outside(const struct sw_day *day)
{
    int32_t longest = 0, n = 0;
    for (int32_t i = 0; i < day->n_minutes; i++) {
        bool is_it =
            !day->minutes[i].in_window && day->minutes[i].class == SW_MINUTE_STILL;
        n = is_it ? n + 1 : 0;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void why_no_long_rest(const struct explain *explain, text out)
{
    const struct sw_day_row *row = &explain->day->row;
    int32_t outside_min = stillness_outside(explain->day);
    char longest[CLI_SPAN_MAX], limit[CLI_SPAN_MAX], outside[CLI_SPAN_MAX],
        from[CLOCK_MAX] = "";
    cli_span_format(row->longest_rest_min, longest);
    cli_span_format(explain->plan.rest_limit_min, limit);
    cli_span_format(outside_min, outside);
    bool knows_window = row->active_min + row->still_min > 0;
    if (row->longest_rest_from >= 0)
        sw_hhmm_format(row->longest_rest_from, from);
    struct sw_line line = sw_line(out, EXPLAIN_TEXT_MAX);
    if (knows_window)
        sw_line_add(&line, "longest rest %s%s%s", longest, *from ? " from " : "", from);
    else
        sw_line_add(&line, "no data of the wake window that tell rest from movement");
    sw_line_add(&line, ", limit %s", limit);
    if (outside_min >= explain->plan.rest_limit_min)
        sw_line_add(&line, "; %s of stillness were outside the wake window", outside);
}

static struct sw_span longest_rest(const struct explain *explain)
{
    struct sw_rest rest, longest = {0, -1};
    for (int32_t from = 0; sw_day_next_rest(explain->day, from, &rest);
         from = rest.to + 1)
        if (sw_rest_min(rest) > sw_rest_min(longest))
            longest = rest;
    int64_t begin_s = explain->day->begin_s;
    return (struct sw_span){begin_s + (int64_t)longest.from * MINUTE_S,
                            begin_s + (int64_t)(longest.to + 1) * MINUTE_S};
}

static void why_no_rest(const struct explain *explain, text out)
{
    const struct explain_seen *seen = &explain->seen;
    const struct sw_day_row *row = &explain->day->row;
    if (row->longest_rest_min < explain->plan.rest_limit_min) {
        why_no_long_rest(explain, out);
        return;
    }
    char length[CLI_SPAN_MAX], from[CLOCK_MAX], to[CLOCK_MAX];
    struct sw_span span = longest_rest(explain);
    span.from_s += (int64_t)explain->plan.rest_limit_min * MINUTE_S;
    struct sw_span away = explain_unwatched(explain, span);
    cli_span_format(row->longest_rest_min, length);
    clock_of(explain, away.from_s, from);
    cli_end_format(&explain->cli->zone, away.to_s, to);
    if (seen->rest_was_inhibited)
        snprintf(out, EXPLAIN_TEXT_MAX,
                 "rest of %s, but not raised because silent or unworn was open",
                 length);
    else if (away.to_s - away.from_s > MINUTE_S)
        snprintf(out, EXPLAIN_TEXT_MAX, "rest of %s, but %s from %s to %s", length,
                 explain_why_unwatched(explain, away), from, to);
    else if (seen->rest_was_raised)
        snprintf(
            out, EXPLAIN_TEXT_MAX,
            "rest of %s: its readings must have come late, an alert needs a newest "
            "minute of at most %d min ago",
            length, SW_REST_FRESH_MIN);
    else
        snprintf(out, EXPLAIN_TEXT_MAX,
                 "rest of %s, but its newest minute was older than %d min", length,
                 SW_REST_FRESH_MIN);
}

static void why_no_silence(const struct explain *explain, text out)
{
    char most[CLI_SPAN_MAX], limit[CLI_SPAN_MAX];
    cli_span_format(explain->seen.silent_wake_s / MINUTE_S, most);
    cli_span_format(explain->plan.silent_after_s / MINUTE_S, limit);
    snprintf(out, EXPLAIN_TEXT_MAX,
             "at most %s of wake time without a message while connected, limit %s",
             most, limit);
}

static void why_no_unworn(const struct explain *explain, text out)
{
    char most[CLI_SPAN_MAX], limit[CLI_SPAN_MAX];
    cli_span_format(explain->seen.unworn_min, most);
    cli_span_format(SW_UNWORN_MIN, limit);
    snprintf(out, EXPLAIN_TEXT_MAX, "at most %s not worn in a row, limit %s", most,
             limit);
}

static void why_no_low(const struct explain *explain, text out)
{
    const struct sw_facts *facts = &explain->seen.last;
    if (explain->plan.floor == 0) {
        snprintf(out, EXPLAIN_TEXT_MAX, "the plan has no floor");
        return;
    }
    struct sw_line line = sw_line(out, EXPLAIN_TEXT_MAX);
    sw_line_add(&line, "last valid days before:");
    for (int32_t i = 0; i < facts->n_valid_days; i++) {
        char date[SW_DATE_LEN + 1];
        sw_date_format(facts->valid_days[i].day, date);
        sw_line_add(&line, " %s %lld (floor %d),", date,
                    (long long)facts->valid_days[i].steps, facts->valid_days[i].floor);
    }
    sw_line_add(&line, "%s an alert needs %d of them, all under their floor",
                facts->n_valid_days == 0 ? " none," : "", SW_LOW_DAYS);
}

static void why_no_over(const struct explain *explain, text out)
{
    const struct sw_day_row *row = &explain->day->row;
    int32_t ceiling = explain->plan.ceiling;
    bool is_outside = row->steps > ceiling && !explain->seen.was_due[SW_ALERT_OVER];
    if (ceiling == 0)
        snprintf(out, EXPLAIN_TEXT_MAX, "the plan has no ceiling");
    else if (!sw_day_row_knows_steps(row))
        snprintf(out, EXPLAIN_TEXT_MAX, "no data about steps, ceiling %d", ceiling);
    else
        snprintf(out, EXPLAIN_TEXT_MAX, "%lld step%s, ceiling %d%s",
                 (long long)row->steps, sw_plural(row->steps), ceiling,
                 is_outside ? ", passed outside the wake window" : "");
}

static void why_no_pain(const struct explain *explain, text out)
{
    const struct sw_facts *facts = &explain->seen.last;
    double unit = SW_SCORE_UNIT;
    if (facts->score_at_s == 0) {
        snprintf(out, EXPLAIN_TEXT_MAX, "no score");
        return;
    }
    struct sw_line line = sw_line(out, EXPLAIN_TEXT_MAX);
    sw_line_add(&line, "newest score %g, limit %g", facts->score / unit,
                SW_PAIN_BAD / unit);
    if (facts->n_scores_before >= SW_PAIN_SCORES_MIN)
        sw_line_add(&line, " or %g above the median of the 7 days before it, %g",
                    SW_PAIN_RISE / unit, facts->score_median / unit);
}

static void why_no_battery(const struct explain *explain, text out)
{
    (void)explain;
    snprintf(out, EXPLAIN_TEXT_MAX, "the level of that day is not stored");
}

void explain_verdict(const struct explain *explain, enum sw_alert_kind kind,
                     char out[static EXPLAIN_TEXT_MAX])
{
    static void (*const why_none[SW_ALERT_KINDS])(const struct explain *, text) = {
        [SW_ALERT_SILENT] = why_no_silence,  [SW_ALERT_UNWORN] = why_no_unworn,
        [SW_ALERT_REST] = why_no_rest,       [SW_ALERT_LOW] = why_no_low,
        [SW_ALERT_OVER] = why_no_over,       [SW_ALERT_PAIN] = why_no_pain,
        [SW_ALERT_BATTERY] = why_no_battery,
    };
    text why;
    if (explain_alert(explain, kind, out))
        return;
    bool came_late = explain->seen.was_due[kind] && kind != SW_ALERT_REST;
    why_none[kind](explain, why);
    snprintf(out, EXPLAIN_TEXT_MAX, "none: %.340s%s", why,
             came_late ? "; these data came late" : "");
}
