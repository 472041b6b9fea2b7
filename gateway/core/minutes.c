/* minutes.c -- who wins each instant, and what that gives each minute.
 *
 * Of all readings of a device that cover an instant the finest wins. A sweep over time
 * keeps the readings under way in a heap, best on top, and shares out the stretch up to
 * the next start or end. What minutes mean for the day is day.c's business.
 */
#include "core/minutes.h"

#include <errno.h>
#include <stdlib.h>

#include "util/array.h"

enum {
    MINUTE_S = 60,
    SUSTAINED_S = 5 * 60, /* a longer reading says its steps were spread */
};

/* A reading, or a counter's difference: steps in [a_s, b_s). */
struct stretch {
    int64_t a_s, b_s, steps;
    bool worn;
};

/* ---- the stretches of a device, in order of their start ---- */

struct stretches {
    const struct sw_device_set *device;
    const struct sw_zone *zone;
    size_t i_reading, i_total;
    struct stretch difference; /* next of the counter, if has_difference */
    bool has_difference;
};

/* Between neighbours: the difference, or after a reset what was counted since. */
static struct stretch counter_difference(const struct sw_zone *zone,
                                         const struct sw_total *from,
                                         const struct sw_total *to)
{
    bool was_reset = to->total < from->total;
    struct stretch s = {from->at_s, to->at_s, to->total - from->total, true};
    if (was_reset) {
        int64_t midnight_s = sw_day_begin(zone, sw_day_of(zone, to->at_s - 1));
        s.steps = to->total;
        s.a_s = midnight_s > from->at_s ? midnight_s : from->at_s;
    }
    return s;
}

/* A bridge that reconnects may say again what it said last, and nothing in the message
 * tells: what lies between is not known to be without steps. */
static bool may_be_repeated(const struct sw_total *from, const struct sw_total *to)
{
    return to->stamp != SW_STAMP_OWN && to->total == from->total &&
           to->at_s - from->at_s > SW_REPEAT_SECONDS_MAX;
}

/* Step to the next difference that says something. */
static void next_difference(struct stretches *all)
{
    const struct sw_device_set *device = all->device;
    all->has_difference = false;
    while (!all->has_difference && all->i_total + 1 < device->n_totals) {
        const struct sw_total *from = &device->totals[all->i_total++];
        bool changed_hands =
            from->total == SW_TOTAL_BREAK || from[1].total == SW_TOTAL_BREAK;
        if (changed_hands || may_be_repeated(from, from + 1))
            continue;
        struct stretch s = counter_difference(all->zone, from, from + 1);
        if (sw_is_implausible(s.steps, s.b_s - s.a_s))
            continue;
        all->difference = s;
        all->has_difference = true;
    }
}

static struct stretch of_reading(const struct sw_reading *reading)
{
    return (struct stretch){reading->start_s, reading->start_s + reading->seconds,
                            reading->steps, reading->worn};
}

static bool next_stretch(struct stretches *all, struct stretch *ret)
{
    const struct sw_device_set *device = all->device;
    bool has_reading = all->i_reading < device->n_readings;
    if (!has_reading && !all->has_difference)
        return false;
    bool reading_is_next = has_reading && (!all->has_difference ||
                                           device->readings[all->i_reading].start_s <=
                                               all->difference.a_s);
    if (reading_is_next) {
        *ret = of_reading(&device->readings[all->i_reading++]);
    } else {
        *ret = all->difference;
        next_difference(all);
    }
    return true;
}

/* ---- the readings under way, the finest on top ---- */

struct heap {
    struct stretch *items;
    size_t n, cap;
};

/* The finest reading wins: shortest; ties: more steps, then the earlier start; of the
 * same span and steps the worn one. */
static bool is_finer(const struct stretch *a, const struct stretch *b)
{
    int64_t a_len = a->b_s - a->a_s, b_len = b->b_s - b->a_s;
    if (a_len != b_len)
        return a_len < b_len;
    if (a->steps != b->steps)
        return a->steps > b->steps;
    if (a->a_s != b->a_s)
        return a->a_s < b->a_s;
    return a->worn && !b->worn;
}

static void swap(struct stretch *a, struct stretch *b)
{
    struct stretch kept = *a;
    *a = *b;
    *b = kept;
}

