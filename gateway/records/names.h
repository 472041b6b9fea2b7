/* names.h -- keep the names of patients, therapists and the gateway apart.
 *
 * A broker's access list knows logins by name alone: a patient with a therapist's name
 * could read that therapist's alerts and acknowledge them.
 */
#ifndef RECORDS_NAMES_H
#define RECORDS_NAMES_H

#include "stepward/config.h"
#include "stepward/store.h"

/* 0: the word may become a patient's id, or a therapist's; 1: `why` says what it is
 * already, and the remedy; or a negative errno. The therapist whom the configuration
 * names for new patients counts as one. */
int sw_records_check_patient_name(struct sw_store *store,
                                  const struct sw_config *config, const char *word,
                                  char why[static SW_WHY_MAX]);
int sw_records_check_therapist_name(struct sw_store *store,
                                    const struct sw_config *config, const char *word,
                                    char why[static SW_WHY_MAX]);

#endif
