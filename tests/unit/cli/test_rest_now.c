/* test_rest_now.c -- `today` tells of the rest that runs, and of none that is over. */
#include "cli_fixture.h"
#include "records/records.h"

static int set_up(void **state)
{
    static struct clinic clinic;
    clinic_init(&clinic);
    assert_int_equal(RUN(&clinic, "patient", "add", "p1"), CLI_OK);
    *state = &clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    return 0;
}

/* A character a minute, the last of which ends ahead_min minutes from now: '.' still,
 * '#' active, 'u' not worn. What the day says of it is stored, as the gateway does. */
static void live(struct clinic *clinic, const char *minutes, int ahead_min)
{
    int64_t at_s = clinic->now_s + 60 * (int64_t)(ahead_min - (int)strlen(minutes));
    for (; *minutes; minutes++, at_s += 60)
        put_reading(clinic, "p1", at_s, *minutes == '#' ? 60 : 0, *minutes != 'u');
    assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone,
                                        patient_key(clinic, "p1"),
                                        sw_day_of(&clinic->zone, clinic->now_s)),
                     0);
}

static void assert_rest_now(struct clinic *clinic, const char *expected)
{
    enum { REST_MIN = 7 }; /* the column of the listing */
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    char *line = strchr(clinic->out, '\n') + 1, *field = NULL;
    for (int i = 0; i < REST_MIN; i++)
        field = strsep(&line, ",");
    assert_string_equal(field, expected);
}

static void test_rest_now__is_the_longest_that_reaches_the_newest_minute(void **state)
{
    live(*state, "####....................", 0);
    assert_rest_now(*state, "20");
}

static void test_rest_now__is_said_until_it_is_quarter_of_an_hour_old(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, "####....................", 0);
    clinic->now_s += 15 * 60;
    assert_rest_now(clinic, "20");
    clinic->now_s += 60;
    assert_rest_now(clinic, "");
}

static void test_rest_now__who_got_up_rests_no_more(void **state)
{
    live(*state, "####....................###", 0);
    assert_rest_now(*state, "");
}

static void test_rest_now__who_took_the_band_off_tells_of_no_rest(void **state)
{
    live(*state, "####....................uuu", 0);
    assert_rest_now(*state, "");
}

static void test_rest_now__of_a_clock_that_is_ahead_ends_now(void **state)
{
    live(*state, "####....................", 5);
    assert_rest_now(*state, "15");
}

static void test_rest_now__all_of_it_still_to_come_is_none(void **state)
{
    live(*state, "####....", 8);
    assert_rest_now(*state, "");
}

static void
test_rest_now__an_open_alert_tells_of_one_that_is_not_the_longest(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, clinic->now_s - 60);
    live(clinic, "##........................####..............", 0);
    assert_rest_now(clinic, "");
    put_alert(clinic, &alert);
    assert_rest_now(clinic, "125");
}

static void test_rest_now__what_is_heard_after_it_does_not_lengthen_it(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, clinic->now_s - 60);
    live(clinic, "####....................uu", 0);
    alert.span = (struct sw_span){clinic->now_s - 22 * 60, clinic->now_s - 5 * 60};
    put_alert(clinic, &alert);
    assert_int_equal(sw_store_put_heard(clinic_store(clinic), patient_key(clinic, "p1"),
                                        clinic->now_s, SW_STAMP_OWN),
                     0);
    assert_rest_now(clinic, "20");
}

#define REST_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        REST_TEST(test_rest_now__is_the_longest_that_reaches_the_newest_minute),
        REST_TEST(test_rest_now__is_said_until_it_is_quarter_of_an_hour_old),
        REST_TEST(test_rest_now__who_got_up_rests_no_more),
        REST_TEST(test_rest_now__who_took_the_band_off_tells_of_no_rest),
        REST_TEST(test_rest_now__of_a_clock_that_is_ahead_ends_now),
        REST_TEST(test_rest_now__all_of_it_still_to_come_is_none),
        REST_TEST(test_rest_now__an_open_alert_tells_of_one_that_is_not_the_longest),
        REST_TEST(test_rest_now__what_is_heard_after_it_does_not_lengthen_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
