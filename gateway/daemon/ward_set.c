/* ward_set.c -- today's readings in memory: a patient's set is loaded when it is looked
 * at, holds what is pending too, and is left out again when others need the room.
 *
 * A message of a patient whose set is not there only leaves the note that the day has
 * changed: in a backlog it is looked at once for many of them.
 */
#include "daemon/ward.h"

/* ---- how much there is ---- */

static size_t count(const struct sw_day_set *set)
{
    size_t n = set->n_pains;
    for (size_t i = 0; i < set->n_devices; i++)
        n += set->devices[i].n_readings + set->devices[i].n_totals;
    return n;
}

/* What it and what is pending call the devices stays, so that it can be made again. */
static void leave_out(struct ward *ward, struct patient *patient)
{
    if (patient->has_set) {
        ward->set_bytes -= sw_day_set_bytes(&patient->set);
        patient->n_said = count(&patient->set);
        patient->is_counted = true;
        patient->is_estimate = false;
    }
    sw_day_set_fini(&patient->set);
    patient->has_set = false;
}

void ward_drop_set(struct ward *ward, struct patient *patient)
{
    leave_out(ward, patient);
    patient->device_key = 0;
    patient->n_new_devices = 0; /* the array stays for the next */
}

void ward_forget_set(struct ward *ward, struct patient *patient)
{
    ward_drop_set(ward, patient);
    patient->is_counted = false;
}

/* Those that were looked at since the hand passed them stay for another turn. */
static void spare_memory(struct ward *ward, const struct patient *wanted)
{
    for (size_t i = 0; ward->set_bytes > WARD_SETS_BYTES_MAX && i < 2 * ward->n; i++) {
        struct patient *patient = ward->patients[ward->hand++ % ward->n];
        bool may_go = patient->has_set && !patient->was_used && patient != wanted;
        if (may_go)
            leave_out(ward, patient);
        patient->was_used = false;
    }
}

/* ---- what is pending ---- */

static bool touches_today(const struct ward *ward, const struct sw_reading *reading)
{
    int64_t end_s = reading->start_s + reading->seconds;
    return reading->start_s < ward->day.to_s && end_s > ward->day.from_s;
}

/* One of several readings is looked at when it is added. A total of any day may be the
 * neighbour of one of today's. */
static bool is_of_today(const struct ward *ward, const struct pending *item)
{
    switch (item->kind) {
    case PENDING_READING:
        return item->n > 1 || touches_today(ward, &item->reading);
    case PENDING_PAIN:
        return ward->day.from_s <= item->pain.at_s && item->pain.at_s < ward->day.to_s;
    case PENDING_TOTAL:
        break;
    }
    return true;
}

/* A counter that changed hands is no counter across that. The set's own breaks may be
 * older than the device in the store, so each total brings those next to it. */
static int add_breaks(struct ward *ward, const struct pending *item, int64_t device_key)
{
    struct sw_day_set *set = &item->patient->set;
    const struct sw_wearer *wearer =
        wearers_at(&ward->wearers, &item->device, item->total.at_s);
    struct sw_total total = {.total = SW_TOTAL_BREAK};
    if (!item->by_device || !wearer)
        return 0;
    total.at_s = wearer->from_s;
    int r = sw_day_set_add_total(set, device_key, &total);
    if (r < 0 || wearer->to_s == INT64_MAX)
        return r;
    total.at_s = wearer->to_s;
    return sw_day_set_add_total(set, device_key, &total);
}

static int add_readings(struct ward *ward, const struct pending *item,
                        int64_t device_key)
{
    struct sw_reading reading;
    int changed = 0;
    for (uint32_t i = 0; i < item->n; i++) {
        bool is_wanted = pendings_reading(&ward->pendings, item, i, &reading) &&
                         touches_today(ward, &reading);
        int r = is_wanted
                    ? sw_day_set_add_reading(&item->patient->set, device_key, &reading)
                    : 0;
        if (r < 0)
            return r;
        changed |= r;
    }
    return changed;
}

