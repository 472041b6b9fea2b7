/* store_day.c -- a day: what it is computed from, totals, scores and readings as a set,
 * and the computed rows, one a patient and day, as the contract names them; also when a
 * patient's devices last sent something.
 *
 * Totals and scores have one row per instant and clock. Which of several counts is
 * decided by a set of the core. What the set means for the day, and what a row contains,
 * is core/day.c's business; readings are stored by store_readings.c.
 */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_MAX = 84005 /* 2199-12-31, the last day that sw_date_parse() reads */ };

/* ---- what counters showed ---- */

int sw_total_neighbours(struct sw_store *store, int64_t key, int64_t at_s,
                        struct sw_span *ret)
{
    return sw_query_span(
        sw_query_with(store, SQL_TOTAL_NEIGHBOURS, sw_int(key), sw_int(at_s)), ret);
}

int sw_store_put_total(struct sw_store *store, int64_t patient_key,
                       const struct sw_device_id *device, const struct sw_total *total,
                       struct sw_span *ret_touched)
{
    bool own;
    int64_t key = 0;
    struct sw_span touched = {0};
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_device_key(store, patient_key, device, &key);
    if (r == 0)
        r = sw_total_neighbours(store, key, total->at_s, &touched);
    if (r == 0)
        r = sw_put(sw_query_with(store, SQL_PUT_TOTAL, sw_int(key), sw_int(total->at_s),
                                 sw_int(total->total),
                                 sw_int(sw_clock_of(store, total->stamp))));
    r = sw_atomic_end(store, own, r);
    if (r >= 0)
        *ret_touched = touched;
    return r;
}

int sw_store_total_span(struct sw_store *store, int64_t patient_key,
                        const struct sw_device_id *device, int64_t at_s,
                        struct sw_span *ret)
{
    int64_t key = 0;
    int r = sw_store_find_device(store, patient_key, device, &key);
    return r == 0 ? sw_total_neighbours(store, key, at_s, ret) : r;
}

static int add_total(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_total total = {
        .at_s = sw_column_int(q, 1),
        .total = sw_column_int(q, 2),
        .stamp = sw_stamp_of(sw_column_int(q, 3)),
    };
    return sw_day_set_add_total(set, sw_column_int(q, 0), &total);
}

/* ---- scores of pain: of one instant the larger ---- */

int sw_store_put_pain(struct sw_store *store, int64_t patient_key,
                      const struct sw_pain *pain)
{
    return sw_put(sw_query_with(store, SQL_PUT_PAIN, sw_int(patient_key),
                                sw_int(pain->at_s), sw_real(pain->score),
                                sw_int(pain->flare),
                                sw_int(sw_clock_of(store, pain->stamp))));
}

static int add_pain(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_pain pain = {
        .at_s = sw_column_int(q, 0),
        .score = sw_column_real(q, 1),
        .flare = sw_column_int(q, 2) != 0,
        .stamp = sw_stamp_of(sw_column_int(q, 3)),
    };
    return sw_day_set_add_pain(set, &pain);
}

/* Add the rows of a query, at most max of them. */
static int add_all(struct sw_query q, size_t max,
                   int (*add)(const struct sw_query *q, struct sw_day_set *set),
                   struct sw_day_set *set)
{
    int r = 0;
    for (size_t n = 0; n < max && sw_query_next(&q, &r); n++) {
        int added = add(&q, set);
        r = added < 0 ? added : 0;
    }
    return sw_query_end(&q, r);
}

static struct sw_query pains_between(struct sw_store *store, int64_t patient_key,
                                     int64_t from_s, int64_t to_s)
{
    return sw_query_with(store, SQL_LOAD_PAINS, sw_int(patient_key), sw_int(from_s),
                         sw_int(to_s), sw_int(store->newest_s));
}

int sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                             struct sw_day_set *set)
{
    return add_all(sw_query_with(store, SQL_LAST_PAINS, sw_int(patient_key),
                                 sw_int(SW_PAIN_PAST_S), sw_int(SW_STORE_PAINS_MAX),
                                 sw_int(store->newest_s)),
                   SIZE_MAX, add_pain, set);
}

int sw_store_load_pains(struct sw_store *store, int64_t patient_key, int64_t from_s,
                        int64_t to_s, struct sw_day_set *set)
{
    return add_all(pains_between(store, patient_key, from_s, to_s), SIZE_MAX, add_pain,
                   set);
}

/* ---- the readings of a day ---- */

struct load {
    struct sw_store *store;
    struct sw_day_set *set;
    int64_t device_key, begin_s, end_s;
    size_t room; /* for readings of this device and those that follow */
};

/* The device's readings so far; a reading in both tables counts once. */
static size_t n_loaded(const struct load *load)
{
    const struct sw_device_set *device = sw_day_set_find(load->set, load->device_key);
    return device ? device->n_readings : 0;
}

/* Of more than there is room for, the first count, by start and length: not those that
 * happen to be read first. */
