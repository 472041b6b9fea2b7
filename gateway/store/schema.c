/* schema.c -- the tables and the steps that lead to them.
 * What the rows mean is the business of the store_*.c file that reads and writes them.
 *
 * Times are _s, whole seconds since 1970-01-01T00:00Z; from_day counts days since then.
 * Table `day` is the contract's: its names and their order are the CSV header.
 */
#include "store/schema.h"

#include <stdio.h>

#include "stepward/store.h"

/* key AUTOINCREMENT: a number is never given twice, so that one that is held in memory
 * cannot come to mean another patient after an erasure. */
#define PATIENT                                                                        \
    "CREATE TABLE patient ("                                                           \
    " key INTEGER PRIMARY KEY AUTOINCREMENT,"                                          \
    " id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 36),"                    \
    " name TEXT NOT NULL,"                                                             \
    " added_at_s INTEGER NOT NULL,"                                                    \
    " heard_at_s INTEGER NOT NULL"                                                     \
    ") STRICT;"

#define PLAN                                                                           \
    "CREATE TABLE plan ("                                                              \
    " patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,"            \
    " from_day INTEGER NOT NULL CHECK (from_day >= 0),"                                \
    " therapist TEXT NOT NULL,"                                                        \
    " wake_from_min INTEGER NOT NULL,"                                                 \
    " wake_to_min INTEGER NOT NULL,"                                                   \
    " rest_limit_min INTEGER NOT NULL,"                                                \
    " nudge_after_min INTEGER NOT NULL,"                                               \
    " break_steps INTEGER NOT NULL,"                                                   \
    " goal INTEGER NOT NULL,"                                                          \
    " floor INTEGER NOT NULL,"                                                         \
    " ceiling INTEGER NOT NULL,"                                                       \
    " silent_after_s INTEGER NOT NULL,"                                                \
    " PRIMARY KEY (patient, from_day)"                                                 \
    ") STRICT, WITHOUT ROWID;"

/* A row a reading, until version 3: see PACKS. */
#define READINGS                                                                       \
    "CREATE TABLE device ("                                                            \
    " key INTEGER PRIMARY KEY AUTOINCREMENT,"                                          \
    " patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,"            \
    " id TEXT NOT NULL CHECK (length(id) <= 36),"                                      \
    " UNIQUE (patient, id)"                                                            \
    ") STRICT;"                                                                        \
    "CREATE TABLE reading ("                                                           \
    " device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,"              \
    " start_s INTEGER NOT NULL,"                                                       \
    " seconds INTEGER NOT NULL CHECK (seconds BETWEEN 1 AND 86400),"                   \
    " steps INTEGER NOT NULL CHECK (steps BETWEEN 0 AND 2147483647),"                  \
    " worn INTEGER NOT NULL CHECK (worn IN (0, 1)),"                                   \
    " PRIMARY KEY (device, start_s, seconds)"                                          \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "CREATE TABLE total ("                                                             \
    " device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,"              \
    " at_s INTEGER NOT NULL,"                                                          \
    " total INTEGER NOT NULL CHECK (total >= 0),"                                      \
    " PRIMARY KEY (device, at_s)"                                                      \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "CREATE TABLE pain ("                                                              \
    " patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,"            \
    " at_s INTEGER NOT NULL,"                                                          \
    " score REAL NOT NULL CHECK (score BETWEEN 0 AND 10),"                             \
    " flare INTEGER NOT NULL CHECK (flare IN (0, 1)),"                                 \
    " PRIMARY KEY (patient, at_s)"                                                     \
    ") STRICT, WITHOUT ROWID;"

#define DAY_COLUMNS                                                                    \
    " patient TEXT NOT NULL REFERENCES patient (id) ON DELETE CASCADE,"                \
    " day TEXT NOT NULL,"                                                              \
    " steps INTEGER NOT NULL,"                                                         \
    " active_min INTEGER NOT NULL,"                                                    \
    " still_min INTEGER NOT NULL,"                                                     \
    " unworn_min INTEGER NOT NULL,"                                                    \
    " unknown_min INTEGER NOT NULL,"                                                   \
    " coverage_pct INTEGER NOT NULL,"                                                  \
    " longest_rest_min INTEGER NOT NULL,"                                              \
    " longest_rest_from TEXT NOT NULL,"                                                \
    " rests_60 INTEGER NOT NULL,"                                                      \
    " active_hours INTEGER NOT NULL,"                                                  \
    " brisk_min INTEGER NOT NULL,"                                                     \
    " valid INTEGER NOT NULL,"                                                         \
    " goal INTEGER,"                                                                   \
    " goal_pct INTEGER,"                                                               \
    " pain_max REAL,"                                                                  \
    " pain_mean REAL,"
