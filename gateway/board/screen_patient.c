/* screen_patient.c -- a patient over many days: bands, carpet, plan, suggestion, changes,
 * alerts, and the same in numbers. `stepward report` is this screen as a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/alert_forms.h"
#include "board/patient_parts.h"
#include "chart/dates.h"
#include "chart/words.h"
#include "records/suggest.h"
#include "stepward/wire.h"
#include "util/number.h"

enum {
    DEFAULT_DAYS = 28,
    ALERTS_SHOWN = 20,
    FOLDED_DAYS = 92, /* more rows than a quarter has are folded away */
};

static const int32_t spans[] = {7, 28, 90, 365};
enum { N_SPANS = sizeof spans / sizeof *spans };

/* A file may have any number of days, see board.h; a page one of the spans. */
static int32_t days_of(const struct board_view *view)
{
    const char *text = board_query(view, "days");
    int64_t days = DEFAULT_DAYS;
    if (!text || !sw_number_parse(text, 1, BOARD_DAYS_MAX, &days))
        return DEFAULT_DAYS;
    for (size_t i = 0; i < N_SPANS; i++)
        if (view->is_file || days == spans[i])
            return (int32_t)days;
    return DEFAULT_DAYS;
}

/* ---- the head ---- */

static void head(const struct board_view *view, struct mk *m,
                 const struct sw_history *history)
{
    char from[CHART_DATE_MAX], to[CHART_DATE_MAX];
    int32_t n_days = (int32_t)history->n_days;
    chart_date_format(history->from_day, CHART_DATE_FULL, from);
    chart_date_format(history->to_day, CHART_DATE_FULL, to);
    mk_open(m, "p");
    mk_textf(m, W_PATIENT_HEAD, from, to, n_days, view->config->timezone);
    mk_close(m);
    board_patient_as_of(view, m, &history->patient,
                        history->days[history->n_days - 1].plan);
    if (view->is_file)
        return;
    mk_open(m, "nav");
    mk_attr(m, "class", "jumps");
    mk_attr(m, "aria-label", W_PATIENT_SPANS);
    for (size_t i = 0; i < N_SPANS; i++) {
        mk_open(m, "a");
        mk_attr(m, "class", "button");
        mk_attrf(m, "href", "/patient/%s?days=%d", history->patient.id.str, spans[i]);
        if (spans[i] == n_days)
            mk_attr(m, "aria-current", "page");
        if (spans[i] == 365)
            mk_text(m, W_PATIENT_YEAR);
        else
            mk_textf(m, W_PATIENT_SPAN, spans[i]);
        mk_close(m);
    }
    board_print_button(m);
    mk_open(m, "a");
    mk_attr(m, "class", "button");
    mk_attrf(m, "href", "/patient/%s/report?days=%d", history->patient.id.str, n_days);
    mk_flag(m, "download");
    mk_text(m, W_PATIENT_REPORT);
    mk_close(m);
    mk_close(m);
}

/* ---- beside the charts ---- */

static void plan_row(struct mk *m, const char *name, const char *value)
{
    mk_open(m, "div");
    mk_element(m, "dt", name);
    mk_element(m, "dd", value);
    mk_close(m);
}

static void plan_steps(struct mk *m, const char *name, int32_t steps)
{
    char number[SW_COUNT_TEXT_MAX], text[64] = W_PATIENT_NONE;
    sw_count_format(steps, number);
    if (steps > 0)
        snprintf(text, sizeof text, W_PATIENT_STEPS, number);
    plan_row(m, name, text);
}

