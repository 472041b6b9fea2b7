/* disk_journal.h -- what the gateway did to a folder and said to its broker, in order.
 *
 * record_disk.c, loaded into a program by LD_PRELOAD, writes it; the power-cut test
 * reads it. A journal is a row of entries, each a head, then its name, then its data,
 * as they are in memory (it never leaves the machine that wrote it):
 *
 *     kind       name               data         number
 *     START      the program's
 *     OPEN       path, made if new                          1: cut to nothing
 *     WRITE                         the bytes    their offset
 *     TRUNCATE                                   the new length
 *     SYNC                                       (fsync or fdatasync of a file)
 *     SYNC_FOLDER  path
 *     RENAME     path               the new path
 *     UNLINK     path
 *     MKDIR      path
 *     CONNECT                                    (head.fd becomes a new connection)
 *     SENT                          the bytes
 *     RECEIVED                      the bytes
 *     NOTE       the test's own words
 *
 * Paths are relative to the recorded folder, "" is that folder. What an entry tells has
 * happened: the entry is written right after it, under a lock (flock on the journal)
 * that was taken before it. So whoever holds that lock can kill a recorded program
 * between two entries, and the journal still is the truth.
 */
#ifndef TEST_DISK_JOURNAL_H
#define TEST_DISK_JOURNAL_H

#include <stdint.h>

enum journal_kind {
    JOURNAL_START = 1,
    JOURNAL_OPEN,
    JOURNAL_WRITE,
    JOURNAL_TRUNCATE,
    JOURNAL_SYNC,
    JOURNAL_SYNC_FOLDER,
    JOURNAL_RENAME,
    JOURNAL_UNLINK,
    JOURNAL_MKDIR,
    JOURNAL_CONNECT,
    JOURNAL_SENT,
    JOURNAL_RECEIVED,
    JOURNAL_NOTE,
    JOURNAL_KINDS,
};

struct journal_head {
    uint32_t kind;
    uint32_t name_len, data_len;
    int32_t pid, fd;
    uint32_t unused;
    int64_t at_ns; /* CLOCK_MONOTONIC */
    uint64_t file; /* the inode's number */
    int64_t number;
};

#endif
