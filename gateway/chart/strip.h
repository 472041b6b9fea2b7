/* strip.h -- the wake window of a day at a glance, as SVG.
 *
 *     chart_hatches(m);                    // once in a page, before the first strip
 *     struct chart_strip strip = {.cells = "sssaa-uus…", .from_min = 8 * 60, …};
 *     chart_strip(m, &strip);
 *
 * What moved stands tallest, what was still is half as tall, what was not worn is
 * hatched, what is unknown has a dotted edge and nothing in it, and what is yet to come
 * is a line: heights and edges say the same as the colours.
 */
#ifndef CHART_STRIP_H
#define CHART_STRIP_H

#include <stdint.h>

#include "chart/markup.h"

struct chart_strip {
    const char *cells;                  /* as sw_day_strip() writes them */
    int32_t from_min;                   /* the local minute at which they begin */
    int32_t window_min;                 /* how long they are: the last may be shorter */
    int32_t rest_from_min, rest_to_min; /* the rest that counts, in minutes of the
                                         * strip; both 0: none */
};
void chart_strip(struct mk *m, const struct chart_strip *strip);

/* The hatches to which strips and squares refer: "unworn", "thin". */
void chart_hatches(struct mk *m);

/* What the marks mean, as pairs for a <dl>. */
void chart_strip_legend(struct mk *m);

/* "08:00–21:00: moved 09:00–10:30, still 10:30–12:00": the strip in words. */
enum { CHART_STRIP_WORDS_MAX = 1200 };
void chart_strip_words(const struct chart_strip *strip,
                       char out[static CHART_STRIP_WORDS_MAX]);

#endif
