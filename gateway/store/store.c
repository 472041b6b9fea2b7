/* store.c -- an open store: its transactions, its statements, its errors and its end.
 * SQLite's codes become errnos here. The statements are in store_sql.h; opening is
 * store_open.c's business, and rows are that of the other store_*.c files.
 */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

void sw_store_close(struct sw_store *store)
{
    if (!store)
        return;
    for (size_t i = 0; i < SW_SQLS; i++)
        sqlite3_finalize(store->stmts[i]);
    sqlite3_close_v2(store->db); /* rolls back what is open */
    sw_recent_drop(store);
    sw_runs_fini(&store->runs);
    free(store);
}

const char *sw_store_error(const struct sw_store *store)
{
    return store->error;
}

const char *sw_store_why(const struct sw_store *store, int r)
{
    bool is_known = store->error_r == r && store->error[0] != '\0';
    return is_known ? store->error : strerror(-r);
}

/* ---- what others change ---- */

int64_t sw_data_version(struct sw_store *store)
{
    int64_t version = 0;
    sw_query_number(sw_query(store, SQL_DATA_VERSION), &version);
    return version;
}

/* True if what was noted since the last look is all that others can have changed: notes
 * came, and no transaction that acted. Who writes without counting, by SQL say, has acted
 * unless a note came just then. */
static bool look_at_noted(struct sw_store *store)
{
    struct sw_noted *noted = &store->noted, before = *noted;
    struct sw_query q = sw_query(store, SQL_GET_NOTED);
    int r = sw_query_row(&q);
    if (r > 0) {
        noted->acts = sw_column_int(&q, 0);
        noted->audit = sw_column_int(&q, 1);
        noted->contact = sw_column_int(&q, 2);
    }
    sw_query_end(&q, r);
    return r > 0 && noted->acts == before.acts &&
           (noted->audit > before.audit || noted->contact > before.contact);
}

void sw_store_ignore_notes(struct sw_store *store)
{
    store->ignores_notes = true;
    store->noted.version = store->noted.change = sw_data_version(store);
    look_at_noted(store);
}

int64_t sw_change_version(struct sw_store *store)
{
    int64_t version = sw_data_version(store);
    if (!store->ignores_notes)
        return version;
    if (version != store->noted.version && !look_at_noted(store))
        store->noted.change = version;
    store->noted.version = version;
    return store->noted.change;
}

uint64_t sw_store_poll(struct sw_store *store)
{
    int64_t version = sw_change_version(store);
    bool changed = version != 0 && version != store->data_version;
    if (changed) {
        store->data_version = version;
        store->epoch++;
    }
    return store->epoch;
}

uint64_t sw_store_epoch(const struct sw_store *store)
{
    return store->epoch;
}

/* ---- transactions ---- */

int sw_store_begin(struct sw_store *store)
{
    if (store->recent.is_damaged)
        return sw_store_damaged(store, "a stored reading is damaged");
    int r = sw_run(sw_query(store, SQL_BEGIN));
    if (r < 0)
        return r;
    store->begun = true;
    store->has_acted = store->has_noted = false;
    store->device.key = 0;
    return 0;
}

int sw_store_commit(struct sw_store *store)
{
    bool is_told =
        store->has_acted && !store->ignores_notes && store->schema == &sw_schema_main;
    int r = is_told ? sw_run(sw_query(store, SQL_NOTE_ACT)) : 0;
    if (r == 0)
        r = sw_run(sw_query(store, SQL_COMMIT));
    if (r < 0)
        sw_store_rollback(store);
    store->begun = false;
    if (r == 0 && store->ignores_notes && store->has_noted)
        look_at_noted(store); /* our own are not others' */
    if (r == 0)
        sw_recent_committed(store);
    return r;
}

void sw_store_tidy(struct sw_store *store)
{
    sw_recent_tidy(store);
    sw_log_tidy(store);
}

void sw_store_rollback(struct sw_store *store)
{
    store->begun = false;
    sw_recent_drop(store);
    if (!sqlite3_get_autocommit(store->db))
        sw_run(sw_query(store, SQL_ROLLBACK));
}

int sw_atomic_begin(struct sw_store *store, bool *ret_own)
{
    *ret_own = !store->begun;
    return *ret_own ? sw_store_begin(store) : 0;
}

int sw_atomic_end(struct sw_store *store, bool own, int r)
{
    if (!own)
        return r;
    if (r < 0) {
        sw_store_rollback(store);
        return r;
    }
    int committed = sw_store_commit(store);
    return committed < 0 ? committed : r;
}

