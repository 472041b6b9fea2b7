/* test_encode_overview.c -- what apps of therapists read, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/overview.h"
#include "stepward/wire.h"

static void check_and_free(char *text, const char *expected)
{
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void test_overview__shows_open_alerts_shelved_and_over_budget_too(void **state)
{
    (void)state;
    struct sw_alert alerts[SW_ALERT_KINDS] = {{.state = SW_STATE_NONE}};
    struct sw_overview overview = {.patient = {"p017"},
                                   .updated_at_s = 1774779360,
                                   .heard_at_s = 1774779300,
                                   .plan = sw_plan_default(),
                                   .row = {.day = 20541, .steps = 1204},
                                   .strip = "as-u..",
                                   .rest_min = 125,
                                   .alerts = alerts};
    strcpy(overview.plan.therapist.str, "anna");
    overview.plan.goal = 6000;
    alerts[SW_ALERT_REST] = (struct sw_alert){.patient = {"p017"},
                                              .therapist = {"anna"},
                                              .kind = SW_ALERT_REST,
                                              .state = SW_STATE_OPEN,
                                              .opened_at_s = 1774779300,
                                              .shelved_until_s = 1774782900,
                                              .over_budget = true,
                                              .evidence = {125, 120, 1204}};
    alerts[SW_ALERT_OVER] = (struct sw_alert){
        .kind = SW_ALERT_OVER, .state = SW_STATE_CLOSED, .opened_at_s = 1774779300};
    check_and_free(
        sw_encode_overview(&overview),
        "{\"v\":1,\"patient\":\"p017\",\"therapist\":\"anna\","
        "\"updated_at\":\"2026-03-29T10:16:00Z\",\"heard_at\":\"2026-03-29T10:15:00Z\","
        "\"day\":\"2026-03-29\",\"steps\":1204,\"goal\":6000,\"floor\":null,"
        "\"ceiling\":null,\"rest_min\":125,\"rest_limit_min\":180,\"late_min\":null,"
        "\"wake\":\"08:00-21:00\",\"strip\":\"as-u..\","
        "\"device_problems\":[],\"alerts\":["
        "{\"id\":\"p017-rest-1774779300\",\"kind\":\"rest\",\"level\":\"low\","
        "\"state\":\"open\",\"opened_at\":\"2026-03-29T10:15:00Z\","
        "\"shelved_until\":\"2026-03-29T11:15:00Z\",\"over_budget\":true,"
        "\"message\":\"p017 has been resting for 2 h 5 min (limit 2 h). "
        "1,204 steps today.\"}]}");
}

static void test_overview__what_is_not_known_is_null(void **state)
{
    (void)state;
    struct sw_overview overview = {.patient = {"p1"},
                                   .updated_at_s = 1774779360,
                                   .plan = sw_plan_default(),
                                   .row = {.day = 20541}};
    check_and_free(
        sw_encode_overview(&overview),
        "{\"v\":1,\"patient\":\"p1\",\"therapist\":\"unassigned\","
        "\"updated_at\":\"2026-03-29T10:16:00Z\",\"heard_at\":null,"
        "\"day\":\"2026-03-29\",\"steps\":null,\"goal\":null,\"floor\":null,"
        "\"ceiling\":null,\"rest_min\":0,\"rest_limit_min\":180,\"late_min\":null,"
        "\"wake\":\"08:00-21:00\",\"strip\":\"\","
        "\"device_problems\":[],\"alerts\":[]}");
}

static void test_overview__says_in_words_what_is_wrong_with_the_device(void **state)
{
    (void)state;
    struct sw_alert alerts[SW_ALERT_KINDS] = {{.state = SW_STATE_NONE}};
    struct sw_overview overview = {
        .patient = {"p1"}, .plan = sw_plan_default(), .late_min = 25, .alerts = alerts};
    alerts[SW_ALERT_BATTERY] = (struct sw_alert){.patient = {"p1"},
                                                 .kind = SW_ALERT_BATTERY,
                                                 .state = SW_STATE_ACKNOWLEDGED,
                                                 .opened_at_s = 1774779300,
                                                 .evidence = {15}};
    alerts[SW_ALERT_SILENT] = (struct sw_alert){.patient = {"p1"},
                                                .kind = SW_ALERT_SILENT,
                                                .state = SW_STATE_CLOSED,
                                                .opened_at_s = 1774779300};
    alerts[SW_ALERT_PAIN] = (struct sw_alert){.patient = {"p1"},
                                              .kind = SW_ALERT_PAIN,
                                              .state = SW_STATE_OPEN,
                                              .opened_at_s = 1774779300,
                                              .evidence = {8000}};
    char *text = sw_encode_overview(&overview), message[SW_MESSAGE_MAX],
         expected[SW_MESSAGE_MAX + 100];
    sw_alert_message(&alerts[SW_ALERT_BATTERY], message);
    snprintf(
        expected, sizeof expected,
        "\"device_problems\":[\"%s\",\"data comes 25 min late: no rest can be seen\"],"
        "\"alerts\":[{",
        message);
    assert_non_null(text);
    assert_non_null(strstr(text, expected));
    free(text);
}

static uint64_t sum_of(const struct sw_overview *overview)
{
    char *text = sw_encode_overview(overview);
    assert_non_null(text);
    uint64_t sum = sw_overview_sum(text, strlen(text));
    free(text);
    return sum;
}

static void test_sum__a_silence_that_grows_says_something_new_each_quarter(void **state)
{
    (void)state;
    struct sw_alert alerts[SW_ALERT_KINDS] = {{.state = SW_STATE_NONE}};
    struct sw_overview overview = {
        .patient = {"p1"}, .plan = sw_plan_default(), .alerts = alerts};
    struct sw_alert *silent = &alerts[SW_ALERT_SILENT];
    *silent = (struct sw_alert){.patient = {"p1"},
                                .kind = SW_ALERT_SILENT,
                                .state = SW_STATE_OPEN,
                                .opened_at_s = 1774779300,
                                .evidence = {250, 250}};
    uint64_t sum = sum_of(&overview);
    char *text = sw_encode_overview(&overview);
    assert_non_null(strstr(text, "nothing for 4 h 10 min of wake time (limit 4 h 10"));
    free(text);
    silent->evidence[0] = 254;
    assert_true(sum_of(&overview) == sum);
    silent->evidence[0] = 255;
    assert_false(sum_of(&overview) == sum);
    sum = sum_of(&overview);
    silent->evidence[0] = 269;
    assert_true(sum_of(&overview) == sum);
    silent->evidence[0] = 270;
    assert_false(sum_of(&overview) == sum);
}

static void test_sum__is_of_all_but_when_it_was_updated(void **state)
{
    (void)state;
    struct sw_overview overview = {
        .patient = {"p1"}, .updated_at_s = 1774779360, .plan = sw_plan_default()};
    uint64_t sum = sum_of(&overview);
    overview.updated_at_s += 60;
    assert_true(sum_of(&overview) == sum);
    overview.heard_at_s = 1774779360;
    assert_false(sum_of(&overview) == sum);
    /* What is retained there may be anything. */
    static const char *const others[] = {"", "x", "\"updated_at\":\"",
                                         "{\"updated_at\":\"2026-03-29T10"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        assert_true(sw_overview_sum(others[i], strlen(others[i])) != 0);
}

static void test_patients__with_ids_and_since_when(void **state)
{
    (void)state;
    const struct sw_listed_patient patients[] = {{{"p1"}, 1774779300}, {{"p2"}, 0}};
    check_and_free(sw_encode_patients(patients, 2),
                   "{\"v\":1,\"patients\":[{\"patient\":\"p1\","
                   "\"since\":\"2026-03-29T10:15:00Z\"},"
                   "{\"patient\":\"p2\",\"since\":null}]}");
    check_and_free(sw_encode_patients(NULL, 0), "{\"v\":1,\"patients\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_overview__shows_open_alerts_shelved_and_over_budget_too),
        cmocka_unit_test(test_overview__what_is_not_known_is_null),
        cmocka_unit_test(test_overview__says_in_words_what_is_wrong_with_the_device),
        cmocka_unit_test(
            test_sum__a_silence_that_grows_says_something_new_each_quarter),
        cmocka_unit_test(test_sum__is_of_all_but_when_it_was_updated),
        cmocka_unit_test(test_patients__with_ids_and_since_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
