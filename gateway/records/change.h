/* change.h -- what a change of a plan, a therapist or a device's wearer makes of what is
 * stored. All functions work in the caller's transaction and return 0 or a
 * negative errno.
 *
 *     sw_store_begin(store);
 *     sw_store_plan_on(store, patient.key, day, &plan); // change what is to change
 *     sw_records_change_plan(store, zone, &patient, day, &plan);
 *     sw_records_reassign(store, config, &patient, &plan.therapist, "anna", now_s);
 *     sw_records_assign(store, zone, &device, patient.key, from_s);
 *     sw_store_commit(store);
 */
#ifndef RECORDS_CHANGE_H
#define RECORDS_CHANGE_H

#include "stepward/civil.h"
#include "stepward/config.h"
#include "stepward/store.h"

/* Store the plan from from_day on. In plans stored for later days a field follows the
 * change until the day on which it was itself changed. Days since from_day are computed
 * anew. */
int sw_records_change_plan(struct sw_store *store, const struct sw_zone *zone,
                           const struct sw_patient *patient, int32_t from_day,
                           const struct sw_plan *plan);

/* Move the patient's open alerts to this therapist's topics: the retained copy under
 * the old topic is cleared, and the state is published under the new one, unless the
 * alert is shelved or held back. Alerts of this therapist stay as they are. */
int sw_records_reassign(struct sw_store *store, const struct sw_config *config,
                        const struct sw_patient *patient,
                        const struct sw_therapist_id *therapist, const char *who,
                        int64_t now_s);

/* Assign the device to the patient, or with key 0 to nobody, from from_s until the next
 * stored assignment. What the device sent in that time and was stored for an earlier
 * wearer moves to the patient; with nobody as the wearer it stays where it is. Changed
 * days are computed anew. */
int sw_records_assign(struct sw_store *store, const struct sw_zone *zone,
                      const struct sw_device_id *device, int64_t patient_key,
                      int64_t from_s);

#endif
