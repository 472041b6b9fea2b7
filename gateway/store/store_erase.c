/* store_erase.c -- remove a patient so that nothing of it can be found in the
 * file. The outbox, refused messages and backups are records/erase.c's and
 * its caller's business. */
#include "store/store_readings.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

int sw_store_find_tombstone(struct sw_store *store, struct sw_patient_id id,
                            int64_t *ret_erased_at_s)
{
    struct sw_query q = sw_query(store, SQL_FIND_TOMBSTONE);
    sw_bind_text(&q, id.str);
    int r = sw_query_row(&q);
    if (r > 0)
        *ret_erased_at_s = sw_column_int(&q, 0);
    return sw_query_one(&q, r);
}

static int count_reading(void *ctx, const char *device,
                         const struct sw_reading *reading)
{
    int64_t *n = ctx;
    (void)device, (void)reading;
    ++*n;
    return 0;
}

int sw_store_count_traces(struct sw_store *store, const struct sw_patient *patient,
                          struct sw_traces *ret)
{
    int64_t n_readings = 0;
    int r = sw_store_each_reading(store, patient->key, count_reading, &n_readings);
    if (r < 0)
        return r;
    struct sw_query q = sw_query(store, SQL_COUNT_TRACES);
    sw_bind_text(&q, patient->id.str);
    sw_bind_int(&q, patient->key);
    r = sw_query_row(&q);
    if (r > 0)
        *ret = (struct sw_traces){n_readings + sw_column_int(&q, 0),
                                  sw_column_int(&q, 1), sw_column_int(&q, 2)};
    return sw_query_one(&q, r);
}

/* Each text in the first column of a statement about the patient. */
static int each_text(struct sw_store *store, enum sw_sql sql, int64_t patient_key,
                     int (*each)(void *ctx, const char *text), void *ctx)
{
    struct sw_query q = sw_query(store, sql);
    int r;
    sw_bind_int(&q, patient_key);
    while ((r = sw_query_row(&q)) > 0) {
        r = each(ctx, sw_column_str(&q, 0));
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_each_therapist(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, const char *therapist), void *ctx)
{
    enum sw_sql sql = patient_key == 0 ? SQL_EVERY_THERAPIST : SQL_EACH_THERAPIST;
    return each_text(store, sql, patient_key, each, ctx);
}

int sw_store_each_tombstone(struct sw_store *store,
                            int (*each)(void *ctx, const char *patient), void *ctx)
{
    return each_text(store, SQL_EACH_TOMBSTONE, 0, each, ctx);
}

int sw_store_each_published(struct sw_store *store,
                            int (*each)(void *ctx, const char *therapist,
                                        const char *patient, const char *word),
                            void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_PUBLISHED);
    int r;
    sw_bind_text(&q, SW_ALERT_TEST);
    while ((r = sw_query_row(&q)) > 0) {
        r = each(ctx, sw_column_str(&q, 0), sw_column_str(&q, 1), sw_column_str(&q, 2));
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

static int store_erase_run(struct sw_store *store, enum sw_sql sql, int64_t key)
{
    struct sw_query q = sw_query(store, sql);
    sw_bind_int(&q, key);
    return sw_query_run(&q);
}

/* ---- the patient's rows ---- */

struct worn {
    struct sw_device_id items[SW_DEVICES_MAX];
    size_t n;
};

static int note_device(void *ctx, const char *device)
{
    struct worn *worn = ctx;
    struct sw_device_id *item = &worn->items[worn->n++];
    strncpy(item->str, device, SW_ID_MAX);
    item->str[SW_ID_MAX] = '\0';
    return worn->n == SW_DEVICES_MAX;
}

/* For the time in which the patient wore the devices, nobody does from now on. Dropping
 * the rows instead would give late readings to the wearer before. */
static int release_devices(struct sw_store *store, int64_t patient_key)
{
    struct worn worn = {.n = 0};
    int r = each_text(store, SQL_WORN_DEVICES, patient_key, note_device, &worn);
    if (r >= 0)
        r = store_erase_run(store, SQL_UNWEAR, patient_key);
    for (size_t i = 0; r >= 0 && i < worn.n; i++)
        r = sw_assignment_merge(store, &worn.items[i]);
    return r;
}

static int put_tombstone(struct sw_store *store, struct sw_patient_id id, int64_t at_s)
{
    struct sw_query q = sw_query(store, SQL_PUT_TOMBSTONE);
    sw_bind_text(&q, id.str);
    sw_bind_int(&q, at_s);
    return sw_query_run(&q);
}

int sw_store_erase_patient_row(struct sw_store *store, const struct sw_patient *patient,
                               int64_t now_s)
{
    int r = put_tombstone(store, patient->id, now_s);
    if (r >= 0)
        r = release_devices(store, patient->key);
    if (r >= 0)
        r = store_erase_run(store, SQL_REMOVE_PATIENT, patient->key);
    sw_recent_drop(store); /* the memory holds the patient's readings */
    return r;
}

/* ---- without a trace ---- */

static int pragma(struct sw_store *store, const char *sql)
{
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : sw_store_fail(store, rc);
}

int sw_store_begin_erasing(struct sw_store *store)
{
    int r = pragma(store, "PRAGMA secure_delete = ON");
    return r < 0 ? r : sw_store_begin(store);
}

/* Overwrite free pages that were not cleared: a table takes them all and
 * gives them back. */
static int clear_free_pages(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_FREE_PAGES);
    int64_t n = 0;
    char sql[250];
    int r = sw_query_row(&q);
    if (r > 0)
        n = sw_column_int(&q, 0);
    r = sw_query_end(&q, r > 0 ? 0 : r);
    if (r < 0 || n == 0)
        return r;
    snprintf(sql, sizeof sql,
             "CREATE TABLE scrub (x BLOB);"
             "INSERT INTO scrub WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL"
             " SELECT i + 1 FROM n WHERE i < %lld)"
             " SELECT zeroblob(page_size - 96) FROM n, pragma_page_size;"
             "DROP TABLE scrub;",
             (long long)n);
    return pragma(store, sql);
}

/* Empty the WAL, which still holds what the file no longer does. -EBUSY: there was
 * always a reader. */
static int empty_log(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_EMPTY_LOG);
    int r = sw_query_row(&q);
    bool is_busy = r > 0 && sw_column_int(&q, 0) != 0;
    r = sw_query_end(&q, r > 0 ? 0 : r);
    return is_busy ? -EBUSY : r;
}

int sw_store_commit_erasing(struct sw_store *store)
{
    int r = clear_free_pages(store);
    if (r < 0)
        sw_store_rollback(store);
    else
        r = sw_store_commit(store);
    if (r >= 0)
        r = empty_log(store);
    pragma(store, "PRAGMA secure_delete = FAST");
    return r;
}
