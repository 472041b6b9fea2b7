/* svg.h -- the shapes of charts. A chart fills the width it is given: x and widths are
 * percent of it, y and heights are pixels, so that texts and lines keep their size from a
 * phone to a wall. What stands left of the chart, in its margin, has an x below 0.
 *
 *     svg_open(m, "bands", 430, "28 days");
 *     svg_rect(m, "steps", 3.57, 20, 2.8, 90);
 *     svg_text(m, "", 50, 12, "25 Nov");
 *     mk_close(m);
 */
#ifndef CHART_SVG_H
#define CHART_SVG_H

#include "chart/markup.h"

/* An image with its name in words; `id` is its class too. */
void svg_open(struct mk *m, const char *id, int height, const char *label);
/* What it shows, in words, for who cannot see it. To be written first. */
void svg_describe(struct mk *m, const char *id, const char *words);
/* A pattern, "ID-NAME", of slanted lines, class `hatch-line`, on a `hatch-ground`. lies:
 * level ones, for a part that is stretched. */
void svg_hatch(struct mk *m, const char *id, const char *name, bool lies);
/* The attribute `name`="url(#ID-PATTERN)". */
#define svg_paint(m, attr, id, pattern)                                                \
    mk_attrf((m), attr, "url(#%s-%s)", (id), pattern)

/* A class of "" is left out. The first two are open: attributes, a title and mk_close()
 * follow. */
void svg_open_rect(struct mk *m, const char *class, double x, double y, double width,
                   double height);
void svg_open_text(struct mk *m, const char *class, double x, double y);
void svg_rect(struct mk *m, const char *class, double x, double y, double width,
              double height);
void svg_text(struct mk *m, const char *class, double x, double y, const char *text);
void svg_line(struct mk *m, const char *class, double x1, double y1, double x2,
              double y2);
/* Beside the chart, in the margin. */
void svg_left(struct mk *m, double y, const char *text);
/* A part with coordinates of its own, `units` of them across, as high as in pixels;
 * `path` elements go inside. */
void svg_open_stretched(struct mk *m, double y, int height, int units);

/* ---- a path, piece by piece ---- */

struct svg_path {
    char *text; /* NULL: nothing yet */
    size_t n, cap;
    int error;
};
__attribute__((format(printf, 2, 3))) void svg_path_add(struct svg_path *path,
                                                        const char *format, ...);
/* Write the path, if there is any of it, and free it; the element stays open. False: there
 * was nothing. */
bool svg_path_open(struct mk *m, struct svg_path *path, const char *class);

#endif
