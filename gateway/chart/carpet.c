/* carpet.c -- days down, hours across, four classes.
 *
 * Of each class there is one path: a stroke of a row's height for each run of minutes. Of
 * many days five minutes make a cell, which has moved if any of them has: that ended a
 * rest. Hours are those of the clock. An hour that the clocks skip is empty; one that comes
 * twice has its two passes above each other. */
#include "chart/carpet.h"

#include <stdio.h>

#include "chart/svg.h"
#include "chart/words.h"

#define ID "carpet"

enum {
    TOP = 18,    /* the hours stand above... */
    BOTTOM = 18, /* ...and below */
    DAY_MIN = 24 * 60,
    HOUR_MIN = 60,
    FINE_DAYS = 31, /* so few are drawn by the minute, each with its date */
    CELL_MIN = 5,   /* else so many minutes are a cell */
    CLASS_MASK = 7,
    N_PATHS = SW_MINUTE_ACTIVE + 2, /* the classes, and the long rests */
    LONG_REST = N_PATHS - 1,
};

struct carpet_rows {
    int high, gap; /* of a row, in pixels */
    int cell_min;
    enum { EACH_DAY, EACH_WEEK, EACH_MONTH } dated;
};

static struct carpet_rows rows_of(size_t n_days)
{
    if (n_days <= 10)
        return (struct carpet_rows){22, 3, 1, EACH_DAY};
    if (n_days <= FINE_DAYS)
        return (struct carpet_rows){13, 2, 1, EACH_DAY};
    if (n_days <= 120)
        return (struct carpet_rows){5, 1, CELL_MIN, EACH_WEEK};
    return (struct carpet_rows){2, 0, CELL_MIN, EACH_MONTH};
}

/* ---- cells ---- */

static int cell_of(const struct chart_carpet_day *day, int32_t from, int cell_min)
{
    int32_t counts[SW_MINUTE_ACTIVE + 1] = {0};
    int most = SW_MINUTE_STILL, in_rest = 0;
    for (int32_t i = from; i < from + cell_min && i < day->n_minutes; i++) {
        counts[day->minutes[i] & CLASS_MASK]++;
        in_rest |= day->minutes[i] & CHART_IN_LONG_REST;
    }
    if (counts[SW_MINUTE_ACTIVE] > 0)
        return SW_MINUTE_ACTIVE;
    if (counts[SW_MINUTE_UNWORN] > counts[most])
        most = SW_MINUTE_UNWORN;
    if (counts[SW_MINUTE_UNKNOWN] > counts[most])
        most = SW_MINUTE_UNKNOWN;
    return most | in_rest;
}

/* A stroke in the middle of the row, or of that half of it that the pass has. */
static void add_run(struct svg_path *path, int32_t x, double y, int32_t length)
{
    svg_path_add(path, "M%d %gh%d", x, y, length);
}

/* The runs of the day's cells for which is_of() holds, as strokes. pass 0: those of hours
 * that come once. */
static void add_day(struct svg_path *path, const struct chart_carpet_day *day,
                    const struct carpet_rows *rows, double y, int which, int pass)
{
    int32_t run_x = 0, run = 0;
    for (int32_t i = 0; i < day->n_minutes; i += rows->cell_min) {
        int cell = cell_of(day, i, rows->cell_min);
        int32_t x = chart_clock_at(&day->clock, i);
        bool is_it = which == LONG_REST ? (cell & CHART_IN_LONG_REST) != 0
                                        : (cell & CLASS_MASK) == which;
        is_it &= chart_clock_pass(&day->clock, i) == pass;
        if (is_it && run > 0 && x == run_x + run) {
            run += rows->cell_min;
            continue;
        }
        if (run > 0 && is_it)
            add_run(path, run_x, y, run);
        if (is_it) {
            run_x = x;
            run = rows->cell_min;
        }
    }
    if (run > 0)
        add_run(path, run_x, y, run);
}

static void class_path(struct mk *m, const struct chart_carpet *carpet,
                       const struct carpet_rows *rows, int which, int pass)
{
    static const char *const names[N_PATHS] = {"unknown", "unworn", "still", "active",
                                               "long-rest"};
    struct svg_path path = {0};
    double high = rows->high - rows->gap, shift = pass == 0 ? 0 : high / 4;
    for (size_t i = 0; i < carpet->n_days; i++) {
        const struct chart_carpet_day *day = &carpet->days[i];
        double y = (double)i * rows->high + high / 2 + (pass == 1 ? -shift : shift);
        if (pass == 0 || day->clock.shift_min < 0)
            add_day(&path, day, rows, y, which, pass);
    }
    if (!svg_path_open(m, &path, names[which]))
        return;
    bool is_thin = which == SW_MINUTE_UNKNOWN || which == LONG_REST;
    if (which == SW_MINUTE_UNWORN)
        svg_paint(m, "stroke", ID, "unworn");
    if (!is_thin)
        mk_attrf(m, "stroke-width", "%g", pass == 0 ? high : high / 2);
    mk_close(m);
}

