/* test_redate.c -- dating anew of all patients: which days are computed again, and that
 * the gateway beats meanwhile.
 *
 * The linker puts the functions below between: __real_X() is X() itself.
 */
#include "clinic_fixture.h"

#include "daemon/redate.h"
#include "records/records.h"
#include "store/store_private.h"

enum { N_PATIENTS = 3, AHEAD_S = 36 * 365 * 86400, CLOCK = 7, LOCK_FD = 999 };
static const int64_t NOW_S = 20522 * (int64_t)86400 + 36000; /* 10:00 of TODAY */

static int n_refreshed, n_beats;

int __real_sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                              int64_t patient_key, int32_t day);
int __wrap_sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                              int64_t patient_key, int32_t day);
int __wrap_sw_records_refresh(struct sw_store *store, const struct sw_zone *zone,
                              int64_t patient_key, int32_t day)
{
    n_refreshed++;
    return __real_sw_records_refresh(store, zone, patient_key, day);
}

/* Each look finds that a second has passed. */
int64_t __wrap_sw_clock_monotonic_ms(void);
int64_t __wrap_sw_clock_monotonic_ms(void)
{
    static int64_t now_ms;
    return now_ms += 1000;
}

void __wrap_sw_lock_beat(int fd, int64_t monotonic_ms);
void __wrap_sw_lock_beat(int fd, int64_t monotonic_ms)
{
    (void)monotonic_ms;
    assert_int_equal(fd, LOCK_FD);
    n_beats++;
}

static int64_t number_of(struct sw_store *store, const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL), 0);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

/* As a commit does: the days in between too. */
static void put_total(struct clinic *c, int64_t key, int64_t at_s, int64_t total,
                      enum sw_stamp stamp)
{
    struct sw_device_id device = {"band"};
    struct sw_total row = {.at_s = at_s, .total = total, .stamp = stamp};
    struct sw_span span;
    assert_int_equal(sw_store_begin(c->store), 0);
    assert_int_equal(sw_store_put_total(c->store, key, &device, &row, &span),
                     SW_STORE_CHANGED);
    for (int32_t day = sw_day_of(&utc, span.from_s); day <= sw_day_of(&utc, span.to_s);
         day++)
        assert_int_equal(__real_sw_records_refresh(c->store, &utc, key, day), 0);
    assert_int_equal(sw_store_commit(c->store), 0);
}

static void put_pain(struct clinic *c, int64_t key, int64_t at_s, double score,
                     enum sw_stamp stamp)
{
    struct sw_pain pain = {.at_s = at_s, .score = score, .stamp = stamp};
    assert_int_equal(sw_store_put_pain(c->store, key, &pain), SW_STORE_CHANGED);
    assert_int_equal(
        __real_sw_records_refresh(c->store, &utc, key, sw_day_of(&utc, at_s)), 0);
}

static int64_t add_patient(struct clinic *c, int i)
{
    struct sw_patient patient = {.added_at_s = NOW_S - 99};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    snprintf(patient.id.str, sizeof patient.id.str, "p%d", i);
    assert_int_equal(sw_store_add_patient(c->store, &patient, &plan, &key), 0);
    return key;
}

static int open_redating(void **state)
{
    struct clinic *c = malloc(sizeof(*c));
    assert_non_null(c);
    open_clinic(c);
    sw_store_use_clock(c->store, CLOCK);
    c->patients.beat.lock_fd = LOCK_FD;
    *state = c;
    return 0;
}

static int close_redating(void **state)
{
    close_clinic(*state);
    free(*state);
    return 0;
}

static void redate(struct clinic *c, int64_t by_s)
{
    struct redate redate = {
        .redating = {
            .clock = CLOCK, .by_s = by_s, .now_s = NOW_S, .newest_s = NOW_S + 600}};
    n_refreshed = n_beats = 0;
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
    assert_int_equal(sw_store_begin(c->store), 0);
    assert_true(redate_store(&redate, &c->patients) >= 0);
    assert_int_equal(sw_store_commit(c->store), 0);
}

static void test_redate__of_decades_computes_the_days_that_have_something(void **state)
{
    struct clinic *c = *state;
    for (int i = 0; i < N_PATIENTS; i++) {
        int64_t key = add_patient(c, i);
        put_pain(c, key, NOW_S - 86400, 3, SW_STAMP_OWN);
        put_pain(c, key, NOW_S + AHEAD_S - 60, 4, SW_STAMP_RECEIPT);
    }
    redate(c, -AHEAD_S);
    assert_true(n_refreshed >= 2 * N_PATIENTS);
    assert_true(n_refreshed <= 6 * N_PATIENTS);
    assert_true(n_beats >= n_refreshed);
    assert_int_equal(number_of(c->store, "SELECT count(*) FROM day"), 2 * N_PATIENTS);
    assert_int_equal(
        number_of(c->store, "SELECT count(*) FROM day WHERE day > '2026-03-10'"), 0);
    assert_int_equal(number_of(c->store, "SELECT count(*) FROM day WHERE pain_max = 4"),
                     N_PATIENTS);
}

/* All days in between had a row: every one goes. */
static void test_redate__of_a_counter_leaves_no_day_to_come(void **state)
{
    struct clinic *c = *state;
    int64_t key = add_patient(c, 0), ahead_s = AHEAD_S / 12;
    put_total(c, key, NOW_S - 7200, 1000, SW_STAMP_OWN);
    put_total(c, key, NOW_S + ahead_s - 60, 1500, SW_STAMP_RECEIPT);
    assert_true(number_of(c->store, "SELECT count(*) FROM day") > 1000);
    redate(c, -ahead_s);
    assert_true(n_beats >= n_refreshed);
    assert_int_equal(number_of(c->store, "SELECT count(*) FROM day"), 1);
    assert_int_equal(number_of(c->store, "SELECT steps FROM day"), 500);
}

/* Decades behind: what lies between two totals has a row from then on, though none of
 * those days had one; and nothing else is computed. */
static void test_redate__from_decades_behind_fills_the_days_between(void **state)
{
    struct clinic *c = *state;
    int64_t key = add_patient(c, 0);
    put_total(c, key, NOW_S - 4 * 86400, 1000, SW_STAMP_OWN);
    put_total(c, key, NOW_S - AHEAD_S, 1500, SW_STAMP_RECEIPT);
    sqlite3_exec(c->store->db, "DELETE FROM day", NULL, NULL, NULL);
    redate(c, AHEAD_S);
    assert_true(n_refreshed <= 6);
    assert_int_equal(number_of(c->store, "SELECT count(*) FROM day"), 5);
    assert_int_equal(number_of(c->store, "SELECT sum(steps) FROM day"), 500);
}

/* A device's own time of decades ahead is not reached for, and has no day yet. */
static void test_redate__what_is_to_come_is_left_alone(void **state)
{
    struct clinic *c = *state;
    int64_t key = add_patient(c, 0);
    put_pain(c, key, NOW_S + AHEAD_S, 9, SW_STAMP_OWN);
    put_pain(c, key, NOW_S + AHEAD_S - 60, 4, SW_STAMP_RECEIPT);
    redate(c, -AHEAD_S);
    assert_true(n_refreshed <= 6);
    assert_int_equal(number_of(c->store, "SELECT count(*) FROM day"), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_redating, close_redating)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_redate__of_decades_computes_the_days_that_have_something),
        TEST(test_redate__of_a_counter_leaves_no_day_to_come),
        TEST(test_redate__from_decades_behind_fills_the_days_between),
        TEST(test_redate__what_is_to_come_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
