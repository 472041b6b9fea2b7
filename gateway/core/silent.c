/* silent.c -- a device that fell silent: no message for so much wake time.
 *
 * Only time in which the gateway was connected counts; who adds that up is the daemon's
 * business. A retained copy is not a message.
 */
#include "core/judge.h"

struct sw_verdict sw_judge_silent(const struct sw_facts *facts,
                                  const struct sw_alert *open)
{
    struct sw_verdict verdict = {
        .due = facts->silent_wake_s >= facts->plan.silent_after_s,
        .level = facts->silent_s >= SW_SILENT_MEDIUM_S ? SW_LEVEL_MEDIUM : SW_LEVEL_LOW,
        .evidence = {facts->silent_wake_s / 60, facts->plan.silent_after_s / 60},
        .span = {facts->heard_at_s, facts->now_s},
    };
    bool was_heard_since = open && facts->heard_at_s > open->span.from_s;
    if (was_heard_since) /* the evidence stays that of the silence */
        return sw_verdict_over(open, SW_REASON_HEARD);
    return verdict;
}
