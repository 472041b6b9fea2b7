/* low.c -- too few steps, day after day: the last valid days all under the floor.
 *
 * Each day is held against the floor of its own plan. Today speaks for the patient as
 * soon as it is valid and at the floor, and against nobody: it is not over. Which days
 * are valid is day.c's business.
 */
#include "core/judge.h"

static bool is_under(const struct sw_valid_day *day)
{
    return day->steps < day->floor;
}

/* The newest day that is not under its floor, NULL if all are. */
static const struct sw_valid_day *newest_reached(const struct sw_facts *facts)
{
    for (int32_t i = 0; i < facts->n_valid_days; i++)
        if (!is_under(&facts->valid_days[i]))
            return &facts->valid_days[i];
    return NULL;
}

static int64_t most_steps(const struct sw_facts *facts)
{
    int64_t most = 0;
    for (int32_t i = 0; i < facts->n_valid_days; i++)
        if (facts->valid_days[i].steps > most)
            most = facts->valid_days[i].steps;
    return most;
}

static struct sw_verdict over_on(enum sw_alert_reason reason, int64_t steps,
                                 int32_t floor)
{
    return (struct sw_verdict){.reason = reason, .evidence = {steps, floor}};
}

/* What the alert was raised on lies before the day it was opened. */
static struct sw_verdict judge_end(const struct sw_facts *facts,
                                   const struct sw_alert *open, bool reached_today)
{
    const struct sw_valid_day *reached = newest_reached(facts);
    if (facts->plan.floor > 0 && reached_today)
        return over_on(SW_REASON_RECOVERED, facts->steps, facts->plan.floor);
    if (facts->plan.floor == 0 || !reached)
        return sw_verdict_over(open, SW_REASON_WITHDRAWN);
    bool is_later = reached->day >= facts->alert_day[SW_ALERT_LOW];
    return over_on(is_later ? SW_REASON_RECOVERED : SW_REASON_WITHDRAWN, reached->steps,
                   reached->floor);
}

struct sw_verdict sw_judge_low(const struct sw_facts *facts,
                               const struct sw_alert *open)
{
    bool reached_today = facts->is_valid && facts->steps >= facts->plan.floor;
    bool all_under = facts->n_valid_days == SW_LOW_DAYS && !newest_reached(facts);
    bool is_due = facts->plan.floor > 0 && all_under && !reached_today;
    if (open && !is_due)
        return judge_end(facts, open, reached_today);
    return (struct sw_verdict){
        .due = is_due,
        .level = SW_LEVEL_MEDIUM,
        .evidence = {most_steps(facts), facts->valid_days[0].floor},
    };
}
