/* minutes.h -- every minute of a day, in pieces of six hours that stand below or beside
 * each other: rests with their length, steps as columns, and what each minute was.
 *
 *     struct chart_minutes minutes = {.day = day, .zone = &zone, .n_begun = n, …};
 *     chart_minutes(m, &minutes);
 */
#ifndef CHART_MINUTES_H
#define CHART_MINUTES_H

#include "chart/markup.h"
#include "stepward/day.h"

/* Minutes [from, to) of the day, with a name. */
struct chart_span {
    int32_t from, to;
    const char *name;
};

struct chart_minutes {
    const struct sw_day *day;
    const struct sw_zone *zone;
    int32_t n_begun; /* minutes that have begun: the others are yet to come */
    int32_t rest_limit_min;
    const struct chart_span *devices; /* which device the steps are of */
    size_t n_devices;
};

/* One <svg> for each quarter of the day. */
void chart_minutes(struct mk *m, const struct chart_minutes *minutes);

#endif
