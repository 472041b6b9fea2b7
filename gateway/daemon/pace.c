/* pace.c -- pauses that are in proportion to the work. What is looked at after a pause
 * is the gateway's business. */
#include "daemon/pace.h"

enum { US_PER_MS = 1000 };

bool pace_allows(struct pace *pace, int64_t now_us, bool is_due)
{
    bool may = is_due || now_us >= pace->until_us;
    pace->is_owed = !may;
    return may;
}

void pace_note(struct pace *pace, int64_t now_us, int64_t took_us)
{
    int64_t pause_us = PACE_JUDGING * took_us;
    if (pause_us < PACE_LEAST_US)
        pause_us = PACE_LEAST_US;
    if (pause_us > PACE_MOST_US)
        pause_us = PACE_MOST_US;
    pace->until_us = now_us + pause_us;
}

int pace_wait_ms(const struct pace *pace, int64_t now_us)
{
    int64_t left_us = pace->until_us - now_us;
    if (left_us > 0) /* rounded up: to wake before its end is to wake twice */
        return (int)((left_us + US_PER_MS - 1) / US_PER_MS);
    return pace->is_owed ? 0 : -1;
}
