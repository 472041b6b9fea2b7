/* test_watched.c -- only time in which the gateway could hear counts as silence. */
#include "draw.h"

#include "daemon/watched.h"

static const int64_t T = 20522 * (int64_t)86400 + 10 * 3600;

static void test_watched__counts_connected_time_alone(void **state)
{
    (void)state;
    struct watched watched = {0};
    watched_tick(&watched, T, true);
    watched_tick(&watched, T + 600, true);
    watched_tick(&watched, T + 660, false);
    watched_tick(&watched, T + 5000, true);
    watched_tick(&watched, T + 5100, true);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), T, T + 9000), 600 + 100);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), T + 300, T + 5050),
                     300 + 50);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), T + 6000, T + 9000), 0);
}

static void test_watched__short_gap_is_bridged(void **state)
{
    (void)state;
    struct watched watched = {0};
    watched_tick(&watched, T, true);
    watched_tick(&watched, T + 100, false);
    watched_tick(&watched, T + 50, false);
    watched_tick(&watched, T + WATCHED_GAP_S, true);
    watched_tick(&watched, T + 200, true);
    assert_int_equal(watched.n, 1);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), 0, T + 900), 200);
}

static void test_watched__clock_put_back_counts_nothing_twice(void **state)
{
    (void)state;
    struct watched watched = {0};
    watched_tick(&watched, T, true);
    watched_tick(&watched, T + 1000, true);
    watched_tick(&watched, T + 1000, false);
    watched_tick(&watched, T + 400, true);
    watched_tick(&watched, T + 900, true);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), 0, T + 5000), 1000);
    watched_tick(&watched, T + 1200, true);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), 0, T + 5000), 1200);
}

static void test_watched__clock_put_back_forgets_the_time_to_come(void **state)
{
    (void)state;
    struct watched watched = {0};
    watched_tick(&watched, T, true);
    watched_tick(&watched, T + 1000, true);
    watched_tick(&watched, T + 1000, false);
    watched_tick(&watched, T + 86400, true); /* a clock that is a day ahead */
    watched_tick(&watched, T + 90000, true);
    watched_tick(&watched, T + 90000, false);
    watched_cut(&watched, T + 800);
    assert_int_equal(watched_until(&watched), T + 800);
    watched_tick(&watched, T + 800, true); /* and at once it counts again */
    watched_tick(&watched, T + 900, true);
    assert_int_equal(sw_spans_seconds(watched_spans(&watched), 0, T + 100000), 900);
    watched_cut(&watched, T + 900); /* nothing to forget */
    assert_true(watched.growing);
}

static void test_watched__spans_are_bounded(void **state)
{
    (void)state;
    struct watched watched = {0};
    for (int64_t i = 0; i < 3 * WATCHED_SPANS_MAX; i++) {
        watched_tick(&watched, T + i * 1000, true);
        watched_tick(&watched, T + i * 1000 + 10, true);
        watched_tick(&watched, T + i * 1000 + 20, false);
    }
    assert_int_equal(watched.n, WATCHED_SPANS_MAX);
}

static void test_watched__wake_time_is_that_of_the_plan(void **state)
{
    (void)state;
    struct watched watched = {0};
    struct sw_plan plan = sw_plan_default();
    watched_tick(&watched, T - 4 * 3600, true); /* 06:00 */
    watched_tick(&watched, T, true);            /* 10:00 */
    assert_int_equal(sw_spans_wake_seconds(watched_spans(&watched), &utc, &plan, 0, T),
                     2 * 3600);
}

static void test_watched__says_what_was_missed_when_it_watches_again(void **state)
{
    (void)state;
    struct watched watched = {0};
    assert_int_equal(watched_missed_s(&watched, T), 0); /* nothing was before */
    watched_tick(&watched, T, true);
    assert_int_equal(watched_missed_s(&watched, T + 9000), 0);
    watched_tick(&watched, T + 100, true);
    watched_tick(&watched, T + 101, false);
    assert_int_equal(watched_missed_s(&watched, T + 100 + 3 * 86400), 3 * 86400);
    watched_tick(&watched, T + 3 * 86400, true);
    assert_int_equal(watched_missed_s(&watched, T + 3 * 86400 + 60), 0);
}

static void test_watched__a_time_without_a_clock_is_dated_when_it_is_over(void **state)
{
    (void)state;
    struct watched watched = {0};
    watched_distrusted(&watched, T, 180);
    assert_int_equal(watched.distrusted.from_s, T - 180);
    assert_int_equal(watched.distrusted.to_s, T);
    watched_distrusted(&watched, T + 100, 40); /* before the first was stored */
    assert_int_equal(watched.distrusted.from_s, T - 180);
    assert_int_equal(watched.distrusted.to_s, T + 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watched__a_time_without_a_clock_is_dated_when_it_is_over),
        cmocka_unit_test(test_watched__counts_connected_time_alone),
        cmocka_unit_test(test_watched__short_gap_is_bridged),
        cmocka_unit_test(test_watched__clock_put_back_counts_nothing_twice),
        cmocka_unit_test(test_watched__clock_put_back_forgets_the_time_to_come),
        cmocka_unit_test(test_watched__spans_are_bounded),
        cmocka_unit_test(test_watched__wake_time_is_that_of_the_plan),
        cmocka_unit_test(test_watched__says_what_was_missed_when_it_watches_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
