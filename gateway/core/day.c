/* day.c -- from minutes to the day: classes, the wake window, rests, the row.
 *
 * minutes.c decides which reading wins a minute; whether a rest matters is
 * rule_rest.c's business.
 */
#include "stepward/day.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/minutes.h"
#include "util/array.h"

enum {
    MINUTE_S = 60,
    DAY_S = 86400,
    KNOWN_S = 30, /* half a minute of coverage makes a minute known */
    HOUR_MIN = 60,
};

/* ---- the minutes of the patient ---- */

static bool day_is_known(const struct device_minute *m)
{
    return m->worn_s >= KNOWN_S;
}

/* A sheet for each of the patient's devices that has data for the day. */
struct sheets {
    struct minute_sheet *items;
    size_t n, n_clean, cap; /* n_clean: so many were zeroed */
};

/* Make room for one more sheet, all zero. */
static int need_sheet(struct sheets *sheets)
{
    int r = GROW(sheets->items, sheets->n, sheets->cap);
    if (r < 0 || sheets->n < sheets->n_clean)
        return r;
    memset(&sheets->items[sheets->n], 0, sizeof(*sheets->items));
    sheets->n_clean = sheets->n + 1;
    return 0;
}

static int add_sheet(struct sheets *sheets, struct sw_day *day,
                     const struct sw_zone *zone, const struct sw_plan *plan,
                     const struct sw_device_set *device)
{
    int r = need_sheet(sheets);
    if (r < 0)
        return r;
    struct minute_sheet *sheet = &sheets->items[sheets->n];
    r = device_minutes(device, zone, day->begin_s, day->n_minutes, plan->break_steps,
                       sheet, &day->touched);
    if (r < 0 || sheet->from == sheet->to)
        return r;
    sheet->device = device;
    sheets->n++;
    return 0;
}

/* The device with the finer readings provides a block's steps; ties: more steps, then
 * the smaller id. */
static bool is_better(const struct minute_sheet *a, const struct minute_sheet *b,
                      int32_t block)
{
    const struct device_block *x = &a->blocks[block], *y = &b->blocks[block];
    if (x->longest_s != y->longest_s)
        return x->longest_s < y->longest_s;
    if (x->steps != y->steps)
        return x->steps > y->steps;
    return strcmp(a->device->device.str, b->device->device.str) < 0;
}

/* The device that provides the block's steps: one with at least three quarters of the
 * most steps. sheets->n: none has data for it. */
static size_t device_of_block(const struct sheets *sheets, int32_t block)
{
    int64_t most = 0;
    size_t best = sheets->n;
    for (size_t d = 0; d < sheets->n; d++)
        if (sheets->items[d].blocks[block].steps > most)
            most = sheets->items[d].blocks[block].steps;
    for (size_t d = 0; d < sheets->n; d++) {
        const struct device_block *x = &sheets->items[d].blocks[block];
        bool may = x->longest_s > 0 && 4 * x->steps >= 3 * most;
        if (may && (best == sheets->n ||
                    is_better(&sheets->items[d], &sheets->items[best], block)))
            best = d;
    }
    return best;
}

/* The minute gets its device's steps and the best coverage of all devices. */
static void merge_minute(struct sheets *sheets, size_t device, int32_t i)
{
    struct device_minute merged = sheets->items[device].minutes[i];
    merged.sustained = merged.sustained && day_is_known(&merged);
    for (size_t d = 0; d < sheets->n; d++) {
        const struct device_minute *m = &sheets->items[d].minutes[i];
        merged.firm_s = m->firm_s > merged.firm_s ? m->firm_s : merged.firm_s;
        merged.worn_s = m->worn_s > merged.worn_s ? m->worn_s : merged.worn_s;
    }
    sheets->items[0].minutes[i] = merged;
}

