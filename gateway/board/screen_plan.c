/* screen_plan.c -- a patient's plan: what its limits would have meant in the last four
 * weeks, while they are moved; saving them; the plans before; and a sheet for the patient.
 *
 * What is tried stands in the address, so a page can be reloaded and shared. The form that
 * saves it is part of what the server answers, so it always saves what is shown. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/patient_parts.h"
#include "chart/dates.h"
#include "chart/days.h"
#include "chart/words.h"
#include "records/comparison.h"
#include "records/suggest.h"
#include "stepward/rule.h"
#include "stepward/wire.h"
#include "util/number.h"

enum { WHAT_IF_DAYS = 28, FIELDS_MAX = 16, NAME_MAX_BYTES = 32 };

/* ---- the fields that may be tried ---- */

enum input { RANGE_MIN, NUMBER, NUMBER_MIN, TEXT };
static const struct field {
    const char *key, *label, *unit;
    enum input input;
    int least, most, step;
} fields[] = {
    {"rest_limit", W_PLAN_REST, W_PLAN_MINUTES, RANGE_MIN, 30, 480, 15},
    {"silent_after", W_PLAN_SILENT, W_PLAN_MINUTES, RANGE_MIN, 30, 1440, 30},
    {"goal", W_PLAN_GOAL, W_PLAN_STEPS, NUMBER, 0, SW_STEPS_A_DAY_MAX, 50},
    {"floor", W_PLAN_FLOOR, W_PLAN_STEPS, NUMBER, 0, SW_STEPS_A_DAY_MAX, 50},
    {"ceiling", W_PLAN_CEILING, W_PLAN_STEPS, NUMBER, 0, SW_STEPS_A_DAY_MAX, 50},
    {"wake", W_PLAN_WAKE, W_PLAN_TIMES, TEXT, 0, 0, 0},
    {"nudge_after", W_PLAN_NUDGE, W_PLAN_MINUTES_OFF, NUMBER_MIN, 0, 480, 5},
    {"break_steps", W_PLAN_BREAK, W_PLAN_STEPS_ALONE, NUMBER, 1, 10000, 1},
    {"fresh", W_PLAN_FRESH, W_PLAN_MINUTES, NUMBER_MIN, 5, 120, 5},
    {"therapist", W_PLAN_THERAPIST, W_PLAN_ID, TEXT, 0, 0, 0},
};
enum { N_FIELDS = sizeof fields / sizeof *fields, ALWAYS_SHOWN = 5 };
_Static_assert((int)N_FIELDS <= (int)FIELDS_MAX, "each has room for its value");

static bool is_in_minutes(const struct field *field)
{
    return field->input == RANGE_MIN || field->input == NUMBER_MIN;
}

/* The plan's value as the input shows it: a duration in minutes. */
static void field_value(const struct sw_plan *plan, const struct field *field,
                        char out[static SW_PLAN_TEXT_MAX])
{
    int64_t seconds;
    if (sw_plan_get(plan, field->key, out) && is_in_minutes(field) &&
        sw_duration_parse(out, &seconds))
        snprintf(out, SW_PLAN_TEXT_MAX, "%lld", (long long)(seconds / 60));
}

/* What is tried: the plan in force, with what the address says instead. */
struct trial {
    struct sw_plan in_force, plan;
    char values[N_FIELDS][SW_PLAN_TEXT_MAX];
    struct sw_replay_set sets[N_FIELDS]; /* the fields that differ */
    size_t n_sets;
    char why[SW_WHY_MAX + 64]; /* "", or why it cannot be tried */
};

