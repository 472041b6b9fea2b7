/* assign.h -- a device changes hands, and its readings with it.
 *
 *     sw_store_begin(store);
 *     sw_records_assign(store, zone, &device, patient.key, from_s);
 *     sw_store_commit(store);
 */
#ifndef RECORDS_ASSIGN_H
#define RECORDS_ASSIGN_H

#include "stepward/civil.h"
#include "stepward/store.h"

/* Assign the device to the patient, or with key 0 to nobody, from from_s until the next
 * stored assignment. What the device sent in that time and was stored for an earlier
 * wearer moves to the patient; with nobody as the wearer it stays where it is. Changed
 * days are computed anew. 0 or a negative errno. */
int sw_records_assign(struct sw_store *store, const struct sw_zone *zone,
                      const struct sw_device_id *device, int64_t patient_key,
                      int64_t from_s);

#endif
