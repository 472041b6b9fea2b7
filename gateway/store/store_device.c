/* store_device.c -- a patient's devices: their numbers, their batteries.
 * What they said is the business of store_reading.c and store_total.c. */
#include "store/store_private.h"

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
    r = sw_atomic_end(store, own, sw_device_key(store, patient_key, device, &key));
    if (r == 0)
        *ret_key = key;
    return r;
}

static int put_battery(struct sw_store *store, int64_t key,
                       const struct sw_battery *battery)
{
    struct sw_query q = sw_query(store, SQL_PUT_BATTERY);
    sw_bind_int(&q, key);
    sw_bind_int(&q, battery->pct);
    sw_bind_int(&q, battery->at_s);
    sw_bind_int(&q, sw_clock_of(store, battery->stamp));
    sw_bind_int(&q, store->newest_s);
    return sw_query_put(&q);
}

int sw_store_put_battery(struct sw_store *store, int64_t patient_key,
                         const struct sw_battery *battery)
{
    bool own;
    int64_t key = 0;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = sw_device_key(store, patient_key, &battery->device, &key);
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
    sw_bind_int(&q, store->newest_s);
    while ((r = sw_query_row(&q)) > 0) {
        sw_column_text(&q, 0, battery.device.str, sizeof battery.device.str);
        battery.pct = sw_column_int32(&q, 1);
        battery.at_s = sw_column_int(&q, 2);
        battery.stamp = sw_stamp_of(sw_column_int(&q, 3));
        r = each(ctx, &battery);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}
