/* test_shown_tests.c -- no test alert stays at the broker for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/reconcile.h"

enum { FAR_MS = INT32_MAX };
#define TOPIC "clinic/t/alerts/anna/p1/test"

static void hear(struct shown_tests *shown, enum notice_kind kind, const char *topic,
                 int64_t now_ms)
{
    struct notices box;
    assert_int_equal(notices_init(&box), 0);
    assert_true(notices_put(&box, kind, topic, strlen(topic)));
    struct notice notice;
    assert_true(notices_take(&box, &notice));
    shown_tests_on_notice(shown, &notice, now_ms);
    notices_fini(&box);
}

static void test_shown__one_left_behind_is_overdue_after_a_while(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, NOTICE_TEST_SHOWN, TOPIC, 1000);
    assert_null(shown_tests_due(&shown, 1000 + SW_TEST_ALERT_MAX_S * 1000));
    assert_string_equal(shown_tests_due(&shown, 1000 + SHOWN_TESTS_MS), TOPIC);
}

/* A broker may refuse to clear it, and in MQTT 3.1.1 does not say so. */
static void test_shown__until_it_is_told_to_be_cleared_it_is_due_again(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, NOTICE_TEST_RETAINED, TOPIC, 0);
    assert_non_null(shown_tests_due(&shown, 0));
    assert_null(shown_tests_due(&shown, SHOWN_TESTS_RETRY_MS - 1));
    assert_string_equal(shown_tests_due(&shown, SHOWN_TESTS_RETRY_MS), TOPIC);
    hear(&shown, NOTICE_TEST_CLEARED, TOPIC, SHOWN_TESTS_RETRY_MS);
    assert_null(shown_tests_due(&shown, FAR_MS));
}

/* Its closing is published too, and then there is more time to clear it. */
static void test_shown__each_publication_begins_the_time_anew(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, NOTICE_TEST_SHOWN, TOPIC, 0);
    hear(&shown, NOTICE_TEST_SHOWN, TOPIC, 500);
    assert_null(shown_tests_due(&shown, SHOWN_TESTS_MS));
    assert_non_null(shown_tests_due(&shown, SHOWN_TESTS_MS + 500));
    assert_int_equal(shown.n, 1);
}

static void test_shown__one_from_before_the_connect_is_overdue_at_once(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, NOTICE_TEST_RETAINED, TOPIC, 1000);
    assert_string_equal(shown_tests_due(&shown, 1000), TOPIC);
}

static void test_shown__one_that_was_cleared_is_not_due(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, NOTICE_TEST_SHOWN, TOPIC "2", 0);
    hear(&shown, NOTICE_TEST_SHOWN, TOPIC, 0);
    hear(&shown, NOTICE_TEST_CLEARED, TOPIC "2", 10);
    hear(&shown, NOTICE_TEST_CLEARED, "clinic/t/alerts/ben/p1/test", 10);
    assert_string_equal(shown_tests_due(&shown, FAR_MS), TOPIC);
    hear(&shown, NOTICE_TEST_CLEARED, TOPIC, 20);
    assert_null(shown_tests_due(&shown, FAR_MS));
}

static void test_shown__other_words_are_not_meant(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, NOTICE_ALERT, "{}", 0);
    hear(&shown, NOTICE_MARK, "42", 0);
    assert_null(shown_tests_due(&shown, FAR_MS));
}

static void test_shown__more_than_fit_wait_for_the_next_connect(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    char topic[64];
    for (int i = 0; i < SHOWN_TESTS_MAX + 1; i++) {
        snprintf(topic, sizeof topic, "clinic/t/alerts/anna/p%d/test", i);
        hear(&shown, NOTICE_TEST_SHOWN, topic, 0);
    }
    assert_int_equal(shown.n, SHOWN_TESTS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown__one_left_behind_is_overdue_after_a_while),
        cmocka_unit_test(test_shown__until_it_is_told_to_be_cleared_it_is_due_again),
        cmocka_unit_test(test_shown__each_publication_begins_the_time_anew),
        cmocka_unit_test(test_shown__one_from_before_the_connect_is_overdue_at_once),
        cmocka_unit_test(test_shown__one_that_was_cleared_is_not_due),
        cmocka_unit_test(test_shown__other_words_are_not_meant),
        cmocka_unit_test(test_shown__more_than_fit_wait_for_the_next_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
