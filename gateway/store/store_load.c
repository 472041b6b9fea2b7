/* store_load.c -- what a day is computed from: store totals and scores, and load them
 * with the readings as a set; also when a patient's devices last sent something.
 *
 * Totals and scores have one row per instant and clock. Which of several counts is
 * decided by a set of the core. What the set means for the day is core/day.c's
 * business; readings are stored by store_readings.c.
 */
#include "store/store_readings.h"

#include <errno.h>
#include <string.h>

/* ---- what counters showed ---- */

static int put_total(struct sw_store *store, int64_t key, const struct sw_total *total)
{
    struct sw_query q = sw_query(store, SQL_PUT_TOTAL);
    sw_bind_int(&q, key);
    sw_bind_int(&q, total->at_s);
    sw_bind_int(&q, total->total);
    sw_bind_int(&q, sw_clock_of(store, total->stamp));
    return sw_query_put(&q);
}

int sw_total_neighbours(struct sw_store *store, int64_t key, int64_t at_s,
                        struct sw_span *ret)
{
    struct sw_query q = sw_query(store, SQL_TOTAL_NEIGHBOURS);
    sw_bind_int(&q, key);
    sw_bind_int(&q, at_s);
    int r = sw_query_row(&q);
    if (r > 0) {
        ret->from_s = sw_column_int(&q, 0);
        ret->to_s = sw_column_int(&q, 1);
    }
    return sw_query_one(&q, r);
}

int sw_store_put_total(struct sw_store *store, int64_t patient_key,
                       const struct sw_device_id *device, const struct sw_total *total,
                       struct sw_span *ret_touched)
{
    bool own;
    int64_t key = 0;
    struct sw_span touched = {0};
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = sw_device_key(store, patient_key, device, &key);
    if (r == 0)
        r = sw_total_neighbours(store, key, total->at_s, &touched);
    if (r == 0)
        r = put_total(store, key, total);
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
    struct sw_query q = sw_query(store, SQL_PUT_PAIN);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, pain->at_s);
    sw_bind_real(&q, pain->score);
    sw_bind_int(&q, pain->flare);
    sw_bind_int(&q, sw_clock_of(store, pain->stamp));
    return sw_query_put(&q);
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

int sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                             struct sw_day_set *set)
{
    struct sw_query q = sw_query(store, SQL_LAST_PAINS);
    int r;
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, SW_PAIN_PAST_S);
    sw_bind_int(&q, SW_STORE_PAINS_MAX);
    sw_bind_int(&q, store->newest_s);
    while ((r = sw_query_row(&q)) > 0) {
        r = add_pain(&q, set);
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_load_pains(struct sw_store *store, int64_t patient_key, int64_t from_s,
                        int64_t to_s, struct sw_day_set *set)
{
    struct sw_query q = sw_query(store, SQL_LOAD_PAINS);
    int r;
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, from_s);
    sw_bind_int(&q, to_s);
    sw_bind_int(&q, store->newest_s);
    while ((r = sw_query_row(&q)) > 0) {
        r = add_pain(&q, set);
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
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
    load->room -= n_loaded(load);
    return r;
}

static int load_readings(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                         int64_t end_s, struct sw_day_set *set)
{
    struct load load = {.store = store,
                        .set = set,
                        .begin_s = begin_s,
                        .end_s = end_s,
                        .room = SW_DAY_READINGS_MAX};
    return sw_readings_each_device(store, patient_key, load_device, &load);
}

/* ---- a day ---- */

static const struct {
    enum sw_sql sql;
    int (*add)(const struct sw_query *q, struct sw_day_set *set);
} parts[] = {
    {SQL_LOAD_TOTALS, add_total},
    {SQL_LOAD_BREAKS, add_total}, /* the column holds SW_TOTAL_BREAK */
    {SQL_LOAD_PAINS, add_pain},
};

static int load_parts(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set)
{
    int r = load_readings(store, patient_key, begin_s, end_s, set);
    for (size_t i = 0; i < sizeof parts / sizeof *parts && r == 0; i++) {
        struct sw_query q = sw_query(store, parts[i].sql);
        sw_bind_int(&q, patient_key);
        sw_bind_int(&q, begin_s);
        sw_bind_int(&q, end_s);
        if (parts[i].sql != SQL_LOAD_BREAKS)
            sw_bind_int(&q, store->newest_s);
        int n = 0;
        while ((r = sw_query_row(&q)) > 0) {
            r = n++ < SW_DAY_READINGS_MAX ? parts[i].add(&q, set) : -E2BIG;
            if (r < 0)
                break;
        }
        sw_query_end(&q, r);
        if (r == -E2BIG)
            r = 0;
    }
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
        struct sw_query q = sw_query(store, SQL_COMMIT);
        int ended = sw_query_run(&q);
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
    struct sw_query q = sw_query(last->store, SQL_LAST_RUNS);
    sw_bind_int(&q, key);
    sw_bind_int(&q, last->before_s);
    while ((r = sw_query_row(&q)) > 0) {
        int64_t of_run = sw_run_period(sw_column_int(&q, 1));
        bool is_past = last->end_s != 0 && of_run < sw_run_period(last->begin_s);
        if (is_past)
            break;
        r = sw_readings_each_of_run(&q, 0, find_last, last);
        if (r < 0)
            break;
    }
    sw_query_end(&q, 0);
    if (last->newest_end_s < last->end_s)
        last->newest_end_s = last->end_s;
    return r < 0 ? r : 0;
}

static int last_total(struct sw_store *store, int64_t patient_key, int64_t before_s,
                      int64_t *ret_at_s)
{
    struct sw_query q = sw_query(store, SQL_LAST_TOTAL);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, before_s);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret_at_s = sw_column_int(&q, 0); /* NULL reads as 0 */
    return sw_query_one(&q, r);
}

int sw_store_last_reported(struct sw_store *store, int64_t patient_key,
                           int64_t before_s, int64_t *ret_at_s)
{
    if (before_s > store->newest_s) /* what is in the future was not reported */
        before_s = store->newest_s;
    struct last last = {.store = store, .before_s = before_s};
    int64_t total_at_s = 0;
    int r = sw_readings_each_device(store, patient_key, last_of_device, &last);
    if (r == 0)
        r = last_total(store, patient_key, before_s, &total_at_s);
    if (r == 0)
        *ret_at_s = total_at_s > last.newest_end_s ? total_at_s : last.newest_end_s;
    return r;
}
