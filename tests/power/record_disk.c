/* record_disk.c -- loaded by LD_PRELOAD: writes down, in order, all that a program does
 * to the files below $RECORD_DIR and says to its broker, into $RECORD_DISK. The format,
 * and why a kill leaves it whole, is in disk_journal.h; what could become of the files
 * is the power-cut test's business.
 *
 * It stands in front of the C library's calls that the gateway, SQLite and Paho use.
 * What SQLite writes through its memory map (the -shm) is not seen: it need not
 * survive.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record_journal.h"

enum { FDS_MAX = 1024 }; /* the usual limit of a process; no more are looked at */

enum fd_kind { FD_OTHER, FD_FILE, FD_FOLDER, FD_SOCKET };

static atomic_uchar fd_kinds[FDS_MAX];

static enum fd_kind kind_of(int fd)
{
    bool is_known = recorder_is_on() && fd >= 0 && fd < FDS_MAX;
    return is_known ? (enum fd_kind)atomic_load(&fd_kinds[fd]) : FD_OTHER;
}

static void set_kind(int fd, enum fd_kind kind)
{
    if (fd >= 0 && fd < FDS_MAX)
        atomic_store(&fd_kinds[fd], (unsigned char)kind);
}

static ssize_t next_writev(int fd, const struct iovec *parts, int n)
{
    REAL(writev);
    return real_writev(fd, parts, n);
}

static int next_open(const char *path, int flags, mode_t mode)
{
    REAL(open64);
    return real_open64(path, flags, mode);
}

static int next_fsync(int fd)
{
    REAL(fsync);
    return real_fsync(fd);
}

static struct journal_head file_head(enum journal_kind kind, int fd, int64_t number)
{
    struct journal_head head = recorder_head(kind, fd);
    struct stat64 st;
    head.file = fstat64(fd, &st) == 0 ? st.st_ino : 0;
    head.number = number;
    return head;
}

/* n bytes of the parts went to the file, the first one to offset. */
static void put_written(int fd, const struct iovec *parts, int n_parts, ssize_t n,
                        int64_t offset)
{
    if (n > 0)
        recorder_put(file_head(JOURNAL_WRITE, fd, offset), "", parts, n_parts,
                     (size_t)n);
}

static void put_said(enum journal_kind kind, int fd, const struct iovec *parts,
                     int n_parts, ssize_t n)
{
    if (n > 0)
        recorder_put(recorder_head(kind, fd), "", parts, n_parts, (size_t)n);
}

/* ---- files ---- */

static int open_recorded(const char *path, int flags, mode_t mode)
{
    const char *name = recorder_inside(path);
    struct stat64 st;
    if (!name)
        return next_open(path, flags, mode);
    recorder_lock();
    int fd = next_open(path, flags, mode);
    bool is_looked_at = fd >= 0 && fstat64(fd, &st) == 0;
    bool is_folder = is_looked_at && S_ISDIR(st.st_mode);
    bool is_file = is_looked_at && S_ISREG(st.st_mode);
    if (is_file && (flags & (O_CREAT | O_TRUNC)))
        recorder_put(file_head(JOURNAL_OPEN, fd, (flags & O_TRUNC) != 0), name, NULL, 0,
                     0);
    set_kind(fd, is_file ? FD_FILE : is_folder ? FD_FOLDER : FD_OTHER);
    recorder_unlock();
    return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
    return flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
}

int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_recorded(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_recorded(path, flags, mode);
}

/* What _FORTIFY_SOURCE makes of an open without a mode. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);

int __open_2(const char *path, int flags)
{
    return open_recorded(path, flags, 0);
}

int __open64_2(const char *path, int flags)
{
    return open_recorded(path, flags, 0);
}

int close(int fd)
{
    REAL(close);
    set_kind(fd, FD_OTHER);
    return real_close(fd);
}

static ssize_t pwritev_recorded(int fd, const struct iovec *parts, int n, int64_t at)
{
    REAL(pwritev64);
    if (kind_of(fd) != FD_FILE)
        return real_pwritev64(fd, parts, n, at);
    recorder_lock();
    ssize_t written = real_pwritev64(fd, parts, n, at);
    put_written(fd, parts, n, written, at);
    recorder_unlock();
    return written;
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
    return pwritev_recorded(fd, parts, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
    return pwritev_recorded(fd, parts, n, at);
}

static ssize_t pwrite_recorded(int fd, const void *data, size_t len, int64_t at)
{
    struct iovec part = {(void *)(uintptr_t)data, len};
    return pwritev_recorded(fd, &part, 1, at);
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
    return pwrite_recorded(fd, data, len, at);
}

ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
    return pwrite_recorded(fd, data, len, at);
}

/* To a file at its offset, or to the broker. */
ssize_t writev(int fd, const struct iovec *parts, int n)
{
    enum fd_kind kind = kind_of(fd);
    if (kind != FD_FILE && kind != FD_SOCKET)
        return next_writev(fd, parts, n);
    recorder_lock();
    ssize_t written = next_writev(fd, parts, n);
    if (kind == FD_SOCKET)
        put_said(JOURNAL_SENT, fd, parts, n, written);
    else
        put_written(fd, parts, n, written, lseek64(fd, 0, SEEK_CUR) - written);
    recorder_unlock();
    return written;
}

