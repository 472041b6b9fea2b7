/* receive_clock.c -- stamps that a jump of the wall clock cannot spoil. What must wait
 * until the clock is trusted, and how stored data is redated, is the gateway's
 * business. */
#include "daemon/receive_clock.h"

enum {
    MS_PER_S = 1000,
    STORE_EVERY_MS =
        10 * 60 * 1000, /* of what was seen last: for the next boot alone */
};

void receive_clock_init(struct receive_clock *keeper)
{
    *keeper = (struct receive_clock){.boot = sw_clock_boot()};
    receive_clock_resume(keeper, NULL, NULL);
}

void receive_clock_resume(struct receive_clock *keeper,
                          const struct sw_boot_clock *last, const struct sw_clock *now)
{
    bool is_this_boot =
        last && last->boot == keeper->boot && last->seen_ms <= now->monotonic_ms;
    keeper->past = (struct sw_boot_clock){.key = 0};
    keeper->stored_ms = RECEIVE_CLOCK_UNKNOWN;
    if (is_this_boot) {
        keeper->stored_ms = last->seen_ms;
        keeper->clock = *last;
        sw_clock_resume(&keeper->watch, last->offset_ms);
        return;
    }
    if (last)
        keeper->past = *last;
    keeper->clock = (struct sw_boot_clock){.key = keeper->past.key + 1,
                                           .boot = keeper->boot,
                                           .offset_ms = RECEIVE_CLOCK_UNKNOWN};
}

bool receive_clock_check(struct receive_clock *keeper, const struct sw_clock *now,
                         int64_t floor_s)
{
    struct sw_boot_clock *clock = &keeper->clock;
    bool trusted = sw_clock_check(&keeper->watch, now, floor_s);
    int64_t offset_ms = keeper->watch.offset_ms;
    bool is_first = clock->offset_ms == RECEIVE_CLOCK_UNKNOWN;
    keeper->is_misdated =
        trusted && !is_first && sw_clock_is_step(offset_ms, clock->offset_ms);
    keeper->is_trusted = trusted && !keeper->is_misdated;
    if (!keeper->is_trusted)
        return false;
    if (is_first)
        clock->since_ms = keeper->watch.stepped_at_ms;
    clock->offset_ms = offset_ms;
    clock->seen_ms = now->monotonic_ms;
    return true;
}

int64_t receive_clock_ahead_s(const struct receive_clock *keeper)
{
    return (keeper->clock.offset_ms - keeper->watch.offset_ms) / MS_PER_S;
}

struct sw_boot_clock receive_clock_corrected(const struct receive_clock *keeper)
{
    struct sw_boot_clock clock = keeper->clock;
    clock.has_before = true;
    clock.offset_before_ms = clock.offset_ms;
    clock.offset_ms = keeper->watch.offset_ms;
    clock.since_ms = clock.seen_ms = keeper->watch.stepped_at_ms;
    return clock;
}

void receive_clock_correct(struct receive_clock *keeper,
                           const struct sw_boot_clock *clock)
{
    keeper->clock = *clock;
    keeper->stored_ms = clock->seen_ms;
    keeper->is_misdated = false;
    keeper->is_trusted = keeper->watch.trusted;
}

bool receive_clock_is_unstored(const struct receive_clock *keeper)
{
    bool is_known = keeper->clock.offset_ms != RECEIVE_CLOCK_UNKNOWN;
    return is_known && (keeper->stored_ms == RECEIVE_CLOCK_UNKNOWN ||
                        keeper->clock.seen_ms - keeper->stored_ms >= STORE_EVERY_MS);
}

void receive_clock_committed(struct receive_clock *keeper)
{
    if (receive_clock_is_unstored(keeper))
        keeper->stored_ms = keeper->clock.seen_ms;
}

int64_t receive_clock_offset_ms(const struct receive_clock *keeper)
{
    return keeper->watch.trusted ? keeper->watch.offset_ms : RECEIVE_CLOCK_UNKNOWN;
}

void receive_clock_stamp(struct sw_inbox_record *record, uint32_t boot,
                         int64_t offset_ms)
{
    int64_t monotonic_ms = sw_clock_monotonic_ms();
    bool is_dated = offset_ms != RECEIVE_CLOCK_UNKNOWN;
    record->boot = boot;
    record->uptime_s = monotonic_ms / MS_PER_S;
    record->received_at_s = is_dated ? (monotonic_ms + offset_ms) / MS_PER_S : 0;
}

/* Date by the offset of this boot. If the record was already dated by the same clock,
 * keep that date, so that it has the same one when it is read again after a crash. */
static int64_t date_of(const struct receive_clock *keeper,
                       const struct sw_inbox_record *record)
{
    int64_t at_s = record->uptime_s + keeper->clock.offset_ms / MS_PER_S;
    bool is_same_clock =
        record->received_at_s != 0 &&
        !sw_clock_is_step(record->received_at_s * MS_PER_S, at_s * MS_PER_S);
    return is_same_clock ? record->received_at_s : at_s;
}

void receive_clock_date(const struct receive_clock *keeper,
                        struct sw_inbox_record *record, const struct sw_clock *now,
                        int64_t latest_s)
{
    bool is_of_boot = record->boot == keeper->boot &&
                      record->uptime_s <= now->monotonic_ms / MS_PER_S + 1;
    bool was_dated = record->received_at_s != 0;
    bool is_datable = is_of_boot && keeper->clock.offset_ms != RECEIVE_CLOCK_UNKNOWN &&
                      (keeper->is_trusted || was_dated);
    if (is_datable) {
        record->received_at_s = date_of(keeper, record);
        return;
    }
    record->boot = 0;
    if (was_dated && record->received_at_s <= latest_s)
        return;
    record->received_at_s = now->wall_ms / MS_PER_S;
    record->retained = true;
}
