/* lock.h -- gateway.lock in data_dir: one gateway at a time, and a note of what it says
 * of itself.
 *
 *     gateway                                  command line
 *     sw_lock_take(dir, &fd, &last, why);      sw_lock_read(dir, &note, &running);
 *     sw_lock_write(fd, &note);
 *     sw_lock_beat(fd, now_ms); // every turn  // note.beat_ms: how long ago?
 *     close(fd);
 *
 * The note has its place on the disk from the first start on and is rewritten there: it
 * can be changed when nothing else can, on a full disk and beside a damaged database.
 * It is never synced: after a power cut it may be older than the database. The beat
 * costs the disk nothing: it is a lock at the place in the file that is called as the
 * second is, and so it ends with the process.
 */
#ifndef STEPWARD_LOCK_H
#define STEPWARD_LOCK_H

#include "stepward/types.h"

/* What the gateway that holds the lock does at this moment. */
struct sw_lock_state {
    bool is_known; /* false: by a gateway that does not know of it */
    bool is_starting;
    bool has_reported; /* the health in the database is of this run */
    bool connected, clock_trusted;
    bool is_current; /* what was published a moment ago is stored and judged... */
    int64_t since_s; /* ...else: since when not, by what it knows; 0: it does not */
};

/* A configuration file: which, by a fingerprint of its path, and when it was changed. */
struct sw_lock_config {
    uint64_t path;
    int64_t changed_ns; /* 0: nothing is known */
};

/* All zero: nothing is known. */
struct sw_lock_note {
    int64_t pid;
    int64_t commits;        /* transactions in the database's life... */
    int64_t committed_at_s; /* ...when it was last looked at */
    bool suspect;           /* damage was met at work: check everything */
    struct sw_lock_state state;
    struct sw_lock_config config; /* as the gateway read it */
    char problem[SW_WHY_MAX];
    /* Seen, not written: when the note was; the newest beat, monotonic, 0: none. */
    int64_t written_at_s, beat_ms;
};

/* *ret_last is what the last gateway wrote. -EBUSY: another one runs; or the disk's
 * errno. On a read-only disk the lock is held, and sw_lock_write() fails. */
int sw_lock_take(const char *data_dir, int *ret_fd, struct sw_lock_note *ret_last,
                 char why[static SW_WHY_MAX]);
int sw_lock_write(int fd, const struct sw_lock_note *note);
struct sw_lock_config sw_lock_config(const char *path); /* as it is now */
/* Cheap: not more than one a second counts. */
void sw_lock_beat(int fd, int64_t monotonic_ms);

/* Without taking it, and as reader: two who look do not mistake each other for the
 * gateway. No file is no gateway. */
int sw_lock_read(const char *data_dir, struct sw_lock_note *ret, bool *ret_running);

#endif
