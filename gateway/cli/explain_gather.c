/* explain_gather.c -- gathers the story of a patient's day.
 * What it means for a kind of alert is its rule's business. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/text.h"
#include "records/records.h"
#include "util/array.h"

enum {
    MINUTE_S = 60,
    REST_TOLD_MIN = 30, /* shorter rests are everyday life */
    OFFLINE_SHOWN_S = 60,
};

__attribute__((format(printf, 5, 6))) static int add(struct explain *explain,
                                                     const char *what, int64_t from_s,
                                                     int64_t to_s, const char *format,
                                                     ...)
{
    int r = GROW(explain->lines, explain->n_lines, explain->cap_lines);
    if (r < 0)
        return r;
    struct explain_line *line = &explain->lines[explain->n_lines++];
    *line = (struct explain_line){from_s, to_s, what, ""};
    va_list args;
    va_start(args, format);
    vsnprintf(line->text, sizeof line->text, format, args);
    va_end(args);
    return 0;
}

/* ---- minutes ---- */

static int64_t explain_at(const struct explain *explain, int32_t minute)
{
    return explain->day->begin_s + (int64_t)minute * MINUTE_S;
}

static int add_rests(struct explain *explain)
{
    struct sw_rest rest;
    char length[CLI_SPAN_MAX], limit[CLI_SPAN_MAX];
    int r = 0;
    cli_span_format(explain->plan.rest_limit_min, limit);
    for (int32_t from = 0; r == 0 && sw_day_next_rest(explain->day, from, &rest);
         from = rest.to + 1) {
        if (sw_rest_min(rest) < REST_TOLD_MIN)
            continue;
        cli_span_format(sw_rest_min(rest), length);
        r = add(explain, "rest", explain_at(explain, rest.from),
                explain_at(explain, rest.to + 1), "rested for %s (limit %s)", length,
                limit);
    }
    return r;
}

/* The steps of a minute that is unknown by itself, beside a known one: they are from a
 * reading that began or ended in mid-minute. */
static int64_t steps_of_part(const struct sw_day *day, int32_t i)
{
    bool is_part = i >= 0 && i < day->n_minutes && day->minutes[i].is_part;
    return is_part ? day->minutes[i].steps : 0;
}

/* Minutes [from, to) of one class. Steps in unknown minutes are from readings that are
 * not firm, which count for the day alone. */
static int add_gap(struct explain *explain, enum sw_minute_class class, int32_t from,
                   int32_t to, const char *text)
{
    const struct sw_day *day = explain->day;
    const char *name = sw_minute_class_name(class);
    char length[CLI_SPAN_MAX];
    int64_t steps = 0;
    for (int32_t i = from; i < to; i++)
        steps += day->minutes[i].steps - steps_of_part(day, i);
    cli_span_format(to - from, length);
    if (class == SW_MINUTE_UNKNOWN && steps > 0)
        return add(explain, name, explain_at(explain, from), explain_at(explain, to),
                   "%s about single minutes for %s: readings of more than %d min hold "
                   "%lld step%s, which count for the day alone",
                   text, length, SW_FIRM_SECONDS_MAX / MINUTE_S, (long long)steps,
                   sw_plural(steps));
    return add(explain, name, explain_at(explain, from), explain_at(explain, to),
               "%s for %s", text, length);
}

/* Stretches of a class that are too long for a rest to span. */
static int add_gaps(struct explain *explain, enum sw_minute_class class,
                    const char *text)
{
    const struct sw_day *day = explain->day;
    int32_t n = 0;
    int r = 0;
    for (int32_t i = 0; r == 0 && i <= day->n_minutes; i++) {
        bool is_it = i < day->n_minutes && day->minutes[i].in_window &&
                     day->minutes[i].class == class &&
                     explain_at(explain, i) < explain->span.to_s;
        if (is_it) {
            n++;
            continue;
        }
        if (n > SW_REST_BRIDGE_MIN)
            r = add_gap(explain, class, i - n, i, text);
        n = 0;
    }
    return r;
}

