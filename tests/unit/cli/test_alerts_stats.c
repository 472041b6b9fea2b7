/* test_alerts_stats.c -- `alerts --stats` on stored alerts and their log. */
#include "cli_fixture.h"

static void put_closed(struct clinic *clinic, const char *patient, int64_t opened_at_s,
                       int64_t closed_at_s, enum sw_alert_reason reason)
{
    struct sw_alert alert = make_alert(patient, SW_ALERT_REST, opened_at_s);
    put_alert(clinic, &alert);
    alert.state = SW_STATE_CLOSED;
    alert.reason = reason;
    alert.closed_at_s = alert.updated_at_s = closed_at_s;
    put_alert(clinic, &alert);
}

static void acknowledge(struct clinic *clinic, struct sw_alert alert, int64_t at_s)
{
    put_alert(clinic, &alert);
    alert.state = SW_STATE_ACKNOWLEDGED;
    alert.updated_at_s = at_s;
    assert_int_equal(sw_store_put_alert(clinic_store(clinic),
                                        patient_key(clinic, alert.patient.str), &alert,
                                        SW_STATE_OPEN, "anna", "ack"),
                     0);
}

/* Today is the last day of week 43. */
static void fill(struct clinic *clinic)
{
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    for (int i = 0; i < 6; i++) /* one more than the budget */
        put_closed(clinic, "p1", TODAY_S + i * 3600, TODAY_S + i * 3600 + 300 + i * 100,
                   i < 5 ? SW_REASON_MOVED : SW_REASON_WITHDRAWN);
    struct sw_alert silent = make_alert("p2", SW_ALERT_SILENT, NOW_S - 7200);
    silent.over_budget = true;
    acknowledge(clinic, silent, NOW_S - 7200 + 750);
    struct sw_alert bens = make_alert("p2", SW_ALERT_REST, NOW_S - 9 * 86400);
    strcpy(bens.therapist.str, "ben");
    put_alert(clinic, &bens);
    put_closed(clinic, "p1", NOW_S - 40 * 86400, NOW_S - 40 * 86400 + 60,
               SW_REASON_MOVED);
}

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    fill(clinic);
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

static void test_stats__csv_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "alerts_stats.csv");
}

static void test_stats__json_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "alerts_stats.json");
}

static void test_stats__the_table_says_its_window_and_speaks_in_minutes(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--stats"), CLI_OK);
    assert_says(clinic->out, "alerts that opened from 2026-09-28 to 2026-10-25, Europe"
                             "/Berlin\n");
    assert_says(clinic->out, "13 min");
    assert_says(clinic->out, "p1 6, p2 1");
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--days", "7"), CLI_OK);
    assert_silent_about(clinic->out, "ben");
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--therapist", "ben"), CLI_OK);
    assert_silent_about(clinic->out, "anna");
    assert_int_equal(RUN(clinic, "patient", "add", "e1", "--therapist", "eve"), CLI_OK);
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--therapist", "eve"), CLI_OK);
    assert_string_equal(strchr(clinic->out, '\n'), "\nno alerts\n");
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--patient", "p1"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--all"), CLI_USAGE);
}

static void test_alerts__say_which_were_over_budget(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--patient", "p2", "--therapist", "anna",
                         "--format", "json"),
                     CLI_OK);
    assert_says(clinic->out, "\"over_budget\":true");
    assert_int_equal(RUN(clinic, "alerts", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, ",,true,p2's device");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_stats__csv_is_stable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stats__json_is_stable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_stats__the_table_says_its_window_and_speaks_in_minutes, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_alerts__say_which_were_over_budget, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
