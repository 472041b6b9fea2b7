/* store_readings.c -- the set of readings of a device: add to it, read it, move parts
 * of it.
 *
 * What a commit brings from a device, mostly one minute, goes to the end of table
 * `recent`. From there all of it moves at once into runs, see readings_run.h:
 * writing a run and its page costs more than writing a few rows. `recent` has no
 * index; it is kept in memory as well, and read again when another connection has
 * changed the database.
 *
 * The set is the union of both tables. A span may be in both: then `recent` has the
 * newer value, which wins. A set of the core decides that.
 */
#include "store/store_private.h"

#include <errno.h>
#include <stdlib.h>

#include "util/array.h"

enum {
    /* So many new readings of a device and period go straight into runs,
     * fewer to `recent`. */
    RUN_AT_ONCE = 16,
    /* At this length sw_store_tidy() has `recent` moved into runs: short enough to be
     * read when a command starts, and to be searched for a span whose value changes,
     * long enough that each written page of runs serves many readings. With 1,000
     * devices the store writes 131 bytes a reading, 102 if it were twice as long, 175
     * if half; with 100 devices 102, 101 and 108. */
    RECENT_MAX = 4096,
    RECENT_PATIENCE = 2, /* at so many times that, a commit has it moved */
    RECENT_AGAIN = 512,  /* more of it after a failure, before the next attempt */
};

static const char damaged_reading[] = "a stored reading is damaged";

/* ---- table `recent`, and its copy in memory ---- */

void sw_recent_drop(struct sw_store *store)
{
    sw_day_set_fini(&store->recent.set);
    store->recent.n = 0;
    store->recent.is_loaded = false;
}

static struct sw_run as_run(int64_t device_key, const struct sw_reading *reading,
                            unsigned char steps[static 4])
{
    for (int i = 0; i < 4; i++)
        steps[i] = (unsigned char)(reading->steps >> 8 * (3 - i));
    return (struct sw_run){.device_key = device_key,
                           .start_s = reading->start_s,
                           .seconds = reading->seconds,
                           .worn = reading->worn,
                           .width = 4,
                           .steps = steps,
                           .steps_len = 4};
}

static int add_to_memory(struct sw_store *store, int64_t device_key,
                         const struct sw_reading *reading)
{
    store->recent.n++;
    int r = sw_day_set_add_reading(&store->recent.set, device_key, reading);
    return r < 0 ? r : 0;
}

static int read_recent(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_EACH_RECENT);
    int r = 0;
    while (sw_query_next(&q, &r)) {
        unsigned char steps[4];
        const struct sw_reading reading = {.start_s = sw_column_int(&q, 1),
                                           .seconds = sw_column_int32(&q, 2),
                                           .steps = sw_column_int32(&q, 3),
                                           .worn = sw_column_int(&q, 4) != 0};
        struct sw_run run = as_run(sw_column_int(&q, 0), &reading, steps);
        run.crc = sw_column_int32(&q, 5);
        r = sw_run_is_sound(&run) ? add_to_memory(store, run.device_key, &reading)
                                  : sw_store_damaged(store, damaged_reading);
    }
    return sw_query_end(&q, r);
}

/* Make sure that the copy in memory is what the table says. */
static int need_recent(struct sw_store *store)
{
    int64_t version = sw_change_version(store);
    if (store->recent.is_loaded && store->recent.version == version)
        return 0;
    sw_recent_drop(store);
    int r = read_recent(store);
    if (r < 0) {
        sw_recent_drop(store);
        return r;
    }
    store->recent.version = version;
    store->recent.is_loaded = true;
    return 0;
}

/* The device's readings in memory of the periods first to last: *ret_n of them, from
 * the returned one on. */
static const struct sw_reading *recent_of(struct sw_store *store, int64_t device_key,
                                          int64_t first, int64_t last, size_t *ret_n)
{
    const struct sw_device_set *device =
        sw_day_set_find(&store->recent.set, device_key);
    int64_t begin_s = sw_run_period_begin(first), end_s = sw_run_period_end(last);
    *ret_n = 0;
    if (!device)
        return NULL;
    size_t low = 0, high = device->n_readings;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (device->readings[middle].start_s < begin_s)
            low = middle + 1;
        else
            high = middle;
    }
    while (high < device->n_readings && device->readings[high].start_s <= end_s)
        high++;
    *ret_n = high - low;
    return device->readings + low;
}

