/* strip.c -- draws the wake window of a day, and says it in words.
 * What a cell is, is core/strip.c's business. A strip is a path for each class, and not
 * a rectangle for each cell: a page has a hundred of them. */
#include "chart/strip.h"

#include <string.h>

#include "chart/path.h"
#include "chart/words.h"
#include "stepward/day.h"
#include "util/line.h"

enum {
    CELL_W = 12, /* units of the drawing, which scales with the page */
    TOP = 2,
    HEIGHT = 24,
    BOTTOM = TOP + HEIGHT,
    AXIS_Y = 37, /* the baseline of the hours */
    DRAWN_H = 39,
    PATH_MAX_BYTES = (SW_STRIP_MAX + 4) * 24,
    HOUR = 60,
};

/* What a letter looks like: it fills its cell from the bottom up to a height. */
struct look {
    char letter;
    const char *class, *word;
    int height;
};
static const struct look looks[] = {
    {'-', "k", W_UNKNOWN, HEIGHT},
    {'u', "u", W_UNWORN, HEIGHT},
    {'s', "s", W_STILL, HEIGHT * 7 / 12},
    {'a', "a", W_ACTIVE, HEIGHT},
};
enum { N_LOOKS = sizeof looks / sizeof *looks };

/* How many cells from the first on have the same letter. */
static size_t run_length(const char *cells)
{
    size_t n = 1;
    while (*cells && cells[n] == *cells)
        n++;
    return n;
}

static void draw_class(struct mk *m, const struct chart_strip *strip,
                       const struct look *look)
{
    char text[PATH_MAX_BYTES];
    struct chart_path path = chart_path(text, sizeof text);
    size_t n;
    for (const char *at = strip->cells; *at; at += n) {
        n = run_length(at);
        if (*at == look->letter)
            chart_path_box(&path, (int)(at - strip->cells) * CELL_W,
                           BOTTOM - look->height, (int)n * CELL_W, look->height);
    }
    chart_path_draw(m, &path, look->class);
}

/* Of so many minutes. */
static double width_of(int32_t minutes)
{
    return (double)minutes * CELL_W / SW_STRIP_CELL_MIN;
}

static void draw_rest(struct mk *m, const struct chart_strip *strip)
{
    if (strip->rest_to_min <= strip->rest_from_min)
        return;
    mk_open(m, "rect");
    mk_attr(m, "class", "r");
    mk_attrf(m, "x", "%.1f", width_of(strip->rest_from_min));
    mk_attr_int(m, "y", TOP);
    mk_attrf(m, "width", "%.1f", width_of(strip->rest_to_min - strip->rest_from_min));
    mk_attr_int(m, "height", HEIGHT);
    mk_close(m);
}

static const char *const hours[] = {"0",  "1",  "2",  "3",  "4",  "5",  "6",  "7",
                                    "8",  "9",  "10", "11", "12", "13", "14", "15",
                                    "16", "17", "18", "19", "20", "21", "22", "23"};

/* A notch and a number at each third hour. */
static void draw_hours(struct mk *m, const struct chart_strip *strip, int32_t n_min)
{
    char text[PATH_MAX_BYTES];
    struct chart_path path = chart_path(text, sizeof text);
    const int32_t every = 3 * HOUR,
                  first = (strip->from_min + every - 1) / every * every;
    const int right = (int)width_of(n_min);
    chart_path_line(&path, 0, BOTTOM, 'h', right);
    for (int32_t at = first; at <= strip->from_min + n_min; at += every)
        chart_path_line(&path, (int)width_of(at - strip->from_min), BOTTOM, 'v', 3);
    chart_path_draw(m, &path, "x");
    for (int32_t at = first; at <= strip->from_min + n_min; at += every) {
        int x = (int)width_of(at - strip->from_min);
        bool is_at_edge = x < CELL_W || x > right - CELL_W;
        if (is_at_edge)
            continue;
        mk_open(m, "text");
        mk_attr_int(m, "x", x);
        mk_attr_int(m, "y", AXIS_Y);
        mk_text(m, hours[at / HOUR % 24]);
        mk_close(m);
    }
}

