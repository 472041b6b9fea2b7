/* inbox.c -- the append-only file between the broker's acknowledgement and the
 * database: what the last run left in it, who may append, who reads, when space comes
 * back.
 *
 * There is one file. The appender writes at its end under the mutex and moves `end`.
 * The reader follows, reading only below `end`, in chunks and without the mutex. Space
 * comes back in sw_inbox_trim():
 *   - If everything was read, the file is cut to its magic.
 *   - If not, as in a flood that never pauses, the rest is copied to PATH.new once a good
 *     part of the file is forgotten, and PATH.new replaces PATH. A kill before the rename
 *     leaves the old file, whose records are only read again.
 * If neither is quick enough, the file reaches its limit and the appender waits.
 *
 * What a record looks like is inbox_file.c's business. */
#include "stepward/inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "host/inbox_file.h"
#include "stepward/fault.h"
#include "stepward/host.h"
#include "util/file.h"
#include "util/fingerprint.h"

enum {
    FIRST_RECORD = INBOX_MAGIC_LEN,
    LEFT_MAX = 1024,       /* the last records; a broker has fewer under way to us */
    ASIDE_LEN = 4096 + 32, /* a path and ".damaged-N" */
    COMPACT_SHARE = 4,     /* compact when a quarter of the limit is forgotten */
    /* While the appender waits, and with it the broker, compact sooner; and after a
     * while for any room at all, because a backlog may be read more slowly than the
     * keep-alive allows. */
    COMPACT_SHARE_WAITED = 16,
    PATIENCE_MS = 5000,
};

struct sw_inbox {
    char *path, *new_path;
    int64_t limit;
    bool sync;
    int event_fd;
    uint64_t left[LEFT_MAX]; /* fingerprints of what was there at the opening */
    size_t n_left;

    /* These are the reader's. */
    struct inbox_reader reader;
    int64_t visible_end; /* `end`, when the reader last looked */
    int64_t n_read;
    int64_t n_synced; /* of n_appended: those on the disk, as sw_inbox_sync() knows */

    /* It guards all below. Only the reader's thread changes fd. */
    pthread_mutex_t mutex;
    pthread_cond_t space;
    int fd;
    int64_t end;            /* whole records up to here */
    int64_t wanted;         /* bytes of a record that found no room; 0: none waits */
    int64_t waits_since_ms; /* if one waits */
    bool name_unsynced;     /* a new file took the name, and the folder is not synced */
    int64_t n_forgotten;    /* of n_appended: those that were trimmed */
    int64_t n_appended;
    bool signalled; /* the eventfd is readable */
};

/* The eventfd becomes readable. Call it with the mutex held, or while opening. */
static void inbox_signal(struct sw_inbox *inbox)
{
    if (inbox->signalled)
        return;
    eventfd_write(inbox->event_fd, 1); /* cannot block: it is 0 or 1 */
    inbox->signalled = true;
}

/* The whole file, and its name, reach the disk. Call it as above, or as the reader, who
 * alone replaces the file. */
static int inbox_flush(struct sw_inbox *inbox)
{
    if (fdatasync(inbox->fd) < 0)
        return -errno;
    int r = inbox->name_unsynced ? sw_file_sync_folder(inbox->path) : 0;
    if (r == 0)
        inbox->name_unsynced = false;
    return r;
}

/* ---- opening, and what a crash left behind ---- */

static int inbox_error(char why[static SW_WHY_MAX], const struct sw_inbox *inbox, int r,
                       const char *what)
{
    snprintf(why, SW_WHY_MAX, "inbox %.90s: %s: %s", inbox->path, what, strerror(-r));
    return r;
}

static int inbox_init(struct sw_inbox *inbox, const char *path)
{
    pthread_condattr_t attr;
    pthread_mutex_init(&inbox->mutex, NULL); /* neither of these fails on Linux */
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&inbox->space, &attr);
    pthread_condattr_destroy(&attr);
    inbox->event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (inbox->event_fd < 0)
        return -errno;
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

