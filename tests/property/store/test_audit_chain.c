/* test_audit_chain.c -- whatever is changed in the audit behind the program's back is
 * found, and the row named.
 *
 * Draws rows, erasures and one thing done to them in SQL, by somebody who has taken the
 * triggers away. The seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include <inttypes.h>
#include <time.h>

#include "store_fixture.h"

enum { ROUNDS = 100, ROWS_MAX = 24, PATIENTS = 3 }; /* ids p1 to p3 */

static uint64_t state_of_draw;

static int64_t draw(int64_t from, int64_t to) /* of [from, to]; xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return from + (int64_t)(state_of_draw % (uint64_t)(to - from + 1));
}

static void put_row(struct sw_store *store, int64_t at_s)
{
    static const char *const patients[PATIENTS + 1] = {"p1", "p2", "p3", NULL};
    static const char *const details[] = {NULL, "goal 1 -> 2", "Jürgen", ""};
    static const char *const ways[] = {SW_AUDIT_BOARD, SW_AUDIT_COMMAND, SW_AUDIT_MQTT};
    struct sw_audit audit = {.at_s = at_s,
                             .who = draw(0, 1) ? "anna" : "ben",
                             .how = ways[draw(0, 2)],
                             .act = draw(0, 1) ? SW_AUDIT_LOOKED : SW_AUDIT_PLAN,
                             .patient = patients[draw(0, PATIENTS)],
                             .detail = details[draw(0, 3)]};
    assert_int_equal(sw_store_put_audit(store, &audit), 0);
}

static void erase_within(struct sw_store *store, const char *patient, int64_t at_s)
{
    struct sw_audit audit = {.at_s = at_s,
                             .who = "anna",
                             .how = SW_AUDIT_COMMAND,
                             .act = SW_AUDIT_PATIENT_ERASED};
    assert_int_equal(sw_store_erase_audit(store, patient_id(patient), &audit), 0);
}

static void erase(struct sw_store *store, const char *patient, int64_t at_s)
{
    assert_int_equal(sw_store_begin(store), 0);
    erase_within(store, patient, at_s);
    assert_int_equal(sw_store_commit(store), 0);
}

/* Some rows, with an erasure now and then; returns how many. */
static int64_t draw_rows(struct sw_store *store)
{
    int64_t n = draw(2, ROWS_MAX);
    assert_int_equal(sw_store_begin(store), 0);
    for (int64_t i = 0; i < n; i++) {
        char patient[] = {'p', (char)draw('1', '0' + PATIENTS), '\0'};
        if (draw(0, 7) == 0)
            erase_within(store, patient, 1000 + i);
        else
            put_row(store, 1000 + i);
    }
    assert_int_equal(sw_store_commit(store), 0);
    return n;
}

static const char *const triggers[] = {"audit_append",       "audit_appended",
                                       "audit_change",       "audit_remove",
                                       "audit_chain_change", "audit_chain_remove"};

static void drop_triggers(struct sw_store *store)
{
    char sql[64];
    for (size_t i = 0; i < N_OF(triggers); i++) {
        snprintf(sql, sizeof sql, "DROP TRIGGER %s", triggers[i]);
        exec_sql(store, sql);
    }
}

