/* inbox.h -- the append-only file between the broker's acknowledgement and the
 * database.
 *
 *     Paho's thread                      the loop
 *     sw_inbox_append(inbox, &record)    poll(sw_inbox_fd(inbox))
 *     return 1; // acknowledges          while (sw_inbox_read(inbox, &record) == 1) …
 *                                        // store all in one transaction, then
 *                                        sw_inbox_trim(inbox);
 *
 * What was appended survives `kill -9`, and is read again after a restart until it was
 * trimmed. Every record carries a checksum (CRC-32). One thread appends, one reads.
 */
#ifndef STEPWARD_INBOX_H
#define STEPWARD_INBOX_H

#include "stepward/types.h"

struct sw_inbox;

struct sw_inbox_record {
    int64_t received_at_s; /* Unix time by the clock then; 0: it was not trusted */
    int64_t uptime_s;      /* the same in seconds since the boot; see sw_clock_boot() */
    uint32_t boot;         /* 0: not known */
    bool retained;
    bool again;        /* the inbox holds it already: it is not another message */
    const char *topic; /* not NUL-terminated; may hold anything */
    size_t topic_len;  /* at most 65535 */
    const char *payload;
    size_t payload_len; /* at most SW_INBOX_PAYLOAD_MAX */
};

enum {
    /* The appender cuts longer payloads to this, which is enough to be refused as
     * such. */
    SW_INBOX_PAYLOAD_MAX = SW_PAYLOAD_MAX + 1,
    SW_INBOX_LIMIT = 16 * 1024 * 1024, /* bytes of file; then the appender waits */
};
/* What sw_inbox_append() and sw_inbox_probe() say beside a negative errno. */
enum sw_inbox_state {
    SW_INBOX_OK,
    SW_INBOX_FULL = 101, /* no other function returns this number */
};

/* Open or create the file; records that an earlier run left are read first. What stands
 * before any damage (a torn tail, flipped bits) is kept; the rest is set aside in
 * PATH.damaged-N, and why says so (else why is ""). All of it, and its name, is on the
 * disk when this returns. sync: so is every append (commit_interval = "0"). Negative
 * errno with why on failure. */
int sw_inbox_open(struct sw_inbox **ret, const char *path, int64_t limit_bytes,
                  bool sync, char why[static SW_WHY_MAX]);
void sw_inbox_close(struct sw_inbox *inbox); /* NULL is fine; the file stays */

/* Whether an earlier run left the same topic and payload among its last records here:
 * it may have been ended before the broker had its acknowledgement. Any thread. */
bool sw_inbox_was_left(const struct sw_inbox *inbox,
                       const struct sw_inbox_record *record);
/* SW_INBOX_OK: the record is safe. SW_INBOX_FULL: it would exceed the limit; call
 * sw_inbox_wait_space() and try again. Negative errno: nothing was appended (a partial
 * write is undone). */
int sw_inbox_append(struct sw_inbox *inbox, const struct sw_inbox_record *record);
/* Whether a record of any size could be appended now: SW_INBOX_OK, SW_INBOX_FULL, or
 * the disk's errno. It writes to the disk to find out. For the thread that reads. */
int sw_inbox_probe(struct sw_inbox *inbox);
/* 0 when there is room, -ETIMEDOUT. */
int sw_inbox_wait_space(struct sw_inbox *inbox, int timeout_ms);

/* Make what was appended so far reach the disk, if records must wait there longer than
 * a power cut may cost. For the thread that reads. It costs nothing if all was
 * synced. */
int sw_inbox_sync(struct sw_inbox *inbox);

/* Readable (an eventfd, cleared by sw_inbox_read returning 0) when records wait, or
 * when one could not be appended. */
int sw_inbox_fd(const struct sw_inbox *inbox);
/* 1: *ret is the next record, its bytes valid until the next call; 0: none now;
 * -EUCLEAN: the file was changed under us, open it again; or the disk's errno. */
int sw_inbox_read(struct sw_inbox *inbox, struct sw_inbox_record *ret);
/* Drop everything read so far, which is safe elsewhere. Cheap when nothing was read. */
int sw_inbox_trim(struct sw_inbox *inbox);

int64_t sw_inbox_pending(struct sw_inbox *inbox); /* records appended, not trimmed */
int64_t sw_inbox_unread_bytes(struct sw_inbox *inbox);

#endif