static void take_trial(const struct board_view *view, struct trial *trial)
{
    char before[SW_PLAN_TEXT_MAX], why[SW_WHY_MAX];
    trial->plan = trial->in_force;
    for (size_t i = 0; i < N_FIELDS; i++) {
        const char *given = board_query(view, fields[i].key);
        char *value = trial->values[i];
        if (!given || !*given)
            continue;
        snprintf(value, SW_PLAN_TEXT_MAX, "%.40s%s", given,
                 is_in_minutes(&fields[i]) ? "m" : "");
        if (!sw_plan_set(&trial->plan, fields[i].key, value, why)) {
            snprintf(trial->why, sizeof trial->why, "%s: %s", fields[i].label, why);
            continue;
        }
        sw_plan_get(&trial->in_force, fields[i].key, before);
        sw_plan_get(&trial->plan, fields[i].key, value);
        if (strcmp(before, value) != 0)
            trial->sets[trial->n_sets++] = (struct sw_replay_set){fields[i].key, value};
    }
    const char *key = sw_plan_contradiction(&trial->plan, why);
    if (key && !*trial->why)
        snprintf(trial->why, sizeof trial->why, "%s: %s", key, why);
}

/* ---- the form that tries ---- */

static void put_limits(struct mk *m, const struct field *field)
{
    if (field->input == TEXT)
        return;
    mk_attr_int(m, "min", field->least);
    mk_attr_int(m, "max", field->most);
    mk_attr_int(m, "step", field->step);
}

/* Moves the number beside it, so it has no name of its own, and is hidden where there is
 * no script. */
static void put_slider(struct mk *m, const struct field *field, const char *value)
{
    mk_open(m, "input");
    mk_attr(m, "type", "range");
    mk_attr(m, "data-moves", field->key);
    mk_attr(m, "aria-label", field->label);
    mk_flag(m, "hidden");
    put_limits(m, field);
    mk_attr(m, "value", value);
    mk_close(m);
}

static void put_input(struct mk *m, const struct field *field,
                      const struct sw_plan *plan)
{
    char value[SW_PLAN_TEXT_MAX];
    field_value(plan, field, value);
    if (field->input == RANGE_MIN) {
        mk_open(m, "div");
        mk_attr(m, "class", "moved");
    }
    mk_open(m, "label");
    mk_open(m, "span");
    mk_textf(m, W_PLAN_LABEL, field->label, field->unit);
    mk_close(m);
    mk_open(m, "input");
    mk_attr(m, "name", field->key);
    mk_attr(m, "type", field->input == TEXT ? "text" : "number");
    put_limits(m, field);
    mk_attr(m, "value", value);
    mk_close(m);
    mk_close(m);
    if (field->input == RANGE_MIN) {
        put_slider(m, field, value);
        mk_close(m);
    }
}

static void trial_form(struct mk *m, const char *id, const struct trial *trial)
{
    mk_open(m, "form");
    mk_attr(m, "class", "card trial");
    mk_attr(m, "method", "get");
    mk_attrf(m, "action", "/patient/%s/plan", id);
    mk_flag(m,
            "novalidate"); /* a plan may lie between two steps; the page says why not */
    mk_flag(m, "data-live");
    mk_attr(m, "data-target", "whatif");
    mk_element(m, "h2", W_PLAN_TRY);
    for (size_t i = 0; i < ALWAYS_SHOWN; i++)
        put_input(m, &fields[i], &trial->plan);
    mk_open(m, "details");
    mk_element(m, "summary", W_PLAN_MORE);
    for (size_t i = ALWAYS_SHOWN; i < N_FIELDS; i++)
        put_input(m, &fields[i], &trial->plan);
    mk_close(m);
    mk_element(m, "button", W_PLAN_SHOW);
    mk_close(m);
}

/* ---- what would have been ---- */

struct counts {
    uint8_t was[WHAT_IF_DAYS], would[WHAT_IF_DAYS];
    unsigned n_was, n_would;
};

static void count_in(uint8_t days[static WHAT_IF_DAYS], unsigned *n,
                     const struct board_view *view, int32_t from_day, int64_t at_s)
{
    int32_t day = sw_day_of(view->zone, at_s) - from_day;
    ++*n;
    if (day < 0) /* it was open when these days began */
        day = 0;
    if (day < WHAT_IF_DAYS && days[day] < UINT8_MAX)
        days[day]++;
}