#define DAY                                                                            \
    "CREATE TABLE day (" DAY_COLUMNS " PRIMARY KEY (patient, day)"                     \
    ") STRICT, WITHOUT ROWID;"

/* One alert that is not closed a patient and kind; the log keeps every transition. */
#define ALERTS                                                                         \
    "CREATE TABLE alert ("                                                             \
    " id TEXT NOT NULL PRIMARY KEY,"                                                   \
    " patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,"            \
    " therapist TEXT NOT NULL,"                                                        \
    " kind TEXT NOT NULL,"                                                             \
    " level TEXT NOT NULL,"                                                            \
    " state TEXT NOT NULL,"                                                            \
    " reason TEXT NOT NULL,"                                                           \
    " rev INTEGER NOT NULL,"                                                           \
    " opened_at_s INTEGER NOT NULL,"                                                   \
    " updated_at_s INTEGER NOT NULL,"                                                  \
    " closed_at_s INTEGER NOT NULL,"                                                   \
    " shelved_until_s INTEGER NOT NULL,"                                               \
    " acted_by TEXT NOT NULL,"                                                         \
    " note TEXT NOT NULL,"                                                             \
    " evidence_0 INTEGER NOT NULL,"                                                    \
    " evidence_1 INTEGER NOT NULL,"                                                    \
    " evidence_2 INTEGER NOT NULL,"                                                    \
    " span_from_s INTEGER NOT NULL,"                                                   \
    " span_to_s INTEGER NOT NULL"                                                      \
    ") STRICT;"                                                                        \
    "CREATE UNIQUE INDEX alert_open ON alert (patient, kind) WHERE state <> 'closed';" \
    "CREATE INDEX alert_patient ON alert (patient);"                                   \
    "CREATE INDEX alert_closed ON alert (updated_at_s) WHERE state = 'closed';"        \
    "CREATE TABLE alert_log ("                                                         \
    " key INTEGER PRIMARY KEY,"                                                        \
    " alert TEXT NOT NULL REFERENCES alert (id) ON DELETE CASCADE,"                    \
    " at_s INTEGER NOT NULL,"                                                          \
    " who TEXT NOT NULL,"                                                              \
    " from_state TEXT NOT NULL,"                                                       \
    " to_state TEXT NOT NULL,"                                                         \
    " why TEXT NOT NULL"                                                               \
    ") STRICT;"                                                                        \
    "CREATE INDEX alert_log_alert ON alert_log (alert);"

/* seq AUTOINCREMENT: a later publication has a greater number than any before, also
 * when those are gone. */
#define OUTBOX                                                                         \
    "CREATE TABLE outbox ("                                                            \
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"                                          \
    " topic TEXT NOT NULL UNIQUE CHECK (length(topic) BETWEEN 1 AND 511),"             \
    " payload TEXT NOT NULL"                                                           \
    ") STRICT;"

/* bytes_before: bytes of all messages refused before this one. The difference between
 * two rows bounds what stands between them, without a scan. */
#define REJECTED                                                                       \
    "CREATE TABLE rejected ("                                                          \
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"                                           \
    " at_s INTEGER NOT NULL,"                                                          \
    " refusal TEXT NOT NULL,"                                                          \
    " why TEXT NOT NULL,"                                                              \
    " topic BLOB NOT NULL,"                                                            \
    " payload BLOB NOT NULL,"                                                          \
    " retained INTEGER NOT NULL,"                                                      \
    " bytes_before INTEGER NOT NULL"                                                   \
    ") STRICT;"

