/* store_query.c -- prepare, bind, step and release a statement; SQLite's codes as
 * errno. What the statements say is store_sql.h's business. */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const sql_text[] = {
#define X(name, text) [name] = text,
    SW_STATEMENTS(X)
#undef X
};

/* What the file system said, where SQLite only says that something failed. */
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
        return -ENOENT; /* the patient or alert it belongs to is gone */
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
    case SQLITE_PROTOCOL: /* the locks of the WAL could not be had in time */
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

int sw_store_damaged_reading(struct sw_store *store)
{
    snprintf(store->error, sizeof store->error, "a stored reading is damaged");
    store->error_r = -EUCLEAN;
    return store->error_r;
}

/* SQLite ends a transaction by itself on some errors (disk full); what would follow
 * must not be stored without what came before. */
static bool is_transaction_lost(const struct sw_store *store)
{
    return store->begun && sqlite3_get_autocommit(store->db);
}

struct sw_query sw_query(struct sw_store *store, enum sw_sql sql)
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

static void check_bind(struct sw_query *q, int rc)
{
    if (rc != SQLITE_OK && q->r == 0)
        q->r = sw_store_fail(q->store, rc);
}

void sw_bind_int(struct sw_query *q, int64_t value)
{
    if (q->r == 0)
        check_bind(q, sqlite3_bind_int64(q->stmt, ++q->n_bound, value));
}

void sw_bind_real(struct sw_query *q, double value)
{
    if (q->r == 0)
        check_bind(q, sqlite3_bind_double(q->stmt, ++q->n_bound, value));
}

void sw_bind_text(struct sw_query *q, const char *text)
{
    if (q->r == 0)
        check_bind(q,
                   sqlite3_bind_text(q->stmt, ++q->n_bound, text, -1, SQLITE_STATIC));
}

void sw_bind_blob(struct sw_query *q, const void *data, size_t len)
{
    const void *not_null = len ? data : ""; /* no bytes are not no value */
    if (q->r == 0)
        check_bind(q, sqlite3_bind_blob64(q->stmt, ++q->n_bound, not_null, len,
                                          SQLITE_STATIC));
}

void sw_bind_null(struct sw_query *q)
{
    if (q->r == 0)
        check_bind(q, sqlite3_bind_null(q->stmt, ++q->n_bound));
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

int sw_query_run(struct sw_query *q)
{
    int r;
    do
        r = sw_query_row(q);
    while (r > 0);
    return sw_query_end(q, r);
}

int sw_query_put(struct sw_query *q)
{
    int r = sw_query_run(q);
    if (r < 0)
        return r;
    return sw_changes(q->store) > 0 ? SW_STORE_CHANGED : 0;
}

int sw_query_one(struct sw_query *q, int r)
{
    sw_query_end(q, r);
    if (r < 0)
        return r;
    return r > 0 ? 0 : SW_STORE_NONE;
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
