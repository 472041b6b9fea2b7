/* quarantine.c -- move a damaged database out of the way, whole and under a new name.
 * Finding the damage is store_open.c's business, and what follows is the daemon's.
 */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/file.h"

/* Names tried for the same second; more means a loop, not damage. */
enum { TRIES_MAX = 1000 };

/* The database file moves last: until then a restart finds it and starts over. */
static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};
enum { N_SUFFIXES = sizeof suffixes / sizeof *suffixes };

struct name {
    char str[SW_PATH_BYTES_MAX];
};

static bool exists(const struct name *name)
{
    struct stat st;
    return lstat(name->str, &st) == 0;
}

static struct name with_suffix(const char *path, const char *suffix)
{
    struct name name;
    snprintf(name.str, sizeof name.str, "%s%s", path, suffix);
    return name;
}

static bool is_taken(const char *path)
{
    for (int i = 0; i < N_SUFFIXES; i++) {
        struct name name = with_suffix(path, suffixes[i]);
        if (exists(&name))
            return true;
    }
    return false;
}

/* When the database was last written: the newer of the file and its WAL. A WAL without
 * its file must move too, or SQLite would take it for the next file's. */
static int last_written(const char *path, time_t *ret_at_s)
{
    struct stat file, wal;
    struct name wal_name = with_suffix(path, "-wal");
    bool has_file = stat(path, &file) == 0;
    bool has_wal = stat(wal_name.str, &wal) == 0;
    if (!has_file && !has_wal)
        return -errno;
    *ret_at_s = has_file ? file.st_mtime : wal.st_mtime;
    if (has_wal && wal.st_mtime > *ret_at_s)
        *ret_at_s = wal.st_mtime;
    return 0;
}

static int choose_name(const char *path, char *ret_moved, size_t size)
{
    time_t at_s;
    struct tm tm;
    char stamp[32];
    int r = last_written(path, &at_s);
    if (r < 0)
        return r;
    if (!gmtime_r(&at_s, &tm))
        return -errno;
    strftime(stamp, sizeof stamp, "%Y%m%dT%H%M%SZ", &tm);
    for (int i = 0; i < TRIES_MAX; i++) {
        int n = i == 0 ? snprintf(ret_moved, size, "%s.damaged-%s", path, stamp)
                       : snprintf(ret_moved, size, "%s.damaged-%s-%d", path, stamp, i);
        if (n < 0 || (size_t)n + sizeof "-wal" > size || (size_t)n >= SW_PATH_BYTES_MAX)
            return -ENAMETOOLONG;
        if (!is_taken(ret_moved))
            return 0;
    }
    return -EEXIST;
}

static int move_all(const char *path, const char *moved)
{
    for (int i = 0; i < N_SUFFIXES; i++) {
        struct name from = with_suffix(path, suffixes[i]);
        struct name to = with_suffix(moved, suffixes[i]);
        if (renameat2(AT_FDCWD, from.str, AT_FDCWD, to.str, RENAME_NOREPLACE) < 0 &&
            errno != ENOENT)
            return -errno;
    }
    return 0;
}

int sw_store_quarantine(const char *path, char *ret_moved, size_t size,
                        char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    int r = choose_name(path, ret_moved, size);
    if (r == 0)
        r = move_all(path, ret_moved);
    if (r == 0)
        r = sw_file_sync_folder(path);
    return r < 0 ? sw_store_format_errno(r, why, path, "cannot set aside") : 0;
}
