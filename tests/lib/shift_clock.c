/* shift_clock.c -- clocks that a test moves under one program: LD_PRELOAD this.
 *
 * $SHIFT_CLOCK names a file of three numbers, read again at every look at the wall
 * clock:
 *
 *     WALL_S BOOT_S SYNCHRONISED
 *
 * seconds to add to the wall clock and to the time since boot, and whether the kernel
 * says (1) or not (0) that the wall clock is disciplined. What the program's first
 * thread has seen of the file it writes to $SHIFT_CLOCK.seen, so that a test need not
 * guess. CLOCK_MONOTONIC stays as it is: a machine that slept.
 *
 * A wait until an instant of the wall clock lasts until the shifted clock shows it, as
 * it does when the real one is set: a step back makes it longer, one ahead ends it. A
 * timer that is cancelled when the clock is set becomes readable when the wall clock
 * was shifted against the other one; a poll() of the first thread ends as if by a
 * signal when both were, for then time has passed.
 *
 * On a machine of 32 bits the programs have times of 64, and the libraries that they
 * use may have times of 32, in calls of other names: both are here.
 */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_MAX_LEN = 64,
    PATH_MAX_LEN = 4096,
    NS_PER_S = 1000 * 1000 * 1000,
    SLICE_NS = 50 * 1000 * 1000, /* how late a wait notices that the clock was set */
    MONOTONIC_MAX_S =
        100 * 1000 * 1000, /* no machine is up so long, no test so early */
};

static_assert(sizeof(time_t) == 8, "the headers are asked for times of 64 bits");
#ifdef SYS_clock_gettime64 /* of a machine of 32 bits */
enum { CLOCK_GETTIME = SYS_clock_gettime64, TIMERFD_SETTIME = SYS_timerfd_settime64 };
#else
enum { CLOCK_GETTIME = SYS_clock_gettime, TIMERFD_SETTIME = SYS_timerfd_settime };
#endif

struct shift {
    long wall_s, boot_s;
    int synchronised;
};

/* ---- the file ---- */

static ssize_t read_line(char line[static LINE_MAX_LEN])
{
    const char *path = getenv("SHIFT_CLOCK");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return -1;
    ssize_t n = read(fd, line, LINE_MAX_LEN - 1);
    close(fd);
    line[n > 0 ? n : 0] = '\0';
    return n;
}

/* Say what the first thread, where the program's loop is, knows. */
static void tell_seen(const char line[static LINE_MAX_LEN])
{
    static char told[LINE_MAX_LEN];
    char path[PATH_MAX_LEN];
    if (strcmp(line, told) == 0)
        return;
    memcpy(told, line, LINE_MAX_LEN);
    snprintf(path, sizeof(path), "%s.seen", getenv("SHIFT_CLOCK"));
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    ssize_t n = write(fd, line, strlen(line));
    (void)n;
    close(fd);
}

static int is_first_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

static struct shift read_shift(char line[static LINE_MAX_LEN])
{
    struct shift shift = {.synchronised = 1};
    char *rest;
    if (read_line(line) <= 0)
        return shift;
    shift.wall_s = strtol(line, &rest, 10);
    shift.boot_s = strtol(rest, &rest, 10);
    shift.synchronised = (int)strtol(rest, NULL, 10);
    return shift;
}

/* What the first thread knows: it reads the file when it looks at the wall clock, and
 * its next look at the other one belongs to the same instant. */
static struct shift kept;
static char kept_line[LINE_MAX_LEN];

static struct shift look(clockid_t id)
{
    char line[LINE_MAX_LEN] = "";
    int kept_errno = errno;
    struct shift shift;
    if (!is_first_thread()) {
        shift = read_shift(line);
    } else {
        if (id == CLOCK_REALTIME || kept_line[0] == '\0')
            kept = read_shift(kept_line);
        if (id == CLOCK_BOOTTIME)
            tell_seen(kept_line);
        shift = kept;
    }
    errno = kept_errno;
    return shift;
}

/* ---- clocks ---- */

static int real_clock(clockid_t id, struct timespec *ret)
{
    return (int)syscall(CLOCK_GETTIME, id, ret);
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
    int r = real_clock(id, ret);
    if (r < 0)
        return r;
    if (id == CLOCK_REALTIME)
        ret->tv_sec += look(id).wall_s;
    if (id == CLOCK_BOOTTIME)
        ret->tv_sec += look(id).boot_s;
    return 0;
}

int gettimeofday(struct timeval *restrict ret, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    if (clock_gettime(CLOCK_REALTIME, &now) < 0)
        return -1;
    ret->tv_sec = now.tv_sec;
    ret->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *ret)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_REALTIME, &now);
    if (ret)
        *ret = now.tv_sec;
    return now.tv_sec;
}

int adjtimex(struct timex *state)
{
    memset(state, 0, sizeof(*state));
    int synchronised = look(CLOCK_BOOTTIME).synchronised;
    state->status = synchronised ? 0 : STA_UNSYNC;
    return synchronised ? TIME_OK : TIME_ERROR;
}

/* ---- waits until an instant of the wall clock ---- */

static int is_over(const struct timespec *until)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec > until->tv_sec ||
           (now.tv_sec == until->tv_sec && now.tv_nsec >= until->tv_nsec);
}

