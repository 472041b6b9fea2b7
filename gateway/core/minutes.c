/* minutes.c -- which reading wins each second, and what that gives each minute.
 *
 * Among all readings of a device that cover a second, the finest wins it. A coarser
 * reading gives the seconds that it won the part of its sum that finer ones left.
 * Readings that overlap nothing, as most do, win all of their seconds. Overlapping
 * readings are handled together: their starts and ends cut the time into pieces, each
 * of which one reading wins whole, and they take turns, the finest first. The cost of n
 * readings grows like n log n, however they overlap. What minutes mean for the day is
 * day.c's business, and what a counter says is counter.c's.
 */
#include "core/minutes.h"

#include <errno.h>
#include <stdlib.h>

#include "core/counter.h"
#include "util/array.h"

enum {
    MINUTE_S = 60,
    DAY_S_MAX = SW_DAY_MINUTES_MAX * MINUTE_S,
    SUSTAINED_S = 5 * 60, /* the steps of a longer reading count as spread */
    WORD_BITS = 64,
};

/* The day whose minutes receive the steps. */
struct share {
    struct minute_sheet *sheet;
    int64_t begin_s, end_s;
    int32_t break_steps;
};

/* ---- the stretches of a device, in order of their start ---- */

struct stretches {
    const struct sw_device_set *device;
    struct counter counter;
    size_t i_reading;
    struct stretch difference; /* the counter's next, if has_difference */
    bool has_difference;
};

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
        const struct sw_reading *reading = &device->readings[all->i_reading++];
        *ret = (struct stretch){reading->start_s, reading->start_s + reading->seconds,
                                reading->steps, reading->worn};
    } else {
        *ret = all->difference;
        all->has_difference = counter_next(&all->counter, &all->difference);
    }
    return true;
}

/* ---- giving steps to minutes ---- */

/* A reading that is being distributed: its steps go evenly to the seconds that it
 * won. */
struct gift {
    const struct stretch *from;
    int64_t steps, won_s, given_s; /* given_s: won seconds already passed */
};

/* floor(steps * k / length). Whole steps per second are split off first, so the product
 * stays below length squared and cannot overflow below 96 years. */
static int64_t part_of(int64_t steps, int64_t k, int64_t length)
{
    if (k == 0 || k == length) /* as for every reading of one minute */
        return k == 0 ? 0 : steps;
    return steps / length * k + steps % length * k / length;
}

/* The steps of the reading that fall into the day. */
static int64_t day_part(const struct share *day, const struct stretch *s)
{
    int64_t length_s = s->b_s - s->a_s;
    int64_t from_s = s->a_s > day->begin_s ? s->a_s : day->begin_s;
    int64_t to_s = s->b_s < day->end_s ? s->b_s : day->end_s;
    return part_of(s->steps, to_s - s->a_s, length_s) -
           part_of(s->steps, from_s - s->a_s, length_s);
}

static bool is_firm(const struct share *day, const struct stretch *s)
{
    return s->b_s - s->a_s <= SW_FIRM_SECONDS_MAX || s->steps < day->break_steps;
}

/* Give one minute of the day its share: the reading won the seconds [from_s, to_s). */
static void give_minute(const struct share *day, struct gift *gift, int32_t from_s,
                        int32_t to_s)
{
    const struct stretch *s = gift->from;
    int32_t i = from_s / MINUTE_S, won_s = to_s - from_s;
    struct device_minute *minute = &day->sheet->minutes[i];
    struct device_block *block = &day->sheet->blocks[i / SW_BLOCK_MIN];
    int64_t steps = part_of(gift->steps, gift->given_s + won_s, gift->won_s) -
                    part_of(gift->steps, gift->given_s, gift->won_s);
    gift->given_s += won_s;
    minute->steps += (int32_t)steps;
    block->steps += steps;
    if (block->longest_s < s->b_s - s->a_s)
        block->longest_s = s->b_s - s->a_s;
    if (!is_firm(day, s))
        return;
    minute->firm_s = (uint8_t)(minute->firm_s + won_s);
    if (!s->worn)
        return;
    minute->worn_s = (uint8_t)(minute->worn_s + won_s);
    bool is_sustained =
        s->b_s - s->a_s > SUSTAINED_S && gift->steps >= day->break_steps;
    minute->sustained = minute->sustained || is_sustained;
}

