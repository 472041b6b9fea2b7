/* lateness.c -- how late a patient's data regularly comes, hour by hour.
 * Which minutes are known, and when they became so, is the caller's business. */
#include "stepward/lateness.h"

#include <string.h>

#include "stepward/plan.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    FRESH_STEP_MIN = 5,
};

/* As the rule of `rest` counts it: from minute to minute. */
static uint8_t age_of(int64_t received_s, int64_t newest_s)
{
    int64_t age_min = received_s / MINUTE_S - newest_s / MINUTE_S;
    if (age_min < 0) /* the device's clock is ahead */
        return 0;
    return (uint8_t)(age_min < SW_LATENESS_AGE_MAX_MIN ? age_min
                                                       : SW_LATENESS_AGE_MAX_MIN);
}

/* No plan can call it late. */
static bool is_all_at_once(const struct sw_lateness *lateness)
{
    for (int32_t i = 0; i < lateness->n; i++)
        if (lateness->age_min[i] > SW_PLAN_FRESH_MIN_MIN)
            return false;
    return true;
}

bool sw_lateness_note(struct sw_lateness *lateness, int64_t received_s,
                      int64_t newest_s)
{
    int64_t hour = received_s / HOUR_S;
    uint8_t age_min = age_of(received_s, newest_s);
    bool is_another_time =
        hour < lateness->hour || hour - lateness->hour > SW_LATENESS_KEPT_H;
    if (is_another_time) /* the clock was put back, or it is long ago */
        *lateness = (struct sw_lateness){.hour = hour};
    if (lateness->n > 0 && hour == lateness->hour) {
        uint8_t *least = &lateness->age_min[lateness->n - 1];
        bool is_less = age_min < *least;
        *least = is_less ? age_min : *least;
        return is_less && !is_all_at_once(lateness);
    }
    if (lateness->n == SW_LATENESS_HOURS)
        memmove(lateness->age_min, lateness->age_min + 1, (size_t)--lateness->n);
    lateness->age_min[lateness->n++] = age_min;
    lateness->hour = hour;
    return !is_all_at_once(lateness);
}

/* The least age that the given share of the hours do not exceed. */
static int32_t age_of_share(const struct sw_lateness *lateness, int32_t pct)
{
    int32_t least = SW_LATENESS_AGE_MAX_MIN;
    for (int32_t i = 0; i < lateness->n; i++) {
        int32_t n_within = 0;
        for (int32_t k = 0; k < lateness->n; k++)
            n_within += lateness->age_min[k] <= lateness->age_min[i];
        if (100 * n_within >= pct * lateness->n && lateness->age_min[i] < least)
            least = lateness->age_min[i];
    }
    return least;
}

int32_t sw_lateness_min(const struct sw_lateness *lateness, int32_t fresh_min,
                        int64_t now_s)
{
    bool is_known = lateness->n >= SW_LATENESS_HOURS_MIN &&
                    now_s / HOUR_S - lateness->hour <= SW_LATENESS_KEPT_H;
    int32_t age_min = is_known ? age_of_share(lateness, 50) : 0;
    return age_min > fresh_min ? age_min : 0;
}

int32_t sw_lateness_fresh_min(const struct sw_lateness *lateness)
{
    int32_t age_min = age_of_share(lateness, 75);
    int32_t fresh_min =
        (age_min + FRESH_STEP_MIN - 1) / FRESH_STEP_MIN * FRESH_STEP_MIN;
    return fresh_min <= SW_PLAN_FRESH_MAX_MIN ? fresh_min : 0;
}
