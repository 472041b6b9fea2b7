/* clock.c -- the only place that reads a clock, and whether the wall clock can be
 * believed. What must wait for a trusted clock is the caller's business. */
#include "stepward/host.h"

#include <time.h>

/* 2025-01-01T00:00Z: this program is younger, so no true clock shows less. */
static const int64_t built_after_s = INT64_C(1735689600);

static int64_t read_ms(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id,
                  &now); /* cannot fail: both clocks are in every kernel we run on */
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t sw_clock_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t sw_clock_now_s(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec;
}

int64_t sw_clock_monotonic_ms(void)
{
    return read_ms(CLOCK_BOOTTIME);
}

static bool is_step(const struct sw_clock_watch *watch, int64_t offset_ms)
{
    int64_t jump_ms = offset_ms - watch->offset_ms;
    return jump_ms > SW_CLOCK_STEP_MS || jump_ms < -SW_CLOCK_STEP_MS;
}

bool sw_clock_look(struct sw_clock_watch *watch, int64_t wall_ms, int64_t monotonic_ms,
                   int64_t floor_s)
{
    int64_t offset_ms = wall_ms - monotonic_ms;
    bool stepped = watch->begun && is_step(watch, offset_ms);

    watch->floor_s = floor_s > built_after_s ? floor_s : built_after_s;
    bool is_past = wall_ms / 1000 < watch->floor_s;

    if (stepped || is_past)
        watch->settled_at_ms = monotonic_ms + SW_CLOCK_SETTLE_MS;
    else if (!watch->begun)
        watch->settled_at_ms = monotonic_ms;
    watch->begun = true;
    watch->offset_ms = offset_ms;
    watch->trusted = monotonic_ms >= watch->settled_at_ms;
    return watch->trusted;
}
