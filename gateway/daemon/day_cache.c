/* day_cache.c -- today's readings in memory: a patient's set is loaded when it is
 * needed, includes what is pending, and is left out again when others need the room.
 *
 * A message of a patient whose set is not loaded only marks the day as changed: in a
 * backlog, the set is then loaded once for many messages.
 */
#include "daemon/patients.h"

/* ---- how much there is ---- */

static size_t day_cache_count(const struct sw_day_set *set)
{
    size_t n = set->n_pains;
    for (size_t i = 0; i < set->n_devices; i++)
        n += set->devices[i].n_readings + set->devices[i].n_totals;
    return n;
}

/* The numbers of the patient's devices stay, so that the set can be rebuilt with what
 * is pending. */
static void leave_out(struct patients *patients, struct patient *patient)
{
    if (patient->day.state == DAY_LOADED) {
        patients->set_bytes -= sw_day_set_bytes(&patient->day.set);
        patient->day.n = day_cache_count(&patient->day.set);
        patient->day.state = DAY_COUNTED;
    }
    sw_day_set_fini(&patient->day.set);
}

void day_cache_drop(struct patients *patients, struct patient *patient)
{
    leave_out(patients, patient);
    patient->devices.asked_key = 0;
    patient->devices.n_news = 0; /* the array stays for the next */
}

void day_cache_reset(struct patients *patients, struct patient *patient)
{
    day_cache_drop(patients, patient);
    patient->day.state = DAY_UNKNOWN;
}

/* Sets that were used since the last sweep stay for another round. */
static void spare_memory(struct patients *patients, const struct patient *wanted)
{
    for (size_t i = 0; patients->set_bytes > DAY_CACHE_BYTES_MAX && i < 2 * patients->n;
         i++) {
        struct patient *patient = patients->all[patients->hand++ % patients->n];
        bool may_go = patient->day.state == DAY_LOADED && !patient->day.was_used &&
                      patient != wanted;
        if (may_go)
            leave_out(patients, patient);
        patient->day.was_used = false;
    }
}

/* ---- what is pending ---- */

static bool touches_today(const struct patients *patients,
                          const struct sw_reading *reading)
{
    int64_t end_s = reading->start_s + reading->seconds;
    return reading->start_s < patients->day.to_s && end_s > patients->day.from_s;
}

/* Items of several readings are filtered one by one when they are added. A total of any
 * day may be the neighbour of one of today's. */
static bool is_of_today(const struct patients *patients, const struct pending *item)
{
    switch (item->kind) {
    case PENDING_READING:
        return item->n > 1 || touches_today(patients, &item->reading);
    case PENDING_PAIN:
        return patients->day.from_s <= item->pain.at_s &&
               item->pain.at_s < patients->day.to_s;
    case PENDING_TOTAL:
        break;
    }
    return true;
}

/* A counter that changed hands does not count across the change. The set's own breaks
 * may be older than the device in the store, so each total adds the breaks next to
 * it. */
static int day_cache_add_breaks(struct patients *patients, const struct pending *item,
                                int64_t device_key)
{
    struct sw_day_set *set = &item->patient->day.set;
    const struct sw_assignment *assignment = device_assignments_at(
        &patients->device_assignments, &item->device, item->total.at_s);
    struct sw_total total = {.total = SW_TOTAL_BREAK};
    if (!item->by_device || !assignment)
        return 0;
    total.at_s = assignment->from_s;
    int r = sw_day_set_add_total(set, device_key, &total);
    if (r < 0 || assignment->to_s == INT64_MAX)
        return r;
    total.at_s = assignment->to_s;
    return sw_day_set_add_total(set, device_key, &total);
}

static int add_readings(struct patients *patients, const struct pending *item,
                        int64_t device_key)
{
    struct sw_reading reading;
    int changed = 0;
    for (uint32_t i = 0; i < item->n; i++) {
        bool is_wanted =
            write_buffer_reading(&patients->write_buffer, item, i, &reading) &&
            touches_today(patients, &reading);
        int r = is_wanted ? sw_day_set_add_reading(&item->patient->day.set, device_key,
                                                   &reading)
                          : 0;
        if (r < 0)
            return r;
        changed |= r;
    }
    return changed;
}

/* A device that the store does not know yet is given a provisional number. Returns the
 * same as sw_day_set_add_reading(). */