/* What somebody may do to a row, whose key is ?1, and to one beside it. */
static const char *const deeds[] = {
    "UPDATE audit SET at_s = at_s + 1 WHERE key = ?1",
    "UPDATE audit SET who = who || 'x' WHERE key = ?1",
    "UPDATE audit SET how = 'boards' WHERE key = ?1",
    "UPDATE audit SET what = what || ' ' WHERE key = ?1",
    "UPDATE audit SET patient = patient || 'x' WHERE key = ?1",
    "UPDATE audit SET detail = detail || 'x' WHERE key = ?1",
    "UPDATE audit SET salt = randomblob(16) WHERE key = ?1",
    "UPDATE audit SET subject = randomblob(32) WHERE key = ?1",
    "UPDATE audit SET hash = randomblob(32) WHERE key = ?1",
    "UPDATE audit SET erased = 1000, patient = '', detail = '', salt = x''"
    " WHERE key = ?1",
    "UPDATE audit SET erased = key + 1, patient = '', detail = '', salt = x''"
    " WHERE key = ?1 AND erased = 0",
    "DELETE FROM audit WHERE key = ?1",
    "DELETE FROM audit WHERE key >= ?1",
    "DELETE FROM audit WHERE key <= ?1",
    "UPDATE audit SET key = -key WHERE key = ?1",
    "INSERT INTO audit SELECT key + 1000, at_s, who, how, what, patient, detail, salt,"
    " subject, hash, erased FROM audit WHERE key = ?1",
    /* the row and the one beside it change places */
    "UPDATE audit SET key = -key WHERE key IN (?1, ?2);"
    "UPDATE audit SET key = ?1 + ?2 + key WHERE key < 0",
    /* the subjects of two rows do */
    "CREATE TEMP TABLE two AS SELECT key, patient, detail, salt, subject FROM audit;"
    "UPDATE audit SET (patient, detail, salt, subject) = (SELECT patient, detail, salt,"
    " subject FROM two WHERE two.key = ?1 + ?2 - audit.key)"
    " WHERE key IN (?1, ?2); DROP TABLE two",
};

static void exec_on(struct sw_store *store, const char *sql, int64_t key,
                    int64_t beside)
{
    while (*sql) {
        sqlite3_stmt *stmt = NULL;
        assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &stmt, &sql),
                         SQLITE_OK);
        sqlite3_bind_int64(stmt, 1, key); /* the statement may have neither */
        sqlite3_bind_int64(stmt, 2, beside);
        assert_int_equal(sqlite3_step(stmt), SQLITE_DONE);
        sqlite3_finalize(stmt);
    }
}

static struct sw_audit_verdict verdict_of(struct sw_store *store, const char *holds)
{
    struct sw_audit_verdict verdict;
    assert_int_equal(sw_store_verify_audit(store, holds, &verdict), 0);
    return verdict;
}

static void test_audit_chain__whatever_is_done_to_a_row_is_found(void **state)
{
    struct fixture *f = *state;
    const char *seed = getenv("STEPWARD_SEED");
    state_of_draw = seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL) | 1;
    print_message("STEPWARD_SEED=%" PRIu64 "\n", state_of_draw);
    for (int i = 0; i < ROUNDS; i++) {
        exec_sql(f->store, "PRAGMA synchronous = OFF");
        int64_t n = draw_rows(f->store);
        struct sw_audit_verdict verdict = verdict_of(f->store, NULL);
        assert_string_equal(verdict.why, "");
        assert_int_equal(verdict.broken_key, 0);
        assert_int_equal(verdict.n, n);
        int64_t key = draw(1, n);
        int64_t beside = key < n ? key + 1 : key - 1;
        drop_triggers(f->store);
        const char *sql = deeds[draw(0, N_OF(deeds) - 1)];
        int before = sqlite3_total_changes(f->store->db);
        exec_on(f->store, sql, key, beside);
        bool did = sqlite3_total_changes(f->store->db) > before;
        verdict = verdict_of(f->store, NULL);
        if (did && verdict.broken_key == 0)
            fail_msg("row %" PRId64 ", not found: %s", key, sql);
        if (!did)
            assert_int_equal(verdict.broken_key, 0);
        sw_store_close(f->store);
        unlink(f->path);
        f->store = open_again(f, SW_STORE_WRITE);
    }
}

/* ---- by hand ---- */

static void test_audit_chain__triggers_refuse_what_is_not_an_append(void **state)
{
    struct fixture *f = *state;
    static const char *const refused[] = {
        "UPDATE audit SET who = 'nobody' WHERE key = 2",
        "UPDATE audit SET patient = 'p9' WHERE key = 2",
        "DELETE FROM audit WHERE key = 1",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE key = 2",
        "UPDATE audit_chain SET key = 1",
        "UPDATE audit_chain SET cut_key = 2, cut_hash = zeroblob(32)",
        "DELETE FROM audit_chain",
    };
    for (int i = 0; i < 3; i++)
        put_row(f->store, 1000 + i);
    for (size_t i = 0; i < N_OF(refused); i++)
        if (sqlite3_exec(f->store->db, refused[i], NULL, NULL, NULL) !=
            SQLITE_CONSTRAINT_TRIGGER)
            fail_msg("was not refused: %s", refused[i]);
    assert_int_equal(verdict_of(f->store, NULL).broken_key, 0);
    assert_int_equal(verdict_of(f->store, NULL).n, 3);
}

