/* test_late.c -- that data comes too late for a rest to be seen is said where a therapist
 * looks, with what to do about it. */
#include "cli_fixture.h"

static int set_up(void **state)
{
    static struct clinic clinic;
    clinic_init(&clinic);
    assert_int_equal(RUN(&clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(RUN(&clinic, "patient", "add", "p2"), CLI_OK);
    *state = &clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    return 0;
}

static void put_lateness(struct clinic *clinic, const char *patient, int age_min,
                         int64_t received_s)
{
    struct sw_lateness lateness = {0};
    for (int hour = 3; hour >= 0; hour--)
        sw_lateness_note(&lateness, received_s - hour * 3600,
                         received_s - hour * 3600 - 60 * (int64_t)age_min);
    assert_int_equal(sw_store_put_lateness(clinic_store(clinic),
                                           patient_key(clinic, patient), &lateness),
                     0);
}

static void test_late__today_says_so(void **state)
{
    struct clinic *clinic = *state;
    put_lateness(clinic, "p1", 26, NOW_S - 60);
    put_lateness(clinic, "p2", 15, NOW_S - 60);
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_says(clinic->out, "data comes 26 min late: no rest can be seen");
    assert_silent_about(clinic->out, "15 min late");
    assert_true(strstr(clinic->out, "p1") < strstr(clinic->out, "p2"));
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, ",heard_at,late_min,stale_since\n");
    assert_says(clinic->out, "p1,,anna,no data today; data comes 26 min late: no rest "
                             "can be seen,,,,,,26,");
    assert_int_equal(RUN(clinic, "today", "--format", "json"), CLI_OK);
    assert_says(clinic->out, "\"late_min\":26");
    assert_says(clinic->out, "\"late_min\":null");
}

static void test_late__today_says_so_beside_an_alert_of_something_else(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_LOW, NOW_S - 3600);
    put_lateness(clinic, "p1", 26, NOW_S - 60);
    put_alert(clinic, &alert);
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_says(clinic->out,
                "(low); no data today; data comes 26 min late: no rest can be seen");
    alert = make_alert("p1", SW_ALERT_SILENT, NOW_S - 3600);
    put_alert(clinic, &alert);
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_silent_about(clinic->out, "26 min late");
}

static void test_late__the_advice_is_a_value_for_fresh(void **state)
{
    struct clinic *clinic = *state;
    put_lateness(clinic, "p1", 26, NOW_S - 60);
    assert_int_equal(RUN(clinic, "patient", "show", "p1"), CLI_OK);
    assert_says(clinic->out, "data comes 26 min late: no rest can be seen, as `fresh` "
                             "is 15m. Have the device send sooner, or ");
    assert_says(clinic->out, "patient set p1 --fresh 30m`\n");
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--fresh", "30m"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "show", "p1"), CLI_OK);
    assert_silent_about(clinic->out, "late");
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_silent_about(clinic->out, "late");
    put_lateness(clinic, "p2", 200, NOW_S - 60);
    assert_int_equal(RUN(clinic, "patient", "show", "p2"), CLI_OK);
    assert_says(clinic->out, "Have the device send sooner: 120 min are the most");
}

static void test_late__explain_says_so_of_its_day(void **state)
{
    struct clinic *clinic = *state;
    put_lateness(clinic, "p1", 26, NOW_S - 60);
    assert_int_equal(RUN(clinic, "explain", "p1", "--format", "csv"), CLI_OK);
    assert_says(
        clinic->out,
        "2026-10-25T14:00:00+01:00,,lateness,\"data comes 26 min late: no rest can "
        "be seen, as `fresh` is 15m. Have the device send sooner, or `stepward "
        "patient set p1 --fresh 30m`\"");
    assert_int_equal(RUN(clinic, "explain", "p1", "--day", "yesterday"), CLI_OK);
    assert_silent_about(clinic->out, "26 min late");
}

#define LATE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        LATE_TEST(test_late__today_says_so),
        LATE_TEST(test_late__today_says_so_beside_an_alert_of_something_else),
        LATE_TEST(test_late__the_advice_is_a_value_for_fresh),
        LATE_TEST(test_late__explain_says_so_of_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
