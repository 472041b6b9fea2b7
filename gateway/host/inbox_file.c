/* inbox_file.c -- the bytes of the inbox's file: encode, check, copy, set aside.
 * When to do which, and who may do it at the same time, is inbox.c's business. */
#include "host/inbox_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "stepward/host.h"
#include "util/file.h"

const char inbox_magic[INBOX_MAGIC_LEN + 1] = "STEPWARD-INBOX 1";

static const unsigned char record_magic[4] = {'S', 'W', 'R', '1'};
enum {
    CRC_AT = 4,
    CHECKED_AT = 8, /* the checksum covers all from here */
    TIME_AT = 8,
    PAYLOAD_LEN_AT = 16,
    TOPIC_LEN_AT = 20,
    FLAGS_AT = 22,
    FLAG_RETAINED = 1,
    FLAG_UNDATED = 2, /* the clock was not trusted */
    FLAG_UPTIME = 4,
    FLAG_AGAIN = 8,   /* see sw_inbox_was_left() */
    ASIDE_MAX = 1000, /* more damage than that needs a person, not another file */
};

static void put_le(unsigned char *out, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (unsigned char)(value >> (8 * i));
}

static uint64_t get_le(const unsigned char *in, size_t len)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++)
        value |= (uint64_t)in[i] << (8 * i);
    return value;
}

static size_t head_len(const unsigned char *head)
{
    return head[FLAGS_AT] & FLAG_UPTIME ? INBOX_HEAD_MAX : INBOX_HEAD_LEN;
}

static uLong checksum(const unsigned char *head, const void *topic, size_t topic_len,
                      const void *payload, size_t payload_len)
{
    uLong crc = crc32(0, head + CHECKED_AT, (uInt)head_len(head) - CHECKED_AT);
    if (topic_len > 0) /* zlib takes a NULL buffer for a new beginning */
        crc = crc32(crc, topic, (uInt)topic_len);
    if (payload_len > 0)
        crc = crc32(crc, payload, (uInt)payload_len);
    return crc;
}

static void put_uptime(unsigned char *out, const struct sw_inbox_record *record)
{
    put_le(out, (uint64_t)record->uptime_s, 4);
    put_le(out + 4, record->boot, 4);
}

static void get_uptime(const unsigned char *in, struct sw_inbox_record *ret)
{
    ret->uptime_s = (int64_t)get_le(in, 4);
    ret->boot = (uint32_t)get_le(in + 4, 4);
}

/* Returns the flags that say how the time is written. */
static int put_time(unsigned char *head, const struct sw_inbox_record *record)
{
    bool is_undated = record->received_at_s == 0 && record->boot != 0;
    if (is_undated) {
        put_uptime(head + TIME_AT, record);
        return FLAG_UNDATED;
    }
    put_le(head + TIME_AT, (uint64_t)record->received_at_s, 8);
    if (record->boot == 0)
        return 0;
    put_uptime(head + INBOX_HEAD_LEN, record);
    return FLAG_UPTIME;
}

static void get_time(const unsigned char *head, struct sw_inbox_record *ret)
{
    if (head[FLAGS_AT] & FLAG_UNDATED) {
        get_uptime(head + TIME_AT, ret);
        return;
    }
    ret->received_at_s = (int64_t)get_le(head + TIME_AT, 8);
    if (head[FLAGS_AT] & FLAG_UPTIME)
        get_uptime(head + INBOX_HEAD_LEN, ret);
}

size_t inbox_head_encode(const struct sw_inbox_record *record,
                         unsigned char head[static INBOX_HEAD_MAX])
{
    memset(head, 0, INBOX_HEAD_MAX);
    memcpy(head, record_magic, sizeof(record_magic));
    int time_flags = put_time(head, record);
    put_le(head + PAYLOAD_LEN_AT, record->payload_len, 4);
    put_le(head + TOPIC_LEN_AT, record->topic_len, 2);
    head[FLAGS_AT] = (unsigned char)((record->retained ? FLAG_RETAINED : 0) |
                                     (record->again ? FLAG_AGAIN : 0) | time_flags);
    put_le(head + CRC_AT,
           checksum(head, record->topic, record->topic_len, record->payload,
                    record->payload_len),
           4);
    return head_len(head);
}

