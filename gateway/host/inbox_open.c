/* inbox_open.c -- open an inbox, and make sense of what the last run left in it.
 * Appending, reading and trimming are inbox.c's business. */
#include "host/inbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"
#include "util/fingerprint.h"

enum { ASIDE_LEN = 4096 + 32 }; /* a path and ".damaged-N" */

static int format_error(char why[static SW_WHY_MAX], const struct sw_inbox *inbox,
                        int r, const char *what)
{
    snprintf(why, SW_WHY_MAX, "inbox %.90s: %s: %s", inbox->path, what, strerror(-r));
    return r;
}

static int init_sync(struct sw_inbox *inbox)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&inbox->mutex, NULL); /* neither of these fails on Linux */
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->space, &attr);
    pthread_condattr_destroy(&attr);
    inbox->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return inbox->event_fd < 0 ? -errno : 0;
}

static int init_memory(struct sw_inbox *inbox, const char *path)
{
    inbox->path = strdup(path);
    inbox->reader.buffer = malloc(INBOX_BUFFER_LEN);
    if (!inbox->path || !inbox->reader.buffer)
        return -ENOMEM;
    if (asprintf(&inbox->new_path, "%s.new", path) < 0) {
        inbox->new_path = NULL;
        return -ENOMEM;
    }
    return 0;
}

/* Between our open and our lock another gateway may have replaced the file. */
static bool is_named(const struct sw_inbox *inbox, const struct stat *opened)
{
    struct stat st;
    return stat(inbox->path, &st) == 0 && st.st_ino == opened->st_ino &&
           st.st_dev == opened->st_dev;
}

static int open_file(struct sw_inbox *inbox, char why[static SW_WHY_MAX])
{
    struct stat st;
    inbox->fd =
        open(inbox->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, SW_DATA_FILE_MODE);
    if (inbox->fd < 0)
        return format_error(why, inbox, -errno, "cannot open");
    if (fstat(inbox->fd, &st) < 0)
        return format_error(why, inbox, -errno, "cannot open");
    if (!S_ISREG(st.st_mode))
        return format_error(why, inbox, -EINVAL, "not a regular file");
    if (flock(inbox->fd, LOCK_EX | LOCK_NB) < 0)
        return format_error(why, inbox, -EBUSY, "in use by another gateway");
    if (!is_named(inbox, &st))
        return format_error(why, inbox, -EBUSY, "in use by another gateway");
    if (unlink(inbox->new_path) < 0 && errno != ENOENT)
        return format_error(why, inbox, -errno, "cannot remove an unfinished PATH.new");
    inbox->end = st.st_size;
    return 0;
}

/* A new file begins with the magic, and one whose magic is torn gets it again. */
static int begin_file(struct sw_inbox *inbox, char why[static SW_WHY_MAX])
{
    int r = sw_file_write_all(inbox->fd, inbox_magic, INBOX_MAGIC_LEN, 0);
    if (r < 0)
        return format_error(why, inbox, r, "cannot write");
    inbox->end = FIRST_RECORD;
    return 0;
}

/* 1: the file begins as it should; 0: it does not; -EPROTO: in another version's way.
 */
static int check_magic(const struct sw_inbox *inbox)
{
    char magic[INBOX_MAGIC_LEN] = "";
    if (pread(inbox->fd, magic, sizeof(magic), 0) < 0)
        return -errno;
    if (memcmp(magic, inbox_magic, sizeof(magic)) == 0)
        return 1;
    bool is_other_version = memcmp(magic, inbox_magic, sizeof(magic) - 1) == 0;
    return is_other_version ? -EPROTO : 0;
}

static uint64_t fingerprint_of(const struct sw_inbox_record *record)
{
    return sw_fingerprint(record->topic, record->topic_len, record->payload,
                          record->payload_len);
}

bool sw_inbox_was_left(const struct sw_inbox *inbox,
                       const struct sw_inbox_record *record)
{
    uint64_t wanted = inbox->n_left > 0 ? fingerprint_of(record) : 0;
    for (size_t i = 0; i < inbox->n_left && i < LEFT_MAX; i++)
        if (inbox->left[i] == wanted)
            return true;
    return false;
}

/* Count the sound records. Returns 0 at the end of the file, else why the next one is
 * none: -ENODATA torn, -EBADMSG damaged; *ret_from is where it stands. */
