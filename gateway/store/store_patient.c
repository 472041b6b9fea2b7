/* store_patient.c -- patients and their plans, everything stored of a patient as JSON,
 * and its removal, so that nothing of it can be found in the file. What a plan's fields
 * may hold is core/plan.c's business; the document around the JSON is the command
 * line's; the outbox, refused messages and backups of an erased patient are
 * records/erase.c's and its caller's. */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/line.h"

static void read_patient(const struct sw_query *q, struct sw_patient *ret)
{
    ret->key = sw_column_int(q, 0);
    sw_column_text(q, 1, ret->id.str, sizeof ret->id.str);
    sw_column_text(q, 2, ret->name, sizeof ret->name);
    ret->added_at_s = sw_column_int(q, 3);
    ret->heard_at_s = sw_column_int(q, 4);
    ret->heard_stamp = sw_stamp_in_use(q->store, sw_column_int(q, 5));
    ret->refusing = (struct sw_refusing){
        .n = sw_column_int32(q, 6),
        .from_s = sw_column_int(q, 7),
        .to_s = sw_column_int(q, 8),
        .refusal = sw_refusal_parse(sw_column_str(q, 9)),
        .fast_s = sw_column_int(q, 10),
    };
}

int sw_store_add_patient(struct sw_store *store, const struct sw_patient *patient,
                         const struct sw_plan *plan, int64_t *ret_key)
{
    bool own;
    int64_t key = 0;
    int r = sw_atomic_begin(store, &own);
    if (r == 0)
        r = sw_run_with(store, SQL_ADD_PATIENT, sw_text(patient->id.str),
                        sw_text(patient->name), sw_int(patient->added_at_s),
                        sw_int(patient->heard_at_s));
    if (r == 0 && sw_changes(store) == 0)
        r = SW_STORE_EXISTS;
    if (r == 0) {
        key = sqlite3_last_insert_rowid(store->db);
        r = sw_store_put_plan(store, key, 0, plan);
    }
    r = sw_atomic_end(store, own, r);
    if (r == 0)
        *ret_key = key;
    return r;
}

int sw_store_find_therapist(struct sw_store *store, const char *therapist)
{
    struct sw_query q = sw_query_with(store, SQL_FIND_THERAPIST, sw_text(therapist));
    return sw_query_one(&q, sw_query_row(&q));
}

int sw_store_find_caseload(struct sw_store *store, const char *therapist)
{
    struct sw_query q = sw_query_with(store, SQL_FIND_CASELOAD, sw_text(therapist));
    return sw_query_one(&q, sw_query_row(&q));
}

int sw_store_rename_patient(struct sw_store *store, int64_t key, const char *name)
{
    if (strlen(name) > SW_NAME_MAX)
        return -EINVAL;
    return sw_run_on_one(
        sw_query_with(store, SQL_RENAME_PATIENT, sw_int(key), sw_text(name)));
}

int sw_store_put_heard(struct sw_store *store, int64_t patient_key, int64_t heard_at_s,
                       enum sw_stamp stamp)
{
    return sw_run_on_one(sw_query_with(store, SQL_PUT_HEARD, sw_int(patient_key),
                                       sw_int(heard_at_s),
                                       sw_int(sw_clock_of(store, stamp))));
}

int sw_store_put_refusing(struct sw_store *store, int64_t patient_key,
                          const struct sw_refusing *refusing)
{
    return sw_run_on_one(sw_query_with(
        store, SQL_PUT_REFUSING, sw_int(patient_key), sw_int(refusing->n),
        sw_int(refusing->from_s), sw_int(refusing->to_s),
        sw_text(sw_refusal_code(refusing->refusal)), sw_int(refusing->fast_s)));
}

/* ---- how late the data comes: ages as text, "26 25 41", for who reads the table ---- */

int sw_store_put_lateness(struct sw_store *store, int64_t patient_key,
                          const struct sw_lateness *lateness)
{
    char text[4 * SW_LATENESS_HOURS + 1];
    struct sw_line line = sw_line(text, sizeof text);
    for (int32_t i = 0; i < lateness->n; i++)
        sw_line_add(&line, "%s%d", i > 0 ? " " : "", lateness->age_min[i]);
    return sw_run_with(store, SQL_PUT_LATENESS, sw_int(patient_key),
                       sw_int(lateness->hour), sw_text(text));
}

static struct sw_lateness read_lateness(const struct sw_query *q)
{
    struct sw_lateness lateness = {.hour = sw_column_int(q, 1)};
    const char *text = sw_column_str(q, 2);
    for (char *end; lateness.n < SW_LATENESS_HOURS; text = end) {
        unsigned long age_min = strtoul(text, &end, 10);
        if (end == text)
            break;
        lateness.age_min[lateness.n++] =
            (uint8_t)(age_min < SW_LATENESS_AGE_MAX_MIN ? age_min
                                                        : SW_LATENESS_AGE_MAX_MIN);
    }
    return lateness;
}