static int run_on_recent(struct sw_store *store, enum sw_sql sql, int64_t device_key,
                         const struct sw_reading *reading)
{
    unsigned char steps[4];
    struct sw_run run = as_run(device_key, reading, steps);
    return sw_run_with(store, sql, sw_int(device_key), sw_int(reading->start_s),
                       sw_int(reading->seconds), sw_int(reading->steps),
                       sw_int(reading->worn), sw_int(sw_run_crc(&run)));
}

static bool is_in_memory(struct sw_store *store, int64_t device_key,
                         const struct sw_reading *reading)
{
    int64_t period = sw_run_period(reading->start_s);
    size_t n;
    const struct sw_reading *some = recent_of(store, device_key, period, period, &n);
    for (size_t i = 0; i < n; i++)
        if (some[i].start_s == reading->start_s && some[i].seconds == reading->seconds)
            return true;
    return false;
}

static int put_to_recent(struct sw_store *store, int64_t device_key,
                         const struct sw_reading *reading)
{
    int r = 0;
    bool may_be_there = is_in_memory(store, device_key, reading);
    if (may_be_there)
        r = run_on_recent(store, SQL_CHANGE_RECENT, device_key, reading);
    if (r == 0 && (!may_be_there || sw_changes(store) == 0))
        r = run_on_recent(store, SQL_PUT_RECENT, device_key, reading);
    return r < 0 ? r : add_to_memory(store, device_key, reading);
}

/* ---- reading ---- */

static struct sw_run read_run(const struct sw_query *q, int first)
{
    struct sw_run run = {
        .device_key = sw_column_int(q, first),
        .start_s = sw_column_int(q, first + 1),
        .seconds = sw_column_int32(q, first + 2),
        .worn = sw_column_int(q, first + 3) != 0,
        .width = sw_column_int32(q, first + 4),
        .crc = sw_column_int32(q, first + 6),
    };
    run.steps = sw_column_blob(q, first + 5, &run.steps_len);
    return run;
}

int sw_readings_each_of_run(const struct sw_query *q, int first, sw_each_reading *each,
                            void *ctx)
{
    struct sw_run run = read_run(q, first);
    int r = 0;
    if (!sw_run_is_sound(&run))
        return sw_store_damaged(q->store, damaged_reading);
    for (size_t i = 0; r == 0 && i < sw_run_count(&run); i++) {
        struct sw_reading reading = sw_run_reading(&run, i);
        r = each(ctx, &reading);
    }
    return r;
}

int sw_readings_each_recent(struct sw_store *store, int64_t device_key,
                            sw_each_reading *each, void *ctx)
{
    int r = need_recent(store);
    const struct sw_device_set *device =
        r == 0 ? sw_day_set_find(&store->recent.set, device_key) : NULL;
    for (size_t i = 0; r == 0 && device && i < device->n_readings; i++)
        r = each(ctx, &device->readings[i]);
    return r;
}

int sw_readings_each(struct sw_store *store, int64_t device_key, int64_t first_s,
                     int64_t last_s, sw_each_reading *each, void *ctx)
{
    int64_t first = sw_run_period(first_s), last = sw_run_period(last_s);
    int r = need_recent(store); /* first: a row moved meanwhile then comes twice */
    if (r < 0)
        return r;
    struct sw_query q = sw_query_with(store, SQL_EACH_RUN, sw_int(device_key),
                                      sw_int(sw_run_period_begin(first)),
                                      sw_int(sw_run_period_end(last)));
    while (sw_query_next(&q, &r)) {
        r = sw_readings_each_of_run(&q, 0, each, ctx);
    }
    sw_query_end(&q, r);
    size_t n;
    const struct sw_reading *some = recent_of(store, device_key, first, last, &n);
    for (size_t i = 0; r == 0 && i < n; i++)
        r = each(ctx, &some[i]);
    return r;
}

/* Of a row's place and key, the first four columns. */
static uint64_t hash_of_key(const struct sw_query *q)
{
    uint64_t hash = 0;
    for (int i = 0; i < 4; i++) { /* splitmix64 */
        hash = (hash ^ (uint64_t)sw_column_int(q, i)) + 0x9e3779b97f4a7c15u;
        hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
        hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
        hash ^= hash >> 31;
    }
    return hash;
}

/* A run is found by the index of the runs' keys, so one that a wrong entry points past
 * would be missed. Two walks, each in the order of the file, cost less than looking up
 * every run: the index must have the same entries as the table, whatever their order,
 * and must have them in order. */
