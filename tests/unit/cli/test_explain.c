/* test_explain.c -- `stepward explain`: the story of a day, and why there was no alert.
 */
#include "cli_fixture.h"

#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)
/* Midnight was 16 h ago at 15:00: the hour from 2 to 3 came twice. */
#define AT(hour, minute) (TODAY_S + HOUR + (hour)*HOUR + (minute)*MINUTE)

static int setup(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(
        RUN(clinic, "patient", "add", "p1", "--ceiling", "9000", "--floor", "2000"),
        CLI_OK);
    *state = clinic;
    return 0;
}

static int teardown(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void put_minutes(struct clinic *clinic, int64_t from_s, int minutes, int steps,
                        bool worn)
{
    sw_store_begin(clinic_store(clinic));
    for (int i = 0; i < minutes; i++)
        put_reading(clinic, "p1", from_s + i * MINUTE, steps, worn);
    sw_store_commit(clinic_store(clinic));
}

static void watch(struct clinic *clinic, int64_t from_s, int64_t to_s)
{
    struct sw_span span = {from_s, to_s};
    assert_int_equal(sw_store_put_online(clinic_store(clinic), span), 0);
}

static void explain(struct clinic *clinic)
{
    assert_int_equal(RUN(clinic, "explain", "p1"), CLI_OK);
}

static void test_explain__tells_the_day_in_the_order_of_the_clock(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, AT(11, 0));
    struct sw_pain pain = {.at_s = AT(9, 15), .score = 4.5};
    struct sw_incident incident = {SW_INCIDENT_SESSION_LOST, AT(8, 30), AT(8, 30),
                                   "the broker kept no session"};
    put_minutes(clinic, AT(8, 0), 270, 0, true);
    put_minutes(clinic, AT(12, 30), 5, 90, true);
    put_minutes(clinic, AT(13, 0), 20, 0, false);
    put_alert(clinic, &alert);
    sw_store_put_pain(clinic_store(clinic), patient_key(clinic, "p1"), &pain);
    sw_store_put_incident(clinic_store(clinic), &incident);
    watch(clinic, TODAY_S, AT(14, 0));
    assert_int_equal(RUN(clinic, "explain", "p1", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "explain.csv");
    assert_int_equal(RUN(clinic, "explain", "p1", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "explain.json");
    explain(clinic);
    assert_says(clinic->out, "p1, 2026-10-25, Europe/Berlin");
    assert_says(clinic->out, "wake 08:00-21:00, rest_limit 3h");
    assert_says(clinic->out, "08:00  12:30  rest");
}

static void test_explain__incidents_of_one_kind_are_one_line(void **state)
{
    struct clinic *clinic = *state;
    for (int hour = 6; hour < 9; hour++) {
        struct sw_incident incident = {SW_INCIDENT_SESSION_LOST, AT(hour, 30),
                                       AT(hour, 30), "the broker kept no session"};
        sw_store_put_incident(clinic_store(clinic), &incident);
    }
    explain(clinic);
    assert_says(clinic->out, "06:30  08:30  incident          3 times, at last: the "
                             "broker kept no session\n");
    assert_int_equal(RUN(clinic, "explain", "p1", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "times");
}

static void test_explain__what_happens_this_second_is_told_at_once(void **state)
{
    struct clinic *clinic = *state;
    struct sw_incident incident = {SW_INCIDENT_SESSION_LOST, NOW_S, NOW_S, "just now"};
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S);
    put_alert(clinic, &alert);
    sw_store_put_incident(clinic_store(clinic), &incident);
    explain(clinic);
    assert_says(clinic->out, "incident          just now");
    assert_says(clinic->out, "rest raised by the gateway");
    assert_says(clinic->out, "1 alert; the last, opened");
}

static void test_explain__shows_the_clinics_time(void **state)
{
    struct clinic *clinic = *state;
    struct sw_incident incident = {SW_INCIDENT_SESSION_LOST, AT(8, 30), AT(8, 30),
                                   "sent from 2026-10-25T05:10:00Z on may be missing"};
    sw_store_put_incident(clinic_store(clinic), &incident);
    explain(clinic);
    assert_says(clinic->out, "incident          sent from 06:10 on may be missing\n");
    assert_int_equal(RUN(clinic, "explain", "p1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "sent from 2026-10-25T05:10:00Z on may be missing\n");
}

static void test_explain__a_limit_that_was_reached_has_its_reason(void **state)
{
    struct clinic *clinic = *state;
    /* Three hours are over at 21:00, when the wake window is. */
    put_minutes(clinic, TODAY_S - 7 * HOUR, 60, 60, true);
    put_minutes(clinic, TODAY_S - 3 * HOUR - 180 * MINUTE, 180, 0, false);
    watch(clinic, TODAY_S - 40 * HOUR, NOW_S);
    assert_int_equal(RUN(clinic, "explain", "p1", "--day", "yesterday"), CLI_OK);
    assert_says(clinic->out, "none: at most 3 h not worn in a row, limit 3 h; outside "
                             "the wake window none opens");
}

static void test_explain__a_rest_under_the_limit(void **state)
{
    struct clinic *clinic = *state;
    put_minutes(clinic, AT(9, 0), 130, 0, true);
    explain(clinic);
    assert_says(clinic->out, "none: longest rest 2 h 10 min from 09:00, limit 3 h");
    assert_says(clinic->out, "it is not recorded when the gateway was connected");
    assert_says(clinic->out, "none: 0 steps, ceiling 9000");
    assert_says(clinic->out, "no valid day before, an alert needs 3 of them");
}

static void test_explain__outside_the_wake_window(void **state)
{
    struct clinic *clinic = *state;
    put_minutes(clinic, AT(4, 0), 200, 0, true);
    explain(clinic);
    assert_says(clinic->out, "3 h 20 min of stillness were outside the wake window");
}

static void test_explain__tells_the_clock_from_the_connection(void **state)
{
    struct clinic *clinic = *state;
    struct sw_span distrusted = {AT(12, 0), AT(13, 0)};
    put_minutes(clinic, AT(8, 0), 300, 0, true);
    watch(clinic, TODAY_S - 40 * HOUR, AT(11, 0));
    watch(clinic, AT(13, 0), NOW_S);
    assert_int_equal(sw_store_add_distrusted(clinic_store(clinic), distrusted), 0);
    explain(clinic);
    assert_says(clinic->out, "11:00  12:00  gateway           the gateway was not "
                             "connected: nothing was judged\n");
    assert_says(clinic->out,
                "12:00  13:00  gateway           the gateway did not trust "
                "its clock: nothing was judged\n");
    distrusted.from_s = AT(11, 0);
    assert_int_equal(sw_store_add_distrusted(clinic_store(clinic), distrusted), 0);
    explain(clinic);
    assert_says(clinic->out,
                "rest of 5 h, but the gateway did not trust its clock from "
                "11:00 to 13:00");
}

/* The first two seconds of it lie in a minute of which nothing else is known. */
static void test_explain__a_reading_in_mid_minute_is_all_in_its_break(void **state)
{
    struct clinic *clinic = *state;
    put_reading(clinic, "p1", AT(12, 30) + 58, 37, true);
    assert_int_equal(RUN(clinic, "minutes", "p1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "12:30,1,unknown,band\n12:31,36,active,band\n");
    explain(clinic);
    assert_says(clinic->out, "moved: 1 active minute, 37 steps\n");
    assert_silent_about(clinic->out, "readings of more than");
}

static void test_explain__no_steps_are_known_of_a_day_without_data(void **state)
{
    struct clinic *clinic = *state;
    explain(clinic);
    assert_says(clinic->out, "none: no data about steps, ceiling 9000\n");
    assert_silent_about(clinic->out, " 0 steps");
}

static void test_explain__says_the_name_to_people_alone(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--name", "Jürgen"), CLI_OK);
    explain(clinic);
    assert_says(clinic->out, "p1 (Jürgen), 2026-10-25, Europe/Berlin\n");
    GOLDEN_TABLE(clinic, "explain.80.txt", "explain", "p1");
    assert_int_equal(RUN(clinic, "explain", "p1", "--format", "json"), CLI_OK);
    assert_silent_about(clinic->out, "Jürgen");
}

static void test_explain__the_gateway_was_not_connected(void **state)
{
    struct clinic *clinic = *state;
    put_minutes(clinic, AT(9, 0), 200, 0, true);
    put_minutes(clinic, AT(12, 20), 5, 90, true);
    watch(clinic, TODAY_S - 40 * HOUR, AT(11, 0));
    watch(clinic, AT(13, 0), NOW_S);
    explain(clinic);
    assert_says(clinic->out, "11:00  13:00  gateway");
    assert_says(clinic->out, "none: rest of 3 h 20 min, but the gateway was not "
                             "connected from 12:00 to 12:20");
}

/* As on the day before the first start: all of it, to its end and not its beginning. */
static void test_explain__a_day_ends_at_24_00(void **state)
{
    struct clinic *clinic = *state;
    watch(clinic, TODAY_S + 9 * HOUR, NOW_S);
    assert_int_equal(RUN(clinic, "explain", "p1", "--day", "yesterday"), CLI_OK);
    assert_says(clinic->out, "00:00  24:00  gateway");
    assert_int_equal(
        RUN(clinic, "explain", "p1", "--day", "yesterday", "--format", "csv"), CLI_OK);
    assert_says(clinic->out,
                "2026-10-24T00:00:00+02:00,2026-10-25T00:00:00+02:00,gateway");
    explain(clinic);
    assert_says(clinic->out, "00:00  08:00  gateway");
}

static void test_explain__readings_that_came_late(void **state)
{
    struct clinic *clinic = *state;
    put_minutes(clinic, AT(9, 0), 200, 0, true);
    put_minutes(clinic, AT(12, 20), 5, 90, true);
    watch(clinic, TODAY_S - 40 * HOUR, NOW_S);
    explain(clinic);
    assert_says(clinic->out,
                "none: rest of 3 h 20 min: its readings must have come late");
    assert_says(clinic->out, "12:00         late");
    assert_says(clinic->out, "rest would have been raised now, had its data been here");
}

static void test_explain__an_alert_that_came_late_with_its_data(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_OVER, AT(14, 0));
    put_minutes(clinic, AT(9, 0), 100, 100, true);
    alert.evidence[0] = 10000;
    alert.evidence[1] = 9000;
    watch(clinic, TODAY_S - 40 * HOUR, NOW_S);
    explain(clinic);
    assert_says(clinic->out, "none: 10000 steps, ceiling 9000; these data came late");
    put_alert(clinic, &alert);
    explain(clinic);
    assert_says(clinic->out, "10:31         late");
    assert_says(clinic->out, "they came late, and it was raised at 14:00");
    assert_says(clinic->out, "over raised by the gateway\n");
}

static void test_explain__over_at_night_is_no_alert(void **state)
{
    struct clinic *clinic = *state;
    clinic->now_s = TODAY_S + 7 * HOUR;
    put_minutes(clinic, TODAY_S + 3 * HOUR, 100, 100, true);
    watch(clinic, TODAY_S - 40 * HOUR, clinic->now_s);
    explain(clinic);
    assert_says(clinic->out,
                "10000 steps, ceiling 9000, passed outside the wake window");
}

static void test_explain__how_long_nothing_was_heard(void **state)
{
    struct clinic *clinic = *state;
    struct sw_device_id phone = {"phone"};
    struct sw_reading whole = {AT(9, 0), 3600, 0, true};
    for (int i = 0; i < 4; i++, whole.start_s += 3600)
        sw_store_put_reading(clinic_store(clinic), patient_key(clinic, "p1"), &phone,
                             &whole);
    watch(clinic, TODAY_S - 40 * HOUR, NOW_S);
    explain(clinic);
    assert_says(clinic->out, "none: at most 2 h of wake time without a message");
}

static void
test_explain__readings_too_long_for_minutes_are_not_called_no_data(void **state)
{
    struct clinic *clinic = *state;
    struct sw_device_id phone = {"phone"};
    struct sw_reading coarse = {AT(9, 0), 7200, 1204, true};
    explain(clinic);
    assert_says(clinic->out, "no data for 7 h");
    sw_store_put_reading(clinic_store(clinic), patient_key(clinic, "p1"), &phone,
                         &coarse);
    explain(clinic);
    assert_says(clinic->out, "08:00  15:00  unknown");
    assert_says(clinic->out,
                "no data about single minutes for 7 h: readings of more than 60 min "
                "hold 1204 steps, which count for the day alone");
}

static void test_explain__not_worn_is_told_and_its_alert(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_UNWORN, AT(12, 0));
    put_minutes(clinic, AT(9, 0), 181, 0, false);
    alert.evidence[0] = 180;
    put_alert(clinic, &alert);
    explain(clinic);
    assert_says(clinic->out, "09:00  12:01  unworn");
    assert_says(clinic->out, "the device was not worn for 3 h 1 min");
    assert_says(clinic->out, "1 alert; the last, opened 12:00: ");
}

static void test_explain__refuses_what_it_cannot_know(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "explain"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "explain", "p2"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "explain", "p1", "--day", "2026-10-26"), CLI_USAGE);
    assert_says(clinic->err, "that day is yet to come");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_explain__tells_the_day_in_the_order_of_the_clock),
        TEST(test_explain__incidents_of_one_kind_are_one_line),
        TEST(test_explain__what_happens_this_second_is_told_at_once),
        TEST(test_explain__shows_the_clinics_time),
        TEST(test_explain__a_limit_that_was_reached_has_its_reason),
        TEST(test_explain__a_rest_under_the_limit),
        TEST(test_explain__outside_the_wake_window),
        TEST(test_explain__tells_the_clock_from_the_connection),
        TEST(test_explain__a_reading_in_mid_minute_is_all_in_its_break),
        TEST(test_explain__no_steps_are_known_of_a_day_without_data),
        TEST(test_explain__says_the_name_to_people_alone),
        TEST(test_explain__the_gateway_was_not_connected),
        TEST(test_explain__a_day_ends_at_24_00),
        TEST(test_explain__readings_that_came_late),
        TEST(test_explain__an_alert_that_came_late_with_its_data),
        TEST(test_explain__over_at_night_is_no_alert),
        TEST(test_explain__how_long_nothing_was_heard),
        TEST(test_explain__readings_too_long_for_minutes_are_not_called_no_data),
        TEST(test_explain__not_worn_is_told_and_its_alert),
        TEST(test_explain__refuses_what_it_cannot_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