int sw_store_each_lateness(struct sw_store *store, int64_t patient_key,
                           int (*each)(void *ctx, struct sw_patient_id patient,
                                       const struct sw_lateness *lateness),
                           void *ctx)
{
    struct sw_query q = sw_query_with(store, SQL_EACH_LATENESS, sw_int(patient_key));
    int r = 0;
    while (sw_query_next(&q, &r)) {
        struct sw_patient_id id = {""};
        struct sw_lateness lateness = read_lateness(&q);
        sw_column_text(&q, 0, id.str, sizeof id.str);
        r = each(ctx, id, &lateness);
    }
    return sw_query_end(&q, r);
}

static int keep_lateness(void *ctx, struct sw_patient_id id,
                         const struct sw_lateness *lateness)
{
    struct sw_lateness *ret = ctx;
    (void)id;
    *ret = *lateness;
    return 0;
}

int sw_store_get_lateness(struct sw_store *store, int64_t patient_key,
                          struct sw_lateness *ret)
{
    *ret = (struct sw_lateness){0};
    return sw_store_each_lateness(store, patient_key, keep_lateness, ret);
}

/* ---- finding patients ---- */

int sw_store_find_patient(struct sw_store *store, struct sw_patient_id id,
                          struct sw_patient *ret)
{
    struct sw_query q = sw_query_with(store, SQL_FIND_PATIENT, sw_text(id.str));
    int r = sw_query_row(&q);
    if (r > 0)
        read_patient(&q, ret);
    return sw_query_one(&q, r);
}

int sw_store_each_patient(struct sw_store *store,
                          int (*each)(void *ctx, const struct sw_patient *patient),
                          void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_PATIENT);
    struct sw_patient patient;
    int r = 0;
    while (sw_query_next(&q, &r)) {
        read_patient(&q, &patient);
        r = each(ctx, &patient);
    }
    return sw_query_end(&q, r);
}

/* ---- plans ---- */

enum { PATIENT_COLUMNS = 11, PLAN_COLUMNS = 11 }; /* of SQL_PATIENT and SQL_PLAN */

/* Read the plan whose columns begin at `first`. */
static void read_plan(const struct sw_query *q, int first, struct sw_plan *ret)
{
    sw_column_text(q, first, ret->therapist.str, sizeof ret->therapist.str);
    ret->wake_from_min = sw_column_int32(q, first + 1);
    ret->wake_to_min = sw_column_int32(q, first + 2);
    ret->rest_limit_min = sw_column_int32(q, first + 3);
    ret->nudge_after_min = sw_column_int32(q, first + 4);
    ret->break_steps = sw_column_int32(q, first + 5);
    ret->goal = sw_column_int32(q, first + 6);
    ret->floor = sw_column_int32(q, first + 7);
    ret->ceiling = sw_column_int32(q, first + 8);
    ret->silent_after_s = sw_column_int32(q, first + 9);
    ret->fresh_min = sw_column_int32(q, first + 10);
}

int sw_store_put_plan(struct sw_store *store, int64_t patient_key, int32_t from_day,
                      const struct sw_plan *plan)
{
    return sw_run_with(store, SQL_PUT_PLAN, sw_int(patient_key), sw_int(from_day),
                       sw_text(plan->therapist.str), sw_int(plan->wake_from_min),
                       sw_int(plan->wake_to_min), sw_int(plan->rest_limit_min),
                       sw_int(plan->nudge_after_min), sw_int(plan->break_steps),
                       sw_int(plan->goal), sw_int(plan->floor), sw_int(plan->ceiling),
                       sw_int(plan->silent_after_s), sw_int(plan->fresh_min));
}

int sw_store_plan_on(struct sw_store *store, int64_t patient_key, int32_t day,
                     struct sw_plan *ret)
{
    struct sw_query q =
        sw_query_with(store, SQL_PLAN_ON, sw_int(patient_key), sw_int(day));
    int r = sw_query_row(&q);
    if (r > 0)
        read_plan(&q, 0, ret);
    return sw_query_one(&q, r);
}

int sw_store_each_patient_on(struct sw_store *store, int32_t day,
                             int (*each)(void *ctx, const struct sw_patient *patient,
                                         const struct sw_plan *plan),
                             void *ctx)
{
    struct sw_patient patient;
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_EACH_PATIENT_ON, sw_int(day));
    while (sw_query_next(&q, &r)) {
        struct sw_plan plan = sw_plan_default();
        bool has_plan = !sw_column_is_null(&q, PATIENT_COLUMNS);
        read_patient(&q, &patient);
        if (has_plan)
            read_plan(&q, PATIENT_COLUMNS, &plan);
        r = each(ctx, &patient, &plan);
    }
    return sw_query_end(&q, r);
}

int sw_store_each_plan(struct sw_store *store, int64_t patient_key,
                       int (*each)(void *ctx, int32_t from_day,
                                   const struct sw_plan *plan),
                       void *ctx)
{
    struct sw_plan plan;
    int r = 0;
    struct sw_query q = sw_query_with(store, SQL_EACH_PLAN, sw_int(patient_key));
    while (sw_query_next(&q, &r)) {
        read_plan(&q, 0, &plan);
        r = each(ctx, sw_column_int32(&q, PLAN_COLUMNS), &plan);
    }
    return sw_query_end(&q, r);
}