static int check_runs(struct sw_store *store)
{
    static const char damaged_index[] = "the index of the readings is damaged";
    uint64_t of_table = 0, of_index = 0;
    int64_t last[3] = {INT64_MIN, INT64_MIN, INT64_MIN};
    int r = 0;
    struct sw_query q = sw_query(store, SQL_EVERY_RUN);
    while (sw_query_next(&q, &r)) {
        struct sw_run run = read_run(&q, 1);
        of_table += hash_of_key(&q);
        if (!sw_run_is_sound(&run))
            r = sw_store_damaged(store, damaged_reading);
    }
    sw_query_end(&q, r);
    if (r < 0)
        return r;
    q = sw_query(store, SQL_EVERY_RUN_KEY);
    while (sw_query_next(&q, &r)) {
        int order = 0;
        for (int i = 0; i < 3; i++) {
            int64_t part = sw_column_int(&q, 1 + i);
            if (order == 0)
                order = (part > last[i]) - (part < last[i]);
            last[i] = part;
        }
        of_index += hash_of_key(&q);
        if (order <= 0)
            r = sw_store_damaged(store, damaged_index);
    }
    sw_query_end(&q, r);
    return r == 0 && of_index != of_table ? sw_store_damaged(store, damaged_index) : r;
}

/* All as of one moment: others may write meanwhile. */
int sw_readings_check(struct sw_store *store)
{
    int r = sw_store_begin_reading(store);
    if (r == 0)
        r = check_runs(store);
    sw_recent_drop(store);
    if (r == 0)
        r = need_recent(store);
    sw_store_rollback(store);
    return r;
}

int sw_readings_each_device(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, int64_t key, const char *id),
                            void *ctx)
{
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_EACH_DEVICE, sw_int(patient_key));
    while (sw_query_next(&q, &r))
        r = each(ctx, sw_column_int(&q, 0), sw_column_str(&q, 1));
    return sw_query_end(&q, r);
}

/* ---- one period of a device: read as a set, and written as runs ---- */

static int add_to_page(void *ctx, const struct sw_reading *reading)
{
    int r = sw_day_set_add_reading(ctx, 0, reading);
    return r < 0 ? r : 0;
}

/* The page's only device has the key 0. */
static int load_page(struct sw_store *store, int64_t device_key, int64_t period,
                     struct sw_day_set *page)
{
    int64_t at_s = sw_run_period_begin(period);
    return sw_readings_each(store, device_key, at_s, at_s, add_to_page, page);
}

static int by_start_then_length(const void *a, const void *b)
{
    const struct sw_run *x = a, *y = b;
    if (x->start_s != y->start_s)
        return x->start_s < y->start_s ? -1 : 1;
    return (x->seconds > y->seconds) - (x->seconds < y->seconds);
}

/* Remove the period's rows whose start and length no new run has. */
static int remove_others(struct sw_store *store, int64_t device_key, int64_t period)
{
    struct sw_runs *runs = &store->runs;
    struct sw_query q = sw_query_with(store, SQL_EACH_RUN, sw_int(device_key),
                                      sw_int(sw_run_period_begin(period)),
                                      sw_int(sw_run_period_end(period)));
    struct {
        struct sw_run *items;
        size_t n, cap;
    } gone = {0};
    int r = 0;
    if (runs->n > 0)
        qsort(runs->items, runs->n, sizeof *runs->items, by_start_then_length);
    while (sw_query_next(&q, &r)) {
        struct sw_run run = read_run(&q, 0);
        bool stays = runs->n > 0 && bsearch(&run, runs->items, runs->n, sizeof run,
                                            by_start_then_length);
        if (!stays && (r = GROW(gone.items, gone.n, gone.cap)) == 0)
            gone.items[gone.n++] = run;
    }
    sw_query_end(&q, r);
    for (size_t i = 0; r == 0 && i < gone.n; i++)
        r = sw_run_with(store, SQL_REMOVE_RUN, sw_int(device_key),
                        sw_int(gone.items[i].start_s), sw_int(gone.items[i].seconds));
    free(gone.items);
    return r;
}

/* Make these readings, sorted and unique as in a page, the runs of a period. Rows that
 * stay the same are not written. */
static int put_runs(struct sw_store *store, int64_t device_key, int64_t period,
                    const struct sw_reading *readings, size_t n)
{
    int r = sw_runs_encode(&store->runs, device_key, readings, n);
    if (r == 0)
        r = remove_others(store, device_key, period);
    for (size_t i = 0; r == 0 && i < store->runs.n; i++) {
        const struct sw_run *run = &store->runs.items[i];
        r = sw_run_with(store, SQL_PUT_RUN, sw_int(run->device_key),
                        sw_int(run->start_s), sw_int(run->seconds), sw_int(run->worn),
                        sw_int(run->width), sw_blob(run->steps, run->steps_len),
                        sw_int(run->crc));
    }
    return r;
}

