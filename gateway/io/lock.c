/* lock.c -- the lock file's lock and its text.
 * What is worth noting is the daemon's business, what to make of it the command's. */
#include "stepward/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/file.h"

enum {
    NOTE_BYTES = 512,   /* of the file, always: a sector holds it */
    LOOKERS_TRIES = 10, /* of LOOKERS_WAIT_MS */
    LOOKERS_WAIT_MS = 50,
};
_Static_assert(NOTE_BYTES > SW_WHY_MAX + 150, "the longest note fits");

static int path_of(const char *data_dir, char out[static SW_PATH_BYTES_MAX])
{
    int n = snprintf(out, SW_PATH_BYTES_MAX, "%s/gateway.lock", data_dir);
    return n < 0 || n >= SW_PATH_BYTES_MAX ? -ENAMETOOLONG : 0;
}

/* ---- the note ---- */

int sw_lock_write(int fd, const struct sw_lock_note *note)
{
    char text[NOTE_BYTES];
    int n = snprintf(
        text, sizeof text,
        "pid %" PRId64 "\ncommits %" PRId64 " %" PRId64 "\nsuspect %d\nproblem %s\n",
        note->pid, note->commits, note->committed_at_s, note->suspect, note->problem);
    memset(text + n, '\n', sizeof text - (size_t)n);
    ssize_t written = pwrite(fd, text, sizeof text, 0);
    if (written < 0)
        return -errno;
    return written == sizeof text ? 0 : -ENOSPC;
}

static void parse_line(const char *line, struct sw_lock_note *ret)
{
    int suspect;
    if (sscanf(line, "suspect %d", &suspect) == 1)
        ret->suspect = suspect != 0;
    else if (strncmp(line, "problem ", 8) == 0)
        snprintf(ret->problem, sizeof ret->problem, "%s", line + 8);
    else if (sscanf(line, "pid %" SCNd64, &ret->pid) != 1)
        sscanf(line, "commits %" SCNd64 " %" SCNd64, &ret->commits,
               &ret->committed_at_s);
}

/* A file that says nothing, or something else, is no note. */
static int read_note(int fd, struct sw_lock_note *ret)
{
    char text[NOTE_BYTES + 1], *rest = text;
    *ret = (struct sw_lock_note){0};
    ssize_t n = pread(fd, text, NOTE_BYTES, 0);
    if (n < 0)
        return -errno;
    text[n] = '\0';
    for (char *line; (line = strsep(&rest, "\n"));)
        parse_line(line, ret);
    return 0;
}

/* ---- the lock ---- */

static int say(char why[static SW_WHY_MAX], int r, const char *data_dir,
               const char *what)
{
    snprintf(why, SW_WHY_MAX, "%.90s/gateway.lock: %s%s%s", data_dir, what,
             *what ? "" : strerror(-r),
             *what ? "" : ": data_dir must exist and be ours to write");
    return r;
}

static int open_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EROFS)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Those who look hold it too, for a moment. */
static bool lock(int fd)
{
    for (int i = 0; i < LOOKERS_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return true;
        poll(NULL, 0, LOOKERS_WAIT_MS);
    }
    return false;
}

int sw_lock_take(const char *data_dir, int *ret_fd, struct sw_lock_note *ret_last,
                 char why[static SW_WHY_MAX])
{
    char path[SW_PATH_BYTES_MAX];
    why[0] = '\0';
    int r = path_of(data_dir, path);
    int fd = r < 0 ? r : open_file(path);
    if (fd < 0)
        return say(why, fd, data_dir, fd == -EROFS ? "the disk is read-only" : "");
    if (!lock(fd)) {
        close(fd);
        return say(why, -EBUSY, data_dir,
                   "another stepward-gateway is running on this data_dir");
    }
    r = read_note(fd, ret_last);
    if (r < 0) {
        close(fd);
        return say(why, r, data_dir, "");
    }
    *ret_fd = fd;
    return 0;
}

int sw_lock_look(const char *data_dir, struct sw_lock_note *ret, bool *ret_running)
{
    char path[SW_PATH_BYTES_MAX];
    *ret = (struct sw_lock_note){0};
    *ret_running = false;
    int r = path_of(data_dir, path);
    if (r < 0)
        return r;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        r = errno == EWOULDBLOCK ? 0 : -errno, *ret_running = r == 0;
    if (r == 0)
        r = read_note(fd, ret);
    close(fd);
    return r;
}
