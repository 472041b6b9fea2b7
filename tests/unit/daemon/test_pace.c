/* test_pace.c -- pauses between rounds of judging, in invented time. */
#include "daemon/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NOW_US = 1000 * 1000 };

/* A round that began then and took so long. */
static struct pace after(int64_t began_us, int64_t took_us)
{
    struct pace pace = {0};
    assert_true(pace_allows(&pace, began_us, false));
    pace_note(&pace, began_us + took_us, took_us);
    return pace;
}

static void test_a_message_alone__waits_for_nothing(void **state)
{
    (void)state;
    struct pace pace = {0};
    assert_int_equal(pace_wait_ms(&pace, NOW_US), -1);
    assert_true(pace_allows(&pace, NOW_US, false));
    pace_note(&pace, NOW_US + 10, 10);
    assert_int_equal(pace_wait_ms(&pace, 2 * NOW_US), -1);
    assert_true(pace_allows(&pace, 2 * NOW_US, false));
}

static void test_a_round__is_followed_by_a_pause_in_proportion(void **state)
{
    (void)state;
    const int64_t took_us = 1000, end_us = NOW_US + took_us + PACE_JUDGING * took_us;
    struct pace pace = after(NOW_US, took_us);
    assert_false(pace_allows(&pace, end_us - 1, false));
    assert_true(pace_allows(&pace, end_us, false));
}

static void test_judging__never_takes_more_than_its_part(void **state)
{
    (void)state;
    struct pace pace = {0};
    int64_t now_us = 0, judged_us = 0;
    for (int i = 0; i < 100000; i++, now_us += 10) { /* as fast as messages come */
        if (!pace_allows(&pace, now_us, false))
            continue;
        assert_true(judged_us * PACE_JUDGING <= now_us);
        now_us += 5000;
        pace_note(&pace, now_us, 5000);
        judged_us += 5000;
    }
    assert_true(judged_us > 0);
}

static void test_the_pause__has_a_least_and_a_most(void **state)
{
    (void)state;
    struct pace pace = after(NOW_US, 0);
    assert_false(pace_allows(&pace, NOW_US + PACE_LEAST_US - 1, false));
    assert_true(pace_allows(&pace, NOW_US + PACE_LEAST_US, false));
    pace = after(0, NOW_US);
    assert_false(pace_allows(&pace, NOW_US + PACE_MOST_US - 1, false));
    assert_true(pace_allows(&pace, NOW_US + PACE_MOST_US, false));
}

static void test_what_is_due__does_not_wait(void **state)
{
    (void)state;
    struct pace pace = after(NOW_US, 1000);
    assert_true(pace_allows(&pace, NOW_US + 1001, true));
}

/* Else those marked in a pause would be judged only when something else happens. */
static void test_a_round_put_off__is_owed_until_it_comes(void **state)
{
    (void)state;
    struct pace pace = after(NOW_US, 0);
    const int64_t end_us = NOW_US + PACE_LEAST_US;
    assert_int_equal(pace_wait_ms(&pace, end_us - 1), 1);
    assert_int_equal(pace_wait_ms(&pace, end_us), -1);
    assert_false(pace_allows(&pace, end_us - 1, false));
    assert_int_equal(pace_wait_ms(&pace, end_us), 0);
    assert_true(pace_allows(&pace, end_us, false));
    assert_int_equal(pace_wait_ms(&pace, end_us), -1);
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