static void count_alerts(const struct board_view *view, int32_t from_day,
                         const struct sw_comparison *comparison,
                         struct counts counts[static SW_ALERT_KINDS])
{
    for (size_t i = 0; i < comparison->n_pairs; i++) {
        const struct sw_alert *was = &comparison->pairs[i].was,
                              *would = &comparison->pairs[i].would;
        if (was->state != SW_STATE_NONE)
            count_in(counts[was->kind].was, &counts[was->kind].n_was, view, from_day,
                     was->opened_at_s);
        if (would->state != SW_STATE_NONE)
            count_in(counts[would->kind].would, &counts[would->kind].n_would, view,
                     from_day, would->opened_at_s);
    }
}

static void cell_number(struct mk *m, unsigned number)
{
    mk_open(m, "td");
    mk_attr(m, "class", "number");
    mk_textf(m, "%u", number);
    mk_close(m);
}

static void comparison_table(struct mk *m, int32_t from_day,
                             const struct counts counts[static SW_ALERT_KINDS])
{
    char from[CHART_DATE_MAX], to[CHART_DATE_MAX];
    size_t n_kinds = 0;
    chart_date_format(from_day, CHART_DATE_YEARLESS, from);
    chart_date_format(from_day + WHAT_IF_DAYS - 1, CHART_DATE_YEARLESS, to);
    mk_open(m, "table");
    mk_open(m, "thead");
    mk_open(m, "tr");
    mk_element(m, "th", W_PLAN_KIND);
    mk_element(m, "th", W_PLAN_WAS);
    mk_element(m, "th", W_PLAN_WOULD);
    mk_open(m, "th");
    mk_textf(m, W_PLAN_DAYS, from, to);
    mk_close(m);
    mk_close(m);
    mk_close(m);
    mk_open(m, "tbody");
    for (enum sw_alert_kind kind = 0; kind < SW_ALERT_KINDS; kind++) {
        if (counts[kind].n_was + counts[kind].n_would == 0)
            continue;
        n_kinds++;
        mk_open(m, "tr");
        mk_open(m, "th");
        mk_attr(m, "scope", "row");
        mk_text(m, sw_rule(kind)->words->about);
        mk_close(m);
        cell_number(m, counts[kind].n_was);
        cell_number(m, counts[kind].n_would);
        mk_open(m, "td");
        chart_days(m, sw_rule(kind)->words->about,
                   &(struct chart_days){from_day, WHAT_IF_DAYS, counts[kind].was,
                                        counts[kind].would});
        mk_close(m);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m);
    if (n_kinds == 0)
        mk_element(m, "p", W_PLAN_NO_ALERTS);
}

static void save_form(const struct board_view *view, struct mk *m, const char *id,
                      const struct trial *trial)
{
    char today[SW_DATE_LEN + 1], option[NAME_MAX_BYTES];
    sw_date_format(sw_day_of(view->zone, view->now_s), today);
    board_form(view, m, "/act/plan");
    board_hidden(m, "patient", id);
    for (size_t i = 0; i < trial->n_sets; i++) {
        snprintf(option, sizeof option, "%s", trial->sets[i].key);
        for (char *at = option; (at = strchr(at, '_'));)
            *at = '-';
        board_hidden(m, option, trial->sets[i].value);
    }
    mk_open(m, "label");
    mk_open(m, "span");
    mk_text(m, W_PLAN_FROM);
    mk_close(m);
    mk_open(m, "input");
    mk_attr(m, "type", "date");
    mk_attr(m, "name", "from");
    mk_attr(m, "value", today);
    mk_close(m);
    mk_close(m);
    mk_element(m, "button", W_PLAN_SAVE);
    mk_close(m);
}

