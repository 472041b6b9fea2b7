/* test_day.c -- minutes and the day, drawn one character a minute. */
#include <stdio.h>

#include "draw.h"

static const int64_t DAY_BEGIN_S = 20522 * (int64_t)86400; /* 2026-03-10 */
enum { DAY = 20522 };

static struct sw_day *compute(const struct sw_zone *zone, struct sw_day_set *set)
{
    static struct sw_day day;
    struct sw_plan plan = sw_plan_default();
    assert_int_equal(sw_day_compute(&day, zone, DAY, &plan, set), 0);
    sw_day_set_fini(set);
    return &day;
}

/* The rests of a day that is drawn from 08:00 on, as "LENGTH LENGTH …". */
static const char *rests(const char *drawn)
{
    static char text[200];
    struct sw_day_set set = {0};
    struct sw_rest rest;
    size_t n = 0;
    draw_readings(&set, 1, DAY_BEGIN_S + 8 * 3600, drawn);
    struct sw_day *day = compute(&utc, &set);
    text[0] = '\0';
    for (int32_t from = 0; sw_day_next_rest(day, from, &rest); from = rest.to + 1)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", n ? " " : "",
                              sw_rest_min(rest));
    return text;
}

static void test_rest__gap_over_ten_minutes_ends_it(void **state)
{
    (void)state;
    assert_string_equal(rests("....__________...."), "18");
    assert_string_equal(rests("....___________...."), "4 4");
    assert_string_equal(rests("....uuuuu_____...."), "18");
    assert_string_equal(rests("....uuuuuu_____...."), "4 4");
}

static void test_rest__active_minute_ends_it(void **state)
{
    (void)state;
    assert_string_equal(rests(".....##....."), "5 5");
    assert_string_equal(rests(".....#......"), "12"); /* 20 steps break nothing */
    assert_string_equal(rests("...___##...."), "3 4");
    assert_string_equal(rests("##__...___"), "3");
    assert_string_equal(rests(""), "");
}

static void test_rest__lies_in_the_wake_window(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    draw_readings(&set, 1, DAY_BEGIN_S + 7 * 3600, times(1000, '.'));
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.longest_rest_min, 780);
    assert_int_equal(day->row.longest_rest_from, 480);
    assert_int_equal(day->row.still_min, 780);
    assert_true(day->row.valid);
}

static void add(struct sw_day_set *set, int64_t device, int minute, int seconds,
                int32_t steps, bool worn)
{
    struct sw_reading reading = {DAY_BEGIN_S + minute * 60, seconds, steps, worn};
    assert_true(sw_day_set_add_reading(set, device, &reading) >= 0);
}

static void test_finest__wins_each_instant(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 900, 300, true); /* 20 a minute, over minutes 600..614 */
    add(&set, 1, 602, 60, 0, true);
    add(&set, 1, 604, 60, 100, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->minutes[601].steps, 20);
    assert_int_equal(day->minutes[602].steps, 0);
    assert_int_equal(day->minutes[604].steps, 100);
    assert_int_equal(day->row.steps, 300 - 40 + 100);
}

static void test_share__sums_stay_exact(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 601, 3571, 1001, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 1001);
}

static void test_devices__each_minute_takes_the_most_steps_never_the_sum(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 60, 50, true);
    add(&set, 2, 600, 60, 70, true);
    add(&set, 2, 601, 60, 0, false);
    add(&set, 1, 601, 60, 0, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.steps, 70);
    assert_int_equal(day->minutes[601].class, SW_MINUTE_STILL);
}

static void test_coarse__adds_steps_but_says_nothing_of_minutes(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 7200, 900, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.steps, 900);
    assert_int_equal(day->row.unknown_min, 780);
    add(&set, 1, 600, 7200, 0, true); /* nothing at all is firm however long */
    assert_int_equal(compute(&utc, &set)->row.still_min, 120);
}

static void test_unworn__is_neither_still_nor_unknown(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 1800, 0, false);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.unworn_min, 30);
    assert_int_equal(day->row.still_min, 0);
    assert_int_equal(day->row.longest_rest_min, 0);
}

static void test_known__needs_half_a_minute(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 30, 0, true);
    add(&set, 1, 601, 29, 0, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->minutes[600].class, SW_MINUTE_STILL);
    assert_int_equal(day->minutes[601].class, SW_MINUTE_UNKNOWN);
}

