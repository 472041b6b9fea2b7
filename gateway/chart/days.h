/* days.h -- a count for each of some days, as it was and as it would have been: two lanes
 * of dots, the larger the more.
 *
 *     struct chart_days days = {.from_day = …, .n = 28, .was = was, .would = would};
 *     chart_days(m, "rest", &days);
 */
#ifndef CHART_DAYS_H
#define CHART_DAYS_H

#include "chart/markup.h"

struct chart_days {
    int32_t from_day;
    size_t n;
    const uint8_t *was, *would; /* n each */
};

/* id: of the chart, unlike any other's on the page. */
void chart_days(struct mk *m, const char *id, const struct chart_days *days);

#endif
