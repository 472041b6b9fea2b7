/* schema.c -- take a database through the steps that lead to its tables. The steps are
 * the files schema-N.sql and web-N.sql beside this one, which CMake embeds. What the rows
 * mean is the business of the store_*.c file that reads and writes them. */
#include "store/schema.h"

#include <stdio.h>

extern const char sw_schema_1_sql[], sw_web_1_sql[];

static const char *const main_steps[] = {sw_schema_1_sql};
_Static_assert(sizeof main_steps / sizeof *main_steps == SW_SCHEMA_VERSION,
               "a step each");
static const char *const web_steps[] = {sw_web_1_sql};
#define STEPS(list) .steps = list, .version = sizeof(list) / sizeof *(list)

const struct sw_schema sw_schema_main = {
    STEPS(main_steps), .application = SW_SCHEMA_APPLICATION, .has_readings = true};
const struct sw_schema sw_schema_web = {STEPS(web_steps),
                                        .application = SW_SCHEMA_WEB_APPLICATION};

int sw_schema_number(sqlite3 *db, const char *pragma, int *ret_number)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, pragma, -1, &stmt, NULL);
    if (rc == SQLITE_OK && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        *ret_number = sqlite3_column_int(stmt, 0);
        rc = SQLITE_OK;
    }
    sqlite3_finalize(stmt);
    return rc;
}

static int set_version(sqlite3 *db, int version)
{
    char sql[64];
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", version);
    return sqlite3_exec(db, sql, NULL, NULL, NULL);
}

/* Take one step. *version is read inside the transaction because two processes may
 * start at once. */
static int take_step(sqlite3 *db, const char *const *steps, int n, int *version)
{
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sw_schema_number(db, "PRAGMA user_version", version);
    if (rc == SQLITE_OK && *version < n) {
        rc = sqlite3_exec(db, steps[*version], NULL, NULL, NULL);
        if (rc == SQLITE_OK)
            rc = set_version(db, ++*version);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int sw_schema_migrate(sqlite3 *db, const char *const *steps, int n_steps)
{
    int version = 0;
    int rc = sw_schema_number(db, "PRAGMA user_version", &version);
    while (rc == SQLITE_OK && version < n_steps)
        rc = take_step(db, steps, n_steps, &version);
    return rc;
}
