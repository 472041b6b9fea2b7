/* state.c -- a data folder after a power cut, as facts. Which of them must be there is
 * promises.c's business. */
#include "state.h"

#include <err.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/data.h"

enum { PATH_SIZE = 4096 };

/* Each row a fact: a sentence and its number. */
static const char *const facts_sql[] = {
    "SELECT 'total|' || p.id || '|' || d.id || '|' || at_s, total"
    " FROM total JOIN device d ON d.key = device JOIN patient p ON p.key = d.patient",
    "SELECT 'pain|' || p.id || '|' || at_s, 0"
    " FROM pain JOIN patient p ON p.key = patient",
    "SELECT 'alert|' || id, rev FROM alert",
    "SELECT 'acknowledged|' || alert, 0 FROM alert_log"
    " WHERE to_state = 'acknowledged'",
    "SELECT 'patient|' || id, 0 FROM patient",
    "SELECT 'goal|' || p.id, goal FROM plan JOIN patient p ON p.key = patient",
};
static const char rejected_sql[] = "SELECT topic, payload FROM rejected";
static const char steps_sql[] = "SELECT coalesce(sum(steps), 0) FROM day";

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        errx(2, "%s: %s", sql, sqlite3_errmsg(db));
    return stmt;
}

static bool next_row(sqlite3 *db, sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        errx(2, "%s: %s", sqlite3_sql(stmt), sqlite3_errmsg(db));
    return rc == SQLITE_ROW;
}

static uint64_t sentence(sqlite3_stmt *stmt)
{
    const void *text = sqlite3_column_text(stmt, 0);
    return fact_bytes(text, (size_t)sqlite3_column_bytes(stmt, 0));
}

static void list_facts(struct state *state, sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = prepare(db, sql);
    while (next_row(db, stmt))
        facts_put(&state->facts, sentence(stmt), sqlite3_column_int64(stmt, 1));
    sqlite3_finalize(stmt);
}

/* ---- readings, by way of the store ---- */

struct listing {
    struct state *state;
    struct sw_store *store;
    struct facts *received;
    const char *patient;
    int64_t steps;
};

static int list_reading(void *ctx, const char *device, const struct sw_reading *reading)
{
    struct listing *listing = ctx;
    char text[200];
    int len = snprintf(text, sizeof text, "reading|%s|%s|%lld|%d", listing->patient,
                       device, (long long)reading->start_s, reading->seconds);
    uint64_t key = fact_bytes(text, (size_t)len);
    listing->state->doubled += facts_get(listing->received, key) < reading->steps;
    listing->steps += reading->steps;
    facts_put(&listing->state->facts, key, reading->steps);
    return 0;
}

static int list_patient(void *ctx, const struct sw_patient *patient)
{
    struct listing *listing = ctx;
    listing->patient = patient->id.str;
    return sw_store_each_reading(listing->store, patient->key, list_reading, listing);
}

/* Readings of the recorded life do not overlap, so that the days' steps are theirs. */
static void list_readings(struct state *state, sqlite3 *db, struct sw_store *store,
                          struct facts *received)
{
    struct listing listing = {.state = state, .store = store, .received = received};
    if (sw_store_each_patient(store, list_patient, &listing) != 0)
        errx(2, "%s", sw_store_error(store));
    sqlite3_stmt *stmt = prepare(db, steps_sql);
    if (next_row(db, stmt))
        state->doubled += labs((long)(sqlite3_column_int64(stmt, 0) - listing.steps));
    sqlite3_finalize(stmt);
}

static void list_rejected(struct state *state, sqlite3 *db)
{
    sqlite3_stmt *stmt = prepare(db, rejected_sql);
    while (next_row(db, stmt)) {
        const void *topic = sqlite3_column_blob(stmt, 0);
        const void *payload = sqlite3_column_blob(stmt, 1);
        size_t topic_len = (size_t)sqlite3_column_bytes(stmt, 0);
        size_t payload_len = (size_t)sqlite3_column_bytes(stmt, 1);
        facts_put(&state->facts, fact_message(topic, topic_len, payload, payload_len),
                  0);
    }
    sqlite3_finalize(stmt);
}

static void list_store(struct state *state, const char *path, struct sw_store *store,
                       struct facts *received)
{
    sqlite3 *db = NULL;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        errx(2, "%s: %s", path, sqlite3_errmsg(db));
    list_readings(state, db, store, received);
    for (size_t i = 0; i < sizeof facts_sql / sizeof *facts_sql; i++)
        list_facts(state, db, facts_sql[i]);
    list_rejected(state, db);
    sqlite3_close(db);
}

static bool open_store(struct state *state, struct data *data, struct facts *received)
{
    char path[PATH_SIZE];
    if (data_open_store(data, state->why) < 0)
        return false;
    if (data->is_renewed) {
        const struct incidents *incidents = data->incidents;
        snprintf(state->why, sizeof state->why, "%s",
                 incidents->last[SW_INCIDENT_DATABASE_DAMAGED].text);
        return false;
    }
    snprintf(path, sizeof path, "%s/stepward.db", data->config->data_dir);
    list_store(state, path, data->store, received);
    return true;
}

static bool open_inbox(struct state *state, struct data *data)
{
    struct sw_inbox_record record;
    int r = data_open_inbox(data, state->why);
    if (r < 0)
        return false;
    state->inbox_damaged = state->why[0] != '\0';
    while ((r = sw_inbox_read(data->inbox, &record)) == 1)
        facts_put(&state->facts,
                  fact_message(record.topic, record.topic_len, record.payload,
                               record.payload_len),
                  0);
    return r == 0;
}

bool state_open(struct state *state, const struct sw_config *config,
                struct facts *received)
{
    struct incidents incidents = {0};
    struct data data = {.config = config, .incidents = &incidents, .lock_fd = -1};
    memset(state, 0, sizeof *state);
    bool is_open = data_lock(&data, state->why) >= 0 &&
                   open_store(state, &data, received) && open_inbox(state, &data);
    data_close(&data);
    return is_open;
}

void state_fini(struct state *state)
{
    facts_fini(&state->facts);
}
