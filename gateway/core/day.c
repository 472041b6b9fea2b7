/* day.c -- from minutes to the day: classes, the wake window, rests, the row.
 *
 * Who wins a minute is minutes.c's business; whether a rest matters is alert.c's.
 */
#include "stepward/day.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/minutes.h"

enum {
    MINUTE_S = 60,
    KNOWN_S = 30, /* half a minute of coverage makes it known */
    HOUR_MIN = 60,
    DAY_MIN = 1440,
    DAY_S = 86400,
};

/* A minute of the patient: the most steps and the best state of all devices. */
struct merged {
    int32_t steps;
    bool known, unworn, sustained;
};

static void merge(struct merged *into, const struct device_minute *from)
{
    bool known = from->worn_s >= KNOWN_S;
    if (from->steps > into->steps)
        into->steps = from->steps;
    into->known = into->known || known;
    into->unworn = into->unworn || from->firm_s >= KNOWN_S;
    into->sustained = into->sustained || (known && from->sustained);
}

struct sheets {
    struct device_minute device[SW_DAY_MINUTES_MAX];
    struct merged merged[SW_DAY_MINUTES_MAX];
};

static int merge_devices(struct sw_day *day, const struct sw_zone *zone,
                         const struct sw_plan *plan, const struct sw_day_set *set,
                         struct sheets *sheets)
{
    for (size_t d = 0; d < set->n_devices; d++) {
        if (d > 0)
            memset(sheets->device, 0, sizeof(sheets->device));
        int r = device_minutes(&set->devices[d], zone, day->begin_s, day->n_minutes,
                               plan->break_steps, sheets->device, &day->touched);
        if (r < 0)
            return r;
        for (int32_t i = 0; i < day->n_minutes; i++)
            merge(&sheets->merged[i], &sheets->device[i]);
    }
    return 0;
}

/* Mark the minutes of every window of 5 that holds enough steps. */
static void mark_busy(const struct merged *merged, int32_t n, int32_t break_steps,
                      bool *busy)
{
    int64_t held = 0;
    int32_t marked_to = 0; /* minutes before it are marked or will not be */
    for (int32_t last = 0; last < n; last++) {
        int32_t first = last - SW_ACTIVE_WINDOW_MIN + 1;
        held += merged[last].steps;
        if (first > 0)
            held -= merged[first - 1].steps;
        if (first < 0 || held < break_steps)
            continue;
        for (int32_t i = marked_to > first ? marked_to : first; i <= last; i++)
            busy[i] = true;
        marked_to = last + 1;
    }
}

static enum sw_minute_class class_of(const struct merged *m, bool busy)
{
    if (!m->known)
        return m->unworn ? SW_MINUTE_UNWORN : SW_MINUTE_UNKNOWN;
    bool is_active = (m->steps > 0 && busy) || m->sustained;
    return is_active ? SW_MINUTE_ACTIVE : SW_MINUTE_STILL;
}

static void classify(struct sw_day *day, const struct merged *merged,
                     int32_t break_steps)
{
    bool busy[SW_DAY_MINUTES_MAX] = {false};
    mark_busy(merged, day->n_minutes, break_steps, busy);
    for (int32_t i = 0; i < day->n_minutes; i++) {
        day->minutes[i].steps = merged[i].steps;
        day->minutes[i].class = (uint8_t)class_of(&merged[i], busy[i]);
    }
}

/* ---- what needs the wall clock: the wake window and whole hours ---- */

struct hour {
    int32_t minutes; /* of it inside the window */
    int64_t steps;
};

static void end_hour(struct sw_day_row *row, const struct hour *hour)
{
    bool is_whole = hour->minutes == HOUR_MIN;
    row->active_hours += is_whole && hour->steps >= SW_ACTIVE_HOUR_STEPS;
}

