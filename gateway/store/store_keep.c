/* store_keep.c -- what is older than the clinic keeps is removed, a little at a time.
 * How long that is, and when there is time for it, is the gateway's business.
 *
 * What was computed of a day stays: a row a day is what a therapist looks back on. It
 * can never be computed again, so it is never changed again, see
 * sw_store_has_readings_of().
 */
#include "store/store_private.h"

#include <string.h>

enum {
    ROWS = 128,          /* about so many pages are written in a step */
    ALERTS = 32,         /* the same with their logs */
    REACH_S = 2 * 86400, /* a reading of 25 hours, and what a whole day takes */
};

static const char *const keep_names[SW_KEEPS] = {
    [SW_KEEP_READINGS] = "readings",
    [SW_KEEP_ALERTS] = "alerts",
    [SW_KEEP_AUDIT] = "audit",
};

int sw_store_kept_since(struct sw_store *store, enum sw_keep what, int64_t *ret_from_s)
{
    *ret_from_s = 0;
    int r = sw_query_number(
        sw_query_with(store, SQL_GET_KEPT, sw_text(keep_names[what])), ret_from_s);
    return r == SW_STORE_NONE ? 0 : r;
}

/* It is asked of every day that is computed, and seldom changes. */
bool sw_store_has_readings_of(struct sw_store *store, int64_t day_begin_s)
{
    if (!store->kept.is_read &&
        sw_store_kept_since(store, SW_KEEP_READINGS, &store->kept.readings_from_s) < 0)
        return true; /* the next statement says what is wrong */
    store->kept.is_read = true;
    return store->kept.readings_from_s == 0 ||
           day_begin_s >= store->kept.readings_from_s + REACH_S;
}

/* ---- readings ---- */

/* Remove some rows of the first device or patient that has old ones. */
static int remove_of_first(struct sw_store *store, enum sw_sql find, enum sw_sql remove,
                           int64_t from_s)
{
    int64_t key = 0;
    int r = sw_query_number(sw_query_with(store, find, sw_int(from_s)), &key);
    if (r != 0)
        return r == SW_STORE_NONE ? 0 : r;
    return sw_put(
        sw_query_with(store, remove, sw_int(key), sw_int(from_s), sw_int(ROWS)));
}

static int remove_readings(struct sw_store *store, int64_t from_s)
{
    int64_t has_recent = 0;
    int r = sw_query_number(sw_query_with(store, SQL_HAS_OLD_RECENT, sw_int(from_s)),
                            &has_recent);
    if (r >= 0 && has_recent)
        r = sw_recent_fold(store);
    if (r >= 0) /* a run that began before may reach so far */
        r = remove_of_first(store, SQL_FIND_OLD_RUN, SQL_REMOVE_OLD_RUNS,
                            from_s - SW_RUN_PERIOD_S);
    if (r == 0)
        r = remove_of_first(store, SQL_FIND_OLD_TOTAL, SQL_REMOVE_OLD_TOTALS, from_s);
    if (r == 0)
        r = remove_of_first(store, SQL_FIND_OLD_PAIN, SQL_REMOVE_OLD_PAINS, from_s);
    if (r == 0)
        r = sw_put(sw_query_with(store, SQL_REMOVE_OLD_REJECTED, sw_int(from_s),
                                 sw_int(ROWS)));
    return r;
}

/* ---- alerts, and contacts ---- */

static int remove_alerts(struct sw_store *store, int64_t from_s)
{
    int r = sw_put(
        sw_query_with(store, SQL_REMOVE_OLD_ALERTS, sw_int(from_s), sw_int(ALERTS)));
    if (r == 0)
        r = sw_put(sw_query_with(store, SQL_REMOVE_OLD_CONTACTS, sw_int(from_s),
                                 sw_int(ROWS)));
    return r;
}

/* ---- the audit ---- */

/* The end of the chain moves on first: its triggers ask for that. Rows are removed from
 * the oldest on, up to the first that is kept, for the clock may have been wrong. */
static int remove_audit(struct sw_store *store, int64_t from_s)
{
    int64_t key = 0, at_s = 0;
    uint8_t hash[32] = {0};
    struct sw_query q = sw_query_with(store, SQL_OLDEST_AUDIT, sw_int(ROWS));
    int r = 0;
    while (sw_query_next(&q, &r) && sw_column_int(&q, 1) < from_s) {
        size_t len;
        const void *bytes = sw_column_blob(&q, 2, &len);
        key = sw_column_int(&q, 0);
        at_s = sw_column_int(&q, 1);
        memcpy(hash, bytes, len < sizeof hash ? len : sizeof hash);
    }
    sw_query_end(&q, r);
    if (r < 0 || key == 0)
        return r;
    r = sw_run_with(store, SQL_CUT_AUDIT, sw_int(key), sw_int(at_s),
                    sw_blob(hash, sizeof hash));
    if (r >= 0)
        r = sw_put(sw_query_with(store, SQL_REMOVE_OLD_AUDIT, sw_int(key)));
    return r;
}

/* ---- a step ---- */

static int remove_some(struct sw_store *store, enum sw_keep what, int64_t from_s)
{
    switch (what) {
    case SW_KEEP_READINGS:
        return remove_readings(store, from_s);
    case SW_KEEP_ALERTS:
        return remove_alerts(store, from_s);
    default:
        return remove_audit(store, from_s);
    }
}

/* Where what is kept begins is stored before anything is removed, and only if
 * something is. */
int sw_store_remove_older(struct sw_store *store, enum sw_keep what, int64_t from_s)
{
    int r = sw_store_begin(store);
    if (r < 0)
        return r;
    r = remove_some(store, what, from_s);
    int removed = r;
    if (r == SW_STORE_CHANGED)
        r = sw_run_with(store, SQL_PUT_KEPT, sw_text(keep_names[what]), sw_int(from_s));
    store->kept.is_read = false;
    if (r < 0 || removed == 0) {
        sw_store_rollback(store);
        return r;
    }
    r = sw_store_commit(store);
    return r < 0 ? r : removed;
}