static int add_item(struct patients *patients, const struct pending *item)
{
    struct sw_day_set *set = &item->patient->day.set;
    int64_t device_key = 0;
    int r = 0;
    if (item->kind != PENDING_PAIN)
        r = patients_device_key(patients, item->patient, &item->device, &device_key);
    if (r >= 0 && item->kind != PENDING_PAIN)
        r = sw_day_set_name_device(set, device_key, &item->device);
    if (r < 0)
        return r;
    switch (item->kind) {
    case PENDING_READING:
        return add_readings(patients, item, device_key);
    case PENDING_TOTAL:
        r = day_cache_add_breaks(patients, item, device_key);
        return r < 0 ? r : sw_day_set_add_total(set, device_key, &item->total);
    case PENDING_PAIN:
        return sw_day_set_add_pain(set, &item->pain);
    }
    return 0;
}

static int add_buffered(struct patients *patients, struct patient *patient)
{
    const struct pending *item = write_buffer_of(&patients->write_buffer, patient);
    int r = 0;
    for (; r >= 0 && item; item = write_buffer_after(&patients->write_buffer, item))
        if (is_of_today(patients, item))
            r = add_item(patients, item);
    return r < 0 ? r : 0;
}

/* ---- the set ---- */

static int day_cache_load(struct patients *patients, struct patient *patient)
{
    int r = 0;
    if (patient->known.key != 0)
        r = sw_store_load_day(patients->store, patient->known.key, patients->day.from_s,
                              patients->day.to_s, &patient->day.set);
    return r < 0 ? r : add_buffered(patients, patient);
}

int day_cache_need(struct patients *patients, struct patient *patient)
{
    patient->day.was_used = true;
    if (patient->day.state == DAY_LOADED)
        return 0;
    int r = day_cache_load(patients, patient);
    if (r < 0) {
        leave_out(patients, patient);
        return r;
    }
    patient->day.state = DAY_LOADED;
    patients->set_bytes += sw_day_set_bytes(&patient->day.set);
    spare_memory(patients, patient);
    return 0;
}

/* The set was loaded before and surely has room, so it need not be loaded to know
 * that. */
static bool may_wait(const struct patient *patient)
{
    bool is_known =
        patient->day.state == DAY_COUNTED || patient->day.state == DAY_ESTIMATED;
    return is_known && patient->day.n < SW_DAY_READINGS_MAX;
}

/* Nor need it be loaded to know that it is full: a device that sends on and on costs no
 * more than that. */
static bool is_surely_full(const struct patient *patient)
{
    return patient->day.state == DAY_COUNTED && patient->day.n >= SW_DAY_READINGS_MAX;
}

static int64_t reaches_until_s(const struct pending *item)
{
    switch (item->kind) {
    case PENDING_READING:
        return item->reading.start_s + item->reading.seconds;
    case PENDING_TOTAL:
        return item->total.at_s;
    case PENDING_PAIN:
        break;
    }
    return INT64_MAX; /* an alert may rest on a score of any time */
}

static void note_change(const struct patients *patients, const struct pending *item)
{
    item->patient->day.is_changed = true;
    patients_note_news(patients, item->patient, reaches_until_s(item));
}

static int add_to_set(struct patients *patients, const struct pending *item)
{
    struct patient *patient = item->patient;
    int r = day_cache_need(patients, patient);
    if (r < 0)
        return r;
    if (day_cache_count(&patient->day.set) >= SW_DAY_READINGS_MAX)
        return SW_REFUSED_FLOOD;
    size_t before = sw_day_set_bytes(&patient->day.set);
    r = add_item(patients, item);
    size_t more = sw_day_set_bytes(&patient->day.set) - before;
    patients->set_bytes += more;
    if (more > 0)
        spare_memory(patients, patient);
    if (r > 0)
        note_change(patients, item);
    return r < 0 ? r : 0;
}

int day_cache_show(struct patients *patients, const struct pending *item)
{
    struct patient *patient = item->patient;
    if (!is_of_today(patients, item))
        return 0;
    if (is_surely_full(patient))
        return SW_REFUSED_FLOOD;
    if (!may_wait(patient))
        return add_to_set(patients, item);
    patient->day.n++;
    patient->day.state = DAY_ESTIMATED; /* the reading may be known already */
    note_change(patients, item);
    return 0;
}
