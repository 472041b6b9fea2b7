/* journal.c -- read a disk journal, and note in it. Writing all else into one is
 * record_journal.c's business. */
#include "journal.h"

#include <err.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

void journal_open(struct journal *journal, const char *path)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0)
        err(2, "%s", path);
    *journal = (struct journal){.len = (size_t)st.st_size};
    journal->bytes = mmap(NULL, journal->len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (journal->bytes == MAP_FAILED)
        err(2, "%s", path);
    close(fd);
}

void journal_close(struct journal *journal)
{
    munmap(journal->bytes, journal->len);
}

bool journal_next(struct journal *journal, struct journal_entry *ret)
{
    size_t left = journal->len - journal->at;
    if (left == 0)
        return false;
    if (left < sizeof ret->head)
        errx(2, "the journal is torn");
    memcpy(&ret->head, journal->bytes + journal->at, sizeof ret->head);
    size_t size = sizeof ret->head + ret->head.name_len + ret->head.data_len;
    if (left < size)
        errx(2, "the journal is torn");
    ret->name = journal->bytes + journal->at + sizeof ret->head;
    ret->data = ret->name + ret->head.name_len;
    journal->at += size;
    return true;
}

void journal_note(const char *path, const char *text)
{
    struct timespec now;
    struct journal_head head = {.kind = JOURNAL_NOTE, .pid = getpid(), .fd = -1};
    struct iovec parts[] = {{&head, sizeof head},
                            {(void *)(uintptr_t)text, strlen(text)}};
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || flock(fd, LOCK_EX) < 0)
        err(2, "%s", path);
    clock_gettime(CLOCK_MONOTONIC, &now);
    head.at_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
    head.name_len = (uint32_t)strlen(text);
    if (writev(fd, parts, 2) != (ssize_t)(sizeof head + head.name_len))
        err(2, "%s", path);
    close(fd);
}
