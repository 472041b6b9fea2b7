/* count_writes.c -- LD_PRELOAD this, and what a program hands to the kernel for regular
 * files is counted: "BYTES SYNCS" is in $COUNT_WRITES when it ends. What SQLite writes
 * through its memory map (the -shm) is not seen: it is no write to the disk.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long long bytes, syncs;

static ssize_t counted(int fd, ssize_t n)
{
    struct stat st;
    if (n > 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        __atomic_add_fetch(&bytes, n, __ATOMIC_RELAXED);
    return n;
}

ssize_t write(int fd, const void *data, size_t n)
{
    return counted(fd, syscall(SYS_write, fd, data, n));
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at)
{
    return counted(fd, syscall(SYS_pwrite64, fd, data, n, at));
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at)
{
    return counted(fd, syscall(SYS_pwrite64, fd, data, n, at));
}

ssize_t writev(int fd, const struct iovec *parts, int n)
{
    return counted(fd, syscall(SYS_writev, fd, parts, n));
}

ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
    return counted(fd, syscall(SYS_pwritev, fd, parts, n, at, 0));
}

ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
    return counted(fd, syscall(SYS_pwritev, fd, parts, n, at, 0));
}

int fsync(int fd)
{
    __atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    __atomic_add_fetch(&syncs, 1, __ATOMIC_RELAXED);
    return (int)syscall(SYS_fdatasync, fd);
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("COUNT_WRITES");
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out)
        return;
    fprintf(out, "%lld %lld\n", bytes, syncs);
    fclose(out);
}
