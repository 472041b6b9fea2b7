/* budget.c -- count a therapist's alerts of the day, and hold back those
 * beyond the budget.
 *
 * What being held back means for the rest of an alert's life is core/alert.c's
 * business. All alerts of the day count, published or not, of any level, so what is
 * held back does not depend on what became of the others.
 */
#include "records/budget.h"

int sw_records_apply_budget(struct sw_store *store, const struct sw_zone *zone,
                            int32_t budget, struct sw_alert *alert)
{
    if (budget == 0 || alert->level != SW_LEVEL_LOW)
        return 0;
    int32_t day = sw_day_of(zone, alert->opened_at_s);
    int64_t n = sw_store_count_opened(store, &alert->therapist, sw_day_begin(zone, day),
                                      sw_day_begin(zone, day + 1));
    if (n >= budget)
        sw_alert_hold_back(alert);
    return n < 0 ? (int)n : 0;
}
