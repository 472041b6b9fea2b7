/* screen_clinic.c -- the whole clinic over four weeks, a cell a day: who is getting on, who
 * is slowing down, and whose data are too few to tell.
 *
 * What a cell shows, and the order, stand in the address. Numbers are those of the rows that
 * `summary` prints; of a week only days with enough data count. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/patient_parts.h"
#include "chart/dates.h"
#include "chart/grid.h"
#include "chart/words.h"
#include "util/array.h"
#include "util/number.h"

enum { DAYS = 28, WEEK = 7, LABEL_MAX = 200, NO_VALUE = -1 };

/* ---- what a cell shows ---- */

static double goal_of(const struct sw_day_row *row)
{
    return row->goal > 0 ? (double)row->goal_pct : NO_VALUE;
}

static double rest_of(const struct sw_day_row *row)
{
    return row->longest_rest_min;
}

static double coverage_of(const struct sw_day_row *row)
{
    return row->coverage_pct;
}

static double pain_of(const struct sw_day_row *row)
{
    return row->n_pains > 0 ? row->pain_max : NO_VALUE;
}

static const struct measure {
    const char *name, *word, *unit;
    const char
        *nothing; /* in words: that there is no value, though there is enough data */
    double (*of)(const struct sw_day_row *row);
    int limits[CHART_GRID_SHADES - 1]; /* below the first: the first shade */
    bool is_of_any_day;                /* of days without enough data too */
    bool less_is_better;
} measures[] = {
    {"goal",
     W_CLINIC_GOAL,
     W_CLINIC_PERCENT,
     W_NO_GOAL,
     goal_of,
     {25, 50, 75, 100},
     false,
     false},
    {"rest",
     W_CLINIC_REST,
     W_CLINIC_MINUTES,
     W_NOT_ENOUGH,
     rest_of,
     {60, 120, 180, 240},
     false,
     true},
    {"coverage",
     W_CLINIC_COVERAGE,
     W_CLINIC_PERCENT,
     W_NOT_ENOUGH,
     coverage_of,
     {20, 40, 60, 80},
     true,
     false},
    {"pain", W_CLINIC_PAIN, "", W_CHART_NO_PAIN, pain_of, {2, 4, 6, 8}, true, true},
};
enum { N_MEASURES = sizeof measures / sizeof *measures };

static const struct measure *measure_of(const struct board_view *view)
{
    const char *name = board_query(view, "show");
    for (size_t i = 0; name && i < N_MEASURES; i++)
        if (strcmp(measures[i].name, name) == 0)
            return &measures[i];
    return &measures[0];
}

/* ---- the patients, and their rows ---- */

struct line {
    struct sw_patient patient;
    struct sw_plan plan;
    int32_t added_day;
    uint8_t cells[DAYS];
    int32_t ceilings[DAYS]; /* of the plans in force; 0: none */
    int n_over, n_nothing;  /* of all days, and of the last week without a value */
    double sum[2]; /* of the week that ends yesterday, and of the one before it */
    int n[2];
    bool has_change;
    double week, before;
};

struct clinic {
    const struct board_view *view;
    const struct measure *measure;
    int32_t from_day, today;
    struct line *lines; /* in order of id, until they are sorted */
    size_t n, cap;
};

static int add_patient(void *ctx, const struct sw_patient *patient,
                       const struct sw_plan *plan)
{
    struct clinic *clinic = ctx;
    if (!board_may_see(clinic->view, plan))
        return 0;
    int r = GROW(clinic->lines, clinic->n, clinic->cap);
    if (r < 0)
        return r;
    struct line *line = &clinic->lines[clinic->n++];
    *line = (struct line){.patient = *patient, .plan = *plan};
    line->added_day = sw_day_of(clinic->view->zone, patient->added_at_s);
    for (int32_t i = 0; i < DAYS; i++)
        line->cells[i] = clinic->from_day + i < line->added_day ? CHART_CELL_BEFORE
                                                                : CHART_CELL_NONE;
    return 0;
}

