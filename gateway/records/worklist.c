/* worklist.c -- who needs attention now, most urgent first.
 *
 * It takes five scans of the store: patients, yesterday's plans, open alerts, rows of two
 * days, lateness. Only for patients whose longest rest ended a moment ago, or of whose day
 * an hour is unknown, is the store asked what was reported last: a thousand patients take
 * milliseconds.
 */
#include "records/worklist.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"
#include "util/array.h"
#include "util/line.h"
#include "util/number.h"

enum {
    CONTACT_SHOWN_S = 28 * 24 * 3600,
    /* So much more wake time than their data usually takes is a stop: what counts by the
     * hour was to have come. */
    STOPPED_MIN = 60,
    STOP_SOUGHT_S = 8 * 24 * 3600, /* of wake time, no further back */
};

/* ---- gathering ---- */

static int worklist_add_patient(void *ctx, const struct sw_patient *patient,
                                const struct sw_plan *plan)
{
    struct sw_worklist *list = ctx;
    if (list->therapist && strcmp(list->therapist, plan->therapist.str) != 0)
        return 0;
    int r = GROW(list->lines, list->n, list->cap);
    if (r == 0)
        list->lines[list->n++] =
            (struct sw_worklist_line){.patient = *patient, .plan = *plan};
    return r;
}

static int worklist_compare_id(const void *id, const void *line)
{
    return strcmp(id, ((const struct sw_worklist_line *)line)->patient.id.str);
}

static struct sw_worklist_line *worklist_find(const struct sw_worklist *list,
                                              const char *id)
{
    return list->n == 0 ? NULL
                        : bsearch(id, list->lines, list->n, sizeof *list->lines,
                                  worklist_compare_id);
}

/* Of alerts of one rank 0 comes first; no two kinds have the same. */
static int urgency(const struct sw_worklist_alert *alert)
{
    return sw_rule(alert->kind)->urgency;
}

/* A line's most urgent alert comes first; there are a few at most. */
static int worklist_add_alert(void *ctx, int64_t patient_key,
                              const struct sw_alert *alert)
{
    struct sw_worklist *list = ctx;
    struct sw_worklist_line *line = worklist_find(list, alert->patient.str);
    struct sw_worklist_alert next = {
        .kind = alert->kind,
        .level = alert->level,
        .rank = alert->level == SW_LEVEL_MEDIUM ? SW_RANK_MEDIUM : SW_RANK_LOW,
        .seen = "",
        .opened_at_s = alert->opened_at_s,
        .since_s = sw_alert_since_s(alert),
        .shelved_until_s = alert->shelved_until_s,
        .span = alert->span,
    };
    memcpy(next.evidence, alert->evidence, sizeof next.evidence);
    strcpy(next.by, alert->by);
    (void)patient_key;
    if (!line || line->n_alerts == SW_ALERT_KINDS)
        return 0;
    if (alert->state == SW_STATE_ACKNOWLEDGED)
        next.seen = ", acknowledged";
    if (alert->shelved_until_s > list->now_s)
        next.seen = ", shelved";
    if (*next.seen)
        next.rank =
            alert->level == SW_LEVEL_MEDIUM ? SW_RANK_SEEN_MEDIUM : SW_RANK_SEEN_LOW;
    size_t place = line->n_alerts++;
    for (; place > 0; place--) {
        const struct sw_worklist_alert *before = &line->alerts[place - 1];
        if (before->rank < next.rank ||
            (before->rank == next.rank && urgency(before) <= urgency(&next)))
            break;
        line->alerts[place] = *before;
    }
    line->alerts[place] = next;
    return 0;
}

static int worklist_add_row(void *ctx, const struct sw_day_row *row)
{
    const struct sw_worklist *list = ctx;
    struct sw_worklist_line *line = worklist_find(list, row->patient.str);
    if (line && row->day < sw_day_of(list->zone, list->now_s)) {
        line->yesterdays_steps = row->steps;
    } else if (line) {
        line->has_row = true;
        line->row = *row;
        line->knows_steps = sw_day_row_knows_steps(row);
    }
    return 0;
}

static int worklist_add_yesterday(void *ctx, const struct sw_patient *patient,
                                  const struct sw_plan *plan)
{
    struct sw_worklist_line *line = worklist_find(ctx, patient->id.str);
    if (line)
        line->yesterdays_ceiling = plan->ceiling;
    return 0;
}

static int worklist_add_lateness(void *ctx, struct sw_patient_id patient,
                                 const struct sw_lateness *lateness)
{
    const struct sw_worklist *list = ctx;
    struct sw_worklist_line *line = worklist_find(list, patient.str);
    if (line)
        line->late_min = sw_lateness_min(lateness, line->plan.fresh_min, list->now_s);
    return 0;
}

