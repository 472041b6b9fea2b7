/* records.h -- the clinic's book: what daemon and command line both do with store and
 * core.
 */
#ifndef RECORDS_RECORDS_H
#define RECORDS_RECORDS_H

#include "stepward/day.h"
#include "stepward/store.h"

/* Compute a patient's day from the stored readings and the plan in force that day. */
int sw_records_day(struct sw_store *store, const struct sw_zone *zone,
                   int64_t patient_key, int32_t day, struct sw_day *ret);

/* Compute it anew and store (or remove) its row. */
int sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                       int64_t patient_key, int32_t day);

/* A plan that holds from from_day on changed: refresh every stored day since. */
int sw_records_refresh_since(struct sw_store *store, const struct sw_zone *zone,
                             const struct sw_patient *patient, int32_t from_day);

/* Store the alert's state with its publication, in the caller's transaction. The alert
 * counts its rev and takes updated_at_s before; publish false stores it alone. */
int sw_records_put_alert(struct sw_store *store, const char *site, int64_t patient_key,
                         const struct sw_alert *alert, enum sw_alert_state from,
                         const char *who, const char *why, bool publish);

#endif