static int compare_id(const void *id, const void *line)
{
    return strcmp(id, ((const struct line *)line)->patient.id.str);
}

struct ceilings {
    const struct clinic *clinic;
    struct line *line;
};

/* In order of day: a later plan holds from its day on. */
static int add_ceiling(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    const struct ceilings *ceilings = ctx;
    int32_t i = from_day - ceilings->clinic->from_day;
    for (i = i < 0 ? 0 : i; i < DAYS; i++)
        ceilings->line->ceilings[i] = plan->ceiling;
    return 0;
}

static int add_row(void *ctx, const struct sw_day_row *row)
{
    struct clinic *clinic = ctx;
    const struct measure *measure = clinic->measure;
    struct line *line = clinic->n == 0
                            ? NULL
                            : bsearch(row->patient.str, clinic->lines, clinic->n,
                                      sizeof *clinic->lines, compare_id);
    int32_t i = row->day - clinic->from_day, ago = clinic->today - 1 - row->day;
    double value = measure->of(row);
    if (!line || i < 0 || i >= DAYS)
        return 0;
    bool is_enough = row->valid || measure->is_of_any_day;
    bool has_data = sw_day_row_knows_steps(row);
    bool is_over = line->ceilings[i] > 0 && row->steps > line->ceilings[i];
    int over = is_over ? CHART_CELL_OVER : 0;
    line->n_over += is_over;
    if (is_enough && value < 0) {
        line->cells[i] = (uint8_t)(over | CHART_CELL_BEFORE);
        line->n_nothing += ago < WEEK;
        return 0;
    }
    if (!is_enough) {
        line->cells[i] =
            (uint8_t)(over | (has_data ? CHART_CELL_PART : CHART_CELL_NONE));
        return 0;
    }
    int shade = CHART_CELL_SHADE;
    for (size_t j = 0; j < CHART_GRID_SHADES - 1; j++)
        shade += value >= measure->limits[j];
    line->cells[i] = (uint8_t)(over | shade);
    if (ago >= 0 && ago < 2 * WEEK) {
        line->sum[ago / WEEK] += value;
        line->n[ago / WEEK]++;
    }
    return 0;
}

/* ---- the order ---- */

/* How much worse the last week was, by its share: below 0 it was better. */
static double worsening(const struct clinic *clinic, const struct line *line)
{
    double change = line->week - line->before;
    return clinic->measure->less_is_better ? change : -change;
}

/* Who changed for the worse comes first, who cannot be compared last. */
static int by_change(const void *a, const void *b, void *clinic)
{
    const struct line *x = a, *y = b;
    if (x->has_change != y->has_change)
        return x->has_change ? -1 : 1;
    double order = x->has_change ? worsening(clinic, y) - worsening(clinic, x) : 0;
    if (order != 0)
        return order < 0 ? -1 : 1;
    return strcmp(x->patient.id.str, y->patient.id.str);
}

static int gather(struct clinic *clinic)
{
    struct sw_store *store = clinic->view->store;
    int r = sw_store_begin_reading(store);
    if (r < 0)
        return r;
    r = sw_store_each_patient_on(store, clinic->today, add_patient, clinic);
    for (size_t i = 0; i < clinic->n && r >= 0; i++) {
        struct ceilings ceilings = {clinic, &clinic->lines[i]};
        r = sw_store_each_plan(store, clinic->lines[i].patient.key, add_ceiling,
                               &ceilings);
    }
    if (r >= 0)
        r = sw_store_each_day(store, NULL, clinic->from_day, clinic->today - 1, add_row,
                              clinic);
    sw_store_rollback(store);
    for (size_t i = 0; i < clinic->n; i++) {
        struct line *line = &clinic->lines[i];
        line->has_change = line->n[0] > 0 && line->n[1] > 0;
        line->week = line->n[0] > 0 ? line->sum[0] / line->n[0] : NO_VALUE;
        line->before = line->n[1] > 0 ? line->sum[1] / line->n[1] : NO_VALUE;
    }
    return r < 0 ? r : 0;
}

