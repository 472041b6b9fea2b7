/* commit_readings.c -- store readings, totals, scores and batteries, and the days they
 * change.
 *
 * Today's row is computed from memory when it is judged. Every other day is computed
 * from the store, once per commit. */
#include "daemon/commit_readings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/records.h"
#include "util/array.h"

/* A day of a patient, other than today, that must be recomputed. */
struct dirty {
    int64_t key; /* the patient's, in the store */
    int32_t day;
};
struct dirties {
    struct dirty *items;
    size_t n, cap;
};

struct storing {
    struct patients *patients;
    struct effects *effects;
    struct dirties dirties;
    const struct pending **items; /* of one patient */
    size_t n_items, cap_items;
    struct sw_reading *readings; /* of one device, side by side */
    bool *changed;
    size_t cap;
};

/* ---- which days ---- */

static int64_t key_of(const struct storing *storing, const struct patient *patient)
{
    return commit_key_of(patient, storing->effects);
}

static int note_dirty(struct dirties *dirties, int64_t key, int32_t day)
{
    const struct dirty *last = dirties->n ? &dirties->items[dirties->n - 1] : NULL;
    if (last && last->key == key && last->day == day)
        return 0;
    int r = GROW(dirties->items, dirties->n, dirties->cap);
    if (r >= 0)
        dirties->items[dirties->n++] = (struct dirty){key, day};
    return r;
}

static int note_dirty_span(struct storing *storing, struct patient *patient,
                           int64_t from_s, int64_t to_s)
{
    const struct patients *patients = storing->patients;
    int32_t first = sw_day_of(patients->zone, from_s),
            last = sw_day_of(patients->zone, to_s);
    int r = 0;
    for (int32_t day = first; r >= 0 && day <= last; day++) {
        bool is_computed = day == patients->today && !patient->day.is_changed;
        if (is_computed) /* what is pending is included: see day_cache_show() */
            continue;
        if (day != patients->today)
            r = effects_add_stale(storing->effects, patient, STALE_DAYS);
        if (r >= 0)
            r = note_dirty(&storing->dirties, key_of(storing, patient), day);
    }
    return r;
}

static int by_patient_and_day(const void *a, const void *b)
{
    const struct dirty *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->day > y->day) - (x->day < y->day);
}

static int store_dirty_days(struct storing *storing)
{
    struct dirties *dirties = &storing->dirties;
    struct patients *patients = storing->patients;
    int r = 0;
    if (dirties->n > 1)
        qsort(dirties->items, dirties->n, sizeof(*dirties->items), by_patient_and_day);
    for (size_t i = 0; r >= 0 && i < dirties->n; i++) {
        const struct dirty *dirty = &dirties->items[i];
        bool is_repeated = i > 0 && by_patient_and_day(dirty - 1, dirty) == 0;
        beat(&patients->beat); /* a counter may have been away for years */
        if (!is_repeated)
            r = sw_records_refresh(patients->store, patients->zone, dirty->key,
                                   dirty->day);
    }
    return r;
}

/* ---- readings, all of a device at once ---- */

/* Both are of one patient. */
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

/* How many items at the beginning are readings of one device. */
static size_t commit_readings_run_of(const struct pending **items, size_t n)
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

/* Most readings lie in the same day as the one before. */
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
        const struct sw_zone *zone = storing->patients->zone;
        int32_t day = sw_day_of(zone, last_s);
        from_s = sw_day_begin(zone, day);
        to_s = sw_day_begin(zone, day + 1) - 1;
    }
    return r;
}

/* Returns how many readings there are. */
static size_t spread_out(struct storing *storing, const struct pending **items,
                         size_t n_items)
{
    const struct write_buffer *write_buffer = &storing->patients->write_buffer;
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
    size_t n_periods = 0;
    for (size_t i = 0; i < n_items; i++)
        n_periods += items[i]->n;
    int r = need_room(storing, n_periods);
    if (r < 0)
        return r;
    size_t n = spread_out(storing, items, n_items);
    r = sw_store_put_readings(storing->patients->store, key_of(storing, patient),
                              &items[0]->device, storing->readings, n,
                              storing->changed);
    return r < 0 ? r : note_changed(storing, patient, n);
}

/* ---- totals and scores, one by one ---- */

static int store_total(struct storing *storing, const struct pending *item)
{
    struct sw_span touched = {0};
    int r = sw_store_put_total(storing->patients->store, key_of(storing, item->patient),
                               &item->device, &item->total, &touched);
    if (r <= 0) /* an error, or nothing new */
        return r;
    return note_dirty_span(storing, item->patient, touched.from_s, touched.to_s);
}

