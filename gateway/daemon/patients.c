/* patients.c -- patients in memory: loading them, and today's readings: a patient's set
 * is loaded when it is needed, includes what is pending, and is left out again when
 * others need the room.
 *
 * A message of a patient whose set is not loaded only marks the day as changed: in a
 * backlog, the set is then loaded once for many messages. What patients are judged by
 * is computed in evaluate.c.
 */
#include "daemon/patients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"

/* ---- the roster, sorted by id ---- */

/* The first index whose id is not before `id`. */
static size_t patients_place_of(const struct patients *patients, const char *id)
{
    size_t low = 0, high = patients->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(patients->all[middle]->known.id.str, id) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct patient *patients_find(const struct patients *patients, const char *id)
{
    size_t i = patients_place_of(patients, id);
    bool found = i < patients->n && strcmp(patients->all[i]->known.id.str, id) == 0;
    return found ? patients->all[i] : NULL;
}

static struct patient *patients_add(struct patients *patients,
                                    const struct sw_patient *known)
{
    if (GROW(patients->all, patients->n, patients->cap) < 0)
        return NULL;
    struct patient *patient = calloc(1, sizeof(*patient));
    if (!patient)
        return NULL;
    patient->known = *known;
    patient->day.is_changed = true;
    patient->overview.has_news = true;
    patients->lists_changed = true;
    patient->judge = JUDGE_SOON;
    patient->stale = STALE_ALL;
    size_t i = patients_place_of(patients, known->id.str);
    memmove(&patients->all[i + 1], &patients->all[i],
            (patients->n - i) * sizeof(struct patient *));
    patients->all[i] = patient;
    patients->n++;
    return patient;
}

struct patient *patients_enroll(struct patients *patients, struct sw_patient_id id,
                                int64_t at_s, const struct sw_plan *plan)
{
    struct sw_patient known = {.id = id, .added_at_s = at_s};
    if (patients->n >= PATIENTS_MAX)
        return NULL;
    struct patient *patient = patients_add(patients, &known);
    if (patient)
        patient->plan = *plan;
    return patient;
}

/* ---- loading ---- */

static int add_left(struct patients *patients, const struct patient *patient,
                    bool is_erased)
{
    int r = GROW(patients->left, patients->n_left, patients->cap_left);
    if (r >= 0)
        patients->left[patients->n_left++] =
            (struct left_topic){patient->known.id, patient->plan.therapist, is_erased};
    return r;
}

/* Nothing is left of one who is new. */
static int leave_therapist(struct patients *patients, struct patient *patient,
                           const struct sw_therapist_id *next)
{
    const char *therapist = patient->plan.therapist.str;
    if (therapist[0] == '\0' || strcmp(therapist, next->str) == 0)
        return 0;
    patient->overview.sum = 0;
    patient->overview.at_ms = 0;
    patients->lists_changed = true;
    return add_left(patients, patient, false);
}

static int patients_load_patient(void *ctx, const struct sw_patient *known,
                                 const struct sw_plan *plan)
{
    struct patients *patients = ctx;
    struct patient *patient = patients_find(patients, known->id.str);
    if (!patient)
        patient = patients_add(patients, known);
    if (!patient)
        return -ENOMEM;
    struct sw_patient before = patient->known;
    patient->known = *known;
    patient->unstored.heard_s = known->heard_at_s;
    patient->state = PATIENT_STORED;
    if (before.heard_at_s > known->heard_at_s) {
        patient->known.heard_at_s = before.heard_at_s;
        patient->known.heard_stamp = before.heard_stamp;
    }
    if (patient->unstored.has_refusing)
        patient->known.refusing = before.refusing;

    bool plan_changed = !sw_plan_equal(plan, &patient->plan);
    if (plan_changed && leave_therapist(patients, patient, &plan->therapist) < 0)
        return -ENOMEM;
    patient->overview.has_news |= plan_changed;
    patient->plan = *plan;
    patient->day.is_changed = patient->day.is_changed || plan_changed;
    patient->judge = JUDGE_SOON;
    patient->stale = STALE_ALL; /* another writer may have changed those */
    return 0;
}

int patients_need_alerts(struct patient *patient)
{
    if (!patient->alerts)
        patient->alerts = calloc(SW_ALERT_KINDS, sizeof(*patient->alerts));
    return patient->alerts ? 0 : -ENOMEM;
}

/* What is newer in memory stays. */
static int load_lateness(void *ctx, struct sw_patient_id id,
                         const struct sw_lateness *lateness)
{
    struct patient *patient = patients_find(ctx, id.str);
    if (patient && !patient->unstored.has_lateness)
        patient->lateness = *lateness;
    return 0;
}

struct gathered {
    struct sw_alert *alerts;
    size_t n, cap;
};

static int gather_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct gathered *gathered = ctx;
    (void)patient_key;
    int r = GROW(gathered->alerts, gathered->n, gathered->cap);
    if (r >= 0)
        gathered->alerts[gathered->n++] = *alert;
    return r;
}

