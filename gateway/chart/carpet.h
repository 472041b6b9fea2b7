/* carpet.h -- what a patient's minutes were: days down, hours across.
 *
 *     struct chart_carpet carpet = {.days = days, .n_days = 28, …};
 *     chart_carpet(m, &carpet);
 */
#ifndef CHART_CARPET_H
#define CHART_CARPET_H

#include "chart/dates.h"
#include "chart/markup.h"
#include "stepward/day.h"

enum { CHART_IN_LONG_REST = 8 }; /* beside the class of a minute */

struct chart_carpet_day {
    int32_t day;
    /* enum sw_minute_class of each minute that has begun, and CHART_IN_LONG_REST. */
    const uint8_t *minutes;
    int32_t n_minutes;
    struct chart_clock clock;
};

struct chart_carpet {
    const struct chart_carpet_day *days; /* without a gap, the oldest first */
    size_t n_days;
    int32_t wake_from_min, wake_to_min; /* of the plan in force */
};

void chart_carpet(struct mk *m, const struct chart_carpet *carpet);
/* True if the rows of so many days have room for the long rests. */
bool chart_carpet_shows_rests(size_t n_days);

#endif
