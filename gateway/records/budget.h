/* budget.h -- how many alerts a day are published to a therapist one by one. */
#ifndef RECORDS_BUDGET_H
#define RECORDS_BUDGET_H

#include "stepward/civil.h"
#include "stepward/store.h"

/* Hold back an alert that opens now and is not yet stored, if its level is low and the
 * alerts that opened for its therapist on the same civil day have used up the budget
 * (0: no limit). The decision is made once, with the budget of that moment. Returns 0
 * or a negative errno. */
int sw_records_apply_budget(struct sw_store *store, const struct sw_zone *zone,
                            int32_t budget, struct sw_alert *alert);

#endif
