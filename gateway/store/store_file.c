/* store_file.c -- the database as a file in a folder: check that it exists, create it
 * for its owner, copy it, move a damaged one out of the way, and explain failures in one
 * line. What is in the file, and whether it is damaged, is store_open.c's business; which
 * copies there are and their names are backup.c's. */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

int sw_store_format_error(int r, char why[static SW_WHY_MAX], const char *path,
                          const char *what)
{
    /* cut the path, not the reason: the path alone may fill the line */
    int room = SW_WHY_MAX - 3 - (int)strlen(what);
    snprintf(why, SW_WHY_MAX, "%.*s: %s", room > 0 ? room : 0, path, what);
    for (char *c = why; (c = strchr(c, '\n'));)
        *c = ' '; /* a check's findings may have several lines */
    return r;
}

int sw_store_format_errno(int r, char why[static SW_WHY_MAX], const char *path,
                          const char *what)
{
    char text[SW_WHAT_BYTES_MAX];
    snprintf(text, sizeof text, "%s: %s", what, strerror(-r));
    return sw_store_format_error(r, why, path, text);
}

/* A database that root creates belongs to the owner of its folder. Only a new file is
 * ever opened here: if SQLite had the file open in this process, closing a second
 * descriptor would drop SQLite's locks. */
static int create_file(const char *path, const char *folder)
{
    struct stat st;
    int r = 0;
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    bool is_root = geteuid() == 0;
    if (is_root && (stat(folder, &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0))
        r = -errno;
    close(fd);
    return r;
}

/* While the database is empty, its name and its folder's may be new and not yet on the
 * disk, even if whoever created them was killed. If the parent folder may not be read,
 * we did not create the folder. */
static int keep_names(const char *path, const char *folder)
{
    struct stat st;
    if (stat(path, &st) == 0 && st.st_size > 0)
        return 0;
    int r = sw_file_sync_folder(folder);
    if (r < 0 && r != -EACCES)
        return r;
    return sw_file_sync_folder(path);
}

int sw_store_ensure_file(const char *path, char why[static SW_WHY_MAX])
{
    char folder[SW_PATH_BYTES_MAX];
    int r = sw_file_folder(path, folder);
    if (r < 0)
        return sw_store_format_errno(r, why, path, "cannot create the database");
    r = sw_make_data_folder(folder);
    if (r < 0)
        return sw_store_format_errno(r, why, folder, "cannot create the folder");
    r = create_file(path, folder);
    if (r == 0)
        r = keep_names(path, folder);
    return r < 0 ? sw_store_format_errno(r, why, path, "cannot create the database")
                 : 0;
}

int sw_store_require_file(const char *path, char why[static SW_WHY_MAX])
{
    struct stat st;
    if (stat(path, &st) < 0 && errno == ENOENT)
        return sw_store_format_error(-ENOENT, why, path, "there is no database yet");
    if (access(path, R_OK) < 0)
        return sw_store_format_errno(-errno, why, path, "cannot read the database");
    if (stat(path, &st) == 0 && st.st_size == 0)
        return sw_store_format_error(-ENOENT, why, path, "the database is still empty");
    return 0;
}

/* ---- a copy ---- */

/* VACUUM INTO reads every row, so damage does not pass into the copy unseen, and it
 * writes one file without a WAL. It only reads the store, but query_only forbids it. */
static int copy_into(struct sw_store *store, const char *path)
{
    sqlite3_stmt *stmt = NULL;
    bool reads_only = sqlite3_db_readonly(store->db, "main") == 1;
    if (reads_only)
        sqlite3_exec(store->db, "PRAGMA query_only = OFF", NULL, NULL, NULL);
    int rc = sqlite3_prepare_v2(store->db, "VACUUM INTO ?1", -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_bind_text(stmt, 1, path, -1, SQLITE_STATIC);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    int r = rc == SQLITE_DONE ? 0 : sw_store_fail(store, rc);
    sqlite3_finalize(stmt);
    if (reads_only)
        sqlite3_exec(store->db, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return r;
}

/* A gateway that later works with the copy cannot know what was published since, so the
 * copy says that it is not the database of before. What the gateway remembers of its
 * broker is dropped: it would not be true later, or of another broker. */
#define MARK                                                                           \
    "INSERT OR REPLACE INTO meta (name, text) VALUES ('" SW_META_MARK_ASKED            \
    "', 'awaited');"                                                                   \
    "DELETE FROM meta WHERE name IN ('" SW_META_DROPPED "', '" SW_META_MARK            \
    "', '" SW_META_LOGIN "')"

static int change_copy(const char *path, const char *sql)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, sql, NULL, NULL, NULL);
    int error = rc == SQLITE_OK ? 0 : sqlite3_system_errno(db);
    sqlite3_close(db);
    if (rc == SQLITE_OK)
        return 0;
    return error != 0 ? -error : (rc & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO;
}

int sw_store_drop_logins(const char *path)
{
    return change_copy(path, "PRAGMA secure_delete = ON;"
                             "DELETE FROM session; DELETE FROM invite");
}

int sw_store_copy(struct sw_store *store, const char *path, char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    /* Only the owner may read the copy; SQLite accepts an empty file as its target. */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (fd < 0)
        return sw_store_format_errno(-errno, why, path, "cannot create it");
    close(fd);
    int r = copy_into(store, path);
    if (r < 0)
        sw_store_format_error(r, why, path, store->error);
    bool is_main = store->schema == &sw_schema_main;
    if (r == 0 && is_main && (r = change_copy(path, MARK)) < 0)
        sw_store_format_errno(r, why, path, "cannot write it");
    if (r == 0)
        r = sw_store_inspect_as(store->schema, path, why);
    if (r == 0 && (r = sw_file_sync(path)) < 0)
        sw_store_format_errno(r, why, path, "cannot write it to the disk");
    if (r < 0)
        unlink(path);
    return r;
}

/* ---- quarantine ---- */

/* Names tried for the same second; more means a loop, not damage. */
enum { TRIES_MAX = 1000 };

/* The database file moves last: until then a restart finds it and starts over. */
static const char *const suffixes[] = {"-wal", "-shm", "-journal", ""};
enum { N_SUFFIXES = sizeof suffixes / sizeof *suffixes };

struct name {
    char str[SW_PATH_BYTES_MAX];
};

static struct name with_suffix(const char *path, const char *suffix)
{
    struct name name;
    snprintf(name.str, sizeof name.str, "%s%s", path, suffix);
    return name;
}

static bool is_taken(const char *path)
{
    for (int i = 0; i < N_SUFFIXES; i++) {
        struct stat st;
        if (lstat(with_suffix(path, suffixes[i]).str, &st) == 0)
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
