/* bands.h -- a patient's days on one axis of time: aligned bands of steps, rests, pain and
 * events.
 *
 *     struct chart_bands bands = {.days = days, .n_days = 28, …};
 *     chart_bands(m, &bands);
 */
#ifndef CHART_BANDS_H
#define CHART_BANDS_H

#include "chart/markup.h"
#include "stepward/day.h"

struct chart_day {
    int32_t day;
    bool has_row;    /* there are data */
    bool is_before;  /* there was no such patient yet */
    bool is_running; /* today: not over yet */
    struct sw_day_row row;
    const struct sw_plan *plan; /* in force that day */
};

struct chart_pain {
    int32_t day;    /* one of the axis */
    int32_t minute; /* of that day */
    double score;
    bool flare;
};

enum chart_mark {
    CHART_MARK_PLAN,
    CHART_MARK_DEVICE,
    CHART_MARK_CONTACT,
    CHART_MARK_LOW, /* alerts */
    CHART_MARK_MEDIUM,
    CHART_MARKS,
};
struct chart_event {
    enum chart_mark mark;
    int32_t day, minute;
    const char *text; /* in words */
};

struct chart_bands {
    const struct chart_day *days; /* without a gap, the oldest first */
    size_t n_days;
    const struct chart_pain *pains; /* in order of time */
    size_t n_pains;
    const struct chart_event *events;
    size_t n_events;
};

void chart_bands(struct mk *m, const struct chart_bands *bands);
/* "Mon 3 Nov: 4,321 steps, data for 89 % of the day, longest rest 1 h 5 min". */
enum { CHART_DAY_WORDS_MAX = 160 };
void chart_day_words(const struct chart_day *day, char out[static CHART_DAY_WORDS_MAX]);
/* True if so many days have their alerts counted by the week, for want of room. */
bool chart_bands_counts_alerts(size_t n_days);

#endif
