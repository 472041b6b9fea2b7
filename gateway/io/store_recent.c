/* store_recent.c -- the readings that came last, and when they are packed.
 *
 * Rows are only added, at the end; then all are moved at once. Most are asked for by
 * device, and an index would be written with every row: so they are kept in memory,
 * and read again when another connection changed the database.
 */
#include "io/store_readings.h"

#include <errno.h>

enum {
    /* Then they are packed: few enough to be read when a command starts, many enough
     * that a page of packs is written for many of them. */
    RECENT_MAX = 8192,
    EVERYTHING = -1, /* as SQL's LIMIT has it */
};

void sw_recent_forget(struct sw_store *store)
{
    sw_day_set_fini(&store->recent.set);
    store->recent.n = 0;
    store->recent.is_loaded = false;
}

static int add_row(struct sw_store *store, const struct sw_query *q)
{
    const struct sw_reading reading = {
        .start_s = sw_column_int(q, 2),
        .seconds = sw_column_int32(q, 3),
        .steps = sw_column_int32(q, 4),
        .worn = sw_column_int(q, 5) != 0,
    };
    store->recent.last_key = sw_column_int(q, 0);
    store->recent.n++;
    return sw_day_set_add_reading(&store->recent.set, sw_column_int(q, 1), &reading);
}

static int load(struct sw_store *store, int64_t limit)
{
    sw_recent_forget(store);
    struct sw_query q = sw_query(store, SQL_EACH_RECENT);
    int r;
    sw_bind_int(&q, limit);
    while ((r = sw_query_row(&q)) > 0) {
        r = add_row(store, &q);
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_recent_need(struct sw_store *store)
{
    int64_t version = sw_data_version(store);
    if (store->recent.is_loaded && store->recent.version == version)
        return 0;
    int r = load(store, EVERYTHING);
    if (r < 0) {
        sw_recent_forget(store);
        return r;
    }
    store->recent.version = version;
    store->recent.is_loaded = true;
    return 0;
}

int sw_recent_add(struct sw_store *store, int64_t device_key,
                  const struct sw_reading *reading)
{
    struct sw_query q = sw_query(store, SQL_ADD_RECENT);
    sw_bind_int(&q, device_key);
    sw_bind_int(&q, reading->start_s);
    sw_bind_int(&q, reading->seconds);
    sw_bind_int(&q, reading->steps);
    sw_bind_int(&q, reading->worn);
    int r = sw_query_run(&q);
    if (r < 0)
        return r;
    store->recent.last_key = sqlite3_last_insert_rowid(store->db);
    store->recent.n++;
    r = sw_day_set_add_reading(&store->recent.set, device_key, reading);
    return r < 0 ? r : 0;
}

/* ---- packing ---- */

static int fold_period(struct sw_store *store, int64_t device_key, int64_t period)
{
    struct sw_day_set page = {0};
    int r = sw_readings_page(store, device_key, period, &page);
    if (r == 0)
        r = sw_readings_pack(store, device_key, period, page.devices[0].readings,
                             page.devices[0].n_readings);
    sw_day_set_fini(&page);
    return r;
}

static int fold_device(struct sw_store *store, const struct sw_device_set *device)
{
    int64_t done = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < device->n_readings; i++) {
        int64_t period = sw_pack_period(device->readings[i].start_s);
        if (i == 0 || period != done)
            r = fold_period(store, device->device_key, period);
        done = period;
    }
    return r;
}

/* What is in memory, be it all of the table or its beginning. */
static int fold_loaded(struct sw_store *store)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < store->recent.set.n_devices; i++)
        r = fold_device(store, &store->recent.set.devices[i]);
    if (r < 0)
        return r;
    struct sw_query q = sw_query(store, SQL_FORGET_RECENT);
    sw_bind_int(&q, store->recent.last_key);
    r = sw_query_run(&q);
    if (r < 0)
        return r;
    sw_day_set_fini(&store->recent.set);
    store->recent.n = 0;
    return 0;
}

int sw_recent_fold(struct sw_store *store)
{
    int r = sw_recent_need(store);
    return r == 0 && store->recent.n > 0 ? fold_loaded(store) : r;
}

bool sw_recent_is_much(const struct sw_store *store)
{
    return store->recent.is_loaded && store->recent.n >= RECENT_MAX;
}

/* The first of them; *ret_more: it may not be all. */
static int fold_some(struct sw_store *store, bool *ret_more)
{
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    r = load(store, RECENT_MAX);
    store->recent.version = sw_data_version(store);
    store->recent.is_loaded = true; /* as far as this transaction looks at it */
    *ret_more = store->recent.n == RECENT_MAX;
    if (r == 0 && *ret_more)
        r = fold_loaded(store);
    sw_recent_forget(store);
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    return sw_store_commit(store);
}

int sw_recent_has_backlog(struct sw_store *store, bool *ret)
{
    struct sw_query q = sw_query(store, SQL_FIND_BACKLOG);
    sw_bind_int(&q, RECENT_MAX);
    int r = sw_query_row(&q);
    *ret = r > 0;
    return sw_query_end(&q, r < 0 ? r : 0);
}

int sw_recent_fold_backlog(struct sw_store *store)
{
    bool more = false;
    int r = sw_recent_has_backlog(store, &more);
    while (r == 0 && more)
        r = fold_some(store, &more);
    return r;
}
