/* store_load.c -- what a day is computed from, read back as a set.
 * What the set means for the day is core/day.c's business. */
#include "store/store_readings.h"

#include <errno.h>

static const struct {
    enum sw_sql sql;
    int (*add)(const struct sw_query *q, struct sw_day_set *set);
} parts[] = {
    {SQL_LOAD_TOTALS, sw_total_add},
    {SQL_LOAD_BREAKS, sw_total_add}, /* the column says SW_TOTAL_BREAK */
    {SQL_LOAD_PAINS, sw_pain_add},
};

static int load_parts(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set)
{
    int r = sw_readings_load(store, patient_key, begin_s, end_s, set);
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

/* As of one moment, and with one taking of the database's locks instead of one for each
 * question. */
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

/* ---- when a patient's devices last said something ---- */

enum { NEWEST_PERIODS = 2 }; /* one may have begun a moment ago */

struct last {
    struct sw_store *store;
    int64_t before_s, begin_s, end_s; /* of the reading; end_s 0: none yet */
    int64_t newest_end_s;             /* of all devices */
    int64_t newest_period;            /* of all packs; 0: there is none */
};

/* It began later, or then too and lasted longer. */
static void take_later(struct last *last, int64_t begin_s, int64_t end_s)
{
    bool is_later = last->end_s == 0 || begin_s > last->begin_s ||
                    (begin_s == last->begin_s && end_s > last->end_s);
    if (!is_later)
        return;
    last->begin_s = begin_s;
    last->end_s = end_s;
}

static int find_last(void *ctx, const struct sw_reading *reading)
{
    struct last *last = ctx;
    if (reading->start_s < last->before_s)
        take_later(last, reading->start_s, reading->start_s + reading->seconds);
    return 0;
}

static int last_period(struct sw_store *store, int64_t device_key, int64_t period,
                       int64_t *ret)
{
    struct sw_query q = sw_query(store, SQL_LAST_PACK);
    sw_bind_int(&q, device_key);
    sw_bind_int(&q, period);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret = sw_column_int(&q, 0);
    return sw_query_one(&q, r);
}

static int newest_period(struct sw_store *store, int64_t period, int64_t *ret)
{
    struct sw_query q = sw_query(store, SQL_NEWEST_PERIOD);
    sw_bind_int(&q, period);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret = sw_column_int(&q, 0); /* NULL reads as 0 */
    return sw_query_one(&q, r);
}

/* Packs from the newest on, until one has what is looked for. */
static int find_in_runs(struct last *last, int64_t device_key)
{
    const struct last before = *last;
    int64_t period = sw_pack_period(last->before_s);
    int r = 0;
    for (last->end_s = 0; r == 0 && last->end_s == 0; period--) {
        r = last_period(last->store, device_key, period, &period);
        if (r == 0)
            r = sw_readings_each(last->store, device_key, period, period, find_last,
                                 last);
    }
    if (before.end_s != 0)
        take_later(last, before.begin_s, before.end_s);
    return r < 0 ? r : 0;
}

static int find_in_run(struct last *last, int64_t device_key, int64_t period)
{
    struct sw_query q = sw_query(last->store, SQL_FIND_PACK);
    struct sw_pack_reader reader;
    struct sw_reading reading;
    size_t len;
    sw_bind_int(&q, period);
    sw_bind_int(&q, device_key);
    int r = sw_query_row(&q);
    if (r > 0) {
        const void *bytes = sw_column_blob(&q, 0, &len);
        r = sw_pack_open(&reader, period, bytes, len);
        while (r == 0 && (r = sw_pack_next(&reader, &reading)) == 1)
            r = find_last(last, &reading);
    }
    return sw_query_end(&q, r == -EUCLEAN ? sw_store_damaged_pack(last->store) : r);
}

/* Nothing that began in the period, or before, can be later than what is known. */
static bool is_past(const struct last *last, int64_t period)
{
    return last->end_s != 0 && sw_pack_period(last->begin_s) > period;
}

/* The newest packs of all devices stand together, so most are found by few pages. */
static int last_of_device(void *ctx, int64_t key, const char *id)
{
    struct last *last = ctx;
    int64_t period = last->newest_period;
    (void)id;
    last->end_s = 0;
    int r = sw_readings_each_recent(last->store, key, find_last, last);
    for (int i = 0; i < NEWEST_PERIODS && r == 0 && !is_past(last, period); i++)
        r = find_in_run(last, key, period--);
    if (r == 0 && !is_past(last, period))
        r = find_in_runs(last, key);
    if (last->newest_end_s < last->end_s)
        last->newest_end_s = last->end_s;
    return r;
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
    if (before_s > store->newest_s) /* what is still to come was not said */
        before_s = store->newest_s;
    struct last last = {.store = store, .before_s = before_s};
    int64_t total_at_s = 0;
    int r = newest_period(store, sw_pack_period(before_s), &last.newest_period);
    if (r == 0)
        r = sw_readings_each_device(store, patient_key, last_of_device, &last);
    if (r == 0)
        r = last_total(store, patient_key, before_s, &total_at_s);
    if (r == 0)
        *ret_at_s = total_at_s > last.newest_end_s ? total_at_s : last.newest_end_s;
    return r;
}
