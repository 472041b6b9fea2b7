/* patient_history.c -- read again what alerts rest on after it changed in the store.
 * Today's minutes are patients.c's business.
 */
#include "daemon/patients.h"
#include "records/history.h"

int patients_read_history(struct patients *patients, struct patient *patient)
{
    struct sw_facts *facts = &patient->facts;
    struct sw_stored_history stored = {
        .store = patients->store, .zone = patients->zone, .patient = &patient->known};
    struct sw_days_before before = sw_stored_days(&stored);
    struct sw_eval_input input = {.zone = patients->zone,
                                  .plan = &patient->plan,
                                  .today = patients->today,
                                  .alerts = patient->alerts};
    bool is_stored = patient->known.key != 0;
    int r = 0;
    if (!is_stored)
        return 0;
    if (patient->stale & STALE_DAYS)
        r = sw_history_days(&before, &input, facts, &patient->past_unworn);
    if (r >= 0 && (patient->stale & STALE_PAINS))
        r = sw_stored_pains(&stored, facts);
    if (r >= 0 && (patient->stale & STALE_BATTERIES))
        r = sw_stored_batteries(&stored, patient->alerts, facts);
    if (r < 0)
        return r;
    patient->stale = 0;
    return 0;
}
