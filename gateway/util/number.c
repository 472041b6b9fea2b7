/* number.c -- numbers as people read them. */
#include "util/number.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void sw_count_format(int64_t count, char out[static SW_COUNT_TEXT_MAX])
{
    char digits[SW_COUNT_TEXT_MAX];
    snprintf(digits, sizeof digits, "%" PRId64, count < 0 ? 0 : count);
    size_t n = strlen(digits), at = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0)
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void sw_length_format(int64_t minutes, char out[static SW_LENGTH_TEXT_MAX])
{
    if (minutes < 60)
        snprintf(out, SW_LENGTH_TEXT_MAX, "%" PRId64 " min", minutes);
    else if (minutes % 60 == 0)
        snprintf(out, SW_LENGTH_TEXT_MAX, "%" PRId64 " h", minutes / 60);
    else
        snprintf(out, SW_LENGTH_TEXT_MAX, "%" PRId64 " h %" PRId64 " min", minutes / 60,
                 minutes % 60);
}
