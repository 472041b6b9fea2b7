/* test_bands.c -- a patient's days on one axis: what is known, and what is not. */
#include "chart/bands.h"

#include "chart/legend.h"
#include "chart_fixture.h"

static struct sw_plan plan;

static struct chart_day full_day(int32_t day, int64_t steps, int32_t rest_min)
{
    return (struct chart_day){.day = day,
                              .has_row = true,
                              .row = {.day = day,
                                      .steps = steps,
                                      .coverage_pct = 96,
                                      .longest_rest_min = rest_min,
                                      .rests_60 = rest_min / 60,
                                      .valid = true,
                                      .goal = plan.goal},
                              .plan = &plan};
}

static int set_up(void **state)
{
    (void)state;
    plan = sw_plan_default();
    plan.goal = 5000;
    plan.floor = 2500;
    plan.ceiling = 7500;
    return 0;
}

static char *draw(const struct chart_day *days, size_t n)
{
    struct mk m = {0};
    chart_bands(&m, &(struct chart_bands){.days = days, .n_days = n});
    return drawn(&m);
}

static void test_bands__a_week(void **state)
{
    static const struct chart_pain pains[] = {{MONDAY + 1, 600, 2.5, false},
                                              {MONDAY + 2, 540, 8, true}};
    static const struct chart_event events[] = {
        {CHART_MARK_PLAN, MONDAY + 3, 0, "goal 5500"},
        {CHART_MARK_LOW, MONDAY + 3, 840, "has been resting"},
        {CHART_MARK_MEDIUM, MONDAY + 4, 600, "<pain> & more"},
        {CHART_MARK_DEVICE, MONDAY + 5, 480, "band-2"}};
    struct sw_plan later = plan;
    struct chart_day days[7];
    struct mk m = {0};
    (void)state;
    later.goal = 5500;
    for (int32_t i = 0; i < 7; i++)
        days[i] = full_day(MONDAY + i, 4000 + 500 * i, 50 + 30 * i);
    for (size_t i = 3; i < 7; i++)
        days[i].plan = &later;
    days[1].row.valid = false; /* not enough of it */
    days[1].row.coverage_pct = 43;
    days[2] = (struct chart_day){.day = MONDAY + 2, .plan = &plan}; /* none */
    days[6].row.valid = false;
    days[6].is_running = true;
    chart_bands(&m, &(struct chart_bands){days, 7, pains, 2, events, 4});
    chart_bands_legend(&m, 7);
    assert_drawing(&m, "week.svg");
}

static void test_bands__a_day_without_enough_data_says_so_in_words(void **state)
{
    struct chart_day days[] = {full_day(MONDAY, 4000, 60),
                               full_day(MONDAY + 1, 900, 60)};
    (void)state;
    days[1].row.valid = false;
    days[1].row.coverage_pct = 43;
    char *text = draw(days, 2);
    assert_non_null(strstr(text, ">43 %<"));
    assert_non_null(strstr(text, "Tue 24 Nov: 900 steps or more, data for 43 %"));
    assert_int_equal(count_of(text, "class=\"too-little\""), 1);
    assert_int_equal(count_of(text, "class=\"walked\""), 1);
    assert_non_null(strstr(text, "1 of 2 days have enough data"));
    free(text);
}

static void test_bands__no_data_is_not_zero(void **state)
{
    struct chart_day days[28];
    (void)state;
    for (int32_t i = 0; i < 28; i++)
        days[i] = (struct chart_day){.day = MONDAY + i, .plan = &plan};
    char *text = draw(days, 28);
    assert_int_equal(count_of(text, "class=\"too-little\""), 28);
    assert_int_equal(count_of(text, ">no data<"), 28);
    assert_int_equal(count_of(text, "class=\"walked"), 0);
    assert_non_null(strstr(text, "No day has enough data."));
    assert_non_null(strstr(text, ">no scores<"));
    free(text);
}

static void test_bands__before_a_patient_came_nothing_is_missing(void **state)
{
    struct chart_day days[] = {{.day = MONDAY, .is_before = true, .plan = &plan},
                               full_day(MONDAY + 1, 900, 60)};
    (void)state;
    char *text = draw(days, 2);
    assert_int_equal(count_of(text, "too-little"), 0);
    assert_int_equal(count_of(text, ">no data<"), 0);
    free(text);
}

static void test_bands__one_day(void **state)
{
    struct chart_day day = full_day(MONDAY, 4321, 90);
    (void)state;
    char *text = draw(&day, 1);
    assert_non_null(strstr(text, ">Mon 23<"));
    assert_non_null(strstr(text,
                           "the middle day had 4,321 steps, and the goal was met on "
                           "0 of 1 days"));
    free(text);
}

static void test_bands__a_year(void **state)
{
    static struct chart_day days[366];
    static struct chart_event events[366];
    struct mk m = {0};
    (void)state;
    for (int32_t i = 0; i < 366; i++) {
        days[i] = full_day(MONDAY + i, 4000 + 10 * i, 90);
        events[i] = (struct chart_event){CHART_MARK_LOW, MONDAY + i, 600, "rest"};
    }
    chart_bands(&m,
                &(struct chart_bands){
                    .days = days, .n_days = 366, .events = events, .n_events = 366});
    char *text = drawn(&m);
    assert_int_equal(count_of(text, "class=\"walked\""), 366);
    assert_int_equal(count_of(text, "href=\"#bands-low\""), 0);
    assert_int_equal(count_of(text, "class=\"week-alerts\""), 53);
    assert_non_null(strstr(text, "week from 23 Nov: 7 alerts"));
    assert_int_equal(count_of(text, "class=\"date\""), 12);
    free(text);
}

static void test_bands__without_limits_there_are_no_lines(void **state)
{
    struct chart_day day = full_day(MONDAY, 0, 0);
    (void)state;
    plan.goal = plan.floor = plan.ceiling = 0;
    day.row.goal = 0;
    char *text = draw(&day, 1);
    assert_null(strstr(text, "class=\"goal\""));
    assert_null(strstr(text, "class=\"floor\""));
    assert_null(strstr(text, "class=\"ceiling\""));
    assert_non_null(strstr(text, "met on 0 of 0 days"));
    free(text);
}

static void test_bands__nothing_at_all(void **state)
{
    struct mk m = {0};
    char *bytes;
    size_t n;
    (void)state;
    chart_bands(&m, &(struct chart_bands){.n_days = 0});
    assert_int_equal(mk_end(&m, &bytes, &n), 0);
    assert_int_equal(n, 0);
    free(bytes);
}

static void test_bands__labels_do_not_lie_on_each_other(void **state)
{
    struct chart_day day = full_day(MONDAY, 100, 0);
    (void)state;
    plan.floor = 4900; /* a pixel below the goal */
    char *text = draw(&day, 1);
    assert_non_null(strstr(text, ">goal 5,000<"));
    assert_null(strstr(text, ">floor 4,900<"));
    assert_non_null(strstr(text, "class=\"floor\""));
    free(text);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)
int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_bands__a_week),
        TEST(test_bands__a_day_without_enough_data_says_so_in_words),
        TEST(test_bands__no_data_is_not_zero),
        TEST(test_bands__before_a_patient_came_nothing_is_missing),
        TEST(test_bands__one_day),
        TEST(test_bands__a_year),
        TEST(test_bands__without_limits_there_are_no_lines),
        TEST(test_bands__nothing_at_all),
        TEST(test_bands__labels_do_not_lie_on_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