/* The same for any seconds of the day. */
static void give(const struct share *day, struct gift *gift, int32_t from_s,
                 int32_t to_s)
{
    while (from_s < to_s) {
        int32_t next_s = from_s - from_s % MINUTE_S + MINUTE_S;
        if (next_s > to_s)
            next_s = to_s;
        give_minute(day, gift, from_s, next_s);
        from_s = next_s;
        day->sheet->work++;
    }
}

static int32_t first_second(const struct share *day, const struct stretch *s)
{
    return s->a_s > day->begin_s ? (int32_t)(s->a_s - day->begin_s) : 0;
}

static int32_t end_second(const struct share *day, const struct stretch *s)
{
    return (int32_t)((s->b_s < day->end_s ? s->b_s : day->end_s) - day->begin_s);
}

/* ---- readings that overlap, the finest on top ---- */

struct heap {
    struct stretch *items;
    size_t n, cap;
};

/* The finest reading is the shortest; ties: more steps, then the earlier start, then
 * worn. */
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

static struct stretch heap_pop(struct heap *heap)
{
    struct stretch finest_of_all = heap->items[0];
    heap->items[0] = heap->items[--heap->n];
    for (size_t i = 0;;) {
        size_t finest = i, left = 2 * i + 1, right = left + 1;
        if (left < heap->n && is_finer(&heap->items[left], &heap->items[finest]))
            finest = left;
        if (right < heap->n && is_finer(&heap->items[right], &heap->items[finest]))
            finest = right;
        if (finest == i)
            return finest_of_all;
        swap(&heap->items[i], &heap->items[finest]);
        i = finest;
    }
}

/* ---- the pieces they cut the time into ---- */

struct pieces {
    uint64_t is_cut[DAY_S_MAX / WORD_BITS + 1]; /* a bit for each second of the day */
    size_t n; /* piece i goes from cuts[i] to cuts[i + 1] */
    int32_t *cuts;
    uint32_t *next; /* where to look on for a free piece; itself: free */
    int64_t *given; /* a tree of sums, as in Fenwick (1994) */
    size_t cap_cuts, cap_next, cap_given;
    uint64_t work;
};

static void cut_at(struct pieces *pieces, int32_t second)
{
    pieces->is_cut[second / WORD_BITS] |= UINT64_C(1) << (second % WORD_BITS);
}

/* List the cuts of [from_s, to_s] in order, and clear their bits. */
static void list_cuts(struct pieces *pieces, int32_t from_s, int32_t to_s)
{
    size_t n = 0;
    for (int32_t w = from_s / WORD_BITS; w <= to_s / WORD_BITS; w++) {
        uint64_t bits = pieces->is_cut[w];
        for (int32_t second = w * WORD_BITS; bits != 0; bits >>= 1, second++)
            if (bits & 1)
                pieces->cuts[n++] = second;
        pieces->is_cut[w] = 0;
    }
    pieces->n = n - 1;
}

static int cut_pieces(struct pieces *pieces, const struct share *day,
                      const struct heap *heap)
{
    int32_t from_s = DAY_S_MAX, to_s = 0;
    size_t n_cuts = 2 * heap->n; /* at most */
    int r = RESERVE(pieces->cuts, n_cuts, pieces->cap_cuts);
    if (r >= 0)
        r = RESERVE(pieces->next, n_cuts, pieces->cap_next);
    if (r >= 0)
        r = RESERVE(pieces->given, n_cuts, pieces->cap_given);
    if (r < 0)
        return r;
    for (size_t i = 0; i < heap->n; i++) {
        int32_t a_s = first_second(day, &heap->items[i]);
        int32_t b_s = end_second(day, &heap->items[i]);
        cut_at(pieces, a_s);
        cut_at(pieces, b_s);
        from_s = a_s < from_s ? a_s : from_s;
        to_s = b_s > to_s ? b_s : to_s;
    }
    list_cuts(pieces, from_s, to_s);
    for (size_t i = 0; i <= pieces->n; i++) {
        pieces->next[i] = (uint32_t)i;
        pieces->given[i] = 0;
    }
    return 0;
}

static size_t piece_at(struct pieces *pieces, int32_t second)
{
    size_t low = 0, high = pieces->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (pieces->cuts[middle] < second)
            low = middle + 1;
        else
            high = middle;
        pieces->work++;
    }
    return low;
}