static int add_to_load(void *ctx, const struct sw_reading *reading)
{
    struct load *load = ctx;
    bool has_begun = reading->start_s < load->end_s;
    bool is_over = reading->start_s < load->begin_s &&
                   load->begin_s - reading->start_s >= reading->seconds;
    if (!has_begun || is_over)
        return 0;
    int r = sw_day_set_add_reading(load->set, load->device_key, reading);
    if (r > 0 && n_loaded(load) > load->room) {
        size_t i =
            (size_t)(sw_day_set_find(load->set, load->device_key) - load->set->devices);
        load->set->devices[i].n_readings--;
    }
    return r < 0 ? r : 0;
}

static int load_device(void *ctx, int64_t key, const char *id)
{
    struct load *load = ctx;
    bool is_earliest = load->begin_s < INT64_MIN + SW_READING_SECONDS_MAX;
    int64_t from_s = is_earliest ? INT64_MIN : load->begin_s - SW_READING_SECONDS_MAX;
    struct sw_device_id device = {.str = ""};
    strncpy(device.str, id, SW_ID_MAX);
    load->device_key = key;
    int r = sw_day_set_name_device(load->set, key, &device);
    if (r >= 0)
        r = sw_readings_each(load->store, key, from_s, load->end_s, add_to_load, load);
    size_t n = n_loaded(load);
    load->room -= n < load->room ? n : load->room;
    return r;
}

/* ---- a day ---- */

static int load_parts(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set)
{
    struct load load = {.store = store,
                        .set = set,
                        .begin_s = begin_s,
                        .end_s = end_s,
                        .room = SW_DAY_READINGS_MAX};
    struct sw_value patient = sw_int(patient_key);
    struct sw_value from = sw_int(begin_s), to = sw_int(end_s);
    int r = sw_readings_each_device(store, patient_key, load_device, &load);
    if (r == 0)
        r = add_all(sw_query_with(store, SQL_LOAD_TOTALS, patient, from, to,
                                  sw_int(store->newest_s)),
                    SW_DAY_READINGS_MAX, add_total, set);
    if (r == 0) /* their column of totals holds SW_TOTAL_BREAK */
        r = add_all(sw_query_with(store, SQL_LOAD_BREAKS, patient, from, to),
                    SW_DAY_READINGS_MAX, add_total, set);
    if (r == 0)
        r = add_all(pains_between(store, patient_key, begin_s, end_s),
                    SW_DAY_READINGS_MAX, add_pain, set);
    return r;
}

/* One transaction reads everything as of one moment, and takes the database's locks
 * once instead of once per query. */
int sw_store_load_day(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set)
{
    bool own = sqlite3_get_autocommit(store->db) && !store->begun;
    int r = own ? sw_store_begin_reading(store) : 0;
    if (r < 0)
        return r;
    r = load_parts(store, patient_key, begin_s, end_s, set);
    if (own) {
        int ended = sw_run(sw_query(store, SQL_COMMIT));
        r = r < 0 ? r : ended;
    }
    return r;
}

/* ---- when a patient's devices last sent something ---- */

struct last {
    struct sw_store *store;
    int64_t before_s, begin_s, end_s; /* of the last reading; end_s 0: none yet */
    int64_t newest_end_s;             /* of all devices */
};

/* The last reading is the one that began last; of several, the longest. */
static int find_last(void *ctx, const struct sw_reading *reading)
{
    struct last *last = ctx;
    int64_t end_s = reading->start_s + reading->seconds;
    bool is_later = last->end_s == 0 || reading->start_s > last->begin_s ||
                    (reading->start_s == last->begin_s && end_s > last->end_s);
    if (reading->start_s < last->before_s && is_later) {
        last->begin_s = reading->start_s;
        last->end_s = end_s;
    }
    return 0;
}

/* Walk runs from the newest back until their period is before the reading found:
 * earlier runs have none that begins as late. */
static int last_of_device(void *ctx, int64_t key, const char *id)
{
    struct last *last = ctx;
    (void)id;
    last->end_s = 0;
    int r = sw_readings_each_recent(last->store, key, find_last, last);
    if (r < 0)
        return r;
    struct sw_query q =
        sw_query_with(last->store, SQL_LAST_RUNS, sw_int(key), sw_int(last->before_s));
    while (sw_query_next(&q, &r)) {
        int64_t of_run = sw_run_period(sw_column_int(&q, 1));
        if (last->end_s != 0 && of_run < sw_run_period(last->begin_s))
            break;
        r = sw_readings_each_of_run(&q, 0, find_last, last);
    }
    sw_query_end(&q, r);
    if (last->newest_end_s < last->end_s)
        last->newest_end_s = last->end_s;
    return r;
}

int sw_store_last_reported(struct sw_store *store, int64_t patient_key,
                           int64_t before_s, int64_t *ret_at_s)
{
    if (before_s > store->newest_s) /* what is in the future was not reported */
        before_s = store->newest_s;
    struct last last = {.store = store, .before_s = before_s};
    int64_t total_at_s = 0;
    int r = sw_readings_each_device(store, patient_key, last_of_device, &last);
    if (r == 0) /* no total: NULL, which reads as 0 */
        r = sw_query_number(
            sw_query_with(store, SQL_LAST_TOTAL, sw_int(patient_key), sw_int(before_s)),
            &total_at_s);
    if (r == 0)
        *ret_at_s = total_at_s > last.newest_end_s ? total_at_s : last.newest_end_s;
    return r;
}

