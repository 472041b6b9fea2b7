/* row.c -- draws the small charts of a row, and says them in words. */
#include "chart/row.h"

#include "chart/path.h"
#include "chart/words.h"
#include "util/line.h"
#include "util/number.h"

/* ---- steps ---- */

enum {
    BAR_W = 100,
    BAR_TOP = 4, /* above and below it the marks stand out */
    BAR_H = 8,
    DRAWN_H = 16,
    LABEL_MAX = 240,
};

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_limit(struct sw_line *line, const char *word, int64_t limit)
{
    char text[SW_COUNT_TEXT_MAX];
    sw_count_format(limit, text);
    if (limit > 0)
        sw_line_add(line, ", %s %s", word, text);
}

/* A mark over the bar's height and a little more: up for what should be reached, down
 * for what should not be passed. */
static void bar_add_mark(struct chart_path *path, int64_t limit, int64_t full,
                         int from_y, int height)
{
    if (limit > 0)
        chart_path_line(path, (int)(limit * BAR_W / full), from_y, 'v', height);
}

static void bar_draw_box(struct mk *m, int width, const char *class)
{
    char text[96];
    struct chart_path path = chart_path(text, sizeof text);
    chart_path_box(&path, 0, BAR_TOP, width, BAR_H);
    chart_path_draw(m, &path, class);
}

void chart_steps(struct mk *m, const struct chart_steps *steps)
{
    char label[LABEL_MAX], text[SW_COUNT_TEXT_MAX], marks_text[256];
    int64_t full = larger(larger(steps->goal, steps->floor), steps->ceiling);
    struct sw_line line = sw_line(label, sizeof label);
    struct chart_path marks = chart_path(marks_text, sizeof marks_text);
    if (full == 0)
        return;
    sw_count_format(steps->steps, text);
    sw_line_add(&line, W_N_STEPS, text);
    add_limit(&line, W_GOAL, steps->goal);
    add_limit(&line, W_FLOOR, steps->floor);
    add_limit(&line, W_CEILING, steps->ceiling);
    full = larger(full, steps->steps);
    bar_add_mark(&marks, steps->goal, full, 0, DRAWN_H);
    bar_add_mark(&marks, steps->floor, full, BAR_TOP + BAR_H,
                 DRAWN_H - BAR_TOP - BAR_H);
    bar_add_mark(&marks, steps->ceiling, full, 0, BAR_TOP);
    mk_open(m, "svg");
    mk_attr(m, "class", "steps");
    mk_attrf(m, "viewBox", "-1 0 %d %d", BAR_W + 2, DRAWN_H);
    mk_attr(m, "role", "img");
    mk_attr(m, "aria-label", label);
    bar_draw_box(m, BAR_W, "t");
    bar_draw_box(m, (int)(steps->steps * BAR_W / full), "a");
    chart_path_draw(m, &marks, "l");
    mk_close(m);
}

/* ---- squares ---- */

enum { SQUARE = 10, STRIDE = 14 };

static const struct {
    const char *class, *word;
} squares_look[CHART_SQUARES] = {
    [CHART_SQUARE_NO_DATA] = {"k", W_UNKNOWN},
    [CHART_SQUARE_THIN] = {"h", W_NOT_ENOUGH},
    [CHART_SQUARE_BELOW] = {"b", W_BELOW},
    [CHART_SQUARE_MET] = {"a", W_MET},
    [CHART_SQUARE_NO_GOAL] = {"n", W_NO_GOAL},
    [CHART_SQUARE_SO_FAR] = {"o", W_SO_FAR},
};

/* "7 days: goal met 3, below 2, not enough data 2" */
static void squares_label(struct mk *m, const enum chart_square *squares, size_t n)
{
    char label[LABEL_MAX];
    struct sw_line line = sw_line(label, sizeof label);
    int counts[CHART_SQUARES] = {0};
    const char *separator = ": ";
    for (size_t i = 0; i < n; i++)
        counts[squares[i]]++;
    sw_line_add(&line, W_N_DAYS, (int)n);
    for (int i = CHART_SQUARES - 1; i >= 0; i--) {
        if (counts[i] == 0)
            continue;
        sw_line_add(&line, "%s%s %d", separator, squares_look[i].word, counts[i]);
        separator = ", ";
    }
    mk_attr(m, "aria-label", label);
}

static void add_square(struct chart_path *path, enum chart_square square, int x)
{
    if (square == CHART_SQUARE_NO_GOAL)
        chart_path_box(path, x + 3, 4, 4, 4);
    else
        chart_path_box(path, x, 1, SQUARE, SQUARE);
    if (square == CHART_SQUARE_SO_FAR)
        chart_path_line(path, x, 6, 'h', SQUARE);
}

void chart_squares(struct mk *m, const enum chart_square *squares, size_t n)
{
    mk_open(m, "svg");
    mk_attr(m, "class", "week");
    mk_attrf(m, "viewBox", "0 0 %d 12", (int)n * STRIDE);
    mk_attr(m, "role", "img");
    squares_label(m, squares, n);
    for (int look = 0; look < CHART_SQUARES; look++) {
        char text[512];
        struct chart_path path = chart_path(text, sizeof text);
        for (size_t i = 0; i < n; i++)
            if (squares[i] == (enum chart_square)look)
                add_square(&path, squares[i], (int)i * STRIDE + 2);
        chart_path_draw(m, &path, squares_look[look].class);
    }
    mk_close(m);
}

void chart_squares_legend(struct mk *m)
{
    for (enum chart_square square = 0; square < CHART_SQUARES; square++) {
        mk_open(m, "div");
        mk_open(m, "dt");
        chart_squares(m, &square, 1);
        mk_close(m);
        mk_element(m, "dd", squares_look[square].word);
        mk_close(m);
    }
}
