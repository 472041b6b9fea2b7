/* test_lateness.c -- how late data regularly comes, from one arrival an hour. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "stepward/lateness.h"

static const int64_t EIGHT_S = 20522 * (int64_t)86400 + 8 * 3600;
enum { FRESH = 15 };

/* In the hour so many after 08:00, minutes came that were so old. */
static bool come(struct sw_lateness *lateness, int hour, int age_min)
{
    int64_t received_s = EIGHT_S + hour * (int64_t)3600 + 30 * 60;
    return sw_lateness_note(lateness, received_s, received_s - 60 * (int64_t)age_min);
}

/* An hour each, at the end of the last of them. */
static int32_t late_min(struct sw_lateness *lateness, const char *ages)
{
    int hour = 0;
    for (char *end; *ages; ages = end, hour++) {
        long age_min = strtol(ages, &end, 10);
        come(lateness, hour, (int)age_min);
    }
    return sw_lateness_min(lateness, FRESH, EIGHT_S + hour * (int64_t)3600);
}

static void check(const char *ages, int32_t expected)
{
    struct sw_lateness lateness = {0};
    if (late_min(&lateness, ages) != expected)
        fail_msg("%s: %d, not %d", ages, late_min(&lateness, ages), expected);
}

static void test_lateness__is_what_most_hours_are(void **state)
{
    (void)state;
    check("26 26 26 26", 26);
    check("26 41 24 33", 26);
    check("16 16 16 16", 16);
    check("15 15 15 15", 0); /* a rest is seen while its minute is as old as `fresh` */
    check("1 26 26 26", 26);
    check("1 1 26 26", 0);
    check("255 300 4000 999", 255);
}

static void test_lateness__needs_four_hours(void **state)
{
    (void)state;
    check("", 0);
    check("26 26 26", 0);
}

static void test_lateness__the_last_eight_hours_count(void **state)
{
    (void)state;
    check("1 1 1 1 26 26 26 26", 0);
    check("1 1 1 1 26 26 26 26 26", 26);
    check("26 26 26 26 26 26 26 26 1 1 1 1", 0);
}

static void test_lateness__of_an_hour_the_least_counts(void **state)
{
    (void)state;
    struct sw_lateness lateness = {0};
    for (int hour = 0; hour < 4; hour++) {
        assert_true(come(&lateness, hour, 40));
        assert_false(come(&lateness, hour, 41));
        assert_true(come(&lateness, hour, 20));
        assert_false(come(&lateness, hour, 20));
    }
    assert_int_equal(sw_lateness_min(&lateness, FRESH, EIGHT_S), 20);
    assert_true(come(&lateness, 3, -5)); /* its clock is ahead */
    assert_int_equal(lateness.age_min[3], 0);
}

static void test_lateness__of_who_sends_at_once_is_nothing_to_remember(void **state)
{
    (void)state;
    struct sw_lateness lateness = {0};
    assert_false(come(&lateness, 0, 1));
    assert_false(come(&lateness, 1, 5));
    assert_true(come(&lateness, 2, 6));
    for (int hour = 3; hour < 10; hour++)
        assert_true(come(&lateness, hour, 1));
    assert_false(come(&lateness, 10, 1));
}

static void test_lateness__is_forgotten_after_two_days(void **state)
{
    (void)state;
    struct sw_lateness lateness = {0};
    late_min(&lateness, "26 26 26 26");
    assert_int_equal(sw_lateness_min(&lateness, FRESH, EIGHT_S + 50 * 3600), 26);
    assert_int_equal(sw_lateness_min(&lateness, FRESH, EIGHT_S + 52 * 3600), 0);
    come(&lateness, 3 + 49, 26);
    assert_int_equal(lateness.n, 1);
    come(&lateness, 10, 26); /* the clock was put back */
    assert_int_equal(lateness.n, 1);
    assert_int_equal(lateness.hour, EIGHT_S / 3600 + 10);
}

static void test_lateness__advises_what_three_of_four_hours_keep(void **state)
{
    (void)state;
    struct sw_lateness lateness = {0};
    assert_int_equal(late_min(&lateness, "26 26 31 90"), 26);
    assert_int_equal(sw_lateness_fresh_min(&lateness), 35);
    lateness = (struct sw_lateness){0};
    late_min(&lateness, "26 26 118 120");
    assert_int_equal(sw_lateness_fresh_min(&lateness), 120);
    lateness = (struct sw_lateness){0};
    late_min(&lateness, "26 121 122 120");
    assert_int_equal(sw_lateness_fresh_min(&lateness), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lateness__is_what_most_hours_are),
        cmocka_unit_test(test_lateness__needs_four_hours),
        cmocka_unit_test(test_lateness__the_last_eight_hours_count),
        cmocka_unit_test(test_lateness__of_an_hour_the_least_counts),
        cmocka_unit_test(test_lateness__of_who_sends_at_once_is_nothing_to_remember),
        cmocka_unit_test(test_lateness__is_forgotten_after_two_days),
        cmocka_unit_test(test_lateness__advises_what_three_of_four_hours_keep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
