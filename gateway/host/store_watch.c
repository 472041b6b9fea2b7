/* store_watch.c -- inotify on the time of the database, and a slow poll beside it.
 * What the caller then looks at is its own business. */
#include "stepward/store_watch.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

int sw_store_watch_init(struct sw_store_watch *watch, const char *path)
{
    int r = 0;
    *watch = (struct sw_store_watch){.fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
    if (watch->fd < 0 || inotify_add_watch(watch->fd, path, IN_ATTRIB) < 0) {
        r = -errno;
        sw_store_watch_fini(watch);
    }
    return r;
}

void sw_store_watch_fini(struct sw_store_watch *watch)
{
    if (watch->fd >= 0)
        close(watch->fd);
    watch->fd = -1;
}

int sw_store_watch_fd(const struct sw_store_watch *watch)
{
    return watch->is_pausing ? -1 : watch->fd;
}

bool sw_store_watch_is_due(struct sw_store_watch *watch, int64_t now_ms)
{
    char events[4096];
    bool was_touched = false;
    if (watch->is_pausing && now_ms < watch->next_ms)
        return false;
    while (watch->fd >= 0 && read(watch->fd, events, sizeof events) > 0)
        was_touched = true;
    if (!was_touched && now_ms < watch->next_ms)
        return false;
    watch->is_pausing = was_touched;
    watch->next_ms = now_ms + (was_touched      ? SW_STORE_WATCH_PAUSE_MS
                               : watch->fd >= 0 ? SW_STORE_WATCH_POLL_MS
                                                : SW_STORE_WATCH_BLIND_MS);
    return true;
}

void sw_store_watch_touch(const char *path)
{
    utimensat(AT_FDCWD, path, NULL, 0); /* if it cannot, the slow poll finds out */
}