/* ---- the page ---- */

static void switch_link(struct mk *m, const char *show, const char *sort,
                        const char *word, bool is_current)
{
    mk_open(m, "a");
    mk_attr(m, "class", "button");
    mk_attrf(m, "href", "/clinic?show=%s&sort=%s", show, sort);
    if (is_current)
        mk_attr(m, "aria-current", "true");
    mk_text(m, word);
    mk_close(m);
}

static void switches(struct mk *m, const struct measure *measure, bool by_name)
{
    const char *sort = by_name ? "name" : "change";
    mk_open(m, "nav");
    mk_attr(m, "class", "places");
    mk_attr(m, "aria-label", W_CLINIC_SHOW);
    for (size_t i = 0; i < N_MEASURES; i++)
        switch_link(m, measures[i].name, sort, measures[i].word,
                    &measures[i] == measure);
    mk_close(m);
    mk_open(m, "nav");
    mk_attr(m, "class", "places");
    mk_attr(m, "aria-label", W_CLINIC_SORT);
    switch_link(m, measure->name, "change", W_CLINIC_BY_CHANGE, !by_name);
    switch_link(m, measure->name, "name", W_CLINIC_BY_NAME, by_name);
    mk_close(m);
}

static void legend_item(struct mk *m, const struct measure *measure, uint8_t cell,
                        const char *word)
{
    mk_open(m, "li");
    chart_grid_sample(m, measure->name, cell);
    mk_textf(m, " %s", word);
    mk_close(m);
}

static void legend(struct mk *m, const struct measure *measure)
{
    char word[LABEL_MAX];
    mk_open(m, "ul");
    mk_attr(m, "class", "legend");
    for (int i = 0; i < CHART_GRID_SHADES; i++) {
        if (i == 0)
            snprintf(word, sizeof word, W_CLINIC_BELOW, measure->limits[0],
                     measure->unit);
        else
            snprintf(word, sizeof word, W_CLINIC_FROM, measure->limits[i - 1],
                     measure->unit);
        legend_item(m, measure, (uint8_t)i, word);
    }
    if (!measure->is_of_any_day)
        legend_item(m, measure, CHART_CELL_PART, W_NOT_ENOUGH);
    legend_item(m, measure, CHART_CELL_NONE, W_UNKNOWN);
    legend_item(m, measure, CHART_CELL_BEFORE | CHART_CELL_OVER, W_OVER);
    mk_close(m);
}

/* Why the week has no value. */
static const char *nothing_word(const struct clinic *clinic, const struct line *line)
{
    return line->n_nothing > 0 ? clinic->measure->nothing : W_NOT_ENOUGH;
}

/* "62 % a day, the week before 48 %, over the ceiling on 2 days". */
static void week_words(const struct clinic *clinic, const struct line *line,
                       char out[static LABEL_MAX])
{
    const char *unit = clinic->measure->unit;
    int decimals = *unit ? 0 : 1;
    size_t n;
    if (line->n[0] == 0)
        snprintf(out, LABEL_MAX, "%s", nothing_word(clinic, line));
    else if (line->n[1] == 0)
        snprintf(out, LABEL_MAX, W_CLINIC_WEEK, decimals, line->week, unit);
    else
        snprintf(out, LABEL_MAX, W_CLINIC_WEEKS, decimals, line->week, unit, decimals,
                 line->before, unit);
    n = strlen(out);
    if (line->n_over == 1)
        snprintf(out + n, LABEL_MAX - n, W_CLINIC_OVER_ONCE);
    else if (line->n_over > 1)
        snprintf(out + n, LABEL_MAX - n, W_CLINIC_OVER, line->n_over);
}

