/* store_patient.c -- patients and their plans, and everything stored of a patient as
 * JSON. What a plan's fields may hold is core/plan.c's business; the document around
 * the JSON is the command line's. */
#include "store/store_private.h"

#include <errno.h>
#include <string.h>

static void store_patient_read_patient(const struct sw_query *q, struct sw_patient *ret)
{
    ret->key = sw_column_int(q, 0);
    sw_column_text(q, 1, ret->id.str, sizeof ret->id.str);
    sw_column_text(q, 2, ret->name, sizeof ret->name);
    ret->added_at_s = sw_column_int(q, 3);
    ret->heard_at_s = sw_column_int(q, 4);
    ret->heard_stamp = sw_stamp_in_use(q->store, sw_column_int(q, 5));
}

static int insert_patient(struct sw_store *store, const struct sw_patient *patient)
{
    struct sw_query q = sw_query(store, SQL_ADD_PATIENT);
    sw_bind_text(&q, patient->id.str);
    sw_bind_text(&q, patient->name);
    sw_bind_int(&q, patient->added_at_s);
    sw_bind_int(&q, patient->heard_at_s);
    int r = sw_query_run(&q);
    if (r < 0)
        return r;
    return sw_changes(store) > 0 ? 0 : SW_STORE_EXISTS;
}

int sw_store_add_patient(struct sw_store *store, const struct sw_patient *patient,
                         const struct sw_plan *plan, int64_t *ret_key)
{
    bool own;
    int64_t key = 0;
    int r = sw_atomic_begin(store, &own);
    if (r < 0)
        return r;
    r = insert_patient(store, patient);
    if (r == 0) {
        key = sqlite3_last_insert_rowid(store->db);
        r = sw_store_put_plan(store, key, 0, plan);
    }
    r = sw_atomic_end(store, own, r);
    if (r == 0)
        *ret_key = key;
    return r;
}

/* Run a statement that changes one patient's row: 0 or SW_STORE_NONE. */
static int run_on_patient(struct sw_query *q)
{
    int r = sw_query_run(q);
    if (r < 0)
        return r;
    return sw_changes(q->store) > 0 ? 0 : SW_STORE_NONE;
}

int sw_store_find_therapist(struct sw_store *store, const char *therapist)
{
    struct sw_query q = sw_query(store, SQL_FIND_THERAPIST);
    sw_bind_text(&q, therapist);
    return sw_query_one(&q, sw_query_row(&q));
}

int sw_store_rename_patient(struct sw_store *store, int64_t key, const char *name)
{
    if (strlen(name) > SW_NAME_MAX)
        return -EINVAL;
    struct sw_query q = sw_query(store, SQL_RENAME_PATIENT);
    sw_bind_int(&q, key);
    sw_bind_text(&q, name);
    return run_on_patient(&q);
}

int sw_store_put_heard(struct sw_store *store, int64_t patient_key, int64_t heard_at_s,
                       enum sw_stamp stamp)
{
    struct sw_query q = sw_query(store, SQL_PUT_HEARD);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, heard_at_s);
    sw_bind_int(&q, sw_clock_of(store, stamp));
    return run_on_patient(&q);
}

int sw_store_find_patient(struct sw_store *store, struct sw_patient_id id,
                          struct sw_patient *ret)
{
    struct sw_query q = sw_query(store, SQL_FIND_PATIENT);
    sw_bind_text(&q, id.str);
    int r = sw_query_row(&q);
    if (r > 0)
        store_patient_read_patient(&q, ret);
    return sw_query_one(&q, r);
}

