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
 * it does when the real one is set: a step back makes it longer, one ahead ends it.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_MAX_LEN = 64,
    PATH_MAX_LEN = 4096,
    SLICE_NS = 50 * 1000 * 1000, /* how late a wait notices that the clock was set */
    MONOTONIC_MAX_S =
        100 * 1000 * 1000, /* no machine is up so long, no test so early */
};

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

/* The first thread reads the file when it looks at the wall clock: its next look at the
 * other one belongs to the same instant. */
static struct shift look(clockid_t id)
{
    static struct shift kept;
    static char kept_line[LINE_MAX_LEN];
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
    return (int)syscall(SYS_clock_gettime, id, ret);
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
