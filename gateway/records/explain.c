/* explain.c -- the story of a patient's day, and a verdict for each kind of alert.
 * What the day means for a kind of alert is its rule's business. */
#include "records/explain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "stepward/wire.h"
#include "util/array.h"
#include "util/number.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    REST_TOLD_MIN = 30, /* shorter rests are everyday life */
    OFFLINE_SHOWN_S = 60,
};

/* Add a line. Out of memory stays as the error, and nothing more is added. */
__attribute__((format(printf, 5, 6))) static int add(struct sw_explain *explain,
                                                     const char *what, int64_t from_s,
                                                     int64_t to_s, const char *format,
                                                     ...)
{
    if (explain->error == 0)
        explain->error = GROW(explain->lines, explain->n_lines, explain->cap_lines);
    if (explain->error < 0)
        return explain->error;
    struct sw_explain_line *line = &explain->lines[explain->n_lines++];
    *line = (struct sw_explain_line){from_s, to_s, what, explain->n_lines, ""};
    va_list args;
    va_start(args, format);
    vsnprintf(line->text, sizeof line->text, format, args);
    va_end(args);
    return 0;
}

/* ---- minutes ---- */

static int64_t explain_at(const struct sw_explain *explain, int32_t minute)
{
    return explain->day->begin_s + (int64_t)minute * MINUTE_S;
}

static void add_rests(struct sw_explain *explain)
{
    struct sw_rest rest;
    char length[SW_LENGTH_TEXT_MAX], limit[SW_LENGTH_TEXT_MAX];
    sw_length_format(explain->judged.plan.rest_limit_min, limit);
    for (int32_t from = 0; sw_day_next_rest(explain->day, from, &rest);
         from = rest.to + 1) {
        if (sw_rest_min(rest) < REST_TOLD_MIN)
            continue;
        sw_length_format(sw_rest_min(rest), length);
        add(explain, "rest", explain_at(explain, rest.from),
            explain_at(explain, rest.to + 1), "rested for %s (limit %s)", length,
            limit);
    }
}

/* Stretches of a class that are too long for a rest to span. Steps in unknown minutes
 * are from readings that are not firm, which count for the day alone. */
static void add_gaps(struct sw_explain *explain, enum sw_minute_class class,
                     const char *text)
{
    const struct sw_day *day = explain->day;
    const char *name = sw_minute_class_name(class);
    char length[SW_LENGTH_TEXT_MAX];
    int32_t n = 0;
    int64_t steps = 0;
    for (int32_t i = 0; i <= day->n_minutes; i++) {
        int64_t end_s = explain_at(explain, i), begin_s = end_s - n * MINUTE_S;
        if (i < day->n_minutes && day->minutes[i].in_window &&
            day->minutes[i].class == class && end_s < explain->span.to_s) {
            n++;
            steps += day->minutes[i].is_part ? 0 : day->minutes[i].steps;
            continue;
        }
        if (n > SW_REST_BRIDGE_MIN) {
            sw_length_format(n, length);
            if (class == SW_MINUTE_UNKNOWN && steps > 0)
                add(explain, name, begin_s, end_s,
                    "%s about single minutes for %s: readings of more than %d min hold "
                    "%lld step%s, which count for the day alone",
                    text, length, SW_FIRM_SECONDS_MAX / MINUTE_S, (long long)steps,
                    sw_plural(steps));
            else
                add(explain, name, begin_s, end_s, "%s for %s", text, length);
        }
        n = 0;
        steps = 0;
    }
}

/* The steps of a minute that is unknown by itself, beside a known one: they are from a
 * reading that began or ended in mid-minute. */
static int64_t steps_of_part(const struct sw_day *day, int32_t i)
{
    bool is_part = i >= 0 && i < day->n_minutes && day->minutes[i].is_part;
    return is_part ? day->minutes[i].steps : 0;
}

/* Breaks: active minutes, with the pauses between them that are less than a rest. */
static void add_breaks(struct sw_explain *explain)
{
    const struct sw_day *day = explain->day;
    int32_t from = -1, to = -1, active = 0;
    int64_t steps = 0;
    for (int32_t i = 0; i <= day->n_minutes; i++) {
        if (from >= 0 && (i == day->n_minutes || i - to > REST_TOLD_MIN)) {
            steps += steps_of_part(day, from - 1) + steps_of_part(day, to + 1);
            add(explain, "break", explain_at(explain, from),
                explain_at(explain, to + 1), "moved: %d active minute%s, %lld step%s",
                active, sw_plural(active), (long long)steps, sw_plural(steps));
            from = -1;
            steps = active = 0;
        }
        if (i == day->n_minutes || !day->minutes[i].in_window ||
            day->minutes[i].class != SW_MINUTE_ACTIVE)
            continue;
        from = from < 0 ? i : from;
        to = i;
        active++;
        steps += day->minutes[i].steps;
    }
}

