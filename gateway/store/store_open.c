/* store_open.c -- connect to the database, and refuse one that is damaged or not ours.
 * The file is store_file.c's business, its tables are schema.c's. */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "store/schema.h"
#include "util/file.h"

enum {
    BUSY_TIMEOUT_MS = 5000,  /* transactions of other connections are short */
    TURN_MS = 10,            /* about what another connection needs */
    LOG_BYTES = 4000 * 1024, /* sw_store_tidy() has the WAL folded at this size */
    LOG_PATIENCE = 2,        /* at so many times that, the commit does */
};

/* For a new database. A commit changes a few rows in each of a few tables, and writes
 * the whole page of each. At a clinic's load, pages of 1024 bytes cost two thirds of
 * what pages of 4096 bytes do; pages of 2048 or 512 bytes cost more. */
static const char settings_new[] = "PRAGMA page_size = 1024;";
/* FULL: a commit is on the disk before the inbox is trimmed. A longer WAL is cut back
 * to 4 MiB. FAST: removed data is cleared where that costs no write; free pages are
 * cleared by an erasure. */
static const char settings_write[] = "PRAGMA journal_mode = WAL;"
                                     "PRAGMA synchronous = FULL;"
                                     "PRAGMA journal_size_limit = 4194304;"
                                     "PRAGMA secure_delete = FAST;"
                                     "PRAGMA foreign_keys = ON;";
static const char settings_read[] = "PRAGMA query_only = ON;";
/* No memory map: a bad sector must be an error, not a signal. */
static const char settings_both[] = "PRAGMA mmap_size = 0;"
                                    "PRAGMA temp_store = MEMORY;"
                                    "PRAGMA cell_size_check = ON;";

static int format_error(const struct sw_store *store, int r,
                        char why[static SW_WHY_MAX], const char *path)
{
    char text[SW_WHAT_BYTES_MAX];
    snprintf(text, sizeof text, "%s%.80s", r == -EUCLEAN ? "damaged: " : "",
             store->error);
    return sw_store_format_error(r, why, path, text);
}

/* Before the store is open our statements are known to be right, so SQLITE_ERROR means
 * a damaged header. */
static int format_sqlite(struct sw_store *store, int rc, char why[static SW_WHY_MAX],
                         const char *path)
{
    int r = sw_store_fail(store, rc);
    return format_error(store, rc == SQLITE_ERROR ? -EUCLEAN : r, why, path);
}

