/* svg.c -- the shapes of charts. */
#include "chart/svg.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

enum { PIECE_MAX = 96 };

static void put_class(struct mk *m, const char *class)
{
    if (*class)
        mk_attr(m, "class", class);
}

/* At most two decimals, and none that are 0: most of a chart is numbers. */
static void put_number(struct mk *m, const char *name, double number, const char *unit)
{
    char text[48];
    snprintf(text, sizeof text, "%.2f", number);
    for (size_t n = strlen(text); text[n - 1] == '0' || text[n - 1] == '.'; n--) {
        bool is_point = text[n - 1] == '.';
        text[n - 1] = '\0';
        if (is_point)
            break;
    }
    mk_put_attrf(m, name, "%s%s", strcmp(text, "-0") == 0 ? "0" : text, unit);
}

void svg_open(struct mk *m, const char *id, int height, const char *label)
{
    mk_open(m, "svg");
    mk_attrf(m, "class", "chart %s", id);
    mk_attr(m, "role", "img");
    mk_attr(m, "aria-label", label);
    mk_attrf(m, "aria-describedby", "%s-words", id);
    mk_attr(m, "width", "100%");
    mk_attr_int(m, "height", height);
}

void svg_describe(struct mk *m, const char *id, const char *words)
{
    mk_open(m, "desc");
    mk_attrf(m, "id", "%s-words", id);
    mk_text(m, words);
    mk_close(m);
}

void svg_hatch(struct mk *m, const char *id, const char *name, bool lies)
{
    mk_open(m, "pattern");
    mk_attrf(m, "id", "%s-%s", id, name);
    mk_attr(m, "patternUnits", "userSpaceOnUse");
    mk_attr_int(m, "width", lies ? 8 : 5);
    mk_attr_int(m, "height", lies ? 3 : 5);
    mk_open(m, "rect");
    mk_attrf(m, "class", "hatch-ground %s", name);
    mk_attr_int(m, "width", lies ? 8 : 5);
    mk_attr_int(m, "height", lies ? 3 : 5);
    mk_close(m);
    mk_open(m, "path");
    mk_attrf(m, "class", "hatch-line %s", name);
    mk_attr(m, "d", lies ? "M0 .5H8" : "M-1 1l2-2M0 5l5-5M4 6l2-2");
    mk_close(m);
    mk_close(m);
}

void svg_open_rect(struct mk *m, const char *class, double x, double y, double width,
                   double height)
{
    mk_open(m, "rect");
    put_class(m, class);
    put_number(m, "x", x, "%");
    put_number(m, "y", y, "");
    put_number(m, "width", width, "%");
    put_number(m, "height", height, "");
}

void svg_rect(struct mk *m, const char *class, double x, double y, double width,
              double height)
{
    svg_open_rect(m, class, x, y, width, height);
    mk_close(m);
}

void svg_open_text(struct mk *m, const char *class, double x, double y)
{
    mk_open(m, "text");
    put_class(m, class);
    put_number(m, "x", x, "%");
    put_number(m, "y", y, "");
}

void svg_text(struct mk *m, const char *class, double x, double y, const char *text)
{
    svg_open_text(m, class, x, y);
    mk_text(m, text);
    mk_close(m);
}

void svg_line(struct mk *m, const char *class, double x1, double y1, double x2,
              double y2)
{
    mk_open(m, "line");
    put_class(m, class);
    put_number(m, "x1", x1, "%");
    put_number(m, "y1", y1, "");
    put_number(m, "x2", x2, "%");
    put_number(m, "y2", y2, "");
    mk_close(m);
}

void svg_left(struct mk *m, double y, const char *text)
{
    mk_open(m, "text");
    mk_attr(m, "class", "left");
    mk_attr(m, "x", "-6");
    put_number(m, "y", y, "");
    mk_text(m, text);
    mk_close(m);
}

void svg_open_stretched(struct mk *m, double y, int height, int units)
{
    mk_open(m, "svg");
    put_number(m, "y", y, "");
    mk_attr(m, "width", "100%");
    mk_attr_int(m, "height", height);
    mk_attrf(m, "viewBox", "0 0 %d %d", units, height);
    mk_attr(m, "preserveAspectRatio", "none");
}

void svg_path_add(struct svg_path *path, const char *format, ...)
{
    va_list args;
    if (path->error == 0)
        path->error = RESERVE(path->text, path->n + PIECE_MAX, path->cap);
    if (path->error < 0)
        return;
    va_start(args, format);
    int n = vsnprintf(path->text + path->n, PIECE_MAX, format, args);
    va_end(args);
    path->n += n < 0 ? 0 : n < PIECE_MAX ? (size_t)n : PIECE_MAX - 1;
}

bool svg_path_open(struct mk *m, struct svg_path *path, const char *class)
{
    bool has_any = path->n > 0;
    if (path->error < 0)
        m->error = path->error;
    if (has_any) {
        mk_open(m, "path");
        put_class(m, class);
        mk_attr(m, "d", path->text);
    }
    free(path->text);
    *path = (struct svg_path){0};
    return has_any;
}
