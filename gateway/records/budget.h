/* budget.h -- how many alerts a day a therapist is told of one by one.
 */
#ifndef RECORDS_BUDGET_H
#define RECORDS_BUDGET_H

#include "stepward/civil.h"
#include "stepward/store.h"

/* Hold an alert back that opens now and is not yet stored, if its level is low and
 * those that opened for its therapist on the same civil day have used up the budget (0:
 * no limit). The budget of that moment decides, once. Returns 0 or a negative errno. */
int sw_records_apply_budget(struct sw_store *store, const struct sw_zone *zone,
                            int32_t budget, struct sw_alert *alert);

#endif
