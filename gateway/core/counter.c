/* counter.c -- from a counter's totals to differences: slips, corrections, resets.
 *
 * A total belongs to the second before it, so at midnight it belongs to the day that
 * ended. Which reading wins the seconds of a difference is minutes.c's business.
 */
#include "core/counter.h"

#include <errno.h>
#include <stdlib.h>

enum {
    MINUTE_S = 60,
    WALK_STEPS_PER_MIN = 100, /* a faster rise over its whole time is not walking */
};

static int32_t day_of_total(const struct sw_zone *zone, int64_t at_s)
{
    return sw_day_of(zone, at_s - 1);
}

/* ---- slips ---- */

/* A total that no later one has reached yet. The totals after it, up to the next open
 * one, are lower. */
struct open_total {
    size_t i;
    int64_t least; /* the least of the totals between */
};

/* The open totals of the day that ends at day_end_s, each lower than the last. */
struct open_totals {
    struct open_total *items;
    size_t n;
    int64_t day_end_s;
};

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Whether the totals between i and j, the least of which is `least`, are slips from
 * which total j recovers. */
static bool are_slips(const struct sw_total *totals, size_t i, size_t j, int64_t least)
{
    const struct sw_total *from = &totals[i], *last = &totals[j - 1], *to = &totals[j];
    int64_t rise = to->total - last->total, rise_s = to->at_s - last->at_s;
    bool is_no_walk = rise / WALK_STEPS_PER_MIN > rise_s ||
                      rise * MINUTE_S > WALK_STEPS_PER_MIN * rise_s;
    bool is_near = least >= from->total - least;
    return j > i + 1 && (is_near || is_no_walk) &&
           !sw_is_implausible(to->total - from->total, to->at_s - from->at_s);
}

/* Close the totals that total j reaches, and open j. Each total is opened and closed
 * once, so the work for all of them grows only with their number. */
static void reach(struct counter *counter, struct open_totals *open, size_t j)
{
    const struct sw_total *totals = counter->device->totals;
    int64_t least = INT64_MAX;
    while (open->n > 0 && totals[open->items[open->n - 1].i].total <= totals[j].total) {
        const struct open_total *from = &open->items[--open->n];
        least = lesser(least, from->least);
        if (are_slips(totals, from->i, j, least))
            counter->made_good[from->i] = (uint32_t)j;
        least = lesser(least, totals[from->i].total);
        counter->work++;
    }
    if (open->n > 0) {
        struct open_total *before = &open->items[open->n - 1];
        before->least = lesser(before->least, least);
    }
    open->items[open->n++] = (struct open_total){j, INT64_MAX};
}

int counter_init(struct counter *counter, const struct sw_device_set *device,
                 const struct sw_zone *zone)
{
    bool ever_falls = false;
    *counter = (struct counter){.device = device, .zone = zone};
    for (size_t i = 1; i < device->n_totals && !ever_falls; i++)
        ever_falls = device->totals[i].total < device->totals[i - 1].total &&
                     device->totals[i].total != SW_TOTAL_BREAK;
    if (!ever_falls) /* a slip is lower than the total before it: most have none */
        return 0;
    struct open_totals open = {.day_end_s = INT64_MIN};
    open.items = calloc(device->n_totals, sizeof(*open.items));
    counter->made_good = calloc(device->n_totals, sizeof(*counter->made_good));
    int r = open.items && counter->made_good ? 0 : -ENOMEM;
    for (size_t i = 0; r == 0 && i < device->n_totals; i++) {
        const struct sw_total *total = &device->totals[i];
        counter->made_good[i] = (uint32_t)i + 1;
        if (total->at_s > open.day_end_s) {
            open.n = 0;
            open.day_end_s = sw_day_begin(zone, day_of_total(zone, total->at_s) + 1);
        }
        if (total->total == SW_TOTAL_BREAK)
            open.n = 0;
        else
            reach(counter, &open, i);
    }
    free(open.items);
    return r;
}

/* ---- differences ---- */

/* The device takes back some of its steps instead of starting again. */
static bool is_correction(const struct sw_zone *zone, const struct sw_total *from,
                          const struct sw_total *to)
{
    int64_t fall = from->total - to->total;
    if (fall <= 0)
        return false;
    bool is_slight = fall <= from->total / 10;
    bool is_half = to->total >= fall;
    return is_slight ||
           (is_half && day_of_total(zone, from->at_s) == day_of_total(zone, to->at_s));
}

/* False: the two totals say nothing about the time between them. */
static bool difference(const struct sw_zone *zone, const struct sw_total *from,
                       const struct sw_total *to, struct stretch *ret)
{
    bool changed_hands = from->total == SW_TOTAL_BREAK || to->total == SW_TOTAL_BREAK;
    /* A bridge that reconnects may send its last total again, and nothing in the message
     * shows that. The steps between the two are then unknown, not zero. */
    bool may_be_repeated = to->stamp != SW_STAMP_OWN && to->total == from->total &&
                           to->at_s - from->at_s > SW_REPEAT_SECONDS_MAX;
    if (changed_hands || may_be_repeated || is_correction(zone, from, to))
        return false;
    *ret = (struct stretch){from->at_s, to->at_s, to->total - from->total, true};
    bool was_reset = ret->steps < 0;
    if (was_reset) {
        int64_t midnight_s = sw_day_begin(zone, day_of_total(zone, to->at_s));
        ret->steps = to->total;
        ret->a_s = midnight_s > from->at_s ? midnight_s : from->at_s;
    }
    return !sw_is_implausible(ret->steps, ret->b_s - ret->a_s);
}

bool counter_next(struct counter *counter, struct stretch *ret)
{
    const struct sw_total *totals = counter->device->totals;
    while (counter->at + 1 < counter->device->n_totals) {
        const struct sw_total *from = &totals[counter->at];
        counter->at =
            counter->made_good ? counter->made_good[counter->at] : counter->at + 1;
        if (difference(counter->zone, from, &totals[counter->at], ret))
            return true;
    }
    return false;
}
