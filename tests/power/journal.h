/* journal.h -- read a disk journal from end to end, and put a test's note into one.
 *
 *     struct journal journal;
 *     journal_open(&journal, path);
 *     while (journal_next(&journal, &entry)) …   // entry points into the journal
 */
#ifndef TEST_JOURNAL_H
#define TEST_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>

#include "disk_journal.h"

struct journal {
    char *bytes;
    size_t len, at;
};
struct journal_entry {
    struct journal_head head;
    const char *name; /* not NUL-terminated; so data */
    const char *data;
};

/* All of these end the program, saying why, where the world does not play along. */
void journal_open(struct journal *journal, const char *path);
void journal_close(struct journal *journal);
bool journal_next(struct journal *journal, struct journal_entry *ret);
void journal_note(const char *path, const char *text);

#endif