void chart_strip(struct mk *m, const struct chart_strip *strip)
{
    char words[CHART_STRIP_WORDS_MAX];
    int32_t n_min = (int32_t)strlen(strip->cells) * SW_STRIP_CELL_MIN;
    chart_strip_words(strip, words);
    mk_open(m, "svg");
    mk_attr(m, "class", "strip");
    mk_attrf(m, "viewBox", "0 0 %d %d", (int)width_of(n_min), DRAWN_H);
    mk_attr(m, "role", "img");
    mk_attr(m, "aria-label", words);
    for (size_t i = 0; i < N_LOOKS; i++)
        draw_class(m, strip, &looks[i]);
    draw_hours(m, strip, n_min);
    draw_rest(m, strip);
    mk_close(m);
}

static void hatch(struct mk *m, const char *id)
{
    mk_open(m, "pattern");
    mk_attr(m, "id", id);
    mk_attr(m, "class", id);
    mk_attr_int(m, "width", 4);
    mk_attr_int(m, "height", 4);
    mk_attr(m, "patternUnits", "userSpaceOnUse");
    mk_attr(m, "patternTransform", "rotate(45)");
    mk_open(m, "path");
    mk_attr(m, "d", "M0 0v4");
    mk_close(m);
    mk_close(m);
}

void chart_hatches(struct mk *m)
{
    mk_open(m, "svg");
    mk_attr(m, "class", "hidden");
    mk_attr(m, "aria-hidden", "true");
    hatch(m, "hatch-unworn");
    hatch(m, "hatch-thin");
    mk_close(m);
}

void chart_strip_legend(struct mk *m)
{
    static const struct {
        const char *cells, *word;
        int32_t rest_to_min;
    } shown[] = {{"a", W_ACTIVE, 0},      {"s", W_STILL, 0},
                 {"u", W_UNWORN, 0},      {"-", W_UNKNOWN, 0},
                 {".", W_YET_TO_COME, 0}, {"s", W_RESTED_MARK, 30}};
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        const struct chart_strip strip = {.cells = shown[i].cells,
                                          .rest_to_min = shown[i].rest_to_min};
        mk_open(m, "div");
        mk_open(m, "dt");
        mk_open(m, "svg");
        mk_attr(m, "class", "strip");
        mk_attrf(m, "viewBox", "-1 0 %d %d", CELL_W + 2, BOTTOM + 2);
        mk_attr(m, "aria-hidden", "true");
        for (size_t k = 0; k < N_LOOKS; k++)
            draw_class(m, &strip, &looks[k]);
        draw_hours(m, &strip, SW_STRIP_CELL_MIN);
        draw_rest(m, &strip);
        mk_close(m);
        mk_close(m);
        mk_element(m, "dd", shown[i].word);
        mk_close(m);
    }
}

/* ---- in words ---- */

enum { SPAN_TEXT_MAX = 2 * SW_HHMM_LEN + 4 };

/* "09:00–10:30", of minutes of the strip. */
static void strip_span(const struct chart_strip *strip, int32_t from, int32_t to,
                       char out[static SPAN_TEXT_MAX])
{
    if (to > strip->window_min)
        to = strip->window_min;
    sw_hhmm_format((strip->from_min + from) % (24 * HOUR), out);
    strcat(out, "–");
    sw_hhmm_format(strip->from_min + to > 24 * HOUR ? 24 * HOUR : strip->from_min + to,
                   out + strlen(out));
}

void chart_strip_words(const struct chart_strip *strip,
                       char out[static CHART_STRIP_WORDS_MAX])
{
    struct sw_line line = sw_line(out, CHART_STRIP_WORDS_MAX);
    char span[SPAN_TEXT_MAX];
    const char *separator = ": ";
    size_t n;
    strip_span(strip, 0, strip->window_min, span);
    sw_line_add(&line, "%s", span);
    for (const char *at = strip->cells; *at; at += n) {
        int32_t from = (int32_t)(at - strip->cells) * SW_STRIP_CELL_MIN;
        n = run_length(at);
        for (size_t i = 0; i < N_LOOKS; i++) {
            if (looks[i].letter != *at)
                continue;
            strip_span(strip, from, from + (int32_t)n * SW_STRIP_CELL_MIN, span);
            sw_line_add(&line, "%s%s %s", separator, looks[i].word, span);
            separator = ", ";
        }
    }
    if (strip->rest_to_min > strip->rest_from_min) {
        strip_span(strip, strip->rest_from_min, strip->rest_to_min, span);
        sw_line_add(&line, "; %s %s", W_RESTED, span);
    }
}