int sw_store_each_patient(struct sw_store *store,
                          int (*each)(void *ctx, const struct sw_patient *patient),
                          void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_PATIENT);
    struct sw_patient patient;
    int r;
    while ((r = sw_query_row(&q)) > 0) {
        store_patient_read_patient(&q, &patient);
        r = each(ctx, &patient);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

/* ---- plans ---- */

enum { PATIENT_COLUMNS = 6, PLAN_COLUMNS = 11 }; /* of SQL_PATIENT and SQL_PLAN */

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
    struct sw_query q = sw_query(store, SQL_PUT_PLAN);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, from_day);
    sw_bind_text(&q, plan->therapist.str);
    sw_bind_int(&q, plan->wake_from_min);
    sw_bind_int(&q, plan->wake_to_min);
    sw_bind_int(&q, plan->rest_limit_min);
    sw_bind_int(&q, plan->nudge_after_min);
    sw_bind_int(&q, plan->break_steps);
    sw_bind_int(&q, plan->goal);
    sw_bind_int(&q, plan->floor);
    sw_bind_int(&q, plan->ceiling);
    sw_bind_int(&q, plan->silent_after_s);
    sw_bind_int(&q, plan->fresh_min);
    return sw_query_run(&q);
}

int sw_store_plan_on(struct sw_store *store, int64_t patient_key, int32_t day,
                     struct sw_plan *ret)
{
    struct sw_query q = sw_query(store, SQL_PLAN_ON);
    sw_bind_int(&q, patient_key);
    sw_bind_int(&q, day);
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
    struct sw_query q = sw_query(store, SQL_EACH_PATIENT_ON);
    struct sw_patient patient;
    int r;
    sw_bind_int(&q, day);
    while ((r = sw_query_row(&q)) > 0) {
        struct sw_plan plan = sw_plan_default();
        bool has_plan = !sw_column_is_null(&q, PATIENT_COLUMNS);
        store_patient_read_patient(&q, &patient);
        if (has_plan)
            read_plan(&q, PATIENT_COLUMNS, &plan);
        r = each(ctx, &patient, &plan);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_each_plan(struct sw_store *store, int64_t patient_key,
                       int (*each)(void *ctx, int32_t from_day,
                                   const struct sw_plan *plan),
                       void *ctx)
{
    struct sw_query q = sw_query(store, SQL_EACH_PLAN);
    struct sw_plan plan;
    int r;
    sw_bind_int(&q, patient_key);
    while ((r = sw_query_row(&q)) > 0) {
        read_plan(&q, 0, &plan);
        r = each(ctx, sw_column_int32(&q, PLAN_COLUMNS), &plan);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

/* ---- as JSON that SQLite makes of the rows, one row at a time, so that years of
 * minutes need no memory ---- */

static const struct {
    const char *name;
    enum sw_sql sql;
} sections[] = {
    {"patient", SQL_EXPORT_PATIENT},  {"plans", SQL_EXPORT_PLANS},
    {"devices", SQL_EXPORT_DEVICES},  {"wearings", SQL_EXPORT_WEARINGS},
    {"days", SQL_EXPORT_DAYS},        {"alerts", SQL_EXPORT_ALERTS},
    {"pain", SQL_EXPORT_PAIN},        {"totals", SQL_EXPORT_TOTALS},
    {"readings", SQL_EXPORT_READING}, /* each reading by itself, see below */
};

const char *sw_store_export_section(size_t i)
{
    return i < sizeof sections / sizeof *sections ? sections[i].name : NULL;
}

/* ---- readings, one at a time ---- */

struct exporting {
    struct sw_store *store;
    int (*each)(void *ctx, const char *json);
    void *ctx;
};

static int export_reading(void *ctx, const char *device,
                          const struct sw_reading *reading)
{
    const struct exporting *exporting = ctx;
    struct sw_query q = sw_query(exporting->store, SQL_EXPORT_READING);
    sw_bind_int(&q, reading->start_s);
    sw_bind_int(&q, reading->seconds);
    sw_bind_int(&q, reading->steps);
    sw_bind_int(&q, reading->worn);
    sw_bind_text(&q, device);
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
    struct sw_query q = sw_query(store, sections[section].sql);
    int r;
    sw_bind_int(&q, patient_key);
    while ((r = sw_query_row(&q)) > 0) {
        r = each(ctx, sw_column_str(&q, 0));
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_begin_reading(struct sw_store *store)
{
    struct sw_query q = sw_query(store, SQL_BEGIN_READING);
    return sw_query_run(&q);
}
