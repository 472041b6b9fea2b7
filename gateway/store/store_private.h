/* store_private.h -- what the files of the store share: the connection, its prepared
 * statements and the way to use one.
 *
 *     struct sw_query q = sw_query(store, SQL_FIND_PATIENT);
 *     sw_bind_text(&q, id.str);                  // in the order of ?1, ?2, …
 *     while ((r = sw_query_row(&q)) > 0)
 *         … sw_column_int(&q, 0) …
 *     return sw_query_end(&q, r);                // always, once
 *
 * An error in any call stays in the query, so only row, run and end need a check.
 */
#ifndef STORE_STORE_PRIVATE_H
#define STORE_STORE_PRIVATE_H

#include <sqlite3.h>

#include "stepward/store.h"
#include "store/readings_run.h"
#include "store/store_sql.h"

struct sw_store {
    sqlite3 *db;
    sqlite3_stmt *stmts[SW_SQLS]; /* prepared at first use */
    bool begun;                   /* sw_store_begin() was called */
    int64_t data_version;         /* as of the last poll */
    uint64_t epoch;               /* grows when a poll finds another data_version */
    int64_t clock;                /* key of the clock that dates receipts; 0: unknown */
    int64_t newest_s;             /* what is dated later is in the future */
    struct {                      /* the last device used in this transaction */
        int64_t patient_key, key; /* key 0: none */
        struct sw_device_id id;
    } device;
    struct { /* table `recent` in memory, see store_readings.c */
        struct sw_day_set set;
        size_t n;        /* readings added to it, repetitions included */
        int64_t version; /* data_version when it was read */
        bool is_loaded;
        size_t
            again_at; /* after a failure: at this n it is folded; 0: there was none */
        bool is_damaged; /* folding found it, or the runs */
    } recent;
    struct sw_runs runs;    /* memory reused for one period after another */
    char error[SW_WHY_MAX]; /* SQLite's words for the last failure */
    int error_r;            /* the errno returned for it */
};

/* The errno of an SQLite result. sw_store_fail() also keeps SQLite's
 * words for sw_store_error(). */
int sw_store_fail(struct sw_store *store, int rc);
int sw_store_errno(sqlite3 *db, int rc);

struct sw_query;
/* PRAGMA data_version: it changes when another connection commits. 0 on failure. */
int64_t sw_data_version(struct sw_store *store);
/* The key of a patient's device, which is added if it is new; only in a transaction. */
int sw_device_key(struct sw_store *store, int64_t patient_key,
                  const struct sw_device_id *device, int64_t *ret_key);
/* Remove the device's assignments that name the same patient as the one before. */
int sw_assignment_merge(struct sw_store *store, const struct sw_device_id *device);
/* A stamp as the value of a column `clock`, and back. */
int64_t sw_clock_of(const struct sw_store *store, enum sw_stamp stamp);
enum sw_stamp sw_stamp_of(int64_t clock);
/* The same, but SW_STAMP_RECEIPT only for the clock in use, else SW_STAMP_UNSURE. */
enum sw_stamp sw_stamp_in_use(const struct sw_store *store, int64_t clock);
/* From the counter's last total before at_s (or at_s - 1) to its first one after at_s
 * (or at_s). */
int sw_total_neighbours(struct sw_store *store, int64_t device_key, int64_t at_s,
                        struct sw_span *ret);
int sw_store_damaged(struct sw_store *store, const char *what); /* -EUCLEAN */

struct sw_query {
    struct sw_store *store;
    sqlite3_stmt *stmt;
    int r;       /* the first error, 0 if none */
    int n_bound; /* parameters bound so far */
    bool own;    /* a statement of its own: a caller is using the store's */
};

struct sw_query sw_query(struct sw_store *store, enum sw_sql sql);
/* Each binds the next parameter. Texts and blobs must stay until the query ends. */
void sw_bind_int(struct sw_query *q, int64_t value);
void sw_bind_real(struct sw_query *q, double value);
void sw_bind_text(struct sw_query *q, const char *text);
void sw_bind_blob(struct sw_query *q, const void *data, size_t len);
void sw_bind_null(struct sw_query *q);

int sw_query_row(struct sw_query *q);         /* 1: a row; 0: no more; or errno */
int sw_query_end(struct sw_query *q, int r);  /* returns r */
int sw_query_run(struct sw_query *q);         /* run it to the end: 0 or errno */
int sw_query_put(struct sw_query *q);         /* run; SW_STORE_CHANGED, 0 or errno */
int sw_query_one(struct sw_query *q, int r);  /* end; row's 1 or 0 to 0 or NONE */
int sw_changes(const struct sw_store *store); /* by the last run */

int64_t sw_column_int(const struct sw_query *q, int i);
int32_t sw_column_int32(const struct sw_query *q, int i);
double sw_column_real(const struct sw_query *q, int i);
bool sw_column_is_null(const struct sw_query *q, int i);
const void *sw_column_blob(const struct sw_query *q, int i, size_t *ret_len);
const char *sw_column_str(const struct sw_query *q, int i); /* "" for NULL; until the
                                                             * next row */
void sw_column_text(const struct sw_query *q, int i, char *out, size_t size);

/* Several statements as one: they join the caller's transaction or get one of
 * their own. end commits its own if r >= 0, else rolls back; it returns r or
 * the commit's error. */
int sw_atomic_begin(struct sw_store *store, bool *ret_own);
int sw_atomic_end(struct sw_store *store, bool own, int r);

/* ---- the file ---- */

enum {
    SW_WHAT_BYTES_MAX = SW_WHY_MAX - 50
}; /* of a reason; the rest is for the path */

/* Write "PATH: what" as one line, cut if it is too long; returns r. */
int sw_store_format_error(int r, char why[static SW_WHY_MAX], const char *path,
                          const char *what);
int sw_store_format_errno(
    int r, char why[static SW_WHY_MAX], const char *path,
    const char *what); /* "PATH: what: No such file or directory" */

/* Create the file and its folder if they are missing; or return -ENOENT if they are. */
int sw_store_ensure_file(const char *path, char why[static SW_WHY_MAX]);
int sw_store_require_file(const char *path, char why[static SW_WHY_MAX]);

#endif