static void test_sustained__long_reading_with_enough_steps_is_active(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 1800, 30, true); /* one step a minute, but 30 in all */
    assert_int_equal(compute(&utc, &set)->row.active_min, 30);
    add(&set, 1, 600, 1800, 29, true);
    assert_int_equal(compute(&utc, &set)->row.active_min, 0);
    add(&set, 1, 600, 300, 30,
        true); /* 5 minutes are not over 5 minutes, but hold 30 */
    assert_int_equal(compute(&utc, &set)->row.active_min, 5);
}

static struct sw_day *count(const int64_t (*totals)[2], size_t n)
{
    struct sw_day_set set = {0};
    for (size_t i = 0; i < n; i++) {
        struct sw_total total = {.at_s = DAY_BEGIN_S + totals[i][0] * 60,
                                 .total = totals[i][1]};
        assert_true(sw_day_set_add_total(&set, 1, &total) >= 0);
    }
    return compute(&utc, &set);
}

static void test_counter__differences_resets_and_glitches(void **state)
{
    (void)state;
    const int64_t grows[][2] = {{600, 100}, {610, 250}, {620, 250}};
    assert_int_equal(count(grows, 3)->row.steps, 150);
    const int64_t reset[][2] = {{600, 5000}, {610, 70}, {620, 90}};
    assert_int_equal(count(reset, 3)->row.steps, 90);
    const int64_t glitch[][2] = {
        {600, 5000}, {601, 536870912}, {602, 5010}, {610, 5100}};
    assert_int_equal(count(glitch, 4)->row.steps, 90);
    const int64_t overnight[][2] = {{-60, 13660},
                                    {60, 40}}; /* what was before is lost */
    struct sw_day *day = count(overnight, 2);
    assert_int_equal(day->row.steps, 40);
    assert_int_equal(day->minutes[0].steps + day->minutes[59].steps, 1);
    const int64_t alone[][2] = {{600, 5000}};
    assert_int_equal(count(alone, 1)->row.steps, 0);
    assert_true(count(alone, 1)->touched);
}

static void test_counter__huge_totals_overflow_nothing(void **state)
{
    (void)state;
    const int64_t wild[][2] = {
        {-20000000, 0}, {600, INT64_MAX}, {601, 0}, {602, INT64_MAX}};
    assert_int_equal(count(wild, 4)->row.steps, 0);
}

static void test_counter__that_changed_hands_counts_nothing_across(void **state)
{
    (void)state;
    const int64_t lent[][2] = {{600, 100}, {610, 150}, {615, SW_TOTAL_BREAK},
                               {620, 550}, {630, 560}, {640, SW_TOTAL_BREAK}};
    assert_int_equal(count(lent, 6)->row.steps, 50 + 10);
    const int64_t taken[][2] = {
        {600, 100}, {610, SW_TOTAL_BREAK}, {610, 40}, {620, 50}};
    assert_int_equal(count(taken, 4)->row.steps, 40 + 10); /* a total takes its place */
    const int64_t alone[][2] = {{610, SW_TOTAL_BREAK}};
    assert_false(count(alone, 1)->touched);
}

static void test_set__same_span_takes_more_steps_then_worn(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    struct sw_reading reading = {DAY_BEGIN_S, 60, 5, false};
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 1);
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 0);
    reading.worn = true;
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 1);
    reading = (struct sw_reading){DAY_BEGIN_S, 60, 4, true};
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 0);
    reading = (struct sw_reading){DAY_BEGIN_S, 60, 6, false};
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 1);
    assert_int_equal(set.devices[0].n_readings, 1);
    sw_day_set_fini(&set);
}

/* Two totals so many minutes apart, the second with a time as it says. */
static struct sw_day *count_same(int32_t apart_min, int64_t more, enum sw_stamp stamp)
{
    struct sw_day_set set = {0};
    struct sw_total first = {.at_s = DAY_BEGIN_S + 36000, .total = 5000};
    struct sw_total second = {.at_s = first.at_s + 60 * (int64_t)apart_min,
                              .total = 5000 + more,
                              .stamp = stamp};
    assert_int_equal(sw_day_set_add_total(&set, 1, &first), 1);
    assert_int_equal(sw_day_set_add_total(&set, 1, &second), 1);
    return compute(&utc, &set);
}