/* Breaks: active minutes, with the pauses between them that are less than a rest. */
static int explain_gather_add_breaks(struct explain *explain)
{
    const struct sw_day *day = explain->day;
    int32_t from = -1, to = -1, active = 0;
    int64_t steps = 0;
    int r = 0;
    for (int32_t i = 0; r == 0 && i <= day->n_minutes; i++) {
        bool is_active = i < day->n_minutes && day->minutes[i].in_window &&
                         day->minutes[i].class == SW_MINUTE_ACTIVE;
        bool is_over = from >= 0 && (i == day->n_minutes || i - to > REST_TOLD_MIN);
        if (is_over) {
            steps += steps_of_part(day, from - 1) + steps_of_part(day, to + 1);
            r = add(explain, "break", explain_at(explain, from),
                    explain_at(explain, to + 1),
                    "moved: %d active minute%s, %lld step%s", active, sw_plural(active),
                    (long long)steps, sw_plural(steps));
            from = -1;
            steps = active = 0;
        }
        if (!is_active)
            continue;
        from = from < 0 ? i : from;
        to = i;
        active++;
        steps += day->minutes[i].steps;
    }
    return r;
}

static int add_minutes(struct explain *explain)
{
    int r = sw_records_day(explain->cli->store, &explain->cli->zone,
                           explain->patient.key, explain->day_number, explain->day);
    if (r >= 0)
        r = add_rests(explain);
    if (r >= 0)
        r = explain_gather_add_breaks(explain);
    if (r >= 0)
        r = add_gaps(explain, SW_MINUTE_UNKNOWN, "no data");
    if (r >= 0)
        r = add_gaps(explain, SW_MINUTE_UNWORN, "the device was not worn");
    return r;
}

/* ---- the gateway ---- */

static const char not_connected[] = "the gateway was not connected";
static const char no_clock[] = "the gateway did not trust its clock";

/* The first part of the span in which the gateway ran without a clock it trusted, or an
 * empty part at the span's end. */
static struct sw_span first_distrusted(const struct explain *explain,
                                       struct sw_span span)
{
    struct sw_span first = {span.to_s, span.to_s};
    for (size_t i = 0; i < explain->n_distrusted; i++) {
        struct sw_span part = explain->distrusted[i];
        part.from_s = part.from_s > span.from_s ? part.from_s : span.from_s;
        part.to_s = part.to_s < span.to_s ? part.to_s : span.to_s;
        if (part.from_s < part.to_s && part.from_s < first.from_s)
            first = part;
    }
    return first;
}

/* The first part of [from_s, to_s) in which the gateway was not online; it is empty, at
 * to_s, if there is none. */
static struct sw_span next_unwatched(const struct explain *explain, int64_t from_s,
                                     int64_t to_s)
{
    struct sw_spans online_spans = explain->past.online_spans;
    for (size_t i = 0; i < online_spans.n && from_s < to_s; i++) {
        struct sw_span span = online_spans.items[i];
        if (span.from_s > from_s)
            to_s = span.from_s < to_s ? span.from_s : to_s;
        else if (span.to_s > from_s)
            from_s = span.to_s;
    }
    return (struct sw_span){from_s < to_s ? from_s : to_s, to_s};
}

/* Why the gateway was not online for most of the span. */
static const char *why_unwatched(const struct explain *explain, struct sw_span span)
{
    int64_t distrusted_s = 0, length_s = span.to_s - span.from_s;
    while (span.from_s < span.to_s) {
        struct sw_span part = first_distrusted(explain, span);
        distrusted_s += part.to_s - part.from_s;
        span.from_s = part.to_s;
    }
    return 2 * distrusted_s > length_s ? no_clock : not_connected;
}

