/* schema.h -- the database's tables, as numbered steps that lead to them.
 *
 *     r = sw_schema_migrate(db, sw_schema_steps, SW_SCHEMA_VERSION);
 *
 * A step that was released never changes: a change of the tables is a new step, a file
 * schema-N.sql and a row in schema.c.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>

/* A refused message is counted for so much besides its bytes: 10,000 of them for the
 * 16 MiB that all may take. In SQL, where an index must be asked for as it was made. */
#define REJECTED_ROW_BYTES "1678"

enum {
    SW_SCHEMA_VERSION = 1,              /* PRAGMA user_version of our tables */
    SW_SCHEMA_APPLICATION = 0x53747764, /* PRAGMA application_id: "Stwd" */
    SW_SCHEMA_APPLICATION_BEFORE =
        0x53746570, /* "Step": versions 1 to 5, never released */
};

/* The i-th leads from version i to i + 1. */
extern const char *const sw_schema_steps[SW_SCHEMA_VERSION];

/* Take the database through the steps it has not taken, each in a transaction of its
 * own. SQLITE_OK, or the code of the step that failed and left nothing behind. */
int sw_schema_migrate(sqlite3 *db, const char *const *steps, int n_steps);

/* The value of "PRAGMA user_version" and its like. */
int sw_schema_number(sqlite3 *db, const char *pragma, int *ret_number);

#endif
