/* inbox.c -- the append-only file between the broker's acknowledgement and the
 * database: who may append, who reads, when space comes back.
 *
 * One file. The appender writes at its end under the mutex and moves `end`; the reader
 * follows, reading only below `end`, in chunks and without the mutex. Space comes back
 * in sw_inbox_trim():
 *   - everything was read: the file is cut to its magic;
 *   - not everything, as in a flood that never pauses: once a good part of the file is
 *     forgotten, the rest is copied to PATH.new, which then replaces PATH. A kill
 *     before the rename leaves the old file, whose records are only read again.
 * If neither is quick enough the file reaches its limit and the appender waits.
 *
 * Opening, and what a crash left behind, is inbox_open.c's business; what a record
 * looks like is inbox_file.c's. */
#include "host/inbox_private.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "stepward/host.h"

#include "stepward/fault.h"
#include "util/file.h"

enum {
    COMPACT_SHARE = 4, /* compact when a quarter of the limit is forgotten */
    /* While the appender waits, and with it the broker: sooner, and after a while for
     * any room at all, for a backlog may be read slower than the keep-alive allows. */
    COMPACT_SHARE_WAITED = 16,
    PATIENCE_MS = 5000,
};

/* ---- appending ---- */

static bool has_room(const struct sw_inbox *inbox, int64_t size)
{
    bool is_empty = inbox->end == FIRST_RECORD; /* any single record fits */
    return is_empty || inbox->end + size <= inbox->limit;
}

void inbox_signal(struct sw_inbox *inbox)
{
    if (inbox->signalled)
        return;
    eventfd_write(inbox->event_fd, 1); /* cannot block: it is 0 or 1 */
    inbox->signalled = true;
}

int inbox_flush(struct sw_inbox *inbox)
{
    if (fdatasync(inbox->fd) < 0)
        return -errno;
    int r = inbox->name_unsynced ? sw_file_sync_folder(inbox->path) : 0;
    if (r == 0)
        inbox->name_unsynced = false;
    return r;
}

/* All parts at the end of the file, or none. */
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
    inbox_signal(inbox); /* a failure is news, too */
    if (r < 0)
        goto out;
    inbox->end += size;
    inbox->n_appended++;
out:
    pthread_mutex_unlock(&inbox->mutex);
    return r;
}

/* As many bytes as the largest record has, at the place where it would go. */
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

/* Not in the file itself: a kill would leave zeros there, which is damage. */
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

static struct timespec deadline_in(int timeout_ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at); /* the wall clock of a Pi jumps */
    at.tv_sec += timeout_ms / 1000;
    at.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (at.tv_nsec >= 1000000000) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000;
    }
    return at;
}

int sw_inbox_wait_space(struct sw_inbox *inbox, int timeout_ms)
{
    struct timespec deadline = deadline_in(timeout_ms);
    int r = 0;

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

/* Everything visible was read: look for more, or wait to be told of it. */
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

static int cut_all(struct sw_inbox *inbox)
{
    if (ftruncate(inbox->fd, FIRST_RECORD) < 0)
        return -errno;
    file_is_now(inbox, inbox->fd, FIRST_RECORD);
    inbox->n_synced = inbox->n_appended; /* nothing is left to sync */
    return 0;
}

/* Records that the disk has must be there in the new file, too, before it takes the
 * name: else the name might outlive a power cut, and they not. Others may be lost in
 * either file. */
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

static int64_t room_wanted(const struct sw_inbox *inbox)
{
    int64_t waited_ms = sw_clock_monotonic_ms() - inbox->waits_since_ms;
    bool is_urgent = waited_ms >= PATIENCE_MS;
    return is_urgent ? inbox->wanted : inbox->limit / COMPACT_SHARE_WAITED;
}

/* Copying pays when much is forgotten and little is left; then each byte is copied at
 * most once for one that is forgotten. It costs more while the appender waits. */
static bool is_worth_compacting(const struct sw_inbox *inbox)
{
    int64_t forgotten = inbox->reader.offset - FIRST_RECORD;
    int64_t unread = inbox->end - inbox->reader.offset;
    bool pays = forgotten >= inbox->limit / COMPACT_SHARE && forgotten >= unread;
    bool is_waited_for = inbox->wanted > 0;
    return pays || (is_waited_for && forgotten >= room_wanted(inbox));
}

int sw_inbox_trim(struct sw_inbox *inbox)
{
    int r = 0;
    if (inbox->reader.offset == FIRST_RECORD)
        return 0;
    pthread_mutex_lock(&inbox->mutex);
    inbox->n_forgotten = inbox->n_read;
    if (inbox->reader.offset == inbox->end)
        r = cut_all(inbox);
    else if (is_worth_compacting(inbox))
        r = compact(inbox);
    pthread_cond_broadcast(&inbox->space);
    pthread_mutex_unlock(&inbox->mutex);
    return r;
}

/* By the reader, who alone replaces the file: no append waits for the disk. */
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