static bool has_alert_of(const struct sw_worklist_line *line, unsigned kinds)
{
    bool has = false;
    for (size_t i = 0; i < line->n_alerts; i++)
        has = has || (kinds & SW_KIND_BIT(line->alerts[i].kind));
    return has;
}

bool sw_worklist_is_unseen(const struct sw_worklist_line *line)
{
    return has_alert_of(line, sw_rule(SW_ALERT_REST)->inhibited_by);
}

/* An open alert says it already: a rest was seen, or nobody looks for one. */
bool sw_worklist_is_late(const struct sw_worklist_line *line)
{
    return line->late_min > 0 && !sw_worklist_is_unseen(line) &&
           !has_alert_of(line, SW_KIND_BIT(SW_ALERT_REST));
}

/* Lines of one rank either all have an alert or none has. */
static int compare_lines(const void *a, const void *b)
{
    const struct sw_worklist_line *x = a, *y = b;
    const struct sw_worklist_alert *first_x = &x->alerts[0], *first_y = &y->alerts[0];
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (urgency(first_x) != urgency(first_y))
        return urgency(first_x) < urgency(first_y) ? -1 : 1;
    if (first_x->opened_at_s != first_y->opened_at_s)
        return first_x->opened_at_s < first_y->opened_at_s ? -1 : 1;
    return strcmp(x->patient.id.str, y->patient.id.str);
}

/* ---- the rest that runs ---- */

/* When today's longest rest ended, allowing for a shift of the clocks before it. */
static int64_t longest_rest_end(const struct sw_worklist *list,
                                const struct sw_day_row *row)
{
    int64_t begin_s = sw_day_begin(list->zone, row->day);
    int32_t first_minute = sw_local_minute(list->zone, begin_s);
    int64_t at_s = begin_s + 60 * (int64_t)(row->longest_rest_from - first_minute);
    at_s += sw_zone_offset(list->zone, begin_s) - sw_zone_offset(list->zone, at_s);
    return at_s + 60 * (int64_t)row->longest_rest_min;
}

/* Data that came after the day's longest rest, "not worn" say, do not lengthen it. */
static int64_t rest_of_alert(const struct sw_worklist *list,
                             const struct sw_worklist_line *line,
                             const struct sw_worklist_alert *alert)
{
    int64_t from_s = alert->span.from_s, known_to_s = line->patient.heard_at_s;
    if (line->has_row && line->row.longest_rest_from >= 0) {
        int64_t end_s = longest_rest_end(list, &line->row);
        int64_t begin_s = end_s - 60 * (int64_t)line->row.longest_rest_min;
        if (begin_s <= from_s && from_s < end_s)
            known_to_s = end_s;
    }
    if (known_to_s > list->now_s)
        known_to_s = list->now_s;
    if (known_to_s < alert->span.to_s)
        known_to_s = alert->span.to_s;
    return (known_to_s - from_s) / 60;
}

/* The day's longest rest, if it runs now and nothing was reported about any time after
 * it, such as getting up; 0: it does not. A device whose clock is ahead has reported
 * minutes to come, which do not count. */
static int64_t longest_rest_now_min(const struct sw_worklist *list,
                                    const struct sw_worklist_line *line)
{
    const struct sw_day_row *row = &line->row;
    int64_t reported_s;
    if (!line->has_row || row->longest_rest_from < 0)
        return 0;
    int64_t end_s = longest_rest_end(list, row);
    int64_t ahead_min = end_s > list->now_s ? (end_s - list->now_s) / 60 : 0;
    bool is_fresh = list->now_s - end_s <= 60 * (int64_t)line->plan.fresh_min;
    if (!is_fresh || row->longest_rest_min <= ahead_min)
        return 0;
    int r =
        sw_store_last_reported(list->store, line->patient.key, INT64_MAX, &reported_s);
    return r == 0 && reported_s <= end_s ? row->longest_rest_min - ahead_min : 0;
}

/* The span of the rest that counts: the one that runs, else the day's longest. Of the one
 * that runs an alert may know, though it is not the longest. */
static struct sw_span rest_that_counts(const struct sw_worklist *list,
                                       const struct sw_worklist_line *line)
{
    struct sw_span rest = {0};
    bool is_longest = line->has_row && line->rest_min == line->row.longest_rest_min;
    for (size_t i = 0; i < line->n_alerts && !is_longest; i++) {
        const struct sw_span *span = &line->alerts[i].span;
        if (line->alerts[i].kind == SW_ALERT_REST && line->rest_min > 0)
            return (struct sw_span){span->from_s, span->from_s + 60 * line->rest_min};
    }
    if (line->has_row && line->row.longest_rest_from >= 0) {
        rest.to_s = longest_rest_end(list, &line->row);
        rest.from_s = rest.to_s - 60 * (int64_t)line->row.longest_rest_min;
    }
    return rest;
}

