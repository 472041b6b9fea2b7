/* record_journal.c -- the recorder's end of a journal. See disk_journal.h.
 *
 * A recorder that cannot write ends its program: a gap would make the test lie. */
#include "record_journal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

enum {
    PARTS_MAX = 64, /* of one writev; Paho uses about 5 */
    EXIT_BROKEN = 99,
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int journal_fd = -1;
static char folder[PATH_MAX]; /* $RECORD_DIR, resolved */
static size_t folder_len;

__attribute__((noreturn)) static void broken(const char *what)
{
    dprintf(STDERR_FILENO, "record_disk: %s: %s\n", what, strerror(errno));
    _exit(EXIT_BROKEN);
}

bool recorder_is_on(void)
{
    return journal_fd >= 0;
}

const char *recorder_inside(const char *path)
{
    bool is_inside = recorder_is_on() && strncmp(path, folder, folder_len) == 0 &&
                     (path[folder_len] == '/' || path[folder_len] == '\0');
    if (!is_inside)
        return NULL;
    return path[folder_len] == '/' ? path + folder_len + 1 : path + folder_len;
}

void recorder_lock(void)
{
    pthread_mutex_lock(&mutex);
    while (flock(journal_fd, LOCK_EX) < 0)
        if (errno != EINTR)
            broken("flock");
}

void recorder_unlock(void)
{
    int saved = errno;
    flock(journal_fd, LOCK_UN);
    pthread_mutex_unlock(&mutex);
    errno = saved;
}

struct journal_head recorder_head(enum journal_kind kind, int fd)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (struct journal_head){
        .kind = kind,
        .pid = getpid(),
        .fd = fd,
        .at_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec,
    };
}

void recorder_put(struct journal_head head, const char *name, const struct iovec *parts,
                  int n, size_t len)
{
    REAL(writev);
    struct iovec all[PARTS_MAX + 2];
    int saved = errno, used = 2;
    head.name_len = (uint32_t)strlen(name);
    head.data_len = (uint32_t)len;
    all[0] = (struct iovec){&head, sizeof head};
    all[1] = (struct iovec){(void *)(uintptr_t)name, head.name_len};
    size_t size = sizeof head + head.name_len + len;
    if (n > PARTS_MAX)
        broken("too many parts");
    for (int i = 0; i < n && len > 0; i++) {
        all[used] = parts[i];
        if (all[used].iov_len > len)
            all[used].iov_len = len;
        len -= all[used++].iov_len;
    }
    if (real_writev(journal_fd, all, used) != (ssize_t)size)
        broken("cannot write the journal");
    errno = saved;
}

void recorder_put_names(enum journal_kind kind, const char *name, const char *to)
{
    struct iovec part = {(void *)(uintptr_t)to, strlen(to)};
    recorder_put(recorder_head(kind, -1), name, &part, 1, part.iov_len);
}

__attribute__((constructor)) static void begin(void)
{
    REAL(open);
    const char *path = getenv("RECORD_DISK"), *dir = getenv("RECORD_DIR");
    if (!path || !dir)
        return;
    if (!realpath(dir, folder))
        broken("RECORD_DIR");
    folder_len = strlen(folder);
    int fd = real_open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0)
        broken("RECORD_DISK");
    journal_fd = fd;
    recorder_lock();
    recorder_put_names(JOURNAL_START, program_invocation_short_name, "");
    recorder_unlock();
}