static void plan_card(const struct board_view *view, struct mk *m,
                      const struct sw_history *history)
{
    const struct sw_plan *plan = history->days[history->n_days - 1].plan;
    char text[SW_PLAN_TEXT_MAX], length[SW_LENGTH_TEXT_MAX], date[CHART_DATE_MAX];
    int32_t since = 0;
    for (size_t i = 0; i < history->n_plans; i++)
        if (history->plans[i].from_day <= history->to_day)
            since = history->plans[i].from_day;
    mk_open_keyed(m, "section", "plan");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PATIENT_PLAN);
    if (since > 0) {
        chart_date_format(since, CHART_DATE_FULL, date);
        mk_open(m, "p");
        mk_attr(m, "class", "quiet");
        mk_textf(m, W_PATIENT_SINCE, date);
        mk_close(m);
    }
    mk_open(m, "dl");
    mk_attr(m, "class", "plan-list");
    plan_steps(m, W_PATIENT_GOAL, plan->goal);
    plan_steps(m, W_PATIENT_FLOOR, plan->floor);
    plan_steps(m, W_PATIENT_CEILING, plan->ceiling);
    sw_plan_get(plan, "wake", text);
    plan_row(m, W_PATIENT_WAKE, text);
    sw_length_format(plan->rest_limit_min, length);
    plan_row(m, W_PATIENT_REST, length);
    sw_length_format(plan->silent_after_s / 60, length);
    plan_row(m, W_PATIENT_SILENT, length);
    mk_close(m);
    if (!view->is_file)
        board_link(view, m, W_PATIENT_PLAN_LINK, "/patient/%s/plan",
                   history->patient.id.str);
    mk_close(m);
}

static int suggestion_card(const struct board_view *view, struct mk *m,
                           const struct sw_patient *patient)
{
    static const char *const words[] = {
        [SW_SUGGEST_NOTHING] = W_PATIENT_TOO_LITTLE,
        [SW_SUGGEST_FIRST] = W_PATIENT_FIRST,
        [SW_SUGGEST_RAISE] = W_PATIENT_RAISE,
        [SW_SUGGEST_KEEP] = W_PATIENT_KEEP,
        [SW_SUGGEST_EASE] = W_PATIENT_EASE,
    };
    struct sw_suggestion suggestion;
    char why[SW_MESSAGE_MAX], goal[SW_COUNT_TEXT_MAX], floor[SW_COUNT_TEXT_MAX],
        ceiling[SW_COUNT_TEXT_MAX];
    int r = sw_records_suggest(view->store, view->config, view->zone, patient,
                               view->now_s, &suggestion);
    if (r < 0)
        return r;
    bool is_change =
        suggestion.kind != SW_SUGGEST_NOTHING && suggestion.kind != SW_SUGGEST_KEEP;
    sw_suggestion_message(&suggestion, why);
    sw_count_format(suggestion.goal, goal);
    sw_count_format(suggestion.floor, floor);
    sw_count_format(suggestion.ceiling, ceiling);
    mk_open_keyed(m, "section", "suggestion");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PATIENT_SUGGESTION);
    mk_open(m, "p");
    if (is_change)
        mk_textf(m, W_PATIENT_SUGGESTED, words[suggestion.kind], goal, floor, ceiling);
    else
        mk_text(m, words[suggestion.kind]);
    mk_close(m);
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_text(m, why);
    mk_close(m);
    mk_close(m);
    return 0;
}

/* ---- below them ---- */

static void put_change(struct mk *m, int32_t day, const char *text)
{
    char date[CHART_DATE_MAX];
    chart_date_format(day, CHART_DATE_YEARLESS, date);
    mk_open(m, "li");
    mk_open(m, "span");
    mk_attr(m, "class", "moment");
    mk_text(m, date);
    mk_close(m);
    mk_textf(m, " %s", text);
    mk_close(m);
}

/* Plans that begin later are shown too: they are decided. */
static void changes(struct mk *m, const struct sw_history *history)
{
    char text[SW_MESSAGE_MAX];
    size_t n = 0;
    mk_open_keyed(m, "section", "changes");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PATIENT_CHANGES);
    mk_open(m, "ul");
    mk_attr(m, "class", "happened");
    for (size_t i = 1; i < history->n_plans; i++) {
        const struct sw_history_plan *plan = &history->plans[i];
        if (plan->from_day < history->from_day)
            continue;
        board_plan_changes(&plan[-1].plan, &plan->plan, text, sizeof text);
        put_change(m, plan->from_day, text);
        n++;
    }
    for (size_t i = 0; i < history->n_devices; i++, n++) {
        const char *id = history->devices[i].device.str;
        snprintf(text, sizeof text, W_PATIENT_DEVICE, *id ? id : W_PATIENT_UNNAMED);
        put_change(m, sw_day_of(history->zone, history->devices[i].from_s), text);
    }
    if (n == 0)
        mk_element(m, "li", W_PATIENT_NO_CHANGES);
    mk_close(m);
    mk_close(m);
}

