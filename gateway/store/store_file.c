/* store_file.c -- the database as a file in a folder: check that it exists, create it
 * for its owner, copy it, and explain failures in one line. What is in the file is
 * store_open.c's business; which copies there are and their names are backup.c's. */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
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

/* A database that root creates belongs to the owner of its folder. */
static int give_to_owner_of(const char *folder, int fd)
{
    struct stat st;
    if (geteuid() != 0)
        return 0;
    if (stat(folder, &st) < 0 || fchown(fd, st.st_uid, st.st_gid) < 0)
        return -errno;
    return 0;
}

/* Only a new file is ever opened here: if SQLite had the file open in this process,
 * closing a second descriptor would drop SQLite's locks. */
static int create_file(const char *path, const char *folder)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (fd < 0)
        return errno == EEXIST ? 0 : -errno;
    int r = give_to_owner_of(folder, fd);
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

/* Only the owner may read the copy; SQLite accepts an empty file as its target. */
static int create_target(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

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
static int mark_copy(const char *path)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db,
                          "INSERT OR REPLACE INTO meta (name, text)"
                          " VALUES ('" SW_META_MARK_ASKED "', 'awaited');"
                          "DELETE FROM meta WHERE name IN ('" SW_META_DROPPED
                          "', '" SW_META_MARK "', '" SW_META_LOGIN "')",
                          NULL, NULL, NULL);
    int error = rc == SQLITE_OK ? 0 : sqlite3_system_errno(db);
    sqlite3_close(db);
    if (rc == SQLITE_OK)
        return 0;
    return error != 0 ? -error : (rc & 0xff) == SQLITE_FULL ? -ENOSPC : -EIO;
}

int sw_store_copy(struct sw_store *store, const char *path, char why[static SW_WHY_MAX])
{
    why[0] = '\0';
    int r = create_target(path);
    if (r < 0)
        return sw_store_format_errno(r, why, path, "cannot create it");
    r = copy_into(store, path);
    if (r < 0)
        sw_store_format_error(r, why, path, store->error);
    if (r == 0 && (r = mark_copy(path)) < 0)
        sw_store_format_errno(r, why, path, "cannot write it");
    if (r == 0)
        r = sw_store_inspect(path, why);
    if (r == 0 && (r = sw_file_sync(path)) < 0)
        sw_store_format_errno(r, why, path, "cannot write it to the disk");
    if (r < 0)
        unlink(path);
    return r;
}
