/* alert_stats.h -- how many alerts therapists get, by week, and what becomes of them.
 *
 *     struct sw_alert_stats load = {.zone = zone, .from_day = …, .to_day = …,
 *                                   .budget = 5};
 *     r = sw_store_each_life(store, &therapist, span, sw_alert_stats_add, &load);
 *     r = sw_alert_stats_each_week(&load, print_week, ctx);
 *     sw_alert_stats_fini(&load);
 */
#ifndef RECORDS_ALERT_STATS_H
#define RECORDS_ALERT_STATS_H

#include "stepward/civil.h"
#include "stepward/store.h"

enum {
    SW_CLOSED_SOON_S = 10 * 60, /* closed before anybody could have acted */
    SW_ALERT_STATS_TOP = 3,
};

/* The alerts that opened in a week for a therapist. */
struct sw_alert_week {
    struct sw_therapist_id therapist;
    int32_t monday, days; /* of the week; how many of its days are counted */
    int32_t raised;
    int32_t busiest_day; /* alerts opened on the day with most */
    int32_t days_over;   /* days with more than the budget; 0 without a budget */
    int32_t over_budget; /* not published when they opened */
    int32_t acknowledged;
    int64_t median_ack_s; /* from opening to the first acknowledgement; -1: none was */
    int32_t closed_soon;  /* within SW_CLOSED_SOON_S, acknowledged by nobody */
    int32_t withdrawn;    /* not counted in closed_soon */
    struct sw_alert_stats_patient {
        struct sw_patient_id patient;
        int32_t n;
    } top[SW_ALERT_STATS_TOP]; /* the most frequent first */
    size_t n_top;
};

struct sw_alert_stats_item; /* what is kept of an alert; private */
struct sw_alert_stats {
    const struct sw_zone *zone;
    int32_t from_day, to_day; /* alerts that opened on other days are left out */
    int32_t budget;
    struct sw_alert_stats_item *items;
    size_t n, cap;
};

/* An `each` for sw_store_each_life(); ctx is the sw_alert_stats. 0 or -ENOMEM. */
int sw_alert_stats_add(void *ctx, const struct sw_alert_life *life);
/* By therapist, then week; weeks without alerts are left out. Stops at the first
 * non-zero return of each and returns it. */
int sw_alert_stats_each_week(struct sw_alert_stats *load,
                             int (*each)(void *ctx, const struct sw_alert_week *week),
                             void *ctx);
void sw_alert_stats_fini(struct sw_alert_stats *load);

#endif
