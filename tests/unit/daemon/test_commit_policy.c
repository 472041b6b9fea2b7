/* test_commit_policy.c -- when a commit is due and why, and the pauses between rounds of
 * judging, in invented time. */
#include "daemon/commit_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { NOW_MS = 1000 * 1000, NOW_US = 1000 * 1000, INTERVAL_MS = 10 * 1000 };

static struct commit_policy fresh(void)
{
    return (struct commit_policy){.interval_ms = INTERVAL_MS};
}

/* ---- when a commit is due ---- */

static void test_nothing__is_due_when_nothing_waits(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    assert_int_equal(commit_policy_due(&policy, NOW_MS), COMMIT_NONE);
    assert_int_equal(commit_policy_next_ms(&policy), INT64_MAX);
    assert_false(commit_policy_has_failed(&policy));
}

static void test_each_reason__waits_as_long_as_it_may(void **state)
{
    static const int64_t waits_ms[COMMIT_REASONS] = {
        [COMMIT_READINGS] = INTERVAL_MS,    [COMMIT_STATUS] = INTERVAL_MS,
        [COMMIT_MINUTE] = COMMIT_MINUTE_MS, [COMMIT_DELIVERED] = COMMIT_DELIVERED_MS,
        [COMMIT_FAILED] = COMMIT_RETRY_MS, /* all others: not at all */
    };
    (void)state;
    for (int why = COMMIT_NONE + 1; why < COMMIT_REASONS; why++) {
        struct commit_policy policy = fresh();
        int64_t due_ms = NOW_MS + waits_ms[why];
        commit_policy_want(&policy, (enum commit_reason)why, NOW_MS);
        assert_int_equal(commit_policy_next_ms(&policy), due_ms);
        assert_int_equal(commit_policy_due(&policy, due_ms - 1), COMMIT_NONE);
        assert_int_equal(commit_policy_due(&policy, due_ms), why);
    }
}

static void test_readings__that_come_later_do_not_put_it_off(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    for (int64_t ms = 0; ms < INTERVAL_MS; ms += 100)
        commit_policy_want(&policy, COMMIT_READINGS, NOW_MS + ms);
    assert_int_equal(commit_policy_next_ms(&policy), NOW_MS + INTERVAL_MS);
}

static void test_readings__with_no_interval_are_committed_at_once(void **state)
{
    (void)state;
    struct commit_policy policy = {.interval_ms = 0};
    commit_policy_want(&policy, COMMIT_READINGS, NOW_MS);
    assert_int_equal(commit_policy_due(&policy, NOW_MS), COMMIT_READINGS);
}

static void test_the_most_urgent_reason__is_the_one_that_counts(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    commit_policy_want(&policy, COMMIT_READINGS, NOW_MS - INTERVAL_MS);
    commit_policy_want(&policy, COMMIT_NEW_DAY, NOW_MS);
    assert_int_equal(commit_policy_due(&policy, NOW_MS), COMMIT_NEW_DAY);
    commit_policy_want(&policy, COMMIT_SHUTDOWN, NOW_MS);
    assert_int_equal(commit_policy_due(&policy, NOW_MS), COMMIT_SHUTDOWN);
}

static void test_one_commit__is_for_all_that_wait(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    commit_policy_want(&policy, COMMIT_READINGS, NOW_MS);
    commit_policy_want(&policy, COMMIT_MINUTE, NOW_MS);
    commit_policy_want(&policy, COMMIT_SCORE, NOW_MS);
    commit_policy_done(&policy);
    assert_int_equal(commit_policy_next_ms(&policy), INT64_MAX);
}

static void test_one_that_failed__is_tried_again_and_not_before(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    const int64_t again_ms = NOW_MS + COMMIT_RETRY_MS;
    commit_policy_failed(&policy, NOW_MS);
    commit_policy_want(&policy, COMMIT_SCORE, NOW_MS + 1);
    assert_true(commit_policy_has_failed(&policy));
    assert_int_equal(commit_policy_next_ms(&policy), again_ms);
    assert_int_equal(commit_policy_due(&policy, again_ms - 1), COMMIT_NONE);
    assert_false(commit_policy_may_judge(&policy, again_ms * 1000 - 1, COMMIT_SCORE));
    assert_int_equal(commit_policy_due(&policy, again_ms), COMMIT_SCORE);
    assert_true(commit_policy_may_judge(&policy, again_ms * 1000, COMMIT_SCORE));
    assert_true(commit_policy_has_failed(&policy)); /* until one is done */
    commit_policy_failed(&policy, again_ms);
    assert_int_equal(commit_policy_next_ms(&policy), again_ms + COMMIT_RETRY_MS);
    commit_policy_done(&policy);
    assert_false(commit_policy_has_failed(&policy));
    assert_int_equal(commit_policy_next_ms(&policy), INT64_MAX);
}

/* It may have been for an alert, which nobody asked a commit for. */
static void test_one_that_failed__is_due_whatever_it_was_for(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    commit_policy_failed(&policy, NOW_MS);
    assert_int_equal(commit_policy_due(&policy, NOW_MS + COMMIT_RETRY_MS),
                     COMMIT_FAILED);
}