/* Open alerts come first, then the newest: the first of each kind counts. */
static int place_alert(struct patients *patients, const struct sw_alert *alert)
{
    struct patient *patient = patients_find(patients, alert->patient.str);
    if (!patient)
        return 0;
    if (patients_need_alerts(patient) < 0)
        return -ENOMEM;
    if (patient->alerts[alert->kind].state != SW_STATE_NONE)
        return 0;
    patient->alerts[alert->kind] = *alert;
    patient->overview.has_news = true;
    if (sw_alert_is_open(alert)) /* the facts depend on it */
        patient->day.is_changed = true;
    return 0;
}

/* If reading fails halfway, nobody's alerts are taken away. */
static int load_alerts(struct patients *patients)
{
    struct sw_alert_filter recent_ones = {
        .closed_too = true, .updated_from_s = patients->now_s - SW_SAME_ALERT_S};
    struct gathered gathered = {0};
    int r = sw_store_each_alert(patients->store, &recent_ones, gather_alert, &gathered);
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        patient->overview.has_news |= patient->alerts != NULL;
        free(patient->alerts);
        patient->alerts = NULL;
    }
    for (size_t i = 0; r >= 0 && i < gathered.n; i++)
        r = place_alert(patients, &gathered.alerts[i]);
    free(gathered.alerts);
    return r;
}

/* ---- erased patients ---- */

static int set_apart(struct patients *patients, size_t i)
{
    struct patient *patient = patients->all[i];
    int r = GROW(patients->gone, patients->n_gone, patients->cap_gone);
    if (r >= 0)
        r = add_left(patients, patient, true);
    if (r < 0)
        return r;
    patients->lists_cleared = true;
    day_cache_drop(patients, patient);
    patient->state = PATIENT_GONE;
    patients->gone[patients->n_gone++] = patient;
    patients->n--;
    memmove(&patients->all[i], &patients->all[i + 1],
            (patients->n - i) * sizeof(struct patient *));
    return 0;
}

static int set_gone_apart(struct patients *patients)
{
    int r = 0;
    for (size_t i = patients->n; r >= 0 && i-- > 0;) {
        struct patient *patient = patients->all[i];
        int64_t erased_at_s;
        if (patient->state == PATIENT_STORED)
            continue;
        if (patient->known.key == 0) /* erased elsewhere before it was ever stored? */
            r = sw_store_find_tombstone(patients->store, patient->known.id,
                                        &erased_at_s);
        else
            r = 0;
        if (r == 0)
            r = set_apart(patients, i);
    }
    return r < 0 ? r : 0;
}

static void free_patient(struct patient *patient)
{
    sw_day_set_fini(&patient->day.set);
    free(patient->devices.news);
    free(patient->alerts);
    free(patient);
}

void patients_drop_gone(struct patients *patients)
{
    for (size_t i = 0; i < patients->n_gone; i++)
        free_patient(patients->gone[i]);
    patients->n_gone = 0;
}

int patients_load(struct patients *patients, int32_t today)
{
    bool is_new_day = today != patients->today, hands_changed = false;
    uint64_t epoch = sw_store_poll(patients->store); /* before anything is read */
    patients->is_behind = true;
    patients->today = today;
    patients->day = (struct sw_span){sw_day_begin(patients->zone, today),
                                     sw_day_begin(patients->zone, today + 1)};
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        patient->state = PATIENT_UNSTORED;
        if (!is_new_day)
            continue;
        day_cache_reset(patients, patient);
        patient->day.is_changed = true;
        patient->unstored.has_row = patient->day.is_touched = false;
        patient->unpublished.has_day = false;
        patient->overview.has_news = true;
    }
    int r = sw_store_each_patient_on(patients->store, today, patients_load_patient,
                                     patients);
    if (r >= 0)
        r = set_gone_apart(patients);
    if (r >= 0)
        r = device_assignments_load(&patients->device_assignments, patients->store,
                                    &hands_changed);
    patients->hands_changed = patients->hands_changed || hands_changed;
    if (r >= 0)
        r = load_alerts(patients);
    if (r >= 0)
        r = sw_store_each_lateness(patients->store, 0, load_lateness, patients);
    if (r >= 0) {
        r = sw_store_next_to_come(patients->store, &patients->to_come_s);
        if (r != 0)
            patients->to_come_s = INT64_MAX;
    }
    if (r < 0)
        return r;
    patients->epoch = epoch;
    patients->is_behind = false;
    return 0;
}

bool patients_is_behind(const struct patients *patients)
{
    return patients->is_behind || patients->epoch != sw_store_poll(patients->store);
}