static bool is_same_device(const struct sw_day_devices *devices, int32_t a, int32_t b)
{
    return devices->blocks[a].is_known == devices->blocks[b].is_known &&
           strcmp(devices->blocks[a].device.str, devices->blocks[b].device.str) == 0;
}

/* Where the patient has several: whose steps count, for as many hours as it is so. */
static void add_devices(struct sw_explain *explain)
{
    const struct sw_day_devices *devices = &explain->devices;
    int32_t n_blocks = (explain->day->n_minutes + SW_BLOCK_MIN - 1) / SW_BLOCK_MIN, to;
    for (int32_t from = 0; devices->n > 1 && from < n_blocks; from = to) {
        const char *device = devices->blocks[from].device.str;
        for (to = from + 1; to < n_blocks && is_same_device(devices, from, to);)
            to++;
        int64_t end_s = explain_at(explain, to * SW_BLOCK_MIN);
        if (devices->blocks[from].is_known)
            add(explain, "device", explain_at(explain, from * SW_BLOCK_MIN),
                end_s < explain->span.to_s ? end_s : explain->span.to_s, "steps by %s",
                *device ? device : "a device without an id");
    }
}

/* How late data comes is known of the last hours alone: of today, or of the day in which
 * they were. */
static int add_lateness(struct sw_explain *explain)
{
    const struct sw_plan *plan = &explain->judged.plan;
    struct sw_lateness lateness;
    char text[SW_LATENESS_ADVICE_MAX];
    int r = sw_store_get_lateness(explain->store, explain->patient.key, &lateness);
    if (r < 0)
        return r;
    int64_t hour_s = lateness.hour * HOUR_S;
    int32_t late_min = sw_lateness_min(&lateness, plan->fresh_min, explain->now_s);
    bool is_of_day = explain->day_number == sw_day_of(explain->zone, explain->now_s) ||
                     explain->day_number == sw_day_of(explain->zone, hour_s);
    if (late_min == 0 || !is_of_day)
        return 0;
    int64_t at_s = hour_s > explain->span.from_s ? hour_s : explain->span.from_s;
    sw_lateness_advice(explain->patient.id, plan, &lateness, late_min, text);
    return add(explain, "lateness", at_s, 0, "%s", text);
}

/* ---- the gateway ---- */

static const char not_connected[] = "the gateway was not connected";
static const char no_clock[] = "the gateway did not trust its clock";

/* The first part of the span that lies in none of the others. If it is empty, all of the
 * span up to it lies in them. */
static struct sw_span first_outside(struct sw_spans others, struct sw_span span)
{
    for (size_t i = 0; i < others.n && span.from_s < span.to_s; i++) {
        struct sw_span other = others.items[i];
        if (other.from_s > span.from_s)
            span.to_s = other.from_s < span.to_s ? other.from_s : span.to_s;
        else if (other.to_s > span.from_s)
            span.from_s = other.to_s;
    }
    return (struct sw_span){span.from_s < span.to_s ? span.from_s : span.to_s,
                            span.to_s};
}

/* The longest time in the span in which the gateway was not online, and why it was not
 * for most of it. */
static struct sw_span unjudged(const struct sw_judged_day *judged, struct sw_span span,
                               const char **ret_why)
{
    const struct sw_explain *explain = judged->ctx;
    struct sw_span longest = {0}, part, rest;
    int64_t trusted_s = 0;
    for (; span.from_s < span.to_s; span.from_s = part.to_s) {
        part = first_outside(explain->past.online_spans, span);
        if (part.to_s - part.from_s > longest.to_s - longest.from_s)
            longest = part;
    }
    for (rest = longest; rest.from_s < rest.to_s; rest.from_s = part.to_s) {
        part = first_outside(explain->distrusted, rest);
        trusted_s += part.to_s - part.from_s;
    }
    *ret_why = 2 * trusted_s < longest.to_s - longest.from_s ? no_clock : not_connected;
    return longest;
}

