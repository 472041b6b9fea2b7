/* suggest.h -- the next week's goal for a patient, from what is stored. What is suggested
 * is core's business. */
#ifndef RECORDS_SUGGEST_H
#define RECORDS_SUGGEST_H

#include "stepward/civil.h"
#include "stepward/config.h"
#include "stepward/progress.h"
#include "stepward/store.h"

/* 0 or a negative errno. */
int sw_records_suggest(struct sw_store *store, const struct sw_config *config,
                       const struct sw_zone *zone, const struct sw_patient *patient,
                       int64_t now_s, struct sw_suggestion *ret);

#endif