static void test_counter__same_number_by_receipt_fills_an_hour_at_most(void **state)
{
    (void)state;
    static const enum sw_stamp of_receipt[] = {SW_STAMP_RECEIPT, SW_STAMP_UNSURE};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(count_same(60, 0, of_receipt[i])->row.still_min, 60);
        struct sw_day *day = count_same(61, 0, of_receipt[i]);
        assert_int_equal(day->row.still_min, 0);
        assert_int_equal(day->row.longest_rest_min, 0);
        assert_true(day->touched);
        assert_int_equal(count_same(61, 7, of_receipt[i])->row.steps, 7);
    }
    assert_int_equal(count_same(61, 0, SW_STAMP_OWN)->row.still_min, 61);
}

/* Once with the device's time and once with that of receipt: in any order the same. */
static void test_counter__equal_number_of_an_instant_has_the_device_s_time(void **state)
{
    (void)state;
    static const enum sw_stamp orders[][2] = {{SW_STAMP_OWN, SW_STAMP_RECEIPT},
                                              {SW_STAMP_RECEIPT, SW_STAMP_OWN}};
    for (size_t i = 0; i < 2; i++) {
        struct sw_day_set set = {0};
        struct sw_total total = {.at_s = DAY_BEGIN_S + 36000, .total = 5000};
        sw_day_set_add_total(&set, 1, &total);
        total.at_s += 7200;
        for (size_t j = 0; j < 2; j++) {
            total.stamp = orders[i][j];
            bool is_news = j == 0 || total.stamp == SW_STAMP_OWN;
            assert_int_equal(sw_day_set_add_total(&set, 1, &total), is_news);
        }
        assert_int_equal(compute(&utc, &set)->row.still_min, 120);
    }
}

static void test_pain__largest_of_an_instant_and_mean_of_the_day(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    struct sw_pain pains[] = {{DAY_BEGIN_S, 3, false, SW_STAMP_OWN},
                              {DAY_BEGIN_S, 5, false, SW_STAMP_OWN},
                              {DAY_BEGIN_S + 60, 6.5, true, SW_STAMP_OWN}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sw_day_set_add_pain(&set, &pains[i]), 1);
    struct sw_day *day = compute(&utc, &set);
    assert_true(day->touched);
    assert_int_equal(day->row.n_pains, 2);
    assert_true(day->row.pain_max == 6.5);
    assert_true(day->row.pain_mean == 5.75);
}

static void test_day__without_readings_is_not_touched(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    struct sw_day *day = compute(&utc, &set);
    assert_false(day->touched);
    assert_int_equal(day->row.unknown_min, 780);
    assert_int_equal(day->row.longest_rest_from, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rest__gap_over_ten_minutes_ends_it),
        cmocka_unit_test(test_rest__active_minute_ends_it),
        cmocka_unit_test(test_rest__lies_in_the_wake_window),
        cmocka_unit_test(test_finest__wins_each_instant),
        cmocka_unit_test(test_share__sums_stay_exact),
        cmocka_unit_test(test_devices__each_minute_takes_the_most_steps_never_the_sum),
        cmocka_unit_test(test_coarse__adds_steps_but_says_nothing_of_minutes),
        cmocka_unit_test(test_unworn__is_neither_still_nor_unknown),
        cmocka_unit_test(test_known__needs_half_a_minute),
        cmocka_unit_test(test_sustained__long_reading_with_enough_steps_is_active),
        cmocka_unit_test(test_counter__differences_resets_and_glitches),
        cmocka_unit_test(test_counter__same_number_by_receipt_fills_an_hour_at_most),
        cmocka_unit_test(
            test_counter__equal_number_of_an_instant_has_the_device_s_time),
        cmocka_unit_test(test_counter__huge_totals_overflow_nothing),
        cmocka_unit_test(test_counter__that_changed_hands_counts_nothing_across),
        cmocka_unit_test(test_set__same_span_takes_more_steps_then_worn),
        cmocka_unit_test(test_pain__largest_of_an_instant_and_mean_of_the_day),
        cmocka_unit_test(test_day__without_readings_is_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
