/* store_assignment.c -- who wears which device from when, and whose readings they are then.
 * Which days change by that is book/assign.c's business. */
#include "store/store_readings.h"

static int merge(struct sw_store *store, const struct sw_device_id *device)
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
        r = merge(store, device);
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
