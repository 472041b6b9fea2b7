/* inbox_private.h -- an open inbox, for the files that share it. */
#ifndef HOST_INBOX_PRIVATE_H
#define HOST_INBOX_PRIVATE_H

#include <pthread.h>

#include "host/inbox_file.h"

enum {
    FIRST_RECORD = INBOX_MAGIC_LEN,
    LEFT_MAX = 1024, /* the last records: more than a broker has under way to us */
};

struct sw_inbox {
    char *path, *new_path;
    int64_t limit;
    bool sync;
    int event_fd;
    uint64_t left[LEFT_MAX]; /* fingerprints of what was there at the opening */
    size_t n_left;

    /* the reader's */
    struct inbox_reader reader;
    int64_t visible_end; /* `end` when the reader last looked */
    int64_t n_read;
    int64_t n_synced; /* of n_appended: on the disk, as sw_inbox_sync() knows */

    pthread_mutex_t
        mutex; /* guards all below; fd changes in the reader's thread only */
    pthread_cond_t space;
    int fd;
    int64_t end;            /* whole records up to here */
    int64_t wanted;         /* bytes of the record that found no room; 0: none waits */
    int64_t waits_since_ms; /* if one does */
    bool name_unsynced;     /* a new file took the name, the folder was not synced */
    int64_t n_forgotten;    /* records trimmed, of n_appended */
    int64_t n_appended;
    bool signalled; /* the eventfd is readable */
};

/* The eventfd becomes readable. Call with the mutex held, or while opening. */
void inbox_signal(struct sw_inbox *inbox);

/* All of the file, and its name, reach the disk. Call as above, or as the reader, who
 * alone replaces the file. */
int inbox_flush(struct sw_inbox *inbox);

#endif