/* ---- putting ---- */

/* The readings are of one period; *page is scratch memory. */
static int put_to_page(struct sw_store *store, int64_t device_key, int64_t period,
                       const struct sw_reading *readings, size_t n, bool *changed,
                       struct sw_day_set *page)
{
    size_t n_changed = 0, n_recent;
    int r = load_page(store, device_key, period, page);
    for (size_t i = 0; r >= 0 && i < n; i++) {
        r = sw_day_set_add_reading(page, 0, &readings[i]);
        changed[i] = r > 0;
        n_changed += r > 0;
    }
    if (r < 0)
        return r;
    if (n_changed >= RUN_AT_ONCE) {
        r = put_runs(store, device_key, period, page->devices[0].readings,
                     page->devices[0].n_readings);
        recent_of(store, device_key, period, period, &n_recent);
        if (r == 0 && n_recent > 0) /* in the runs now, or superseded */
            r = sw_run_with(store, SQL_REMOVE_RECENT, sw_int(device_key),
                            sw_int(sw_run_period_begin(period)),
                            sw_int(sw_run_period_end(period)));
        return r;
    }
    r = 0;
    for (size_t i = 0; r == 0 && i < n; i++)
        if (changed[i])
            r = put_to_recent(store, device_key, &readings[i]);
    return r;
}

static int put_readings(struct sw_store *store, int64_t device_key,
                        const struct sw_reading *readings, size_t n, bool *changed)
{
    int r = 0;
    for (size_t i = 0, count; r == 0 && i < n; i += count) {
        int64_t period = sw_run_period(readings[i].start_s);
        struct sw_day_set page = {0};
        count = 1;
        while (i + count < n && sw_run_period(readings[i + count].start_s) == period)
            count++;
        r = put_to_page(store, device_key, period, readings + i, count, changed + i,
                        &page);
        sw_day_set_fini(&page);
    }
    return r;
}

int sw_store_put_readings(struct sw_store *store, int64_t patient_key,
                          const struct sw_device_id *device,
                          const struct sw_reading *readings, size_t n, bool *changed)
{
    bool own;
    int64_t key = 0;
    for (size_t i = 0; i < n; i++)
        if (readings[i].seconds < 1 || readings[i].seconds > SW_READING_SECONDS_MAX ||
            readings[i].steps < 0)
            return -EINVAL;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
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

/* ---- from `recent` into runs ---- */

static int fold_device(struct sw_store *store, const struct sw_device_set *device)
{
    int64_t done = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < device->n_readings; i++) {
        int64_t period = sw_run_period(device->readings[i].start_s);
        struct sw_day_set page = {0};
        if (i > 0 && period == done)
            continue;
        r = load_page(store, device->device_key, period, &page);
        if (r == 0)
            r = put_runs(store, device->device_key, period, page.devices[0].readings,
                         page.devices[0].n_readings);
        sw_day_set_fini(&page);
        done = period;
    }
    return r;
}

int sw_recent_fold(struct sw_store *store)
{
    int r = need_recent(store);
    for (size_t i = 0; r == 0 && i < store->recent.set.n_devices; i++)
        r = fold_device(store, &store->recent.set.devices[i]);
    if (r < 0)
        return r;
    r = sw_run(sw_query(store, SQL_EMPTY_RECENT));
    if (r < 0)
        return r;
    sw_day_set_fini(&store->recent.set);
    store->recent.n = 0;
    return 0;
}

/* Has `recent` folded if it has so many readings. */
static void fold_when(struct sw_store *store, size_t limit)
{
    size_t n = store->recent.n;
    bool is_due = store->recent.is_loaded && n >= limit && n >= store->recent.again_at;
    if (!is_due)
        return;
    int r = sw_store_begin(store);
    if (r == 0)
        r = sw_recent_fold(store);
    if (r == 0)
        r = sw_run(sw_query(store, SQL_COMMIT));
    if (r < 0)
        sw_store_rollback(store);
    store->begun = false;
    store->recent.again_at = r < 0 ? n + RECENT_AGAIN : 0;
    store->recent.is_damaged = r == -EUCLEAN;
}

void sw_recent_tidy(struct sw_store *store)
{
    fold_when(store, RECENT_MAX);
}

void sw_recent_committed(struct sw_store *store)
{
    fold_when(store, RECENT_PATIENCE * RECENT_MAX);
}

/* ---- all of a device, in order ---- */

struct periods { /* periods that have readings */
    int64_t *items;
    size_t n, cap;
};

