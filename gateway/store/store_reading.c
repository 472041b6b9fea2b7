/* store_reading.c -- the set of readings of a device: put to it, read from it.
 *
 * It is the union of what stands in slips, in `recent`, and in `pack`; the same
 * reading, or one that another beat, may stand in both. A set of the core decides which
 * one counts. How `recent` is kept small is store_recent.c's business, the bytes of a
 * pack are pack.c's.
 */
#include "store/store_readings.h"

#include <errno.h>
#include <stdlib.h>

enum {
    /* So many of a device at once are packed at once, fewer go to `recent`: what is
     * written of a pack and its page is more than so many rows. */
    PACK_AT_ONCE = 16,
};

/* ---- reading ---- */

static int each_of_pack(int64_t period, const struct sw_query *q, sw_each_reading *each,
                        void *ctx)
{
    struct sw_pack_reader reader;
    struct sw_reading reading;
    size_t len;
    const void *bytes = sw_column_blob(q, 1, &len);
    int r = sw_pack_open(&reader, period, bytes, len);
    while (r == 0 && (r = sw_pack_next(&reader, &reading)) == 1)
        r = each(ctx, &reading);
    return r;
}

static int each_packed(struct sw_store *store, int64_t device_key, int64_t first,
                       int64_t last, sw_each_reading *each, void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_PACK);
    int r;
    sw_bind_int(&q, device_key);
    sw_bind_int(&q, first);
    sw_bind_int(&q, last);
    while ((r = sw_query_row(&q)) > 0) {
        r = each_of_pack(sw_column_int(&q, 0), &q, each, ctx);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r == -EUCLEAN ? sw_store_damaged_pack(store) : r);
}

static int each_recent(struct sw_store *store, int64_t device_key, int64_t first,
                       int64_t last, sw_each_reading *each, void *ctx)
{
    const struct sw_device_set *device =
        sw_day_set_find(&store->recent.set, device_key);
    int r = 0;
    for (size_t i = 0; r == 0 && device && i < device->n_readings; i++) {
        int64_t period = sw_pack_period(device->readings[i].start_s);
        if (period >= first && period <= last)
            r = each(ctx, &device->readings[i]);
    }
    return r;
}

int sw_readings_each_recent(struct sw_store *store, int64_t device_key,
                            sw_each_reading *each, void *ctx)
{
    int r = sw_recent_need(store);
    return r == 0 ? each_recent(store, device_key, INT64_MIN, INT64_MAX, each, ctx) : r;
}

int sw_readings_each(struct sw_store *store, int64_t device_key, int64_t first,
                     int64_t last, sw_each_reading *each, void *ctx)
{
    int r = sw_recent_need(store); /* first: what is folded meanwhile comes twice */
    if (r == 0)
        r = each_packed(store, device_key, first, last, each, ctx);
    if (r == 0)
        r = each_recent(store, device_key, first, last, each, ctx);
    return r;
}

int sw_readings_check(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_EVERY_PACK);
    int r;
    while ((r = sw_query_row(&q)) > 0) {
        struct sw_pack_reader reader;
        size_t len;
        const void *bytes = sw_column_blob(&q, 1, &len);
        r = sw_pack_open(&reader, sw_column_int(&q, 0), bytes, len);
        if (r < 0) {
            r = sw_store_damaged_pack(store);
            break;
        }
    }
    return sw_query_end(&q, r);
}

/* ---- one period of one device ---- */

static int add_to_page(void *ctx, const struct sw_reading *reading)
{
    int r = sw_day_set_add_reading(ctx, 0, reading);
    return r < 0 ? r : 0;
}

int sw_readings_page(struct sw_store *store, int64_t device_key, int64_t period,
                     struct sw_day_set *page)
{
    return sw_readings_each(store, device_key, period, period, add_to_page, page);
}

static int remove_pack(struct sw_store *store, int64_t device_key, int64_t period)
{
    struct sw_query q = sw_query(store, SQL_REMOVE_PACK);
    sw_bind_int(&q, device_key);
    sw_bind_int(&q, period);
    return sw_query_run(&q);
}

int sw_readings_pack(struct sw_store *store, int64_t device_key, int64_t period,
                     const struct sw_reading *readings, size_t n)
{
    if (n == 0)
        return remove_pack(store, device_key, period);
    int r = sw_pack_encode(&store->pack, period, readings, n);
    if (r < 0)
        return r;
    struct sw_query q = sw_query(store, SQL_PUT_PACK);
    sw_bind_int(&q, device_key);
    sw_bind_int(&q, period);
    sw_bind_blob(&q, store->pack.bytes, store->pack.len);
    return sw_query_run(&q);
}

/* ---- putting ---- */

static bool is_in_range(const struct sw_reading *reading)
{
    return reading->seconds >= 1 && reading->seconds <= SW_READING_SECONDS_MAX &&
           reading->steps >= 0;
}