int64_t sw_store_bytes(struct sw_store *store)
{
    struct stat file, wal;
    if (stat(sqlite3_db_filename(store->db, "main"), &file) < 0)
        return -errno;
    if (stat(sqlite3_filename_wal(sqlite3_db_filename(store->db, "main")), &wal) < 0)
        return file.st_size; /* there is none */
    return file.st_size + wal.st_size;
}

/* ---- statements: prepare, bind, step, release ---- */

static const char *const sql_text[] = {
#define X(name, text) [name] = text,
    SW_STATEMENTS(X)
#undef X
};

/* The file system's own error, where SQLite only reports that something failed. */
static int system_errno(sqlite3 *db, int fallback)
{
    int e = db ? sqlite3_system_errno(db) : 0;
    bool tells_more = e == ENOENT || e == EACCES || e == EPERM || e == EROFS ||
                      e == ENOSPC || e == EDQUOT || e == EFBIG;
    return tells_more ? -e : fallback;
}

static int constraint_errno(int rc)
{
    switch (rc) {
    case SQLITE_CONSTRAINT_FOREIGNKEY:
        return -ENOENT; /* the patient or alert it refers to is gone */
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
        return -EEXIST;
    default:
        return -EINVAL; /* a value out of its range */
    }
}

int sw_store_errno(sqlite3 *db, int rc)
{
    if (rc == SQLITE_IOERR_NOMEM)
        return -ENOMEM;
    switch (rc & 0xff) {
    case SQLITE_OK:
        return 0;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: /* the WAL's locks were not free in time */
        return -EBUSY;
    case SQLITE_IOERR:
        return system_errno(db, -EIO);
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return -EUCLEAN;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_CANTOPEN:
        return system_errno(db, -EACCES);
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_CONSTRAINT:
        return constraint_errno(rc);
    case SQLITE_TOOBIG:
        return -E2BIG;
    case SQLITE_ABORT:
    case SQLITE_INTERRUPT:
        return -ECANCELED;
    default:
        return -EINVAL;
    }
}

int sw_store_fail(struct sw_store *store, int rc)
{
    bool is_known = sqlite3_errcode(store->db) != SQLITE_OK; /* a rollback came after */
    snprintf(store->error, sizeof store->error, "%s",
             is_known ? sqlite3_errmsg(store->db) : sqlite3_errstr(rc));
    store->error_r = sw_store_errno(store->db, rc);
    return store->error_r;
}

int sw_store_damaged(struct sw_store *store, const char *what)
{
    snprintf(store->error, sizeof store->error, "%s", what);
    store->error_r = -EUCLEAN;
    return store->error_r;
}

/* SQLite ends a transaction by itself on some errors (disk full). What follows must not
 * be stored without what came before. */
static bool is_transaction_lost(const struct sw_store *store)
{
    return store->begun && sqlite3_get_autocommit(store->db);
}

/* What a transaction does besides notes is an act. */
static void note_statement(struct sw_store *store, enum sw_sql sql, sqlite3_stmt *stmt)
{
    if (sql == SQL_PUT_AUDIT || sql == SQL_PUT_CONTACT)
        store->has_noted = true;
    else if (stmt && !sqlite3_stmt_readonly(stmt))
        store->has_acted = true;
}

static struct sw_query prepare(struct sw_store *store, enum sw_sql sql)
{
    struct sw_query q = {.store = store};
    sqlite3_stmt **kept = &store->stmts[sql];
    if (is_transaction_lost(store)) {
        snprintf(store->error, sizeof store->error, "the transaction was rolled back");
        q.r = store->error_r = -ECANCELED;
        return q;
    }
    q.own = *kept && sqlite3_stmt_busy(*kept);
    if (*kept && !q.own) {
        q.stmt = *kept;
        return q;
    }
    int rc = sqlite3_prepare_v3(store->db, sql_text[sql], -1,
                                q.own ? 0 : SQLITE_PREPARE_PERSISTENT, &q.stmt, NULL);
    if (rc != SQLITE_OK)
        q.r = sw_store_fail(store, rc);
    else if (!q.own)
        *kept = q.stmt;
    return q;
}

struct sw_query sw_query(struct sw_store *store, enum sw_sql sql)
{
    struct sw_query q = prepare(store, sql);
    if (store->begun)
        note_statement(store, sql, q.stmt);
    return q;
}

