/* received.c -- one patient's data in the order in which it was received, for a replay.
 *
 * What it means for alerts is replay_skip.c's business.
 */
#include "records/received.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

int sw_received_list_add(struct sw_received_list *received_list,
                         const struct sw_received *received)
{
    int r = GROW(received_list->items, received_list->n, received_list->cap);
    if (r == 0)
        received_list->items[received_list->n++] = *received;
    return r;
}

void sw_received_list_fini(struct sw_received_list *received_list)
{
    free(received_list->items);
    *received_list = (struct sw_received_list){.n = 0};
}

static int received_add_device(struct sw_received_list *received_list,
                               const struct sw_device_set *device)
{
    struct sw_received received = {.device_key = device->device_key, .battery = -1};
    int r = 0;
    received.kind = SW_RECEIVED_READING;
    for (size_t i = 0; r >= 0 && i < device->n_readings; i++) {
        received.reading = device->readings[i];
        received.at_s = received.reading.start_s + received.reading.seconds;
        r = sw_received_list_add(received_list, &received);
    }
    received.kind = SW_RECEIVED_TOTAL;
    for (size_t i = 0; r >= 0 && i < device->n_totals; i++) {
        received.total = device->totals[i];
        received.at_s = received.total.at_s;
        r = sw_received_list_add(received_list, &received);
    }
    return r;
}

int sw_received_list_add_set(struct sw_received_list *received_list,
                             const struct sw_day_set *set)
{
    int r = 0;
    for (size_t i = 0; r >= 0 && i < set->n_devices; i++)
        r = received_add_device(received_list, &set->devices[i]);
    for (size_t i = 0; r >= 0 && i < set->n_pains; i++) {
        struct sw_received received = {.at_s = set->pains[i].at_s,
                                       .kind = SW_RECEIVED_PAIN,
                                       .battery = -1,
                                       .pain = set->pains[i]};
        r = sw_received_list_add(received_list, &received);
    }
    return r;
}

int sw_received_apply(const struct sw_received *received, struct sw_day_set *set)
{
    switch (received->kind) {
    case SW_RECEIVED_READING:
        return sw_day_set_add_reading(set, received->device_key, &received->reading);
    case SW_RECEIVED_TOTAL:
        return sw_day_set_add_total(set, received->device_key, &received->total);
    case SW_RECEIVED_PAIN:
        break;
    }
    return sw_day_set_add_pain(set, &received->pain);
}

/* ---- in order, with what is derived ---- */

static int by_receipt(const void *a, const void *b)
{
    const struct sw_received *x = a, *y = b;
    return (x->at_s > y->at_s) - (x->at_s < y->at_s);
}

/* What a device has sent so far. */
struct reach {
    int64_t device_key;
    int64_t end_s; /* it sent data up to here */
    bool has_total;
    struct sw_total last;
    /* The lowest total that was followed by a lower one; INT64_MAX: none. A later total
     * that reaches it may turn the totals in between into slips. */
    int64_t fell_from, most;
};
struct reaches {
    struct reach *items;
    size_t n, cap;
};

static struct reach *reach_of(struct reaches *reaches, int64_t device_key)
{
    for (size_t i = 0; i < reaches->n; i++)
        if (reaches->items[i].device_key == device_key)
            return &reaches->items[i];
    if (GROW(reaches->items, reaches->n, reaches->cap) < 0)
        return NULL;
    reaches->items[reaches->n] = (struct reach){
        .device_key = device_key, .end_s = INT64_MIN, .fell_from = INT64_MAX};
    return &reaches->items[reaches->n++];
}

/* The difference to the total before; a reset counts from 0. */
static void derive_total(struct sw_received *received, struct reach *reach)
{
    const struct sw_total *total = &received->total, *last = &reach->last;
    bool grew = reach->has_total && total->total >= last->total;
    received->to_s = total->at_s;
    received->from_s = reach->has_total ? last->at_s : total->at_s;
    received->steps = grew ? total->total - last->total : total->total;
    if (!reach->has_total || total->total < 0)
        received->steps = 0;
    reach->has_total = true;
    reach->last = *total;
}

/* Whether the total may change the meaning of those before it; updates the reach. */
static bool may_mend(struct reach *reach, const struct sw_total *total)
{
    bool falls = reach->has_total && total->total < reach->last.total;
    bool mends = total->total >= reach->fell_from;
    if (falls && reach->last.total < reach->fell_from)
        reach->fell_from = reach->last.total;
    if (total->total >= reach->most) {
        reach->most = total->total;
        reach->fell_from = INT64_MAX;
    }
    return mends;
}

static void derive(struct sw_received *received, struct reach *reach)
{
    const struct sw_reading *reading = &received->reading;
    if (received->kind == SW_RECEIVED_TOTAL) {
        bool is_no_newer = reach->has_total && received->total.at_s <= reach->last.at_s;
        bool mends = may_mend(reach, &received->total);
        derive_total(received, reach);
        received->is_odd = is_no_newer || mends;
    } else {
        received->from_s = reading->start_s;
        received->to_s = reading->start_s + reading->seconds;
        received->steps = reading->steps;
        received->is_odd = false;
    }
    if (received->from_s < reach->end_s)
        received->is_odd = true;
    if (received->to_s > reach->end_s)
        reach->end_s = received->to_s;
}

int sw_received_list_prepare(struct sw_received_list *received_list)
{
    struct sw_received *items = received_list->items;
    struct reaches reaches = {.n = 0};
    bool is_sorted = true; /* as it mostly is */
    int r = 0;
    for (size_t i = 1; i < received_list->n; i++)
        is_sorted = is_sorted && items[i - 1].at_s <= items[i].at_s;
    if (!is_sorted)
        qsort(items, received_list->n, sizeof *items, by_receipt);
    for (size_t i = 0; i < received_list->n; i++) {
        struct sw_received *received = &items[i];
        if (received->kind == SW_RECEIVED_PAIN) {
            received->from_s = received->to_s = received->pain.at_s;
            continue;
        }
        struct reach *reach = reach_of(&reaches, received->device_key);
        if (!reach) {
            r = -ENOMEM;
            break;
        }
        derive(received, reach);
        /* One device gives all steps of a block of minutes, so data of one device may
         * take away the steps of another. */
        for (size_t d = 0; d < reaches.n; d++)
            if (&reaches.items[d] != reach && reaches.items[d].end_s != INT64_MIN &&
                reaches.items[d].end_s > received->from_s - SW_BLOCK_MIN * 60)
                received->is_odd = true;
    }
    free(reaches.items);
    return r;
}
