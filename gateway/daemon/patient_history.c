/* patient_history.c -- what the store knows and alerts rest on: days before today, scores of
 * pain, batteries.
 *
 * It changes seldom and is read when it did, not every minute. Today's minutes are
 * patients.c's business.
 */
#include <errno.h>
#include <stdlib.h>

#include "daemon/patients.h"
#include "records/records.h"

struct recall {
    struct patients *patients;
    struct patient *patient;
};

/* ---- the last valid days, each with the floor of its plan ---- */

static int keep_valid_day(void *ctx, const struct sw_day_row *row)
{
    const struct recall *recall = ctx;
    struct sw_facts *facts = &recall->patient->facts;
    struct sw_plan plan = sw_plan_default();
    int r = sw_store_plan_on(recall->patients->store, recall->patient->known.key,
                             row->day, &plan);
    if (r < 0)
        return r;
    facts->valid_days[facts->n_valid_days++] =
        (struct sw_valid_day){row->day, row->steps, plan.floor};
    return 0;
}

static int recall_valid_days(struct recall *recall)
{
    struct patient *patient = recall->patient;
    patient->facts.n_valid_days = 0;
    if (patient->plan.floor == 0) /* nobody asks */
        return 0;
    return sw_store_last_valid_days(recall->patients->store, patient->known.key,
                                    recall->patients->today, SW_LOW_DAYS,
                                    keep_valid_day, recall);
}

/* ---- what became of the stretch of an `unworn` that was raised on another day ---- */

static int find_wear(void *ctx, const struct sw_day_row *row)
{
    const struct recall *recall = ctx;
    bool was_worn = row->active_min + row->still_min > 0;
    if (!was_worn)
        return 0;
    recall->patient->past_unworn.worn_at_s =
        sw_day_begin(recall->patients->zone, row->day);
    return 1; /* the first is enough */
}

static int recall_its_day(struct recall *recall, const struct sw_alert *open,
                          int32_t its_day)
{
    struct patient *patient = recall->patient;
    struct sw_day *day = malloc(sizeof(*day));
    if (!day)
        return -ENOMEM;
    int r = sw_records_day(recall->patients->store, recall->patients->zone,
                           patient->known.key, its_day, day);
    if (r >= 0)
        patient->past_unworn = sw_unworn_of(day, INT64_MAX, open->span.to_s);
    free(day);
    return r;
}

static int recall_unworn(struct recall *recall)
{
    struct patient *patient = recall->patient;
    const struct sw_alert *open = patients_open_alert(patient, SW_ALERT_UNWORN);
    int32_t its_day = open ? sw_day_of(recall->patients->zone, open->span.to_s - 1) : 0;
    if (!open || its_day >= recall->patients->today)
        return 0;
    int r = recall_its_day(recall, open, its_day);
    if (r >= 0 && patient->past_unworn.worn_at_s == 0)
        r = sw_store_each_day(recall->patients->store, &patient->known.id, its_day + 1,
                              recall->patients->today - 1, find_wear, recall);
    return r;
}

/* ---- the day of an `over` that outlived it ---- */

static int keep_steps(void *ctx, const struct sw_day_row *row)
{
    const struct recall *recall = ctx;
    recall->patient->facts.over_steps = row->steps;
    return 0;
}

static int recall_over(struct recall *recall)
{
    struct patient *patient = recall->patient;
    const struct sw_alert *open = patients_open_alert(patient, SW_ALERT_OVER);
    int32_t its_day = open ? sw_day_of(recall->patients->zone, open->opened_at_s) : 0;
    patient->facts.over_steps = 0;
    if (!open || its_day == recall->patients->today)
        return 0;
    return sw_store_each_day(recall->patients->store, &patient->known.id, its_day,
                             its_day, keep_steps, recall);
}

/* ---- scores and batteries ---- */

static int recall_pains(struct recall *recall)
{
    struct sw_day_set scores = {.n_pains = 0};
    int r = sw_store_load_last_pains(recall->patients->store,
                                     recall->patient->known.key, &scores);
    if (r >= 0)
        sw_facts_from_pains(&recall->patient->facts, scores.pains, scores.n_pains);
    sw_day_set_fini(&scores);
    return r;
}

static int add_battery(void *ctx, const struct sw_battery *battery)
{
    const struct recall *recall = ctx;
    sw_facts_add_battery(&recall->patient->facts, battery,
                         patients_open_alert(recall->patient, SW_ALERT_BATTERY));
    return 0;
}

static int recall_batteries(struct recall *recall)
{
    sw_facts_clear_batteries(&recall->patient->facts);
    return sw_store_each_battery(recall->patients->store, recall->patient->known.key,
                                 add_battery, recall);
}

int patients_read_history(struct patients *patients, struct patient *patient)
{
    struct recall recall = {patients, patient};
    bool is_stored = patient->known.key != 0;
    int r = 0;
    if (!is_stored)
        return 0;
    if (patient->stale & STALE_DAYS)
        r = recall_valid_days(&recall);
    if (r >= 0 && (patient->stale & STALE_DAYS))
        r = recall_unworn(&recall);
    if (r >= 0 && (patient->stale & STALE_DAYS))
        r = recall_over(&recall);
    if (r >= 0 && (patient->stale & STALE_PAINS))
        r = recall_pains(&recall);
    if (r >= 0 && (patient->stale & STALE_BATTERIES))
        r = recall_batteries(&recall);
    if (r < 0)
        return r;
    patient->stale = 0;
    return 0;
}
