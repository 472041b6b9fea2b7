/* write_buffer.c -- one array of all items, and a chain through it for each patient;
 * storing them, and the days that they change.
 *
 * Today's row is computed from memory when it is judged. Every other day is computed
 * from the store, once per commit.
 */
#include "daemon/write_buffer.h"

#include <stdlib.h>
#include <string.h>

#include "daemon/evaluate.h"
#include "daemon/patients.h"
#include "records/records.h"
#include "util/array.h"

enum {
    KEPT_BYTES_MAX = 512 * 1024, /* more than comes between two daytime commits */
    GAP_MAX = 10, /* periods of no data: a longer gap costs less as a new item */
    NO_DATA = -1,
};

/* ---- the chains ---- */

static void link_item(struct write_buffer *buffer, size_t i)
{
    struct patient *patient = buffer->items[i].patient;
    buffer->items[i].next = 0;
    if (patient->last_pending != 0)
        buffer->items[patient->last_pending - 1].next = i + 1;
    else
        patient->first_pending = i + 1;
    patient->last_pending = i + 1;
}

void write_buffer_unlink(struct write_buffer *buffer)
{
    for (size_t i = 0; i < buffer->n; i++) {
        struct patient *patient = buffer->items[i].patient;
        patient->first_pending = patient->last_pending = 0;
    }
}

void write_buffer_link(struct write_buffer *buffer)
{
    for (size_t i = 0; i < buffer->n; i++)
        link_item(buffer, i);
}

static const struct pending *write_buffer_at(const struct write_buffer *buffer,
                                             size_t place)
{
    return place == 0 ? NULL : &buffer->items[place - 1];
}

const struct pending *write_buffer_of(const struct write_buffer *buffer,
                                      const struct patient *patient)
{
    return write_buffer_at(buffer, patient->first_pending);
}

const struct pending *write_buffer_after(const struct write_buffer *buffer,
                                         const struct pending *item)
{
    return write_buffer_at(buffer, item->next);
}

/* ---- adding ---- */

static bool is_same_device(const struct pending *a, const struct pending *b)
{
    return strcmp(a->device.str, b->device.str) == 0;
}

/* How many periods after the item's last one the reading is: 1 for the next one; 0 if
 * it cannot be appended. An item that may be given to another patient stands alone. */
static int64_t periods_after(const struct pending *item, const struct pending *next)
{
    const struct sw_reading *from = &item->reading, *to = &next->reading;
    bool is_alike = item->patient == next->patient && item->kind == PENDING_READING &&
                    next->kind == PENDING_READING && !item->by_device &&
                    !next->by_device && is_same_device(item, next) &&
                    item->has_battery == next->has_battery &&
                    item->battery_pct == next->battery_pct &&
                    from->seconds == to->seconds && from->worn == to->worn;
    if (!is_alike)
        return 0;
    int64_t seconds = to->start_s - from->start_s;
    int64_t periods = seconds / from->seconds - (int64_t)item->n + 1;
    bool fits = seconds > 0 && seconds % from->seconds == 0 && periods >= 1 &&
                periods <= GAP_MAX + 1;
    return fits ? periods : 0;
}

/* Only the item whose steps are the last ones can be extended: not where the items after
 * it were dropped. */
int write_buffer_add(struct write_buffer *buffer, const struct pending *item)
{
    struct pending *last = buffer->n > 0 ? &buffer->items[buffer->n - 1] : NULL;
    bool is_open_ended = last && last->first_steps + last->n - 1 == buffer->n_steps;
    int64_t periods = is_open_ended ? periods_after(last, item) : 0;
    if (periods == 0) {
        int r = GROW(buffer->items, buffer->n, buffer->cap);
        if (r < 0)
            return r;
        buffer->items[buffer->n] = *item;
        buffer->items[buffer->n].first_steps = buffer->n_steps;
        link_item(buffer, buffer->n++);
    }
    for (; periods > 0; periods--) {
        int r = GROW(buffer->steps, buffer->n_steps, buffer->cap_steps);
        if (r < 0)
            return r;
        buffer->steps[buffer->n_steps++] = periods > 1 ? NO_DATA : item->reading.steps;
        last->n++;
    }
    return 0;
}

bool write_buffer_reading(const struct write_buffer *buffer, const struct pending *item,
                          uint32_t i, struct sw_reading *ret)
{
    *ret = item->reading;
    if (i == 0)
        return true;
    ret->start_s += (int64_t)i * ret->seconds;
    ret->steps = buffer->steps[item->first_steps + i - 1];
    return ret->steps != NO_DATA;
}

/* ---- the whole buffer ---- */

