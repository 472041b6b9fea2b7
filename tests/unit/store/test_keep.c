/* test_keep.c -- what is older than the clinic keeps goes in bounded steps, and no more
 * than that; the audit stays a chain. */
#include "store_fixture.h"

enum { T0_S = 1774779300, DAY_S = 86400 };

static int remove_all(struct sw_store *store, enum sw_keep what, int64_t from_s)
{
    int r, n = 0;
    while ((r = sw_store_remove_older(store, what, from_s)) > 0)
        n++;
    assert_int_equal(r, 0);
    return n;
}

static void put_minutes(struct sw_store *store, int64_t key, int64_t from_s, int n)
{
    struct sw_device_id device = device_id("d");
    struct sw_reading readings[1440];
    bool changed[1440];
    assert_true(n <= 1440);
    for (int i = 0; i < n; i++)
        readings[i] = (struct sw_reading){from_s + 60 * i, 60, i % 7, true};
    assert_int_equal(sw_store_begin(store), 0);
    assert_true(
        sw_store_put_readings(store, key, &device, readings, (size_t)n, changed) >= 0);
    assert_int_equal(sw_store_commit(store), 0);
}

static int count_reading(void *ctx, const char *device,
                         const struct sw_reading *reading)
{
    int64_t *oldest_s = ctx;
    (void)device;
    if (*oldest_s == 0 || reading->start_s < *oldest_s)
        *oldest_s = reading->start_s;
    return 0;
}

static int64_t oldest_reading(struct sw_store *store, int64_t key)
{
    int64_t oldest_s = 0;
    assert_int_equal(sw_store_each_reading(store, key, count_reading, &oldest_s), 0);
    return oldest_s;
}

static void test_keep__old_readings_go_and_newer_stay(void **state)
{
    struct fixture *f = *state;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    char why[SW_WHY_MAX];
    for (int day = 0; day < 200; day++) {
        put_minutes(f->store, p1, T0_S + day * DAY_S, 1440);
        if (day % 10 == 0)
            put_minutes(f->store, p2, T0_S + day * DAY_S, 3); /* stays in `recent` */
    }
    int64_t from_s = T0_S + 150 * DAY_S, since_s;
    int n = remove_all(f->store, SW_KEEP_READINGS, from_s);
    assert_true(n > 3); /* 600 runs, in steps */
    /* a run holds eight hours, and stays while a reading of it is kept */
    assert_true(oldest_reading(f->store, p1) >= from_s - 16 * 3600);
    assert_true(oldest_reading(f->store, p1) <= from_s);
    assert_true(oldest_reading(f->store, p2) > T0_S + 140 * DAY_S + 180);
    assert_int_equal(sw_store_kept_since(f->store, SW_KEEP_READINGS, &since_s), 0);
    assert_int_equal(since_s, from_s);
    assert_false(sw_store_has_readings_of(f->store, from_s - DAY_S));
    assert_false(sw_store_has_readings_of(f->store, from_s + DAY_S));
    assert_true(sw_store_has_readings_of(f->store, from_s + 2 * DAY_S));
    assert_int_equal(sw_store_check(f->store, f->path, why), 0);
    assert_int_equal(remove_all(f->store, SW_KEEP_READINGS, T0_S), 0);
    assert_int_equal(sw_store_kept_since(f->store, SW_KEEP_READINGS, &since_s), 0);
    assert_int_equal(since_s, from_s);
}

static void test_keep__of_a_counter_the_newest_before_stays(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_device_id device = device_id("d");
    struct sw_span touched;
    for (int i = 0; i < 300; i++) {
        struct sw_total total = {.at_s = T0_S + i * 3600, .total = i};
        assert_true(sw_store_put_total(f->store, key, &device, &total, &touched) >= 0);
    }
    remove_all(f->store, SW_KEEP_READINGS, T0_S + 250 * 3600 + 60);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM total"), 50);
    assert_int_equal(number_of(f->store, "SELECT min(total) FROM total"), 250);
}

static void test_keep__nothing_old_is_no_step(void **state)
{
    struct fixture *f = *state;
    int64_t since_s = -1;
    put_minutes(f->store, add_patient(f->store, "p1"), T0_S, 10);
    for (int what = 0; what < SW_KEEPS; what++) {
        assert_int_equal(remove_all(f->store, (enum sw_keep)what, T0_S), 0);
        assert_int_equal(sw_store_kept_since(f->store, (enum sw_keep)what, &since_s),
                         0);
        assert_int_equal(since_s, 0);
    }
    assert_true(sw_store_has_readings_of(f->store, 0));
}

static void test_keep__closed_alerts_and_contacts_go(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    for (int i = 0; i < 100; i++) {
        struct sw_alert alert = {.patient = patient_id("p1"),
                                 .kind = SW_ALERT_REST,
                                 .state = i < 99 ? SW_STATE_CLOSED : SW_STATE_OPEN,
                                 .rev = 1,
                                 .opened_at_s = T0_S + i * 60,
                                 .updated_at_s = T0_S + i * 60};
        struct sw_contact contact = {.at_s = T0_S + i * 60, .note = "called"};
        strcpy(alert.therapist.str, "anna");
        assert_true(sw_store_put_alert(f->store, key, &alert, SW_STATE_OPEN, "anna",
                                       "opened") >= 0);
        assert_int_equal(sw_store_put_contact(f->store, key, &contact), 0);
    }
    assert_true(remove_all(f->store, SW_KEEP_ALERTS, T0_S + 50 * 60) > 1);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert"), 50);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert_log"), 50);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM contact"), 50);
    remove_all(f->store, SW_KEEP_ALERTS, T0_S + DAY_S);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert"), 1); /* open */
}

static void test_keep__the_audit_stays_a_chain(void **state)
{
    struct fixture *f = *state;
    struct sw_audit_verdict verdict;
    struct sw_audit audit = {
        .who = "anna", .how = SW_AUDIT_BOARD, .act = SW_AUDIT_LOOKED, .patient = "p1"};
    assert_int_equal(sw_store_begin(f->store), 0);
    for (int i = 0; i < 300; i++) {
        audit.at_s = T0_S + i * 60;
        assert_int_equal(sw_store_put_audit(f->store, &audit), 0);
    }
    audit.act = SW_AUDIT_PATIENT_ERASED;
    audit.patient = NULL;
    assert_int_equal(sw_store_erase_audit(f->store, patient_id("p1"), &audit), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_true(remove_all(f->store, SW_KEEP_AUDIT, T0_S + 200 * 60) > 1);
    assert_int_equal(sw_store_verify_audit(f->store, NULL, &verdict), 0);
    assert_string_equal(verdict.why, "");
    assert_int_equal(verdict.broken_key, 0);
    assert_int_equal(verdict.n, 101);
    assert_int_equal(verdict.cut_key, 200);
    assert_int_equal(verdict.cut_at_s, T0_S + 199 * 60);
    exec_sql(f->store, "DROP TRIGGER audit_remove; DELETE FROM audit WHERE key = 201");
    assert_int_equal(sw_store_verify_audit(f->store, NULL, &verdict), 0);
    assert_int_equal(verdict.broken_key, 201);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_keep__old_readings_go_and_newer_stay),
        TEST(test_keep__of_a_counter_the_newest_before_stays),
        TEST(test_keep__nothing_old_is_no_step),
        TEST(test_keep__closed_alerts_and_contacts_go),
        TEST(test_keep__the_audit_stays_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