static int inbox_open_file(struct sw_inbox *inbox, char why[static SW_WHY_MAX])
{
    struct stat st, named;
    inbox->fd =
        open(inbox->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, SW_DATA_FILE_MODE);
    if (inbox->fd < 0)
        return inbox_error(why, inbox, -errno, "cannot open");
    if (fstat(inbox->fd, &st) < 0)
        return inbox_error(why, inbox, -errno, "cannot open");
    if (!S_ISREG(st.st_mode))
        return inbox_error(why, inbox, -EINVAL, "not a regular file");
    if (flock(inbox->fd, LOCK_EX | LOCK_NB) < 0)
        return inbox_error(why, inbox, -EBUSY, "in use by another gateway");
    /* Between our open and our lock another gateway may have replaced the file. */
    if (stat(inbox->path, &named) < 0 || named.st_ino != st.st_ino ||
        named.st_dev != st.st_dev)
        return inbox_error(why, inbox, -EBUSY, "in use by another gateway");
    if (unlink(inbox->new_path) < 0 && errno != ENOENT)
        return inbox_error(why, inbox, -errno, "cannot remove an unfinished PATH.new");
    inbox->end = st.st_size;
    return 0;
}

/* 1: the file begins as it should; 0: it does not; -EPROTO: another version wrote
 * it. */
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

/* Count the sound records. Returns 0 if they reach the end of the file, else what is
 * wrong with the next one: -ENODATA torn, -EBADMSG damaged; *ret_from is where it
 * stands. */
static int inbox_scan(struct sw_inbox *inbox, int64_t *ret_from)
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

