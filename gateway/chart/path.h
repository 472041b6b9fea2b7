/* path.h -- a path of SVG, piece by piece, in a buffer of fixed size: a page of a
 * thousand rows has a hundred thousand pieces, too many for printf.
 *
 *     char text[256];
 *     struct chart_path path = chart_path(text, sizeof text);
 *     chart_path_box(&path, x, y, width, height);
 *     chart_path_line(&path, x, y, 'v', 8);
 *     chart_path_draw(m, &path, "a");       // nothing, if there is nothing to draw
 */
#ifndef CHART_PATH_H
#define CHART_PATH_H

#include <stddef.h>

#include "chart/markup.h"

struct chart_path {
    char *text;
    size_t size, n;
};
struct chart_path chart_path(char *text, size_t size);

/* A rectangle. Like a line, it is left out where there is no room for it. */
void chart_path_box(struct chart_path *path, int x, int y, int width, int height);
/* From (x, y) on, `length` to the right ('h') or down ('v'). */
void chart_path_line(struct chart_path *path, int x, int y, char direction, int length);
/* <path class="…" d="…">; class NULL: none. */
void chart_path_draw(struct mk *m, const struct chart_path *path, const char *class);

#endif