static void add_unjudged(struct sw_explain *explain, int64_t from_s, int64_t to_s,
                         const char *why)
{
    if (to_s - from_s > OFFLINE_SHOWN_S)
        add(explain, "gateway", from_s, to_s, "%s: nothing was judged", why);
}

/* The times in which the gateway was not online, divided by the reasons. */
static int add_offline(struct sw_explain *explain)
{
    struct sw_span span = explain->span, offline, trusted;
    if (!explain->past.knows_watched)
        return add(explain, "gateway", span.from_s, 0,
                   "it is not recorded when the gateway was connected");
    for (; span.from_s < span.to_s; span.from_s = offline.to_s) {
        offline = first_outside(explain->past.online_spans, span);
        for (struct sw_span rest = offline; rest.from_s < rest.to_s;
             rest.from_s = trusted.to_s) {
            trusted = first_outside(explain->distrusted, rest);
            add_unjudged(explain, rest.from_s, trusted.from_s, no_clock);
            add_unjudged(explain, trusted.from_s, trusted.to_s, not_connected);
        }
    }
    return explain->error;
}

/* The newest incident comes first. */
static int add_incident(void *ctx, const struct sw_incident *incident)
{
    struct sw_explain *explain = ctx;
    struct sw_explain_incidents *all = &explain->incidents[incident->kind];
    bool is_moment = incident->over_at_s == incident->at_s;
    if (incident->at_s >= explain->events_to_s) /* later than the day */
        return 0;
    if (!explain->is_for_people || ++all->n == 1) {
        all->line = explain->n_lines;
        snprintf(all->text, sizeof all->text, "%s", incident->text);
        return add(explain, "incident", incident->at_s,
                   is_moment ? 0 : incident->over_at_s, "%s", incident->text);
    }
    struct sw_explain_line *line = &explain->lines[all->line];
    if (line->to_s == 0)
        line->to_s = line->from_s;
    line->from_s = incident->at_s;
    snprintf(line->text, sizeof line->text, "%zu times, at last: %s", all->n,
             all->text);
    return 0;
}

/* ---- alerts ---- */

static bool is(const char *text, const char *word)
{
    return strcmp(text, word) == 0;
}

#define UNACK "unack" /* see sw_action_why() */

static const char *what_was_done(const struct sw_transition *found)
{
    if (is(found->from, found->to))
        return "changed";
    if (!is(found->to, "open"))
        return found->to;
    if (is(found->from, "none"))
        return "raised";
    if (strncmp(found->why, UNACK, strlen(UNACK)) == 0)
        return "acknowledgement undone";
    return is(found->from, "closed") ? "raised again" : "opened again";
}

/* "" where what_was_done() says it all. */
static const char *why_it_was(const struct sw_transition *found)
{
    if (is(found->why, "opened") || is(found->why, "reopened") || is(found->why, "ack"))
        return "";
    if (strncmp(found->why, UNACK, strlen(UNACK)) == 0 && is(found->to, "open"))
        return is(found->why, UNACK) ? "" : found->why + strlen(UNACK ": ");
    if (is(found->why, "withdrawn"))
        return "withdrawn, late data, another plan or a device given away took its "
               "reason away";
    if (is(found->why, "lost"))
        return "the gateway's data was lost, it cannot say whether this is over";
    return found->why;
}

static int add_transition(void *ctx, const struct sw_transition *found)
{
    const char *why = why_it_was(found);
    return add(ctx, "alert", found->at_s, 0, "%s %s by %s%s%s%s", found->kind,
               what_was_done(found), is(found->who, "gateway") ? "the " : "",
               found->who, *why ? ": " : "", why);
}

static int keep_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct sw_explain *explain = ctx;
    (void)patient_key;
    bool is_of_day =
        alert->opened_at_s < explain->events_to_s &&
        (alert->closed_at_s == 0 || alert->closed_at_s >= explain->span.from_s);
    if (is_of_day && explain->n_alerts < SW_EXPLAIN_ALERTS_MAX)
        explain->alerts[explain->n_alerts++] = *alert;
    return 0;
}

static int add_contact(void *ctx, const struct sw_contact *contact)
{
    return add(ctx, "contact", contact->at_s, 0, "%s by %s%s%s",
               sw_contact_name(contact->outcome), contact->who,
               *contact->note ? ": " : "", contact->note);
}

