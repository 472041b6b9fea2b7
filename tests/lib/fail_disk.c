/* fail_disk.c -- a disk that fails when told to, for a program that is not changed.
 *
 *     LD_PRELOAD=libfail_disk.so FAIL_DISK_UNDER=/folder FAIL_DISK_HOW=/file program
 *
 * What FAIL_DISK_HOW holds is read before each write to a file below FAIL_DISK_UNDER:
 *     (nothing, or no file)   all is well
 *     EIO                     every write, sync and creation fails
 *     EROFS                   the same, and no file is opened to write
 *     ENOSPC                  so does what makes a file longer; EDQUOT
 *     ENOSPC 4096             when 4096 more bytes were written: the last write that
 *                             fits in part is cut short, as disks do
 *     EIO sync                only fsync and fdatasync fail
 *     EIO random 20           each call fails with a chance of 20 %
 *     HANG                    every write and sync waits until something else stands here
 * Reading always works: what cannot be read any more is another fault. A file whose
 * name ends in FAIL_DISK_BUT is spared of EIO: one that is rewritten in place and never
 * synced does not notice it. statvfs tells of a full or read-only disk. Each failure
 * adds a byte to FAIL_DISK_HOW.hits.
 *
 * Where a file's size has 32 bits or 64, in two calls, both are here, and what is done
 * is done by the one of 64.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

enum { HOW_MAX = 64, PARTS_MAX = 16 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER; /* guards the two below */
static struct timespec counted_for; /* when the file that names the bytes was written */
static long long written;

#define REAL(ret, name, ...)                                                           \
    static ret (*real_##name)(__VA_ARGS__);                                            \
    if (!real_##name)                                                                  \
    *(void **)&real_##name = dlsym(RTLD_NEXT, #name)

/* ---- what is to fail ---- */

struct how {
    int error; /* 0: nothing */
    bool hangs;
    bool sync_only;
    int chance_pct;  /* 100: always */
    long long after; /* bytes; -1: at once */
    struct timespec since;
};

static int error_of(const char *name)
{
    static const struct {
        const char *name;
        int error;
    } errors[] = {
        {"ENOSPC", ENOSPC}, {"EIO", EIO}, {"EROFS", EROFS}, {"EDQUOT", EDQUOT}};
    for (size_t i = 0; i < sizeof errors / sizeof *errors; i++)
        if (strcmp(name, errors[i].name) == 0)
            return errors[i].error;
    return 0;
}

static void parse(const char *text, struct how *ret)
{
    char name[16] = "", word[16] = "";
    int chance;
    if (sscanf(text, "%15s %15s", name, word) < 1)
        return;
    ret->error = error_of(name);
    ret->hangs = strcmp(name, "HANG") == 0;
    ret->sync_only = strcmp(word, "sync") == 0;
    if (sscanf(text, "%*s random %d", &chance) == 1)
        ret->chance_pct = chance;
    else if (*word >= '0' && *word <= '9')
        ret->after = strtoll(word, NULL, 10);
}

/* The file is read with calls that are not ours: it may lie below the folder too. */
static struct how read_how(void)
{
    struct how how = {.chance_pct = 100, .after = -1};
    const char *path = getenv("FAIL_DISK_HOW");
    char text[HOW_MAX + 1];
    struct stat64 st;
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (fd < 0)
        return how;
    ssize_t n = pread(fd, text, HOW_MAX, 0);
    if (fstat64(fd, &st) == 0)
        how.since = st.st_mtim;
    close(fd);
    text[n > 0 ? n : 0] = '\0';
    parse(text, &how);
    return how;
}

static void count_hit(void)
{
    char path[PATH_MAX];
    REAL(ssize_t, write, int, const void *, size_t);
    snprintf(path, sizeof path, "%s.hits", getenv("FAIL_DISK_HOW"));
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        return;
    if (real_write(fd, "x", 1) < 0)
        abort();
    close(fd);
}

static bool is_below(const char *path)
{
    const char *folder = getenv("FAIL_DISK_UNDER");
    size_t len = folder ? strlen(folder) : 0;
    return len > 0 && strncmp(path, folder, len) == 0 &&
           (path[len] == '/' || path[len] == '\0');
}

static bool is_spared(const char *path, int error)
{
    const char *end = getenv("FAIL_DISK_BUT");
    size_t len = strlen(path), end_len = end ? strlen(end) : 0;
    return error == EIO && end_len > 0 && len >= end_len &&
           strcmp(path + len - end_len, end) == 0;
}

static bool is_below_fd(int fd, int error)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0)
        return false;
    path[n] = '\0';
    return is_below(path) && !is_spared(path, error);
}

/* As a card that does not answer any more. */
static void hang_while_told(int fd)
{
    const struct timespec moment = {0, 20 * 1000000};
    while (read_how().hangs && is_below_fd(fd, 0))
        nanosleep(&moment, NULL);
}

static bool is_full(const struct how *how)
{
    return how->error == ENOSPC || how->error == EDQUOT;
}

/* What the file has already has its place. */
static bool has_place(int fd, const struct how *how, size_t len, off64_t at)
{
    struct stat64 st;
    return is_full(how) && at >= 0 && fstat64(fd, &st) == 0 &&
           at + (off64_t)len <= st.st_size;
}