#define MEMORY                                                                         \
    "CREATE TABLE health ("                                                            \
    " one INTEGER PRIMARY KEY CHECK (one = 1),"                                        \
    " messages INTEGER NOT NULL,"                                                      \
    " readings INTEGER NOT NULL,"                                                      \
    " rejected INTEGER NOT NULL,"                                                      \
    " inbox_pending INTEGER NOT NULL,"                                                 \
    " commits INTEGER NOT NULL,"                                                       \
    " open_alerts INTEGER NOT NULL,"                                                   \
    " uptime_s INTEGER NOT NULL,"                                                      \
    " version TEXT NOT NULL,"                                                          \
    " connected INTEGER NOT NULL,"                                                     \
    " clock_trusted INTEGER NOT NULL,"                                                 \
    " written_at_s INTEGER NOT NULL,"                                                  \
    " last_message_at_s INTEGER NOT NULL,"                                             \
    " last_commit_at_s INTEGER NOT NULL,"                                              \
    " problem TEXT NOT NULL"                                                           \
    ") STRICT;"                                                                        \
    "CREATE TABLE watched ("                                                           \
    " from_s INTEGER PRIMARY KEY,"                                                     \
    " to_s INTEGER NOT NULL CHECK (to_s >= from_s)"                                    \
    ") STRICT;"                                                                        \
    "CREATE TABLE memo ("                                                              \
    " name TEXT NOT NULL PRIMARY KEY,"                                                 \
    " text TEXT NOT NULL"                                                              \
    ") STRICT, WITHOUT ROWID;"

#define INCIDENTS                                                                      \
    "CREATE TABLE incident ("                                                          \
    " kind TEXT NOT NULL,"                                                             \
    " at_s INTEGER NOT NULL,"                                                          \
    " over_at_s INTEGER NOT NULL,"                                                     \
    " text TEXT NOT NULL,"                                                             \
    " PRIMARY KEY (at_s, kind)"                                                        \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "ALTER TABLE health ADD COLUMN incident TEXT NOT NULL DEFAULT '';"

/* From from_s on the device is worn by the patient, or by nobody, until its next row:
 * no two can wear it at once. */
#define WEARERS                                                                        \
    "CREATE TABLE wearer ("                                                            \
    " device TEXT NOT NULL CHECK (length(device) BETWEEN 1 AND 36),"                   \
    " from_s INTEGER NOT NULL,"                                                        \
    " patient INTEGER REFERENCES patient (key) ON DELETE SET NULL,"                    \
    " PRIMARY KEY (device, from_s)"                                                    \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "CREATE INDEX wearer_patient ON wearer (patient);"

/* A device's newest level of battery; at 0: it told none. What an alert of the kind
 * `battery` is about stands with the alert. */
#define BATTERIES                                                                      \
    "ALTER TABLE device ADD COLUMN battery_pct INTEGER NOT NULL DEFAULT 0;"            \
    "ALTER TABLE device ADD COLUMN battery_at_s INTEGER NOT NULL DEFAULT 0;"           \
    "ALTER TABLE alert ADD COLUMN device TEXT NOT NULL DEFAULT '';"

/* over_budget: it was one more than its therapist's budget for the day when it opened,
 * and was not published then. */
#define BUDGET                                                                         \
    "ALTER TABLE alert ADD COLUMN over_budget INTEGER NOT NULL DEFAULT 0;"             \
    "CREATE INDEX alert_opened ON alert (opened_at_s);"

/* retry: somebody asked for it to be taken once more; the gateway has not yet. */
#define RETRIES                                                                        \
    "ALTER TABLE rejected ADD COLUMN retry INTEGER NOT NULL DEFAULT 0;"                \
    "CREATE INDEX rejected_retry ON rejected (retry) WHERE retry = 1;"

/* All that is left of a patient: so that late messages do not bring it back. */
#define TOMBSTONES                                                                     \
    "CREATE TABLE tombstone ("                                                         \
    " id TEXT NOT NULL PRIMARY KEY,"                                                   \
    " erased_at_s INTEGER NOT NULL"                                                    \
    ") STRICT, WITHOUT ROWID;"

/* A row a topic and alert: the last of an alert is not lost to the first of the next.
 */
