/* schema.h -- the databases' tables, as numbered steps that lead to them.
 *
 *     r = sw_schema_migrate(db, sw_schema_main.steps, sw_schema_main.version);
 *
 * A released step never changes: a change of the tables is a new step, a file
 * schema-N.sql or web-N.sql and a row in schema.c.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>
#include <stdbool.h>

/* The bytes that a refused message counts besides its own: 10,000 messages share the 16
 * MiB. It is SQL text because the query must repeat the index's expression exactly. */
#define REJECTED_ROW_BYTES "1678"

enum {
    SW_SCHEMA_VERSION = 1,                  /* PRAGMA user_version of our tables */
    SW_SCHEMA_APPLICATION = 0x53747764,     /* PRAGMA application_id: "Stwd" */
    SW_SCHEMA_WEB_APPLICATION = 0x53747777, /* "Stww" */
    SW_SCHEMA_APPLICATION_BEFORE =
        0x53746570, /* "Step": versions 1 to 5, never released */
};

/* A database's tables. The i-th step leads from version i to i + 1. */
struct sw_schema {
    const char *const *steps;
    int version;       /* how many steps there are */
    int application;   /* PRAGMA application_id */
    bool has_readings; /* a check looks at their checksums, too */
};
extern const struct sw_schema sw_schema_main; /* stepward.db: schema-N.sql */
extern const struct sw_schema sw_schema_web;  /* web.db: web-N.sql */

/* Take the steps that the database has not taken, each in its own transaction.
 * SQLITE_OK, or the code of the step that failed and left nothing behind. */
int sw_schema_migrate(sqlite3 *db, const char *const *steps, int n_steps);

/* The number that a pragma such as "PRAGMA user_version" returns. */
int sw_schema_number(sqlite3 *db, const char *pragma, int *ret_number);

#endif