static int scan(struct sw_inbox *inbox, int64_t *ret_from)
{
    struct sw_inbox_record record;
    int r = check_magic(inbox);
    if (r <= 0) {
        *ret_from = 0;
        return r < 0 ? r : -EBADMSG;
    }
    inbox_reader_seek(&inbox->reader, inbox->fd, FIRST_RECORD);
    while ((r = inbox_reader_next(&inbox->reader, inbox->end, &record)) == 1) {
        inbox->n_appended++;
        inbox->left[inbox->n_left++ % LEFT_MAX] = fingerprint_of(&record);
    }
    *ret_from = inbox->reader.offset;
    return r;
}

static int set_aside(struct sw_inbox *inbox, int64_t from, bool is_torn,
                     char why[static SW_WHY_MAX])
{
    char name[ASIDE_LEN];
    int r = inbox_set_aside(inbox->fd, inbox->path, from, name, sizeof(name));
    if (r < 0)
        return format_error(why, inbox, r,
                            "damaged, and the damage cannot be set aside");
    const char *slash = strrchr(name, '/');
    snprintf(why, SW_WHY_MAX,
             "inbox: %s after %lld sound record%s: %lld byte%s kept in %.80s",
             is_torn ? "a record was torn, as a crash does," : "damaged",
             (long long)inbox->n_appended, sw_plural(inbox->n_appended),
             (long long)(inbox->end - from), sw_plural(inbox->end - from),
             slash ? slash + 1 : name);
    inbox->end = from;
    return 0;
}

/* What stands before the damage is kept. */
static int recover(struct sw_inbox *inbox, char why[static SW_WHY_MAX])
{
    int64_t from = 0;
    int r = inbox->end > 0 ? scan(inbox, &from) : 0;
    bool is_torn = r == -ENODATA, is_damaged = r == -EBADMSG;
    if (r == -EPROTO)
        return format_error(why, inbox, r, "written by a newer version");
    if (r < 0 && !is_torn && !is_damaged)
        return format_error(why, inbox, r, "cannot read");
    if (r < 0) {
        r = set_aside(inbox, from, is_torn, why);
        if (r < 0)
            return r;
    }
    return inbox->end == 0 ? begin_file(inbox, why) : 0;
}

/* What an earlier run appended was acknowledged by it, and may be older than anyone was
 * promised to wait; and a name is on the disk before anything under it can be. */
static int keep(struct sw_inbox *inbox, char why[static SW_WHY_MAX])
{
    inbox->name_unsynced = true;
    int r = inbox_flush(inbox);
    inbox->n_synced = inbox->n_appended;
    return r < 0 ? format_error(why, inbox, r, "cannot sync") : 0;
}

int sw_inbox_open(struct sw_inbox **ret, const char *path, int64_t limit_bytes,
                  bool sync, char why[static SW_WHY_MAX])
{
    struct sw_inbox *inbox = calloc(1, sizeof(*inbox));
    int r;

    why[0] = '\0';
    if (!inbox) {
        snprintf(why, SW_WHY_MAX, "inbox: %s", strerror(ENOMEM));
        return -ENOMEM;
    }
    inbox->fd = -1;
    inbox->limit = limit_bytes;
    inbox->sync = sync;
    r = init_sync(inbox);
    if (r == 0)
        r = init_memory(inbox, path);
    if (r < 0) {
        snprintf(why, SW_WHY_MAX, "inbox: %s", strerror(-r));
        goto fail;
    }
    r = open_file(inbox, why);
    if (r == 0)
        r = recover(inbox, why);
    if (r == 0)
        r = keep(inbox, why);
    if (r < 0)
        goto fail;
    inbox_reader_seek(&inbox->reader, inbox->fd, FIRST_RECORD);
    inbox->visible_end = inbox->end;
    if (inbox->n_appended > 0)
        inbox_signal(inbox);
    *ret = inbox;
    return 0;
fail:
    sw_inbox_close(inbox);
    return r;
}

void sw_inbox_close(struct sw_inbox *inbox)
{
    if (!inbox)
        return;
    if (inbox->fd >= 0)
        close(inbox->fd);
    if (inbox->event_fd >= 0)
        close(inbox->event_fd);
    pthread_cond_destroy(&inbox->space);
    pthread_mutex_destroy(&inbox->mutex);
    free(inbox->reader.buffer);
    free(inbox->new_path);
    free(inbox->path);
    free(inbox);
}