static void alerts(const struct board_view *view, struct mk *m,
                   const struct sw_history *history)
{
    size_t n = history->n_alerts < ALERTS_SHOWN ? history->n_alerts : ALERTS_SHOWN;
    mk_open(m, "section");
    mk_attr(m, "class", "card");
    mk_element(m, "h2", W_PATIENT_ALERTS);
    mk_open(m, "ul");
    mk_attr(m, "class", "happened");
    for (size_t i = 0; i < n; i++)
        board_alert_item(view, m, &history->alerts[i]);
    if (n == 0)
        mk_element(m, "li", W_PATIENT_NO_ALERTS);
    if (history->n_alerts > n) {
        mk_open(m, "li");
        mk_attr(m, "class", "quiet");
        mk_textf(m, W_PATIENT_MORE, history->n_alerts - n);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m);
}

/* The newest day first. */
static void table(const struct board_view *view, struct mk *m,
                  const struct sw_history *history)
{
    bool is_folded = !view->is_file && history->n_days > FOLDED_DAYS;
    char key[SW_DATE_LEN + 8];
    bool has_rows = false;
    for (size_t i = 0; i < history->n_days; i++)
        has_rows |= history->days[i].has_row;
    mk_open_element(m, is_folded ? "details" : "section");
    mk_attr(m, "class", "card day-rows");
    mk_open_element(m, is_folded ? "summary" : "h2");
    mk_text(m, W_PATIENT_TABLE);
    mk_close(m);
    if (!has_rows) {
        mk_element(m, "p", W_PATIENT_NO_ROWS);
        mk_close(m);
        return;
    }
    mk_open(m, "div");
    mk_attr(m, "class", "wide");
    mk_attr(m, "tabindex", "0");
    mk_open(m, "table");
    mk_open(m, "thead");
    board_day_header(m);
    mk_close(m);
    mk_open(m, "tbody");
    for (size_t i = history->n_days; i-- > 0;) {
        const struct sw_history_day *day = &history->days[i];
        if (!day->has_row)
            continue;
        strcpy(key, "day-");
        sw_date_format(day->day, key + strlen(key));
        mk_open_keyed(m, "tr", key);
        if (!day->row.valid)
            mk_attr(m, "class", "too-little");
        board_day_cells(view, m, &day->row);
        mk_close(m);
    }
    mk_close(m);
    mk_close(m);
    mk_close(m);
    mk_close(m);
}

/* ---- all of it ---- */

static int draw(const struct board_view *view, struct mk *m,
                const struct sw_history *history)
{
    char title[BOARD_TITLE_MAX];
    board_patient_title(view, &history->patient, title);
    board_begin(view, m, title, BOARD_NOW);
    int r = board_alert_done(view, m);
    head(view, m, history);
    if (r >= 0)
        r = board_open_alerts(view, m, &history->patient);
    mk_open(m, "div");
    mk_attr(m, "class", "patient-page");
    if (r >= 0)
        r = board_bands_figure(view, m, history);
    mk_open(m, "aside");
    plan_card(view, m, history);
    if (r >= 0)
        r = suggestion_card(view, m, &history->patient);
    mk_close(m);
    if (r >= 0)
        r = board_carpet_figure(view, m, history);
    mk_close(m);
    mk_open(m, "div");
    mk_attr(m, "class", "halves");
    alerts(view, m, history);
    mk_open(m, "div");
    board_contacts(view, m, history);
    changes(m, history);
    mk_close(m);
    mk_close(m);
    table(view, m, history);
    board_end(view, m);
    return r;
}

int board_patient(const struct board_view *view, const char *id, struct mk *m)
{
    struct sw_plan plan;
    struct sw_history history = {.store = view->store,
                                 .zone = view->zone,
                                 .now_s = view->now_s,
                                 .plan = view->config->plan};
    int r = board_find_patient(view, id, &history.patient, &plan);
    if (r < 0)
        return r;
    history.to_day = sw_day_of(view->zone, view->now_s);
    history.from_day = history.to_day - days_of(view) + 1;
    r = sw_history_gather(&history);
    if (r >= 0)
        r = draw(view, m, &history);
    sw_history_fini(&history);
    return r;
}
