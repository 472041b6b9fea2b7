/* days.c -- two lanes of dots, a column a day. */
#include "chart/days.h"

#include "chart/dates.h"
#include "chart/svg.h"
#include "chart/words.h"

enum {
    WIDTH = 336,
    LANE = 14,
    HEIGHT = 2 * LANE,
    SMALL = 3, /* pixels: the radius of one, and what each further one adds */
    MORE = 1,
    LARGE = 6,
};

static void lane(struct mk *m, const char *class, const uint8_t *counts, size_t n,
                 int y)
{
    for (size_t i = 0; i < n; i++) {
        int radius = SMALL + MORE * (counts[i] - 1);
        if (counts[i] == 0)
            continue;
        mk_open(m, "circle");
        mk_attr(m, "class", class);
        mk_attrf(m, "cx", "%.1f", ((double)i + 0.5) * WIDTH / (double)n);
        mk_attr_int(m, "cy", y);
        mk_attr_int(m, "r", radius < LARGE ? radius : LARGE);
        mk_close(m);
    }
}

/* Mondays: where a week begins. */
static void weeks(struct mk *m, const struct chart_days *days)
{
    for (size_t i = 0; i < days->n; i++) {
        if (chart_date_of(days->from_day + (int32_t)i).weekday != 0)
            continue;
        double x = (double)i * WIDTH / (double)days->n;
        mk_open(m, "path");
        mk_attr(m, "class", "week");
        mk_attrf(m, "d", "M%.1f 0V%d", x, HEIGHT);
        mk_close(m);
    }
}

void chart_days(struct mk *m, const char *id, const struct chart_days *days)
{
    unsigned was = 0, would = 0;
    for (size_t i = 0; i < days->n; i++) {
        was += days->was[i];
        would += days->would[i];
    }
    mk_open(m, "svg");
    mk_attr(m, "class", "dots");
    mk_attrf(m, "viewBox", "0 0 %d %d", WIDTH, HEIGHT);
    mk_attr(m, "role", "img");
    mk_attrf(m, "aria-label", W_CHART_DAYS_WORDS, id, was, would, days->n);
    weeks(m, days);
    lane(m, "was", days->was, days->n, LANE / 2);
    lane(m, "would", days->would, days->n, LANE + LANE / 2);
    mk_close(m);
}