/* ---- did their data stop? ---- */

static int64_t wake_min(const struct sw_worklist *list,
                        const struct sw_worklist_line *line, int64_t from_s,
                        int64_t to_s)
{
    return sw_wake_seconds(list->zone, line->plan.wake_from_min, line->plan.wake_to_min,
                           from_s, to_s) /
           60;
}

/* Whose day is known but for less than that need not be asked for. */
static int worklist_find_stop(const struct sw_worklist *list,
                              struct sw_worklist_line *line)
{
    int32_t today = sw_day_of(list->zone, list->now_s);
    int32_t usual_min =
        line->late_min > line->plan.fresh_min ? line->late_min : line->plan.fresh_min;
    int64_t reported_s, tomorrow_s = sw_day_begin(list->zone, today + 1);
    if (line->has_row &&
        line->row.unknown_min - wake_min(list, line, list->now_s, tomorrow_s) <=
            STOPPED_MIN + usual_min)
        return 0;
    int r =
        sw_store_last_reported(list->store, line->patient.key, INT64_MAX, &reported_s);
    if (r < 0)
        return r;
    int64_t from_s = list->now_s - STOP_SOUGHT_S;
    if (reported_s > from_s)
        from_s = reported_s < list->now_s ? reported_s : list->now_s;
    if (wake_min(list, line, from_s, list->now_s) > STOPPED_MIN + usual_min)
        line->no_data_since_s = reported_s;
    return 0;
}

/* ---- all of it ---- */

static void worklist_complete(const struct sw_worklist *list,
                              struct sw_worklist_line *line)
{
    const struct sw_day_row *row = &line->row;
    line->has_data = line->knows_steps || row->unworn_min > 0;
    line->is_over_today =
        line->knows_steps && line->plan.ceiling > 0 && row->steps > line->plan.ceiling;
    line->was_over_yesterday = line->yesterdays_ceiling > 0 &&
                               line->yesterdays_steps > line->yesterdays_ceiling;
    line->rank = SW_RANK_NONE;
    if (!line->has_data || line->no_data_since_s != 0)
        line->rank = SW_RANK_NO_DATA;
    if (line->is_over_today || line->was_over_yesterday)
        line->rank = SW_RANK_OVER;
    if (sw_worklist_is_late(line))
        line->rank = SW_RANK_LATE;
    if (line->n_alerts > 0)
        line->rank = line->alerts[0].rank;
    line->rest_min = longest_rest_now_min(list, line);
    for (size_t i = 0; i < line->n_alerts; i++) {
        struct sw_worklist_alert *alert = &line->alerts[i];
        if (alert->kind != SW_ALERT_REST)
            continue;
        if (line->rest_min == 0)
            line->rest_min = rest_of_alert(list, line, alert);
        if (line->rest_min > alert->evidence[0])
            alert->evidence[0] = line->rest_min;
    }
}

static int worklist_glance(struct sw_worklist *list, struct sw_worklist_line *line)
{
    const struct sw_glance_input input = {
        .store = list->store,
        .zone = list->zone,
        .now_s = list->now_s,
        .patient = &line->patient,
        .plan = &line->plan,
        .row = line->has_row ? &line->row : NULL,
        .rest = rest_that_counts(list, line),
    };
    return list->glances ? sw_glance_take(list->glances, &input, &line->glance) : 0;
}

/* The oldest comes first. */
static int worklist_add_contact(void *ctx, const struct sw_contact *contact)
{
    struct sw_worklist_line *line = worklist_find(ctx, contact->patient.str);
    if (line)
        line->contact_at_s = contact->at_s;
    return 0;
}

int sw_worklist_gather(struct sw_worklist *list)
{
    const struct sw_span lately = {list->now_s - CONTACT_SHOWN_S, list->now_s + 1};
    struct sw_store *store = list->store;
    int32_t today = sw_day_of(list->zone, list->now_s);
    int r = sw_store_begin_reading(store);
    if (r < 0)
        return r;
    r = sw_store_each_patient_on(store, today, worklist_add_patient, list);
    if (r >= 0)
        r = sw_store_each_open_alert(store, worklist_add_alert, list);
    if (r >= 0)
        r = sw_store_each_patient_on(store, today - 1, worklist_add_yesterday, list);
    if (r >= 0)
        r = sw_store_each_day(store, NULL, today - 1, today, worklist_add_row, list);
    if (r >= 0)
        r = sw_store_each_lateness(store, 0, worklist_add_lateness, list);
    if (r >= 0 && list->glances)
        r = sw_store_each_contact(store, 0, lately, worklist_add_contact, list);
    for (size_t i = 0; r >= 0 && i < list->n; i++) {
        r = worklist_find_stop(list, &list->lines[i]);
        worklist_complete(list, &list->lines[i]);
        if (r >= 0)
            r = worklist_glance(list, &list->lines[i]);
    }
    sw_store_rollback(store);
    if (list->glances)
        sw_glances_drop_old(list->glances, list->now_s);
    if (r >= 0 && list->n > 0)
        qsort(list->lines, list->n, sizeof *list->lines, compare_lines);
    return r < 0 ? r : 0;
}

