/* line.h -- a line of text, put together piece by piece in a buffer of fixed size.
 *
 *     struct sw_line line = sw_line(out, size);
 *     for (i = 0; i < n; i++)
 *         sw_line_add(&line, "%s%s", i > 0 ? ", " : "", names[i]);
 *
 * What does not fit is cut off, and out always ends with its zero: nobody has to add up
 * what snprintf() would have written.
 */
#ifndef UTIL_LINE_H
#define UTIL_LINE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct sw_line {
    char *out;
    size_t size;
    size_t n; /* bytes so far, without the zero; < size */
};

/* An empty line in out[size]; size > 0. */
struct sw_line sw_line(char *out, size_t size);

/* False: it was cut off here. */
__attribute__((format(printf, 2, 3))) bool sw_line_add(struct sw_line *line,
                                                       const char *format, ...);
__attribute__((format(printf, 2, 0))) bool
sw_line_vadd(struct sw_line *line, const char *format, va_list args);

#endif
