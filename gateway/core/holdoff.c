/* holdoff.c -- how often something may happen: a few times at once, then at intervals.
 * What is counted, and what becomes of an event that comes too soon, is the caller's
 * business. */
#include "stepward/alert.h"

enum { ALL_S = SW_HOLDOFF_FREE * SW_HOLDOFF_EVERY_S };

bool sw_holdoff_allows(struct sw_holdoff *holdoff, int64_t now_s)
{
    if (holdoff->until_s > now_s + ALL_S) /* the clock was set back */
        holdoff->until_s = now_s;
    return holdoff->until_s <= now_s + ALL_S - SW_HOLDOFF_EVERY_S;
}

void sw_holdoff_note(struct sw_holdoff *holdoff, int64_t now_s)
{
    int64_t from_s = holdoff->until_s > now_s ? holdoff->until_s : now_s;
    int64_t until_s = from_s + SW_HOLDOFF_EVERY_S, latest_s = now_s + ALL_S;
    holdoff->until_s = until_s < latest_s ? until_s : latest_s;
}
