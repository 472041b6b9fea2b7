/* dates.h -- days as people write them beside a chart, and the hours of a day's minutes. */
#ifndef CHART_DATES_H
#define CHART_DATES_H

#include <stdbool.h>

#include "stepward/civil.h"

enum { CHART_DATE_MAX = 32 };

struct chart_date {
    int32_t year;
    int32_t month;    /* 1..12 */
    int32_t of_month; /* 1..31 */
    int32_t weekday;  /* 0: Monday */
};
struct chart_date chart_date_of(int32_t day);

enum chart_date_style {
    CHART_DATE_FULL,     /* "Mon 23 Nov 2026" */
    CHART_DATE_YEARLESS, /* "Mon 23 Nov" */
    CHART_DATE_MONTH,    /* "23 Nov" */
    CHART_DATE_WEEK,     /* "Mon 23" */
    CHART_MONTH,         /* "Nov" */
};
void chart_date_format(int32_t day, enum chart_date_style style,
                       char out[static CHART_DATE_MAX]);

/* What the clocks show in the minutes of a day that begins at begin_s: they begin at
 * begin_min, and from minute shift_at on they show shift_min more (less) than before. */
struct chart_clock {
    int32_t begin_min;
    int32_t shift_at, shift_min; /* shift_min 0: an ordinary day */
};
struct chart_clock chart_clock_of(const struct sw_zone *zone, int64_t begin_s,
                                  int32_t n_minutes);
/* The local minute, 0..1440, of a minute of the day. */
int32_t chart_clock_at(const struct chart_clock *clock, int32_t minute);
/* The minute is of an hour that comes twice: 1 the first time, 2 the second; else 0. */
int chart_clock_pass(const struct chart_clock *clock, int32_t minute);

#endif