static struct sw_span unjudged(const struct sw_judged_day *judged, struct sw_span span,
                               const char **ret_why)
{
    const struct explain *explain = judged->ctx;
    struct sw_span longest = {0};
    while (span.from_s < span.to_s) {
        struct sw_span part = next_unwatched(explain, span.from_s, span.to_s);
        if (part.to_s - part.from_s > longest.to_s - longest.from_s)
            longest = part;
        span.from_s = part.to_s;
    }
    *ret_why = why_unwatched(explain, longest);
    return longest;
}

static int add_gateway(struct explain *explain, struct sw_span span, const char *why)
{
    if (span.to_s - span.from_s <= OFFLINE_SHOWN_S)
        return 0;
    return add(explain, "gateway", span.from_s, span.to_s, "%s: nothing was judged",
               why);
}

/* Add a span in which the gateway was not online, divided by the reasons. */
static int add_offline_span(struct explain *explain, struct sw_span span)
{
    int r = 0;
    while (r == 0 && span.from_s < span.to_s) {
        struct sw_span clock = first_distrusted(explain, span);
        r = add_gateway(explain, (struct sw_span){span.from_s, clock.from_s},
                        not_connected);
        if (r == 0)
            r = add_gateway(explain, clock, no_clock);
        span.from_s = clock.to_s;
    }
    return r;
}

static int add_offline(struct explain *explain)
{
    struct sw_span rest = explain->span;
    int r = 0;
    if (!explain->past.knows_watched)
        return add(explain, "gateway", rest.from_s, 0,
                   "it is not recorded when the gateway was connected");
    while (r == 0 && rest.from_s < rest.to_s) {
        struct sw_span part = next_unwatched(explain, rest.from_s, rest.to_s);
        r = add_offline_span(explain, part);
        rest.from_s = part.to_s;
    }
    return r;
}

/* The newest incident comes first. */
static int add_incident(void *ctx, const struct sw_incident *incident)
{
    struct explain *explain = ctx;
    bool is_later = incident->at_s >= explain->span.to_s;
    if (is_later)
        return 0;
    bool is_moment = incident->over_at_s == incident->at_s;
    int64_t to_s = is_moment ? 0 : incident->over_at_s;
    size_t *n = &explain->incidents[incident->kind].n;
    size_t *place = &explain->incidents[incident->kind].line;
    char *text = explain->incidents[incident->kind].text;
    bool is_first = explain->cli->format != CLI_TABLE || ++*n == 1;
    if (is_first) {
        *place = explain->n_lines;
        snprintf(text, SW_WHY_MAX, "%s", incident->text);
        return add(explain, "incident", incident->at_s, to_s, "%s", incident->text);
    }
    struct explain_line *line = &explain->lines[*place];
    if (line->to_s == 0)
        line->to_s = line->from_s;
    line->from_s = incident->at_s;
    snprintf(line->text, sizeof line->text, "%zu times, at last: %s", *n, text);
    return 0;
}

/* ---- alerts ---- */

static bool explain_is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

static const char *what_was_done(const struct sw_transition *found)
{
    bool is_to_open = explain_is(found->to, "open");
    if (explain_is(found->from, found->to))
        return "changed";
    if (is_to_open && explain_is(found->from, "none"))
        return "raised";
    if (is_to_open)
        return explain_is(found->from, "closed") ? "raised again" : "opened again";
    return found->to;
}

/* "" where what_was_done() says it all. */
static const char *why_it_was(const struct sw_transition *found)
{
    bool says_nothing = explain_is(found->why, "opened") ||
                        explain_is(found->why, "reopened") ||
                        explain_is(found->why, "ack");
    if (says_nothing)
        return "";
    if (explain_is(found->why, "withdrawn"))
        return "withdrawn, late data, another plan or a device given away took its "
               "reason away";
    if (explain_is(found->why, "lost"))
        return "the gateway's data was lost, it cannot say whether this is over";
    return found->why;
}

static int add_transition(void *ctx, const struct sw_transition *found)
{
    const char *why = why_it_was(found);
    bool is_gateway = explain_is(found->who, "gateway");
    return add(ctx, "alert", found->at_s, 0, "%s %s by %s%s%s%s", found->kind,
               what_was_done(found), is_gateway ? "the " : "", found->who,
               *why ? ": " : "", why);
}

