/* minutes.c -- every minute of a day, in four pieces of six hours by the clock. On a day
 * when the clocks change a piece has an hour less, or more. */
#include "chart/minutes.h"

#include <stdio.h>
#include <string.h>

#include "chart/dates.h"
#include "chart/svg.h"
#include "chart/words.h"
#include "util/number.h"

enum {
    N_PIECES = 4,
    PIECE_MIN = 6 * 60,
    HOUR_MIN = 60,
    REST_TOP = 16, /* of the bracket; its length stands above */
    STEPS_TOP = 24,
    STEPS_HIGH = 72,
    STEPS_LEAST = 120, /* the axis reaches at least so far: a brisk walk */
    CLASS_TOP = STEPS_TOP + STEPS_HIGH + 4,
    CLASS_HIGH = 14,
    DEVICE_TOP = CLASS_TOP + CLASS_HIGH + 4,
    DEVICE_HIGH = 16,
    AXIS_ROOM = 18,
    REST_SHOWN_MIN = 15,
    TO_COME_MIN = 90, /* so much has room for its word */
    LENGTH_MIN = 30,  /* shorter ones have no room for their length on a phone */
    SVG_ID_MAX = 24,
};

struct piece {
    int32_t from, to; /* minutes of the day */
    char id[SVG_ID_MAX];
};

static double piece_x(const struct piece *piece, int32_t minute)
{
    return (minute - piece->from) * 100.0 / (piece->to - piece->from);
}

/* ---- the parts of a piece ---- */

static void steps(struct mk *m, const struct chart_minutes *minutes,
                  const struct piece *piece, int32_t most)
{
    struct svg_path path = {0};
    double brisk = STEPS_TOP + STEPS_HIGH * (1 - (double)SW_BRISK_STEPS / most);
    svg_line(m, "gridline", 0, brisk, 100, brisk);
    svg_left(m, brisk + 4, "100");
    svg_left(m, STEPS_TOP + STEPS_HIGH, "0");
    for (int32_t i = piece->from; i < piece->to; i++) {
        double high = (double)minutes->day->minutes[i].steps * STEPS_HIGH / most;
        if (high > 0)
            svg_path_add(&path, "M%d %dv-%.1f", i - piece->from, STEPS_HIGH, high);
    }
    svg_open_stretched(m, STEPS_TOP, STEPS_HIGH, piece->to - piece->from);
    if (svg_path_open(m, &path, "walked")) {
        mk_attr(m, "transform", "translate(.5)");
        mk_close(m);
    }
    mk_close(m);
    svg_line(m, "base", 0, STEPS_TOP + STEPS_HIGH, 100, STEPS_TOP + STEPS_HIGH);
}

static void class_run(struct mk *m, const struct chart_minutes *minutes,
                      const struct piece *piece, enum sw_minute_class class)
{
    struct svg_path path = {0};
    int32_t end = piece->to < minutes->n_begun ? piece->to : minutes->n_begun;
    for (int32_t from = piece->from, i = from; i <= end; i++) {
        bool is_it = i < end && minutes->day->minutes[i].class == class;
        if (is_it)
            continue;
        if (i > from)
            svg_path_add(&path, "M%d %dh%d", from - piece->from, CLASS_HIGH / 2,
                         i - from);
        from = i + 1;
    }
    if (!svg_path_open(m, &path, sw_minute_class_name(class)))
        return;
    if (class == SW_MINUTE_UNWORN)
        svg_paint(m, "stroke", piece->id, "unworn");
    if (class != SW_MINUTE_UNKNOWN)
        mk_attr_int(m, "stroke-width", CLASS_HIGH);
    mk_close(m);
}

static void classes(struct mk *m, const struct chart_minutes *minutes,
                    const struct piece *piece)
{
    svg_open_stretched(m, CLASS_TOP, CLASS_HIGH, piece->to - piece->from);
    for (int class = SW_MINUTE_UNKNOWN; class <= SW_MINUTE_ACTIVE; class ++)
        class_run(m, minutes, piece, (enum sw_minute_class) class);
    mk_close(m);
}

/* The length is that of the whole rest, also of one that a piece's edge cuts: an arrow
 * says so. A part without room for it is named by the other. */
static void rest_length(struct mk *m, const struct piece *piece, struct sw_rest rest,
                        int32_t begin, int32_t end)
{
    char length[24];
    bool is_most = 2 * (end - begin) >= sw_rest_min(rest);
    if (sw_rest_min(rest) < LENGTH_MIN || (!is_most && end - begin < LENGTH_MIN))
        return;
    snprintf(length, sizeof length, "%s%d:%02d%s", rest.from < begin ? "\u2039 " : "",
             sw_rest_min(rest) / HOUR_MIN, sw_rest_min(rest) % HOUR_MIN,
             rest.to >= end ? " \u203a" : "");
    svg_text(m, "middle", (piece_x(piece, begin) + piece_x(piece, end)) / 2,
             REST_TOP - 5, length);
}

static void rests(struct mk *m, const struct chart_minutes *minutes,
                  const struct piece *piece)
{
    struct sw_rest rest;
    for (int32_t from = 0;
         sw_day_next_rest(minutes->day, from, &rest) && rest.from < piece->to;
         from = rest.to + 1) {
        int32_t begin = rest.from > piece->from ? rest.from : piece->from;
        int32_t end = rest.to < piece->to ? rest.to + 1 : piece->to;
        bool is_long = sw_rest_min(rest) >= minutes->rest_limit_min;
        if (sw_rest_min(rest) < REST_SHOWN_MIN || end <= begin)
            continue;
        svg_line(m, is_long ? "resting long" : "resting", piece_x(piece, begin),
                 REST_TOP, piece_x(piece, end), REST_TOP);
        rest_length(m, piece, rest, begin, end);
    }
}

