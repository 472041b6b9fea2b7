/* lateness.c -- the words for data that comes too late; for `today`, `explain`, `patient
 * show` and the board. When it does is core/lateness.c's business. */
#include <inttypes.h>
#include <stdio.h>

#include "stepward/wire.h"

void sw_lateness_text(int32_t late_min, char out[static SW_LATENESS_TEXT_MAX])
{
    if (late_min < SW_LATENESS_AGE_MAX_MIN)
        snprintf(out, SW_LATENESS_TEXT_MAX,
                 "data comes %" PRId32 " min late: no rest can be seen", late_min);
    else
        snprintf(out, SW_LATENESS_TEXT_MAX,
                 "data comes over 4 h late: no rest can be seen");
}

void sw_lateness_advice(struct sw_patient_id patient, const struct sw_plan *plan,
                        const struct sw_lateness *lateness, int32_t late_min,
                        char out[static SW_LATENESS_ADVICE_MAX])
{
    char text[SW_LATENESS_TEXT_MAX], fresh[SW_PLAN_TEXT_MAX];
    int32_t fresh_min = sw_lateness_fresh_min(lateness);
    sw_lateness_text(late_min, text);
    sw_plan_get(plan, "fresh", fresh);
    if (fresh_min > 0)
        snprintf(out, SW_LATENESS_ADVICE_MAX,
                 "%s, as `fresh` is %s. Have the device send sooner, or "
                 "`stepward patient set %s --fresh %" PRId32 "m`",
                 text, fresh, patient.str, fresh_min);
    else
        snprintf(out, SW_LATENESS_ADVICE_MAX,
                 "%s, as `fresh` is %s. Have the device send sooner: %d min are the "
                 "most that `fresh` takes",
                 text, fresh, SW_PLAN_FRESH_MAX_MIN);
}