static int add_scores(struct sw_explain *explain)
{
    struct sw_day_set set = {.n_pains = 0};
    int r = sw_store_load_pains(explain->store, explain->patient.key,
                                explain->span.from_s, explain->events_to_s, &set);
    for (size_t i = 0; r >= 0 && i < set.n_pains; i++)
        r = add(explain, "pain", set.pains[i].at_s, 0, "pain of %g%s",
                set.pains[i].score, set.pains[i].flare ? ", a flare" : "");
    sw_day_set_fini(&set);
    return r;
}

/* ---- what judging saw ---- */

static void note_judged(void *ctx, const struct sw_facts *facts,
                        const struct sw_alert alerts[static SW_ALERT_KINDS])
{
    struct sw_explain *explain = ctx;
    struct sw_judged_day *judged = &explain->judged;
    bool counts = facts->in_window && facts->clock_trusted;
    if (facts->today != explain->day_number)
        return;
    judged->last = *facts;
    judged->last.silent_wake_s =
        sw_spans_wake_seconds(explain->past.online_spans, explain->zone, &facts->plan,
                              facts->heard_at_s, facts->now_s);
    for (enum sw_alert_kind kind = 0; kind < SW_ALERT_KINDS; kind++) {
        struct sw_verdict verdict = sw_rule(kind)->judge(&judged->last, NULL);
        bool is_open = sw_alert_is_open(&alerts[kind]);
        if (verdict.evidence[0] > judged->most[kind])
            judged->most[kind] = verdict.evidence[0];
        if (!verdict.due || is_open)
            continue;
        *(counts ? &judged->due : &judged->due_apart) |= SW_KIND_BIT(kind);
        if (counts && sw_alert_is_inhibited(kind, alerts))
            judged->inhibited |= SW_KIND_BIT(kind);
    }
}

/* The first alert of the kind that was open at at_s or later; NULL: there is none. The
 * replay judges at full minutes, the gateway at any second, so an alert that closed
 * within the minute before counts too. */
static const struct sw_alert *raised_since(const struct sw_explain *explain,
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
    struct sw_explain *explain = ctx;
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
    if (raised->opened_at_s - at_s <=
        (int64_t)explain->judged.plan.fresh_min * MINUTE_S)
        return 0;
    char opened[SW_WHEN_LEN + 1];
    sw_when_format(explain->zone, raised->opened_at_s, sw_day_of(explain->zone, at_s),
                   opened);
    return add(explain, "late", at_s, 0,
               "%s would have been raised now, had its data been here: they came late, "
               "and it was raised at %s",
               name, opened);
}

/* ---- all of it ---- */

static int by_time(const void *a, const void *b)
{
    const struct sw_explain_line *x = a, *y = b;
    bool x_is_alert = is(x->what, "alert"), y_is_alert = is(y->what, "alert");
    if (x->from_s != y->from_s)
        return x->from_s < y->from_s ? -1 : 1;
    if (x_is_alert != y_is_alert) /* what it is about comes first */
        return x_is_alert ? 1 : -1;
    int order = strcmp(x->what, y->what);
    return order != 0 ? order : x->nth < y->nth ? -1 : x->nth > y->nth;
}

static int read_all(struct sw_explain *explain)
{
    struct sw_store *store = explain->store;
    int64_t key = explain->patient.key;
    struct sw_alert_filter filter = {.patient = explain->patient.id,
                                     .closed_too = true,
                                     .updated_from_s = explain->span.from_s};
    struct sw_span events = {explain->span.from_s, explain->events_to_s};
    int r = sw_store_plan_on(store, key, explain->day_number, &explain->judged.plan);
    if (r >= 0)
        r = sw_replay_store_open(&explain->past);
    if (r >= 0)
        r = sw_store_get_distrusted(store, explain->spans, &explain->distrusted.n);
    if (r >= 0)
        r = sw_records_day_devices(store, explain->zone, key, explain->day_number,
                                   explain->day, &explain->devices);
    if (r < 0)
        return r;
    add_rests(explain);
    add_breaks(explain);
    add_gaps(explain, SW_MINUTE_UNKNOWN, "no data");
    add_gaps(explain, SW_MINUTE_UNWORN, "the device was not worn");
    add_devices(explain);
    r = sw_store_each_alert(store, &filter, keep_alert, explain);
    if (r >= 0)
        r = sw_store_each_transition(store, key, events, add_transition, explain);
    if (r >= 0)
        r = sw_store_each_contact(store, key, events, add_contact, explain);
    if (r >= 0)
        r = add_scores(explain);
    if (r >= 0)
        r = add_lateness(explain);
    if (r >= 0)
        r = sw_store_each_incident(store, explain->span.from_s, add_incident, explain);
    return r < 0 ? r : add_offline(explain);
}

