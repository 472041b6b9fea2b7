/* digits.h -- digits to numbers and back, since the core may not use snprintf. */
#ifndef CORE_DIGITS_H
#define CORE_DIGITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Write value >= 0 with at least `width` digits at out; returns how many were written.
 * No NUL is added. A 64-bit number has at most DIGITS_MAX digits. */
enum { DIGITS_MAX = 20 };
size_t sw_digits_put(char *out, int64_t value, int width);

/* Read exactly `width` digits; false leaves *ret unchanged. */
bool sw_digits_get(const char *str, size_t width, int32_t *ret);

#endif
