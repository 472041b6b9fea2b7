/* test_plan_suggest.c -- `plan suggest` says why; only `plan accept` changes a plan. */
#include "cli_fixture.h"

static int32_t today_of(const struct clinic *clinic)
{
    return sw_day_of(&clinic->zone, NOW_S);
}

/* Valid days of so many steps, the last of them yesterday. */
static void put_days(struct clinic *clinic, int32_t n, int64_t steps, int32_t goal)
{
    for (int32_t ago = n; ago > 0; ago--) {
        struct sw_day_row row = {.patient = patient_id("p1"),
                                 .day = today_of(clinic) - ago,
                                 .steps = steps,
                                 .active_min = 700,
                                 .longest_rest_from = -1,
                                 .valid = true,
                                 .goal = goal};
        assert_int_equal(sw_store_put_day(clinic_store(clinic),
                                          patient_key(clinic, "p1"), row.day, &row),
                         0);
    }
}

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    *state = clinic;
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--goal", "0"), CLI_OK);
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static struct sw_plan plan_on(struct clinic *clinic, int32_t day)
{
    struct sw_plan plan;
    assert_int_equal(
        sw_store_plan_on(clinic_store(clinic), patient_key(clinic, "p1"), day, &plan),
        0);
    return plan;
}

static void test_suggest__says_what_and_why_and_changes_nothing(void **state)
{
    struct clinic *clinic = *state;
    put_days(clinic, 5, 5000, 0);
    assert_int_equal(RUN(clinic, "plan", "suggest", "p1"), CLI_OK);
    assert_says(clinic->out, "from the days 2026-09-27 to 2026-10-24, Europe/Berlin");
    assert_says(clinic->out, "4000");
    assert_says(clinic->out,
                "A first goal of 80 % of 5000 steps, the middle of 5 valid days.");
    assert_int_equal(RUN(clinic, "plan", "suggest", "p1", "--format", "json"), CLI_OK);
    assert_says(clinic->out,
                "\"patient\":\"p1\",\"suggestion\":\"first\",\"goal\":4000,"
                "\"floor\":2000,\"ceiling\":6000,\"why\":\"A first goal");
    assert_int_equal(plan_on(clinic, today_of(clinic)).goal, 0);
}

static void test_suggest__too_little_is_known(void **state)
{
    struct clinic *clinic = *state;
    put_days(clinic, 1, 5000, 0);
    assert_int_equal(RUN(clinic, "plan", "suggest", "p1"), CLI_OK);
    assert_says(clinic->out, "Only 1 valid day: 4 are needed");
    put_days(clinic, 3, 5000, 0);
    assert_int_equal(RUN(clinic, "plan", "suggest", "p1"), CLI_OK);
    assert_says(clinic->out, "Only 3 valid days: 4 are needed");
    assert_int_equal(RUN(clinic, "plan", "accept", "p1"), CLI_FAILED);
    assert_says(clinic->err, "p1: nothing to accept. Only 3 valid days");
    assert_int_equal(RUN(clinic, "plan", "suggest", "p9"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "plan", "suggest"), CLI_USAGE);
}

static void test_accept__holds_from_tomorrow_or_its_day_on(void **state)
{
    struct clinic *clinic = *state;
    int32_t today = today_of(clinic);
    put_days(clinic, 7, 5000, 0);
    assert_int_equal(RUN(clinic, "plan", "accept", "p1"), CLI_OK);
    assert_says(clinic->out,
                "p1 from 2026-10-26: goal 4000, floor 2000, ceiling 6000.");
    assert_int_equal(plan_on(clinic, today).goal, 0);
    assert_int_equal(plan_on(clinic, today + 1).goal, 4000);
    assert_int_equal(plan_on(clinic, today + 1).floor, 2000);
    assert_int_equal(plan_on(clinic, today + 1).ceiling, 6000);
    assert_int_equal(RUN(clinic, "plan", "accept", "p1", "--from", "2026-10-28"),
                     CLI_OK);
    assert_says(clinic->out, "p1 from 2026-10-28: goal 4000");
}

static void test_accept__the_past_is_not_changed(void **state)
{
    struct clinic *clinic = *state;
    int32_t today = today_of(clinic);
    put_days(clinic, 7, 5000, 0);
    assert_int_equal(RUN(clinic, "plan", "accept", "p1", "--from", "2026-10-18"),
                     CLI_USAGE);
    assert_says(clinic->err, "--from 2026-10-18: that day is past");
    assert_says(clinic->err, "`stepward patient set p1 --from 2026-10-18`");
    assert_int_equal(RUN(clinic, "plan", "accept", "p1", "--from", "yesterday"),
                     CLI_USAGE);
    assert_int_equal(plan_on(clinic, today).goal, 0);
    assert_int_equal(RUN(clinic, "plan", "accept", "p1", "--from", "today"), CLI_OK);
    assert_int_equal(plan_on(clinic, today - 1).goal, 0);
    assert_int_equal(plan_on(clinic, today).goal, 4000);
}

static void test_suggest__a_flare_of_this_week_eases_the_goal(void **state)
{
    struct clinic *clinic = *state;
    struct sw_pain pain = {.at_s = NOW_S - 86400, .score = 6, .flare = true};
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--goal", "5000"), CLI_OK);
    put_days(clinic, 7, 6000, 5000);
    assert_int_equal(
        sw_store_put_pain(clinic_store(clinic), patient_key(clinic, "p1"), &pain), 1);
    assert_int_equal(RUN(clinic, "plan", "suggest", "p1"), CLI_OK);
    assert_says(clinic->out, "While a flare lasts: 80 % of the goal.");
    assert_int_equal(RUN(clinic, "plan", "accept", "p1"), CLI_OK);
    assert_int_equal(plan_on(clinic, today_of(clinic)).goal, 5000);
    assert_int_equal(plan_on(clinic, today_of(clinic) + 1).goal, 4000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_suggest__says_what_and_why_and_changes_nothing),
        TEST(test_suggest__too_little_is_known),
        TEST(test_accept__holds_from_tomorrow_or_its_day_on),
        TEST(test_accept__the_past_is_not_changed),
        TEST(test_suggest__a_flare_of_this_week_eases_the_goal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
