/* throttle.c -- pauses that are in proportion to the work. What is looked at after a pause
 * is the gateway's business. */
#include "daemon/throttle.h"

enum { US_PER_MS = 1000 };

bool throttle_allows(struct throttle *throttle, int64_t now_us, bool is_due)
{
    bool may = is_due || now_us >= throttle->until_us;
    throttle->is_owed = !may;
    return may;
}

void throttle_note(struct throttle *throttle, int64_t now_us, int64_t took_us)
{
    int64_t pause_us = THROTTLE_JUDGING * took_us;
    if (pause_us < THROTTLE_LEAST_US)
        pause_us = THROTTLE_LEAST_US;
    if (pause_us > THROTTLE_MOST_US)
        pause_us = THROTTLE_MOST_US;
    throttle->until_us = now_us + pause_us;
}

int throttle_wait_ms(const struct throttle *throttle, int64_t now_us)
{
    int64_t left_us = throttle->until_us - now_us;
    if (left_us > 0) /* rounded up: to wake before its end is to wake twice */
        return (int)((left_us + US_PER_MS - 1) / US_PER_MS);
    return throttle->is_owed ? 0 : -1;
}
