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
#include "store/schema.h"
#include "store/store_sql.h"

struct sw_store {
    sqlite3 *db;
    const struct sw_schema *schema;
    sqlite3_stmt *stmts[SW_SQLS]; /* prepared at first use */
    bool begun;                   /* sw_store_begin() was called */
    int64_t data_version;         /* as of the last poll: see sw_change_version() */
    uint64_t epoch;               /* grows when a poll finds another one */
    bool has_acted;               /* this transaction changes more than notes */
    bool has_noted;               /* it puts notes */
    bool ignores_notes;           /* see sw_store_ignore_notes() */
    struct sw_noted {             /* as it was looked at last, if it ignores them */
        int64_t version, change;  /* data_version, and the last that was no note's */
        int64_t acts, audit, contact; /* transactions that acted; the newest keys */
    } noted;
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
    struct { /* see store_keep.c */
        int64_t readings_from_s;
        bool is_read;
    } kept;
    int page_bytes;
    int64_t log_bytes;      /* of the WAL, at the last commit */
    struct sw_runs runs;    /* memory reused for one period after another */
    char error[SW_WHY_MAX]; /* SQLite's words for the last failure */
    int error_r;            /* the errno returned for it */
};

/* As sw_store_open(), with other tables than those of stepward.db: see users.c. */
int sw_store_open_as(struct sw_store **ret, const struct sw_schema *schema,
                     const char *path, enum sw_store_mode mode,
                     char why[static SW_WHY_MAX]);
/* As sw_store_inspect(), with other tables. */
int sw_store_inspect_as(const struct sw_schema *schema, const char *path,
                        char why[static SW_WHY_MAX]);
/* Delete sessions and invitations from a web.db that nobody uses. */
int sw_store_drop_logins(const char *path);
/* The errno of an SQLite result. sw_store_fail() also keeps SQLite's
 * words for sw_store_error(). */
int sw_store_fail(struct sw_store *store, int rc);
int sw_store_errno(sqlite3 *db, int rc);

struct sw_query;
/* PRAGMA data_version: it changes when another connection commits. 0 on failure. */
int64_t sw_data_version(struct sw_store *store);
/* The same, but the notes of others do not change it where they are ignored. */
int64_t sw_change_version(struct sw_store *store);
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
    int r;    /* the first error, 0 if none */
    bool own; /* a statement of its own: a caller is using the store's */
};

/* A parameter of a statement. Texts and blobs must stay until the query ends. */
struct sw_value {
    int type; /* SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB; 0: NULL */
    int64_t number;
    double real;
    const void *bytes;
    size_t len; /* of a blob */
};
static inline struct sw_value sw_int(int64_t number)
{
    return (struct sw_value){.type = SQLITE_INTEGER, .number = number};
}
static inline struct sw_value sw_real(double real)
{
    return (struct sw_value){.type = SQLITE_FLOAT, .real = real};
}
static inline struct sw_value sw_text(const char *text)
{
    return (struct sw_value){.type = SQLITE_TEXT, .bytes = text};
}
static inline struct sw_value sw_blob(const void *bytes, size_t len)
{
    return (struct sw_value){.type = SQLITE_BLOB, .bytes = bytes, .len = len};
}
static inline struct sw_value sw_null(void)
{
    return (struct sw_value){0};
}
#define SW_VALUES(...)                                                                 \
    (const struct sw_value[]){__VA_ARGS__},                                            \
        sizeof((const struct sw_value[]){__VA_ARGS__}) / sizeof(struct sw_value)

struct sw_query sw_query(struct sw_store *store, enum sw_sql sql);
struct sw_query sw_query_bind(struct sw_query q, const struct sw_value *values,
                              size_t n);
#define sw_query_with(store, sql, ...)                                                 \
    sw_query_bind(sw_query(store, sql), SW_VALUES(__VA_ARGS__))
/* Run a statement to its end: 0 or errno. */
int sw_run(struct sw_query q);
#define sw_run_with(store, sql, ...) sw_run(sw_query_with(store, sql, __VA_ARGS__))

int sw_query_row(struct sw_query *q); /* 1: a row; 0: no more; or errno */
/* Whether there is another row, if *r is 0; else, and on an error, which becomes *r,
 * false: so a loop ends when its body sets r. */
bool sw_query_next(struct sw_query *q, int *r);
int sw_query_end(struct sw_query *q, int r); /* returns r */
int sw_run_on_one(struct sw_query q); /* run it; SW_STORE_NONE if no row changed */
int sw_put(struct sw_query q);        /* run it; SW_STORE_CHANGED, 0 or errno */
/* What the only row's first columns hold: 0, or SW_STORE_NONE without a row, and of a
 * span also if it is NULL. */
int sw_query_number(struct sw_query q, int64_t *ret);
int sw_query_span(struct sw_query q, struct sw_span *ret);
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

/* ---- stored readings, see store_readings.c ---- */

typedef int sw_each_reading(void *ctx, const struct sw_reading *reading);

/* All readings of a device that begin in the periods from first_s's to last_s's,
 * in no order; the same one may come twice. Stops at the first non-zero return
 * and returns it. */
int sw_readings_each(struct sw_store *store, int64_t device_key, int64_t first_s,
                     int64_t last_s, sw_each_reading *each, void *ctx);
/* Each reading of the run in the query's row, whose columns SQL_RUN
 * begin at `first`. */
int sw_readings_each_of_run(const struct sw_query *q, int first, sw_each_reading *each,
                            void *ctx);
/* Each of a device's readings in table `recent` alone. */
int sw_readings_each_recent(struct sw_store *store, int64_t device_key,
                            sw_each_reading *each, void *ctx);
int sw_readings_each_device(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, int64_t key, const char *id),
                            void *ctx);
/* Readings that lie within [from_s, to_s) become the other device's. */
int sw_readings_move(struct sw_store *store, int64_t from_key, int64_t to_key,
                     int64_t from_s, int64_t to_s);
/* Check that every row is as it was written: 0, -EUCLEAN or another errno. */
int sw_readings_check(struct sw_store *store);

/* Move all of `recent` into runs, as part of the open transaction. */
int sw_recent_fold(struct sw_store *store);
/* The same in a transaction of its own if `recent` has become long; after a commit only
 * if it has become very long. If that fails, what was committed stays, and it is tried
 * again later; but after damage no further transaction begins. */
void sw_recent_tidy(struct sw_store *store);
void sw_recent_committed(struct sw_store *store);
/* Fold the WAL into the file if it has become long. */
void sw_log_tidy(struct sw_store *store);
void sw_recent_drop(struct sw_store *store); /* its copy in memory */

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
