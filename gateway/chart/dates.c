/* dates.c -- days and hours beside a chart. */
#include "chart/dates.h"

#include <stdio.h>
#include <stdlib.h>

#include "chart/words.h"

enum { MINUTE_S = 60 };

struct chart_date chart_date_of(int32_t day)
{
    char text[SW_DATE_LEN + 1];
    sw_date_format(day, text);
    return (struct chart_date){.year = (int32_t)strtol(text, NULL, 10),
                               .month = (int32_t)strtol(text + 5, NULL, 10),
                               .of_month = (int32_t)strtol(text + 8, NULL, 10),
                               .weekday = day - sw_week_begin(day)};
}

void chart_date_format(int32_t day, enum chart_date_style style,
                       char out[static CHART_DATE_MAX])
{
    static const char *const months[] = W_CHART_MONTHS, *const weekdays[] =
                                                            W_CHART_WEEKDAYS;
    struct chart_date date = chart_date_of(day);
    const char *month = months[(date.month - 1) % 12];
    const char *weekday = weekdays[date.weekday % 7];
    switch (style) {
    case CHART_DATE_FULL:
        snprintf(out, CHART_DATE_MAX, "%s %d %s %d", weekday, date.of_month, month,
                 date.year);
        break;
    case CHART_DATE_YEARLESS:
        snprintf(out, CHART_DATE_MAX, "%s %d %s", weekday, date.of_month, month);
        break;
    case CHART_DATE_MONTH:
        snprintf(out, CHART_DATE_MAX, "%d %s", date.of_month, month);
        break;
    case CHART_DATE_WEEK:
        snprintf(out, CHART_DATE_MAX, "%s %d", weekday, date.of_month);
        break;
    case CHART_MONTH:
        snprintf(out, CHART_DATE_MAX, "%s", month);
    }
}

struct chart_clock chart_clock_of(const struct sw_zone *zone, int64_t begin_s,
                                  int32_t n_minutes)
{
    int64_t until_s, end_s = begin_s + (int64_t)n_minutes * MINUTE_S;
    int32_t offset_s = sw_zone_offset_until(zone, begin_s, &until_s);
    struct chart_clock clock = {.begin_min = sw_local_minute(zone, begin_s)};
    if (until_s < end_s) {
        clock.shift_at = (int32_t)((until_s - begin_s + MINUTE_S - 1) / MINUTE_S);
        clock.shift_min = (sw_zone_offset(zone, until_s) - offset_s) / MINUTE_S;
    }
    return clock;
}

int32_t chart_clock_at(const struct chart_clock *clock, int32_t minute)
{
    bool is_after = clock->shift_min != 0 && minute >= clock->shift_at;
    return clock->begin_min + minute + (is_after ? clock->shift_min : 0);
}

int chart_clock_pass(const struct chart_clock *clock, int32_t minute)
{
    int32_t twice = -clock->shift_min; /* so many minutes come twice */
    if (twice <= 0 || minute < clock->shift_at - twice ||
        minute >= clock->shift_at + twice)
        return 0;
    return minute < clock->shift_at ? 1 : 2;
}
