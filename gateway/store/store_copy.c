/* store_copy.c -- a whole database as another file, and whether such a file is sound.
 * Which copies there are, and what they are called, is backup.c's business. */
#include "store/store_private.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "stepward/host.h"
#include "util/file.h"

/* The copy belongs to its owner alone; SQLite accepts an empty file as its target. */
static int create_target(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, SW_DATA_FILE_MODE);
    if (fd < 0)
        return -errno;
    close(fd);
    return 0;
}

/* VACUUM INTO reads every row, so that damage does not pass into the copy unseen, and
 * writes one file without a log beside it. It is a read, but query_only forbids it. */
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

/* Whoever works with the copy one day does not know what was published meanwhile: so it
 * says of itself that it is not the database of before. What the gateway remembers of its
 * broker is not true of a later one, or of another. */
static int mark_copy(const char *path)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db,
                          "INSERT OR REPLACE INTO meta (name, text)"
                          " VALUES ('" SW_META_MARK_ASKED "', 'awaited');"
                          "DELETE FROM meta WHERE name IN ('" SW_META_DROPPED
                          "', '" SW_META_MARK "')",
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
