/* digits.c -- digits to numbers and back.
 * Signs and ranges are the callers' business. */
#include "core/digits.h"

#include <string.h>

size_t sw_digits_put(char *out, int64_t value, int width)
{
    char reversed[DIGITS_MAX];
    int n = 0;
    do {
        reversed[n++] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    while (n < width && n < DIGITS_MAX)
        reversed[n++] = '0';
    for (int i = 0; i < n; i++)
        out[i] = reversed[n - 1 - i];
    return (size_t)n;
}

bool sw_digits_get(const char *str, size_t width, int32_t *ret)
{
    int32_t value = 0;
    for (size_t i = 0; i < width; i++) {
        if (str[i] < '0' || str[i] > '9')
            return false;
        value = value * 10 + (str[i] - '0');
    }
    *ret = value;
    return true;
}