static int keep_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct explain *explain = ctx;
    (void)patient_key;
    bool is_of_day =
        alert->opened_at_s < explain->span.to_s &&
        (alert->closed_at_s == 0 || alert->closed_at_s >= explain->span.from_s);
    if (is_of_day && explain->n_alerts < EXPLAIN_ALERTS_MAX)
        explain->alerts[explain->n_alerts++] = *alert;
    return 0;
}

static int add_scores(struct explain *explain)
{
    struct sw_day_set set = {.n_pains = 0};
    int r = sw_store_load_pains(explain->cli->store, explain->patient.key,
                                explain->span.from_s, explain->span.to_s, &set);
    for (size_t i = 0; r >= 0 && i < set.n_pains; i++)
        r = add(explain, "pain", set.pains[i].at_s, 0, "pain of %g%s",
                set.pains[i].score, set.pains[i].flare ? ", a flare" : "");
    sw_day_set_fini(&set);
    return r;
}

static int add_stored(struct explain *explain)
{
    struct sw_store *store = explain->cli->store;
    struct sw_alert_filter filter = {.patient = explain->patient.id,
                                     .closed_too = true,
                                     .updated_from_s = explain->span.from_s};
    int r = sw_store_each_alert(store, &filter, keep_alert, explain);
    if (r >= 0)
        r = sw_store_each_transition(store, explain->patient.key, explain->span,
                                     add_transition, explain);
    if (r >= 0)
        r = add_scores(explain);
    if (r >= 0)
        r = sw_store_each_incident(store, explain->span.from_s, add_incident, explain);
    if (r >= 0)
        r = add_offline(explain);
    return r;
}

/* ---- what judging saw ---- */

static void note_judged(void *ctx, const struct sw_facts *facts,
                        const struct sw_alert alerts[static SW_ALERT_KINDS])
{
    struct explain *explain = ctx;
    struct sw_judged_day *judged = &explain->judged;
    bool counts = facts->in_window && facts->clock_trusted;
    if (facts->today != explain->day_number)
        return;
    judged->last = *facts;
    judged->last.silent_wake_s =
        sw_spans_wake_seconds(explain->past.online_spans, &explain->cli->zone,
                              &facts->plan, facts->heard_at_s, facts->now_s);
    for (int i = 0; i < SW_ALERT_KINDS; i++) {
        enum sw_alert_kind kind = (enum sw_alert_kind)i;
        struct sw_verdict verdict = sw_rule(kind)->judge(&judged->last, NULL);
        bool is_open = sw_alert_is_open(&alerts[kind]);
        if (verdict.evidence[0] > judged->most[kind])
            judged->most[kind] = verdict.evidence[0];
        if (counts && verdict.due && !is_open && sw_alert_is_inhibited(kind, alerts))
            judged->inhibited |= SW_KIND_BIT(kind);
    }
}

/* The first alert of the kind that was open at at_s or later; NULL: there is none. The
 * replay judges at full minutes, the gateway at any second, so an alert that closed
 * within the minute before counts too. */
static const struct sw_alert *raised_since(const struct explain *explain,
                                           enum sw_alert_kind kind, int64_t at_s)
{
    const struct sw_alert *first = NULL;
    for (size_t i = 0; i < explain->n_alerts; i++) {
        const struct sw_alert *alert = &explain->alerts[i];
        bool is_over_before =
            alert->closed_at_s != 0 && alert->closed_at_s < at_s - MINUTE_S;
        bool is_earlier = !first || alert->opened_at_s < first->opened_at_s;
        if (alert->kind == kind && !is_over_before && is_earlier)
            first = alert;
    }
    return first;
}

/* The replay takes all data as received at once, so the gateway could not yet know what
 * the replay raises sooner. For silence the messages count, not their data. */