/* The first sheet becomes the patient's. */
static void merge_sheets(struct sheets *sheets)
{
    struct minute_sheet *into = &sheets->items[0];
    for (size_t d = 1; d < sheets->n; d++) {
        const struct minute_sheet *sheet = &sheets->items[d];
        into->from = sheet->from < into->from ? sheet->from : into->from;
        into->to = sheet->to > into->to ? sheet->to : into->to;
    }
    size_t device = 0;
    for (int32_t i = into->from; sheets->n > 1 && i < into->to; i++) {
        if (i == into->from || i % SW_BLOCK_MIN == 0)
            device = device_of_block(sheets, i / SW_BLOCK_MIN);
        merge_minute(sheets, device < sheets->n ? device : 0, i);
    }
}

/* Mark the minutes of every window of 5 that holds enough steps. There are no steps
 * outside the sheet's range, so windows that lie there hold none. */
static void mark_busy(const struct minute_sheet *sheet, int32_t n, int32_t break_steps,
                      bool *busy)
{
    int32_t beyond = sheet->to + SW_ACTIVE_WINDOW_MIN - 1;
    int64_t held = 0;
    int32_t marked_to = 0; /* minutes before it are decided */
    for (int32_t last = sheet->from; last < beyond && last < n; last++) {
        int32_t first = last - SW_ACTIVE_WINDOW_MIN + 1;
        held += sheet->minutes[last].steps;
        if (first > sheet->from)
            held -= sheet->minutes[first - 1].steps;
        if (first < 0 || held < break_steps)
            continue;
        for (int32_t i = marked_to > first ? marked_to : first; i <= last; i++)
            busy[i] = true;
        marked_to = last + 1;
    }
}

static void classify(struct sw_day *day, const struct minute_sheet *sheet,
                     int32_t break_steps)
{
    bool busy[SW_DAY_MINUTES_MAX] = {false};
    mark_busy(sheet, day->n_minutes, break_steps, busy);
    for (int32_t i = sheet->from; i < sheet->to; i++) {
        const struct device_minute *m = &sheet->minutes[i];
        bool is_active = (m->steps > 0 && busy[i]) || m->sustained;
        enum sw_minute_class class = is_active ? SW_MINUTE_ACTIVE : SW_MINUTE_STILL;
        if (!day_is_known(m))
            class = m->firm_s >= KNOWN_S ? SW_MINUTE_UNWORN : SW_MINUTE_UNKNOWN;
        day->minutes[i].steps = m->steps;
        day->minutes[i].class = (uint8_t) class;
        day->minutes[i].is_part = class == SW_MINUTE_UNKNOWN && m->firm_s > 0;
    }
}

/* ---- what needs the wall clock: the wake window and whole hours ---- */

struct hour {
    int32_t key;     /* which clock hour: local hour and offset from UTC */
    int32_t minutes; /* its minutes inside the window */
    int64_t steps;
};

static void end_hour(struct sw_day_row *row, const struct hour *hour)
{
    bool is_whole = hour->minutes == HOUR_MIN;
    row->active_hours += is_whole && hour->steps >= SW_ACTIVE_HOUR_STEPS;
}