static int inbox_move_damage(struct sw_inbox *inbox, int64_t from, bool is_torn,
                             char why[static SW_WHY_MAX])
{
    char name[ASIDE_LEN];
    int r = inbox_set_aside(inbox->fd, inbox->path, from, name, sizeof(name));
    if (r < 0)
        return inbox_error(why, inbox, r,
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

/* What stands before any damage is kept. */
static int inbox_recover(struct sw_inbox *inbox, char why[static SW_WHY_MAX])
{
    int64_t from = 0;
    int r = inbox->end > 0 ? inbox_scan(inbox, &from) : 0;
    bool is_torn = r == -ENODATA, is_damaged = r == -EBADMSG;
    if (r == -EPROTO)
        return inbox_error(why, inbox, r, "written by a newer version");
    if (r < 0 && !is_torn && !is_damaged)
        return inbox_error(why, inbox, r, "cannot read");
    if (r < 0) {
        r = inbox_move_damage(inbox, from, is_torn, why);
        if (r < 0)
            return r;
    }
    if (inbox->end > 0)
        return 0;
    /* A new file begins with the magic, and one whose magic is torn gets it again. */
    r = sw_file_write_all(inbox->fd, inbox_magic, INBOX_MAGIC_LEN, 0);
    inbox->end = FIRST_RECORD;
    return r < 0 ? inbox_error(why, inbox, r, "cannot write") : 0;
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
    r = inbox_init(inbox, path);
    if (r < 0) {
        snprintf(why, SW_WHY_MAX, "inbox: %s", strerror(-r));
        goto fail;
    }
    r = inbox_open_file(inbox, why);
    if (r == 0)
        r = inbox_recover(inbox, why);
    if (r < 0)
        goto fail;
    /* The records of an earlier run were acknowledged, perhaps longer ago than a power
     * cut may cost, so they are synced now; and so is the name, without which nothing
     * in the file would survive. */
    inbox->name_unsynced = true;
    inbox->n_synced = inbox->n_appended;
    r = inbox_flush(inbox);
    if (r < 0) {
        inbox_error(why, inbox, r, "cannot sync");
        goto fail;
    }
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

/* ---- appending ---- */

static bool has_room(const struct sw_inbox *inbox, int64_t size)
{
    bool is_empty = inbox->end == FIRST_RECORD; /* any single record fits */
    return is_empty || inbox->end + size <= inbox->limit;
}

/* Write all parts at the end of the file, or none. */
static int write_record(struct sw_inbox *inbox, const struct iovec parts[static 3],
                        int64_t size)
{
    ssize_t n;
    do
        n = pwritev(inbox->fd, parts, 3, inbox->end);
    while (n < 0 && errno == EINTR);
    int r = n < 0 ? -errno : n < size ? -ENOSPC : 0;
    if (r == 0 && inbox->sync)
        r = inbox_flush(inbox);
    if (r < 0 && ftruncate(inbox->fd, inbox->end) < 0)
        return r; /* the next append writes over what is left */
    return r;
}

int sw_inbox_append(struct sw_inbox *inbox, const struct sw_inbox_record *record)
{
    unsigned char head[INBOX_HEAD_MAX];
    struct sw_inbox_record kept = *record;
    int r;

    if (kept.topic_len > INBOX_TOPIC_MAX)
        return -EMSGSIZE;
    if (kept.payload_len > SW_INBOX_PAYLOAD_MAX)
        kept.payload_len = SW_INBOX_PAYLOAD_MAX;
    size_t head_len = inbox_head_encode(&kept, head);
    struct iovec parts[3] = {
        {.iov_base = head, .iov_len = head_len},
        {.iov_base = (void *)(uintptr_t)kept.topic, .iov_len = kept.topic_len},
        {.iov_base = (void *)(uintptr_t)kept.payload, .iov_len = kept.payload_len},
    };
    int64_t size = (int64_t)(head_len + kept.topic_len + kept.payload_len);

    pthread_mutex_lock(&inbox->mutex);
    if (!has_room(inbox, size)) {
        if (inbox->wanted == 0)
            inbox->waits_since_ms = sw_clock_monotonic_ms();
        inbox->wanted = size;
        r = SW_INBOX_FULL;
        goto out;
    }
    inbox->wanted = 0;
    r = write_record(inbox, parts, size);
    inbox_signal(inbox); /* the reader wants to know of a failure, too */
    if (r < 0)
        goto out;
    inbox->end += size;
    inbox->n_appended++;
out:
    pthread_mutex_unlock(&inbox->mutex);
    return r;
}

/* Write as many bytes as the largest record has, at the place where it would go. */
static int write_zeros(int fd, int64_t offset)
{
    static const char zeros[16 * 1024];
    int r = 0;
    for (int64_t left = INBOX_RECORD_MAX; r == 0 && left > 0;
         left -= (int64_t)sizeof(zeros)) {
        r = sw_file_write_all(fd, zeros, sizeof(zeros), offset);
        offset += (int64_t)sizeof(zeros);
    }
    if (r == 0 && fdatasync(fd) < 0)
        r = -errno;
    return r;
}

/* It writes to another file: in the inbox a kill would leave zeros, which is damage. */
int sw_inbox_probe(struct sw_inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    bool has = has_room(inbox, INBOX_RECORD_MAX);
    int64_t end = inbox->end;
    pthread_mutex_unlock(&inbox->mutex);
    if (!has)
        return SW_INBOX_FULL;
    int fd = open(inbox->new_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                  SW_DATA_FILE_MODE);
    if (fd < 0)
        return -errno;
    int r = write_zeros(fd, end);
    close(fd);
    unlink(inbox->new_path);
    return r;
}

int sw_inbox_wait_space(struct sw_inbox *inbox, int timeout_ms)
{
    struct timespec deadline;
    int r = 0;
    clock_gettime(CLOCK_MONOTONIC, &deadline); /* the wall clock of a Pi jumps */
    int64_t at_ns = deadline.tv_nsec + timeout_ms * INT64_C(1000000);
    deadline.tv_sec += at_ns / 1000000000;
    deadline.tv_nsec = at_ns % 1000000000;

    pthread_mutex_lock(&inbox->mutex);
    while (r == 0 && !has_room(inbox, inbox->wanted))
        r = pthread_cond_timedwait(&inbox->space, &inbox->mutex, &deadline);
    bool has = has_room(inbox, inbox->wanted);
    pthread_mutex_unlock(&inbox->mutex);
    return has ? 0 : -ETIMEDOUT;
}

/* ---- reading ---- */

int sw_inbox_fd(const struct sw_inbox *inbox)
{
    return inbox->event_fd;
}

/* Everything visible was read: look for more, or let the eventfd announce it. */
static void read_more(struct sw_inbox *inbox)
{
    eventfd_t value;
    pthread_mutex_lock(&inbox->mutex);
    inbox->visible_end = inbox->end;
    bool is_drained = inbox->reader.offset == inbox->end;
    if (is_drained && inbox->signalled) {
        eventfd_read(inbox->event_fd, &value);
        inbox->signalled = false;
    }
    pthread_mutex_unlock(&inbox->mutex);
}

int sw_inbox_read(struct sw_inbox *inbox, struct sw_inbox_record *ret)
{
    if (inbox->reader.offset == inbox->visible_end)
        read_more(inbox);
    int r = inbox_reader_next(&inbox->reader, inbox->visible_end, ret);
    if (r == -EBADMSG || r == -ENODATA)
        return -EUCLEAN; /* it was sound when it was opened or appended */
    if (r == 1)
        inbox->n_read++;
    return r;
}

/* ---- trimming ---- */

static void file_is_now(struct sw_inbox *inbox, int fd, int64_t end)
{
    inbox->fd = fd;
    inbox->end = inbox->visible_end = end;
    inbox_reader_seek(&inbox->reader, fd, FIRST_RECORD);
}

/* Records that are on the disk must be there in the new file, too, before it takes the
 * name: else the name might outlive a power cut and the records not. Others may be lost
 * in either file. */
static bool has_synced_unread(const struct sw_inbox *inbox)
{
    return inbox->sync || inbox->n_synced > inbox->n_read;
}

static int write_new(const struct sw_inbox *inbox, int fd, int64_t unread)
{
    if (flock(fd, LOCK_EX | LOCK_NB) < 0)
        return -errno;
    int r = sw_file_write_all(fd, inbox_magic, INBOX_MAGIC_LEN, 0);
    if (r == 0)
        r = sw_file_copy(inbox->fd, inbox->reader.offset, unread, fd, FIRST_RECORD);
    if (r == 0 && has_synced_unread(inbox) && fdatasync(fd) < 0)
        r = -errno;
    FAULT_POINT(before_compaction);
    if (r == 0 && rename(inbox->new_path, inbox->path) < 0)
        r = -errno;
    FAULT_POINT(after_compaction);
    return r;
}

static int compact(struct sw_inbox *inbox)
{
    int64_t unread = inbox->end - inbox->reader.offset;
    int fd = open(inbox->new_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
                  SW_DATA_FILE_MODE);
    if (fd < 0)
        return -errno;
    int r = write_new(inbox, fd, unread);
    if (r < 0) {
        close(fd);
        unlink(inbox->new_path);
        return r;
    }
    close(inbox->fd);
    file_is_now(inbox, fd, FIRST_RECORD + unread);
    inbox->name_unsynced = true;
    return has_synced_unread(inbox) ? inbox_flush(inbox) : 0;
}

/* Copying pays when much is forgotten and little is left; then each byte is copied at
 * most once for one that is forgotten. It costs more while the appender waits. */
static bool is_worth_compacting(const struct sw_inbox *inbox)
{
    int64_t forgotten = inbox->reader.offset - FIRST_RECORD;
    int64_t unread = inbox->end - inbox->reader.offset;
    bool pays = forgotten >= inbox->limit / COMPACT_SHARE && forgotten >= unread;
    int64_t waited_ms = sw_clock_monotonic_ms() - inbox->waits_since_ms;
    int64_t enough =
        waited_ms >= PATIENCE_MS ? inbox->wanted : inbox->limit / COMPACT_SHARE_WAITED;
    bool is_waited_for = inbox->wanted > 0;
    return pays || (is_waited_for && forgotten >= enough);
}

int sw_inbox_trim(struct sw_inbox *inbox)
{
    int r = 0;
    if (inbox->reader.offset == FIRST_RECORD)
        return 0;
    pthread_mutex_lock(&inbox->mutex);
    inbox->n_forgotten = inbox->n_read;
    if (inbox->reader.offset != inbox->end) {
        r = is_worth_compacting(inbox) ? compact(inbox) : 0;
    } else if (ftruncate(inbox->fd, FIRST_RECORD) < 0) {
        r = -errno;
    } else {
        file_is_now(inbox, inbox->fd, FIRST_RECORD);
        inbox->n_synced = inbox->n_appended; /* nothing is left to sync */
    }
    pthread_cond_broadcast(&inbox->space);
    pthread_mutex_unlock(&inbox->mutex);
    return r;
}

/* The reader calls it, who alone replaces the file, so that no append waits for the
 * disk. */
int sw_inbox_sync(struct sw_inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    int64_t n = inbox->n_appended;
    pthread_mutex_unlock(&inbox->mutex);
    if (inbox->sync || (n == inbox->n_synced && !inbox->name_unsynced))
        return 0;
    int r = inbox_flush(inbox);
    if (r == 0)
        inbox->n_synced = n;
    return r;
}

int64_t sw_inbox_unread_bytes(struct sw_inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    int64_t bytes = inbox->end - inbox->reader.offset;
    pthread_mutex_unlock(&inbox->mutex);
    return bytes;
}

int64_t sw_inbox_pending(struct sw_inbox *inbox)
{
    pthread_mutex_lock(&inbox->mutex);
    int64_t pending = inbox->n_appended - inbox->n_forgotten;
    pthread_mutex_unlock(&inbox->mutex);
    return pending;
}
