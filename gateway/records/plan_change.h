/* plan_change.h -- a plan that changes from a day on, and alerts that follow it.
 *
 *     sw_store_begin(store);
 *     sw_store_plan_on(store, patient.key, day, &plan); // change what is to change
 *     sw_records_change_plan(store, zone, &patient, day, &plan);
 *     sw_records_reassign(store, site, &patient, &plan.therapist, "anna", now_s);
 *     sw_store_commit(store);
 */
#ifndef RECORDS_PLAN_CHANGE_H
#define RECORDS_PLAN_CHANGE_H

#include "stepward/civil.h"
#include "stepward/store.h"

/* The plan holds from from_day on. In plans stored for later days a field follows the
 * change until the day on which it was changed itself. Days since are computed anew. */
int sw_records_change_plan(struct sw_store *store, const struct sw_zone *zone,
                           const struct sw_patient *patient, int32_t from_day,
                           const struct sw_plan *plan);

/* Open alerts of the patient move to this therapist's topics: the retained copy under
 * the old topic is cleared, the state is published under the new one (not while it is
 * shelved). Alerts that are there already stay as they are. */
int sw_records_reassign(struct sw_store *store, const char *site,
                        const struct sw_patient *patient,
                        const struct sw_therapist_id *therapist, const char *who,
                        int64_t now_s);

#endif
