/* test_plan.c -- the text of a plan's fields, and of durations. */
#include <stdio.h>

#include "draw.h"
#include "stepward/plan.h"

static void check_set(const char *key, const char *value, bool accepted)
{
    struct sw_plan plan = sw_plan_default(), before = plan;
    char why[SW_WHY_MAX], text[SW_PLAN_TEXT_MAX];
    assert_int_equal(sw_plan_set(&plan, key, value, why), accepted);
    if (accepted) {
        assert_true(sw_plan_get(&plan, key, text));
        struct sw_plan again = before;
        assert_true(sw_plan_set(&again, key, text, why));
        assert_true(sw_plan_equal(&plan, &again));
    } else {
        assert_true(strlen(why) > 0);
        assert_true(sw_plan_equal(&plan, &before));
    }
}

static void test_set__takes_the_contracts_values_and_no_others(void **state)
{
    (void)state;
    check_set("therapist", "anna", true);
    check_set("therapist", "anna b", false);
    check_set("therapist", "", false);
    check_set("wake", "00:00-24:00", true);
    check_set("wake", "07:30-22:15", true);
    check_set("wake", "21:00-08:00", false);
    check_set("wake", "08:00-24:01", false);
    check_set("wake", "8:00-21:00", false);
    check_set("rest_limit", "30m", true);
    check_set("rest_limit", "8h", true);
    check_set("rest_limit", "29m", false);
    check_set("rest_limit", "481m", false);
    check_set("rest_limit", "0", false);
    check_set("rest_limit", "1801s", false);
    check_set("nudge_after", "0", true);
    check_set("nudge_after", "45m", true);
    check_set("break_steps", "0", false);
    check_set("goal", "6000", true);
    check_set("goal", "-1", false);
    check_set("goal", "6e3", false);
    check_set("silent_after", "60s", true);
    check_set("silent_after", "59s", false);
    check_set("fresh", "5m", true);
    check_set("fresh", "2h", true);
    check_set("fresh", "4m", false);
    check_set("fresh", "90s", false);
    check_set("fresh", "121m", false);
    check_set("no_such", "1", false);
}

static const char *fault_of(int32_t floor, int32_t goal, int32_t ceiling)
{
    static char text[SW_WHY_MAX + 16];
    struct sw_plan plan = sw_plan_default();
    char why[SW_WHY_MAX];
    plan.floor = floor;
    plan.goal = goal;
    plan.ceiling = ceiling;
    const char *key = sw_plan_contradiction(&plan, why);
    snprintf(text, sizeof(text), "%s%s%s", key ? key : "", key ? " " : "", why);
    return text;
}

static void test_contradiction__a_met_goal_is_neither_low_nor_over(void **state)
{
    (void)state;
    assert_string_equal(fault_of(0, 0, 0), "");
    assert_string_equal(fault_of(4000, 4000, 4000), "");
    assert_string_equal(fault_of(4000, 0, 0), "");
    assert_string_equal(fault_of(0, 6000, 0), "");
    assert_string_equal(fault_of(6001, 6000, 0), "floor 6001 is above the goal, 6000");
    assert_string_equal(fault_of(5001, 0, 5000),
                        "floor 5001 is above the ceiling, 5000");
    assert_string_equal(fault_of(0, 6000, 5999),
                        "ceiling 5999 is below the goal, 6000");
}

static void test_default__is_what_the_table_says(void **state)
{
    (void)state;
    static const char *const expected[] = {
        "unassigned", "08:00-21:00", "3h", "1h", "30", "0", "0", "0", "4h", "15m"};
    struct sw_plan plan = sw_plan_default();
    char text[SW_PLAN_TEXT_MAX];
    size_t n = 0;
    for (; sw_plan_field(n); n++) {
        assert_true(sw_plan_get(&plan, sw_plan_field(n)->key, text));
        assert_string_equal(text, expected[n]);
    }
    assert_int_equal(n, sizeof(expected) / sizeof(expected[0]));
}

static void test_duration__round_trips_and_is_bounded(void **state)
{
    (void)state;
    int64_t s = -1;
    char text[SW_DURATION_TEXT_MAX];
    assert_true(sw_duration_parse("31d", &s));
    assert_int_equal(s, 31 * 86400);
    assert_true(sw_duration_parse("36500d", &s));
    sw_duration_format(5400, text);
    assert_string_equal(text, "90m");
    sw_duration_format(7200, text);
    assert_string_equal(text, "2h");
    static const char *const wrong[] = {
        "",    "5",  "m",   "1.5h",   "-1s",
        "1 h", "1w", "1hh", "40000d", "99999999999999999999s"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(sw_duration_parse(wrong[i], &s));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set__takes_the_contracts_values_and_no_others),
        cmocka_unit_test(test_contradiction__a_met_goal_is_neither_low_nor_over),
        cmocka_unit_test(test_default__is_what_the_table_says),
        cmocka_unit_test(test_duration__round_trips_and_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