/* Walks the wall clock: it is asked for where it may jump, and counted on between. */
static void place_in_window(struct sw_day *day, const struct sw_zone *zone,
                            const struct sw_plan *plan)
{
    struct hour hour = {.minutes = 0};
    int64_t until_s = INT64_MIN;
    int32_t offset_s = 0, local = 0;
    for (int32_t i = 0; i < day->n_minutes; i++, local = (local + 1) % DAY_MIN) {
        int64_t at_s = day->begin_s + (int64_t)i * MINUTE_S;
        int32_t before_s = offset_s;
        if (at_s >= until_s) {
            offset_s = sw_zone_offset_until(zone, at_s, &until_s);
            local = (int32_t)((at_s + offset_s) % DAY_S / MINUTE_S);
        }
        if (local % HOUR_MIN == 0 || offset_s != before_s) {
            end_hour(&day->row, &hour);
            hour = (struct hour){.minutes = 0};
        }
        struct sw_minute *minute = &day->minutes[i];
        minute->in_window = local >= plan->wake_from_min && local < plan->wake_to_min;
        hour.minutes += minute->in_window;
        hour.steps += minute->in_window ? minute->steps : 0;
    }
    end_hour(&day->row, &hour);
}

/* ---- rests ---- */

bool sw_day_next_rest(const struct sw_day *day, int32_t from, struct sw_rest *ret)
{
    struct sw_rest rest = {-1, -1};
    for (int32_t i = from; i < day->n_minutes; i++) {
        const struct sw_minute *minute = &day->minutes[i];
        bool is_open = rest.from >= 0;
        if (minute->in_window && minute->class == SW_MINUTE_STILL) {
            rest.to = i;
            rest.from = is_open ? rest.from : i;
            continue;
        }
        bool bridged = minute->in_window && minute->class != SW_MINUTE_ACTIVE &&
                       i - rest.to <= SW_REST_BRIDGE_MIN;
        if (is_open && !bridged)
            break;
    }
    if (rest.from < 0)
        return false;
    *ret = rest;
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

static void count_minutes(struct sw_day *day)
{
    struct sw_day_row *row = &day->row;
    int32_t of_class[SW_MINUTE_ACTIVE + 1] = {0};
    for (int32_t i = 0; i < day->n_minutes; i++) {
        const struct sw_minute *minute = &day->minutes[i];
        row->steps += minute->steps;
        row->brisk_min += minute->steps >= SW_BRISK_STEPS;
        of_class[minute->class] += minute->in_window;
    }
    row->active_min = of_class[SW_MINUTE_ACTIVE];
    row->still_min = of_class[SW_MINUTE_STILL];
    row->unworn_min = of_class[SW_MINUTE_UNWORN];
    row->unknown_min = of_class[SW_MINUTE_UNKNOWN];
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

static void compare_with_goal(struct sw_day_row *row, const struct sw_plan *plan)
{
    row->goal = plan->goal;
    row->goal_pct = plan->goal > 0 ? 100 * row->steps / plan->goal : 0;
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

int sw_day_compute(struct sw_day *ret, const struct sw_zone *zone, int32_t day,
                   const struct sw_plan *plan, const struct sw_day_set *set)
{
    struct sheets *sheets = calloc(1, sizeof(*sheets));
    if (!sheets)
        return -ENOMEM;
    memset(ret, 0, sizeof(*ret));
    ret->row.day = day;
    ret->begin_s = sw_day_begin(zone, day);
    int64_t length_min = (sw_day_begin(zone, day + 1) - ret->begin_s) / MINUTE_S;
    ret->n_minutes =
        (int32_t)(length_min < SW_DAY_MINUTES_MAX ? length_min : SW_DAY_MINUTES_MAX);

    int r = merge_devices(ret, zone, plan, set, sheets);
    if (r < 0)
        goto out;
    classify(ret, sheets->merged, plan->break_steps);
    place_in_window(ret, zone, plan);
    count_minutes(ret);
    count_rests(ret, zone);
    judge_coverage(&ret->row);
    compare_with_goal(&ret->row, plan);
    sum_pain(ret, set);
out:
    free(sheets);
    return r;
}

void sw_reading_days(const struct sw_zone *zone, const struct sw_reading *reading,
                     int32_t *ret_first, int32_t *ret_last)
{
    *ret_first = sw_day_of(zone, reading->start_s);
    *ret_last = sw_day_of(zone, reading->start_s + reading->seconds - 1);
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