#define OUTBOX_BY_ALERT                                                                \
    "CREATE TABLE outbox_2 ("                                                          \
    " seq INTEGER PRIMARY KEY AUTOINCREMENT,"                                          \
    " topic TEXT NOT NULL CHECK (length(topic) BETWEEN 1 AND 511),"                    \
    " about TEXT NOT NULL,"                                                            \
    " payload TEXT NOT NULL,"                                                          \
    " UNIQUE (topic, about)"                                                           \
    ") STRICT;"                                                                        \
    "INSERT INTO outbox_2 SELECT seq, topic, '', payload FROM outbox;"                 \
    "DROP TABLE outbox;"                                                               \
    "ALTER TABLE outbox_2 RENAME TO outbox;"

/* Readings come in two places. What a commit brings of a device, mostly one minute,
 * goes to the end of `recent`, see SLIPS. From there it is moved by the thousand into
 * `pack`, where a row holds all that a device said of six hours, see pack.h. Its rows
 * stand as they came, so those of one time together, and few pages are written then;
 * and beside their number, not in an index: there a row of this length would spill into
 * a page of its own. One index has a device's together, the other those of a time,
 * which are few pages for all devices. The set of a device's readings is the union of
 * both, see store_reading.c. */
#define PACKS                                                                          \
    "CREATE TABLE recent ("                                                            \
    " key INTEGER PRIMARY KEY,"                                                        \
    " device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,"              \
    " start_s INTEGER NOT NULL,"                                                       \
    " seconds INTEGER NOT NULL CHECK (seconds BETWEEN 1 AND 86400),"                   \
    " steps INTEGER NOT NULL CHECK (steps BETWEEN 0 AND 2147483647),"                  \
    " worn INTEGER NOT NULL CHECK (worn IN (0, 1))"                                    \
    ") STRICT;"                                                                        \
    "CREATE TABLE pack ("                                                              \
    " key INTEGER PRIMARY KEY,"                                                        \
    " device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,"              \
    " period INTEGER NOT NULL,"                                                        \
    " readings BLOB NOT NULL,"                                                         \
    " UNIQUE (device, period)"                                                         \
    ") STRICT;"                                                                        \
    "CREATE INDEX pack_period ON pack (period, device);"                               \
    "INSERT INTO recent (device, start_s, seconds, steps, worn)"                       \
    " SELECT device, start_s, seconds, steps, worn FROM reading;"                      \
    "DROP TABLE reading;"

/* The rows of a day stand together: those of today are the ones that change. */
#define DAYS_BY_DAY                                                                    \
    "CREATE TABLE day_3 (" DAY_COLUMNS " PRIMARY KEY (day, patient)"                   \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "INSERT INTO day_3 SELECT * FROM day;"                                             \
    "DROP TABLE day;"                                                                  \
    "ALTER TABLE day_3 RENAME TO day;"                                                 \
    "CREATE INDEX day_patient ON day (patient, day);"

/* A row a commit, not a row a reading: a page takes five times as many. */
#define SLIPS                                                                          \
    "CREATE TABLE recent_4 (key INTEGER PRIMARY KEY, readings BLOB NOT NULL) STRICT;"  \
    "WITH RECURSIVE part (n) AS (SELECT min(key) / 1024 FROM recent"                   \
    " UNION ALL SELECT n + 1 FROM part"                                                \
    " WHERE n < (SELECT max(key) / 1024 FROM recent))"                                 \
    " INSERT INTO recent_4 (readings) SELECT * FROM (SELECT"                           \
    " (SELECT stepward_slip(device, start_s, seconds, steps, worn) FROM recent"        \
    " WHERE key BETWEEN n * 1024 AND n * 1024 + 1023) AS slip FROM part)"              \
    " WHERE slip IS NOT NULL;"                                                         \
    "DROP TABLE recent;"                                                               \
    "ALTER TABLE recent_4 RENAME TO recent;"

/* clock: whose time at_s is. 0: the device's; above 0: that of receipt, by the clock of
 * this key; -1: that of receipt, by one that nobody knows any more. What was stored
 * before does not say, and is taken for the last: so a day that was not measured is not
 * one of rest. A row of `clock` is a boot of the machine: what came in it without a
 * time of its own is dated by its offset, the wall clock less the time since boot. The
 * columns of a primary key stand first: of a table without rowids the quick check of
 * SQLite 3.40 takes the others from their place among those declared. Rows go there and
 * back: to rename a table costs a new database more than all else in its steps. */
