/* timekeeper.c -- stamps that a jump of the wall clock cannot spoil.
 * What must wait until the clock is trusted is the gateway's business. */
#include "daemon/timekeeper.h"

void timekeeper_init(struct timekeeper *keeper)
{
    *keeper = (struct timekeeper){.boot = sw_clock_boot()};
    atomic_init(&keeper->offset_ms, TIMEKEEPER_UNKNOWN);
}

bool timekeeper_look(struct timekeeper *keeper, const struct sw_clock *now,
                     int64_t floor_s)
{
    bool trusted = sw_clock_look(&keeper->watch, now, floor_s);
    int64_t offset_ms = trusted ? keeper->watch.offset_ms : TIMEKEEPER_UNKNOWN;
    atomic_store(&keeper->offset_ms, offset_ms);
    return trusted;
}

void timekeeper_stamp(const struct timekeeper *keeper, struct sw_inbox_record *record)
{
    int64_t offset_ms = atomic_load(&keeper->offset_ms);
    int64_t monotonic_ms = sw_clock_monotonic_ms();
    bool is_dated = offset_ms != TIMEKEEPER_UNKNOWN;
    record->boot = is_dated ? 0 : keeper->boot;
    record->received_at_s = (monotonic_ms + (is_dated ? offset_ms : 0)) / 1000;
}

void timekeeper_date(const struct timekeeper *keeper, struct sw_inbox_record *record,
                     const struct sw_clock *now)
{
    if (record->boot == 0)
        return;
    bool is_datable = keeper->watch.trusted && record->boot == keeper->boot;
    if (is_datable) {
        record->received_at_s += keeper->watch.offset_ms / 1000;
    } else {
        record->received_at_s = now->wall_ms / 1000;
        record->retained = true;
    }
    record->boot = 0;
}
