/* test_shown_tests.c -- no test alert stays at the broker for ever. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/shown_tests.h"

#define TOPIC "clinic/t/alerts/anna/p1/test"

static void hear(struct shown_tests *shown, enum echo_kind kind, const char *topic,
                 int64_t now_ms)
{
    struct echo_box box;
    assert_int_equal(echo_box_init(&box), 0);
    assert_true(echo_box_put(&box, kind, topic, strlen(topic)));
    struct echo_word *word = echo_box_take(&box);
    shown_tests_hear(shown, word, now_ms);
    free(word);
    echo_box_fini(&box);
}

static void test_shown__one_left_behind_is_overdue_after_a_while(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, ECHO_TEST_SHOWN, TOPIC, 1000);
    assert_null(shown_tests_due(&shown, 1000 + SW_TEST_ALERT_MAX_S * 1000));
    assert_string_equal(shown_tests_due(&shown, 1000 + SHOWN_TESTS_MS), TOPIC);
    shown_tests_drop(&shown, TOPIC, strlen(TOPIC));
    assert_null(shown_tests_due(&shown, INT64_MAX));
}

/* Its closing is published too, and then there is more time to clear it. */
static void test_shown__each_publication_begins_the_time_anew(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, ECHO_TEST_SHOWN, TOPIC, 0);
    hear(&shown, ECHO_TEST_SHOWN, TOPIC, 500);
    assert_null(shown_tests_due(&shown, SHOWN_TESTS_MS));
    assert_non_null(shown_tests_due(&shown, SHOWN_TESTS_MS + 500));
    assert_int_equal(shown.n, 1);
}

static void test_shown__one_from_before_the_connect_is_overdue_at_once(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, ECHO_TEST_RETAINED, TOPIC, 1000);
    assert_string_equal(shown_tests_due(&shown, 1000), TOPIC);
}

static void test_shown__one_that_was_cleared_is_not_due(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, ECHO_TEST_SHOWN, TOPIC "2", 0);
    hear(&shown, ECHO_TEST_SHOWN, TOPIC, 0);
    hear(&shown, ECHO_TEST_CLEARED, TOPIC "2", 10);
    hear(&shown, ECHO_TEST_CLEARED, "clinic/t/alerts/ben/p1/test", 10);
    assert_string_equal(shown_tests_due(&shown, INT64_MAX), TOPIC);
    hear(&shown, ECHO_TEST_CLEARED, TOPIC, 20);
    assert_null(shown_tests_due(&shown, INT64_MAX));
}

static void test_shown__other_words_are_not_meant(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    hear(&shown, ECHO_ALERT, "{}", 0);
    hear(&shown, ECHO_MARK, "42", 0);
    assert_null(shown_tests_due(&shown, INT64_MAX));
}

static void test_shown__more_than_fit_wait_for_the_next_connect(void **state)
{
    (void)state;
    struct shown_tests shown = {.n = 0};
    char topic[64];
    for (int i = 0; i < SHOWN_TESTS_MAX + 1; i++) {
        snprintf(topic, sizeof topic, "clinic/t/alerts/anna/p%d/test", i);
        hear(&shown, ECHO_TEST_SHOWN, topic, 0);
    }
    assert_int_equal(shown.n, SHOWN_TESTS_MAX);
    shown_tests_forget(&shown);
    assert_null(shown_tests_due(&shown, INT64_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shown__one_left_behind_is_overdue_after_a_while),
        cmocka_unit_test(test_shown__each_publication_begins_the_time_anew),
        cmocka_unit_test(test_shown__one_from_before_the_connect_is_overdue_at_once),
        cmocka_unit_test(test_shown__one_that_was_cleared_is_not_due),
        cmocka_unit_test(test_shown__other_words_are_not_meant),
        cmocka_unit_test(test_shown__more_than_fit_wait_for_the_next_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
