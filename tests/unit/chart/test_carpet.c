/* test_carpet.c -- what each minute was, at the hour that the clock showed. */
#include "chart/carpet.h"

#include "chart/legend.h"
#include "chart_fixture.h"

/* Of Berlin in 2026: 25 October has 25 hours, 29 March has 23. */
static const struct sw_zone_shift shifts[] = {
    {INT64_MIN, 3600}, {1774746000, 7200}, {1792890000, 3600}};
static const struct sw_zone berlin = {shifts, 3};

enum { SPRING = 20541, AUTUMN = 20751, DAY_MIN = 1440 };

static uint8_t minutes[366][SW_DAY_MINUTES_MAX];

static struct chart_carpet_day carpet_day(int32_t day, size_t i)
{
    int64_t begin_s = sw_day_begin(&berlin, day);
    int32_t n = (int32_t)((sw_day_begin(&berlin, day + 1) - begin_s) / 60);
    return (struct chart_carpet_day){.day = day,
                                     .minutes = minutes[i],
                                     .n_minutes = n,
                                     .clock = chart_clock_of(&berlin, begin_s, n)};
}

static int set_up(void **state)
{
    (void)state;
    memset(minutes, 0, sizeof minutes);
    return 0;
}

static void fill(size_t i, int32_t from, int32_t to, int what)
{
    memset(minutes[i] + from, what, (size_t)(to - from));
}

static void test_carpet__two_days(void **state)
{
    struct chart_carpet_day days[] = {carpet_day(MONDAY, 0), carpet_day(MONDAY + 1, 1)};
    struct mk m = {0};
    (void)state;
    fill(0, 0, 420, SW_MINUTE_UNWORN);
    fill(0, 420, 1440, SW_MINUTE_STILL);
    fill(0, 500, 640, SW_MINUTE_STILL | CHART_IN_LONG_REST);
    fill(0, 640, 645, SW_MINUTE_ACTIVE);
    fill(1, 0, 600, SW_MINUTE_STILL);
    fill(1, 600, 700, SW_MINUTE_ACTIVE);
    days[1].n_minutes = 900; /* the rest is yet to come */
    chart_carpet(&m, &(struct chart_carpet){days, 2, 480, 1260});
    chart_classes_legend(&m, "carpet", true);
    assert_drawing(&m, "carpet.svg");
}

static char *draw_day(int32_t day)
{
    struct chart_carpet_day days = carpet_day(day, 0);
    struct mk m = {0};
    chart_carpet(&m, &(struct chart_carpet){&days, 1, 480, 1260});
    return drawn(&m);
}

static void test_carpet__an_hour_that_the_clocks_skip_is_empty(void **state)
{
    (void)state;
    fill(0, 0, 1380, SW_MINUTE_STILL);
    char *text = draw_day(SPRING);
    assert_non_null(strstr(text, "d=\"M0 9.5h120M180 9.5h1260\""));
    free(text);
}

static void test_carpet__an_hour_that_comes_twice_has_two_passes(void **state)
{
    (void)state;
    fill(0, 0, 1500, SW_MINUTE_STILL);
    char *text = draw_day(AUTUMN);
    assert_non_null(strstr(text, "d=\"M0 9.5h120M180 9.5h1260\" stroke-width=\"19\""));
    assert_non_null(strstr(text, "d=\"M120 4.75h60\" stroke-width=\"9.5\""));
    assert_non_null(strstr(text, "d=\"M120 14.25h60\" stroke-width=\"9.5\""));
    free(text);
}

static void test_carpet__all_unknown(void **state)
{
    (void)state;
    char *text = draw_day(MONDAY);
    assert_int_equal(count_of(text, "d=\"M0 9.5h1440\""), 1);
    assert_int_equal(count_of(text, "class=\"still\""), 0);
    assert_non_null(strstr(text, "no data in 24."));
    free(text);
}

static void test_carpet__a_year_has_cells_of_five_minutes(void **state)
{
    static struct chart_carpet_day days[366];
    struct mk m = {0};
    (void)state;
    for (int32_t i = 0; i < 366; i++) {
        fill((size_t)i, 0, DAY_MIN, SW_MINUTE_STILL);
        minutes[i][601] = SW_MINUTE_ACTIVE; /* that ended a rest: all the cell moved */
        days[i] = carpet_day(MONDAY + i, (size_t)i);
    }
    chart_carpet(&m, &(struct chart_carpet){days, 366, 480, 1260});
    char *text = drawn(&m);
    assert_int_equal(count_of(text, "M600 "), 366);
    assert_int_equal(count_of(text, "h5M"), 365);
    assert_int_equal(count_of(text, "class=\"long-rest\""), 0);
    free(text);
}

static void test_carpet__nothing_has_begun(void **state)
{
    struct chart_carpet_day day = carpet_day(MONDAY, 0);
    struct mk m = {0};
    (void)state;
    day.n_minutes = 0;
    chart_carpet(&m, &(struct chart_carpet){&day, 1, 480, 1260});
    char *text = drawn(&m);
    assert_int_equal(count_of(text, "stroke-width"), 0);
    free(text);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)
int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_carpet__two_days),
        TEST(test_carpet__an_hour_that_the_clocks_skip_is_empty),
        TEST(test_carpet__an_hour_that_comes_twice_has_two_passes),
        TEST(test_carpet__all_unknown),
        TEST(test_carpet__a_year_has_cells_of_five_minutes),
        TEST(test_carpet__nothing_has_begun),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
