/* store_reading.c -- the set of what devices and patients said: readings, totals, pain.
 * What the set means for a day is core/day.c's business. The same span or instant said
 * twice is one row: the value that wins does not depend on the order. */
#include "io/store_private.h"

#include <errno.h>
#include <string.h>

int sw_store_find_device(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device, int64_t *ret_key)
{
    struct sw_query q = sw_query(store, SQL_FIND_DEVICE);
    sw_bind_int(&q, patient_key);
    sw_bind_text(&q, device->str);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret_key = sw_column_int(&q, 0);
    return sw_query_one(&q, r);
}

int64_t sw_store_count_devices(struct sw_store *store, int64_t patient_key)
{
    struct sw_query q = sw_query(store, SQL_COUNT_DEVICES);
    sw_bind_int(&q, patient_key);
    int r = sw_query_row(&q);
    int64_t n = r > 0 ? sw_column_int(&q, 0) : 0;
    r = sw_query_end(&q, r);
    return r < 0 ? r : n;
}

static int add_device(struct sw_store *store, int64_t patient_key,
                      const struct sw_device_id *device, int64_t *ret_key)
{
    struct sw_query q = sw_query(store, SQL_ADD_DEVICE);
    sw_bind_int(&q, patient_key);
    sw_bind_text(&q, device->str);
    int r = sw_query_run(&q);
    if (r == 0)
        *ret_key = sqlite3_last_insert_rowid(store->db);
    return r;
}

/* In a transaction, where nobody else can remove the device that is remembered. */
static int device_key(struct sw_store *store, int64_t patient_key,
                      const struct sw_device_id *device, int64_t *ret_key)
{
    bool is_same = store->device.key != 0 && store->device.patient_key == patient_key &&
                   strcmp(store->device.id.str, device->str) == 0;
    if (is_same) {
        *ret_key = store->device.key;
        return 0;
    }
    int r = sw_store_find_device(store, patient_key, device, ret_key);
    if (r == SW_STORE_NONE)
        r = add_device(store, patient_key, device, ret_key);
    if (r == 0) {
        store->device.patient_key = patient_key;
        store->device.id = *device;
        store->device.key = *ret_key;
    }
    return r;
}

int sw_store_device_key(struct sw_store *store, int64_t patient_key,
                        const struct sw_device_id *device, int64_t *ret_key)
{
    bool own;
    int64_t key = 0;
    if (!store->begun && sw_store_find_device(store, patient_key, device, ret_key) == 0)
        return 0; /* most are known, and a reader may ask for them */
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = sw_atomic_end(store, own, device_key(store, patient_key, device, &key));
    if (r == 0)
        *ret_key = key;
    return r;
}

static int run_put(struct sw_query *q)
{
    int r = sw_query_run(q);
    if (r < 0)
        return r;
    return sw_changes(q->store) > 0 ? SW_STORE_CHANGED : 0;
}

static int put_reading(struct sw_store *store, int64_t key,
                       const struct sw_reading *reading)
{
    struct sw_query q = sw_query(store, SQL_PUT_READING);
    sw_bind_int(&q, key);
    sw_bind_int(&q, reading->start_s);
    sw_bind_int(&q, reading->seconds);
    sw_bind_int(&q, reading->steps);
    sw_bind_int(&q, reading->worn);
    return run_put(&q);
}

int sw_store_put_reading(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device,
                         const struct sw_reading *reading)
{
    bool own;
    int64_t key = 0;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = device_key(store, patient_key, device, &key);
    if (r == 0)
        r = put_reading(store, key, reading);
    return sw_atomic_end(store, own, r);
}

static int put_total(struct sw_store *store, int64_t key, const struct sw_total *total)
{
    struct sw_query q = sw_query(store, SQL_PUT_TOTAL);
    sw_bind_int(&q, key);
    sw_bind_int(&q, total->at_s);
    sw_bind_int(&q, total->total);
    return run_put(&q);
}

