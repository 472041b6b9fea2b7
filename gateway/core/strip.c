/* strip.c -- the wake window at a glance: a letter for each half hour.
 *
 * Any active minute makes its half hour active, because it ended a rest. Otherwise the
 * class of most of its minutes counts. How the letters look is their readers'
 * business. */
#include "stepward/day.h"

#include <string.h>

static char strip_letter(const int32_t minutes[static SW_MINUTE_ACTIVE + 1])
{
    static const char letters[] = {[SW_MINUTE_UNKNOWN] = '-',
                                   [SW_MINUTE_UNWORN] = 'u',
                                   [SW_MINUTE_STILL] = 's',
                                   [SW_MINUTE_ACTIVE] = 'a'};
    enum sw_minute_class most = SW_MINUTE_STILL;
    if (minutes[SW_MINUTE_ACTIVE] > 0)
        return letters[SW_MINUTE_ACTIVE];
    if (minutes[SW_MINUTE_UNWORN] > minutes[most])
        most = SW_MINUTE_UNWORN;
    if (minutes[SW_MINUTE_UNKNOWN] > minutes[most])
        most = SW_MINUTE_UNKNOWN;
    return letters[most];
}

void sw_day_strip(const struct sw_day *day, int64_t now_s,
                  char out[static SW_STRIP_MAX + 1])
{
    int32_t counts[SW_MINUTE_ACTIVE + 1] = {0}, n_past = 0, n_in_cell = 0;
    bool has_begun = false; /* the half hour */
    size_t n = 0;
    if (now_s > day->begin_s)
        n_past = now_s - day->begin_s >= (int64_t)day->n_minutes * 60
                     ? day->n_minutes
                     : (int32_t)((now_s - day->begin_s) / 60);
    for (int32_t i = 0; i < day->n_minutes && n < SW_STRIP_MAX; i++) {
        if (!day->minutes[i].in_window) /* also within: an hour that comes twice */
            continue;
        if (i < n_past) {
            counts[day->minutes[i].class]++;
            has_begun = true;
        }
        if (++n_in_cell < SW_STRIP_CELL_MIN)
            continue;
        out[n++] = has_begun ? strip_letter(counts) : '.';
        memset(counts, 0, sizeof counts);
        n_in_cell = 0;
        has_begun = false;
    }
    if (n_in_cell > 0 && n < SW_STRIP_MAX)
        out[n++] = has_begun ? strip_letter(counts) : '.';
    out[n] = '\0';
}
