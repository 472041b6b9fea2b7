/* store_recent.c -- the readings that came last, and when they are packed.
 *
 * What a commit brings of each device, mostly one minute, makes one row of `recent`
 * together: a slip, see slip.h. Rows are only added, at the end; then all are moved at
 * once. Most readings are asked for by device, so they are kept in memory, and read
 * again when another connection changed the database.
 */
#include "store/store_readings.h"

#include <errno.h>

enum {
    /* Then they are packed: few enough to be read when a command starts, many enough
     * that a page of packs is written for many of them. */
    RECENT_MAX = 8192,
};

void sw_recent_drop(struct sw_store *store)
{
    sw_day_set_fini(&store->recent.set);
    sw_slip_clear(&store->recent.slip);
    store->recent.n = 0;
    store->recent.is_loaded = false;
}

/* ---- reading ---- */

typedef int each_on_slip(void *ctx, int64_t slip_key, int64_t device_key,
                         const struct sw_reading *reading);

static int each_on(const struct sw_query *q, each_on_slip *each, void *ctx)
{
    struct sw_slip_reader reader;
    struct sw_reading reading;
    int64_t slip_key = sw_column_int(q, 0), device_key;
    size_t len;
    const void *bytes = sw_column_blob(q, 1, &len);
    int r = sw_slip_open(&reader, bytes, len);
    while (r == 0 && (r = sw_slip_next(&reader, &device_key, &reading)) == 1)
        r = each(ctx, slip_key, device_key, &reading);
    return r;
}

/* Stops at the first non-zero return and returns it. */
static int each_recent(struct sw_store *store, each_on_slip *each, void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_SLIP);
    int r;
    while ((r = sw_query_row(&q)) > 0) {
        r = each_on(&q, each, ctx);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r == -EUCLEAN ? sw_store_damaged_pack(store) : r);
}

static int check_recent(void *ctx, int64_t slip_key, int64_t device_key,
                        const struct sw_reading *reading)
{
    (void)ctx, (void)slip_key, (void)device_key, (void)reading;
    return 0;
}

int sw_recent_check(struct sw_store *store)
{
    return each_recent(store, check_recent, NULL);
}

static int add_to_memory(struct sw_store *store, int64_t device_key,
                         const struct sw_reading *reading)
{
    store->recent.n++;
    int r = sw_day_set_add_reading(&store->recent.set, device_key, reading);
    return r < 0 ? r : 0;
}

enum { THERE_IS_MORE = 1 };

struct loading {
    struct sw_store *store;
    size_t limit; /* then no other slip is begun */
};

static int load_reading(void *ctx, int64_t slip_key, int64_t device_key,
                        const struct sw_reading *reading)
{
    const struct loading *loading = ctx;
    struct sw_store *store = loading->store;
    if (slip_key != store->recent.last_key && store->recent.n >= loading->limit)
        return THERE_IS_MORE;
    store->recent.last_key = slip_key;
    return add_to_memory(store, device_key, reading);
}

/* 0: all of them; THERE_IS_MORE. */
static int load(struct sw_store *store, size_t limit)
{
    struct loading loading = {store, limit};
    sw_recent_drop(store);
    store->recent.last_key = 0;
    return each_recent(store, load_reading, &loading);
}

int sw_recent_need(struct sw_store *store)
{
    int64_t version = sw_data_version(store);
    if (store->recent.is_loaded && store->recent.version == version)
        return 0;
    int r = load(store, SIZE_MAX);
    if (r < 0) {
        sw_recent_drop(store);
        return r;
    }
    store->recent.version = version;
    store->recent.is_loaded = true;
    return 0;
}

int sw_recent_add(struct sw_store *store, int64_t device_key,
                  const struct sw_reading *reading)
{
    int r = sw_slip_add(&store->recent.slip, device_key, reading);
    return r < 0 ? r : add_to_memory(store, device_key, reading);
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

static int remove_slips(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_REMOVE_SLIPS);
    sw_bind_int(&q, store->recent.last_key);
    return sw_query_run(&q);
}

/* What is in memory, be it all of the table or its beginning. */
static int fold_loaded(struct sw_store *store)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < store->recent.set.n_devices; i++)
        r = fold_device(store, &store->recent.set.devices[i]);
    if (r == 0)
        r = remove_slips(store);
    if (r < 0)
        return r;
    sw_day_set_fini(&store->recent.set);
    sw_slip_clear(&store->recent.slip);
    store->recent.n = 0;
    return 0;
}

int sw_recent_fold(struct sw_store *store)
{
    int r = sw_recent_need(store);
    return r == 0 && store->recent.n > 0 ? fold_loaded(store) : r;
}

static int put_slip(struct sw_store *store)
{
    struct sw_slip *slip = &store->recent.slip;
    struct sw_query q = sw_query(store, SQL_PUT_SLIP);
    sw_slip_seal(slip);
    sw_bind_blob(&q, slip->pack.bytes, slip->pack.len);
    int r = sw_query_run(&q);
    if (r < 0)
        return r;
    store->recent.last_key = sqlite3_last_insert_rowid(store->db);
    sw_slip_clear(slip);
    return 0;
}

int sw_recent_committed(struct sw_store *store)
{
    bool is_much = store->recent.is_loaded && store->recent.n >= RECENT_MAX;
    if (is_much)
        return sw_recent_fold(store);
    return store->recent.slip.n > 0 ? put_slip(store) : 0;
}

/* ---- a backlog ---- */

/* The first of them; THERE_IS_MORE, which may not be much. */
static int fold_some(struct sw_store *store)
{
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    int loaded = load(store, RECENT_MAX);
    store->recent.version = sw_data_version(store);
    store->recent.is_loaded = true; /* as far as this transaction looks at it */
    r = loaded < 0 ? loaded : fold_loaded(store);
    sw_recent_drop(store);
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    r = sw_store_commit(store);
    return r < 0 ? r : loaded;
}

int sw_recent_has_backlog(struct sw_store *store, bool *ret)
{
    int r = load(store, RECENT_MAX);
    *ret = r >= 0 && store->recent.n >= RECENT_MAX;
    sw_recent_drop(store);
    return r < 0 ? r : 0;
}

int sw_recent_fold_backlog(struct sw_store *store)
{
    bool is_much = false;
    int r = sw_recent_has_backlog(store, &is_much);
    if (r == 0 && is_much)
        r = THERE_IS_MORE;
    while (r == THERE_IS_MORE)
        r = fold_some(store);
    return r;
}
