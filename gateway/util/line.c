/* line.c -- append to a buffer of fixed size. */
#include "util/line.h"

#include <stdio.h>

struct sw_line sw_line(char *out, size_t size)
{
    out[0] = '\0';
    return (struct sw_line){.out = out, .size = size};
}

bool sw_line_vadd(struct sw_line *line, const char *format, va_list args)
{
    size_t room = line->size - line->n;
    int n = vsnprintf(line->out + line->n, room, format, args);
    if (n < 0) { /* it cannot be formatted: nothing is added */
        line->out[line->n] = '\0';
        return false;
    }
    bool fits = (size_t)n < room;
    line->n += fits ? (size_t)n : room - 1;
    return fits;
}

bool sw_line_add(struct sw_line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool fits = sw_line_vadd(line, format, args);
    va_end(args);
    return fits;
}
