/* lateness.h -- that a patient's data comes too late for a rest to be seen, in words.
 *
 *     r = sw_store_get_lateness(store, key, &lateness);
 *     int32_t late_min = sw_lateness_min(&lateness, plan->fresh_min, now_s);
 *     if (late_min > 0)
 *         sw_lateness_text(late_min, text);
 */
#ifndef RECORDS_LATENESS_H
#define RECORDS_LATENESS_H

#include "stepward/lateness.h"
#include "stepward/plan.h"

enum { SW_LATENESS_TEXT_MAX = 64, SW_LATENESS_ADVICE_MAX = 300 };

/* "data comes 25 min late: no rest can be seen". */
void sw_lateness_text(int32_t late_min, char out[static SW_LATENESS_TEXT_MAX]);
/* The same, with what `fresh` is now and the value to set, or that the device has to
 * send sooner. */
void sw_lateness_advice(struct sw_patient_id patient, const struct sw_plan *plan,
                        const struct sw_lateness *lateness, int32_t late_min,
                        char out[static SW_LATENESS_ADVICE_MAX]);

#endif