void sw_worklist_fini(struct sw_worklist *list)
{
    free(list->lines);
}

/* ---- on track? ---- */

enum {
    PACE_PCT = 75,      /* of an even pace: many walk after work */
    PACE_FROM_MIN = 90, /* before so much of the window, nobody is behind */
};

static bool is_on_track(const struct sw_worklist_line *line)
{
    const struct sw_glance *glance = &line->glance;
    int64_t wanted = line->plan.goal > 0 ? line->plan.goal : line->plan.floor;
    if (line->is_over_today || line->was_over_yesterday)
        return false;
    if (wanted == 0)
        return line->row.longest_rest_min <= line->plan.rest_limit_min;
    if (glance->known_min < PACE_FROM_MIN || line->row.steps >= wanted)
        return true;
    int64_t even = wanted * glance->known_min / glance->window_min;
    return line->row.steps * 100 >= even * PACE_PCT;
}

enum sw_group sw_worklist_group(const struct sw_worklist_line *line)
{
    if (line->rank == SW_RANK_MEDIUM || line->rank == SW_RANK_LOW)
        return SW_GROUP_NEEDS_YOU;
    if (!line->has_data || line->no_data_since_s != 0 || sw_worklist_is_unseen(line))
        return SW_GROUP_NO_DATA;
    return is_on_track(line) ? SW_GROUP_ON_TRACK : SW_GROUP_OFF_TRACK;
}

/* ---- in words ---- */

void sw_worklist_no_data_text(const struct sw_worklist *list,
                              const struct sw_worklist_line *line,
                              char out[static SW_NO_DATA_TEXT_MAX])
{
    char since[SW_WHEN_LEN + 1];
    out[0] = '\0';
    if (sw_worklist_is_unseen(line))
        return;
    if (line->no_data_since_s != 0) {
        sw_when_format(list->zone, line->no_data_since_s,
                       sw_day_of(list->zone, list->now_s), since);
        snprintf(out, SW_NO_DATA_TEXT_MAX, "no data since %s", since);
    } else if (!line->has_data) {
        snprintf(out, SW_NO_DATA_TEXT_MAX, "no data today");
    }
}

void sw_worklist_over_text(const struct sw_worklist_line *line,
                           char out[static SW_OVER_TEXT_MAX])
{
    bool is_said = has_alert_of(line, SW_KIND_BIT(SW_ALERT_OVER));
    bool is_today = line->is_over_today && !is_said;
    char steps[SW_COUNT_TEXT_MAX], ceiling[SW_COUNT_TEXT_MAX];
    out[0] = '\0';
    if (!is_today && !line->was_over_yesterday)
        return;
    sw_count_format(is_today ? line->row.steps : line->yesterdays_steps, steps);
    sw_count_format(is_today ? line->plan.ceiling : line->yesterdays_ceiling, ceiling);
    snprintf(out, SW_OVER_TEXT_MAX, "over the ceiling %s: %s steps, ceiling %s",
             !is_today                  ? "yesterday"
             : line->was_over_yesterday ? "yesterday and today"
                                        : "today",
             steps, ceiling);
}

void sw_worklist_text(const struct sw_worklist *list,
                      const struct sw_worklist_line *line,
                      char out[static SW_WORKLIST_TEXT_MAX])
{
    struct sw_line text = sw_line(out, SW_WORKLIST_TEXT_MAX);
    char since[SW_WHEN_LEN + 1], late[SW_LATENESS_TEXT_MAX] = "";
    char over[SW_OVER_TEXT_MAX], no_data[SW_NO_DATA_TEXT_MAX];
    for (size_t i = 0; i < line->n_alerts; i++) {
        const struct sw_worklist_alert *alert = &line->alerts[i];
        sw_when_format(list->zone, alert->since_s, sw_day_of(list->zone, list->now_s),
                       since);
        sw_line_add(&text, "%s%s since %s (%s%s)", i > 0 ? "; " : "",
                    sw_rule(alert->kind)->words->about, since,
                    sw_alert_level_name(alert->level), alert->seen);
    }
    sw_worklist_no_data_text(list, line, no_data);
    sw_worklist_over_text(line, over);
    if (sw_worklist_is_late(line))
        sw_lateness_text(line->late_min, late);
    const char *const more[] = {no_data, over, late};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++)
        if (*more[i])
            sw_line_add(&text, "%s%s", *out ? "; " : "", more[i]);
}
