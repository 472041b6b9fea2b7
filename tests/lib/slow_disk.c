/* slow_disk.c -- a disk that takes its time: LD_PRELOAD this, and every sync of a file
 * takes $SLOW_DISK_MS longer, as an SD card's does while it moves its blocks about. */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void take_time(void)
{
    const char *text = getenv("SLOW_DISK_MS");
    long ms = text ? strtol(text, NULL, 10) : 0;
    struct timespec delay = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&delay, NULL);
}

int fsync(int fd)
{
    take_time();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    take_time();
    return (int)syscall(SYS_fdatasync, fd);
}
