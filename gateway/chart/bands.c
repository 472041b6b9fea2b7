/* bands.c -- a patient's days on one axis of time.
 *
 * A day is a column of the same place in every band. What is not known is hatched: a day
 * without enough data has the steps that are known, which may be too few, and in words how
 * much of the wake window they cover. */
#include "chart/bands.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "chart/dates.h"
#include "chart/svg.h"
#include "chart/words.h"
#include "util/number.h"

#define ID "bands"

enum {
    TITLE_ROOM = 22, /* above each band */
    STEPS_TOP = 24,
    STEPS_HIGH = 112,
    DATA_TOP = STEPS_TOP + STEPS_HIGH + 3,
    DATA_HIGH = 8,
    REST_TOP = DATA_TOP + DATA_HIGH + TITLE_ROOM + 4,
    REST_HIGH = 64,
    COUNT_TOP = REST_TOP + REST_HIGH + 4, /* of rests of an hour or more */
    COUNT_HIGH = 14,
    PAIN_TOP = COUNT_TOP + COUNT_HIGH + TITLE_ROOM + 4,
    PAIN_HIGH = 64,
    PAIN_MAX = 10,
    LANE_TOP = PAIN_TOP + PAIN_HIGH + TITLE_ROOM,
    LANE_HIGH = 18,
    N_LANES = 4,
    AXIS_TOP = LANE_TOP + N_LANES * LANE_HIGH,
    AXIS_ROOM = 20,
    HIGH = AXIS_TOP + AXIS_ROOM,

    WIDE_DAYS = 10,   /* so few have room for a weekday and a number */
    NARROW_DAYS = 31, /* so few have room for a number */
    APART_DAYS = 120, /* of more, columns touch, and alerts are counted by the week */
    REST_LEAST_MIN = 120, /* the axis of rests reaches at least so far */
    REST_TICK_MIN = 120,
    DAY_MIN = 24 * 60,
    LABEL_ROOM = 13, /* two labels nearer than that would touch... */
    LABEL_WIDE = 35, /* ...if they begin nearer than that, in percent */
    LABEL_LAST = 72, /* from there on a label ends where its line does, in percent */
    LABELS_MAX = 16,
};

struct scale {
    double width;     /* of a day, in percent */
    int64_t steps;    /* at the top of the band of steps */
    int32_t rest_min; /* at the top of the band of rests */
    int32_t rests;    /* the most in a day */
};

static double left_of(const struct chart_bands *bands, const struct scale *scale,
                      int32_t day)
{
    return (day - bands->days[0].day) * scale->width;
}

static double steps_y(const struct scale *scale, int64_t steps)
{
    return STEPS_TOP + STEPS_HIGH * (1 - (double)steps / (double)scale->steps);
}

static double rest_y(const struct scale *scale, int64_t minutes)
{
    return REST_TOP + REST_HIGH * (1 - (double)minutes / scale->rest_min);
}

/* ---- what the axes reach to ---- */

