/* history.c -- what is known of a patient over many days.
 *
 * The rows are those that are stored. What each minute was is computed from the readings,
 * a day at a time and as `minutes` does it, so that no number depends on how many days are
 * asked for. */
#include "records/history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

static int add_plan(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct sw_history *history = ctx;
    int r = GROW(history->plans, history->n_plans, history->cap_plans);
    if (r == 0)
        history->plans[history->n_plans++] = (struct sw_history_plan){from_day, *plan};
    return r;
}

static int add_row(void *ctx, const struct sw_day_row *row)
{
    struct sw_history *history = ctx;
    struct sw_history_day *day = &history->days[row->day - history->from_day];
    day->row = *row;
    day->has_row = true;
    return 0;
}

static int add_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct sw_history *history = ctx;
    int32_t day = sw_day_of(history->zone, alert->opened_at_s);
    (void)patient_key;
    if (day < history->from_day || day > history->to_day)
        return 0;
    int r = GROW(history->alerts, history->n_alerts, history->cap_alerts);
    if (r == 0)
        history->alerts[history->n_alerts++] = *alert;
    return r;
}

static int add_contact(void *ctx, const struct sw_contact *contact)
{
    struct sw_history *history = ctx;
    int r = GROW(history->contacts, history->n_contacts, history->cap_contacts);
    if (r == 0)
        history->contacts[history->n_contacts++] = *contact;
    return r;
}

/* ---- a day ---- */

static int note_device(struct sw_history *history, const struct sw_device_set *device,
                       int64_t begin_s, int64_t end_s)
{
    int64_t from_s = INT64_MAX;
    for (size_t i = 0; i < device->n_readings && from_s == INT64_MAX; i++)
        if (device->readings[i].start_s >= begin_s)
            from_s = device->readings[i].start_s;
    for (size_t i = 0; i < device->n_totals; i++)
        if (device->totals[i].at_s >= begin_s && device->totals[i].at_s < from_s &&
            device->totals[i].total != SW_TOTAL_BREAK)
            from_s = device->totals[i].at_s;
    if (from_s >= end_s)
        return 0;
    for (size_t i = 0; i < history->n_devices; i++)
        if (strcmp(history->devices[i].device.str, device->device.str) == 0)
            return 0;
    int r = GROW(history->devices, history->n_devices, history->cap_devices);
    if (r == 0)
        history->devices[history->n_devices++] =
            (struct sw_history_device){from_s, device->device};
    return r;
}

static void take_minutes(struct sw_history_day *day, const struct sw_day *computed,
                         int64_t now_s)
{
    struct sw_rest rest;
    day->n_minutes = computed->n_minutes;
    day->n_begun = sw_day_begun_min(computed, now_s);
    for (int32_t i = 0; i < day->n_begun; i++)
        day->minutes[i] = computed->minutes[i].class;
    for (int32_t from = 0; sw_day_next_rest(computed, from, &rest); from = rest.to + 1)
        for (int32_t i = rest.from;
             sw_rest_min(rest) >= day->plan->rest_limit_min && i <= rest.to; i++)
            day->minutes[i] |= SW_HISTORY_LONG_REST;
}

static int gather_day(struct sw_history *history, struct sw_history_day *day,
                      struct sw_day *computed)
{
    struct sw_day_set set = {0};
    int64_t end_s = sw_day_begin(history->zone, day->day + 1);
    day->begin_s = sw_day_begin(history->zone, day->day);
    int r = sw_store_load_day(history->store, history->patient.key, day->begin_s, end_s,
                              &set);
    if (r >= 0)
        r = sw_day_compute(computed, history->zone, day->day, day->plan, &set);
    if (r >= 0)
        take_minutes(day, computed, history->now_s);
    for (size_t i = 0; r >= 0 && i < set.n_devices; i++)
        r = note_device(history, &set.devices[i], day->begin_s, end_s);
    sw_day_set_fini(&set);
    return r;
}

/* ---- all of it ---- */

static const struct sw_plan *plan_on(const struct sw_history *history, int32_t day)
{
    const struct sw_plan *plan =
        history->n_plans ? &history->plans[0].plan : &history->plan;
    for (size_t i = 0; i < history->n_plans && history->plans[i].from_day <= day; i++)
        plan = &history->plans[i].plan;
    return plan;
}

static int gather_stored(struct sw_history *history)
{
    struct sw_store *store = history->store;
    int64_t key = history->patient.key;
    int64_t from_s = sw_day_begin(history->zone, history->from_day);
    int64_t to_s = sw_day_begin(history->zone, history->to_day + 1);
    struct sw_alert_filter filter = {
        .patient = history->patient.id, .closed_too = true, .updated_from_s = from_s};
    int r = sw_store_each_plan(store, key, add_plan, history);
    if (r >= 0)
        r = sw_store_each_day(store, &history->patient.id, history->from_day,
                              history->to_day, add_row, history);
    if (r >= 0)
        r = sw_store_load_pains(store, key, from_s, to_s, &history->scores);
    if (r >= 0)
        r = sw_store_each_alert(store, &filter, add_alert, history);
    if (r >= 0)
        r = sw_store_each_contact(store, key, (struct sw_span){from_s, to_s},
                                  add_contact, history);
    return r;
}

int sw_history_gather(struct sw_history *history)
{
    size_t n = (size_t)(history->to_day - history->from_day + 1);
    struct sw_day *computed = malloc(sizeof *computed);
    history->days = calloc(n, sizeof *history->days);
    history->minutes = calloc(n, SW_DAY_MINUTES_MAX);
    history->n_days = n;
    int r = computed && history->days && history->minutes ? gather_stored(history)
                                                          : -ENOMEM;
    for (size_t i = 0; r >= 0 && i < n; i++) {
        struct sw_history_day *day = &history->days[i];
        day->day = history->from_day + (int32_t)i;
        day->plan = plan_on(history, day->day);
        day->minutes = history->minutes + i * SW_DAY_MINUTES_MAX;
        r = gather_day(history, day, computed);
    }
    free(computed);
    return r < 0 ? r : 0;
}

void sw_history_fini(struct sw_history *history)
{
    free(history->days);
    free(history->minutes);
    free(history->plans);
    free(history->alerts);
    free(history->contacts);
    free(history->devices);
    sw_day_set_fini(&history->scores);
}