size_t write_buffer_bytes(const struct write_buffer *buffer)
{
    return buffer->n * sizeof(*buffer->items) +
           buffer->n_steps * sizeof(*buffer->steps);
}

/* The steps of dropped items stay until everything is cleared. */
void write_buffer_drop_gone(struct write_buffer *buffer)
{
    size_t n = 0;
    write_buffer_unlink(buffer);
    for (size_t i = 0; i < buffer->n; i++)
        if (buffer->items[i].patient->state != PATIENT_GONE)
            buffer->items[n++] = buffer->items[i];
    buffer->n = n;
    write_buffer_link(buffer);
}

void write_buffer_fini(struct write_buffer *buffer)
{
    free(buffer->items);
    free(buffer->steps);
    *buffer = (struct write_buffer){0};
}

/* Memory that a backlog took is given back. */
void write_buffer_clear(struct write_buffer *buffer)
{
    write_buffer_unlink(buffer);
    buffer->n = buffer->n_steps = 0;
    if (buffer->cap * sizeof(*buffer->items) +
            buffer->cap_steps * sizeof(*buffer->steps) >
        KEPT_BYTES_MAX)
        write_buffer_fini(buffer);
}

/* ---- storing: which days change ---- */

/* A day of a patient that must be recomputed. */
struct dirty {
    int64_t key; /* the patient's, in the store */
    int32_t day;
};

struct storing {
    struct patients *patients;
    struct effects *effects;
    struct dirty *dirties;
    size_t n_dirties, cap_dirties;
    const struct pending **items; /* of one patient, side by side by device and time */
    size_t n_items, cap_items;
    struct sw_reading *readings; /* of one device */
    size_t cap_readings;
    bool *changed;
    size_t cap_changed;
};

