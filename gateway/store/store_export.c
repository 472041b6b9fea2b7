/* store_export.c -- everything stored of a patient, as JSON that SQLite makes of the
 * rows: one at a time, so that years of minutes need no memory.
 * The document around the rows is the command line's business. */
#include "store/store_private.h"

#include <string.h>

static const struct {
    const char *name;
    enum sw_sql sql;
} sections[] = {
    {"patient", SQL_EXPORT_PATIENT},  {"plans", SQL_EXPORT_PLANS},
    {"devices", SQL_EXPORT_DEVICES},  {"wearings", SQL_EXPORT_WEARINGS},
    {"days", SQL_EXPORT_DAYS},        {"alerts", SQL_EXPORT_ALERTS},
    {"pain", SQL_EXPORT_PAIN},        {"totals", SQL_EXPORT_TOTALS},
    {"readings", SQL_EXPORT_READING}, /* one at a time, see below */
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
