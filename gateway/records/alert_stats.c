/* alert_stats.c -- the alarm load: alerts sorted by therapist and week, and counted.
 *
 * Which alerts there are, and when they were acknowledged, is the store's business. */
#include "records/alert_stats.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

struct sw_alert_stats_item {
    struct sw_therapist_id therapist;
    struct sw_patient_id patient;
    int32_t monday, day; /* of its opening */
    int64_t ack_after_s; /* -1: nobody acknowledged it */
    bool over_budget, closed_soon, withdrawn;
};

static struct sw_alert_stats_item item_of(const struct sw_alert_life *life, int32_t day)
{
    const struct sw_alert *alert = &life->alert;
    bool is_closed = alert->state == SW_STATE_CLOSED;
    bool was_acknowledged = life->first_ack_s != 0;
    bool was_withdrawn = is_closed && alert->reason == SW_REASON_WITHDRAWN;
    bool was_lost = is_closed && alert->reason == SW_REASON_LOST;
    bool was_short =
        is_closed && alert->closed_at_s - alert->opened_at_s <= SW_CLOSED_SOON_S;
    return (struct sw_alert_stats_item){
        .therapist = alert->therapist,
        .patient = alert->patient,
        .monday = sw_week_begin(day),
        .day = day,
        .ack_after_s = was_acknowledged ? life->first_ack_s - alert->opened_at_s : -1,
        .over_budget = alert->over_budget,
        .closed_soon = was_short && !was_acknowledged && !was_withdrawn && !was_lost,
        .withdrawn = was_withdrawn,
    };
}

int sw_alert_stats_add(void *ctx, const struct sw_alert_life *life)
{
    struct sw_alert_stats *load = ctx;
    int32_t day = sw_day_of(load->zone, life->alert.opened_at_s);
    if (day < load->from_day || day > load->to_day)
        return 0;
    int r = GROW(load->items, load->n, load->cap);
    if (r == 0)
        load->items[load->n++] = item_of(life, day);
    return r;
}

/* ---- orders ---- */

static int by_therapist_and_week(const void *a, const void *b)
{
    const struct sw_alert_stats_item *x = a, *y = b;
    int order = strcmp(x->therapist.str, y->therapist.str);
    return order != 0 ? order : (x->monday > y->monday) - (x->monday < y->monday);
}

static int alert_stats_by_ack(const void *a, const void *b)
{
    const struct sw_alert_stats_item *x = a, *y = b;
    return (x->ack_after_s > y->ack_after_s) - (x->ack_after_s < y->ack_after_s);
}

static int alert_stats_by_day(const void *a, const void *b)
{
    const struct sw_alert_stats_item *x = a, *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

static int alert_stats_by_patient(const void *a, const void *b)
{
    const struct sw_alert_stats_item *x = a, *y = b;
    return strcmp(x->patient.str, y->patient.str);
}

/* The number of equal items at the beginning of n sorted ones. */
static size_t alert_stats_run_of(const struct sw_alert_stats_item *items, size_t n,
                                 int (*order)(const void *a, const void *b))
{
    size_t run = 1;
    while (run < n && order(&items[0], &items[run]) == 0)
        run++;
    return run;
}

/* ---- counting the items of one therapist and week ---- */

/* The median; of an even number, the mean of the two in the middle. */
static int64_t median_ack(struct sw_alert_stats_item *items, size_t n, size_t n_acked)
{
    if (n_acked == 0)
        return -1;
    qsort(items, n, sizeof(*items), alert_stats_by_ack);
    const struct sw_alert_stats_item *acked =
        items + (n - n_acked); /* -1 sorts before */
    return (acked[(n_acked - 1) / 2].ack_after_s + acked[n_acked / 2].ack_after_s) / 2;
}

static void count_days(struct sw_alert_week *week, struct sw_alert_stats_item *items,
                       size_t n, int32_t budget)
{
    qsort(items, n, sizeof(*items), alert_stats_by_day);
    for (size_t i = 0, run; i < n; i += run) {
        run = alert_stats_run_of(&items[i], n - i, alert_stats_by_day);
        int32_t raised = (int32_t)run;
        if (raised > week->busiest_day)
            week->busiest_day = raised;
        week->days_over += budget > 0 && raised > budget;
    }
}

/* Patients come in order of id, so among equal counts the first stays first. */
static void rank_patient(struct sw_alert_week *week,
                         const struct sw_alert_stats_patient *next)
{
    size_t place = week->n_top;
    while (place > 0 && week->top[place - 1].n < next->n)
        place--;
    if (place == SW_ALERT_STATS_TOP)
        return;
    week->n_top += week->n_top < SW_ALERT_STATS_TOP;
    for (size_t i = week->n_top - 1; i > place; i--)
        week->top[i] = week->top[i - 1];
    week->top[place] = *next;
}

static struct sw_alert_week count_week(const struct sw_alert_stats *load,
                                       struct sw_alert_stats_item *items, size_t n)
{
    int32_t monday = items[0].monday;
    int32_t first = monday > load->from_day ? monday : load->from_day;
    int32_t last = monday + 6 < load->to_day ? monday + 6 : load->to_day;
    struct sw_alert_week week = {.therapist = items[0].therapist,
                                 .monday = monday,
                                 .days = last - first + 1,
                                 .raised = (int32_t)n};
    for (size_t i = 0; i < n; i++) {
        week.over_budget += items[i].over_budget;
        week.acknowledged += items[i].ack_after_s >= 0;
        week.closed_soon += items[i].closed_soon;
        week.withdrawn += items[i].withdrawn;
    }
    week.median_ack_s = median_ack(items, n, (size_t)week.acknowledged);
    count_days(&week, items, n, load->budget);
    qsort(items, n, sizeof(*items), alert_stats_by_patient);
    for (size_t i = 0, run; i < n; i += run) {
        run = alert_stats_run_of(&items[i], n - i, alert_stats_by_patient);
        struct sw_alert_stats_patient next = {items[i].patient, (int32_t)run};
        rank_patient(&week, &next);
    }
    return week;
}

int sw_alert_stats_each_week(struct sw_alert_stats *load,
                             int (*each)(void *ctx, const struct sw_alert_week *week),
                             void *ctx)
{
    int r = 0;
    if (load->n > 0)
        qsort(load->items, load->n, sizeof(*load->items), by_therapist_and_week);
    for (size_t i = 0, run; r == 0 && i < load->n; i += run) {
        run = alert_stats_run_of(&load->items[i], load->n - i, by_therapist_and_week);
        struct sw_alert_week week = count_week(load, &load->items[i], run);
        r = each(ctx, &week);
    }
    return r;
}

void sw_alert_stats_fini(struct sw_alert_stats *load)
{
    free(load->items);
    load->items = NULL;
    load->n = load->cap = 0;
}