/* ---- rounds of judging ---- */

/* A round that began then and took so long. */
static struct commit_policy after(int64_t began_us, int64_t took_us)
{
    struct commit_policy policy = fresh();
    assert_true(commit_policy_may_judge(&policy, began_us, COMMIT_NONE));
    commit_policy_judged(&policy, began_us + took_us, took_us);
    return policy;
}

static void test_a_message_alone__waits_for_nothing(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    assert_int_equal(commit_policy_pause_ms(&policy, NOW_US), -1);
    assert_true(commit_policy_may_judge(&policy, NOW_US, COMMIT_NONE));
    commit_policy_judged(&policy, NOW_US + 10, 10);
    assert_int_equal(commit_policy_pause_ms(&policy, 2 * NOW_US), -1);
    assert_true(commit_policy_may_judge(&policy, 2 * NOW_US, COMMIT_NONE));
}

static void test_a_round__is_followed_by_a_pause_in_proportion(void **state)
{
    (void)state;
    const int64_t took_us = 1000, end_us = NOW_US + took_us + JUDGING_PAUSE * took_us;
    struct commit_policy policy = after(NOW_US, took_us);
    assert_false(commit_policy_may_judge(&policy, end_us - 1, COMMIT_NONE));
    assert_true(commit_policy_may_judge(&policy, end_us, COMMIT_NONE));
}

static void test_judging__never_takes_more_than_its_part(void **state)
{
    (void)state;
    struct commit_policy policy = fresh();
    int64_t now_us = 0, judged_us = 0;
    for (int i = 0; i < 100000; i++, now_us += 10) { /* as fast as messages come */
        if (!commit_policy_may_judge(&policy, now_us, COMMIT_NONE))
            continue;
        assert_true(judged_us * JUDGING_PAUSE <= now_us);
        now_us += 5000;
        commit_policy_judged(&policy, now_us, 5000);
        judged_us += 5000;
    }
    assert_true(judged_us > 0);
}

static void test_the_pause__has_a_least_and_a_most(void **state)
{
    (void)state;
    struct commit_policy policy = after(NOW_US, 0);
    assert_false(
        commit_policy_may_judge(&policy, NOW_US + JUDGING_LEAST_US - 1, COMMIT_NONE));
    assert_true(
        commit_policy_may_judge(&policy, NOW_US + JUDGING_LEAST_US, COMMIT_NONE));
    policy = after(0, NOW_US);
    assert_false(
        commit_policy_may_judge(&policy, NOW_US + JUDGING_MOST_US - 1, COMMIT_NONE));
    assert_true(
        commit_policy_may_judge(&policy, NOW_US + JUDGING_MOST_US, COMMIT_NONE));
}

static void test_what_is_due__does_not_wait(void **state)
{
    (void)state;
    struct commit_policy policy = after(NOW_US, 1000);
    assert_true(commit_policy_may_judge(&policy, NOW_US + 1001, COMMIT_READINGS));
}

/* Else those marked in a pause would be judged only when something else happens. */
static void test_a_round_put_off__is_owed_until_it_comes(void **state)
{
    (void)state;
    struct commit_policy policy = after(NOW_US, 0);
    const int64_t end_us = NOW_US + JUDGING_LEAST_US;
    assert_int_equal(commit_policy_pause_ms(&policy, end_us - 1), 1);
    assert_int_equal(commit_policy_pause_ms(&policy, end_us), -1);
    assert_false(commit_policy_may_judge(&policy, end_us - 1, COMMIT_NONE));
    assert_int_equal(commit_policy_pause_ms(&policy, end_us), 0);
    assert_true(commit_policy_may_judge(&policy, end_us, COMMIT_NONE));
    assert_int_equal(commit_policy_pause_ms(&policy, end_us), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing__is_due_when_nothing_waits),
        cmocka_unit_test(test_each_reason__waits_as_long_as_it_may),
        cmocka_unit_test(test_readings__that_come_later_do_not_put_it_off),
        cmocka_unit_test(test_readings__with_no_interval_are_committed_at_once),
        cmocka_unit_test(test_the_most_urgent_reason__is_the_one_that_counts),
        cmocka_unit_test(test_one_commit__is_for_all_that_wait),
        cmocka_unit_test(test_one_that_failed__is_tried_again_and_not_before),
        cmocka_unit_test(test_one_that_failed__is_due_whatever_it_was_for),
        cmocka_unit_test(test_a_message_alone__waits_for_nothing),
        cmocka_unit_test(test_a_round__is_followed_by_a_pause_in_proportion),
        cmocka_unit_test(test_judging__never_takes_more_than_its_part),
        cmocka_unit_test(test_the_pause__has_a_least_and_a_most),
        cmocka_unit_test(test_what_is_due__does_not_wait),
        cmocka_unit_test(test_a_round_put_off__is_owed_until_it_comes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
