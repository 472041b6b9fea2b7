/* store_device.c -- a patient's devices: their keys, their batteries, and which patient
 * wears which device from when. What devices sent is the business of store_readings.c
 * and store_load.c; which days an assignment changes is records/assign.c's. */
#include "store/store_readings.h"

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

static int store_device_add_device(struct sw_store *store, int64_t patient_key,
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
    if (r == SW_STORE_NONE)
        r = store_device_add_device(store, patient_key, device, ret_key);
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

/* ---- who wears which ---- */

int sw_assignment_merge(struct sw_store *store, const struct sw_device_id *device)
{
    struct sw_query q = sw_query(store, SQL_MERGE_WEARERS);
    sw_bind_text(&q, device->str);
    return sw_query_run(&q);
}

int sw_store_put_assignment(struct sw_store *store, const struct sw_device_id *device,
                            int64_t from_s, int64_t patient_key)
{
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    struct sw_query q = sw_query(store, SQL_PUT_ASSIGNMENT);
    sw_bind_text(&q, device->str);
    sw_bind_int(&q, from_s);
    if (patient_key != 0)
        sw_bind_int(&q, patient_key);
    else
        sw_bind_null(&q);
    r = sw_query_run(&q);
    if (r == 0)
        r = sw_assignment_merge(store, device);
    return sw_atomic_end(store, own, r);
}

static void read_assignment(const struct sw_query *q, struct sw_assignment *ret)
{
    *ret = (struct sw_assignment){
        .from_s = sw_column_int(q, 1),
        .to_s = sw_column_is_null(q, 4) ? INT64_MAX : sw_column_int(q, 4),
        .patient_key = sw_column_int(q, 2),
    };
    sw_column_text(q, 0, ret->device.str, sizeof ret->device.str);
    sw_column_text(q, 3, ret->patient.str, sizeof ret->patient.str);
}

int sw_store_each_assignment(struct sw_store *store, const struct sw_device_id *device,
                             int (*each)(void *ctx,
                                         const struct sw_assignment *assignment),
                             void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_ASSIGNMENT);
    struct sw_assignment assignment;
    int r;
    sw_bind_text(&q, device ? device->str : "");
    while ((r = sw_query_row(&q)) > 0) {
        read_assignment(&q, &assignment);
        r = each(ctx, &assignment);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

/* ---- moving readings ---- */

struct move {
    int64_t from_key, to_key; /* of devices */
    int64_t from_s, to_s;
};

static int move_totals(struct sw_store *store, const struct move *move)
{
    struct sw_query q = sw_query(store, SQL_COPY_TOTALS);
    sw_bind_int(&q, move->from_key);
    sw_bind_int(&q, move->to_key);
    sw_bind_int(&q, move->from_s);
    sw_bind_int(&q, move->to_s);
    int r = sw_query_run(&q);
    if (r < 0)
        return r;
    q = sw_query(store, SQL_REMOVE_TOTALS);
    sw_bind_int(&q, move->from_key);
    sw_bind_int(&q, move->from_s);
    sw_bind_int(&q, move->to_s);
    return sw_query_run(&q);
}

int sw_store_move_device(struct sw_store *store, const struct sw_device_id *device,
                         int64_t from_key, int64_t to_key, int64_t from_s, int64_t to_s)
{
    struct move move = {.from_s = from_s, .to_s = to_s};
    bool own;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = sw_store_find_device(store, from_key, device, &move.from_key);
    if (r == SW_STORE_NONE || from_key == to_key) /* there is nothing to move */
        return sw_atomic_end(store, own, r < 0 ? r : 0);
    if (r == 0)
        r = sw_store_device_key(store, to_key, device, &move.to_key);
    if (r == 0)
        r = sw_readings_move(store, move.from_key, move.to_key, from_s, to_s);
    if (r == 0)
        r = move_totals(store, &move);
    return sw_atomic_end(store, own, r);
}
