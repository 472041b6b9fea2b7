/* store_total.c -- what counters showed: a row an instant, and one more where the time
 * is another clock's. Which of them counts a set of the core decides. */
#include "store/store_private.h"

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

int sw_total_add(const struct sw_query *q, struct sw_day_set *set)
{
    const struct sw_total total = {
        .at_s = sw_column_int(q, 1),
        .total = sw_column_int(q, 2),
        .stamp = sw_stamp_of(sw_column_int(q, 3)),
    };
    return sw_day_set_add_total(set, sw_column_int(q, 0), &total);
}
