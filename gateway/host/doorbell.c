/* doorbell.c -- inotify on the database, its log, and what takes their names.
 * What to do when it rings is the caller's business. */
#include "stepward/doorbell.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum {
    IS_WRITTEN = IN_MODIFY,
    IS_OTHER = IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF, /* a name less: see hang() */
    /* Of the folder no more: the inbox is in it, and is written for each message. */
    IS_NEW = IN_CREATE | IN_MOVED_TO,
    EVENTS_BYTES = 4096,
};
static const char log_suffix[] = "-wal";

/* ---- hanging ---- */

static int watch(const struct sw_doorbell *bell, const char *path, uint32_t mask)
{
    int wd = inotify_add_watch(bell->fd, path, mask);
    return wd < 0 ? -errno : wd;
}

/* Of the file that has the name now, and no longer of the one that had it before. */
static int hang(struct sw_doorbell *bell, const char *path, int *wd)
{
    int new_wd = watch(bell, path, IS_WRITTEN | IN_CLOSE_WRITE | IS_OTHER);
    if (new_wd < 0 && new_wd != -ENOENT)
        return new_wd;
    if (*wd >= 0 && *wd != new_wd)
        inotify_rm_watch(bell->fd, *wd); /* it may be gone by itself */
    *wd = new_wd < 0 ? -1 : new_wd;
    return 0;
}

static int hang_both(struct sw_doorbell *bell)
{
    char log[SW_DOORBELL_PATH_MAX + sizeof log_suffix];
    snprintf(log, sizeof log, "%s%s", bell->path, log_suffix);
    int r = hang(bell, bell->path, &bell->database);
    return r < 0 ? r : hang(bell, log, &bell->log);
}

/* First, so that nothing takes a name unseen. */
static int watch_folder(struct sw_doorbell *bell)
{
    char folder[SW_DOORBELL_PATH_MAX];
    strcpy(folder, bell->path);
    *strrchr(folder, '/') = '\0'; /* a resolved path has one */
    bell->folder = watch(bell, folder[0] ? folder : "/", IS_NEW | IN_ONLYDIR);
    return bell->folder < 0 ? bell->folder : 0;
}

int sw_doorbell_init(struct sw_doorbell *bell, const char *path)
{
    char *resolved = realpath(path, NULL);
    if (!resolved)
        return -errno;
    *bell = (struct sw_doorbell){.fd = -1, .database = -1, .log = -1};
    int n = snprintf(bell->path, sizeof bell->path, "%s", resolved);
    free(resolved);
    if (n >= SW_DOORBELL_PATH_MAX)
        return -ENAMETOOLONG;
    bell->fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (bell->fd < 0)
        return -errno;
    int r = watch_folder(bell);
    if (r == 0)
        r = hang_both(bell);
    if (r < 0)
        sw_doorbell_fini(bell);
    return r;
}

void sw_doorbell_fini(struct sw_doorbell *bell)
{
    if (bell->fd >= 0)
        close(bell->fd);
    bell->fd = -1;
}

/* ---- answering ---- */

static bool is_ours(const struct sw_doorbell *bell, const char *name)
{
    const char *own = strrchr(bell->path, '/') + 1;
    size_t len = strlen(own);
    return strncmp(name, own, len) == 0 &&
           (name[len] == '\0' || strcmp(name + len, log_suffix) == 0);
}

/* What a single event says; *ret_moved: a name may stand for another file now. */
static int rings_of(const struct sw_doorbell *bell, const struct inotify_event *event,
                    bool *ret_moved)
{
    bool is_file = event->wd == bell->database || event->wd == bell->log;
    bool is_new =
        event->wd == bell->folder && event->len > 0 && is_ours(bell, event->name);
    bool is_lost = event->mask & IN_Q_OVERFLOW;
    bool is_other = is_file && (event->mask & (IS_OTHER | IN_IGNORED));
    if (is_new || is_lost || is_other)
        *ret_moved = true;
    if (is_new || is_lost || is_other || (is_file && (event->mask & IS_WRITTEN)))
        return SW_RING_WRITTEN;
    return is_file && (event->mask & IN_CLOSE_WRITE) ? SW_RING_CLOSED : 0;
}

static int rings_in(const struct sw_doorbell *bell, const char *events, size_t n,
                    bool *ret_moved)
{
    const struct inotify_event *event; /* the kernel aligns them */
    int rings = 0;
    for (size_t at = 0; at < n; at += sizeof *event + event->len) {
        event = (const struct inotify_event *)(events + at);
        rings |= rings_of(bell, event, ret_moved);
    }
    return rings;
}

/* Everything that is there; then what came of taking down what hung at another file. */
int sw_doorbell_answer(struct sw_doorbell *bell)
{
    _Alignas(struct inotify_event) char events[EVENTS_BYTES];
    bool moved = true;
    int rings = 0, r = 0;
    while (moved && r == 0) {
        ssize_t n;
        moved = false;
        while ((n = read(bell->fd, events, sizeof events)) > 0)
            rings |= rings_in(bell, events, (size_t)n, &moved);
        if (moved)
            r = hang_both(bell);
    }
    return r < 0 ? r : rings;
}