#define CLOCKS                                                                         \
    "CREATE TABLE clock ("                                                             \
    " key INTEGER PRIMARY KEY CHECK (key > 0),"                                        \
    " boot INTEGER NOT NULL,"                                                          \
    " offset_ms INTEGER NOT NULL,"                                                     \
    " since_ms INTEGER NOT NULL,"                                                      \
    " seen_ms INTEGER NOT NULL,"                                                       \
    " offset_before_ms INTEGER,"                                                       \
    " told_at_s INTEGER NOT NULL"                                                      \
    ") STRICT;"                                                                        \
    "CREATE TABLE kept AS SELECT device, at_s, total FROM total;"                      \
    "DROP TABLE total;"                                                                \
    "CREATE TABLE total ("                                                             \
    " device INTEGER NOT NULL REFERENCES device (key) ON DELETE CASCADE,"              \
    " at_s INTEGER NOT NULL,"                                                          \
    " clock INTEGER NOT NULL,"                                                         \
    " total INTEGER NOT NULL CHECK (total >= 0),"                                      \
    " PRIMARY KEY (device, at_s, clock)"                                               \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "INSERT INTO total SELECT device, at_s, -1, total FROM kept;"                      \
    "DROP TABLE kept;"                                                                 \
    "CREATE TABLE kept AS SELECT patient, at_s, score, flare FROM pain;"               \
    "DROP TABLE pain;"                                                                 \
    "CREATE TABLE pain ("                                                              \
    " patient INTEGER NOT NULL REFERENCES patient (key) ON DELETE CASCADE,"            \
    " at_s INTEGER NOT NULL,"                                                          \
    " clock INTEGER NOT NULL,"                                                         \
    " score REAL NOT NULL CHECK (score BETWEEN 0 AND 10),"                             \
    " flare INTEGER NOT NULL CHECK (flare IN (0, 1)),"                                 \
    " PRIMARY KEY (patient, at_s, clock)"                                              \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "INSERT INTO pain SELECT patient, at_s, -1, score, flare FROM kept;"               \
    "DROP TABLE kept;"                                                                 \
    "ALTER TABLE device ADD COLUMN battery_clock INTEGER NOT NULL DEFAULT 0;"          \
    "ALTER TABLE patient ADD COLUMN heard_clock INTEGER NOT NULL DEFAULT 0;"           \
    "ALTER TABLE rejected ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;"

/* A database in which no gateway ever worked may follow one that was lost: see
 * daemon/reconcile.h. */
#define MAYBE_LOST                                                                     \
    "INSERT OR IGNORE INTO memo (name, text) SELECT '" SW_META_MARK_ASKED              \
    "', 'awaited'"                                                                     \
    " WHERE NOT EXISTS (SELECT 1 FROM health);"

/* Whose share of the room a refused message takes: holder is a patient's id, where
 * known is 1, else the topic. How much each has, and both kinds together, is kept by
 * the triggers, so that who has most is found without a scan: see store_rejected.c.
 * Those of before are nobody's, together. */