/* The first piece from i on that no reading has won; pieces->n: there is none. */
static size_t free_piece(struct pieces *pieces, size_t i)
{
    while (pieces->next[i] != i) {
        pieces->next[i] = pieces->next[pieces->next[i]]; /* shorter for the next time */
        i = pieces->next[i];
        pieces->work++;
    }
    return i;
}

/* The steps given to the pieces before i. */
static int64_t given_before(struct pieces *pieces, size_t i)
{
    int64_t sum = 0;
    for (; i > 0; i -= i & -i) {
        sum += pieces->given[i];
        pieces->work++;
    }
    return sum;
}

/* The reading wins those of its pieces that are still free. */
static void take_turn(struct pieces *pieces, const struct share *day,
                      const struct stretch *s)
{
    size_t from = piece_at(pieces, first_second(day, s));
    size_t to = piece_at(pieces, end_second(day, s));
    struct gift gift = {.from = s};
    for (size_t i = free_piece(pieces, from); i < to; i = free_piece(pieces, i + 1))
        gift.won_s += pieces->cuts[i + 1] - pieces->cuts[i];
    if (gift.won_s == 0)
        return;
    int64_t left =
        day_part(day, s) - given_before(pieces, to) + given_before(pieces, from);
    gift.steps = left > 0 ? left : 0;
    for (size_t i = free_piece(pieces, from); i < to; i = free_piece(pieces, i)) {
        int64_t before = part_of(gift.steps, gift.given_s, gift.won_s);
        give(day, &gift, pieces->cuts[i], pieces->cuts[i + 1]);
        int64_t after = part_of(gift.steps, gift.given_s, gift.won_s);
        for (size_t node = i + 1; node <= pieces->n; node += node & -node) {
            pieces->given[node] += after - before;
            pieces->work++;
        }
        pieces->next[i] = (uint32_t)i + 1;
    }
}

/* ---- all of a device ---- */

/* Distribute the readings of the heap, which overlap each other and no others; *pieces
 * is allocated when it is first needed. */
static int give_all(struct pieces **pieces, const struct share *day, struct heap *heap)
{
    if (heap->n == 1) { /* it wins all of its seconds */
        const struct stretch *s = heap->items;
        int32_t from_s = first_second(day, s), to_s = end_second(day, s);
        struct gift gift = {
            .from = s, .steps = day_part(day, s), .won_s = to_s - from_s};
        give(day, &gift, from_s, to_s);
    }
    if (heap->n <= 1) {
        heap->n = 0;
        return 0;
    }
    if (!*pieces)
        *pieces = calloc(1, sizeof(**pieces));
    int r = *pieces ? cut_pieces(*pieces, day, heap) : -ENOMEM;
    while (r >= 0 && heap->n > 0) {
        struct stretch s = heap_pop(heap);
        take_turn(*pieces, day, &s);
    }
    return r;
}

/* Record that there is data for the minutes of the day that [from_s, to_s) covers. */
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
    struct stretches all = {.device = device};
    struct pieces *pieces = NULL;
    struct heap heap = {0};
    struct stretch s;
    int64_t from_s = INT64_MAX, to_s = INT64_MIN;
    int r = counter_init(&all.counter, device, zone);

    for (size_t i = 0; i < device->n_totals; i++) {
        const struct sw_total *total = &device->totals[i];
        if (total->total != SW_TOTAL_BREAK && total->at_s > day.begin_s &&
            total->at_s <= day.end_s) /* a total belongs to the second before it */
            *touched = true;
    }
    if (r >= 0)
        all.has_difference = counter_next(&all.counter, &all.difference);
    while (r >= 0 && next_stretch(&all, &s)) {
        bool overlaps_day = s.a_s < day.end_s && s.b_s > day.begin_s;
        if (!overlaps_day)
            continue;
        *touched = true;
        if (s.a_s >= to_s)
            r = give_all(&pieces, &day, &heap);
        if (r >= 0)
            r = heap_push(&heap, &s);
        from_s = s.a_s < from_s ? s.a_s : from_s;
        to_s = s.b_s > to_s ? s.b_s : to_s;
    }
    if (r >= 0)
        r = give_all(&pieces, &day, &heap);
    mark_known(&day, from_s, to_s);
    ret->work += all.counter.work + (pieces ? pieces->work : 0);
    if (pieces) {
        free(pieces->cuts);
        free(pieces->next);
        free(pieces->given);
    }
    free(pieces);
    free(all.counter.made_good);
    free(heap.items);
    return r;
}