static int store_pain(struct storing *storing, const struct pending *item)
{
    int64_t at_s = item->pain.at_s;
    int r = sw_store_put_pain(storing->patients->store, key_of(storing, item->patient),
                              &item->pain);
    if (r <= 0)
        return r;
    r = effects_add_stale(storing->effects, item->patient, STALE_PAINS);
    return r < 0 ? r : note_dirty_span(storing, item->patient, at_s, at_s);
}

/* ---- batteries ---- */

static int64_t end_of(const struct pending *item)
{
    return item->kind == PENDING_TOTAL
               ? item->total.at_s
               : item->reading.start_s + (int64_t)item->n * item->reading.seconds;
}

/* The same level came with both, as with the items of a batch: only the newest time
 * matters. */
static bool is_same_level(const struct pending *a, const struct pending *b)
{
    return b->has_battery && a->battery_pct == b->battery_pct && is_same_device(a, b);
}

/* next is the item after this one, NULL if it is the last. *newest is the newest of the
 * same level so far. */
static int store_battery(struct storing *storing, const struct pending *item,
                         const struct pending *next, const struct pending **newest)
{
    if (!item->has_battery)
        return 0;
    if (!*newest || end_of(item) > end_of(*newest))
        *newest = item;
    if (next && is_same_level(item, next))
        return 0;
    bool is_total = (*newest)->kind == PENDING_TOTAL;
    struct sw_battery battery = {item->device, item->battery_pct, end_of(*newest),
                                 is_total ? (*newest)->total.stamp : SW_STAMP_OWN};
    int r = sw_store_put_battery(storing->patients->store,
                                 key_of(storing, item->patient), &battery);
    if (r > 0)
        r = effects_add_stale(storing->effects, item->patient, STALE_BATTERIES);
    *newest = NULL;
    return r;
}

static int store_batteries(struct storing *storing)
{
    const struct pending *newest = NULL;
    int r = 0;
    for (size_t i = 0; r >= 0 && i < storing->n_items; i++) {
        bool is_last = i + 1 == storing->n_items;
        r = store_battery(storing, storing->items[i],
                          is_last ? NULL : storing->items[i + 1], &newest);
    }
    return r;
}

/* ---- all of it ---- */

/* Store the first item and those that go with it; *ret_n: how many. */
static int store_some(struct storing *storing, const struct pending **items, size_t n,
                      size_t *ret_n)
{
    *ret_n = 1;
    switch (items[0]->kind) {
    case PENDING_READING:
        *ret_n = commit_readings_run_of(items, n);
        return store_readings(storing, items, *ret_n);
    case PENDING_TOTAL:
        return store_total(storing, items[0]);
    case PENDING_PAIN:
        return store_pain(storing, items[0]);
    }
    return 0;
}

/* Put the patient's items side by side, by device and time. */
static int gather(struct storing *storing, const struct patient *patient)
{
    const struct write_buffer *write_buffer = &storing->patients->write_buffer;
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

int64_t commit_key_of(const struct patient *patient, const struct effects *effects)
{
    bool is_enrolled = patient->unstored.enrolling.transaction == effects->transaction;
    if (patient->known.key != 0)
        return patient->known.key;
    return is_enrolled ? patient->unstored.enrolling.key : 0;
}

int commit_enroll(const struct commit *commit, struct patient *patient,
                  struct effects *effects)
{
    int64_t key;
    if (commit_key_of(patient, effects) != 0)
        return 0;
    int r = sw_store_add_patient(commit->patients->store, &patient->known,
                                 &commit->config->plan, &key);
    if (r == SW_STORE_EXISTS) {
        struct sw_patient stored;
        r = sw_store_find_patient(commit->patients->store, patient->known.id, &stored);
        key = stored.key;
    }
    if (r < 0)
        return r;
    patient->unstored.enrolling.key = key;
    patient->unstored.enrolling.transaction = effects->transaction;
    effects->has_enrolled = true;
    return r;
}

static int store_patient(const struct commit *commit, struct storing *storing,
                         struct patient *patient)
{
    int r = gather(storing, patient);
    if (r >= 0)
        r = commit_enroll(commit, patient, storing->effects);
    for (size_t i = 0, n; r >= 0 && i < storing->n_items; i += n)
        r = store_some(storing, &storing->items[i], storing->n_items - i, &n);
    return r < 0 ? r : store_batteries(storing);
}

int commit_readings(const struct commit *commit, struct effects *effects)
{
    struct patients *patients = commit->patients;
    struct storing storing = {.patients = patients, .effects = effects};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++)
        if (patients->all[i]->first_pending != 0)
            r = store_patient(commit, &storing, patients->all[i]);
    if (r >= 0)
        r = store_dirty_days(&storing);
    free(storing.dirties.items);
    free(storing.items);
    free(storing.readings);
    free(storing.changed);
    return r;
}
