/* patients.c -- patients in memory: loading them, today's rows and facts.
 *
 * day_cache.c keeps today's sets, patient_history.c reads earlier days, and evaluate.c
 * judges.
 */
#include "daemon/patients.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "records/facts.h"
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

    bool plan_changed = !sw_plan_equal(plan, &patient->plan);
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

struct gathered {
    struct sw_alert *alerts;
    size_t n, cap;
};

static int patients_gather_alert(void *ctx, int64_t patient_key,
                                 const struct sw_alert *alert)
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
    int r = sw_store_each_alert(patients->store, &recent_ones, patients_gather_alert,
                                &gathered);
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        free(patients->all[i]->alerts);
        patients->all[i]->alerts = NULL;
    }
    for (size_t i = 0; r >= 0 && i < gathered.n; i++)
        r = place_alert(patients, &gathered.alerts[i]);
    free(gathered.alerts);
    return r;
}

static void patients_begin_day(struct patients *patients, struct patient *patient)
{
    day_cache_reset(patients, patient);
    patient->day.is_changed = true;
    patient->unstored.has_row = patient->day.is_touched = false;
    patient->unpublished.has_day = false;
}

/* ---- erased patients ---- */

/* For one that was enrolled here and erased elsewhere before it was ever stored.
 * Returns > 0 if the patient was erased. */
static int patients_find_tombstone(struct patients *patients,
                                   const struct patient *patient)
{
    int64_t at_s;
    if (patient->known.key != 0)
        return 1;
    int r = sw_store_find_tombstone(patients->store, patient->known.id, &at_s);
    return r < 0 ? r : r != SW_STORE_NONE;
}

static int set_apart(struct patients *patients, size_t i)
{
    struct patient *patient = patients->all[i];
    int r = GROW(patients->gone, patients->n_gone, patients->cap_gone);
    if (r >= 0)
        r = GROW(patients->erased, patients->n_erased, patients->cap_erased);
    if (r < 0)
        return r;
    day_cache_drop(patients, patient);
    patient->state = PATIENT_GONE;
    patients->gone[patients->n_gone++] = patient;
    patients->erased[patients->n_erased++] = patient->known.id;
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
        int is_erased = patient->state == PATIENT_STORED
                            ? 0
                            : patients_find_tombstone(patients, patient);
        r = is_erased > 0 ? set_apart(patients, i) : is_erased;
    }
    return r;
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
        patients->all[i]->state = PATIENT_UNSTORED;
        if (is_new_day)
            patients_begin_day(patients, patients->all[i]);
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
    free(patients->prepared);
    free(patients->gone);
    free(patients->erased);
    device_assignments_fini(&patients->device_assignments);
    *patients = (struct patients){0};
}

/* ---- today ---- */

void patients_republish_today(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        bool was_told = patient->day.is_touched && !patient->unstored.has_row;
        patient->unpublished.has_day = patient->unpublished.has_day || was_told;
    }
}

const struct sw_alert *patients_open_alert(const struct patient *patient,
                                           enum sw_alert_kind kind)
{
    return sw_open_alert(patient->alerts, kind);
}

/* Known minutes have begun since the row was computed; or the clock was put back, and
 * some that had begun have not. */
static bool is_out_of_time(const struct patient *patient, int64_t now_s)
{
    bool more_began =
        patient->facts.again_at_s != 0 && now_s >= patient->facts.again_at_s;
    return more_began || now_s < patient->day.computed_s;
}

static int patients_refresh(struct patients *patients, struct patient *patient,
                            int64_t now_s)
{
    if (!patient->day.is_changed && !is_out_of_time(patient, now_s))
        return 0;
    int r = day_cache_need(patients, patient);
    if (r < 0)
        return r;
    struct sw_day *day = malloc(sizeof(*day));
    if (!day)
        return -ENOMEM;
    r = sw_day_compute(day, patients->zone, patients->today, &patient->plan,
                       &patient->day.set);
    if (r < 0)
        goto out;
    patient->day.computed_s = now_s;
    sw_facts_fill(&patient->facts, day, patient->alerts, now_s);
    patient->worn_today_s = patient->facts.alert_unworn.worn_at_s;
    /* Rows are compared as bytes: what follows the id's end must stay zero. */
    memcpy(day->row.patient.str, patient->known.id.str, strlen(patient->known.id.str));
    /* Readings may change no number: then the existence of the row itself is the
     * news. */
    bool is_news = memcmp(&patient->day.row, &day->row, sizeof(day->row)) != 0 ||
                   !patient->day.is_touched;
    patient->unstored.has_row = patient->unstored.has_row || (day->touched && is_news);
    patient->day.is_touched = day->touched;
    memcpy(&patient->day.row, &day->row, sizeof(day->row)); /* with its padding */
    patient->day.is_changed = false;
out:
    free(day);
    return r;
}

/* ---- judging ---- */

/* What happened cannot lie in the future: the clock was ahead when it was noted.
 * Without this correction a silence would not be noticed until then, and an alert would
 * open in the future. */
static void mend_future(struct patient *patient, int64_t now_s)
{
    if (patient->known.heard_at_s > now_s) {
        patient->known.heard_at_s = now_s;
        patient->known.heard_stamp = SW_STAMP_RECEIPT;
        patient->unstored.has_heard = true;
    }
    for (int kind = 0; patient->alerts && kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert *alert = &patient->alerts[kind];
        bool rests_on_it = kind == SW_ALERT_SILENT || kind == SW_ALERT_PAIN;
        if (rests_on_it && alert->span.from_s > now_s)
            alert->span.from_s = now_s;
        if (!sw_alert_is_open(alert) && alert->opened_at_s > now_s)
            *alert = (struct sw_alert){.rev = 0}; /* the store makes new ids unique */
    }
}

static int patients_prepare_each(struct patients *patients, struct patient *patient,
                                 const struct eval_time *eval_time)
{
    bool is_today = sw_day_of(patients->zone, eval_time->now_s) == patients->today;
    int r = GROW(patients->prepared, patients->n_prepared, patients->cap_prepared);
    if (r >= 0)
        r = patients_refresh(patients, patient, eval_time->now_s);
    if (r >= 0 && is_today)
        r = patients_read_history(patients, patient);
    if (r < 0)
        return r;
    if (is_today && eval_time->clock_trusted)
        mend_future(patient, eval_time->now_s);
    patients->prepared[patients->n_prepared++] = patient;
    return 0;
}

int patients_prepare(struct patients *patients, const struct eval_time *eval_time,
                     bool due)
{
    int r = 0;
    patients->n_prepared = 0;
    for (size_t i = 0; r >= 0 && i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        bool is_due = patient->judge == JUDGE_SOON ||
                      (due && patient->judge == JUDGE_WITH_COMMIT);
        if (is_due)
            r = patients_prepare_each(patients, patient, eval_time);
    }
    return r;
}

/* Old readings cannot open or close an alert for a patient without fresh data or
 * alerts, so they wait for the next commit. In a backlog that commit handles many of
 * them at once. */
void patients_note_news(const struct patients *patients, struct patient *patient,
                        int64_t said_s)
{
    int64_t fresh_s = patients->now_s - 60 * (int64_t)(patient->plan.fresh_min + 1);
    bool is_fresh = said_s >= fresh_s || patient->facts.newest_known_s >= fresh_s;
    if (is_fresh || patient->alerts)
        patient->judge = JUDGE_SOON;
    else if (patient->judge == JUDGE_NOT)
        patient->judge = JUDGE_WITH_COMMIT;
}

void patients_mark_everyone(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++)
        patients->all[i]->judge = JUDGE_SOON;
}