static bool by_chance(int pct)
{
    return pct >= 100 || (int)(arc4random() % 100) < pct;
}

/* How many of len bytes may still be written: all, some, or -1 after setting errno. */
static ssize_t allow(int fd, size_t len, off64_t at)
{
    hang_while_told(fd);
    struct how how = read_how();
    ssize_t allowed = (ssize_t)len;
    if (how.error == 0 || !is_below_fd(fd, how.error) || how.sync_only ||
        has_place(fd, &how, len, at) || !by_chance(how.chance_pct))
        return allowed;
    pthread_mutex_lock(&mutex);
    bool is_new = how.since.tv_sec != counted_for.tv_sec ||
                  how.since.tv_nsec != counted_for.tv_nsec;
    if (is_new) {
        counted_for = how.since;
        written = 0;
    }
    long long left = how.after - written;
    if (left < allowed)
        allowed = left > 0 ? (ssize_t)left : -1;
    written += allowed > 0 ? allowed : 0;
    pthread_mutex_unlock(&mutex);
    if (allowed < (ssize_t)len)
        count_hit();
    if (allowed < 0)
        errno = how.error;
    return allowed;
}

/* Whether a call that writes nothing by itself fails too; errno is set then. */
static bool refuse(bool is_sync)
{
    struct how how = read_how();
    bool waits_for_bytes = how.after >= 0;
    if (how.error == 0 || waits_for_bytes || (how.sync_only && !is_sync) ||
        !by_chance(how.chance_pct))
        return false;
    count_hit();
    errno = how.error;
    return true;
}

/* ---- the calls ---- */

ssize_t write(int fd, const void *data, size_t len)
{
    REAL(ssize_t, write, int, const void *, size_t);
    ssize_t n = allow(fd, len, -1);
    return n < 0 ? n : real_write(fd, data, (size_t)n);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    ssize_t n = allow(fd, len, at);
    return n < 0 ? n : real_pwrite64(fd, data, (size_t)n, at);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    return pwrite64(fd, data, len, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n_parts, off64_t at)
{
    ssize_t done = 0;
    for (int i = 0; i < n_parts; i++) {
        ssize_t n = pwrite64(fd, parts[i].iov_base, parts[i].iov_len, at + done);
        if (n < 0)
            return done > 0 ? done : n;
        done += n;
        if ((size_t)n < parts[i].iov_len)
            break;
    }
    return done;
}

ssize_t pwritev(int fd, const struct iovec *parts, int n_parts, off_t at)
{
    return pwritev64(fd, parts, n_parts, at);
}

/* A full disk syncs what it has. */
static bool refuse_sync(int fd)
{
    hang_while_told(fd);
    struct how how = read_how();
    return !is_full(&how) && is_below_fd(fd, how.error) && refuse(true);
}

int fsync(int fd)
{
    REAL(int, fsync, int);
    return refuse_sync(fd) ? -1 : real_fsync(fd);
}

int fdatasync(int fd)
{
    REAL(int, fdatasync, int);
    return refuse_sync(fd) ? -1 : real_fdatasync(fd);
}

int ftruncate64(int fd, off64_t len)
{
    REAL(int, ftruncate64, int, off64_t);
    return is_below_fd(fd, 0) && refuse(false) ? -1 : real_ftruncate64(fd, len);
}

int ftruncate(int fd, off_t len)
{
    return ftruncate64(fd, len);
}

/* A file that is there can be opened to write on a full disk, not on a read-only one.
 */
static bool refuse_open(const char *path, int flags)
{
    bool wants_write = (flags & O_ACCMODE) != O_RDONLY;
    bool creates = (flags & O_CREAT) && access(path, F_OK) < 0;
    bool is_read_only = read_how().error == EROFS;
    return (creates || (wants_write && is_read_only)) && refuse(false);
}

static int open_unless_refused(const char *path, int flags, int mode)
{
    REAL(int, open64, const char *, int, ...);
    if (is_below(path) && refuse_open(path, flags))
        return -1;
    return real_open64(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return open_unless_refused(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    int mode = flags & O_CREAT ? va_arg(args, int) : 0;
    va_end(args);
    return open_unless_refused(path, flags, mode);
}

int rename(const char *from, const char *to)
{
    REAL(int, rename, const char *, const char *);
    return is_below(to) && refuse(false) ? -1 : real_rename(from, to);
}

/* What is told of it; the two structures have these in common. */
#define SPOIL(path, ret)                                                               \
    do {                                                                               \
        struct how how = is_below(path) ? read_how() : (struct how){0};                \
        if (is_full(&how) && how.after < 0)                                            \
            (ret)->f_bavail = 0;                                                       \
        if (how.error == EROFS)                                                        \
            (ret)->f_flag |= ST_RDONLY;                                                \
    } while (0)

int statvfs(const char *path, struct statvfs *ret)
{
    REAL(int, statvfs, const char *, struct statvfs *);
    int r = real_statvfs(path, ret);
    if (r == 0)
        SPOIL(path, ret);
    return r;
}

int statvfs64(const char *path, struct statvfs64 *ret)
{
    REAL(int, statvfs64, const char *, struct statvfs64 *);
    int r = real_statvfs64(path, ret);
    if (r == 0)
        SPOIL(path, ret);
    return r;
}