/* Each text in the first column of a statement about the patient. */
static int each_text(struct sw_store *store, enum sw_sql sql, int64_t patient_key,
                     int (*each)(void *ctx, const char *text), void *ctx)
{
    int r = 0;
    struct sw_query q = sw_query_with(store, sql, sw_int(patient_key));
    while (sw_query_next(&q, &r))
        r = each(ctx, sw_column_str(&q, 0));
    return sw_query_end(&q, r);
}

/* ---- as JSON that SQLite makes of the rows, one row at a time, so that years of
 * minutes need no memory ---- */

static const struct {
    const char *name;
    enum sw_sql sql;
} sections[] = {
    {"patient", SQL_EXPORT_PATIENT},   {"plans", SQL_EXPORT_PLANS},
    {"devices", SQL_EXPORT_DEVICES},   {"wearings", SQL_EXPORT_WEARINGS},
    {"days", SQL_EXPORT_DAYS},         {"alerts", SQL_EXPORT_ALERTS},
    {"contacts", SQL_EXPORT_CONTACTS}, {"audit", SQL_EXPORT_AUDIT},
    {"pain", SQL_EXPORT_PAIN},         {"totals", SQL_EXPORT_TOTALS},
    {"readings", SQL_EXPORT_READING}, /* each reading by itself */
};

const char *sw_store_export_section(size_t i)
{
    return i < sizeof sections / sizeof *sections ? sections[i].name : NULL;
}

struct exporting {
    struct sw_store *store;
    int (*each)(void *ctx, const char *json);
    void *ctx;
};

static int export_reading(void *ctx, const char *device,
                          const struct sw_reading *reading)
{
    const struct exporting *exporting = ctx;
    struct sw_query q =
        sw_query_with(exporting->store, SQL_EXPORT_READING, sw_int(reading->start_s),
                      sw_int(reading->seconds), sw_int(reading->steps),
                      sw_int(reading->worn), sw_text(device));
    int r = sw_query_row(&q);
    if (r > 0)
        r = exporting->each(exporting->ctx, sw_column_str(&q, 0));
    return sw_query_end(&q, r);
}

int sw_store_export(struct sw_store *store, int64_t patient_key, size_t section,
                    int (*each)(void *ctx, const char *json), void *ctx)
{
    struct exporting exporting = {.store = store, .each = each, .ctx = ctx};
    if (sections[section].sql == SQL_EXPORT_READING)
        return sw_store_each_reading(store, patient_key, export_reading, &exporting);
    return each_text(store, sections[section].sql, patient_key, each, ctx);
}

int sw_store_begin_reading(struct sw_store *store)
{
    return sw_run(sw_query(store, SQL_BEGIN_READING));
}

/* ---- what there is of a patient, and where it may have been published ---- */

int sw_store_find_tombstone(struct sw_store *store, struct sw_patient_id id,
                            int64_t *ret_erased_at_s)
{
    return sw_query_number(sw_query_with(store, SQL_FIND_TOMBSTONE, sw_text(id.str)),
                           ret_erased_at_s);
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
    struct sw_query q = sw_query_with(store, SQL_COUNT_TRACES, sw_text(patient->id.str),
                                      sw_int(patient->key));
    r = sw_query_row(&q);
    if (r > 0)
        *ret =
            (struct sw_traces){n_readings + sw_column_int(&q, 0), sw_column_int(&q, 1),
                               sw_column_int(&q, 2), sw_column_int(&q, 3)};
    return sw_query_one(&q, r);
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
    int r = 0;
    struct sw_query q =
        sw_query_with(store, SQL_EACH_PUBLISHED, sw_text(SW_ALERT_TEST));
    while (sw_query_next(&q, &r))
        r = each(ctx, sw_column_str(&q, 0), sw_column_str(&q, 1), sw_column_str(&q, 2));
    return sw_query_end(&q, r);
}

/* ---- erasing: the patient's rows ---- */

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
        r = sw_run_with(store, SQL_UNWEAR, sw_int(patient_key));
    for (size_t i = 0; r >= 0 && i < worn.n; i++)
        r = sw_assignment_merge(store, &worn.items[i]);
    return r;
}

int sw_store_erase_patient_row(struct sw_store *store, const struct sw_patient *patient,
                               int64_t now_s)
{
    int r =
        sw_run_with(store, SQL_PUT_TOMBSTONE, sw_text(patient->id.str), sw_int(now_s));
    if (r >= 0)
        r = release_devices(store, patient->key);
    if (r >= 0)
        r = sw_run_with(store, SQL_REMOVE_PATIENT, sw_int(patient->key));
    sw_recent_drop(store); /* the memory holds the patient's readings */
    return r;
}

/* ---- erasing: without a trace ---- */

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
    int64_t n = 0;
    char sql[250];
    int r = sw_query_number(sw_query(store, SQL_FREE_PAGES), &n);
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
    int64_t is_busy = 0;
    int r = sw_query_number(sw_query(store, SQL_EMPTY_LOG), &is_busy);
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
