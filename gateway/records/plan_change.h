/* plan_change.h -- change a plan from a day on, and move open alerts
 * to another therapist.
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

/* Store the plan from from_day on. In plans stored for later days a field follows the
 * change until the day on which it was itself changed. Days since from_day are computed
 * anew. 0 or a negative errno. */
int sw_records_change_plan(struct sw_store *store, const struct sw_zone *zone,
                           const struct sw_patient *patient, int32_t from_day,
                           const struct sw_plan *plan);

/* Move the patient's open alerts to this therapist's topics: the retained copy under
 * the old topic is cleared, and the state is published under the new one, unless the
 * alert is shelved or held back. Alerts of this therapist stay as they are. 0 or a
 * negative errno. */
int sw_records_reassign(struct sw_store *store, const char *site,
                        const struct sw_patient *patient,
                        const struct sw_therapist_id *therapist, const char *who,
                        int64_t now_s);

#endif