/* ---- the computed rows ---- */

/* Rounded as it is printed, so that the database and every listing agree. */
static double one_decimal(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.1f", value);
    return strtod(text, NULL);
}

int sw_store_put_day(struct sw_store *store, int64_t patient_key, int32_t day,
                     const struct sw_day_row *row)
{
    char date[SW_DATE_LEN + 1], rest_from[SW_HHMM_LEN + 1] = "";
    if (day < 0 || day > DAY_MAX)
        return -EINVAL;
    sw_date_format(day, date);
    if (!row)
        return sw_run_with(store, SQL_REMOVE_DAY, sw_int(patient_key), sw_text(date));
    if (row->longest_rest_from >= 0)
        sw_hhmm_format(row->longest_rest_from, rest_from);
    bool has_goal = row->goal != 0, has_pain = row->n_pains != 0;
    return sw_run_with(
        store, SQL_PUT_DAY, sw_int(patient_key), sw_text(date), sw_int(row->steps),
        sw_int(row->active_min), sw_int(row->still_min), sw_int(row->unworn_min),
        sw_int(row->unknown_min), sw_int(row->coverage_pct),
        sw_int(row->longest_rest_min), sw_text(rest_from), sw_int(row->rests_60),
        sw_int(row->active_hours), sw_int(row->brisk_min), sw_int(row->valid),
        has_goal ? sw_int(row->goal) : sw_null(),
        has_goal ? sw_int(row->goal_pct) : sw_null(),
        has_pain ? sw_real(row->pain_max) : sw_null(),
        has_pain ? sw_real(one_decimal(row->pain_mean)) : sw_null());
}

/* Give each row that a query finds to `each`. */
static int each_day(struct sw_query q,
                    int (*each)(void *ctx, const struct sw_day_row *row), void *ctx)
{
    int r = 0;
    while (sw_query_next(&q, &r)) {
        struct sw_day_row row = {
            .steps = sw_column_int(&q, 2),
            .active_min = sw_column_int32(&q, 3),
            .still_min = sw_column_int32(&q, 4),
            .unworn_min = sw_column_int32(&q, 5),
            .unknown_min = sw_column_int32(&q, 6),
            .coverage_pct = sw_column_int32(&q, 7),
            .longest_rest_min = sw_column_int32(&q, 8),
            .longest_rest_from = -1,
            .rests_60 = sw_column_int32(&q, 10),
            .active_hours = sw_column_int32(&q, 11),
            .brisk_min = sw_column_int32(&q, 12),
            .valid = sw_column_int(&q, 13) != 0,
            .goal = sw_column_int32(&q, 14),
            .goal_pct = sw_column_int(&q, 15),
            .n_pains = sw_column_is_null(&q, 16) ? 0 : 1,
            .pain_max = sw_column_real(&q, 16),
            .pain_mean = sw_column_real(&q, 17),
        };
        char *minute; /* of "07:05"; "" stands for no rest */
        long hour = strtol(sw_column_str(&q, 9), &minute, 10);
        if (*minute == ':')
            row.longest_rest_from = (int32_t)(hour * 60 + strtol(minute + 1, NULL, 10));
        sw_column_text(&q, 0, row.patient.str, sizeof row.patient.str);
        sw_date_parse(sw_column_str(&q, 1), SW_DATE_LEN, &row.day);
        r = each(ctx, &row);
    }
    return sw_query_end(&q, r);
}

static int32_t clamp_day(int32_t day)
{
    if (day < 0)
        return 0;
    return day > DAY_MAX ? DAY_MAX : day;
}

int sw_store_each_day(struct sw_store *store, const struct sw_patient_id *patient,
                      int32_t from_day, int32_t to_day,
                      int (*each)(void *ctx, const struct sw_day_row *row), void *ctx)
{
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    if (from_day > to_day || to_day < 0 || from_day > DAY_MAX)
        return 0; /* no such day can be stored */
    sw_date_format(clamp_day(from_day), from);
    sw_date_format(clamp_day(to_day), to);
    if (patient)
        return each_day(sw_query_with(store, SQL_EACH_DAY, sw_text(patient->str),
                                      sw_text(from), sw_text(to)),
                        each, ctx);
    if (from_day == to_day)
        return each_day(sw_query_with(store, SQL_EACH_OF_DAY, sw_text(from)), each,
                        ctx);
    return each_day(
        sw_query_with(store, SQL_EACH_DAY_OF_ALL, sw_text(from), sw_text(to)), each,
        ctx);
}

int sw_store_last_valid_days(struct sw_store *store, int64_t patient_key,
                             int32_t before_day, int32_t max,
                             int (*each)(void *ctx, const struct sw_day_row *row),
                             void *ctx)
{
    char before[SW_DATE_LEN + 1];
    sw_date_format(clamp_day(before_day), before);
    return each_day(sw_query_with(store, SQL_LAST_VALID_DAYS, sw_int(patient_key),
                                  sw_text(before), sw_int(max)),
                    each, ctx);
}
