/* schema.h -- the database's tables, as numbered steps that lead to them.
 *
 *     r = sw_schema_migrate(db, sw_schema_steps(), SW_SCHEMA_VERSION);
 *
 * A step that was released never changes: a change of the tables is a new step.
 */
#ifndef STORE_SCHEMA_H
#define STORE_SCHEMA_H

#include <sqlite3.h>

/* A refused message is counted for so much besides its bytes: 10,000 of them for the
 * 16 MiB that all may take. In SQL, where an index must be asked for as it was made. */
#define REJECTED_ROW_BYTES "1678"

enum {
    SW_SCHEMA_VERSION = 5,              /* PRAGMA user_version of our tables */
    SW_SCHEMA_PACKS = 3,                /* the first that has readings in packs, */
    SW_SCHEMA_SLIPS = 4,                /* and in slips */
    SW_SCHEMA_APPLICATION = 0x53746570, /* PRAGMA application_id: "Step" */
    SW_SCHEMA_PARTS_MAX = 16,
};

/* What leads from one version to the next: SQL in order, up to the first NULL. */
struct sw_schema_step {
    const char *sql[SW_SCHEMA_PARTS_MAX];
};
/* SW_SCHEMA_VERSION of them; the i-th leads from version i to i + 1. Static. */
const struct sw_schema_step *sw_schema_steps(void);

/* Take the database through the steps it has not taken, each in a transaction of its
 * own. SQLITE_OK, or the code of the step that failed and left nothing behind. */
int sw_schema_migrate(sqlite3 *db, const struct sw_schema_step *path, int n_steps);

/* stepward_slip(device, start_s, seconds, steps, worn): an aggregate, the slip of the
 * readings; NULL of none. For steps; it may be added twice. */
int sw_schema_add_slip(sqlite3 *db);

/* The value of "PRAGMA user_version" and its like. */
int sw_schema_number(sqlite3 *db, const char *pragma, int *ret_number);

#endif
