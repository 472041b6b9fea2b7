/* clock.c -- the only place that reads a clock and judges whether the wall clock can be
 * believed. What must wait for a trusted clock is the caller's business. */
#include "stepward/host.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static_assert(sizeof(time_t) == 8, "times end in 2038: glibc is older than 2.34");

/* 2025-01-01T00:00Z: this program is younger, so no true clock shows less. */
static const int64_t built_after_s = INT64_C(1735689600);

static int64_t read_us(clockid_t id)
{
    struct timespec now = {0};
    clock_gettime(id, &now); /* cannot fail: the clocks are in every kernel we run on */
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t sw_clock_now_s(void)
{
    return read_us(CLOCK_REALTIME) / 1000000;
}

int64_t sw_clock_monotonic_ms(void)
{
    return read_us(CLOCK_BOOTTIME) / 1000;
}

int64_t sw_clock_monotonic_us(void)
{
    return read_us(CLOCK_BOOTTIME);
}

int64_t sw_clock_thread_us(void)
{
    return read_us(CLOCK_THREAD_CPUTIME_ID);
}

uint32_t sw_clock_boot(void)
{
    char text[9] = ""; /* the first of the id's random digits */
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t n = read(fd, text, sizeof(text) - 1);
        text[n > 0 ? n : 0] = '\0';
        close(fd);
    }
    return (uint32_t)strtoul(text, NULL, 16) | 1;
}

struct sw_clock sw_clock_read(void)
{
    struct timex state = {0};
    int r = adjtimex(&state); /* it fails where we may not ask */
    return (struct sw_clock){.wall_ms = read_us(CLOCK_REALTIME) / 1000,
                             .monotonic_ms = read_us(CLOCK_BOOTTIME) / 1000,
                             .synchronised = r >= 0 && r != TIME_ERROR};
}

bool sw_clock_is_step(int64_t offset_ms, int64_t other_ms)
{
    int64_t jump_ms = offset_ms - other_ms;
    return jump_ms > SW_CLOCK_STEP_MS || jump_ms < -SW_CLOCK_STEP_MS;
}

static void clock_begin(struct sw_clock_watch *watch, int64_t floor_s)
{
    watch->begun = true;
    watch->floor_s = floor_s > built_after_s ? floor_s : built_after_s;
}

void sw_clock_resume(struct sw_clock_watch *watch, int64_t offset_ms)
{
    clock_begin(watch, built_after_s);
    watch->offset_ms = offset_ms;
}

bool sw_clock_check(struct sw_clock_watch *watch, const struct sw_clock *now,
                    int64_t floor_s)
{
    int64_t offset_ms = now->wall_ms - now->monotonic_ms;
    if (watch->begun_at_ms == 0)
        watch->begun_at_ms = watch->stepped_at_ms = now->monotonic_ms;
    if (!watch->begun) {
        clock_begin(watch, floor_s);
    } else if (sw_clock_is_step(offset_ms, watch->offset_ms)) {
        /* Another step may follow: first a time from a file, then the network's. */
        watch->floor_s = built_after_s;
        watch->stepped_at_ms = now->monotonic_ms;
        watch->settled_at_ms = now->monotonic_ms + SW_CLOCK_SETTLE_MS;
    }
    watch->offset_ms = offset_ms;
    if (now->monotonic_ms - watch->begun_at_ms >= SW_CLOCK_BEHIND_MS)
        watch->floor_s = built_after_s;

    int64_t known_past_s = now->synchronised ? built_after_s : watch->floor_s;
    bool is_past = now->wall_ms / 1000 < known_past_s;
    bool may_yet_jump = !now->synchronised && now->monotonic_ms < SW_CLOCK_BOOT_MS;
    bool is_settled = now->monotonic_ms >= watch->settled_at_ms;
    watch->trusted = is_settled && !is_past && !may_yet_jump;
    return watch->trusted;
}

/* A timer of the wall clock, for an instant that nobody waits for, is cancelled when
 * the clock is set, and that can be read. In 2038 it goes off once, which is another
 * reason to look. */
int sw_clock_set_fd(void)
{
    struct itimerspec never = {.it_value.tv_sec = INT32_MAX};
    int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    if (timerfd_settime(fd, flags, &never, NULL) < 0) {
        int r = -errno;
        close(fd);
        return r;
    }
    return fd;
}

void sw_clock_set_clear(int fd)
{
    uint64_t times;
    ssize_t n = read(fd, &times, sizeof times); /* -ECANCELED; the next is told again */
    (void)n;
}