/* The next number of which half is round too. */
static int64_t round_up(int64_t number)
{
    static const int64_t round[] = {10, 12, 16, 20, 30, 40, 60, 80, 100};
    int64_t power = 100;
    size_t i = 0;
    for (; power * 100 < number; power *= 10)
        ;
    while (round[i] * power < number)
        i++;
    return round[i] * power;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static struct scale scale_of(const struct chart_bands *bands)
{
    int64_t steps = 0, rest_min = REST_LEAST_MIN, rests = 1;
    for (size_t i = 0; i < bands->n_days; i++) {
        const struct chart_day *day = &bands->days[i];
        steps = larger(steps, larger(day->plan->goal, day->plan->ceiling));
        steps = larger(steps, day->plan->floor);
        rest_min = larger(rest_min, day->plan->rest_limit_min);
        if (!day->has_row)
            continue;
        steps = larger(steps, day->row.steps);
        rest_min = larger(rest_min, day->row.longest_rest_min);
        rests = larger(rests, day->row.rests_60);
    }
    rest_min = (rest_min + REST_TICK_MIN - 1) / REST_TICK_MIN * REST_TICK_MIN;
    return (struct scale){.width = 100.0 / (double)bands->n_days,
                          .steps = round_up(steps),
                          .rest_min = (int32_t)rest_min,
                          .rests = (int32_t)rests};
}

/* ---- in words ---- */

static int by_size(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void describe(struct mk *m, const struct chart_bands *bands)
{
    size_t n_valid = 0, n_met = 0, n_goals = 0;
    const struct chart_day *longest = NULL;
    int64_t *steps = calloc(bands->n_days, sizeof *steps);
    char words[400], median[SW_COUNT_TEXT_MAX], rest[SW_LENGTH_TEXT_MAX],
        date[CHART_DATE_MAX];
    for (size_t i = 0; steps && i < bands->n_days; i++) {
        const struct chart_day *day = &bands->days[i];
        if (!day->has_row)
            continue;
        if (!longest || day->row.longest_rest_min > longest->row.longest_rest_min)
            longest = day;
        if (!day->row.valid)
            continue;
        steps[n_valid++] = day->row.steps;
        n_goals += day->row.goal > 0;
        n_met += day->row.goal > 0 && day->row.steps >= day->row.goal;
    }
    if (!steps || n_valid == 0) {
        svg_describe(m, ID, W_CHART_BANDS_NO_DATA);
        free(steps);
        return;
    }
    qsort(steps, n_valid, sizeof *steps, by_size);
    sw_count_format(steps[(n_valid - 1) / 2], median);
    sw_length_format(longest->row.longest_rest_min, rest);
    chart_date_format(longest->day, CHART_DATE_YEARLESS, date);
    snprintf(words, sizeof words, W_CHART_BANDS_WORDS, n_valid, bands->n_days, median,
             n_met, n_goals, rest, date);
    svg_describe(m, ID, words);
    free(steps);
}

/* ---- the axis of time ---- */

static void weekends(struct mk *m, const struct chart_bands *bands,
                     const struct scale *scale)
{
    for (size_t i = 0; i < bands->n_days; i++) {
        int32_t day = bands->days[i].day, weekday = chart_date_of(day).weekday;
        bool is_both = weekday == 5 && i + 1 < bands->n_days;
        bool is_second = weekday == 6 && i > 0;
        if (weekday < 5 || is_second)
            continue;
        svg_rect(m, "weekend", left_of(bands, scale, day), STEPS_TOP,
                 is_both ? 2 * scale->width : scale->width, AXIS_TOP - STEPS_TOP);
    }
}

/* Each day, or each Monday, or the first of each month. */
static bool is_ticked(const struct chart_bands *bands, size_t i)
{
    struct chart_date date = chart_date_of(bands->days[i].day);
    if (bands->n_days <= WIDE_DAYS)
        return true;
    return bands->n_days <= NARROW_DAYS ? date.weekday == 0 : date.of_month == 1;
}

static void axis(struct mk *m, const struct chart_bands *bands,
                 const struct scale *scale)
{
    bool is_wide = bands->n_days <= WIDE_DAYS;
    bool is_of_months = bands->n_days > NARROW_DAYS;
    enum chart_date_style style = is_wide        ? CHART_DATE_WEEK
                                  : is_of_months ? CHART_MONTH
                                                 : CHART_DATE_MONTH;
    char text[CHART_DATE_MAX];
    for (size_t i = 0; i < bands->n_days; i++) {
        if (!is_ticked(bands, i))
            continue;
        double x = left_of(bands, scale, bands->days[i].day);
        chart_date_format(bands->days[i].day, style, text);
        if (!is_wide)
            svg_line(m, "tick", x, STEPS_TOP, x, AXIS_TOP + 4);
        bool has_room = is_wide || x < (is_of_months ? 96 : 90);
        if (has_room)
            svg_text(m, is_wide ? "middle" : "date",
                     x + (is_wide ? scale->width / 2 : 0), AXIS_TOP + 14, text);
    }
    svg_line(m, "base", 0, AXIS_TOP, 100, AXIS_TOP);
}

/* ---- steps ---- */

void chart_day_words(const struct chart_day *day, char out[static CHART_DAY_WORDS_MAX])
{
    enum { size = CHART_DAY_WORDS_MAX };
    char date[CHART_DATE_MAX], steps[SW_COUNT_TEXT_MAX], rest[SW_LENGTH_TEXT_MAX];
    chart_date_format(day->day, CHART_DATE_YEARLESS, date);
    if (!day->has_row) {
        snprintf(out, size, W_CHART_DAY_EMPTY, date);
        return;
    }
    sw_count_format(day->row.steps, steps);
    sw_length_format(day->row.longest_rest_min, rest);
    if (day->row.valid)
        snprintf(out, size, W_CHART_DAY_WORDS, date, steps, day->row.coverage_pct,
                 rest);
    else
        snprintf(out, size, W_CHART_DAY_PART_WORDS, date, steps, day->row.coverage_pct,
                 rest);
}

static void day_of_steps(struct mk *m, const struct chart_bands *bands,
                         const struct scale *scale, size_t i)
{
    const struct chart_day *day = &bands->days[i];
    double gap = bands->n_days > APART_DAYS ? 0 : .1;
    double x = left_of(bands, scale, day->day) + scale->width * gap;
    double width = scale->width * (1 - 2 * gap), y = steps_y(scale, day->row.steps);
    bool is_enough = day->has_row && day->row.valid;
    char title[CHART_DAY_WORDS_MAX];
    if (day->is_before)
        return;
    chart_day_words(day, title);
    mk_open(m, "g");
    mk_element(m, "title", title);
    if (!is_enough) {
        svg_open_rect(m, "too-little", x, STEPS_TOP, width, STEPS_HIGH);
        svg_paint(m, "fill", ID, "void");
        mk_close(m);
    }
    if (day->has_row && day->row.steps > 0)
        svg_rect(m, is_enough ? "walked" : "walked partial", x, y, width,
                 STEPS_TOP + STEPS_HIGH - y);
    if (day->has_row)
        svg_rect(m, is_enough ? "known" : "known partial", x,
                 DATA_TOP + DATA_HIGH * (1 - day->row.coverage_pct / 100.0), width,
                 DATA_HIGH * day->row.coverage_pct / 100.0);
    mk_close(m);
}

/* Upright beside its column there is room for it, lying there is none. */
static void coverage_of(struct mk *m, const struct chart_bands *bands,
                        const struct scale *scale, size_t i)
{
    const struct chart_day *day = &bands->days[i];
    if (day->is_before || (day->has_row && day->row.valid))
        return;
    mk_open(m, "svg");
    mk_attrf(m, "x", "%.2f%%", left_of(bands, scale, day->day) + scale->width / 2);
    mk_attr_int(m, "y", STEPS_TOP + 4);
    mk_attr(m, "class", "upright");
    mk_open(m, "text");
    mk_attr(m, "transform", "rotate(-90)");
    mk_attr(m, "dy", ".35em");
    if (!day->has_row)
        mk_text(m, W_UNKNOWN);
    else if (day->is_running)
        mk_text(m, W_CHART_SO_FAR);
    else
        mk_textf(m, W_CHART_PERCENT, day->row.coverage_pct);
    mk_close(m);
    mk_close(m);
}

/* What a plan limits, and how its line looks. */
struct limit {
    const char *class, *word;
    int32_t (*of)(const struct sw_plan *plan);
    double (*y)(const struct scale *scale, int64_t value);
};

static int32_t goal_of(const struct sw_plan *plan)
{
    return plan->goal;
}
static int32_t floor_of(const struct sw_plan *plan)
{
    return plan->floor;
}
static int32_t ceiling_of(const struct sw_plan *plan)
{
    return plan->ceiling;
}
static int32_t rest_limit_of(const struct sw_plan *plan)
{
    return plan->rest_limit_min;
}

/* Where the labels of the band stand already. */
struct taken {
    double x, y;
};

/* A stretch of days on which the plan says the same: its name stands where it begins, or
 * before its end if it is short, unless another one stands there. */
static void limit_label(struct mk *m, const struct limit *limit, int32_t value,
                        struct taken place, struct taken *taken, size_t *n_taken)
{
    char number[SW_COUNT_TEXT_MAX], text[64];
    for (size_t i = 0; i < *n_taken; i++)
        if (fabs(taken[i].y - place.y) < LABEL_ROOM &&
            fabs(taken[i].x - place.x) < LABEL_WIDE)
            return;
    if (*n_taken < LABELS_MAX)
        taken[(*n_taken)++] = place;
    if (limit->of == rest_limit_of)
        sw_length_format(value, number);
    else
        sw_count_format(value, number);
    snprintf(text, sizeof text, "%s %s", limit->word, number);
    svg_text(m, place.x > LABEL_LAST ? "end halo" : "halo", place.x, place.y - 3, text);
}

static void limit_line(struct mk *m, const struct chart_bands *bands,
                       const struct scale *scale, const struct limit *limit,
                       struct taken *taken, size_t *n_taken)
{
    size_t from = 0;
    for (size_t i = 1; i <= bands->n_days; i++) {
        int32_t value = limit->of(bands->days[from].plan);
        if (i < bands->n_days && limit->of(bands->days[i].plan) == value)
            continue;
        double y = limit->y(scale, value);
        double x1 = (double)from * scale->width, x2 = (double)i * scale->width;
        bool has_room = i == bands->n_days || x2 - x1 > 100 - LABEL_LAST;
        from = i;
        if (value == 0)
            continue;
        svg_line(m, limit->class, x1, y, x2, y);
        if (has_room)
            limit_label(m, limit, value, (struct taken){x1 > LABEL_LAST ? 100 : x1, y},
                        taken, n_taken);
    }
}

static void band_of_steps(struct mk *m, const struct chart_bands *bands,
                          const struct scale *scale)
{
    static const struct limit limits[] = {
        {"goal", W_CHART_GOAL, goal_of, steps_y},
        {"ceiling", W_CHART_CEILING, ceiling_of, steps_y},
        {"floor", W_CHART_FLOOR, floor_of, steps_y},
    };
    struct taken taken[LABELS_MAX];
    size_t n_taken = 0;
    char number[SW_COUNT_TEXT_MAX];
    svg_text(m, "band", 0, STEPS_TOP - 8, W_CHART_BAND_STEPS);
    svg_line(m, "base", 0, steps_y(scale, 0), 100, steps_y(scale, 0));
    for (int64_t part = 1; part <= 2; part++) {
        double y = steps_y(scale, scale->steps * part / 2);
        svg_line(m, "gridline", 0, y, 100, y);
        sw_count_format(scale->steps * part / 2, number);
        svg_left(m, y + 4, number);
    }
    for (size_t i = 0; i < bands->n_days; i++)
        day_of_steps(m, bands, scale, i);
    svg_left(m, DATA_TOP + DATA_HIGH, W_CHART_BAND_DATA);
    for (size_t i = 0; bands->n_days <= NARROW_DAYS && i < bands->n_days; i++)
        coverage_of(m, bands, scale, i);
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        limit_line(m, bands, scale, &limits[i], taken, &n_taken);
}

/* ---- rests ---- */

static void day_of_rests(struct mk *m, const struct chart_bands *bands,
                         const struct scale *scale, size_t i)
{
    const struct chart_day *day = &bands->days[i];
    double x = left_of(bands, scale, day->day), width = scale->width;
    int32_t rest_min = day->row.longest_rest_min, limit = day->plan->rest_limit_min;
    if (!day->has_row)
        return;
    double y = rest_y(scale, rest_min), high = COUNT_HIGH * day->row.rests_60;
    char title[CHART_DAY_WORDS_MAX];
    chart_day_words(day, title);
    mk_open(m, "g");
    mk_element(m, "title", title);
    if (rest_min > 0)
        svg_rect(m, rest_min >= limit ? "resting long" : "resting", x + width * .25, y,
                 width * .5, REST_TOP + REST_HIGH - y);
    if (bands->n_days > NARROW_DAYS && day->row.rests_60 > 0)
        svg_rect(m, "resting", x + width * .25,
                 COUNT_TOP + COUNT_HIGH - high / scale->rests, width * .5,
                 high / scale->rests);
    if (bands->n_days <= NARROW_DAYS) {
        svg_open_text(m, "count middle", x + width / 2, COUNT_TOP + COUNT_HIGH - 3);
        mk_textf(m, "%d", day->row.rests_60);
        mk_close(m);
    }
    mk_close(m);
}

static void band_of_rests(struct mk *m, const struct chart_bands *bands,
                          const struct scale *scale)
{
    static const struct limit limit = {"limit", W_CHART_LIMIT, rest_limit_of, rest_y};
    int32_t tick =
        scale->rest_min > 3 * REST_TICK_MIN ? 2 * REST_TICK_MIN : REST_TICK_MIN;
    struct taken taken[LABELS_MAX];
    size_t n_taken = 0;
    char text[64];
    svg_text(m, "band", 0, REST_TOP - 8, W_CHART_BAND_RESTS);
    for (int32_t minutes = 0; minutes <= scale->rest_min; minutes += tick) {
        double y = rest_y(scale, minutes);
        svg_line(m, minutes == 0 ? "base" : "gridline", 0, y, 100, y);
        snprintf(text, sizeof text, W_CHART_HOURS, minutes / 60);
        svg_left(m, y + 4, text);
    }
    svg_left(m, COUNT_TOP + COUNT_HIGH - 3, W_CHART_BAND_COUNT);
    for (size_t i = 0; i < bands->n_days; i++)
        day_of_rests(m, bands, scale, i);
    limit_line(m, bands, scale, &limit, taken, &n_taken);
}

/* ---- pain ---- */

static double pain_y(double score)
{
    return PAIN_TOP + PAIN_HIGH * (1 - score / PAIN_MAX);
}

static void use_mark(struct mk *m, const char *mark, double x, double y,
                     const char *title)
{
    mk_open(m, "use");
    mk_attrf(m, "href", "#" ID "-%s", mark);
    mk_attrf(m, "x", "%.2f%%", x);
    mk_attrf(m, "y", "%.1f", y);
    mk_element(m, "title", title);
    mk_close(m);
}

static void band_of_pain(struct mk *m, const struct chart_bands *bands,
                         const struct scale *scale)
{
    char title[96], date[CHART_DATE_MAX];
    svg_text(m, "band", 0, PAIN_TOP - 8, W_CHART_BAND_PAIN);
    for (int score = 0; score <= PAIN_MAX; score += PAIN_MAX / 2) {
        svg_line(m, score == 0 ? "base" : "gridline", 0, pain_y(score), 100,
                 pain_y(score));
        snprintf(title, sizeof title, "%d", score);
        svg_left(m, pain_y(score) + 4, title);
    }
    for (size_t i = 0; i < bands->n_pains; i++) {
        const struct chart_pain *pain = &bands->pains[i];
        double x =
            left_of(bands, scale, pain->day) + scale->width * pain->minute / DAY_MIN;
        chart_date_format(pain->day, CHART_DATE_YEARLESS, date);
        if (pain->flare)
            snprintf(title, sizeof title, W_CHART_FLARE_WORDS, date, pain->score);
        else
            snprintf(title, sizeof title, W_CHART_PAIN_WORDS, date, pain->score);
        use_mark(m, pain->flare ? "flare" : "pain", x, pain_y(pain->score), title);
    }
    if (bands->n_pains == 0)
        svg_text(m, "none", 0, PAIN_TOP + PAIN_HIGH / 2 + 4, W_CHART_NO_PAIN);
}

/* ---- events ---- */

static const struct {
    const char *name, *path;
    int lane;
} marks[CHART_MARKS] = {
    [CHART_MARK_PLAN] = {"plan", "M-1-6h2v12h-2zM1-6h7l-2 3 2 3h-7z", 0},
    [CHART_MARK_DEVICE] = {"device", "M-4-5h8v10h-8zM-2-3v6h4v-6z", 3},
    [CHART_MARK_CONTACT] = {"contact", "M-6-5h12v7h-6l-4 4v-4h-2z", 2},
    [CHART_MARK_LOW] = {"low", "M0-5l5 9h-10z", 1},
    [CHART_MARK_MEDIUM] = {"medium", "M0-6l6 6-6 6-6-6z", 1},
};

static void define_mark(struct mk *m, const char *name, const char *path)
{
    mk_open(m, "path");
    mk_attrf(m, "id", ID "-%s", name);
    mk_attrf(m, "class", "mark %s", name);
    mk_attr(m, "d", path);
    mk_close(m);
}

static void define(struct mk *m)
{
    mk_open(m, "defs");
    svg_hatch(m, ID, "void", false);
    for (size_t i = 0; i < CHART_MARKS; i++)
        define_mark(m, marks[i].name, marks[i].path);
    define_mark(m, "pain", "M-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z");
    define_mark(m, "flare", "M0-7l2 4 5-1-3 4 3 4-5-1-2 4-2-4-5 1 3-4-3-4 5 1z");
    mk_close(m);
}

/* Of so many days the marks would hide each other: a column for each week's alerts. */
static void weeks_of_alerts(struct mk *m, const struct chart_bands *bands,
                            const struct scale *scale)
{
    enum { WEEK_DAYS = 7, FULL = 14, FLOOR_Y = LANE_TOP + 2 * LANE_HIGH };
    for (size_t first = 0; first < bands->n_days; first += WEEK_DAYS) {
        int32_t from = bands->days[first].day;
        double n = 0, x = left_of(bands, scale, from) + scale->width;
        char title[64], date[CHART_DATE_MAX];
        for (size_t i = 0; i < bands->n_events; i++)
            n += bands->events[i].mark >= CHART_MARK_LOW &&
                 bands->events[i].day >= from &&
                 bands->events[i].day < from + WEEK_DAYS;
        double high = (n < FULL ? n : FULL) * (LANE_HIGH - 2) / FULL;
        if (n == 0)
            continue;
        chart_date_format(from, CHART_DATE_MONTH, date);
        snprintf(title, sizeof title, W_CHART_WEEK_ALERTS, date, (int)n);
        svg_open_rect(m, "week-alerts", x, FLOOR_Y - high,
                      scale->width * (WEEK_DAYS - 2), high);
        mk_element(m, "title", title);
        mk_close(m);
    }
}

static void band_of_events(struct mk *m, const struct chart_bands *bands,
                           const struct scale *scale)
{
    static const char *const lanes[N_LANES] = {W_CHART_LANE_PLAN, W_CHART_LANE_ALERTS,
                                               W_CHART_LANE_CONTACT,
                                               W_CHART_LANE_DEVICE};
    for (int lane = 0; lane < N_LANES; lane++) {
        double y = LANE_TOP + LANE_HIGH * lane;
        svg_line(m, "gridline", 0, y, 100, y);
        svg_left(m, y + LANE_HIGH - 5, lanes[lane]);
    }
    bool is_by_week = chart_bands_counts_alerts(bands->n_days);
    if (is_by_week)
        weeks_of_alerts(m, bands, scale);
    for (size_t i = 0; i < bands->n_events; i++) {
        const struct chart_event *event = &bands->events[i];
        if (is_by_week && event->mark >= CHART_MARK_LOW)
            continue;
        double x =
            left_of(bands, scale, event->day) + scale->width * event->minute / DAY_MIN;
        use_mark(m, marks[event->mark].name, x,
                 LANE_TOP + LANE_HIGH * marks[event->mark].lane + LANE_HIGH / 2.0,
                 event->text);
    }
}

bool chart_bands_counts_alerts(size_t n_days)
{
    return n_days > APART_DAYS;
}

/* ---- all of it ---- */

void chart_bands(struct mk *m, const struct chart_bands *bands)
{
    if (bands->n_days == 0)
        return;
    struct scale scale = scale_of(bands);
    char from[CHART_DATE_MAX], to[CHART_DATE_MAX], label[128];
    chart_date_format(bands->days[0].day, CHART_DATE_FULL, from);
    chart_date_format(bands->days[bands->n_days - 1].day, CHART_DATE_FULL, to);
    snprintf(label, sizeof label, W_CHART_BANDS_LABEL, from, to);
    svg_open(m, ID, HIGH, label);
    describe(m, bands);
    define(m);
    weekends(m, bands, &scale);
    axis(m, bands, &scale);
    band_of_steps(m, bands, &scale);
    band_of_rests(m, bands, &scale);
    band_of_pain(m, bands, &scale);
    band_of_events(m, bands, &scale);
    mk_close(m);
}