static int note_raised(void *ctx, const struct sw_replay_event *event)
{
    struct explain *explain = ctx;
    enum sw_alert_kind kind = event->effect->kind;
    const char *name = sw_alert_kind_name(kind);
    int64_t at_s = event->facts->now_s;
    bool is_of_day = event->facts->today == explain->day_number;
    if (!is_of_day || event->effect->change != SW_CHANGE_OPENED ||
        sw_rule(kind)->traits & (SW_RULE_OF_MESSAGES | SW_RULE_PAST_UNKNOWN))
        return 0;
    const struct sw_alert *raised = raised_since(explain, kind, at_s);
    if (!raised) {
        explain->judged.opened |= SW_KIND_BIT(kind);
        return add(explain, "late", at_s, 0,
                   "%s would have been raised now, had its data been here: they came "
                   "late",
                   name);
    }
    if (raised->opened_at_s - at_s <= (int64_t)explain->plan.fresh_min * MINUTE_S)
        return 0;
    char opened[CLI_WHEN_MAX];
    cli_when_format(&explain->cli->zone, raised->opened_at_s, at_s, opened);
    return add(explain, "late", at_s, 0,
               "%s would have been raised now, had its data been here: they came late, "
               "and it was raised at %s",
               name, opened);
}

static int judge_again(struct explain *explain)
{
    struct sw_replay replay = {.from_day = explain->day_number - SW_REPLAY_WARM_UP_DAYS,
                               .to_day = explain->day_number,
                               .until_s = explain->cli->now_s,
                               .every_minute = true,
                               .every_minute_from_s = explain->span.from_s,
                               .each = note_raised,
                               .judged = note_judged,
                               .ctx = explain};
    return sw_replay_stored(&explain->past, &replay, &explain->patient);
}

/* ---- all of it ---- */

static int by_time(const void *a, const void *b)
{
    const struct explain_line *x = a, *y = b;
    bool x_is_alert = strcmp(x->what, "alert") == 0;
    bool y_is_alert = strcmp(y->what, "alert") == 0;
    if (x->from_s != y->from_s)
        return x->from_s < y->from_s ? -1 : 1;
    if (x_is_alert != y_is_alert) /* what it is about comes first */
        return x_is_alert ? 1 : -1;
    return strcmp(x->what, y->what);
}

static int explain_prepare(struct explain *explain)
{
    struct cli *cli = explain->cli;
    int64_t end_s = sw_day_begin(&cli->zone, explain->day_number + 1);
    explain->span.from_s = sw_day_begin(&cli->zone, explain->day_number);
    explain->span.to_s = end_s < cli->now_s ? end_s : cli->now_s;
    explain->day = malloc(sizeof *explain->day);
    if (!explain->day)
        return -ENOMEM;
    explain->plan = sw_plan_default();
    int r = sw_store_plan_on(cli->store, explain->patient.key, explain->day_number,
                             &explain->plan);
    explain->judged.day = explain->day;
    explain->judged.plan = explain->plan;
    explain->judged.unjudged = unjudged;
    explain->judged.ctx = explain;
    explain->past =
        (struct sw_replay_store){.from = {.store = cli->store, .zone = &cli->zone}};
    if (r >= 0)
        r = sw_replay_store_open(&explain->past);
    if (r >= 0)
        r = sw_store_get_distrusted(cli->store, explain->distrusted,
                                    &explain->n_distrusted);
    return r;
}

int explain_gather(struct explain *explain)
{
    int r = explain_prepare(explain);
    if (r >= 0)
        r = add_minutes(explain);
    if (r >= 0)
        r = add_stored(explain);
    if (r >= 0)
        r = judge_again(explain);
    if (r < 0)
        return cli_store_failed(explain->cli, r);
    if (explain->n_lines > 1)
        qsort(explain->lines, explain->n_lines, sizeof *explain->lines, by_time);
    return CLI_OK;
}

void explain_fini(struct explain *explain)
{
    sw_replay_store_fini(&explain->past);
    free(explain->lines);
    free(explain->day);
}