void patients_fini(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++)
        free_patient(patients->all[i]);
    patients_drop_gone(patients);
    write_buffer_fini(&patients->write_buffer);
    free(patients->all);
    free(patients->gone);
    free(patients->left);
    device_assignments_fini(&patients->device_assignments);
    *patients = (struct patients){0};
}

/* ---- today's readings: how many are in memory ---- */

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

/* ---- today's readings: what is pending ---- */

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
static int add_breaks(struct patients *patients, const struct pending *item,
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

/* A device that the store does not know yet is given a provisional number. Returns the
 * same as sw_day_set_add_reading(). */
static int add_item(struct patients *patients, const struct pending *item)
{
    struct sw_day_set *set = &item->patient->day.set;
    struct sw_reading reading;
    int64_t device_key = 0;
    int changed = 0;
    if (item->kind == PENDING_PAIN)
        return sw_day_set_add_pain(set, &item->pain);
    int r = patients_device_key(patients, item->patient, &item->device, &device_key);
    if (r >= 0)
        r = sw_day_set_name_device(set, device_key, &item->device);
    if (r >= 0 && item->kind == PENDING_TOTAL)
        r = add_breaks(patients, item, device_key);
    if (r >= 0 && item->kind == PENDING_TOTAL)
        return sw_day_set_add_total(set, device_key, &item->total);
    for (uint32_t i = 0; r >= 0 && i < item->n; i++) {
        bool is_wanted =
            write_buffer_reading(&patients->write_buffer, item, i, &reading) &&
            touches_today(patients, &reading);
        r = is_wanted ? sw_day_set_add_reading(set, device_key, &reading) : 0;
        changed |= r > 0;
    }
    return r < 0 ? r : changed;
}

/* ---- today's readings: the set ---- */

static int day_cache_load(struct patients *patients, struct patient *patient)
{
    int r = 0;
    if (patient->known.key != 0)
        r = sw_store_load_day(patients->store, patient->known.key, patients->day.from_s,
                              patients->day.to_s, &patient->day.set);
    const struct pending *item = write_buffer_of(&patients->write_buffer, patient);
    for (; r >= 0 && item; item = write_buffer_after(&patients->write_buffer, item))
        if (is_of_today(patients, item))
            r = add_item(patients, item);
    return r;
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

/* An item of today changes the day: decide when to judge the patient. Old readings
 * cannot open or close an alert for a patient without fresh data or alerts, so they
 * wait for the next commit. In a backlog that commit handles many of them at once. */
static void note_change(const struct patients *patients, const struct pending *item)
{
    struct patient *patient = item->patient;
    int64_t fresh_s = patients->now_s - 60 * (int64_t)(patient->plan.fresh_min + 1);
    int64_t until_s = INT64_MAX; /* an alert may rest on a score of any time */
    if (item->kind == PENDING_READING)
        until_s = item->reading.start_s + item->reading.seconds;
    else if (item->kind == PENDING_TOTAL)
        until_s = item->total.at_s;
    bool is_fresh = until_s >= fresh_s || patient->facts.newest_known_s >= fresh_s;
    patient->day.is_changed = true;
    if (is_fresh || patient->alerts)
        patient->judge = JUDGE_SOON;
    else if (patient->judge == JUDGE_NOT)
        patient->judge = JUDGE_WITH_COMMIT;
}

/* A set that was loaded before need not be loaded to know that it surely has room; nor
 * that it is full: a device that sends on and on costs no more than that. */
int day_cache_show(struct patients *patients, const struct pending *item)
{
    struct patient *patient = item->patient;
    struct day_cache *day = &patient->day;
    bool is_at_limit = day->n >= SW_DAY_READINGS_MAX;
    if (!is_of_today(patients, item))
        return 0;
    if (day->state == DAY_COUNTED && is_at_limit)
        return SW_REFUSED_FLOOD;
    if ((day->state == DAY_COUNTED || day->state == DAY_ESTIMATED) && !is_at_limit) {
        day->n++;
        day->state = DAY_ESTIMATED; /* the reading may be known already */
        note_change(patients, item);
        return 0;
    }
    int r = day_cache_need(patients, patient);
    if (r < 0)
        return r;
    if (day_cache_count(&day->set) >= SW_DAY_READINGS_MAX)
        return SW_REFUSED_FLOOD;
    size_t before = sw_day_set_bytes(&day->set);
    r = add_item(patients, item);
    size_t more = sw_day_set_bytes(&day->set) - before;
    patients->set_bytes += more;
    if (more > 0)
        spare_memory(patients, patient);
    if (r > 0)
        note_change(patients, item);
    return r < 0 ? r : 0;
}

/* ---- judging and publishing again ---- */

void patients_mark_everyone(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++)
        patients->all[i]->judge = JUDGE_SOON;
}

void patients_republish_today(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        bool was_published = patient->day.is_touched && !patient->unstored.has_row;
        patient->unpublished.has_day |= was_published;
    }
}
