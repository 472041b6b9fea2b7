/* lateness.h -- how late a patient's data regularly comes: so late that no rest can be
 * seen while it lasts?
 *
 *     sw_lateness_note(&lateness, received_s, newest_known_s); // minutes became known
 *     late_min = sw_lateness_min(&lateness, plan.fresh_min, now_s); // 0: they do not
 *
 * A `rest` opens while the newest known minute is at most `fresh` old, and that minute is
 * never younger than when it comes. So of each hour in which minutes became known, the
 * one counts that was youngest when it came: where it is older than `fresh` in most hours,
 * a rest that lasts is not seen. One outage does not make anybody late, nor does a device
 * that sends an hour at once up to its last minute.
 */
#ifndef STEPWARD_LATENESS_H
#define STEPWARD_LATENESS_H

#include "stepward/types.h"

enum {
    SW_LATENESS_HOURS = 8,     /* remembered; hours without news are none of them */
    SW_LATENESS_HOURS_MIN = 4, /* fewer say nothing of what is regular */
    SW_LATENESS_KEPT_H = 48,   /* then what was regular is forgotten */
    SW_LATENESS_AGE_MAX_MIN = 255,
};

/* All zero: nothing is known. */
struct sw_lateness {
    int64_t hour;                       /* since 1970, the last one of them */
    int32_t n;                          /* of the ages, the oldest hour's first */
    uint8_t age_min[SW_LATENESS_HOURS]; /* the least in its hour; at most 255 */
};

/* At received_s minutes became known, the newest of which began at newest_s. Returns
 * whether that changed anything that has to be kept over a restart: of who sends at once,
 * as most devices do, there is nothing to remember. */
bool sw_lateness_note(struct sw_lateness *lateness, int64_t received_s,
                      int64_t newest_s);
/* How old the newest known minute regularly is when it comes, if that is over fresh_min;
 * else 0. */
int32_t sw_lateness_min(const struct sw_lateness *lateness, int32_t fresh_min,
                        int64_t now_s);
/* The `fresh` with which a rest would be seen in three of four hours, in steps of five
 * minutes; 0: a plan takes none that is so long. */
int32_t sw_lateness_fresh_min(const struct sw_lateness *lateness);

#endif
