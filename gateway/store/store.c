/* store.c -- a store's life after it was opened: transactions, errors, its end.
 * Opening is store_open.c's business, tables and rows are that of the other store_*.c.
 */
#include "store/store_readings.h"

#include <errno.h>
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

static int run(struct sw_store *store, enum sw_sql sql)
{
    struct sw_query q = sw_query(store, sql);
    return sw_query_run(&q);
}

int sw_store_begin(struct sw_store *store)
{
    int r = run(store, SQL_BEGIN);
    if (r < 0)
        return r;
    store->begun = true;
    store->device.key = 0;
    return 0;
}

int sw_store_commit(struct sw_store *store)
{
    int r = sw_recent_committed(store);
    if (r == 0)
        r = run(store, SQL_COMMIT);
    if (r < 0)
        sw_store_rollback(store);
    store->begun = false;
    return r;
}

void sw_store_rollback(struct sw_store *store)
{
    store->begun = false;
    sw_recent_drop(store);
    if (!sqlite3_get_autocommit(store->db))
        run(store, SQL_ROLLBACK);
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

int64_t sw_data_version(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_DATA_VERSION);
    int64_t version = sw_query_row(&q) > 0 ? sw_column_int(&q, 0) : 0;
    sw_query_end(&q, 0);
    return version;
}

uint64_t sw_store_poll(struct sw_store *store)
{
    int64_t version = sw_data_version(store);
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

int64_t sw_store_bytes(struct sw_store *store)
{
    struct stat file, wal;
    if (stat(sqlite3_db_filename(store->db, "main"), &file) < 0)
        return -errno;
    if (stat(sqlite3_filename_wal(sqlite3_db_filename(store->db, "main")), &wal) < 0)
        return file.st_size; /* there is none */
    return file.st_size + wal.st_size;
}
