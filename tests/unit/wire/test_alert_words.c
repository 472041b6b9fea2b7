/* test_alert_words.c -- an alert in plain words: its subject, and whose names are in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

static struct sw_alert resting(void)
{
    return (struct sw_alert){.patient = {"p017"},
                             .therapist = {"anna"},
                             .kind = SW_ALERT_REST,
                             .state = SW_STATE_OPEN,
                             .rev = 1,
                             .opened_at_s = INT64_C(1774779300),
                             .updated_at_s = INT64_C(1774779300),
                             .evidence = {125, 120, 1204}};
}

static void check(const struct sw_alert *alert, const char *name, const char *expected)
{
    char *words = sw_alert_words(alert, name);
    assert_non_null(words);
    assert_string_equal(words, expected);
    free(words);
}

static void test_words__of_an_open_alert(void **state)
{
    (void)state;
    struct sw_alert alert = resting();
    check(&alert, NULL,
          "p017: resting (low)\n"
          "p017 has been resting for 2 h 5 min (limit 2 h). 1,204 steps today.\n"
          "Opened 2026-03-29T10:15:00Z.\n"
          "Alert p017-rest-1774779300, revision 1, for anna.\n");
}

static void test_words__of_one_that_is_over_and_withdrawn(void **state)
{
    (void)state;
    struct sw_alert alert = resting();
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_MOVED;
    alert.closed_at_s = alert.opened_at_s + 600;
    char *words = sw_alert_words(&alert, NULL);
    assert_int_equal(strncmp(words, "p017: resting, over\n", 20), 0);
    assert_non_null(strstr(words, "\nOver since 2026-03-29T10:25:00Z (moved).\n"));
    free(words);
    alert.reason = SW_REASON_WITHDRAWN;
    words = sw_alert_words(&alert, NULL);
    assert_int_equal(strncmp(words, "p017: resting, withdrawn\n", 25), 0);
    free(words);
}

static void test_words__names_are_there_only_if_asked_for(void **state)
{
    (void)state;
    struct sw_alert alert = resting();
    alert.state = SW_STATE_ACKNOWLEDGED;
    strcpy(alert.by, "Anna K.");
    strcpy(alert.note, "called Berta,\r\nBcc: x");
    char *words = sw_alert_words(&alert, NULL);
    assert_int_equal(strncmp(words, "p017: resting, acknowledged\n", 28), 0);
    assert_null(strstr(words, "Anna K."));
    assert_null(strstr(words, "Berta"));
    free(words);
    words = sw_alert_words(&alert, "Berta\nM.");
    assert_int_equal(strncmp(words, "Berta M. (p017): resting, acknowledged\n", 39), 0);
    assert_non_null(strstr(words, " by Anna K.: called Berta,  Bcc: x.\n"));
    free(words);
    words = sw_alert_words(&alert, "");
    assert_int_equal(strncmp(words, "p017: resting", 13), 0);
    free(words);
}

static void test_words__of_every_kind_and_state_are_a_few_lines(void **state)
{
    (void)state;
    struct sw_alert alert = resting();
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        for (int at = SW_STATE_OPEN; at <= SW_STATE_CLOSED; at++) {
            alert.kind = (enum sw_alert_kind)kind;
            alert.state = (enum sw_alert_state)at;
            char *words = sw_alert_words(&alert, NULL);
            int n = 0;
            for (const char *line = words; (line = strchr(line, '\n')); line++)
                n++;
            assert_true(n >= 3 && n <= 6);
            assert_int_equal(words[strlen(words) - 1], '\n');
            free(words);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words__of_an_open_alert),
        cmocka_unit_test(test_words__of_one_that_is_over_and_withdrawn),
        cmocka_unit_test(test_words__names_are_there_only_if_asked_for),
        cmocka_unit_test(test_words__of_every_kind_and_state_are_a_few_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
