/* receive_clock.h -- when a message came, whatever the wall clock says meanwhile.
 *
 *     receive_clock_resume(&keeper, &last, &now);     // what the last run stored; or NULL
 *     receive_clock_check(&keeper, &now, floor_s);     // the loop, at every turn
 *     offset_ms = receive_clock_offset_ms(&keeper);   // which Paho's thread is given
 *     receive_clock_stamp(&record, boot, offset_ms);  // that thread, before the append
 *     if (keeper.is_misdated)                      // it was set: what is stored is
 *         … receive_clock_correct(&keeper, &clock);   // dated anew, then it is believed
 *     receive_clock_date(&keeper, &record, &now);     // the loop, after reading it
 *
 * Receipt is measured on the clock that never jumps, and becomes a date by the offset
 * of the last look at which the wall clock was trusted. All of a boot of the machine is
 * dated by the same offset: a clock that is set, and believed after that, dates anew
 * what came before, be it stored or not, a restart of the gateway or not. After a
 * reboot nobody knows any more: what was not dated then is like a retained copy, which
 * does not say when it was sent.
 */
#ifndef DAEMON_RECEIVE_CLOCK_H
#define DAEMON_RECEIVE_CLOCK_H

#include "stepward/host.h"
#include "stepward/inbox.h"
#include "stepward/store.h"

struct receive_clock {
    struct sw_clock_watch watch;
    uint32_t boot;
    bool is_misdated; /* trusted, but what is stored of this boot has another offset */
    bool is_trusted;  /* and it has not */
    /* Of this boot; its offset, RECEIVE_CLOCK_UNKNOWN at first, is what dates receipts. */
    struct sw_boot_clock clock;
    int64_t
        stored_ms; /* as the store last saw it; RECEIVE_CLOCK_UNKNOWN: it has none */
    /* Of the one before, until it was looked at; key 0: there is none. */
    struct sw_boot_clock past;
};
#define RECEIVE_CLOCK_UNKNOWN INT64_MIN

void receive_clock_init(struct receive_clock *keeper);
/* last: of the store; NULL: it has none. */
void receive_clock_resume(struct receive_clock *keeper,
                          const struct sw_boot_clock *last, const struct sw_clock *now);
/* Returns true if the wall clock is trusted and dates what is stored; floor_s as for
 * sw_clock_check(). */
bool receive_clock_check(struct receive_clock *keeper, const struct sw_clock *now,
                         int64_t floor_s);
/* How far the clock of is_misdated was ahead, in seconds; < 0: behind. */
int64_t receive_clock_ahead_s(const struct receive_clock *keeper);
/* The clock of this boot as it is from now on, while is_misdated. */
struct sw_boot_clock receive_clock_corrected(const struct receive_clock *keeper);
/* What is stored is dated by it. */
void receive_clock_correct(struct receive_clock *keeper,
                           const struct sw_boot_clock *clock);
/* The clock goes with the first that it dated, and again now and then: a commit that
 * writes a page less costs less. */
bool receive_clock_is_unstored(const struct receive_clock *keeper);
void receive_clock_committed(
    struct receive_clock *keeper); /* it is stored, if it was not */
/* What the wall clock is ahead of the monotonic one, if it is trusted: for stamps. */
int64_t receive_clock_offset_ms(const struct receive_clock *keeper);
void receive_clock_stamp(struct sw_inbox_record *record, uint32_t boot,
                         int64_t offset_ms);
/* Afterwards received_at_s is Unix time; boot is 0 unless that is by the clock of this
 * boot, and retained says whether to believe it. A time after latest_s is not. */
void receive_clock_date(const struct receive_clock *keeper,
                        struct sw_inbox_record *record, const struct sw_clock *now,
                        int64_t latest_s);

#endif
