/* arrival.c -- what was said of one patient, in the order in which it was received.
 *
 * What follows for alerts is replay_next.c's business.
 */
#include "records/arrival.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

int sw_arrivals_add(struct sw_arrivals *arrivals, const struct sw_arrival *arrival)
{
    int r = GROW(arrivals->items, arrivals->n, arrivals->cap);
    if (r == 0)
        arrivals->items[arrivals->n++] = *arrival;
    return r;
}

void sw_arrivals_fini(struct sw_arrivals *arrivals)
{
    free(arrivals->items);
    *arrivals = (struct sw_arrivals){.n = 0};
}

static int add_device(struct sw_arrivals *arrivals, const struct sw_device_set *device)
{
    struct sw_arrival arrival = {.device_key = device->device_key, .battery = -1};
    int r = 0;
    arrival.kind = SW_ARRIVED_READING;
    for (size_t i = 0; r >= 0 && i < device->n_readings; i++) {
        arrival.reading = device->readings[i];
        arrival.at_s = arrival.reading.start_s + arrival.reading.seconds;
        r = sw_arrivals_add(arrivals, &arrival);
    }
    arrival.kind = SW_ARRIVED_TOTAL;
    for (size_t i = 0; r >= 0 && i < device->n_totals; i++) {
        arrival.total = device->totals[i];
        arrival.at_s = arrival.total.at_s;
        r = sw_arrivals_add(arrivals, &arrival);
    }
    return r;
}

int sw_arrivals_add_set(struct sw_arrivals *arrivals, const struct sw_day_set *set)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < set->n_devices; i++)
        r = add_device(arrivals, &set->devices[i]);
    for (size_t i = 0; r >= 0 && i < set->n_pains; i++) {
        struct sw_arrival arrival = {.at_s = set->pains[i].at_s,
                                     .kind = SW_ARRIVED_PAIN,
                                     .battery = -1,
                                     .pain = set->pains[i]};
        r = sw_arrivals_add(arrivals, &arrival);
    }
    return r;
}

int sw_arrival_say(const struct sw_arrival *arrival, struct sw_day_set *set)
{
    switch (arrival->kind) {
    case SW_ARRIVED_READING:
        return sw_day_set_add_reading(set, arrival->device_key, &arrival->reading);
    case SW_ARRIVED_TOTAL:
        return sw_day_set_add_total(set, arrival->device_key, &arrival->total);
    case SW_ARRIVED_PAIN:
        break;
    }
    return sw_day_set_add_pain(set, &arrival->pain);
}

/* ---- in order, with what is derived ---- */

static int by_receipt(const void *a, const void *b)
{
    const struct sw_arrival *x = a, *y = b;
    return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

static void sort(struct sw_arrivals *arrivals)
{
    size_t i = 1;
    while (i < arrivals->n &&
           by_receipt(&arrivals->items[i - 1], &arrivals->items[i]) <= 0)
        i++;
    if (i < arrivals->n)
        qsort(arrivals->items, arrivals->n, sizeof *arrivals->items, by_receipt);
}

/* What a device has said so far. */
struct reach {
    int64_t device_key;
    int64_t end_s; /* it spoke of no time after */
    bool has_total;
    struct sw_total last;
};
struct reaches {
    struct reach *items;
    size_t n, cap;
    int64_t coarse_end_s; /* the latest end of what says nothing about single minutes */
};

static struct reach *reach_of(struct reaches *reaches, int64_t device_key)
{
    for (size_t i = 0; i < reaches->n; i++)
        if (reaches->items[i].device_key == device_key)
            return &reaches->items[i];
    if (GROW(reaches->items, reaches->n, reaches->cap) < 0)
        return NULL;
    reaches->items[reaches->n] =
        (struct reach){.device_key = device_key, .end_s = INT64_MIN};
    return &reaches->items[reaches->n++];
}

static void derive_reading(struct sw_arrival *arrival)
{
    const struct sw_reading *reading = &arrival->reading;
    arrival->from_s = reading->start_s;
    arrival->to_s = reading->start_s + reading->seconds;
    arrival->steps = reading->steps;
}

/* Its difference to the total before; a reset counts from 0. */
static void derive_total(struct sw_arrival *arrival, struct reach *reach)
{
    const struct sw_total *total = &arrival->total, *last = &reach->last;
    bool grew = reach->has_total && total->total >= last->total;
    arrival->to_s = total->at_s;
    arrival->from_s = reach->has_total ? last->at_s : total->at_s;
    arrival->steps = grew ? total->total - last->total : total->total;
    if (!reach->has_total || total->total < 0)
        arrival->steps = 0;
    reach->has_total = true;
    reach->last = *total;
}

static void derive(struct sw_arrival *arrival, struct reach *reach)
{
    bool is_total = arrival->kind == SW_ARRIVED_TOTAL;
    bool is_no_newer =
        is_total && reach->has_total && arrival->total.at_s <= reach->last.at_s;
    if (is_total)
        derive_total(arrival, reach);
    else
        derive_reading(arrival);
    arrival->is_odd = is_no_newer || arrival->from_s < reach->end_s;
    if (arrival->to_s > reach->end_s)
        reach->end_s = arrival->to_s;
}

/* Over another device's long reading a short one can say that a minute was active. */
static bool is_coarse(const struct sw_arrival *arrival)
{
    return arrival->steps > 0 && arrival->to_s - arrival->from_s > SW_FIRM_SECONDS_MAX;
}

int sw_arrivals_prepare(struct sw_arrivals *arrivals)
{
    struct reaches reaches = {.coarse_end_s = INT64_MIN};
    int r = 0;
    sort(arrivals);
    for (size_t i = 0; i < arrivals->n; i++) {
        struct sw_arrival *arrival = &arrivals->items[i];
        if (arrival->kind == SW_ARRIVED_PAIN) {
            arrival->from_s = arrival->to_s = arrival->pain.at_s;
            continue;
        }
        struct reach *reach = reach_of(&reaches, arrival->device_key);
        if (!reach) {
            r = -ENOMEM;
            goto out;
        }
        derive(arrival, reach);
        arrival->is_odd = arrival->is_odd || arrival->from_s < reaches.coarse_end_s;
        if (is_coarse(arrival) && arrival->to_s > reaches.coarse_end_s)
            reaches.coarse_end_s = arrival->to_s;
    }
out:
    free(reaches.items);
    return r;
}