static void test_audit_chain__the_first_broken_row_is_named(void **state)
{
    struct fixture *f = *state;
    for (int i = 0; i < 9; i++)
        put_row(f->store, 1000 + i);
    drop_triggers(f->store);
    exec_sql(f->store, "UPDATE audit SET who = 'nobody' WHERE key IN (4, 7)");
    struct sw_audit_verdict verdict = verdict_of(f->store, NULL);
    assert_int_equal(verdict.broken_key, 4);
    assert_int_equal(verdict.n, 3);
    assert_string_equal(verdict.why, "it was changed, or put in");
    exec_sql(f->store, "DELETE FROM audit WHERE key = 3");
    verdict = verdict_of(f->store, NULL);
    assert_int_equal(verdict.broken_key, 3);
    assert_string_equal(verdict.why, "it is missing");
}

static void test_audit_chain__an_erasure_leaves_it_whole_and_no_word(void **state)
{
    struct fixture *f = *state;
    struct sw_audit audit = {.at_s = 1000,
                             .who = "anna",
                             .how = SW_AUDIT_BOARD,
                             .act = SW_AUDIT_PLAN,
                             .patient = "p1",
                             .detail = "goal"};
    assert_int_equal(sw_store_put_audit(f->store, &audit), 0);
    audit.patient = "p2";
    assert_int_equal(sw_store_put_audit(f->store, &audit), 0);
    erase(f->store, "p1", 2000);
    struct sw_audit_verdict verdict = verdict_of(f->store, NULL);
    assert_int_equal(verdict.broken_key, 0);
    assert_int_equal(verdict.n, 3);
    assert_int_equal(verdict.n_emptied, 1);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM audit WHERE key = 1 AND"
                                         " patient || detail = '' AND salt = x''"),
                     1);
    drop_triggers(f->store); /* another row goes with those of an erasure */
    exec_sql(f->store, "UPDATE audit SET patient = '', detail = '', salt = x'',"
                       " erased = 3 WHERE key = 2");
    verdict = verdict_of(f->store, NULL);
    assert_int_equal(verdict.broken_key, 3);
    assert_string_equal(verdict.why,
                        "it erased a patient from 1 rows, and 2 are emptied");
}

static void test_audit_chain__another_chain_does_not_hold_the_hash(void **state)
{
    struct fixture *f = *state;
    put_row(f->store, 1000);
    struct sw_audit_verdict noted = verdict_of(f->store, NULL);
    put_row(f->store, 1001);
    assert_true(verdict_of(f->store, noted.hash).holds);
    sw_store_close(f->store);
    unlink(f->path);
    f->store = open_again(f, SW_STORE_WRITE);
    put_row(f->store, 1000);
    assert_int_equal(verdict_of(f->store, noted.hash).broken_key, 0);
    assert_false(verdict_of(f->store, noted.hash).holds);
}

/* The board, the command line and the gateway write as they come. */
static void test_audit_chain__several_writers_make_one_chain(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    for (int i = 0; i < 10; i++)
        put_row(i % 3 ? f->store : other, 1000 + i);
    sw_store_close(other);
    assert_int_equal(verdict_of(f->store, NULL).n, 10);
    assert_int_equal(verdict_of(f->store, NULL).broken_key, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_audit_chain__whatever_is_done_to_a_row_is_found),
        TEST(test_audit_chain__triggers_refuse_what_is_not_an_append),
        TEST(test_audit_chain__the_first_broken_row_is_named),
        TEST(test_audit_chain__an_erasure_leaves_it_whole_and_no_word),
        TEST(test_audit_chain__another_chain_does_not_hold_the_hash),
        TEST(test_audit_chain__several_writers_make_one_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