/* Nothing is known of the hours to come: a word stands in their place. */
static void to_come(struct mk *m, const struct chart_minutes *minutes,
                    const struct piece *piece)
{
    int32_t from = minutes->n_begun > piece->from ? minutes->n_begun : piece->from;
    if (piece->to - from >= TO_COME_MIN)
        svg_text(m, "to-come middle", (piece_x(piece, from) + 100) / 2,
                 CLASS_TOP + CLASS_HIGH - 3, W_YET_TO_COME);
}

static void devices(struct mk *m, const struct chart_minutes *minutes,
                    const struct piece *piece)
{
    for (size_t i = 0; i < minutes->n_devices; i++) {
        const struct chart_span *span = &minutes->devices[i];
        int32_t from = span->from > piece->from ? span->from : piece->from;
        int32_t to = span->to < piece->to ? span->to : piece->to;
        if (from >= to)
            continue;
        svg_line(m, "device", piece_x(piece, from), DEVICE_TOP + 1, piece_x(piece, to),
                 DEVICE_TOP + 1);
        svg_text(m, "", piece_x(piece, from), DEVICE_TOP + 13, span->name);
    }
}

static void piece_axis(struct mk *m, const struct chart_clock *clock,
                       const struct piece *piece, int y)
{
    for (int32_t i = piece->from; i <= piece->to; i++) {
        int32_t local = chart_clock_at(clock, i);
        bool is_end = i == piece->to;
        bool is_hour =
            local % HOUR_MIN == 0 ||
            (is_end && chart_clock_at(clock, i - 1) % HOUR_MIN == HOUR_MIN - 1);
        char text[16];
        if (!is_hour)
            continue;
        double x = piece_x(piece, i);
        snprintf(text, sizeof text, "%02d",
                 (is_end ? chart_clock_at(clock, i - 1) + 1 : local) / HOUR_MIN);
        svg_line(m, "tick", x, STEPS_TOP, x, y + 3);
        svg_text(m, "middle", x, y + 14, text);
    }
}

/* ---- all of it ---- */

static void piece_words(const struct chart_minutes *minutes, const struct piece *piece,
                        struct mk *m)
{
    int32_t counts[SW_MINUTE_ACTIVE + 1] = {0};
    int64_t sum = 0;
    char words[200], number[SW_COUNT_TEXT_MAX];
    for (int32_t i = piece->from; i < piece->to; i++) {
        counts[minutes->day->minutes[i].class] += i < minutes->n_begun;
        sum += minutes->day->minutes[i].steps;
    }
    if (piece->from >= minutes->n_begun) {
        svg_describe(m, piece->id, W_YET_TO_COME);
        return;
    }
    sw_count_format(sum, number);
    snprintf(words, sizeof words, W_CHART_PIECE_WORDS, number, counts[SW_MINUTE_ACTIVE],
             counts[SW_MINUTE_STILL], counts[SW_MINUTE_UNWORN],
             counts[SW_MINUTE_UNKNOWN]);
    svg_describe(m, piece->id, words);
}

static void draw_piece(struct mk *m, const struct chart_minutes *minutes,
                       const struct chart_clock *clock, const struct piece *piece,
                       int32_t most)
{
    int axis_y =
        minutes->n_devices > 0 ? DEVICE_TOP + DEVICE_HIGH : CLASS_TOP + CLASS_HIGH;
    char from[SW_HHMM_LEN + 1], to[SW_HHMM_LEN + 1], label[64];
    sw_hhmm_format(chart_clock_at(clock, piece->from), from);
    sw_hhmm_format(chart_clock_at(clock, piece->to - 1) + 1, to);
    snprintf(label, sizeof label, W_CHART_PIECE_LABEL, from, to);
    svg_open(m, piece->id, axis_y + AXIS_ROOM, label);
    piece_words(minutes, piece, m);
    mk_open(m, "defs");
    svg_hatch(m, piece->id, "unworn", false);
    mk_close(m);
    piece_axis(m, clock, piece, axis_y);
    steps(m, minutes, piece, most);
    classes(m, minutes, piece);
    to_come(m, minutes, piece);
    rests(m, minutes, piece);
    devices(m, minutes, piece);
    mk_close(m);
}

void chart_minutes(struct mk *m, const struct chart_minutes *minutes)
{
    const struct sw_day *day = minutes->day;
    struct chart_clock clock =
        chart_clock_of(minutes->zone, day->begin_s, day->n_minutes);
    int32_t most = STEPS_LEAST, from = 0;
    for (int32_t i = 0; i < day->n_minutes; i++)
        most = day->minutes[i].steps > most ? day->minutes[i].steps : most;
    for (int i = 0; i < N_PIECES; i++) {
        struct piece piece = {.from = from, .to = from};
        snprintf(piece.id, sizeof piece.id, "minutes-%d", i + 1);
        while (piece.to < day->n_minutes &&
               (i == N_PIECES - 1 ||
                chart_clock_at(&clock, piece.to) < (i + 1) * PIECE_MIN))
            piece.to++;
        if (piece.to > piece.from)
            draw_piece(m, minutes, &clock, &piece, most);
        from = piece.to;
    }
}