static struct timespec end_of_slice(void)
{
    struct timespec at;
    real_clock(CLOCK_MONOTONIC, &at);
    at.tv_nsec += SLICE_NS;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

/* A condition that waits on the monotonic clock is known by its small numbers. */
int pthread_cond_timedwait(pthread_cond_t *restrict cond,
                           pthread_mutex_t *restrict mutex,
                           const struct timespec *restrict until)
{
    if (until->tv_sec < MONOTONIC_MAX_S)
        return pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, until);
    while (!is_over(until)) {
        struct timespec slice = end_of_slice();
        int r = pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &slice);
        if (r != ETIMEDOUT)
            return r;
    }
    return ETIMEDOUT;
}

int sem_timedwait(sem_t *restrict sem, const struct timespec *restrict until)
{
    while (!is_over(until)) {
        struct timespec slice = end_of_slice();
        int r = sem_clockwait(sem, CLOCK_MONOTONIC, &slice);
        if (r == 0 || errno != ETIMEDOUT)
            return r;
    }
    errno = ETIMEDOUT;
    return -1;
}

/* ---- the timer that is cancelled when the clock is set: one a program ---- */

static int timer_fd = -1; /* in its stead */
static long armed_offset_s;

static long offset_s(const struct shift *shift)
{
    return shift->wall_s - shift->boot_s;
}

int timerfd_create(int id, int flags)
{
    if (id != CLOCK_REALTIME)
        return (int)syscall(SYS_timerfd_create, id, flags);
    int nonblock = flags & TFD_NONBLOCK ? EFD_NONBLOCK : 0;
    timer_fd = eventfd(0, nonblock | (flags & TFD_CLOEXEC ? EFD_CLOEXEC : 0));
    return timer_fd;
}

/* Its own time never comes. */
int timerfd_settime(int fd, int flags, const struct itimerspec *new_value,
                    struct itimerspec *old_value)
{
    char line[LINE_MAX_LEN];
    if (fd != timer_fd)
        return (int)syscall(TIMERFD_SETTIME, fd, flags, new_value, old_value);
    struct shift shift = read_shift(line);
    armed_offset_s = offset_s(&shift);
    return 0;
}

static void cancel_if_set(const struct shift *shift)
{
    if (timer_fd < 0 || offset_s(shift) == armed_offset_s)
        return;
    armed_offset_s = offset_s(shift);
    eventfd_write(timer_fd, 1);
}

/* ---- waiting ---- */

/* Time has passed since the first thread last looked, and no clock was set. */
static int has_time_passed(void)
{
    char line[LINE_MAX_LEN] = "";
    struct shift shift = read_shift(line);
    cancel_if_set(&shift);
    return strcmp(line, kept_line) != 0 && offset_s(&shift) == offset_s(&kept);
}

static int poll_ns(struct pollfd *fds, nfds_t n, long long ns)
{
    struct timespec timeout = {ns / NS_PER_S, ns % NS_PER_S};
    return ppoll(fds, n, ns < 0 ? NULL : &timeout, NULL);
}

/* timeout_ms < 0: for ever. */
int poll(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    long long left_ns = timeout_ms < 0 ? LLONG_MAX : timeout_ms * 1000000LL;
    int r = 0;
    if (!is_first_thread())
        return poll_ns(fds, n, timeout_ms < 0 ? -1 : left_ns);
    while (r == 0) {
        long long slice_ns = left_ns < SLICE_NS ? left_ns : SLICE_NS;
        if (has_time_passed()) {
            errno = EINTR;
            return -1;
        }
        r = poll_ns(fds, n, slice_ns);
        left_ns -= slice_ns;
        if (left_ns == 0)
            break;
    }
    return r;
}

/* ---- the same for libraries with times of 32 bits ---- */

#ifdef SYS_clock_gettime64
struct timespec32 {
    int32_t tv_sec, tv_nsec;
};
struct timeval32 {
    int32_t tv_sec, tv_usec;
};
int clock_gettime32(clockid_t id, struct timespec32 *ret) __asm__("clock_gettime");
int gettimeofday32(struct timeval32 *ret, void *zone) __asm__("gettimeofday");
int32_t time32(int32_t *ret) __asm__("time");
int cond_timedwait32(pthread_cond_t *cond, pthread_mutex_t *mutex,
                     const struct timespec32 *until) __asm__("pthread_cond_timedwait");
int sem_timedwait32(sem_t *sem,
                    const struct timespec32 *until) __asm__("sem_timedwait");

int clock_gettime32(clockid_t id, struct timespec32 *ret)
{
    struct timespec now;
    int r = clock_gettime(id, &now);
    if (r == 0)
        *ret = (struct timespec32){(int32_t)now.tv_sec, (int32_t)now.tv_nsec};
    return r;
}

int gettimeofday32(struct timeval32 *ret, void *zone)
{
    struct timeval now;
    int r = gettimeofday(&now, zone);
    if (r == 0)
        *ret = (struct timeval32){(int32_t)now.tv_sec, (int32_t)now.tv_usec};
    return r;
}

int32_t time32(int32_t *ret)
{
    int32_t now_s = (int32_t)time(NULL);
    if (ret)
        *ret = now_s;
    return now_s;
}

int cond_timedwait32(pthread_cond_t *cond, pthread_mutex_t *mutex,
                     const struct timespec32 *until)
{
    return pthread_cond_timedwait(cond, mutex,
                                  &(struct timespec){until->tv_sec, until->tv_nsec});
}

int sem_timedwait32(sem_t *sem, const struct timespec32 *until)
{
    return sem_timedwait(sem, &(struct timespec){until->tv_sec, until->tv_nsec});
}
#endif
