/* schema_slip.c -- stepward_slip(), the SQL function that a step of the schema needs.
 * What a slip is, is slip.c's business. */
#include "store/schema.h"

#include "store/slip.h"

static void add(sqlite3_context *context, int n, sqlite3_value **values)
{
    struct sw_slip *slip = sqlite3_aggregate_context(context, sizeof *slip);
    (void)n;
    const struct sw_reading reading = {
        .start_s = sqlite3_value_int64(values[1]),
        .seconds = sqlite3_value_int(values[2]),
        .steps = sqlite3_value_int(values[3]),
        .worn = sqlite3_value_int(values[4]) != 0,
    };
    if (!slip || sw_slip_add(slip, sqlite3_value_int64(values[0]), &reading) < 0)
        sqlite3_result_error_nomem(context);
}

/* NULL, if there was no reading. */
static void end(sqlite3_context *context)
{
    struct sw_slip *slip = sqlite3_aggregate_context(context, 0);
    if (!slip)
        return;
    if (slip->n > 0) {
        sw_slip_seal(slip);
        sqlite3_result_blob64(context, slip->pack.bytes, slip->pack.len,
                              SQLITE_TRANSIENT);
    }
    sw_slip_fini(slip);
}

int sw_schema_add_slip(sqlite3 *db)
{
    return sqlite3_create_function(db, "stepward_slip", 5, SQLITE_UTF8, NULL, NULL, add,
                                   end);
}
