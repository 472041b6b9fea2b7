/* inbox_file.h -- the inbox's file: its format, and reading it front to back.
 *
 *     "STEPWARD-INBOX 1"                                     16 bytes
 *     records, one after the other, numbers little-endian:
 *        0  4  "SWR1"
 *        4  4  CRC-32 of everything after it
 *        8  8  received at, Unix seconds; undated: uptime, see below
 *       16  4  bytes of payload
 *       20  2  bytes of topic
 *       22  1  flags: 1 a retained copy, 2 undated, 4 dated, and with an uptime,
 *              8 in here already
 *       23  1  0
 *       24  8  only if flagged so: uptime, that is 4 seconds since boot, 4 the boot
 *              topic, then payload
 */
#ifndef HOST_INBOX_FILE_H
#define HOST_INBOX_FILE_H

#include "stepward/inbox.h"

enum {
    INBOX_MAGIC_LEN = 16,
    INBOX_TOPIC_MAX = 65535, /* what MQTT can carry */
    INBOX_HEAD_LEN = 24,
    INBOX_UPTIME_LEN = 8,
    INBOX_HEAD_MAX = INBOX_HEAD_LEN + INBOX_UPTIME_LEN,
    INBOX_RECORD_MAX = INBOX_HEAD_MAX + INBOX_TOPIC_MAX + SW_INBOX_PAYLOAD_MAX,
    /* It holds a few hundred usual records, and always the largest one. */
    INBOX_BUFFER_LEN = 192 * 1024,
};

extern const char inbox_magic[INBOX_MAGIC_LEN + 1];

/* Encode what comes before the topic, checksum included, and return its length. Topic
 * and payload are within their limits. */
size_t inbox_head_encode(const struct sw_inbox_record *record,
                         unsigned char head[static INBOX_HEAD_MAX]);

/* A window on the file that moves forward. */
struct inbox_reader {
    int fd;
    int64_t offset;  /* of the next record */
    size_t at, held; /* the next record is at buffer[at]; held bytes are in it */
    unsigned char *buffer;
};

/* Go to the offset and drop what was read ahead. */
void inbox_reader_seek(struct inbox_reader *reader, int fd, int64_t offset);

/* Read the record at the offset, in a file whose records end at end. 1: *ret is valid
 * until the next call; 0: there is none; -ENODATA: the record goes on past the end;
 * -EBADMSG: it is damaged; or read's errno. */
int inbox_reader_next(struct inbox_reader *reader, int64_t end,
                      struct sw_inbox_record *ret);

/* Set [from, end of file) aside in PATH.damaged-N, with the first N that is free, and
 * cut the file there. name becomes the new file's name. */
int inbox_set_aside(int fd, const char *path, int64_t from, char *name, size_t size);

#endif
