/* test_encode_board.c -- what apps of therapists read, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/board.h"

static void check_and_free(char *text, const char *expected)
{
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void test_board__shows_open_alerts_shelved_and_over_budget_too(void **state)
{
    (void)state;
    struct sw_alert alerts[SW_ALERT_KINDS] = {{.state = SW_STATE_NONE}};
    struct sw_board board = {.patient = {"p017"},
                             .updated_at_s = 1774779360,
                             .heard_at_s = 1774779300,
                             .plan = sw_plan_default(),
                             .row = {.day = 20541, .steps = 1204},
                             .strip = "as-u..",
                             .rest_min = 125,
                             .late_min = 25,
                             .alerts = alerts};
    strcpy(board.plan.therapist.str, "anna");
    board.plan.goal = 6000;
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
        sw_encode_board(&board),
        "{\"v\":1,\"patient\":\"p017\",\"therapist\":\"anna\","
        "\"updated_at\":\"2026-03-29T10:16:00Z\",\"heard_at\":\"2026-03-29T10:15:00Z\","
        "\"day\":\"2026-03-29\",\"steps\":1204,\"goal\":6000,\"floor\":null,"
        "\"ceiling\":null,\"rest_min\":125,\"rest_limit_min\":180,"
        "\"late_min\":25,\"wake\":\"08:00-21:00\",\"strip\":\"as-u..\",\"alerts\":["
        "{\"id\":\"p017-rest-1774779300\",\"kind\":\"rest\",\"level\":\"low\","
        "\"state\":\"open\",\"opened_at\":\"2026-03-29T10:15:00Z\","
        "\"shelved_until\":\"2026-03-29T11:15:00Z\",\"over_budget\":true,"
        "\"message\":\"p017 has been resting for 2 h 5 min (limit 2 h). "
        "1,204 steps today.\"}]}");
}

static void test_board__what_is_not_known_is_null(void **state)
{
    (void)state;
    struct sw_board board = {.patient = {"p1"},
                             .updated_at_s = 1774779360,
                             .plan = sw_plan_default(),
                             .row = {.day = 20541}};
    check_and_free(
        sw_encode_board(&board),
        "{\"v\":1,\"patient\":\"p1\",\"therapist\":\"unassigned\","
        "\"updated_at\":\"2026-03-29T10:16:00Z\",\"heard_at\":null,"
        "\"day\":\"2026-03-29\",\"steps\":null,\"goal\":null,\"floor\":null,"
        "\"ceiling\":null,\"rest_min\":0,\"rest_limit_min\":180,"
        "\"late_min\":null,\"wake\":\"08:00-21:00\",\"strip\":\"\",\"alerts\":[]}");
}

static void test_patients__with_ids_and_since_when(void **state)
{
    (void)state;
    const struct sw_board_patient patients[] = {{{"p1"}, 1774779300}, {{"p2"}, 0}};
    check_and_free(sw_encode_patients(patients, 2),
                   "{\"v\":1,\"patients\":[{\"patient\":\"p1\","
                   "\"since\":\"2026-03-29T10:15:00Z\"},"
                   "{\"patient\":\"p2\",\"since\":null}]}");
    check_and_free(sw_encode_patients(NULL, 0), "{\"v\":1,\"patients\":[]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_board__shows_open_alerts_shelved_and_over_budget_too),
        cmocka_unit_test(test_board__what_is_not_known_is_null),
        cmocka_unit_test(test_patients__with_ids_and_since_when),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