#define REJECTED_SHARES                                                                \
    "ALTER TABLE rejected DROP COLUMN bytes_before;"                                   \
    "ALTER TABLE rejected ADD COLUMN known INTEGER NOT NULL DEFAULT 0;"                \
    "ALTER TABLE rejected ADD COLUMN holder BLOB NOT NULL DEFAULT x'';"                \
    "CREATE INDEX rejected_holder ON rejected (known, holder, id);"                    \
    "CREATE TABLE rejected_share ("                                                    \
    " known INTEGER NOT NULL,"                                                         \
    " holder BLOB NOT NULL,"                                                           \
    " n INTEGER NOT NULL,"                                                             \
    " bytes INTEGER NOT NULL,"                                                         \
    " PRIMARY KEY (known, holder)"                                                     \
    ") STRICT, WITHOUT ROWID;"                                                         \
    "CREATE INDEX rejected_largest"                                                    \
    " ON rejected_share (known, (n * " REJECTED_ROW_BYTES " + bytes));"                \
    "CREATE TABLE rejected_total ("                                                    \
    " known INTEGER PRIMARY KEY,"                                                      \
    " n INTEGER NOT NULL,"                                                             \
    " bytes INTEGER NOT NULL"                                                          \
    ") STRICT;"                                                                        \
    "INSERT INTO rejected_total VALUES (0, 0, 0), (1, 0, 0);"                          \
    "INSERT INTO rejected_share"                                                       \
    " SELECT 0, x'', count(*), sum(length(topic) + length(payload))"                   \
    " FROM rejected HAVING count(*) > 0;"                                              \
    "UPDATE rejected_total SET n = share.n, bytes = share.bytes"                       \
    " FROM rejected_share AS share WHERE share.known = rejected_total.known;"          \
    "CREATE TRIGGER rejected_put AFTER INSERT ON rejected BEGIN"                       \
    " INSERT INTO rejected_share VALUES (new.known, new.holder, 1,"                    \
    " length(new.topic) + length(new.payload)) ON CONFLICT (known, holder)"            \
    " DO UPDATE SET n = n + 1, bytes = bytes + excluded.bytes;"                        \
    " UPDATE rejected_total SET n = n + 1,"                                            \
    " bytes = bytes + length(new.topic) + length(new.payload)"                         \
    " WHERE known = new.known;"                                                        \
    " END;"                                                                            \
    "CREATE TRIGGER rejected_gone AFTER DELETE ON rejected BEGIN"                      \
    " UPDATE rejected_share SET n = n - 1,"                                            \
    " bytes = bytes - length(old.topic) - length(old.payload)"                         \
    " WHERE known = old.known AND holder = old.holder;"                                \
    " DELETE FROM rejected_share"                                                      \
    " WHERE known = old.known AND holder = old.holder AND n <= 0;"                     \
    " UPDATE rejected_total SET n = n - 1,"                                            \
    " bytes = bytes - length(old.topic) - length(old.payload)"                         \
    " WHERE known = old.known;"                                                        \
    " END;"

static const struct sw_schema_step steps[] = {
    {{"PRAGMA application_id = 0x53746570;", PATIENT, PLAN, READINGS, DAY, ALERTS,
      OUTBOX REJECTED, MEMORY}},
    {{INCIDENTS, WEARERS, BATTERIES, OUTBOX_BY_ALERT, BUDGET RETRIES TOMBSTONES}},
    {{PACKS, DAYS_BY_DAY}},
    {{SLIPS}},
    {{CLOCKS, MAYBE_LOST, REJECTED_SHARES}},
};
_Static_assert(sizeof steps / sizeof *steps == SW_SCHEMA_VERSION,
               "a step a version, a version a step");

const struct sw_schema_step *sw_schema_steps(void)
{
    return steps;
}

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

static int run_step(sqlite3 *db, const struct sw_schema_step *step)
{
    int rc = SQLITE_OK;
    for (int i = 0; i < SW_SCHEMA_PARTS_MAX && step->sql[i] && rc == SQLITE_OK; i++)
        rc = sqlite3_exec(db, step->sql[i], NULL, NULL, NULL);
    return rc;
}

/* One step; *version is read inside the transaction, for two may start at once. */
static int take_step(sqlite3 *db, const struct sw_schema_step *path, int n,
                     int *version)
{
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc != SQLITE_OK)
        return rc;
    rc = sw_schema_number(db, "PRAGMA user_version", version);
    if (rc == SQLITE_OK && *version < n) {
        rc = run_step(db, &path[*version]);
        if (rc == SQLITE_OK)
            rc = set_version(db, ++*version);
    }
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    if (rc != SQLITE_OK && !sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}

int sw_schema_migrate(sqlite3 *db, const struct sw_schema_step *path, int n_steps)
{
    int version = 0;
    int rc = sw_schema_add_slip(db);
    if (rc == SQLITE_OK)
        rc = sw_schema_number(db, "PRAGMA user_version", &version);
    while (rc == SQLITE_OK && version < n_steps)
        rc = take_step(db, path, n_steps, &version);
    return rc;
}