static int note_dirty_span(struct storing *storing, struct patient *patient,
                           int64_t from_s, int64_t to_s)
{
    const struct patients *patients = storing->patients;
    int32_t first = sw_day_of(patients->zone, from_s),
            last = sw_day_of(patients->zone, to_s);
    int64_t key = effects_key_of(storing->effects, patient);
    int r = 0;
    for (int32_t day = first; r >= 0 && day <= last; day++) {
        bool is_computed = day == patients->today && !patient->day.is_changed;
        if (is_computed) /* what is pending is included: see day_cache_show() */
            continue;
        if (day != patients->today)
            r = effects_add_stale(storing->effects, patient, STALE_DAYS);
        const struct dirty *before =
            storing->n_dirties ? &storing->dirties[storing->n_dirties - 1] : NULL;
        if (before && before->key == key && before->day == day)
            continue;
        if (r >= 0)
            r = GROW(storing->dirties, storing->n_dirties, storing->cap_dirties);
        if (r >= 0)
            storing->dirties[storing->n_dirties++] = (struct dirty){key, day};
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
    struct patients *patients = storing->patients;
    struct dirty *dirties = storing->dirties;
    int r = 0;
    if (storing->n_dirties > 1)
        qsort(dirties, storing->n_dirties, sizeof(*dirties), by_patient_and_day);
    for (size_t i = 0; r >= 0 && i < storing->n_dirties; i++) {
        bool is_repeated =
            i > 0 && by_patient_and_day(&dirties[i - 1], &dirties[i]) == 0;
        beat(&patients->beat); /* a counter may have been away for years */
        if (!is_repeated)
            r = sw_records_refresh(patients->store, patients->zone, dirties[i].key,
                                   dirties[i].day);
    }
    return r;
}

/* ---- storing: a patient's items ---- */

/* The items are all the readings of one device. */
static int store_readings(struct storing *storing, const struct pending **items,
                          size_t n_items)
{
    struct patients *patients = storing->patients;
    struct patient *patient = items[0]->patient;
    size_t n = 0;
    for (size_t i = 0; i < n_items; i++)
        n += items[i]->n;
    int r = RESERVE(storing->readings, n, storing->cap_readings);
    if (r >= 0)
        r = RESERVE(storing->changed, n, storing->cap_changed);
    if (r < 0)
        return r;
    n = 0; /* not each period has a reading */
    for (size_t i = 0; i < n_items; i++)
        for (uint32_t k = 0; k < items[i]->n; k++)
            n += write_buffer_reading(&patients->write_buffer, items[i], k,
                                      &storing->readings[n]);
    r = sw_store_put_readings(
        patients->store, effects_key_of(storing->effects, patient), &items[0]->device,
        storing->readings, n, storing->changed);
    struct sw_span noted = {
        0}; /* most readings lie in the same day as the one before */
    for (size_t i = 0; r >= 0 && i < n; i++) {
        const struct sw_reading *reading = &storing->readings[i];
        int64_t last_s = reading->start_s + reading->seconds - 1;
        bool is_noted = reading->start_s >= noted.from_s && last_s < noted.to_s;
        if (!storing->changed[i] || is_noted)
            continue;
        int32_t day = sw_day_of(patients->zone, last_s);
        noted = (struct sw_span){sw_day_begin(patients->zone, day),
                                 sw_day_begin(patients->zone, day + 1)};
        r = note_dirty_span(storing, patient, reading->start_s, last_s);
    }
    return r;
}

static int store_total(struct storing *storing, const struct pending *item)
{
    struct sw_span touched = {0};
    int r = sw_store_put_total(storing->patients->store,
                               effects_key_of(storing->effects, item->patient),
                               &item->device, &item->total, &touched);
    if (r <= 0) /* an error, or nothing new */
        return r;
    return note_dirty_span(storing, item->patient, touched.from_s, touched.to_s);
}

static int store_pain(struct storing *storing, const struct pending *item)
{
    int64_t at_s = item->pain.at_s;
    int r =
        sw_store_put_pain(storing->patients->store,
                          effects_key_of(storing->effects, item->patient), &item->pain);
    if (r <= 0)
        return r;
    r = effects_add_stale(storing->effects, item->patient, STALE_PAINS);
    return r < 0 ? r : note_dirty_span(storing, item->patient, at_s, at_s);
}

static int64_t end_of(const struct pending *item)
{
    return item->kind == PENDING_TOTAL
               ? item->total.at_s
               : item->reading.start_s + (int64_t)item->n * item->reading.seconds;
}

/* Where the same level came with several items, as with those of a batch, only the
 * newest time matters. */
static int store_batteries(struct storing *storing)
{
    const struct pending *newest = NULL; /* of the same level so far */
    int r = 0;
    for (size_t i = 0; r >= 0 && i < storing->n_items; i++) {
        const struct pending *item = storing->items[i];
        const struct pending *next =
            i + 1 < storing->n_items ? storing->items[i + 1] : NULL;
        if (!item->has_battery)
            continue;
        if (!newest || end_of(item) > end_of(newest))
            newest = item;
        bool goes_on = next && next->has_battery &&
                       next->battery_pct == item->battery_pct &&
                       is_same_device(item, next);
        if (goes_on)
            continue;
        struct sw_battery battery = {item->device, item->battery_pct, end_of(newest),
                                     newest->kind == PENDING_TOTAL ? newest->total.stamp
                                                                   : SW_STAMP_OWN};
        r = sw_store_put_battery(storing->patients->store,
                                 effects_key_of(storing->effects, item->patient),
                                 &battery);
        if (r > 0)
            r = effects_add_stale(storing->effects, item->patient, STALE_BATTERIES);
        newest = NULL;
    }
    return r;
}

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

static int store_patient(struct storing *storing, const struct patient *patient)
{
    const struct write_buffer *buffer = &storing->patients->write_buffer;
    int r = 0;
    storing->n_items = 0;
    for (const struct pending *item = write_buffer_of(buffer, patient); item;
         item = write_buffer_after(buffer, item)) {
        r = GROW(storing->items, storing->n_items, storing->cap_items);
        if (r < 0)
            return r;
        storing->items[storing->n_items++] = item;
    }
    if (storing->n_items > 1)
        qsort(storing->items, storing->n_items, sizeof(*storing->items),
              by_device_and_time);
    for (size_t i = 0, n; r >= 0 && i < storing->n_items; i += n) {
        const struct pending **items = &storing->items[i];
        n = 1;
        switch (items[0]->kind) {
        case PENDING_READING:
            while (i + n < storing->n_items && items[n]->kind == PENDING_READING &&
                   is_same_device(items[0], items[n]))
                n++;
            r = store_readings(storing, items, n);
            break;
        case PENDING_TOTAL:
            r = store_total(storing, items[0]);
            break;
        case PENDING_PAIN:
            r = store_pain(storing, items[0]);
            break;
        }
    }
    return r < 0 ? r : store_batteries(storing);
}

int write_buffer_store(struct patients *patients, struct effects *effects)
{
    struct storing storing = {.patients = patients, .effects = effects};
    int r = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++)
        if (patients->all[i]->first_pending != 0)
            r = store_patient(&storing, patients->all[i]);
    if (r >= 0)
        r = store_dirty_days(&storing);
    free(storing.dirties);
    free(storing.items);
    free(storing.readings);
    free(storing.changed);
    return r;
}
