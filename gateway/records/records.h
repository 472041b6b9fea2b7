/* records.h -- what daemon and command line both do with store and core: compute days,
 * and store alerts with their publications. All return 0 or a negative errno.
 */
#ifndef RECORDS_RECORDS_H
#define RECORDS_RECORDS_H

#include "stepward/day.h"
#include "stepward/store.h"

/* Compute a patient's day from the stored readings and the plan in force that day. */
int sw_records_day(struct sw_store *store, const struct sw_zone *zone,
                   int64_t patient_key, int32_t day, struct sw_day *ret);

/* Compute the day anew and store its row, or remove the row if the day has no data. */
int sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                       int64_t patient_key, int32_t day);

/* Refresh every stored day from from_day on, after a change of the plan. */
int sw_records_refresh_since(struct sw_store *store, const struct sw_zone *zone,
                             const struct sw_patient *patient, int32_t from_day);

/* Store the alert's state and, if publish, put its publication into the outbox, in the
 * caller's transaction. The caller has set rev and updated_at_s. */
int sw_records_put_alert(struct sw_store *store, const char *site, int64_t patient_key,
                         const struct sw_alert *alert, enum sw_alert_state from,
                         const char *who, const char *why, bool publish);

#endif