int sw_explain_gather(struct sw_explain *explain)
{
    const struct sw_zone *zone = explain->zone;
    int32_t day = explain->day_number;
    int64_t end_s = sw_day_begin(zone, day + 1);
    struct sw_replay replay = {.from_day = day - SW_REPLAY_WARM_UP_DAYS,
                               .to_day = day,
                               .until_s = explain->now_s,
                               .every_minute = true,
                               .every_minute_from_s = sw_day_begin(zone, day),
                               .each = note_raised,
                               .judged = note_judged,
                               .ctx = explain};
    explain->span.from_s = sw_day_begin(zone, day);
    explain->span.to_s = end_s < explain->now_s ? end_s : explain->now_s;
    explain->events_to_s = end_s < explain->now_s + 1 ? end_s : explain->now_s + 1;
    explain->judged.plan = sw_plan_default();
    explain->past.from.store = explain->store;
    explain->past.from.zone = zone;
    explain->distrusted.items = explain->spans;
    explain->day = malloc(sizeof *explain->day);
    int r = explain->day ? read_all(explain) : -ENOMEM;
    explain->judged.day = explain->day;
    explain->judged.unjudged = unjudged;
    explain->judged.ctx = explain;
    if (r >= 0)
        r = sw_replay_stored(&explain->past, &replay, &explain->patient);
    if (r < 0)
        return r;
    if (explain->n_lines > 1)
        qsort(explain->lines, explain->n_lines, sizeof *explain->lines, by_time);
    return 0;
}

/* Why there was none although its limit was reached; "": it was not, or its own words say
 * why. */
static const char *why_though_due(const struct sw_judged_day *judged,
                                  enum sw_alert_kind kind)
{
    unsigned bit = SW_KIND_BIT(kind), traits = sw_rule(kind)->traits;
    if (traits & SW_RULE_TELLS_LATE)
        return "";
    if (judged->opened & bit)
        return "; these data came late";
    if ((traits & SW_RULE_OF_MESSAGES) && (judged->due & bit))
        return "; messages without newer data came meanwhile";
    if (!(traits & SW_RULE_OF_A_DAY) && !(judged->due & bit) &&
        (judged->due_apart & bit))
        return "; outside the wake window none opens";
    return "";
}

void sw_explain_verdict(const struct sw_explain *explain, enum sw_alert_kind kind,
                        char out[static SW_EXPLAIN_TEXT_MAX])
{
    const struct sw_judged_day *judged = &explain->judged;
    const struct sw_rule *rule = sw_rule(kind);
    const struct sw_alert *last = NULL;
    struct sw_sentence sentence = {.n_words = 0};
    char opened[SW_HHMM_LEN + 1], message[SW_MESSAGE_MAX], why[SW_EXPLAIN_TEXT_MAX];
    int n = 0;
    for (size_t i = 0; i < explain->n_alerts; i++) {
        const struct sw_alert *alert = &explain->alerts[i];
        if (alert->kind != kind)
            continue;
        n++;
        if (!last || alert->opened_at_s > last->opened_at_s)
            last = alert;
    }
    if (last) {
        bool is_older = last->opened_at_s < explain->span.from_s;
        sw_hhmm_format(sw_local_minute(explain->zone, last->opened_at_s), opened);
        sw_alert_message(last, message);
        snprintf(out, SW_EXPLAIN_TEXT_MAX, "%d alert%s; the last, opened %s%s: %s", n,
                 sw_plural(n), is_older ? "on an earlier day at " : "", opened,
                 message);
        return;
    }
    rule->why_not(judged, &sentence);
    sw_sentence_format(&sentence, explain->zone, why, sizeof why);
    snprintf(out, SW_EXPLAIN_TEXT_MAX, "none: %.340s%s", why,
             why_though_due(judged, kind));
}

void sw_explain_fini(struct sw_explain *explain)
{
    sw_replay_store_fini(&explain->past);
    free(explain->lines);
    free(explain->day);
}
