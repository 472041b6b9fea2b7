/* test_pace.c -- pauses between rounds of judging, in invented time. */
#include "daemon/throttle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NOW_US = 1000 * 1000 };

/* A round that began then and took so long. */
static struct throttle after(int64_t began_us, int64_t took_us)
{
    struct throttle throttle = {0};
    assert_true(throttle_allows(&throttle, began_us, false));
    throttle_note(&throttle, began_us + took_us, took_us);
    return throttle;
}

static void test_a_message_alone__waits_for_nothing(void **state)
{
    (void)state;
    struct throttle throttle = {0};
    assert_int_equal(throttle_wait_ms(&throttle, NOW_US), -1);
    assert_true(throttle_allows(&throttle, NOW_US, false));
    throttle_note(&throttle, NOW_US + 10, 10);
    assert_int_equal(throttle_wait_ms(&throttle, 2 * NOW_US), -1);
    assert_true(throttle_allows(&throttle, 2 * NOW_US, false));
}

static void test_a_round__is_followed_by_a_pause_in_proportion(void **state)
{
    (void)state;
    const int64_t took_us = 1000,
                  end_us = NOW_US + took_us + THROTTLE_JUDGING * took_us;
    struct throttle throttle = after(NOW_US, took_us);
    assert_false(throttle_allows(&throttle, end_us - 1, false));
    assert_true(throttle_allows(&throttle, end_us, false));
}

static void test_judging__never_takes_more_than_its_part(void **state)
{
    (void)state;
    struct throttle throttle = {0};
    int64_t now_us = 0, judged_us = 0;
    for (int i = 0; i < 100000; i++, now_us += 10) { /* as fast as messages come */
        if (!throttle_allows(&throttle, now_us, false))
            continue;
        assert_true(judged_us * THROTTLE_JUDGING <= now_us);
        now_us += 5000;
        throttle_note(&throttle, now_us, 5000);
        judged_us += 5000;
    }
    assert_true(judged_us > 0);
}

static void test_the_pause__has_a_least_and_a_most(void **state)
{
    (void)state;
    struct throttle throttle = after(NOW_US, 0);
    assert_false(throttle_allows(&throttle, NOW_US + THROTTLE_LEAST_US - 1, false));
    assert_true(throttle_allows(&throttle, NOW_US + THROTTLE_LEAST_US, false));
    throttle = after(0, NOW_US);
    assert_false(throttle_allows(&throttle, NOW_US + THROTTLE_MOST_US - 1, false));
    assert_true(throttle_allows(&throttle, NOW_US + THROTTLE_MOST_US, false));
}

static void test_what_is_due__does_not_wait(void **state)
{
    (void)state;
    struct throttle throttle = after(NOW_US, 1000);
    assert_true(throttle_allows(&throttle, NOW_US + 1001, true));
}

/* Else those marked in a pause would be judged only when something else happens. */
static void test_a_round_put_off__is_owed_until_it_comes(void **state)
{
    (void)state;
    struct throttle throttle = after(NOW_US, 0);
    const int64_t end_us = NOW_US + THROTTLE_LEAST_US;
    assert_int_equal(throttle_wait_ms(&throttle, end_us - 1), 1);
    assert_int_equal(throttle_wait_ms(&throttle, end_us), -1);
    assert_false(throttle_allows(&throttle, end_us - 1, false));
    assert_int_equal(throttle_wait_ms(&throttle, end_us), 0);
    assert_true(throttle_allows(&throttle, end_us, false));
    assert_int_equal(throttle_wait_ms(&throttle, end_us), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_message_alone__waits_for_nothing),
        cmocka_unit_test(test_a_round__is_followed_by_a_pause_in_proportion),
        cmocka_unit_test(test_judging__never_takes_more_than_its_part),
        cmocka_unit_test(test_the_pause__has_a_least_and_a_most),
        cmocka_unit_test(test_what_is_due__does_not_wait),
        cmocka_unit_test(test_a_round_put_off__is_owed_until_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
