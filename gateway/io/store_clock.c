/* store_clock.c -- by which clock that was dated which came without a time of its own.
 *
 * When that clock turns out to be wrong is the gateway's business.
 */
#include "io/store_private.h"

enum { CLOCK_OWN = 0, CLOCK_UNSURE = -1 }; /* in a column `clock`; else a key */

int64_t sw_clock_of(const struct sw_store *store, enum sw_stamp stamp)
{
    if (stamp == SW_STAMP_OWN)
        return CLOCK_OWN;
    bool is_known = stamp == SW_STAMP_RECEIPT && store->clock != 0;
    return is_known ? store->clock : CLOCK_UNSURE;
}

enum sw_stamp sw_stamp_of(int64_t clock)
{
    if (clock == CLOCK_OWN)
        return SW_STAMP_OWN;
    return clock == CLOCK_UNSURE ? SW_STAMP_UNSURE : SW_STAMP_RECEIPT;
}
