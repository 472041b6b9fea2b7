/* lock.h -- gateway.lock in data_dir: one gateway at a time, and a note of its state.
 *
 *     gateway                                  command line
 *     sw_lock_take(dir, &fd, &last, why);      sw_lock_read(dir, &note, &running);
 *     sw_lock_write(fd, &note);
 *     sw_lock_beat(fd, now_ms); // every turn  // note.beat_ms: how long ago?
 *     close(fd);
 *
 * The note has its place on the disk from the first start on and is rewritten there, so
 * it can be changed when nothing else can: on a full disk and beside a damaged
 * database. It is never synced, so after a power cut it may be older than the database.
 * The beat costs the disk nothing: it is a lock on the byte of the file whose offset is
 * the current second, and so it ends with the process.
 */
#ifndef STEPWARD_LOCK_H
#define STEPWARD_LOCK_H

#include "stepward/types.h"

/* What the gateway that holds the lock is doing at this moment. */
struct sw_lock_state {
    bool is_known; /* false: the note is an older gateway's, which does not say */
    bool is_starting;
    bool has_reported; /* the health in the database is of this run */
    bool connected, clock_trusted;
    bool is_current; /* what was published a moment ago is stored and judged */
    int64_t since_s; /* since when it is not, as far as the gateway knows; 0: unknown */
};

/* A configuration file: which, by a fingerprint of its path, and when it was changed. */
struct sw_lock_config {
    uint64_t path;
    int64_t changed_ns; /* 0: nothing is known */
};

/* All zero: nothing is known. */
struct sw_lock_note {
    int64_t pid;
    int64_t commits;        /* transactions in the database's life, as last seen */
    int64_t committed_at_s; /* when they were last seen */
    bool suspect;           /* damage was met at work: check everything */
    struct sw_lock_state state;
    struct sw_lock_config config; /* as the gateway read it */
    char problem[SW_WHY_MAX];
    /* These are observed, not written: when the note was written, and the newest beat,
     * monotonic (0: none). */
    int64_t written_at_s, beat_ms;
};

/* *ret_last is the last gateway's note. -EBUSY: another one runs; or the disk's errno.
 * On a read-only disk the lock is held, and sw_lock_write() fails. */
int sw_lock_take(const char *data_dir, int *ret_fd, struct sw_lock_note *ret_last,
                 char why[static SW_WHY_MAX]);
int sw_lock_write(int fd, const struct sw_lock_note *note);
/* As it is now; path NULL: of no file. */
struct sw_lock_config sw_lock_config(const char *path);
/* Cheap, for it has an effect at most once a second. */
void sw_lock_beat(int fd, int64_t monotonic_ms);

/* Read the note without taking the lock. It is held as a reader, so that two who look
 * do not mistake each other for the gateway. Without a file there is no gateway. */
int sw_lock_read(const char *data_dir, struct sw_lock_note *ret, bool *ret_running);

#endif
