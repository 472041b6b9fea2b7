/* fuzz_inbox.c -- any bytes as an inbox file: it opens, every record that is read is
 * whole, and a second opening finds the same records and no damage. */
#include "stepward/inbox.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>

#include "host/inbox_file.h"

enum {
    ROOM = 1024 * 1024,
    CRC_AT = 4, /* of a record's head, as the lengths */
    CHECKED_AT = 8,
    PAYLOAD_LEN_AT = 16,
    TOPIC_LEN_AT = 20,
    FLAGS_AT = 22,
    FLAG_UPTIME = 4,
    SELDOM = 8, /* one in so many inputs keeps its wrong checksums */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed);
/* libFuzzer's own; not there when a corpus is replayed. */
__attribute__((weak)) size_t LLVMFuzzerMutate(uint8_t *data, size_t size,
                                              size_t max_size);

static size_t number_at(const uint8_t *at, int bytes)
{
    size_t number = 0;
    while (bytes-- > 0)
        number = number << 8 | at[bytes];
    return number;
}

/* Set the checksums of the records right: no mutation would ever hit one, and what the
 * reader makes of the rest would not be seen. */
static void mend(uint8_t *data, size_t size)
{
    for (size_t at = INBOX_MAGIC_LEN; at + INBOX_HEAD_LEN <= size;) {
        uint8_t *head = data + at;
        size_t len = INBOX_HEAD_LEN + number_at(head + PAYLOAD_LEN_AT, 4) +
                     number_at(head + TOPIC_LEN_AT, 2) +
                     (head[FLAGS_AT] & FLAG_UPTIME ? INBOX_UPTIME_LEN : 0);
        if (len > size - at)
            return;
        uLong crc = crc32(0, head + CHECKED_AT, (uInt)(len - CHECKED_AT));
        for (int i = 0; i < 4; i++)
            head[CRC_AT + i] = (uint8_t)(crc >> 8 * i);
        at += len;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
                               unsigned seed)
{
    size = LLVMFuzzerMutate(data, size, max_size);
    if (seed % SELDOM != 0)
        mend(data, size);
    return size;
}

static void write_file(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert(fd >= 0);
    assert(write(fd, data, size) == (ssize_t)size);
    close(fd);
}

/* Read every byte of every record; how many there are. */
static int64_t read_all(struct sw_inbox *inbox)
{
    struct sw_inbox_record record;
    int64_t n = 0;
    volatile char last = 0;
    for (; sw_inbox_read(inbox, &record) == 1; n++) {
        assert(record.payload_len <= SW_INBOX_PAYLOAD_MAX);
        for (size_t i = 0; i < record.topic_len; i++)
            last = record.topic[i];
        for (size_t i = 0; i < record.payload_len; i++)
            last = record.payload[i];
    }
    (void)last;
    return n;
}

static void open_twice(const char *path)
{
    struct sw_inbox_record one = {.topic = "t", .topic_len = 1};
    struct sw_inbox *inbox;
    char why[SW_WHY_MAX];
    int r = sw_inbox_open(&inbox, path, ROOM, false, why);
    if (r == -EPROTO) /* a newer version's file */
        return;
    assert(r == 0);
    int64_t n = read_all(inbox);
    assert(n == sw_inbox_pending(inbox));
    r = sw_inbox_append(inbox, &one);
    assert(r == 0 || r == SW_INBOX_FULL);
    sw_inbox_close(inbox);

    assert(sw_inbox_open(&inbox, path, ROOM, false, why) == 0);
    assert(why[0] == '\0');
    assert(read_all(inbox) == n + (r == 0));
    assert(sw_inbox_trim(inbox) == 0);
    assert(sw_inbox_pending(inbox) == 0);
    sw_inbox_close(inbox);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char in_memory[] = "/dev/shm/stepward-fuzz-XXXXXX", path[64], aside[96];
    char on_disk[] = "/tmp/stepward-fuzz-XXXXXX";
    const char *folder = mkdtemp(in_memory) ? in_memory : mkdtemp(on_disk);
    assert(folder);
    snprintf(path, sizeof(path), "%s/inbox", folder);
    snprintf(aside, sizeof(aside), "%s.damaged-1", path);
    write_file(path, data, size);
    open_twice(path);
    unlink(path);
    unlink(aside);
    rmdir(folder);
    return 0;
}
