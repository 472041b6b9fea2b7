/* record_journal.h -- the recorder's end of a journal: whether there is one, its lock,
 * and putting entries into it. Which calls become entries is record_disk.c's business.
 */
#ifndef TEST_RECORD_JOURNAL_H
#define TEST_RECORD_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "disk_journal.h"

/* REAL(write): `real_write` is the C library's. */
#define REAL(name)                                                                     \
    static __typeof__(&name) real_##name;                                              \
    if (!real_##name)                                                                  \
    *(void **)&real_##name = dlsym(RTLD_NEXT, #name)

bool recorder_is_on(void);
/* The path within the recorded folder; NULL if it is not there. */
const char *recorder_inside(const char *path);

/* Held around a call and its entry, across threads and programs; errno stays. */
void recorder_lock(void);
void recorder_unlock(void);

/* A head with process and time; fd -1 if there is none. */
struct journal_head recorder_head(enum journal_kind kind, int fd);
/* The first len bytes of the n parts are the entry's data. */
void recorder_put(struct journal_head head, const char *name, const struct iovec *parts,
                  int n, size_t len);
void recorder_put_names(enum journal_kind kind, const char *name, const char *to);

#endif