struct sw_query sw_query_bind(struct sw_query q, const struct sw_value *values,
                              size_t n)
{
    for (size_t i = 0; q.r == 0 && i < n; i++) {
        const struct sw_value *value = &values[i];
        const void *not_null = value->len ? value->bytes : ""; /* an empty blob */
        int rc = SQLITE_OK, place = (int)i + 1;
        switch (value->type) {
        case SQLITE_INTEGER:
            rc = sqlite3_bind_int64(q.stmt, place, value->number);
            break;
        case SQLITE_FLOAT:
            rc = sqlite3_bind_double(q.stmt, place, value->real);
            break;
        case SQLITE_TEXT:
            rc = sqlite3_bind_text(q.stmt, place, value->bytes, -1, SQLITE_STATIC);
            break;
        case SQLITE_BLOB:
            rc =
                sqlite3_bind_blob64(q.stmt, place, not_null, value->len, SQLITE_STATIC);
            break;
        default:
            rc = sqlite3_bind_null(q.stmt, place);
        }
        if (rc != SQLITE_OK)
            q.r = sw_store_fail(q.store, rc);
    }
    return q;
}

int sw_query_row(struct sw_query *q)
{
    if (q->r < 0)
        return q->r;
    int rc = sqlite3_step(q->stmt);
    if (rc == SQLITE_ROW)
        return 1;
    if (rc != SQLITE_DONE)
        q->r = sw_store_fail(q->store, rc);
    return q->r;
}

bool sw_query_next(struct sw_query *q, int *r)
{
    int row = *r == 0 ? sw_query_row(q) : 0;
    if (row < 0)
        *r = row;
    return row > 0;
}

int sw_query_end(struct sw_query *q, int r)
{
    if (q->own) {
        sqlite3_finalize(q->stmt);
    } else if (q->stmt) {
        sqlite3_reset(q->stmt);
        sqlite3_clear_bindings(q->stmt);
    }
    q->stmt = NULL;
    return r;
}

int sw_run(struct sw_query q)
{
    int r;
    do
        r = sw_query_row(&q);
    while (r > 0);
    return sw_query_end(&q, r);
}

int sw_run_on_one(struct sw_query q)
{
    int r = sw_run(q);
    return r == 0 && sw_changes(q.store) == 0 ? SW_STORE_NONE : r;
}

int sw_put(struct sw_query q)
{
    int r = sw_run(q);
    return r == 0 && sw_changes(q.store) > 0 ? SW_STORE_CHANGED : r;
}

int sw_query_one(struct sw_query *q, int r)
{
    sw_query_end(q, r);
    if (r < 0)
        return r;
    return r > 0 ? 0 : SW_STORE_NONE;
}

int sw_query_number(struct sw_query q, int64_t *ret)
{
    int r = sw_query_row(&q);
    if (r > 0)
        *ret = sw_column_int(&q, 0);
    return sw_query_one(&q, r);
}

int sw_query_span(struct sw_query q, struct sw_span *ret)
{
    int r = sw_query_row(&q);
    bool is_none = r > 0 && (sw_column_is_null(&q, 0) || sw_column_is_null(&q, 1));
    if (r > 0)
        *ret = (struct sw_span){sw_column_int(&q, 0), sw_column_int(&q, 1)};
    r = sw_query_one(&q, r);
    return r == 0 && is_none ? SW_STORE_NONE : r;
}

int sw_changes(const struct sw_store *store)
{
    return sqlite3_changes(store->db);
}

int64_t sw_column_int(const struct sw_query *q, int i)
{
    return sqlite3_column_int64(q->stmt, i);
}

int32_t sw_column_int32(const struct sw_query *q, int i)
{
    return sqlite3_column_int(q->stmt, i);
}

double sw_column_real(const struct sw_query *q, int i)
{
    return sqlite3_column_double(q->stmt, i);
}

bool sw_column_is_null(const struct sw_query *q, int i)
{
    return sqlite3_column_type(q->stmt, i) == SQLITE_NULL;
}

const void *sw_column_blob(const struct sw_query *q, int i, size_t *ret_len)
{
    const void *bytes = sqlite3_column_blob(q->stmt, i);
    *ret_len = (size_t)sqlite3_column_bytes(q->stmt, i);
    return bytes ? bytes : "";
}

const char *sw_column_str(const struct sw_query *q, int i)
{
    const unsigned char *text = sqlite3_column_text(q->stmt, i);
    return text ? (const char *)text : "";
}

void sw_column_text(const struct sw_query *q, int i, char *out, size_t size)
{
    if (!memccpy(out, sw_column_str(q, i), '\0', size))
        out[size - 1] = '\0'; /* cut */
}
