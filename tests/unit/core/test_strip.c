/* test_strip.c -- the wake window's letters, from drawn days. */
#include "draw.h"

static const int64_t DAY_S = 20522 * (int64_t)86400; /* 2026-03-10 */

/* What is kept of the day says the same. */
static void assert_kept(const struct sw_day *day, int64_t now_s, const char *expected)
{
    char text[SW_STRIP_MAX + 1];
    struct sw_window *window = sw_window_new(day);
    assert_non_null(window);
    sw_window_strip(window, now_s, text);
    assert_string_equal(text, expected);
    free(window);
}

/* The strip at so many minutes after 08:00 of what is drawn from 08:00 on. */
static const char *strip(const char *drawn, int64_t now_min)
{
    static char text[SW_STRIP_MAX + 1];
    static struct sw_day day;
    struct sw_plan plan = sw_plan_default();
    struct sw_day_set set = {0};
    draw_readings(&set, 1, DAY_S + 8 * 3600, drawn);
    assert_int_equal(sw_day_compute(&day, &utc, 20522, &plan, &set), 0);
    sw_day_set_fini(&set);
    sw_day_strip(&day, DAY_S + (8 * 60 + now_min) * 60, text);
    assert_kept(&day, DAY_S + (8 * 60 + now_min) * 60, text);
    return text;
}

static void test_strip__a_letter_for_each_half_hour_of_the_window(void **state)
{
    (void)state;
    assert_string_equal(strip("", -1), "..........................");
    assert_string_equal(strip("", 13 * 60), "--------------------------");
    assert_string_equal(strip(times(780, '.'), 780), "ssssssssssssssssssssssssss");
    assert_string_equal(strip(times(45, 'u'), 45), "uu........................");
}

static void test_strip__an_active_minute_wins_and_else_the_most(void **state)
{
    (void)state;
    assert_string_equal(strip("............................##", 60),
                        "a-........................");
    assert_string_equal(strip("...............uuuuuuuuuuuuuuu", 30),
                        "s.........................");
    assert_string_equal(strip("..............uuuuuuuuuuuuuuuu", 30),
                        "u.........................");
    assert_string_equal(strip("______________________________", 31),
                        "--........................");
}

static void test_strip__what_is_to_come_is_not_counted(void **state)
{
    (void)state;
    assert_string_equal(strip(times(5, '.'), 5), "s.........................");
    assert_string_equal(strip(times(5, '.'), 10), "s.........................");
    assert_string_equal(strip(times(5, '.'), 11), "-.........................");
}

/* Clocks are put back at 03:00 by an hour: of a window from 02:30 on, the half hour
 * before and all after 02:30 for the second time lie in it. */
static void test_strip__goes_on_where_an_hour_comes_twice(void **state)
{
    (void)state;
    static const struct sw_zone_shift shifts[] = {
        {INT64_MIN, 7200}, {20522 * (int64_t)86400 + 3600, 3600}};
    static const struct sw_zone berlin = {shifts, 2};
    static struct sw_day day;
    struct sw_plan plan = sw_plan_default();
    struct sw_day_set set = {0};
    char text[SW_STRIP_MAX + 1];
    plan.wake_from_min = 150;
    plan.wake_to_min = 240;
    assert_int_equal(sw_day_compute(&day, &berlin, 20522, &plan, &set), 0);
    sw_day_strip(&day, DAY_S + 86400, text);
    assert_kept(&day, DAY_S + 86400, text);
    assert_string_equal(text, "----"); /* two hours, not the first half hour alone */
}

/* What the strip would be if it were made anew, where no data came. */
static void test_strip__passes_as_time_does(void **state)
{
    (void)state;
    struct sw_plan plan = sw_plan_default();
    char text[SW_STRIP_MAX + 1];
    int64_t next_s = 0;
    const int64_t wake_s = DAY_S + 8 * 3600;
    assert_int_equal(sw_strip_begun(&utc, &plan, 20522, DAY_S, &next_s), 0);
    assert_int_equal(next_s, wake_s + 60);
    strcpy(text, strip("", -1));
    for (int64_t min = 0; min < 16 * 60; min++) {
        int64_t now_s = wake_s + 60 * min, before_s = next_s;
        int32_t n = sw_strip_begun(&utc, &plan, 20522, now_s, &next_s);
        sw_strip_pass(text, n);
        assert_string_equal(text, strip("", min));
        assert_true(next_s == before_s || now_s == before_s);
    }
    assert_int_equal(next_s, 0);
    strcpy(text, "as..");
    sw_strip_pass(text, 3);
    assert_string_equal(text, "as-.");
    sw_strip_pass(text, 30);
    assert_string_equal(text, "as--");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_strip__a_letter_for_each_half_hour_of_the_window),
        cmocka_unit_test(test_strip__an_active_minute_wins_and_else_the_most),
        cmocka_unit_test(test_strip__what_is_to_come_is_not_counted),
        cmocka_unit_test(test_strip__goes_on_where_an_hour_comes_twice),
        cmocka_unit_test(test_strip__passes_as_time_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
