/* path.c -- writes the paths of SVG; see path.h. */
#include "chart/path.h"

#include <stdlib.h>

enum { PIECE_MAX = 64 }; /* of five numbers and their letters */

struct chart_path chart_path(char *text, size_t size)
{
    *text = '\0';
    return (struct chart_path){.text = text, .size = size};
}

static void path_put(struct chart_path *path, char letter, int number)
{
    char reversed[16];
    size_t n = 0;
    unsigned left = (unsigned)abs(number);
    path->text[path->n++] = letter;
    if (number < 0)
        path->text[path->n++] = '-';
    do
        reversed[n++] = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    while (n > 0)
        path->text[path->n++] = reversed[--n];
    path->text[path->n] = '\0';
}

static bool has_room(const struct chart_path *path)
{
    return path->size - path->n >= PIECE_MAX;
}

void chart_path_box(struct chart_path *path, int x, int y, int width, int height)
{
    if (!has_room(path))
        return;
    path_put(path, 'M', x);
    path_put(path, ' ', y);
    path_put(path, 'h', width);
    path_put(path, 'v', height);
    path_put(path, 'h', -width);
    path->text[path->n++] = 'z';
    path->text[path->n] = '\0';
}

void chart_path_line(struct chart_path *path, int x, int y, char direction, int length)
{
    if (!has_room(path))
        return;
    path_put(path, 'M', x);
    path_put(path, ' ', y);
    path_put(path, direction, length);
}

void chart_path_draw(struct mk *m, const struct chart_path *path, const char *class)
{
    if (path->n == 0)
        return;
    mk_open(m, "path");
    if (class)
        mk_attr(m, "class", class);
    mk_attr(m, "d", path->text);
    mk_close(m);
}
