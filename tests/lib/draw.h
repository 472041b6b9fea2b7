/* draw.h -- days drawn as text: one character a minute.
 *
 *     .  known, no steps     #  known, 20 steps     u  not worn     _  no data
 *
 * draw_readings(&set, 1, begin_s, "....##..__uu") adds a reading of 60 s for each.
 */
#ifndef TEST_DRAW_H
#define TEST_DRAW_H

/* clang-format off */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
/* clang-format on */

#include "stepward/day.h"

static const struct sw_zone_shift utc_shifts[] = {{INT64_MIN, 0}};
static const struct sw_zone utc = {utc_shifts, 1};

static inline void draw_readings(struct sw_day_set *set, int64_t device,
                                 int64_t begin_s, const char *minutes)
{
    for (int64_t i = 0; minutes[i]; i++) {
        struct sw_reading reading = {begin_s + 60 * i, 60, 0, true};
        if (minutes[i] == '_')
            continue;
        reading.worn = minutes[i] != 'u';
        reading.steps = minutes[i] == '#' ? 20 : 0;
        assert_true(sw_day_set_add_reading(set, device, &reading) >= 0);
    }
}

/* A string of n times c; static, for one expression with at most four of them. */
static inline const char *times(size_t n, char c)
{
    static char texts[4][2000];
    static size_t next;
    char *text = texts[next++ % 4];
    assert_true(n < sizeof(texts[0]));
    memset(text, c, n);
    text[n] = '\0';
    return text;
}

#endif