/* "With an alert at a rest of 1 h 15 min, …" */
static void trial_words(struct mk *m, const struct trial *trial)
{
    char length[SW_LENGTH_TEXT_MAX];
    int64_t seconds;
    mk_open(m, "p");
    if (*trial->why)
        mk_text(m, trial->why);
    else
        mk_text(m, trial->n_sets > 0 ? W_PLAN_WITH : W_PLAN_AS_IT_IS);
    for (size_t i = 0; i < N_FIELDS && !*trial->why; i++) {
        const char *value = NULL;
        for (size_t j = 0; j < trial->n_sets; j++)
            if (strcmp(trial->sets[j].key, fields[i].key) == 0)
                value = trial->sets[j].value;
        if (!value)
            continue;
        if (is_in_minutes(&fields[i]) && sw_duration_parse(value, &seconds)) {
            sw_length_format((int32_t)(seconds / 60), length);
            value = length;
        }
        mk_textf(m, " %s ", fields[i].label);
        mk_element(m, "b", value);
        mk_text(m, ".");
    }
    mk_close(m);
}

static int what_if(const struct board_view *view, struct mk *m,
                   const struct sw_patient *patient, const struct trial *trial)
{
    struct counts counts[SW_ALERT_KINDS] = {0};
    struct sw_comparison comparison = {0};
    int32_t today = sw_day_of(view->zone, view->now_s);
    bool knows_online = true;
    struct sw_comparison_order order = {.store = view->store,
                                        .zone = view->zone,
                                        .from_day = today - WHAT_IF_DAYS + 1,
                                        .to_day = today,
                                        .now_s = view->now_s,
                                        .sets = trial->sets,
                                        .n_sets = trial->n_sets,
                                        .is_always = true};
    int r = sw_comparison_stored(&order, patient, 1, &comparison, &knows_online);
    if (r >= 0)
        count_alerts(view, order.from_day, &comparison, counts);
    sw_comparison_fini(&comparison);
    if (r < 0)
        return r;
    mk_open_keyed(m, "section", "whatif");
    mk_attr(m, "class", "card whatif");
    mk_attr(m, "aria-live", "polite");
    mk_element(m, "h2", W_PLAN_WHAT_IF);
    trial_words(m, trial);
    comparison_table(m, order.from_day, counts);
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_text(m, W_PLAN_NOTE);
    mk_close(m);
    if (trial->n_sets > 0 && !*trial->why && view->token)
        save_form(view, m, patient->id.str, trial);
    mk_close(m);
    return 0;
}

/* ---- the suggestion, the plans before, and the sheet ---- */

static int suggestion(const struct board_view *view, struct mk *m,
                      const struct sw_patient *patient)
{
    struct sw_suggestion found;
    char why[SW_MESSAGE_MAX], goal[SW_COUNT_TEXT_MAX];
    int r = sw_records_suggest(view->store, view->config, view->zone, patient,
                               view->now_s, &found);
    if (r < 0)
        return r;
    sw_suggestion_message(&found, why);
    sw_count_format(found.goal, goal);
    mk_open_keyed(m, "section", "suggestion");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PLAN_SUGGESTION);
    mk_element(m, "p", why);
    if (found.kind != SW_SUGGEST_NOTHING && found.kind != SW_SUGGEST_KEEP &&
        view->token) {
        board_form(view, m, "/act/plan-accept");
        board_hidden(m, "patient", patient->id.str);
        mk_open(m, "button");
        mk_textf(m, W_PLAN_ACCEPT, goal);
        mk_close(m);
        mk_close(m);
    }
    mk_close(m);
    return 0;
}

struct plans {
    struct mk *m;
    struct sw_plan before;
    bool has_before;
    size_t n;
};

static int put_plan(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct plans *plans = ctx;
    char text[SW_MESSAGE_MAX], date[CHART_DATE_MAX];
    if (plans->has_before) {
        board_plan_changes(&plans->before, plan, text, sizeof text);
        chart_date_format(from_day, CHART_DATE_FULL, date);
        mk_open(plans->m, "li");
        mk_textf(plans->m, W_PATIENT_PLAN_SET, date, text);
        mk_close(plans->m);
        plans->n++;
    }
    plans->before = *plan;
    plans->has_before = true;
    return 0;
}

