/* commit_policy.c -- the reasons for a commit, and the pauses between rounds of
 * judging.
 */
#include "daemon/commit_policy.h"

#include <string.h>

enum { US_PER_MS = 1000 };

static int64_t patience_ms(const struct commit_policy *policy, enum commit_reason why)
{
    switch (why) {
    case COMMIT_READINGS:
    case COMMIT_STATUS:
        return policy->interval_ms;
    case COMMIT_MINUTE:
        return COMMIT_MINUTE_MS;
    case COMMIT_DELIVERED:
        return COMMIT_DELIVERED_MS;
    case COMMIT_FAILED:
        return COMMIT_RETRY_MS;
    default:
        return 0;
    }
}

void commit_policy_want(struct commit_policy *policy, enum commit_reason why,
                        int64_t now_ms)
{
    int64_t at_ms = now_ms + patience_ms(policy, why), *due_ms = &policy->due_ms[why];
    if (*due_ms == 0 || at_ms < *due_ms)
        *due_ms = at_ms;
}

enum commit_reason commit_policy_due(const struct commit_policy *policy, int64_t now_ms)
{
    if (now_ms < policy->retry_ms)
        return COMMIT_NONE;
    for (int why = COMMIT_NONE + 1; why < COMMIT_REASONS; why++)
        if (policy->due_ms[why] != 0 && now_ms >= policy->due_ms[why])
            return (enum commit_reason)why;
    return COMMIT_NONE;
}

int64_t commit_policy_next_ms(const struct commit_policy *policy)
{
    int64_t next_ms = INT64_MAX;
    for (int why = COMMIT_NONE + 1; why < COMMIT_REASONS; why++)
        if (policy->due_ms[why] != 0 && policy->due_ms[why] < next_ms)
            next_ms = policy->due_ms[why];
    return next_ms < policy->retry_ms ? policy->retry_ms : next_ms;
}

void commit_policy_done(struct commit_policy *policy)
{
    memset(policy->due_ms, 0, sizeof policy->due_ms);
    policy->retry_ms = 0;
}

void commit_policy_failed(struct commit_policy *policy, int64_t now_ms)
{
    commit_policy_want(policy, COMMIT_FAILED, now_ms);
    policy->retry_ms = now_ms + COMMIT_RETRY_MS;
}

bool commit_policy_has_failed(const struct commit_policy *policy)
{
    return policy->retry_ms != 0;
}

/* ---- rounds of judging ---- */

bool commit_policy_may_judge(struct commit_policy *policy, int64_t now_us,
                             enum commit_reason why)
{
    if (now_us < policy->retry_ms * US_PER_MS)
        return false;
    bool may = why != COMMIT_NONE || now_us >= policy->pause_until_us;
    policy->is_round_owed = !may;
    return may;
}

void commit_policy_judged(struct commit_policy *policy, int64_t now_us, int64_t took_us)
{
    int64_t pause_us = JUDGING_PAUSE * took_us;
    if (pause_us < JUDGING_LEAST_US)
        pause_us = JUDGING_LEAST_US;
    if (pause_us > JUDGING_MOST_US)
        pause_us = JUDGING_MOST_US;
    policy->pause_until_us = now_us + pause_us;
}

int commit_policy_pause_ms(const struct commit_policy *policy, int64_t now_us)
{
    int64_t left_us = policy->pause_until_us - now_us;
    if (left_us > 0) /* rounded up: waking before the end means waking twice */
        return (int)((left_us + US_PER_MS - 1) / US_PER_MS);
    return policy->is_round_owed ? 0 : -1;
}