/* A device of which the store does not know yet has no number: it is given one. The
 * returns are those of sw_day_set_add_reading(). */
static int add_item(struct ward *ward, const struct pending *item)
{
    struct sw_day_set *set = &item->patient->set;
    int64_t device_key = 0;
    int r = 0;
    if (item->kind != PENDING_PAIN)
        r = ward_device_key(ward, item->patient, &item->device, &device_key);
    if (r < 0)
        return r;
    switch (item->kind) {
    case PENDING_READING:
        return add_readings(ward, item, device_key);
    case PENDING_TOTAL:
        r = add_breaks(ward, item, device_key);
        return r < 0 ? r : sw_day_set_add_total(set, device_key, &item->total);
    case PENDING_PAIN:
        return sw_day_set_add_pain(set, &item->pain);
    }
    return 0;
}

static int add_pending(struct ward *ward, struct patient *patient)
{
    const struct pending *item = pendings_of(&ward->pendings, patient);
    int r = 0;
    for (; r >= 0 && item; item = pendings_after(&ward->pendings, item))
        if (is_of_today(ward, item))
            r = add_item(ward, item);
    return r < 0 ? r : 0;
}

/* ---- the set ---- */

static int load(struct ward *ward, struct patient *patient)
{
    int r = 0;
    if (patient->known.key != 0)
        r = sw_store_load_day(ward->store, patient->known.key, ward->day.from_s,
                              ward->day.to_s, &patient->set);
    return r < 0 ? r : add_pending(ward, patient);
}

int ward_need_set(struct ward *ward, struct patient *patient)
{
    patient->was_used = true;
    if (patient->has_set)
        return 0;
    int r = load(ward, patient);
    if (r < 0) {
        leave_out(ward, patient);
        return r;
    }
    patient->has_set = true;
    ward->set_bytes += sw_day_set_bytes(&patient->set);
    spare_memory(ward, patient);
    return 0;
}

/* Its set was here, and is sure to have room: it need not be loaded to know. */
static bool may_wait(const struct patient *patient)
{
    return !patient->has_set && patient->is_counted &&
           patient->n_said < SW_DAY_READINGS_MAX;
}

/* Nor to know that it has none: a device that goes on and on costs no more than that.
 */
static bool is_surely_full(const struct patient *patient)
{
    return !patient->has_set && patient->is_counted && !patient->is_estimate &&
           patient->n_said >= SW_DAY_READINGS_MAX;
}

static int64_t said_until_s(const struct pending *item)
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

static void note_change(const struct ward *ward, const struct pending *item)
{
    item->patient->today_changed = true;
    ward_note_news(ward, item->patient, said_until_s(item));
}

static int add_to_set(struct ward *ward, const struct pending *item)
{
    struct patient *patient = item->patient;
    int r = ward_need_set(ward, patient);
    if (r < 0)
        return r;
    if (count(&patient->set) >= SW_DAY_READINGS_MAX)
        return SW_REFUSED_FLOOD;
    size_t before = sw_day_set_bytes(&patient->set);
    r = add_item(ward, item);
    size_t more = sw_day_set_bytes(&patient->set) - before;
    ward->set_bytes += more;
    if (more > 0)
        spare_memory(ward, patient);
    if (r > 0)
        note_change(ward, item);
    return r < 0 ? r : 0;
}

int ward_show(struct ward *ward, const struct pending *item)
{
    struct patient *patient = item->patient;
    if (!is_of_today(ward, item))
        return 0;
    if (is_surely_full(patient))
        return SW_REFUSED_FLOOD;
    if (!may_wait(patient))
        return add_to_set(ward, item);
    patient->n_said++;
    patient->is_estimate = true; /* it may be known already */
    note_change(ward, item);
    return 0;
}