static int connect(struct sw_store *store, const char *name, int flags)
{
    int rc = sqlite3_open_v2(name, &store->db,
                             flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
    return sqlite3_exec(store->db, settings_both, NULL, NULL, NULL);
}

/* A "file:" URI for a database that nobody can change. */
static void immutable_uri(const char *path, char out[static 3 * SW_PATH_BYTES_MAX])
{
    char *p = out + sprintf(out, "file:");
    for (; *path; path++) {
        bool plain = *path != '%' && *path != '?' && *path != '#';
        p += sprintf(p, plain ? "%c" : "%%%02X", (unsigned char)*path);
    }
    strcpy(p, "?immutable=1");
}

static bool is_on_read_only_disk(const char *path)
{
    struct statvfs fs;
    return statvfs(path, &fs) == 0 && (fs.f_flag & ST_RDONLY);
}

/* A reader needs the WAL's index beside the file, and creates it if it may. On a
 * read-only disk nobody can write, so a file without a WAL is complete. */
static int connect_immutable(struct sw_store *store, const char *path,
                             char why[static SW_WHY_MAX])
{
    char uri[3 * SW_PATH_BYTES_MAX], wal[SW_PATH_BYTES_MAX];
    struct stat st;
    if (!is_on_read_only_disk(path))
        return sw_store_format_error(
            -EACCES, why, path,
            "cannot write beside it, which reading needs: run as its owner");
    snprintf(wal, sizeof wal, "%s-wal", path);
    if (stat(wal, &st) == 0 && st.st_size > 0)
        return sw_store_format_error(
            -EROFS, why, path,
            "its -wal holds more: copy both to where they can be written");
    sqlite3_close(store->db);
    store->db = NULL;
    immutable_uri(path, uri);
    int rc = connect(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    return rc == SQLITE_OK ? 0 : format_sqlite(store, rc, why, path);
}

static int connect_read(struct sw_store *store, const char *path,
                        char why[static SW_WHY_MAX])
{
    int r = 0, version;
    int rc = connect(store, path, SQLITE_OPEN_READONLY);
    if (rc == SQLITE_OK)
        rc = sw_schema_number(store->db, "PRAGMA user_version", &version);
    bool no_index = (rc & 0xff) == SQLITE_CANTOPEN || (rc & 0xff) == SQLITE_READONLY;
    if (no_index)
        r = connect_immutable(store, path, why);
    else if (rc != SQLITE_OK)
        r = format_sqlite(store, rc, why, path);
    if (r < 0)
        return r;
    rc = sqlite3_exec(store->db, settings_read, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : format_sqlite(store, rc, why, path);
}

struct mark { /* a database's program and version */
    int version, application, tables;
};

/* All marks are read as of one moment: another process may be creating
 * the tables now. */
static int read_mark(sqlite3 *db, struct mark *ret)
{
    int rc = sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sw_schema_number(db, "PRAGMA user_version", &ret->version);
    if (rc == SQLITE_OK)
        rc = sw_schema_number(db, "PRAGMA application_id", &ret->application);
    if (rc == SQLITE_OK)
        rc = sw_schema_number(db, "SELECT count(*) FROM sqlite_schema", &ret->tables);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return rc; /* a failure ends the connection, and the transaction with it */
}

/* Refuse another program's database and one that a newer version wrote: we must not
 * change them, and they are not damaged. */
static int check_ours(struct sw_store *store, const char *path, int *ret_version,
                      char why[static SW_WHY_MAX])
{
    struct mark mark = {0};
    char text[SW_WHAT_BYTES_MAX];
    int rc = read_mark(store->db, &mark);
    if (rc != SQLITE_OK)
        return format_sqlite(store, rc, why, path);
    bool is_new = mark.tables == 0 && mark.version == 0;
    const struct sw_schema *schema = store->schema;
    if (mark.application == SW_SCHEMA_APPLICATION_BEFORE && mark.version > 0)
        return sw_store_format_error(
            -EPROTO, why, path,
            "was written by a Stepward of before the first release: move it "
            "away, and the gateway makes a new one at its start");
    if (!is_new && mark.application != schema->application)
        return sw_store_format_error(-EPROTO, why, path,
                                     "this database is not Stepward's");
    if (!is_new && mark.version == 0)
        return sw_store_format_error(-EUCLEAN, why, path,
                                     "damaged: it has lost its version");
    if (mark.version > schema->version || mark.version < 0) {
        snprintf(text, sizeof text,
                 "was written by a newer Stepward (schema %d, this one knows %d): "
                 "install that version or restore a backup",
                 mark.version, schema->version);
        return sw_store_format_error(-EPROTO, why, path, text);
    }
    *ret_version = mark.version;
    return 0;
}

static int check_structure(struct sw_store *store, const char *sql, const char *path,
                           char why[static SW_WHY_MAX])
{
    sqlite3_stmt *stmt = NULL;
    int r = 0;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &stmt, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW) {
        r = format_sqlite(store, rc, why, path);
    } else if (strcmp((const char *)sqlite3_column_text(stmt, 0), "ok") != 0) {
        char text[SW_WHAT_BYTES_MAX];
        snprintf(text, sizeof text, "damaged: %.80s", sqlite3_column_text(stmt, 0));
        r = sw_store_format_error(-EUCLEAN, why, path, text);
    }
    sqlite3_finalize(stmt);
    return r;
}

/* SQLite checks the structure; readings have checksums of their own. */
static int check_all(struct sw_store *store, const char *sql, int version,
                     const char *path, char why[static SW_WHY_MAX])
{
    int r = check_structure(store, sql, path, why);
    if (r < 0 || version == 0 || !store->schema->has_readings)
        return r;
    r = sw_readings_check(store);
    if (r == -EINVAL) /* no such table: the version was altered */
        r = -EUCLEAN;
    return r < 0 ? format_error(store, r, why, path) : 0;
}

static int quick_check(struct sw_store *store, int version, const char *path,
                       char why[static SW_WHY_MAX])
{
    return check_all(store, "PRAGMA quick_check(1)", version, path, why);
}

int sw_store_check(struct sw_store *store, const char *path,
                   char why[static SW_WHY_MAX])
{
    return quick_check(store, store->schema->version, path, why);
}

void sw_store_drop_cache(struct sw_store *store)
{
    sqlite3_db_release_memory(store->db);
}

void sw_store_limit_wait(struct sw_store *store, int most_ms)
{
    sqlite3_busy_timeout(store->db, most_ms < 0 ? BUSY_TIMEOUT_MS : most_ms);
}

void sw_store_interrupt(struct sw_store *store)
{
    sqlite3_interrupt(store->db);
}

static int open_read(struct sw_store *store, const char *path,
                     char why[static SW_WHY_MAX])
{
    int version = 0;
    int r = sw_store_require_file(path, why);
    if (r == 0)
        r = connect_read(store, path, why);
    if (r == 0)
        r = check_ours(store, path, &version, why);
    if (r == 0 && version == 0)
        r = sw_store_format_error(-ENOENT, why, path, "the database is still empty");
    if (r == 0 && version < store->schema->version)
        r = sw_store_format_error(
            -EPROTO, why, path,
            "was written by an older Stepward: start the gateway once");
    return r;
}

static int inspect(struct sw_store *store, const char *path,
                   char why[static SW_WHY_MAX])
{
    char uri[3 * SW_PATH_BYTES_MAX];
    int version = 0;
    int r = sw_store_require_file(path, why);
    if (r < 0)
        return r;
    immutable_uri(path, uri);
    int rc = connect(store, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
    if (rc != SQLITE_OK)
        return format_sqlite(store, rc, why, path);
    r = check_ours(store, path, &version, why);
    return r == 0 ? quick_check(store, version, path, why) : r;
}

static struct sw_store *store_new(const struct sw_schema *schema, const char *path,
                                  int *ret_r, char why[static SW_WHY_MAX])
{
    struct sw_store *store = NULL;
    why[0] = '\0';
    *ret_r = 0;
    if (strlen(path) >= SW_PATH_BYTES_MAX - sizeof "-journal")
        *ret_r =
            sw_store_format_error(-ENAMETOOLONG, why, path, "the name is too long");
    else if (!(store = calloc(1, sizeof *store)))
        *ret_r = sw_store_format_errno(-ENOMEM, why, path, "cannot open the database");
    else
        *store = (struct sw_store){.schema = schema, .newest_s = INT64_MAX};
    return store;
}

int sw_store_inspect_as(const struct sw_schema *schema, const char *path,
                        char why[static SW_WHY_MAX])
{
    int r;
    struct sw_store *store = store_new(schema, path, &r, why);
    if (store)
        r = inspect(store, path, why);
    sw_store_close(store);
    return r;
}

int sw_store_inspect(const char *path, char why[static SW_WHY_MAX])
{
    return sw_store_inspect_as(&sw_schema_main, path, why);
}

/* What is left in the log when folding fails is folded the next time. */
static void fold_log(struct sw_store *store)
{
    store->log_bytes = 0;
    sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
}

/* SQLite calls it after each commit. */
static int on_commit(void *arg, sqlite3 *db, const char *name, int n_pages)
{
    struct sw_store *store = arg;
    (void)db, (void)name;
    store->log_bytes = (int64_t)n_pages * store->page_bytes;
    if (store->log_bytes >= LOG_PATIENCE * LOG_BYTES)
        fold_log(store);
    return SQLITE_OK;
}

void sw_log_tidy(struct sw_store *store)
{
    if (store->log_bytes >= LOG_BYTES)
        fold_log(store);
}

/* SQLite does not always wait by itself while another process turns the same new file
 * into a WAL database, so all waiting is done here. */
static int set_up(struct sw_store *store, bool is_new)
{
    sqlite3 *db = store->db;
    int rc = is_new ? sqlite3_exec(db, settings_new, NULL, NULL, NULL) : SQLITE_OK;
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(db, 0);
        rc = sqlite3_exec(db, settings_write, NULL, NULL, NULL);
        for (int ms = 0; ms < BUSY_TIMEOUT_MS && (rc & 0xff) == SQLITE_BUSY;
             ms += TURN_MS) {
            sqlite3_sleep(TURN_MS);
            rc = sqlite3_exec(db, settings_write, NULL, NULL, NULL);
        }
        sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS);
    }
    if (rc == SQLITE_OK)
        rc = sw_schema_number(db, "PRAGMA page_size", &store->page_bytes);
    if (rc == SQLITE_OK)
        sqlite3_wal_hook(db, on_commit, store); /* also ends SQLite's own folding */
    return rc;
}

/* A migration rewrites much of the database and must not make damage look sound, so it
 * needs a check first. */
static int check_first(struct sw_store *store, const char *path,
                       enum sw_store_mode mode, int version,
                       char why[static SW_WHY_MAX])
{
    bool must_migrate = version > 0 && version < store->schema->version;
    if (mode == SW_STORE_VERIFY)
        return check_all(store, "PRAGMA integrity_check(1)", version, path, why);
    if (mode == SW_STORE_CHECK || (mode == SW_STORE_LATER && must_migrate))
        return quick_check(store, version, path, why);
    return 0;
}

static int open_write(struct sw_store *store, const char *path, enum sw_store_mode mode,
                      char why[static SW_WHY_MAX])
{
    int version = 0;
    int r = sw_store_ensure_file(path, why);
    if (r < 0)
        return r;
    int rc = connect(store, path, SQLITE_OPEN_READWRITE);
    if (rc != SQLITE_OK)
        return format_sqlite(store, rc, why, path);
    r = check_ours(store, path, &version, why);
    bool is_forbidden = sqlite3_db_readonly(store->db, "main") == 1 &&
                        access(path, W_OK) == 0 && !is_on_read_only_disk(path);
    if (r == 0 && is_forbidden) /* we never write such a header */
        r = sw_store_format_error(-EUCLEAN, why, path,
                                  "damaged: its header forbids writing");
    if (r == 0)
        r = check_first(store, path, mode, version, why);
    if (r < 0)
        return r;
    rc = set_up(store, version == 0);
    if (rc == SQLITE_OK)
        rc = sw_schema_migrate(store->db, store->schema->steps, store->schema->version);
    return rc == SQLITE_OK ? 0
                           : format_error(store, sw_store_fail(store, rc), why, path);
}

int sw_store_open_as(struct sw_store **ret, const struct sw_schema *schema,
                     const char *path, enum sw_store_mode mode,
                     char why[static SW_WHY_MAX])
{
    int r;
    struct sw_store *store = store_new(schema, path, &r, why);
    if (store)
        r = mode == SW_STORE_READ ? open_read(store, path, why)
                                  : open_write(store, path, mode, why);
    if (r < 0) {
        sw_store_close(store);
        return r;
    }
    store->data_version = sw_change_version(store); /* earlier commits are no news */
    *ret = store;
    return 0;
}

int sw_store_open(struct sw_store **ret, const char *path, enum sw_store_mode mode,
                  char why[static SW_WHY_MAX])
{
    return sw_store_open_as(ret, &sw_schema_main, path, mode, why);
}
