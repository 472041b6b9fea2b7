/* local_times.c -- the instants in a text, by the clocks of the clinic. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/civil.h"
#include "stepward/wire.h"

char *sw_local_times(const struct sw_zone *zone, const char *text, int64_t now_s)
{
    char *local = NULL, when[SW_WHEN_LEN + 1];
    size_t size = 0;
    int64_t at_s;
    FILE *out = open_memstream(&local, &size);
    if (!out)
        return NULL;
    while (*text) {
        bool is_instant = strnlen(text, SW_INSTANT_LEN) == SW_INSTANT_LEN &&
                          text[SW_INSTANT_LEN - 1] == 'Z' &&
                          sw_instant_parse(text, SW_INSTANT_LEN, NULL, &at_s);
        if (!is_instant) {
            fputc(*text++, out);
            continue;
        }
        sw_when_format(zone, at_s, sw_day_of(zone, now_s), when);
        fputs(when, out);
        text += SW_INSTANT_LEN;
    }
    if (fclose(out) != 0) {
        free(local);
        return NULL;
    }
    return local;
}
