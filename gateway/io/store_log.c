/* store_log.c -- when the write-ahead log is folded into the database's file.
 *
 * The log's index, which the kernel writes to the disk now and then as it does any
 * mapped file, begins with the numbers of the first 990 pages in a block of 4 KiB that
 * changes with every commit anyway; those of later ones are in a block more. So a log
 * of small commits is folded before that, which costs less than the block: few pages
 * changed, again and again. Large commits change other pages each, and share a fold the
 * more of them there are.
 */
#include "io/schema.h"
#include "io/store_private.h"

enum {
    SHORT_PAGES = 950, /* with room for a commit up to 990 */
    SMALL_COMMIT_PAGES = 40,
    LONG_BYTES = 4000 * 1024,
};

/* A reader may keep it from being done: then the next commit tries again. */
static int fold(void *ctx, sqlite3 *db, const char *name, int n)
{
    struct sw_store *store = ctx;
    bool begins_anew = n < store->log.n;
    bool is_small = n - (begins_anew ? 0 : store->log.n) <= SMALL_COMMIT_PAGES;
    store->log.n = n;
    if (n >= store->log.n_max || (is_small && n >= SHORT_PAGES))
        sqlite3_wal_checkpoint_v2(db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    return SQLITE_OK;
}

int sw_store_watch_log(struct sw_store *store)
{
    int page_bytes = 0;
    int rc = sw_schema_number(store->db, "PRAGMA page_size", &page_bytes);
    if (rc != SQLITE_OK)
        return rc;
    store->log.n_max = LONG_BYTES / page_bytes;
    sqlite3_wal_hook(store->db, fold, store);
    return SQLITE_OK;
}
