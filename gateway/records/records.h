/* records.h -- what daemon and command line both do with store and core: compute days,
 * store alerts with their publications, and keep names apart. All functions return 0 or
 * a negative errno unless they say otherwise.
 */
#ifndef RECORDS_RECORDS_H
#define RECORDS_RECORDS_H

#include "stepward/config.h"
#include "stepward/day.h"
#include "stepward/store.h"

/* Compute a patient's day from the stored readings and the plan in force that day. */
int sw_records_day(struct sw_store *store, const struct sw_zone *zone,
                   int64_t patient_key, int32_t day, struct sw_day *ret);

/* The same, and which device gave which block of it. */
int sw_records_day_devices(struct sw_store *store, const struct sw_zone *zone,
                           int64_t patient_key, int32_t day, struct sw_day *ret,
                           struct sw_day_devices *ret_devices);

/* Compute the day anew and store its row, or remove the row if the day has no data. */
int sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                       int64_t patient_key, int32_t day);

/* Store the alert's state and, if publish, put its publication into the outbox and what
 * the clinic's programs are told of it beside that, in the caller's transaction. The
 * caller has set rev and updated_at_s. */
int sw_records_put_alert(struct sw_store *store, const struct sw_config *config,
                         int64_t patient_key, const struct sw_alert *alert,
                         enum sw_alert_state from, const char *who, const char *why,
                         bool publish);

/* Put the row of the audit on an action that was applied to the alert; how: one of
 * SW_AUDIT_…. */
int sw_records_audit_action(struct sw_store *store, const char *who, const char *how,
                            int64_t at_s, const struct sw_alert *alert,
                            const struct sw_action *action);

/* Hold back an alert that opens now and is not yet stored, if its level is low and the
 * alerts that opened for its therapist on the same civil day have used up the budget
 * (0: no limit). All alerts of the day count, published or not, of any level, so what is
 * held back does not depend on what became of the others. */
int sw_records_apply_budget(struct sw_store *store, const struct sw_zone *zone,
                            int32_t budget, struct sw_alert *alert);

/* A broker's access list knows logins by name alone: a patient with a therapist's name
 * could read that therapist's alerts and acknowledge them. 0: the word may become a
 * patient's id, or a therapist's; 1: `why` says what it is already, and the remedy; or
 * a negative errno. The therapist whom the configuration names for new patients counts
 * as one. The id of an erased patient counts as taken, because the login may still
 * exist. */
int sw_records_check_patient_name(struct sw_store *store,
                                  const struct sw_config *config, const char *word,
                                  char why[static SW_WHY_MAX]);
int sw_records_check_therapist_name(struct sw_store *store,
                                    const struct sw_config *config, const char *word,
                                    char why[static SW_WHY_MAX]);

#endif