static void change_cell(const struct clinic *clinic, struct mk *m,
                        const struct line *line)
{
    double change = line->week - line->before;
    int decimals = *clinic->measure->unit ? 0 : 1;
    mk_open(m, "td");
    mk_attr(m, "class", "number");
    if (line->n[0] > 0)
        mk_textf(m, "%.*f%s%s", decimals, line->week, *clinic->measure->unit ? " " : "",
                 clinic->measure->unit);
    else
        mk_element(m, "small", nothing_word(clinic, line));
    if (line->has_change) {
        mk_open(m, "small");
        mk_textf(m, W_CLINIC_WAS,
                 change > 0   ? "↑"
                 : change < 0 ? "↓"
                              : "=",
                 decimals, line->before);
        mk_close(m);
    }
    mk_close(m);
}

static void put_line(const struct clinic *clinic, struct mk *m, const struct line *line)
{
    char title[BOARD_TITLE_MAX], words[LABEL_MAX];
    board_patient_title(clinic->view, &line->patient, title);
    week_words(clinic, line, words);
    mk_open_keyed(m, "tr", line->patient.id.str);
    mk_attrf(m, "data-search", "%s %s", title, line->plan.therapist.str);
    mk_open(m, "th");
    mk_attr(m, "scope", "row");
    mk_open(m, "a");
    mk_attrf(m, "href", "/patient/%s", line->patient.id.str);
    mk_element(m, "bdi", title);
    mk_close(m);
    mk_close(m);
    mk_open(m, "td");
    chart_grid(m, clinic->measure->name, line->cells, DAYS, words);
    mk_close(m);
    change_cell(clinic, m, line);
    mk_close(m);
}

static void draw(const struct clinic *clinic, struct mk *m, bool by_name)
{
    char from[CHART_DATE_MAX], to[CHART_DATE_MAX];
    chart_date_format(clinic->from_day, CHART_DATE_FULL, from);
    chart_date_format(clinic->today - 1, CHART_DATE_FULL, to);
    board_begin(clinic->view, m, W_CLINIC, BOARD_CLINIC);
    switches(m, clinic->measure, by_name);
    mk_open(m, "p");
    mk_attr(m, "class", "quiet");
    mk_textf(m, W_CLINIC_HEAD, clinic->measure->word, from, to);
    mk_close(m);
    chart_grid_hatch(m);
    legend(m, clinic->measure);
    if (clinic->n == 0) {
        mk_element(m, "p", W_CLINIC_EMPTY);
        return;
    }
    mk_open(m, "table");
    mk_attr(m, "class", "clinic");
    mk_open(m, "thead");
    mk_open(m, "tr");
    mk_element(m, "th", W_CLINIC_PATIENT);
    mk_open(m, "th");
    mk_textf(m, W_CLINIC_DAYS, from, to);
    mk_close(m);
    mk_open(m, "th");
    mk_attr(m, "class", "number");
    mk_text(m, W_CLINIC_CHANGE);
    mk_close(m);
    mk_close(m);
    mk_close(m);
    mk_open(m, "tbody");
    for (size_t i = 0; i < clinic->n; i++)
        put_line(clinic, m, &clinic->lines[i]);
    mk_close(m);
    mk_close(m);
}

int board_clinic(const struct board_view *view, struct mk *m)
{
    struct clinic clinic = {.view = view,
                            .measure = measure_of(view),
                            .today = sw_day_of(view->zone, view->now_s)};
    const char *sort = board_query(view, "sort");
    bool by_name = sort && strcmp(sort, "name") == 0;
    clinic.from_day = clinic.today - DAYS; /* today is not over: nothing to compare */
    int r = gather(&clinic);
    if (r >= 0) {
        if (!by_name && clinic.n > 1)
            qsort_r(clinic.lines, clinic.n, sizeof *clinic.lines, by_change, &clinic);
        draw(&clinic, m, by_name);
        board_end(view, m);
    }
    free(clinic.lines);
    return r;
}
