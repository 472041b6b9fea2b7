/* commit_readings.c -- store readings, totals, scores and batteries, and the days they change.
 *
 * Today's row is computed from memory, when it is judged; every other day from the
 * store, once a commit. */
#include "daemon/commit_readings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "util/array.h"

/* A day of a patient other than today that must be computed anew. */
struct dirty {
    struct patient *patient;
    int32_t day;
};
struct dirties {
    struct dirty *items;
    size_t n, cap;
};

struct storing {
    struct commit *commit;
    struct dirties dirties;
    const struct pending **items; /* of one patient */
    size_t n_items, cap_items;
    struct sw_reading *readings; /* of one device, side by side */
    bool *changed;
    size_t cap;
};

/* ---- which days ---- */

static int note_dirty(struct dirties *dirties, struct patient *patient, int32_t day)
{
    const struct dirty *last = dirties->n ? &dirties->items[dirties->n - 1] : NULL;
    if (last && last->patient == patient && last->day == day)
        return 0;
    int r = GROW(dirties->items, dirties->n, dirties->cap);
    if (r >= 0)
        dirties->items[dirties->n++] = (struct dirty){patient, day};
    return r;
}

/* Once this is stored, something that was recalled from the store has changed. */
static void note_stale(struct commit *commit, struct patient *patient, enum stale what)
{
    patient->stale |= (unsigned)what;
    patient->to_judge = true;
    commit->judge_again = true;
}

static int note_dirty_span(struct storing *storing, struct patient *patient,
                           int64_t from_s, int64_t to_s)
{
    struct commit *commit = storing->commit;
    struct patients *patients = commit->patients;
    int32_t first = sw_day_of(patients->zone, from_s),
            last = sw_day_of(patients->zone, to_s);
    int r = 0;
    for (int32_t day = first; r >= 0 && day <= last; day++) {
        bool is_computed = day == patients->today && !patient->today_changed;
        if (is_computed) /* what is pending was part of it: see day_cache_show() */
            continue;
        if (day != patients->today)
            note_stale(commit, patient, STALE_DAYS);
        r = note_dirty(&storing->dirties, patient, day);
    }
    return r;
}

static int by_patient_and_day(const void *a, const void *b)
{
    const struct dirty *x = a, *y = b;
    int64_t x_key = x->patient->known.key, y_key = y->patient->known.key;
    if (x_key != y_key)
        return x_key < y_key ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

static int store_dirty_days(struct commit *commit, struct dirties *dirties)
{
    int r = 0;
    if (dirties->n > 1)
        qsort(dirties->items, dirties->n, sizeof(*dirties->items), by_patient_and_day);
    for (size_t i = 0; r >= 0 && i < dirties->n; i++) {
        const struct dirty *dirty = &dirties->items[i];
        bool is_repeated = i > 0 && by_patient_and_day(dirty - 1, dirty) == 0;
        beat(&commit->patients
                  ->beat); /* a counter may have been away for years of days */
        if (!is_repeated)
            r = sw_records_refresh(commit->patients->store, commit->patients->zone,
                                   dirty->patient->known.key, dirty->day);
    }
    return r;
}

/* ---- readings, all of a device at once ---- */

/* Of one patient. */
static int by_device_and_time(const void *a, const void *b)
{
    const struct pending *const *left = a, *const *right = b;
    const struct pending *x = *left, *y = *right;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int order = strcmp(x->device.str, y->device.str);
    if (order != 0 || x->kind != PENDING_READING)
        return order;
    return (x->reading.start_s > y->reading.start_s) -
           (x->reading.start_s < y->reading.start_s);
}

static bool is_same_device(const struct pending *a, const struct pending *b)
{
    return strcmp(a->device.str, b->device.str) == 0;
}

/* How many at the beginning are readings of one device. */
static size_t run_of(const struct pending **items, size_t n)
{
    size_t run = 1;
    while (run < n && items[run]->kind == PENDING_READING &&
           is_same_device(items[0], items[run]))
        run++;
    return run;
}

static int need_room(struct storing *storing, size_t n)
{
    if (n <= storing->cap)
        return 0;
    struct sw_reading *readings = reallocarray(storing->readings, n, sizeof(*readings));
    if (readings)
        storing->readings = readings;
    bool *changed = reallocarray(storing->changed, n, sizeof(*changed));
    if (changed)
        storing->changed = changed;
    if (!readings || !changed)
        return -ENOMEM;
    storing->cap = n;
    return 0;
}

/* Most readings lie in the day of the one before. */
static int note_changed(struct storing *storing, struct patient *patient, size_t n)
{
    int64_t from_s = 0, to_s = -1;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < n; i++) {
        const struct sw_reading *reading = &storing->readings[i];
        int64_t last_s = reading->start_s + reading->seconds - 1;
        bool is_within = reading->start_s >= from_s && last_s <= to_s;
        if (!storing->changed[i] || is_within)
            continue;
        r = note_dirty_span(storing, patient, reading->start_s, last_s);
        const struct sw_zone *zone = storing->commit->patients->zone;
        int32_t day = sw_day_of(zone, last_s);
        from_s = sw_day_begin(zone, day);
        to_s = sw_day_begin(zone, day + 1) - 1;
    }
    return r;
}

static size_t count_readings(const struct pending **items, size_t n)
{
    size_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += items[i]->n;
    return sum;
}