static int plans_before(const struct board_view *view, struct mk *m,
                        const struct sw_patient *patient)
{
    struct plans plans = {.m = m};
    mk_open_keyed(m, "section", "plans");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PLAN_CHANGES);
    mk_open(m, "ul");
    mk_attr(m, "class", "events");
    int r = sw_store_each_plan(view->store, patient->key, put_plan, &plans);
    if (plans.n == 0)
        mk_element(m, "li", W_PLAN_NO_CHANGES);
    mk_close(m);
    mk_close(m);
    return r;
}

static void sheet_line(struct mk *m, const char *format, int64_t steps)
{
    char number[SW_COUNT_TEXT_MAX];
    if (steps <= 0)
        return;
    sw_count_format(steps, number);
    mk_open(m, "li");
    mk_open(m, "b");
    mk_text(m, number);
    mk_close(m);
    mk_textf(m, " %s", format);
    mk_close(m);
}

/* For the patient's own wall; alone on paper, which is A5. */
static void sheet(struct mk *m, const struct sw_patient *patient,
                  const struct sw_plan *plan, const struct board_view *view)
{
    char nudge[SW_LENGTH_TEXT_MAX], limit[SW_LENGTH_TEXT_MAX], date[CHART_DATE_MAX];
    int32_t after_min = plan->nudge_after_min ? plan->nudge_after_min : 60;
    sw_length_format(after_min, nudge);
    sw_length_format(plan->rest_limit_min, limit);
    chart_date_format(sw_day_of(view->zone, view->now_s), CHART_DATE_FULL, date);
    mk_open(m, "section");
    mk_attr(m, "class", "card sheet");
    mk_element(m, "h2", W_PLAN_SHEET);
    board_print_button(m);
    if (*patient->name && !view->hides_names) {
        mk_open(m, "p");
        mk_element(m, "bdi", patient->name);
        mk_close(m);
    }
    if (plan->goal > 0 || plan->floor > 0 || plan->ceiling > 0) {
        mk_open(m, "ul");
        sheet_line(m, W_PLAN_SHEET_GOAL, plan->goal);
        sheet_line(m, W_PLAN_SHEET_FLOOR, plan->floor);
        sheet_line(m, W_PLAN_SHEET_CEILING, plan->ceiling);
        mk_close(m);
    }
    mk_open(m, "p");
    mk_textf(m, W_PLAN_SHEET_REST, nudge);
    mk_close(m);
    mk_element(m, "p", W_PLAN_SHEET_WORDS);
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_textf(m, W_PLAN_SHEET_FOOT, date, plan->therapist.str);
    mk_close(m);
    mk_close(m);
}

int board_plan(const struct board_view *view, const char *id, struct mk *m)
{
    struct sw_patient patient;
    struct trial trial = {0};
    char name[BOARD_TITLE_MAX], title[BOARD_TITLE_MAX + sizeof W_PLAN_TITLE];
    int r = board_find_patient(view, id, &patient, &trial.in_force);
    if (r < 0)
        return r;
    take_trial(view, &trial);
    board_patient_title(view, &patient, name);
    snprintf(title, sizeof title, W_PLAN_TITLE, name);
    board_begin(view, m, title, BOARD_NOW);
    board_patient_as_of(view, m, &patient, &trial.in_force);
    mk_open(m, "p");
    mk_attr(m, "class", "places");
    board_link(view, m, W_PLAN_BACK, "/patient/%s", patient.id.str);
    mk_close(m);
    mk_open(m, "div");
    mk_attr(m, "class", "plan-page");
    trial_form(m, patient.id.str, &trial);
    r = what_if(view, m, &patient, &trial);
    if (r >= 0)
        r = suggestion(view, m, &patient);
    if (r >= 0)
        r = plans_before(view, m, &patient);
    sheet(m, &patient, &trial.in_force, view);
    mk_close(m);
    board_end(view, m);
    return r < 0 ? r : 0;
}
