/* test_store_wearers.c -- who wears which device: spans that cannot overlap, and the
 * readings that move with a device. */
#include "store_fixture.h"

static int draw_assignment(void *ctx, const struct sw_assignment *assignment)
{
    char *out = ctx;
    size_t n = strlen(out);
    bool is_open = assignment->to_s == INT64_MAX;
    snprintf(
        out + n, 200 - n, "%s%s %s %lld-%lld", n ? ", " : "", assignment->device.str,
        assignment->patient_key ? assignment->patient.str : "nobody",
        (long long)assignment->from_s, is_open ? -1LL : (long long)assignment->to_s);
    return 0;
}

static void check_spans(struct fixture *f, const char *expected)
{
    char drawn[200] = "";
    assert_int_equal(sw_store_each_assignment(f->store, NULL, draw_assignment, drawn),
                     0);
    assert_string_equal(drawn, expected);
}

static void put(struct fixture *f, const char *device, int64_t from_s, int64_t key)
{
    struct sw_device_id id = device_id(device);
    assert_int_equal(sw_store_put_assignment(f->store, &id, from_s, key), 0);
}

static void test_wearer__each_span_ends_where_the_next_begins(void **state)
{
    struct fixture *f = *state;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    put(f, "b", 100, p1);
    put(f, "a", 50, p2);
    check_spans(f, "a p2 50--1, b p1 100--1");
    put(f, "b", 200, p2);
    put(f, "b", 300, 0);
    check_spans(f, "a p2 50--1, b p1 100-200, b p2 200-300, b nobody 300--1");
    put(f, "b", 200, p1); /* told again, otherwise: one with the span before */
    check_spans(f, "a p2 50--1, b p1 100-300, b nobody 300--1");
    put(f, "b", 150, p1);
    check_spans(f, "a p2 50--1, b p1 100-300, b nobody 300--1");
    put(f, "b", 90, p1);
    check_spans(f, "a p2 50--1, b p1 90-300, b nobody 300--1");
    put(f, "a", 40, 0); /* nobody wore it before, too */
    check_spans(f, "a p2 50--1, b p1 90-300, b nobody 300--1");
}

static void test_wearer__an_erased_patient_leaves_nobody(void **state)
{
    struct fixture *f = *state;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    put(f, "b", 100, p1);
    put(f, "b", 200, p2);
    exec_sql(f->store, "DELETE FROM patient WHERE id = 'p2'");
    check_spans(f, "b p1 100-200, b nobody 200--1");
}

static void put_reading(struct fixture *f, int64_t key, int64_t start_s, int32_t steps)
{
    struct sw_device_id id = device_id("b");
    struct sw_reading reading = {start_s, 60, steps, true};
    assert_true(sw_store_put_reading(f->store, key, &id, &reading) >= 0);
}

static int64_t steps_of(struct fixture *f, int64_t patient_key)
{
    struct sums sums = {.store = f->store};
    assert_int_equal(sw_store_each_reading(f->store, patient_key, add_to_sums, &sums),
                     0);
    return sums.steps;
}

static void test_move__takes_what_lies_within_and_merges(void **state)
{
    struct fixture *f = *state;
    struct sw_device_id id = device_id("b");
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    for (int i = 0; i < 5; i++)
        put_reading(f, p1, 1000 + 60 * i, 1 << i);
    put_reading(f, p2, 1060, 40); /* the same span: more steps win */
    put_reading(f, p2, 1120, 1);
    assert_int_equal(sw_store_move_device(f->store, &id, p1, p2, 1060, 1190), 0);
    assert_int_equal(steps_of(f, p1), 1 + 8 + 16);
    assert_int_equal(steps_of(f, p2), 40 + 4);
    assert_int_equal(sw_store_move_device(f->store, &id, p1, p1, 0, INT64_MAX), 0);
    assert_int_equal(steps_of(f, p1), 1 + 8 + 16);
    assert_int_equal(sw_store_move_device(f->store, &id, p1, p2, 0, INT64_MAX), 0);
    assert_int_equal(steps_of(f, p1), 0);
}

static void test_sent__is_what_the_device_gave_then(void **state)
{
    struct fixture *f = *state;
    struct sw_device_id id = device_id("b"), other = device_id("c");
    const struct sw_total total = {.at_s = 5000, .total = 7};
    struct sw_span touched;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    put_reading(f, p1, 1060, 1);
    assert_int_equal(sw_store_has_sent(f->store, &id, p1, 1060, INT64_MAX), 1);
    assert_int_equal(sw_store_has_sent(f->store, &id, p1, 1061, INT64_MAX), 0);
    assert_int_equal(sw_store_has_sent(f->store, &id, p1, 0, 1060), 0);
    assert_int_equal(sw_store_has_sent(f->store, &other, p1, 0, INT64_MAX), 0);
    assert_int_equal(sw_store_has_sent(f->store, &id, p2, 0, INT64_MAX), 0);
    assert_true(sw_store_put_total(f->store, p1, &id, &total, &touched) >= 0);
    assert_int_equal(sw_store_has_sent(f->store, &id, p1, 1061, INT64_MAX), 1);
    assert_int_equal(sw_store_has_sent(f->store, &id, p1, 1061, 5000), 0);
}

static void test_breaks__come_with_the_day_of_whoever_was_assigned(void **state)
{
    struct fixture *f = *state;
    struct sw_device_id id = device_id("b");
    struct sw_day_set set = {0};
    struct sw_span touched;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    int64_t p3 = add_patient(f->store, "p3");
    static const int64_t hands[] = {100, 200, 300, 2000, 3000};
    for (size_t i = 0; i < N_OF(hands); i++)
        put(f, "b", hands[i], i % 2 ? p2 : p1);
    struct sw_total total = {.at_s = 350, .total = 7};
    assert_true(sw_store_put_total(f->store, p1, &id, &total, &touched) >= 0);
    assert_true(sw_store_put_total(f->store, p3, &id, &total, &touched) >= 0);
    assert_int_equal(sw_store_load_day(f->store, p1, 250, 1000, &set), 0);
    static const int64_t expected[][2] = {{200, -1}, {300, -1}, {350, 7}, {2000, -1}};
    assert_int_equal(set.devices[0].n_totals, N_OF(expected));
    for (size_t i = 0; i < N_OF(expected); i++) {
        assert_int_equal(set.devices[0].totals[i].at_s, expected[i][0]);
        assert_int_equal(set.devices[0].totals[i].total, expected[i][1]);
    }
    sw_day_set_fini(&set);
    assert_int_equal(sw_store_load_day(f->store, p3, 250, 1000, &set), 0);
    assert_int_equal(set.devices[0].n_totals, 1); /* that one names its patient */
    sw_day_set_fini(&set);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_wearer__each_span_ends_where_the_next_begins),
        TEST(test_wearer__an_erased_patient_leaves_nobody),
        TEST(test_move__takes_what_lies_within_and_merges),
        TEST(test_sent__is_what_the_device_gave_then),
        TEST(test_breaks__come_with_the_day_of_whoever_was_assigned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
