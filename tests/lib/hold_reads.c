/* hold_reads.c -- a reader that is kept waiting: LD_PRELOAD this, and while there is a
 * file $HOLD_READS, a thread other than the program's first reads nothing from files.
 */
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static void wait_for_leave(void)
{
    const struct timespec moment = {0, 20 * 1000000};
    const char *path = getenv("HOLD_READS");
    while (path && gettid() != getpid() && access(path, F_OK) == 0)
        nanosleep(&moment, NULL);
}

ssize_t pread64(int fd, void *data, size_t len, off64_t at)
{
    ssize_t (*next)(int, void *, size_t, off64_t);
    *(void **)&next = dlsym(RTLD_NEXT, "pread64");
    wait_for_leave();
    return next(fd, data, len, at);
}

ssize_t pread(int fd, void *data, size_t len, off_t at)
{
    return pread64(fd, data, len, at);
}