static int32_t least(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

static int32_t most(int32_t a, int32_t b)
{
    return a > b ? a : b;
}

/* Minutes of the day that are consecutive on the wall clock, within one hour of it. */
struct stretch {
    int32_t from, to;
    int32_t local; /* minute of the wall clock's day at `from` */
    int32_t offset_s;
};

static struct stretch stretch_from(const struct sw_day *day, const struct sw_zone *zone,
                                   int32_t from)
{
    int64_t until_s, at_s = day->begin_s + (int64_t)from * MINUTE_S;
    struct stretch s = {.from = from,
                        .offset_s = sw_zone_offset_until(zone, at_s, &until_s)};
    s.local = (int32_t)((at_s + s.offset_s) % DAY_S / MINUTE_S);
    s.to = least(from + HOUR_MIN - s.local % HOUR_MIN, day->n_minutes);
    bool is_shifted = until_s < at_s + (int64_t)(s.to - from) * MINUTE_S;
    if (is_shifted)
        s.to = from + (int32_t)((until_s - at_s + MINUTE_S - 1) / MINUTE_S);
    return s;
}

/* Returns how many minutes of the stretch are in the window. */
static int32_t place_stretch(struct sw_day *day, const struct sw_plan *plan,
                             const struct stretch *s, struct hour *hour)
{
    int32_t from = most(s->from, s->from + plan->wake_from_min - s->local);
    int32_t to = least(s->to, s->from + plan->wake_to_min - s->local);
    for (int32_t i = from; i < to; i++) {
        day->minutes[i].in_window = true;
        hour->steps += day->minutes[i].steps;
    }
    int32_t n = most(to - from, 0);
    hour->minutes += n;
    return n;
}

/* Returns the length of the window in minutes. */
static int32_t place_in_window(struct sw_day *day, const struct sw_zone *zone,
                               const struct sw_plan *plan)
{
    struct hour hour = {.key = -1};
    int32_t window_min = 0;
    for (int32_t i = 0; i < day->n_minutes;) {
        struct stretch s = stretch_from(day, zone, i);
        int32_t key = s.local / HOUR_MIN + (s.offset_s + DAY_S) / MINUTE_S * 24;
        if (key != hour.key) {
            end_hour(&day->row, &hour);
            hour = (struct hour){.key = key};
        }
        window_min += place_stretch(day, plan, &s, &hour);
        i = s.to;
    }
    end_hour(&day->row, &hour);
    return window_min;
}

/* ---- rests ---- */

static bool is_rest(const struct sw_minute *minute)
{
    return minute->in_window && minute->class == SW_MINUTE_STILL;
}

bool sw_day_next_rest(const struct sw_day *day, int32_t from, struct sw_rest *ret)
{
    int32_t to = least(day->data_to, day->n_minutes);
    from = most(from, day->data_from);
    while (from < to && !is_rest(&day->minutes[from]))
        from++;
    if (from >= to)
        return false;
    *ret = (struct sw_rest){from, from};
    for (int32_t i = from + 1; i < to; i++) {
        const struct sw_minute *minute = &day->minutes[i];
        bool is_bridged = minute->in_window && minute->class != SW_MINUTE_ACTIVE &&
                          i - ret->to <= SW_REST_BRIDGE_MIN;
        if (is_rest(minute))
            ret->to = i;
        else if (!is_bridged)
            break;
    }
    return true;
}

static void count_rests(struct sw_day *day, const struct sw_zone *zone)
{
    struct sw_day_row *row = &day->row;
    struct sw_rest rest;
    row->longest_rest_from = -1;
    for (int32_t from = 0; sw_day_next_rest(day, from, &rest); from = rest.to + 1) {
        int32_t length_min = sw_rest_min(rest);
        row->rests_60 += length_min >= 60;
        if (length_min <= row->longest_rest_min)
            continue;
        row->longest_rest_min = length_min;
        row->longest_rest_from =
            sw_local_minute(zone, day->begin_s + (int64_t)rest.from * MINUTE_S);
    }
}

/* ---- the row ---- */

/* Minutes of the window without data count as unknown. */
static void count_minutes(struct sw_day *day, const struct minute_sheet *sheet,
                          int32_t window_min)
{
    struct sw_day_row *row = &day->row;
    int32_t of_class[SW_MINUTE_ACTIVE + 1] = {0};
    for (int32_t i = sheet->from; i < sheet->to; i++) {
        const struct sw_minute *minute = &day->minutes[i];
        row->steps += minute->steps;
        row->brisk_min += minute->steps >= SW_BRISK_STEPS;
        of_class[minute->class] += minute->in_window;
    }
    row->active_min = of_class[SW_MINUTE_ACTIVE];
    row->still_min = of_class[SW_MINUTE_STILL];
    row->unworn_min = of_class[SW_MINUTE_UNWORN];
    row->unknown_min = window_min - row->active_min - row->still_min - row->unworn_min;
}

static void judge_coverage(struct sw_day_row *row)
{
    int32_t known_min = row->active_min + row->still_min;
    int32_t window_min = known_min + row->unworn_min + row->unknown_min;
    if (window_min == 0)
        return;
    row->coverage_pct = 100 * known_min / window_min;
    bool covers_two_thirds = 3 * known_min >= 2 * window_min;
    row->valid = known_min >= SW_VALID_MIN || covers_two_thirds;
}

static void sum_pain(struct sw_day *day, const struct sw_day_set *set)
{
    struct sw_day_row *row = &day->row;
    double sum = 0;
    for (size_t i = 0; i < set->n_pains; i++) {
        double score = set->pains[i].score;
        sum += score;
        row->pain_max = score > row->pain_max ? score : row->pain_max;
    }
    row->n_pains = (int32_t)set->n_pains;
    row->pain_mean = set->n_pains > 0 ? sum / (double)set->n_pains : 0;
    day->touched = day->touched || set->n_pains > 0;
}

/* Begin the day, and fill a sheet for each device. */
static int fill_sheets(struct sheets *sheets, struct sw_day *day,
                       const struct sw_zone *zone, int32_t number,
                       const struct sw_plan *plan, const struct sw_day_set *set)
{
    day->row.day = number;
    day->begin_s = sw_day_begin(zone, number);
    int64_t length_min = (sw_day_begin(zone, number + 1) - day->begin_s) / MINUTE_S;
    day->n_minutes =
        (int32_t)(length_min < SW_DAY_MINUTES_MAX ? length_min : SW_DAY_MINUTES_MAX);

    int r = need_sheet(sheets); /* one is there even without any data */
    for (size_t d = 0; r >= 0 && d < set->n_devices; d++)
        r = add_sheet(sheets, day, zone, plan, &set->devices[d]);
    return r;
}

int sw_day_compute(struct sw_day *ret, const struct sw_zone *zone, int32_t day,
                   const struct sw_plan *plan, const struct sw_day_set *set)
{
    struct sheets sheets = {0};
    memset(ret, 0, sizeof(*ret));
    int r = fill_sheets(&sheets, ret, zone, day, plan, set);
    if (r < 0)
        goto out;
    merge_sheets(&sheets);
    ret->data_from = sheets.items->from;
    ret->data_to = sheets.items->to;
    classify(ret, sheets.items, plan->break_steps);
    int32_t window_min = place_in_window(ret, zone, plan);
    count_minutes(ret, sheets.items, window_min);
    count_rests(ret, zone);
    judge_coverage(&ret->row);
    ret->row.goal = plan->goal;
    ret->row.goal_pct = plan->goal > 0 ? 100 * ret->row.steps / plan->goal : 0;
    sum_pain(ret, set);
out:
    free(sheets.items);
    return r;
}

int sw_day_devices(struct sw_day_devices *ret, const struct sw_zone *zone, int32_t day,
                   const struct sw_plan *plan, const struct sw_day_set *set)
{
    struct sheets sheets = {0};
    *ret = (struct sw_day_devices){0};
    struct sw_day *scratch = calloc(1, sizeof(*scratch));
    int r = scratch ? fill_sheets(&sheets, scratch, zone, day, plan, set) : -ENOMEM;
    for (int32_t block = 0; r >= 0 && block < SW_DAY_BLOCKS_MAX; block++) {
        size_t d = device_of_block(&sheets, block);
        if (d == sheets.n)
            continue;
        ret->blocks[block].is_known = true;
        ret->blocks[block].device = sheets.items[d].device->device;
    }
    ret->n = sheets.n;
    free(sheets.items);
    free(scratch);
    return r;
}

static const char *const class_names[] = {
    [SW_MINUTE_UNKNOWN] = "unknown",
    [SW_MINUTE_UNWORN] = "unworn",
    [SW_MINUTE_STILL] = "still",
    [SW_MINUTE_ACTIVE] = "active",
};

const char *sw_minute_class_name(enum sw_minute_class c)
{
    return class_names[c];
}

int32_t sw_day_begun_min(const struct sw_day *day, int64_t now_s)
{
    int64_t begun = (now_s - day->begin_s) / MINUTE_S + 1;
    if (begun < 0)
        return 0;
    return begun < day->n_minutes ? (int32_t)begun : day->n_minutes;
}

bool sw_day_row_knows_steps(const struct sw_day_row *row)
{
    return row->steps > 0 || row->active_min > 0 || row->still_min > 0;
}
