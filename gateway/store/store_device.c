/* store_device.c -- a patient's devices: their keys, their batteries, and which patient
 * wears which device from when. What devices sent is the business of store_readings.c
 * and store_day.c; which days an assignment changes is records/change.c's. */
#include "store/store_private.h"

#include <string.h>

int sw_store_find_device(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device, int64_t *ret_key)
{
    return sw_query_number(sw_query_with(store, SQL_FIND_DEVICE, sw_int(patient_key),
                                         sw_text(device->str)),
                           ret_key);
}

int64_t sw_store_count_devices(struct sw_store *store, int64_t patient_key)
{
    int64_t n = 0;
    int r = sw_query_number(
        sw_query_with(store, SQL_COUNT_DEVICES, sw_int(patient_key)), &n);
    return r < 0 ? r : n;
}

/* Call it in a transaction, in which nobody else can remove the remembered device. */
int sw_device_key(struct sw_store *store, int64_t patient_key,
                  const struct sw_device_id *device, int64_t *ret_key)
{
    bool is_same = store->device.key != 0 && store->device.patient_key == patient_key &&
                   strcmp(store->device.id.str, device->str) == 0;
    if (is_same) {
        *ret_key = store->device.key;
        return 0;
    }
    int r = sw_store_find_device(store, patient_key, device, ret_key);
    if (r == SW_STORE_NONE) {
        r = sw_run_with(store, SQL_ADD_DEVICE, sw_int(patient_key),
                        sw_text(device->str));
        if (r == 0)
            *ret_key = sqlite3_last_insert_rowid(store->db);
    }
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
        return 0; /* most devices are known, and then no write is needed */
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_device_key(store, patient_key, device, &key);
    r = sw_atomic_end(store, own, r);
    if (r == 0)
        *ret_key = key;
    return r;
}

int sw_store_put_battery(struct sw_store *store, int64_t patient_key,
                         const struct sw_battery *battery)
{
    bool own;
    int64_t key = 0;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_device_key(store, patient_key, &battery->device, &key);
    if (r == 0)
        r = sw_put(sw_query_with(store, SQL_PUT_BATTERY, sw_int(key),
                                 sw_int(battery->pct), sw_int(battery->at_s),
                                 sw_int(sw_clock_of(store, battery->stamp)),
                                 sw_int(store->newest_s)));
    return sw_atomic_end(store, own, r);
}

int sw_store_each_battery(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const struct sw_battery *battery),
                          void *ctx)
{
    struct sw_battery battery;
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_EACH_BATTERY, sw_int(patient_key),
                                      sw_int(store->newest_s));
    while (sw_query_next(&q, &r)) {
        sw_column_text(&q, 0, battery.device.str, sizeof battery.device.str);
        battery.pct = sw_column_int32(&q, 1);
        battery.at_s = sw_column_int(&q, 2);
        battery.stamp = sw_stamp_of(sw_column_int(&q, 3));
        r = each(ctx, &battery);
    }
    return sw_query_end(&q, r);
}

/* ---- who wears which ---- */

int sw_assignment_merge(struct sw_store *store, const struct sw_device_id *device)
{
    return sw_run_with(store, SQL_MERGE_WEARERS, sw_text(device->str));
}

int sw_store_put_assignment(struct sw_store *store, const struct sw_device_id *device,
                            int64_t from_s, int64_t patient_key)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_PUT_ASSIGNMENT, sw_text(device->str), sw_int(from_s),
                        patient_key != 0 ? sw_int(patient_key) : sw_null());
    if (r == 0)
        r = sw_assignment_merge(store, device);
    return sw_atomic_end(store, own, r);
}

int sw_store_each_assignment(struct sw_store *store, const struct sw_device_id *device,
                             int (*each)(void *ctx,
                                         const struct sw_assignment *assignment),
                             void *ctx)
{
    struct sw_assignment assignment;
    int r = 0;
    struct sw_query q =
        sw_query_with(store, SQL_EACH_ASSIGNMENT, sw_text(device ? device->str : ""));
    while (sw_query_next(&q, &r)) {
        assignment = (struct sw_assignment){
            .from_s = sw_column_int(&q, 1),
            .to_s = sw_column_is_null(&q, 4) ? INT64_MAX : sw_column_int(&q, 4),
            .patient_key = sw_column_int(&q, 2),
        };
        sw_column_text(&q, 0, assignment.device.str, sizeof assignment.device.str);
        sw_column_text(&q, 3, assignment.patient.str, sizeof assignment.patient.str);
        r = each(ctx, &assignment);
    }
    return sw_query_end(&q, r);
}

/* ---- moving readings ---- */

int sw_store_move_device(struct sw_store *store, const struct sw_device_id *device,
                         int64_t from_key, int64_t to_key, int64_t from_s, int64_t to_s)
{
    int64_t from = 0, to = 0; /* the keys of the device */
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_store_find_device(store, from_key, device, &from);
    if (r == SW_STORE_NONE || (r == 0 && from_key == to_key)) /* nothing to move */
        return sw_atomic_end(store, own, 0);
    if (r == 0)
        r = sw_store_device_key(store, to_key, device, &to);
    if (r == 0)
        r = sw_readings_move(store, from, to, from_s, to_s);
    if (r == 0)
        r = sw_run_with(store, SQL_COPY_TOTALS, sw_int(from), sw_int(to),
                        sw_int(from_s), sw_int(to_s));
    if (r == 0)
        r = sw_run_with(store, SQL_REMOVE_TOTALS, sw_int(from), sw_int(from_s),
                        sw_int(to_s));
    return sw_atomic_end(store, own, r);
}

static int store_device_is_in(void *ctx, const struct sw_reading *reading)
{
    const struct sw_span *span = ctx;
    return reading->start_s >= span->from_s && reading->start_s < span->to_s;
}

int sw_store_has_sent(struct sw_store *store, const struct sw_device_id *device,
                      int64_t patient_key, int64_t from_s, int64_t to_s)
{
    struct sw_span span = {from_s, to_s};
    int64_t key = 0, n_totals = 0;
    int r = sw_store_find_device(store, patient_key, device, &key);
    if (r == SW_STORE_NONE)
        return 0;
    if (r == 0)
        r = sw_query_number(sw_query_with(store, SQL_COUNT_TOTALS, sw_int(key),
                                          sw_int(from_s), sw_int(to_s)),
                            &n_totals);
    if (r == 0 && n_totals == 0)
        r = sw_readings_each(store, key, from_s, to_s, store_device_is_in, &span);
    return r < 0 ? r : r > 0 || n_totals > 0;
}
