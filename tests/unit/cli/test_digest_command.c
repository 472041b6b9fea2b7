/* test_digest_command.c -- `digest` on stored days and alerts. */
#include "cli_fixture.h"

#include "records/records.h"

static void put(struct clinic *clinic, const struct sw_alert *alert,
                enum sw_alert_state from)
{
    assert_int_equal(sw_store_put_alert(clinic_store(clinic),
                                        patient_key(clinic, alert->patient.str), alert,
                                        from, "gateway", "x"),
                     0);
}

static void close_it(struct clinic *clinic, struct sw_alert alert, int64_t at_s,
                     enum sw_alert_reason reason)
{
    put_alert(clinic, &alert);
    alert.state = SW_STATE_CLOSED;
    alert.reason = reason;
    alert.closed_at_s = alert.updated_at_s = at_s;
    put(clinic, &alert, SW_STATE_OPEN);
}

static void walk(struct clinic *clinic, const char *patient, int32_t minutes)
{
    for (int32_t i = 0; i < minutes; i++)
        put_reading(clinic, patient, TODAY_S + 10 * 3600 + i * 60, 200, true);
    assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone,
                                        patient_key(clinic, patient),
                                        sw_day_of(&clinic->zone, NOW_S)),
                     0);
}

static void add_alerts(struct clinic *clinic)
{
    struct sw_alert rest = make_alert("p1", SW_ALERT_REST, NOW_S - 3600);
    struct sw_alert silent = make_alert("p2", SW_ALERT_SILENT, NOW_S - 86400);
    struct sw_alert held_back = make_alert("p2", SW_ALERT_REST, NOW_S - 1800);
    struct sw_alert over = make_alert("p1", SW_ALERT_OVER, NOW_S - 900);
    struct sw_alert gone = make_alert("p3", SW_ALERT_REST, NOW_S - 7200);
    struct sw_alert wrong = make_alert("p3", SW_ALERT_UNWORN, NOW_S - 7200);
    struct sw_alert old = make_alert("p3", SW_ALERT_BATTERY, NOW_S - 3 * 86400);
    rest.level = SW_LEVEL_MEDIUM;
    held_back.over_budget = over.over_budget = true;
    put_alert(clinic, &rest);
    put_alert(clinic, &silent);
    silent.state = SW_STATE_ACKNOWLEDGED;
    silent.updated_at_s = NOW_S - 600;
    put(clinic, &silent, SW_STATE_OPEN);
    put_alert(clinic, &held_back);
    put_alert(clinic, &over);
    close_it(clinic, gone, NOW_S - 3600, SW_REASON_MOVED);
    close_it(clinic, wrong, NOW_S - 3600, SW_REASON_WITHDRAWN);
    close_it(clinic, old, NOW_S - 2 * 86400, SW_REASON_CHARGED);
}

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "Jürgen"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p3"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "b1", "--therapist", "ben"), CLI_OK);
    walk(clinic, "p1", 10);
    walk(clinic, "p3", 30);
    add_alerts(clinic);
    clinic_gateway_is_well(clinic);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void test_digest__csv_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "digest", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "digest.csv");
    assert_silent_about(clinic->out, "Jürgen");
}

static void test_digest__json_is_the_payload_and_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "digest", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "digest.json");
    assert_silent_about(clinic->out, "Jürgen");
}

static void test_digest__is_a_few_lines_a_therapist(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "digest"), CLI_OK);
    assert_string_equal(
        clinic->out,
        "2026-10-25 until 15:00, Europe/Berlin\n"
        "\nanna\n"
        "  3 patients. Attention: p1 (Jürgen) resting since 11:55 (medium); "
        "p2 resting since 12:25 (low); p1 (Jürgen) over the ceiling since "
        "14:45 (low); p2 device silent since 2026-10-24 13:55 (low, acknowledged).\n"
        "  Alerts of the day: 5 raised, 1 acknowledged, 1 closed, 1 withdrawn.\n"
        "  Over the budget, and not published one by one: 2 alerts: p1 (Jürgen) 1, p2 "
        "1.\n"
        "  No data: p2.\n"
        "  Goal met: p3.\n"
        "\nben\n"
        "  1 patient. No open alerts.\n"
        "  Alerts of the day: 0 raised, 0 acknowledged, 0 closed, 0 withdrawn.\n"
        "  No data: b1.\n");
    assert_int_equal(RUN(clinic, "digest", "--therapist", "ben"), CLI_OK);
    assert_silent_about(clinic->out, "anna");
    assert_int_equal(RUN(clinic, "patient", "set", "b1", "--therapist", "eve", "--from",
                         "2026-10-26"),
                     CLI_OK);
    assert_int_equal(RUN(clinic, "digest", "--therapist", "eve"), CLI_OK);
    assert_says(clinic->out, "\nno patients\n");
}

static void test_digest__of_another_day_is_as_of_its_end(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "digest", "--therapist", "anna", "--day", "yesterday"),
                     CLI_OK);
    assert_says(clinic->out, "2026-10-24, Europe/Berlin\n");
    assert_says(clinic->out, "Attention: p2 device silent since 13:55 (low");
    assert_silent_about(clinic->out, "p1 resting");
    assert_says(clinic->out, "1 raised, 0 acknowledged, 0 closed, 0 withdrawn.");
    assert_int_equal(RUN(clinic, "digest", "--day", "2026-10-23"), CLI_OK);
    assert_says(clinic->out, "0 raised, 0 acknowledged, 1 closed, 0 withdrawn.");
    assert_int_equal(RUN(clinic, "digest", "--day", "2026-10-22"), CLI_OK);
    assert_says(clinic->out, "p3 battery low since 16:00");
    assert_int_equal(RUN(clinic, "digest", "--day", "2026-10-26"), CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_digest__csv_is_stable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_digest__json_is_the_payload_and_stable,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_digest__is_a_few_lines_a_therapist, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_digest__of_another_day_is_as_of_its_end,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
