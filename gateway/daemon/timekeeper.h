/* timekeeper.h -- when a message came, whatever the wall clock says meanwhile.
 *
 *     timekeeper_stamp(&keeper, &record);          // Paho's thread, before the append
 *     timekeeper_look(&keeper, &now, floor_s);     // the loop, at every turn
 *     timekeeper_date(&keeper, &record, &now);     // the loop, after reading it
 *
 * Receipt is measured on the clock that never jumps, and becomes a date by the offset
 * of the last look at which the wall clock was trusted. What comes in while it is not
 * is kept undated, and gets its date as soon as the clock is trusted in the same boot
 * of the machine, a restart of the gateway or not. After a reboot nobody knows any
 * more: then it is like a retained copy, which does not say when it was sent.
 */
#ifndef DAEMON_TIMEKEEPER_H
#define DAEMON_TIMEKEEPER_H

#include <stdatomic.h>

#include "stepward/host.h"
#include "stepward/inbox.h"

struct timekeeper {
    struct sw_clock_watch watch;
    uint32_t boot;
    _Atomic int64_t offset_ms; /* wall minus monotonic; TIMEKEEPER_UNKNOWN */
};
#define TIMEKEEPER_UNKNOWN INT64_MIN

void timekeeper_init(struct timekeeper *keeper);
/* Returns true if the wall clock is trusted; floor_s as for sw_clock_look(). */
bool timekeeper_look(struct timekeeper *keeper, const struct sw_clock *now,
                     int64_t floor_s);
void timekeeper_stamp(const struct timekeeper *keeper, struct sw_inbox_record *record);
/* Afterwards received_at_s is Unix time, and retained says whether to believe it. */
void timekeeper_date(const struct timekeeper *keeper, struct sw_inbox_record *record,
                     const struct sw_clock *now);

#endif
