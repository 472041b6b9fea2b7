/* receive_clock.h -- when a message came, whatever the wall clock says meanwhile.
 *
 *     receive_clock_resume(&keeper, &last, &now);     // what the last run stored
 *     receive_clock_check(&keeper, &now, floor_s);    // the loop, at every turn
 *     offset_ms = receive_clock_offset_ms(&keeper);   // which Paho's thread is given
 *     receive_clock_stamp(&record, boot, offset_ms);  // that thread, before it appends
 *     if (keeper.is_misdated)                         // it was set: redate what is
 *         … receive_clock_correct(&keeper, &clock);   // stored, then trust it
 *     receive_clock_date(&keeper, &record, &now, latest_s); // the loop, after it reads
 *
 * Receipt is measured on the clock that never jumps. It becomes a date by the offset at
 * the last check at which the wall clock was trusted. Everything from one boot of the
 * machine is dated by the same offset: when a clock is set and then trusted, what came
 * before is redated, stored or not, even across a restart of the gateway. After a
 * reboot that is impossible: what was not dated by then is treated like a retained
 * copy, which does not say when it was sent.
 */
#ifndef DAEMON_RECEIVE_CLOCK_H
#define DAEMON_RECEIVE_CLOCK_H

#include "stepward/host.h"
#include "stepward/inbox.h"
#include "stepward/store.h"

struct receive_clock {
    struct sw_clock_watch watch;
    uint32_t boot;
    bool is_misdated; /* trusted, but stored data of this boot has another offset */
    bool is_trusted;  /* trusted, and not misdated */
    /* Of this boot. Its offset, RECEIVE_CLOCK_UNKNOWN at first, dates receipts. */
    struct sw_boot_clock clock;
    /* Its seen_ms as last stored; RECEIVE_CLOCK_UNKNOWN: the store has none. */
    int64_t stored_ms;
    /* Of the boot before, until it was checked; key 0: there is none. */
    struct sw_boot_clock past;
};
#define RECEIVE_CLOCK_UNKNOWN INT64_MIN

void receive_clock_init(struct receive_clock *keeper);
/* last: from the store; NULL if it has none. */
void receive_clock_resume(struct receive_clock *keeper,
                          const struct sw_boot_clock *last, const struct sw_clock *now);
/* Returns true if the wall clock is trusted and dates what is stored. floor_s as for
 * sw_clock_check(). */
bool receive_clock_check(struct receive_clock *keeper, const struct sw_clock *now,
                         int64_t floor_s);
/* While is_misdated, how far the stored clock was ahead, in seconds; < 0: behind. */
int64_t receive_clock_ahead_s(const struct receive_clock *keeper);
/* The clock of this boot as it is from now on, while is_misdated. */
struct sw_boot_clock receive_clock_corrected(const struct receive_clock *keeper);
/* What is stored is dated by it now. */
void receive_clock_correct(struct receive_clock *keeper,
                           const struct sw_boot_clock *clock);
/* The clock is stored with the first data that it dated, and then only now and then,
 * because a commit that writes fewer pages costs less. */
bool receive_clock_is_unstored(const struct receive_clock *keeper);
void receive_clock_committed(
    struct receive_clock *keeper); /* it is stored, if it was not */
/* By how much the wall clock is ahead of the monotonic one, if it is trusted: for
 * stamps. */
int64_t receive_clock_offset_ms(const struct receive_clock *keeper);
void receive_clock_stamp(struct sw_inbox_record *record, uint32_t boot,
                         int64_t offset_ms);
/* Afterwards received_at_s is Unix time. boot is 0 unless that time is by the clock of
 * this boot, and retained tells whether to distrust it. A time after latest_s is not
 * trusted. */
void receive_clock_date(const struct receive_clock *keeper,
                        struct sw_inbox_record *record, const struct sw_clock *now,
                        int64_t latest_s);

#endif
