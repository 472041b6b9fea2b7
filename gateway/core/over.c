/* over.c -- more steps today than the plan's ceiling.
 *
 * It is about one day, and over with it; before that only late data (a finer reading
 * with fewer steps) or another plan can end it.
 */
#include "core/judge.h"

static struct sw_verdict judge_its_day(int64_t steps, const struct sw_alert *open)
{
    int64_t ceiling = open->evidence[1];
    return (struct sw_verdict){
        .reason = steps > ceiling ? SW_REASON_DAY_END : SW_REASON_WITHDRAWN,
        .evidence = {steps, ceiling},
    };
}

struct sw_verdict sw_judge_over(const struct sw_facts *facts,
                                const struct sw_alert *open)
{
    int32_t ceiling = facts->plan.ceiling;
    bool day_is_over = open && facts->today != facts->alert_day[SW_ALERT_OVER];
    if (day_is_over)
        return judge_its_day(facts->over_steps, open);
    struct sw_verdict verdict = {
        .due = ceiling > 0 && facts->steps > ceiling,
        .level = SW_LEVEL_LOW,
        .evidence = {facts->steps, ceiling},
    };
    if (open && !verdict.due)
        verdict.reason = SW_REASON_WITHDRAWN;
    return verdict;
}
