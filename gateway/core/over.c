/* over.c -- more steps today than the plan's ceiling.
 *
 * It is about one day, and over with it; within the day only late data (a finer reading
 * with fewer steps) or another plan can end it.
 */
#include "core/judge.h"

struct sw_verdict sw_judge_over(const struct sw_facts *facts,
                                const struct sw_alert *open)
{
    int32_t ceiling = facts->plan.ceiling;
    bool day_is_over = open && facts->today != facts->alert_day[SW_ALERT_OVER];
    if (day_is_over)
        return sw_verdict_over(open, SW_REASON_DAY_END);
    struct sw_verdict verdict = {
        .due = ceiling > 0 && facts->steps > ceiling,
        .level = SW_LEVEL_LOW,
        .evidence = {facts->steps, ceiling},
    };
    if (open && !verdict.due)
        verdict.reason = SW_REASON_WITHDRAWN;
    return verdict;
}