static int neighbours(struct sw_store *store, int64_t key, int64_t at_s,
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
    r = device_key(store, patient_key, device, &key);
    if (r == 0)
        r = neighbours(store, key, total->at_s, &touched);
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
    return r == 0 ? neighbours(store, key, at_s, ret) : r;
}

int sw_store_put_pain(struct sw_store *store, int64_t patient_key,
                      const struct sw_pain *pain)
{
    struct sw_query q = sw_query(store, SQL_PUT_PAIN);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, pain->at_s);
    sw_bind_real(&q, pain->score);
    sw_bind_int(&q, pain->flare);
    return run_put(&q);
}

static int put_battery(struct sw_store *store, int64_t key,
                       const struct sw_battery *battery)
{
    struct sw_query q = sw_query(store, SQL_PUT_BATTERY);
    sw_bind_int(&q, key);
    sw_bind_int(&q, battery->pct);
    sw_bind_int(&q, battery->at_s);
    return run_put(&q);
}

int sw_store_put_battery(struct sw_store *store, int64_t patient_key,
                         const struct sw_battery *battery)
{
    bool own;
    int64_t key = 0;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = device_key(store, patient_key, &battery->device, &key);
    if (r == 0)
        r = put_battery(store, key, battery);
    return sw_atomic_end(store, own, r);
}

int sw_store_each_battery(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const struct sw_battery *battery),
                          void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_BATTERY);
    struct sw_battery battery;
    int r;
    sw_bind_int(&q, patient_key);
    while ((r = sw_query_row(&q)) > 0) {
        sw_column_text(&q, 0, battery.device.str, sizeof battery.device.str);
        battery.pct = sw_column_int32(&q, 1);
        battery.at_s = sw_column_int(&q, 2);
        r = each(ctx, &battery);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

/* ---- what a day is computed from ---- */

static int add_reading(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_reading reading = {
        .start_s = sw_column_int(q, 1),
        .seconds = sw_column_int32(q, 2),
        .steps = sw_column_int32(q, 3),
        .worn = sw_column_int(q, 4) != 0,
    };
    return sw_day_set_add_reading(set, sw_column_int(q, 0), &reading);
}

static int add_total(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_total total = {
        .at_s = sw_column_int(q, 1),
        .total = sw_column_int(q, 2),
    };
    return sw_day_set_add_total(set, sw_column_int(q, 0), &total);
}

static int add_pain(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_pain pain = {
        .at_s = sw_column_int(q, 0),
        .score = sw_column_real(q, 1),
        .flare = sw_column_int(q, 2) != 0,
    };
    return sw_day_set_add_pain(set, &pain);
}

static const struct {
    enum sw_sql sql;
    int (*add)(const struct sw_query *q, struct sw_day_set *set);
} parts[] = {
    {SQL_LOAD_READINGS, add_reading},
    {SQL_LOAD_TOTALS, add_total},
    {SQL_LOAD_BREAKS, add_total}, /* the column says SW_TOTAL_BREAK */
    {SQL_LOAD_PAINS, add_pain},
};

int sw_store_load_day(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                      int64_t end_s, struct sw_day_set *set)
{
    int r = 0;
    for (size_t i = 0; i < sizeof parts / sizeof *parts && r == 0; i++) {
        struct sw_query q = sw_query(store, parts[i].sql);
        sw_bind_int(&q, patient_key);
        sw_bind_int(&q, begin_s);
        sw_bind_int(&q, end_s);
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

int sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                             struct sw_day_set *set)
{
    struct sw_query q = sw_query(store, SQL_LAST_PAINS);
    int r;
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, SW_PAIN_PAST_S);
    sw_bind_int(&q, SW_STORE_PAINS_MAX);
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
    while ((r = sw_query_row(&q)) > 0) {
        r = add_pain(&q, set);
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_last_said(struct sw_store *store, int64_t patient_key, int64_t before_s,
                       int64_t *ret_at_s)
{
    struct sw_query q = sw_query(store, SQL_LAST_SAID);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, before_s);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret_at_s = sw_column_int(&q, 0); /* NULL reads as 0 */
    return sw_query_one(&q, r);
}
