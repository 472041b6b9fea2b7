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

/* From from_s on, until what is stored for later, the device is the patient's; with
 * key 0 nobody's. What it said since then, and was stored as that of somebody who wore it before,
 * goes to the patient; what nobody wears stays where it is. Days are computed anew. */
int sw_records_assign(struct sw_store *store, const struct sw_zone *zone,
                      const struct sw_device_id *device, int64_t patient_key,
                      int64_t from_s);

#endif
