/* store_all.c -- all readings of a device, in order: to be shown, counted or moved. */
#include "store/store_readings.h"

#include <errno.h>
#include <stdlib.h>

#include "util/array.h"

/* ---- the periods of which there are any ---- */

struct periods {
    int64_t *items;
    size_t n, cap;
};

static int add_period(struct periods *periods, int64_t period)
{
    int r = GROW(periods->items, periods->n, periods->cap);
    if (r == 0)
        periods->items[periods->n++] = period;
    return r;
}

static int add_packed(struct sw_store *store, int64_t device_key,
                      struct periods *periods)
{
    struct sw_query q = sw_query(store, SQL_EACH_PERIOD);
    int r;
    sw_bind_int(&q, device_key);
    while ((r = sw_query_row(&q)) > 0) {
        r = add_period(periods, sw_column_int(&q, 0));
        if (r < 0)
            break;
    }
    return sw_query_end(&q, r);
}

static int add_recent(void *ctx, const struct sw_reading *reading)
{
    struct periods *periods = ctx;
    int64_t period = sw_pack_period(reading->start_s);
    bool is_last = periods->n > 0 && periods->items[periods->n - 1] == period;
    return is_last ? 0 : add_period(periods, period);
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int each_in_period(struct sw_store *store, int64_t device_key, int64_t period,
                          sw_each_reading *each, void *ctx)
{
    struct sw_day_set page = {0};
    int r = sw_readings_page(store, device_key, period, &page);
    for (size_t i = 0; r == 0 && i < page.n_devices; i++)
        for (size_t j = 0; r == 0 && j < page.devices[i].n_readings; j++)
            r = each(ctx, &page.devices[i].readings[j]);
    sw_day_set_fini(&page);
    return r;
}

static int each_of_device(struct sw_store *store, int64_t device_key,
                          sw_each_reading *each, void *ctx)
{
    struct periods periods = {0};
    int r = sw_readings_each_recent(store, device_key, add_recent, &periods);
    if (r == 0)
        r = add_packed(store, device_key, &periods);
    if (periods.n > 0)
        qsort(periods.items, periods.n, sizeof *periods.items, by_number);
    for (size_t i = 0; r == 0 && i < periods.n; i++)
        if (i == 0 || periods.items[i] != periods.items[i - 1])
            r = each_in_period(store, device_key, periods.items[i], each, ctx);
    free(periods.items);
    return r;
}

struct digest_text {
    struct sw_store *store;
    const char *device;
    int (*each)(void *ctx, const char *device, const struct sw_reading *reading);
    void *ctx;
};

static int emit_reading(void *ctx, const struct sw_reading *reading)
{
    const struct digest_text *digest_text = ctx;
    return digest_text->each(digest_text->ctx, digest_text->device, reading);
}

static int emit_device(void *ctx, int64_t key, const char *id)
{
    struct digest_text *digest_text = ctx;
    digest_text->device = id;
    return each_of_device(digest_text->store, key, emit_reading, digest_text);
}

int sw_store_each_reading(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const char *device,
                                      const struct sw_reading *reading),
                          void *ctx)
{
    struct digest_text digest_text = {.store = store, .each = each, .ctx = ctx};
    return sw_readings_each_device(store, patient_key, emit_device, &digest_text);
}

/* ---- moving them to another device ---- */

struct moved {
    struct sw_reading *items;
    size_t n, cap;
    int64_t from_s, to_s;
};

static int collect(void *ctx, const struct sw_reading *reading)
{
    struct moved *moved = ctx;
    bool is_within = reading->start_s >= moved->from_s &&
                     reading->start_s <= moved->to_s - reading->seconds;
    if (!is_within)
        return 0;
    int r = GROW(moved->items, moved->n, moved->cap);
    if (r == 0)
        moved->items[moved->n++] = *reading;
    return r;
}

struct kept {
    struct sw_day_set page;
    struct moved *moved;
};

static int keep(void *ctx, const struct sw_reading *reading)
{
    struct kept *kept = ctx;
    size_t n = kept->moved->n;
    int r = collect(kept->moved, reading);
    if (r == 0 && kept->moved->n == n)
        r = sw_day_set_add_reading(&kept->page, 0, reading);
    return r < 0 ? r : 0;
}

/* Those within leave the pack, and are gathered. */
static int take_from_period(struct sw_store *store, int64_t device_key, int64_t period,
                            struct moved *moved)
{
    struct kept kept = {.moved = moved};
    size_t n = moved->n;
    int r = sw_readings_each(store, device_key, period, period, keep, &kept);
    bool is_news = moved->n > n;
    if (r == 0 && is_news) {
        const struct sw_device_set *left = sw_day_set_find(&kept.page, 0);
        r = sw_readings_pack(store, device_key, period, left ? left->readings : NULL,
                             left ? left->n_readings : 0);
    }
    sw_day_set_fini(&kept.page);
    return r;
}

static int take(struct sw_store *store, int64_t device_key, struct moved *moved)
{
    struct periods periods = {0};
    int r = sw_recent_fold(store); /* then each stands in one place */
    if (r == 0)
        r = add_packed(store, device_key, &periods);
    for (size_t i = 0; r == 0 && i < periods.n; i++) {
        bool may_be_within = periods.items[i] >= sw_pack_period(moved->from_s) &&
                             periods.items[i] <= sw_pack_period(moved->to_s);
        if (may_be_within)
            r = take_from_period(store, device_key, periods.items[i], moved);
    }
    free(periods.items);
    return r;
}

int sw_readings_move(struct sw_store *store, int64_t from_key, int64_t to_key,
                     int64_t from_s, int64_t to_s)
{
    struct moved moved = {.from_s = from_s, .to_s = to_s};
    int r = take(store, from_key, &moved);
    if (r == 0)
        r = sw_readings_put(store, to_key, moved.items, moved.n);
    free(moved.items);
    return r;
}