static int add_period(void *ctx, const struct sw_reading *reading)
{
    struct periods *periods = ctx;
    int64_t period = sw_run_period(reading->start_s);
    if (periods->n > 0 && periods->items[periods->n - 1] == period)
        return 0;
    int r = GROW(periods->items, periods->n, periods->cap);
    if (r == 0)
        periods->items[periods->n++] = period;
    return r;
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static int list_periods(struct sw_store *store, int64_t device_key,
                        struct periods *periods)
{
    int r = sw_readings_each_recent(store, device_key, add_period, periods);
    if (r < 0)
        return r;
    struct sw_query q = sw_query_with(store, SQL_EACH_START, sw_int(device_key));
    while (sw_query_next(&q, &r))
        r = add_period(periods, &(struct sw_reading){.start_s = sw_column_int(&q, 0)});
    sw_query_end(&q, r);
    if (periods->n > 0)
        qsort(periods->items, periods->n, sizeof *periods->items, by_number);
    return r;
}

struct each_device {
    struct sw_store *store;
    int (*each)(void *ctx, const char *device, const struct sw_reading *reading);
    void *ctx;
};

static int each_of_device(void *ctx, int64_t device_key, const char *id)
{
    const struct each_device *all = ctx;
    struct periods periods = {0};
    int r = list_periods(all->store, device_key, &periods);
    for (size_t i = 0; r == 0 && i < periods.n; i++) {
        struct sw_day_set page = {0};
        if (i > 0 && periods.items[i] == periods.items[i - 1])
            continue;
        r = load_page(all->store, device_key, periods.items[i], &page);
        for (size_t j = 0; r == 0 && j < page.devices[0].n_readings; j++)
            r = all->each(all->ctx, id, &page.devices[0].readings[j]);
        sw_day_set_fini(&page); /* a period has readings */
    }
    free(periods.items);
    return r;
}

int sw_store_each_reading(struct sw_store *store, int64_t patient_key,
                          int (*each)(void *ctx, const char *device,
                                      const struct sw_reading *reading),
                          void *ctx)
{
    struct each_device all = {.store = store, .each = each, .ctx = ctx};
    return sw_readings_each_device(store, patient_key, each_of_device, &all);
}

/* ---- moving them to another device ---- */

struct moved {
    struct sw_reading *items;
    size_t n, cap;
    int64_t from_s, to_s;
    struct sw_day_set left; /* readings of the current period that stay */
};

static int store_readings_take_reading(void *ctx, const struct sw_reading *reading)
{
    struct moved *moved = ctx;
    bool is_within = reading->start_s >= moved->from_s &&
                     reading->start_s <= moved->to_s - reading->seconds;
    if (!is_within)
        return add_to_page(&moved->left, reading);
    int r = GROW(moved->items, moved->n, moved->cap);
    if (r == 0)
        moved->items[moved->n++] = *reading;
    return r;
}

/* Take the readings within the span out of the runs, into moved->items. */
static int take_from_period(struct sw_store *store, int64_t device_key, int64_t period,
                            struct moved *moved)
{
    int64_t at_s = sw_run_period_begin(period);
    size_t n = moved->n;
    int r = sw_readings_each(store, device_key, at_s, at_s, store_readings_take_reading,
                             moved);
    if (r == 0 && moved->n > n) {
        const struct sw_device_set *left = sw_day_set_find(&moved->left, 0);
        r = put_runs(store, device_key, period, left ? left->readings : NULL,
                     left ? left->n_readings : 0);
    }
    sw_day_set_fini(&moved->left);
    return r;
}

int sw_readings_move(struct sw_store *store, int64_t from_key, int64_t to_key,
                     int64_t from_s, int64_t to_s)
{
    struct moved moved = {.from_s = from_s, .to_s = to_s};
    struct periods periods = {0};
    bool *changed = NULL;
    int r = sw_recent_fold(store); /* then every reading is in one table only */
    if (r == 0)
        r = list_periods(store, from_key, &periods);
    for (size_t i = 0; r == 0 && i < periods.n; i++) {
        bool is_new = i == 0 || periods.items[i] != periods.items[i - 1];
        if (is_new && periods.items[i] >= sw_run_period(from_s) &&
            periods.items[i] <= sw_run_period(to_s))
            r = take_from_period(store, from_key, periods.items[i], &moved);
    }
    if (r == 0 && moved.n > 0) {
        changed = calloc(moved.n, sizeof *changed);
        r = changed ? put_readings(store, to_key, moved.items, moved.n, changed)
                    : -ENOMEM;
    }
    free(changed);
    free(periods.items);
    free(moved.items);
    return r;
}