/* ---- around them ---- */

static void hours(struct mk *m, int high)
{
    for (int hour = 0; hour <= 24; hour += 3) {
        double x = hour * 100.0 / 24;
        char text[8];
        snprintf(text, sizeof text, "%02d", hour);
        svg_line(m, "tick", x, TOP - 4, x, TOP + high + 4);
        svg_text(m, "middle", x, TOP - 7, text);
        svg_text(m, "middle", x, TOP + high + 15, text);
    }
}

static void dates(struct mk *m, const struct chart_carpet *carpet,
                  const struct carpet_rows *rows)
{
    char text[CHART_DATE_MAX];
    for (size_t i = 0; i < carpet->n_days; i++) {
        int32_t day = carpet->days[i].day;
        struct chart_date date = chart_date_of(day);
        bool is_dated = rows->dated == EACH_DAY ||
                        (rows->dated == EACH_WEEK && date.weekday == 0) ||
                        (rows->dated == EACH_MONTH && date.of_month == 1);
        enum chart_date_style style = CHART_DATE_MONTH;
        if (!is_dated)
            continue;
        if (rows->dated == EACH_MONTH)
            style = CHART_MONTH;
        else if (rows->dated == EACH_DAY && date.of_month != 1)
            style = CHART_DATE_WEEK;
        chart_date_format(day, style, text);
        svg_left(m, TOP + (double)i * rows->high + (rows->high - rows->gap) / 2.0 + 4,
                 text);
    }
}

static void wake_window(struct mk *m, const struct chart_carpet *carpet, int high)
{
    double from = carpet->wake_from_min * 100.0 / DAY_MIN;
    double to = carpet->wake_to_min * 100.0 / DAY_MIN;
    svg_line(m, "wake", from, TOP - 4, from, TOP + high + 4);
    svg_line(m, "wake", to, TOP - 4, to, TOP + high + 4);
}

static void carpet_describe(struct mk *m, const struct chart_carpet *carpet)
{
    int64_t counts[SW_MINUTE_ACTIVE + 1] = {0};
    char words[200];
    for (size_t i = 0; i < carpet->n_days; i++)
        for (int32_t j = 0; j < carpet->days[i].n_minutes; j++)
            counts[carpet->days[i].minutes[j] & CLASS_MASK]++;
    snprintf(words, sizeof words, W_CHART_CARPET_WORDS,
             (long long)counts[SW_MINUTE_ACTIVE] / HOUR_MIN,
             (long long)counts[SW_MINUTE_STILL] / HOUR_MIN,
             (long long)counts[SW_MINUTE_UNWORN] / HOUR_MIN,
             (long long)counts[SW_MINUTE_UNKNOWN] / HOUR_MIN);
    svg_describe(m, ID, words);
}

bool chart_carpet_shows_rests(size_t n_days)
{
    return rows_of(n_days).high >= 5;
}

void chart_carpet(struct mk *m, const struct chart_carpet *carpet)
{
    if (carpet->n_days == 0)
        return;
    struct carpet_rows rows = rows_of(carpet->n_days);
    int high = (int)carpet->n_days * rows.high;
    char from[CHART_DATE_MAX], to[CHART_DATE_MAX], label[128];
    chart_date_format(carpet->days[0].day, CHART_DATE_FULL, from);
    chart_date_format(carpet->days[carpet->n_days - 1].day, CHART_DATE_FULL, to);
    snprintf(label, sizeof label, W_CHART_CARPET_LABEL, from, to);
    svg_open(m, ID, TOP + high + BOTTOM, label);
    carpet_describe(m, carpet);
    mk_open(m, "defs");
    svg_hatch(m, ID, "unworn", true);
    mk_close(m);
    hours(m, high);
    svg_open_stretched(m, TOP, high, DAY_MIN);
    int n_paths = chart_carpet_shows_rests(carpet->n_days) ? N_PATHS : LONG_REST;
    for (int which = 0; which < n_paths; which++)
        for (int pass = 0; pass <= 2; pass++)
            class_path(m, carpet, &rows, which, pass);
    mk_close(m);
    wake_window(m, carpet, high);
    dates(m, carpet, &rows);
    mk_close(m);
}