void inbox_reader_seek(struct inbox_reader *reader, int fd, int64_t offset)
{
    reader->fd = fd;
    reader->offset = offset;
    reader->at = reader->held = 0;
}

/* Make sure that at least need bytes from the offset on are in the buffer. */
static int inbox_fill(struct inbox_reader *reader, size_t need, int64_t end)
{
    if (reader->held - reader->at >= need)
        return 0;
    reader->held -= reader->at;
    memmove(reader->buffer, reader->buffer + reader->at, reader->held);
    reader->at = 0;
    while (reader->held < need) {
        size_t room = INBOX_BUFFER_LEN - reader->held;
        int64_t left = end - reader->offset - (int64_t)reader->held;
        size_t len = left < (int64_t)room ? (size_t)left : room;
        ssize_t n = pread(reader->fd, reader->buffer + reader->held, len,
                          reader->offset + (int64_t)reader->held);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (n == 0)
            return -EBADMSG; /* shorter than it was when we measured it */
        reader->held += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Everything before the topic is in the buffer. */
static struct sw_inbox_record inbox_decode(const unsigned char *head)
{
    const char *body = (const char *)head + head_len(head);
    size_t topic_len = (size_t)get_le(head + TOPIC_LEN_AT, 2);
    struct sw_inbox_record record = {
        .retained = head[FLAGS_AT] & FLAG_RETAINED,
        .again = head[FLAGS_AT] & FLAG_AGAIN,
        .topic = body,
        .topic_len = topic_len,
        .payload = body + topic_len,
        .payload_len = (size_t)get_le(head + PAYLOAD_LEN_AT, 4),
    };
    get_time(head, &record);
    return record;
}

int inbox_reader_next(struct inbox_reader *reader, int64_t end,
                      struct sw_inbox_record *ret)
{
    int64_t left = end - reader->offset;
    if (left == 0)
        return 0;
    if (left < INBOX_HEAD_LEN)
        return -ENODATA;
    int r = inbox_fill(reader, INBOX_HEAD_LEN, end);
    if (r < 0)
        return r;
    const unsigned char *head = reader->buffer + reader->at;
    if (memcmp(head, record_magic, sizeof(record_magic)) != 0 ||
        get_le(head + PAYLOAD_LEN_AT, 4) > SW_INBOX_PAYLOAD_MAX)
        return -EBADMSG;
    size_t before_topic = head_len(head);
    if (left < (int64_t)before_topic)
        return -ENODATA;
    r = inbox_fill(reader, before_topic, end);
    if (r < 0)
        return r;
    struct sw_inbox_record record = inbox_decode(reader->buffer + reader->at);
    size_t size = before_topic + record.topic_len + record.payload_len;
    if ((int64_t)size > left)
        return -ENODATA;
    r = inbox_fill(reader, size, end);
    if (r < 0)
        return r;
    head = reader->buffer + reader->at; /* filling may have moved it */
    record = inbox_decode(head);
    if (get_le(head + CRC_AT, 4) != checksum(head, record.topic, record.topic_len,
                                             record.payload, record.payload_len))
        return -EBADMSG;
    reader->at += size;
    reader->offset += (int64_t)size;
    *ret = record;
    return 1;
}

/* Create a file PATH.damaged-N. What was set aside before is never overwritten. */
static int create_aside(const char *path, char *name, size_t size)
{
    for (int n = 1; n <= ASIDE_MAX; n++) {
        int len = snprintf(name, size, "%s.damaged-%d", path, n);
        if (len < 0 || (size_t)len >= size)
            return -ENAMETOOLONG;
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
        if (fd >= 0 || errno != EEXIST)
            return fd >= 0 ? fd : -errno;
    }
    return -EEXIST;
}

int inbox_set_aside(int fd, const char *path, int64_t from, char *name, size_t size)
{
    off_t end = lseek(fd, 0, SEEK_END);
    if (end < 0)
        return -errno;
    int aside = create_aside(path, name, size);
    if (aside < 0)
        return aside;
    int r = sw_file_copy(fd, from, end - from, aside, 0);
    if (r == 0 && fsync(aside) < 0)
        r = -errno;
    close(aside);
    if (r == 0)
        r = sw_file_sync_folder(path);
    if (r == 0 && ftruncate(fd, from) < 0)
        r = -errno;
    if (r < 0)
        unlink(name); /* nothing was cut: the bytes are still in the inbox */
    return r;
}
