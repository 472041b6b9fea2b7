/* test_online_spans.c -- only time in which the gateway could hear counts as silence. */
#include "draw.h"

#include "daemon/online_spans.h"

static const int64_t T = 20522 * (int64_t)86400 + 10 * 3600;

static void test_watched__counts_connected_time_alone(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    online_spans_tick(&online_spans, T, true);
    online_spans_tick(&online_spans, T + 600, true);
    online_spans_tick(&online_spans, T + 660, false);
    online_spans_tick(&online_spans, T + 5000, true);
    online_spans_tick(&online_spans, T + 5100, true);
    assert_int_equal(sw_spans_seconds(online_spans_all(&online_spans), T, T + 9000),
                     600 + 100);
    assert_int_equal(
        sw_spans_seconds(online_spans_all(&online_spans), T + 300, T + 5050), 300 + 50);
    assert_int_equal(
        sw_spans_seconds(online_spans_all(&online_spans), T + 6000, T + 9000), 0);
}

static void test_watched__short_gap_is_bridged(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    online_spans_tick(&online_spans, T, true);
    online_spans_tick(&online_spans, T + 100, false);
    online_spans_tick(&online_spans, T + 50, false);
    online_spans_tick(&online_spans, T + ONLINE_SPANS_GAP_S, true);
    online_spans_tick(&online_spans, T + 200, true);
    assert_int_equal(online_spans.n, 1);
    assert_int_equal(sw_spans_seconds(online_spans_all(&online_spans), 0, T + 900),
                     200);
}

static void test_watched__clock_put_back_counts_nothing_twice(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    online_spans_tick(&online_spans, T, true);
    online_spans_tick(&online_spans, T + 1000, true);
    online_spans_tick(&online_spans, T + 1000, false);
    online_spans_tick(&online_spans, T + 400, true);
    online_spans_tick(&online_spans, T + 900, true);
    assert_int_equal(sw_spans_seconds(online_spans_all(&online_spans), 0, T + 5000),
                     1000);
    online_spans_tick(&online_spans, T + 1200, true);
    assert_int_equal(sw_spans_seconds(online_spans_all(&online_spans), 0, T + 5000),
                     1200);
}

static void test_watched__clock_put_back_forgets_the_time_to_come(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    online_spans_tick(&online_spans, T, true);
    online_spans_tick(&online_spans, T + 1000, true);
    online_spans_tick(&online_spans, T + 1000, false);
    online_spans_tick(&online_spans, T + 86400, true); /* a clock that is a day ahead */
    online_spans_tick(&online_spans, T + 90000, true);
    online_spans_tick(&online_spans, T + 90000, false);
    online_spans_cut(&online_spans, T + 800);
    assert_int_equal(online_until_s(&online_spans), T + 800);
    online_spans_tick(&online_spans, T + 800, true); /* and at once it counts again */
    online_spans_tick(&online_spans, T + 900, true);
    assert_int_equal(sw_spans_seconds(online_spans_all(&online_spans), 0, T + 100000),
                     900);
    online_spans_cut(&online_spans, T + 900); /* nothing to forget */
    assert_true(online_spans.growing);
}

static void test_watched__spans_are_bounded(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    for (int64_t i = 0; i < 3 * ONLINE_SPANS_MAX; i++) {
        online_spans_tick(&online_spans, T + i * 1000, true);
        online_spans_tick(&online_spans, T + i * 1000 + 10, true);
        online_spans_tick(&online_spans, T + i * 1000 + 20, false);
    }
    assert_int_equal(online_spans.n, ONLINE_SPANS_MAX);
}

static void test_watched__wake_time_is_that_of_the_plan(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    struct sw_plan plan = sw_plan_default();
    online_spans_tick(&online_spans, T - 4 * 3600, true); /* 06:00 */
    online_spans_tick(&online_spans, T, true);            /* 10:00 */
    assert_int_equal(
        sw_spans_wake_seconds(online_spans_all(&online_spans), &utc, &plan, 0, T),
        2 * 3600);
}

static void test_watched__says_what_was_missed_when_it_watches_again(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    assert_int_equal(online_spans_missed_s(&online_spans, T),
                     0); /* nothing was before */
    online_spans_tick(&online_spans, T, true);
    assert_int_equal(online_spans_missed_s(&online_spans, T + 9000), 0);
    online_spans_tick(&online_spans, T + 100, true);
    online_spans_tick(&online_spans, T + 101, false);
    assert_int_equal(online_spans_missed_s(&online_spans, T + 100 + 3 * 86400),
                     3 * 86400);
    online_spans_tick(&online_spans, T + 3 * 86400, true);
    assert_int_equal(online_spans_missed_s(&online_spans, T + 3 * 86400 + 60), 0);
}

static void test_watched__a_time_without_a_clock_is_dated_when_it_is_over(void **state)
{
    (void)state;
    struct online_spans online_spans = {0};
    online_spans_distrusted(&online_spans, T, 180);
    assert_int_equal(online_spans.distrusted.from_s, T - 180);
    assert_int_equal(online_spans.distrusted.to_s, T);
    online_spans_distrusted(&online_spans, T + 100,
                            40); /* before the first was stored */
    assert_int_equal(online_spans.distrusted.from_s, T - 180);
    assert_int_equal(online_spans.distrusted.to_s, T + 100);
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