/* Returns how many there are. */
static size_t spread_out(struct storing *storing, const struct pending **items,
                         size_t n_items)
{
    const struct write_buffer *write_buffer = &storing->commit->patients->write_buffer;
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++)
        for (uint32_t k = 0; k < items[i]->n; k++)
            n += write_buffer_reading(write_buffer, items[i], k, &storing->readings[n]);
    return n;
}

static int store_readings(struct storing *storing, const struct pending **items,
                          size_t n_items)
{
    struct patient *patient = items[0]->patient;
    int r = need_room(storing, count_readings(items, n_items));
    if (r < 0)
        return r;
    size_t n = spread_out(storing, items, n_items);
    r = sw_store_put_readings(storing->commit->patients->store, patient->known.key,
                              &items[0]->device, storing->readings, n,
                              storing->changed);
    return r < 0 ? r : note_changed(storing, patient, n);
}

/* ---- totals and scores, one by one ---- */

static int store_total(struct storing *storing, const struct pending *item)
{
    struct sw_span touched = {0};
    int r =
        sw_store_put_total(storing->commit->patients->store, item->patient->known.key,
                           &item->device, &item->total, &touched);
    if (r <= 0) /* an error, or nothing new */
        return r;
    return note_dirty_span(storing, item->patient, touched.from_s, touched.to_s);
}

static int store_pain(struct storing *storing, const struct pending *item)
{
    int64_t at_s = item->pain.at_s;
    int r = sw_store_put_pain(storing->commit->patients->store,
                              item->patient->known.key, &item->pain);
    if (r <= 0)
        return r;
    note_stale(storing->commit, item->patient, STALE_PAINS);
    return note_dirty_span(storing, item->patient, at_s, at_s);
}

/* ---- batteries ---- */

static int64_t end_of(const struct pending *item)
{
    return item->kind == PENDING_TOTAL
               ? item->total.at_s
               : item->reading.start_s + (int64_t)item->n * item->reading.seconds;
}

/* The level came with both, as with the items of a batch: the newest time is enough. */
static bool is_same_level(const struct pending *a, const struct pending *b)
{
    return b->has_battery && a->battery_pct == b->battery_pct && is_same_device(a, b);
}

static enum sw_stamp stamp_of(const struct pending *item)
{
    return item->kind == PENDING_TOTAL ? item->total.stamp : SW_STAMP_OWN;
}

/* next: the item after it, NULL if it is the last; *newest: of the same level so far.
 */
static int store_battery(struct commit *commit, const struct pending *item,
                         const struct pending *next, const struct pending **newest)
{
    if (!item->has_battery)
        return 0;
    if (!*newest || end_of(item) > end_of(*newest))
        *newest = item;
    if (next && is_same_level(item, next))
        return 0;
    struct sw_battery battery = {item->device, item->battery_pct, end_of(*newest),
                                 stamp_of(*newest)};
    int r = sw_store_put_battery(commit->patients->store, item->patient->known.key,
                                 &battery);
    if (r > 0)
        note_stale(commit, item->patient, STALE_BATTERIES);
    *newest = NULL;
    return r;
}

static int store_batteries(struct storing *storing)
{
    const struct pending *newest = NULL;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < storing->n_items; i++) {
        bool is_last = i + 1 == storing->n_items;
        r = store_battery(storing->commit, storing->items[i],
                          is_last ? NULL : storing->items[i + 1], &newest);
    }
    return r;
}

/* ---- all of it ---- */

/* The first of the items and those that go with it; *ret_n: how many. */
static int store_some(struct storing *storing, const struct pending **items, size_t n,
                      size_t *ret_n)
{
    *ret_n = 1;
    switch (items[0]->kind) {
    case PENDING_READING:
        *ret_n = run_of(items, n);
        return store_readings(storing, items, *ret_n);
    case PENDING_TOTAL:
        return store_total(storing, items[0]);
    case PENDING_PAIN:
        return store_pain(storing, items[0]);
    }
    return 0;
}

/* Side by side, by device and time. */
static int gather(struct storing *storing, const struct patient *patient)
{
    const struct write_buffer *write_buffer = &storing->commit->patients->write_buffer;
    const struct pending *item = write_buffer_of(write_buffer, patient);
    storing->n_items = 0;
    for (; item; item = write_buffer_after(write_buffer, item)) {
        int r = GROW(storing->items, storing->n_items, storing->cap_items);
        if (r < 0)
            return r;
        storing->items[storing->n_items++] = item;
    }
    if (storing->n_items > 1)
        qsort(storing->items, storing->n_items, sizeof(*storing->items),
              by_device_and_time);
    return 0;
}

static int store_patient(struct storing *storing, struct patient *patient)
{
    int r = gather(storing, patient);
    if (r >= 0)
        r = commit_enroll(storing->commit, patient);
    for (size_t i = 0, n; r >= 0 && i < storing->n_items; i += n)
        r = store_some(storing, &storing->items[i], storing->n_items - i, &n);
    return r < 0 ? r : store_batteries(storing);
}

int pending_store(struct commit *commit)
{
    struct patients *patients = commit->patients;
    struct storing storing = {.commit = commit};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++)
        if (patients->all[i]->first_pending != 0)
            r = store_patient(&storing, patients->all[i]);
    if (r >= 0)
        r = store_dirty_days(commit, &storing.dirties);
    free(storing.dirties.items);
    free(storing.items);
    free(storing.readings);
    free(storing.changed);
    return r;
}
