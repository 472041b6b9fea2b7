/* lock.c -- the lock file: its lock, its note and its beat. What is worth noting is the
 * daemon's business, and what to make of it is the command's. */
#include "stepward/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stepward/config.h"
#include "stepward/host.h"
#include "util/file.h"
#include "util/fingerprint.h"

enum {
    NOTE_BYTES = 512,   /* the file always has so many: a sector holds it */
    LOOKERS_TRIES = 10, /* of LOOKERS_WAIT_MS */
    LOOKERS_WAIT_MS = 50,
};
_Static_assert(NOTE_BYTES > SW_WHY_MAX + 260, "the longest note fits");

static int lock_path_of(const char *data_dir, char out[static SW_PATH_BYTES_MAX])
{
    int n = snprintf(out, SW_PATH_BYTES_MAX, "%s/gateway.lock", data_dir);
    return n < 0 || n >= SW_PATH_BYTES_MAX ? -ENAMETOOLONG : 0;
}

/* ---- the note ---- */

int sw_lock_write(int fd, const struct sw_lock_note *note)
{
    char text[NOTE_BYTES];
    const struct sw_lock_state *state = &note->state;
    int n = snprintf(text, sizeof text,
                     "pid %" PRId64 "\ncommits %" PRId64 " %" PRId64
                     "\nsuspect %d\nstate %d %d %d %d %d %d %" PRId64
                     "\nconfig %" PRIx64 " %" PRId64 "\nproblem %s\n",
                     note->pid, note->commits, note->committed_at_s, note->suspect,
                     state->is_known, state->is_starting, state->has_reported,
                     state->connected, state->clock_trusted, state->is_current,
                     state->since_s, note->config.path, note->config.changed_ns,
                     note->problem);
    memset(text + n, '\n', sizeof text - (size_t)n);
    ssize_t written = pwrite(fd, text, sizeof text, 0);
    if (written < 0)
        return -errno;
    return written == sizeof text ? 0 : -ENOSPC;
}

static void parse_state(const char *line, struct sw_lock_state *ret)
{
    int told, starting, reported, connected, trusted, current;
    int64_t since_s;
    if (sscanf(line, "%d %d %d %d %d %d %" SCNd64, &told, &starting, &reported,
               &connected, &trusted, &current, &since_s) == 7)
        *ret = (struct sw_lock_state){told != 0,      starting != 0, reported != 0,
                                      connected != 0, trusted != 0,  current != 0,
                                      since_s};
}

static void parse_line(const char *line, struct sw_lock_note *ret)
{
    int suspect;
    if (sscanf(line, "suspect %d", &suspect) == 1)
        ret->suspect = suspect != 0;
    else if (sscanf(line, "config %" SCNx64 " %" SCNd64, &ret->config.path,
                    &ret->config.changed_ns) == 2)
        return;
    else if (strncmp(line, "state ", 6) == 0)
        parse_state(line + 6, &ret->state);
    else if (strncmp(line, "problem ", 8) == 0)
        snprintf(ret->problem, sizeof ret->problem, "%s", line + 8);
    else if (sscanf(line, "pid %" SCNd64, &ret->pid) != 1)
        sscanf(line, "commits %" SCNd64 " %" SCNd64, &ret->commits,
               &ret->committed_at_s);
}

/* A file that is empty or says something else holds no note. */
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

struct sw_lock_config sw_lock_config(const char *path)
{
    struct stat st;
    if (!path || stat(path, &st) < 0)
        return (struct sw_lock_config){0};
    return (struct sw_lock_config){
        .path = sw_fingerprint(path, strlen(path), "", 0),
        .changed_ns = st.st_mtim.tv_sec * INT64_C(1000000000) + st.st_mtim.tv_nsec};
}

/* ---- the beat ---- */

/* The lock belongs to the open file, not to the process: it lives as long as the
 * descriptor. */
static struct flock lock_place_of(off_t from, off_t len)
{
    return (struct flock){
        .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_start = from, .l_len = len};
}

void sw_lock_beat(int fd, int64_t monotonic_ms)
{
    off_t second = (off_t)(monotonic_ms / 1000);
    struct flock now = lock_place_of(second, 1), before = lock_place_of(0, second);
    before.l_type = F_UNLCK;
    if (fcntl(fd, F_OFD_SETLK, &now) == 0 && second > 0)
        fcntl(fd, F_OFD_SETLK, &before);
}

/* ---- the lock ---- */

/* To a service systemd shows a disk that it may not write to as read-only. */
static int lock_format_error(char why[static SW_WHY_MAX], int r, const char *data_dir,
                             const char *what)
{
    bool is_service = getenv("INVOCATION_ID") && strcmp(data_dir, SW_SERVICE_DATA_DIR);
    if (is_service && (r == -ENOENT || r == -EROFS)) {
        snprintf(why, SW_WHY_MAX,
                 "data_dir: the service cannot write to %.90s: `sudo scripts/install` "
                 "makes the folder, and lets it",
                 data_dir);
        return r;
    }
    snprintf(why, SW_WHY_MAX, "%.90s/gateway.lock: %s%s%s", data_dir, what,
             *what ? "" : strerror(-r),
             *what ? "" : ": data_dir must exist and be ours to write");
    return r;
}

/* Those who only look hold the lock too, for a moment. */
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
    int r = lock_path_of(data_dir, path);
    int fd = r < 0 ? r : open(path, O_RDWR | O_CREAT | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (r == 0 && fd < 0 && errno == EROFS)
        fd = open(path, O_RDONLY | O_CLOEXEC);
    if (r == 0 && fd < 0)
        fd = -errno;
    if (fd < 0)
        return lock_format_error(why, fd, data_dir,
                                 fd == -EROFS ? "the disk is read-only" : "");
    if (!lock(fd)) {
        close(fd);
        return lock_format_error(
            why, -EBUSY, data_dir,
            "another stepward-gateway is running on this data_dir");
    }
    r = read_note(fd, ret_last);
    if (r < 0) {
        close(fd);
        return lock_format_error(why, r, data_dir, "");
    }
    *ret_fd = fd;
    return 0;
}

int sw_lock_read(const char *data_dir, struct sw_lock_note *ret, bool *ret_running)
{
    char path[SW_PATH_BYTES_MAX];
    *ret = (struct sw_lock_note){0};
    *ret_running = false;
    int r = lock_path_of(data_dir, path);
    if (r < 0)
        return r;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : -errno;
    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        r = errno == EWOULDBLOCK ? 0 : -errno, *ret_running = r == 0;
    if (r == 0)
        r = read_note(fd, ret);
    struct stat st;
    /* We ask as if we were to write there, which is in nobody's way. */
    struct flock beat = lock_place_of(0, 0);
    beat.l_type = F_WRLCK;
    if (r == 0 && *ret_running && fcntl(fd, F_OFD_GETLK, &beat) == 0 &&
        beat.l_type != F_UNLCK)
        ret->beat_ms = (int64_t)beat.l_start * 1000;
    if (r == 0 && fstat(fd, &st) == 0)
        ret->written_at_s = st.st_mtim.tv_sec;
    close(fd);
    return r;
}