ssize_t write(int fd, const void *data, size_t len)
{
    REAL(write);
    struct iovec part = {(void *)(uintptr_t)data, len};
    bool is_recorded = kind_of(fd) == FD_FILE || kind_of(fd) == FD_SOCKET;
    return is_recorded ? writev(fd, &part, 1) : real_write(fd, data, len);
}

static int truncate_recorded(int fd, int64_t len)
{
    REAL(ftruncate64);
    if (kind_of(fd) != FD_FILE)
        return real_ftruncate64(fd, len);
    recorder_lock();
    int r = real_ftruncate64(fd, len);
    if (r == 0)
        recorder_put(file_head(JOURNAL_TRUNCATE, fd, len), "", NULL, 0, 0);
    recorder_unlock();
    return r;
}

int ftruncate(int fd, off_t len)
{
    return truncate_recorded(fd, len);
}

int ftruncate64(int fd, off64_t len)
{
    return truncate_recorded(fd, len);
}

static void put_synced(int fd)
{
    char link[64], path[PATH_MAX] = "";
    if (kind_of(fd) == FD_FILE) {
        recorder_put(file_head(JOURNAL_SYNC, fd, 0), "", NULL, 0, 0);
        return;
    }
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof path - 1) > 0 && recorder_inside(path))
        recorder_put_names(JOURNAL_SYNC_FOLDER, recorder_inside(path), "");
}

static int sync_recorded(int fd)
{
    bool is_looked_at = kind_of(fd) == FD_FILE || kind_of(fd) == FD_FOLDER;
    if (!is_looked_at)
        return next_fsync(fd);
    recorder_lock();
    int r = next_fsync(fd);
    if (r == 0)
        put_synced(fd);
    recorder_unlock();
    return r;
}

int fsync(int fd)
{
    return sync_recorded(fd);
}

int fdatasync(int fd)
{
    return sync_recorded(fd);
}

/* ---- names ---- */

static int rename_recorded(const char *from, const char *to, unsigned flags)
{
    REAL(renameat2);
    bool is_recorded = recorder_inside(from) && recorder_inside(to);
    if (!is_recorded)
        return real_renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
    recorder_lock();
    int r = real_renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
    if (r == 0)
        recorder_put_names(JOURNAL_RENAME, recorder_inside(from), recorder_inside(to));
    recorder_unlock();
    return r;
}

int rename(const char *from, const char *to)
{
    return rename_recorded(from, to, 0);
}

int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    (void)from_fd; /* the gateway's paths are absolute */
    (void)to_fd;
    return rename_recorded(from, to, flags);
}

int unlink(const char *path)
{
    REAL(unlink);
    if (!recorder_inside(path))
        return real_unlink(path);
    recorder_lock();
    int r = real_unlink(path);
    if (r == 0)
        recorder_put_names(JOURNAL_UNLINK, recorder_inside(path), "");
    recorder_unlock();
    return r;
}

int mkdir(const char *path, mode_t mode)
{
    REAL(mkdir);
    if (!recorder_inside(path))
        return real_mkdir(path, mode);
    recorder_lock();
    int r = real_mkdir(path, mode);
    if (r == 0)
        recorder_put_names(JOURNAL_MKDIR, recorder_inside(path), "");
    recorder_unlock();
    return r;
}

/* ---- the broker ---- */

int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t len)
{
    REAL(connect);
    sa_family_t family = address.__sockaddr__->sa_family;
    if (recorder_is_on() && (family == AF_INET || family == AF_INET6)) {
        recorder_lock();
        set_kind(fd, FD_SOCKET);
        recorder_put(recorder_head(JOURNAL_CONNECT, fd), "", NULL, 0, 0);
        recorder_unlock();
    }
    return real_connect(fd, address, len);
}

ssize_t send(int fd, const void *data, size_t len, int flags)
{
    REAL(send);
    if (kind_of(fd) != FD_SOCKET)
        return real_send(fd, data, len, flags);
    struct iovec part = {(void *)(uintptr_t)data, len};
    recorder_lock();
    ssize_t n = real_send(fd, data, len, flags);
    put_said(JOURNAL_SENT, fd, &part, 1, n);
    recorder_unlock();
    return n;
}

/* Not under the lock while it waits: only its entry is. */
ssize_t recv(int fd, void *data, size_t len, int flags)
{
    REAL(recv);
    ssize_t n = real_recv(fd, data, len, flags);
    if (n <= 0 || kind_of(fd) != FD_SOCKET)
        return n;
    struct iovec part = {data, len};
    recorder_lock();
    put_said(JOURNAL_RECEIVED, fd, &part, 1, n);
    recorder_unlock();
    return n;
}