/* Readings of one period; *page is a scratch. */
static int put_to_page(struct sw_store *store, int64_t device_key, int64_t period,
                       const struct sw_reading *readings, size_t n, bool *changed,
                       struct sw_day_set *page)
{
    size_t n_changed = 0;
    int r = sw_readings_page(store, device_key, period, page);
    for (size_t i = 0; r >= 0 && i < n; i++) {
        r = sw_day_set_add_reading(page, 0, &readings[i]);
        changed[i] = r > 0;
        n_changed += r > 0;
    }
    if (r < 0)
        return r;
    if (n_changed >= PACK_AT_ONCE)
        return sw_readings_pack(store, device_key, period, page->devices[0].readings,
                                page->devices[0].n_readings);
    r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        if (changed[i])
            r = sw_recent_add(store, device_key, &readings[i]);
    return r;
}

static size_t run_of(const struct sw_reading *readings, size_t n, int64_t period)
{
    size_t run = 1;
    while (run < n && sw_pack_period(readings[run].start_s) == period)
        run++;
    return run;
}

static int put_readings(struct sw_store *store, int64_t device_key,
                        const struct sw_reading *readings, size_t n, bool *changed)
{
    int r = 0;
    for (size_t i = 0, run; r == 0 && i < n; i += run) {
        int64_t period = sw_pack_period(readings[i].start_s);
        struct sw_day_set page = {0};
        run = run_of(readings + i, n - i, period);
        r = put_to_page(store, device_key, period, readings + i, run, changed + i,
                        &page);
        sw_day_set_fini(&page);
    }
    return r;
}

int sw_readings_put(struct sw_store *store, int64_t device_key,
                    const struct sw_reading *readings, size_t n)
{
    bool *changed = calloc(n + 1, sizeof *changed);
    int r = changed ? put_readings(store, device_key, readings, n, changed) : -ENOMEM;
    free(changed);
    return r;
}

int sw_store_put_readings(struct sw_store *store, int64_t patient_key,
                          const struct sw_device_id *device,
                          const struct sw_reading *readings, size_t n, bool *changed)
{
    bool own;
    int64_t key = 0;
    for (size_t i = 0; i < n; i++)
        if (!is_in_range(&readings[i]))
            return -EINVAL;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = sw_device_key(store, patient_key, device, &key);
    if (r == 0)
        r = put_readings(store, key, readings, n, changed);
    return sw_atomic_end(store, own, r);
}

int sw_store_put_reading(struct sw_store *store, int64_t patient_key,
                         const struct sw_device_id *device,
                         const struct sw_reading *reading)
{
    bool changed = false;
    int r = sw_store_put_readings(store, patient_key, device, reading, 1, &changed);
    return r < 0 ? r : changed ? SW_STORE_CHANGED : 0;
}

/* ---- of a patient ---- */

int sw_readings_each_device(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, int64_t key, const char *id),
                            void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_DEVICE);
    int r;
    sw_bind_int(&q, patient_key);
    while ((r = sw_query_row(&q)) > 0) {
        r = each(ctx, sw_column_int(&q, 0), sw_column_str(&q, 1));
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

struct load {
    struct sw_store *store;
    struct sw_day_set *set;
    int64_t device_key, begin_s, end_s;
    size_t n_others; /* readings of the devices before */
};

/* Of the device: what stands in both places counts once. */
static size_t n_loaded(const struct load *load)
{
    const struct sw_device_set *device = sw_day_set_find(load->set, load->device_key);
    return device ? device->n_readings : 0;
}

static int add_to_load(void *ctx, const struct sw_reading *reading)
{
    struct load *load = ctx;
    bool has_begun = reading->start_s < load->end_s;
    bool is_over = reading->start_s < load->begin_s &&
                   load->begin_s - reading->start_s >= reading->seconds;
    if (!has_begun || is_over)
        return 0;
    if (load->n_others + n_loaded(load) == SW_DAY_READINGS_MAX)
        return -E2BIG;
    int r = sw_day_set_add_reading(load->set, load->device_key, reading);
    return r < 0 ? r : 0;
}

static int load_device(void *ctx, int64_t key, const char *id)
{
    struct load *load = ctx;
    bool is_earliest = load->begin_s < INT64_MIN + SW_READING_SECONDS_MAX;
    int64_t from_s = is_earliest ? INT64_MIN : load->begin_s - SW_READING_SECONDS_MAX;
    (void)id;
    load->device_key = key;
    int r = sw_readings_each(load->store, key, sw_pack_period(from_s),
                             sw_pack_period(load->end_s), add_to_load, load);
    load->n_others += n_loaded(load);
    return r;
}

int sw_readings_load(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                     int64_t end_s, struct sw_day_set *set)
{
    struct load load = {.store = store, .set = set, .begin_s = begin_s, .end_s = end_s};
    int r = sw_readings_each_device(store, patient_key, load_device, &load);
    return r == -E2BIG ? 0 : r;
}