static int heap_push(struct heap *heap, const struct stretch *s)
{
    int r = GROW(heap->items, heap->n, heap->cap);
    if (r < 0)
        return r;
    size_t i = heap->n++;
    heap->items[i] = *s;
    for (; i > 0 && is_finer(&heap->items[i], &heap->items[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(&heap->items[i], &heap->items[(i - 1) / 2]);
    return 0;
}

static void heap_pop(struct heap *heap)
{
    heap->items[0] = heap->items[--heap->n];
    for (size_t i = 0;;) {
        size_t finest = i, left = 2 * i + 1, right = left + 1;
        if (left < heap->n && is_finer(&heap->items[left], &heap->items[finest]))
            finest = left;
        if (right < heap->n && is_finer(&heap->items[right], &heap->items[finest]))
            finest = right;
        if (finest == i)
            return;
        swap(&heap->items[i], &heap->items[finest]);
        i = finest;
    }
}

/* ---- sharing out what was won ---- */

/* The day that is shared out to. */
struct share {
    struct minute_sheet *sheet;
    int64_t begin_s, end_s;
    int32_t break_steps;
};

static bool is_firm(const struct stretch *s)
{
    return s->b_s - s->a_s <= SW_FIRM_SECONDS_MAX || s->steps == 0;
}

/* floor(steps * elapsed / length). Whole steps a second are split off first, so that
 * the product stays below length squared: no overflow below 96 years. */
static int64_t part_up_to(const struct stretch *s, int64_t at_s)
{
    int64_t elapsed_s = at_s - s->a_s, length_s = s->b_s - s->a_s;
    if (elapsed_s == 0 || elapsed_s == length_s) /* as with each reading of a minute */
        return elapsed_s == 0 ? 0 : s->steps;
    return s->steps / length_s * elapsed_s + s->steps % length_s * elapsed_s / length_s;
}

static void win_minute(const struct share *day, const struct stretch *s, int64_t from_s,
                       int64_t to_s)
{
    struct device_minute *minute =
        &day->sheet->minutes[(from_s - day->begin_s) / MINUTE_S];
    minute->steps += (int32_t)(part_up_to(s, to_s) - part_up_to(s, from_s));
    if (!is_firm(s))
        return;
    minute->firm_s = (uint8_t)(minute->firm_s + (to_s - from_s));
    if (!s->worn)
        return;
    minute->worn_s = (uint8_t)(minute->worn_s + (to_s - from_s));
    bool is_sustained = s->b_s - s->a_s > SUSTAINED_S && s->steps >= day->break_steps;
    minute->sustained = minute->sustained || is_sustained;
}

/* s wins [from_s, to_s): give each minute of the day its part. */
static void win(const struct share *day, const struct stretch *s, int64_t from_s,
                int64_t to_s)
{
    if (from_s < day->begin_s)
        from_s = day->begin_s;
    if (to_s > day->end_s)
        to_s = day->end_s;
    while (from_s < to_s) {
        int64_t next_s = from_s - (from_s - day->begin_s) % MINUTE_S + MINUTE_S;
        if (next_s > to_s)
            next_s = to_s;
        win_minute(day, s, from_s, next_s);
        from_s = next_s;
    }
}

/* Let the readings under way win up to until_s. */
static void win_until(const struct share *day, struct heap *heap, int64_t from_s,
                      int64_t until_s)
{
    while (heap->n > 0 && from_s < until_s) {
        const struct stretch *best = &heap->items[0];
        int64_t to_s = best->b_s < until_s ? best->b_s : until_s;
        if (to_s > from_s) {
            win(day, best, from_s, to_s);
            from_s = to_s;
        }
        if (best->b_s <= from_s)
            heap_pop(heap);
    }
}

static bool overlaps(const struct share *day, const struct stretch *s)
{
    return s->a_s < day->end_s && s->b_s > day->begin_s;
}

static bool has_total_within(const struct sw_device_set *device,
                             const struct share *day)
{
    for (size_t i = 0; i < device->n_totals; i++)
        if (device->totals[i].total != SW_TOTAL_BREAK &&
            device->totals[i].at_s >= day->begin_s &&
            device->totals[i].at_s < day->end_s)
            return true;
    return false;
}

/* Something is said of the minutes of the day that [from_s, to_s) covers. */
static void mark_known(const struct share *day, int64_t from_s, int64_t to_s)
{
    if (from_s < day->begin_s)
        from_s = day->begin_s;
    if (to_s > day->end_s)
        to_s = day->end_s;
    if (from_s >= to_s)
        return;
    day->sheet->from = (int32_t)((from_s - day->begin_s) / MINUTE_S);
    day->sheet->to = (int32_t)((to_s - 1 - day->begin_s) / MINUTE_S) + 1;
}

int device_minutes(const struct sw_device_set *device, const struct sw_zone *zone,
                   int64_t begin_s, int32_t n, int32_t break_steps,
                   struct minute_sheet *ret, bool *touched)
{
    struct share day = {ret, begin_s, begin_s + (int64_t)n * MINUTE_S, break_steps};
    struct stretches all = {.device = device, .zone = zone};
    struct heap heap = {0};
    struct stretch s;
    int64_t at_s = INT64_MIN, from_s = INT64_MAX, to_s = INT64_MIN;
    int r = 0;

    if (has_total_within(device, &day))
        *touched = true;
    next_difference(&all);
    while (next_stretch(&all, &s)) {
        if (!overlaps(&day, &s))
            continue;
        *touched = true;
        from_s = s.a_s < from_s ? s.a_s : from_s;
        to_s = s.b_s > to_s ? s.b_s : to_s;
        win_until(&day, &heap, at_s, s.a_s);
        at_s = s.a_s;
        r = heap_push(&heap, &s);
        if (r < 0)
            goto out;
    }
    win_until(&day, &heap, at_s, day.end_s);
    mark_known(&day, from_s, to_s);
out:
    free(heap.items);
    return r;
}
