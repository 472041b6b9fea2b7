/* test_minutes.c -- every minute of a day, in four pieces. */
#include "chart/minutes.h"

#include "../../lib/draw.h"
#include "chart_fixture.h"

static const struct sw_zone_shift shifts[] = {
    {INT64_MIN, 3600}, {1774746000, 7200}, {1792890000, 3600}};
static const struct sw_zone berlin = {shifts, 3};

enum { SPRING = 20541, AUTUMN = 20751 };

static struct sw_day day;

/* The day with these minutes from 08:00 on. */
static void compute(int32_t number, const char *minutes)
{
    struct sw_day_set set = {0};
    struct sw_plan plan = sw_plan_default();
    draw_readings(&set, 1, sw_minute_begin(&berlin, number, 480), minutes);
    assert_int_equal(sw_day_compute(&day, &berlin, number, &plan, &set), 0);
    sw_day_set_fini(&set);
}

static struct chart_minutes of_day(void)
{
    return (struct chart_minutes){
        .day = &day, .zone = &berlin, .n_begun = day.n_minutes, .rest_limit_min = 120};
}

static char *draw(const struct chart_minutes *minutes)
{
    struct mk m = {0};
    chart_minutes(&m, minutes);
    return drawn(&m);
}

static void test_minutes__a_day(void **state)
{
    static const struct chart_span devices[] = {{480, 660, "band"},
                                                {660, 800, "phone"}};
    char text[1000];
    struct mk m = {0};
    (void)state;
    snprintf(text, sizeof text, "%s##########%s%s##########", times(130, '.'),
             times(40, '.'), times(30, 'u'));
    compute(MONDAY, text);
    struct chart_minutes minutes = of_day();
    minutes.devices = devices;
    minutes.n_devices = 2;
    chart_minutes(&m, &minutes);
    assert_drawing(&m, "minutes.svg");
}

static void test_minutes__a_rest_that_an_edge_cuts_has_its_whole_length(void **state)
{
    (void)state;
    compute(MONDAY, times(400, '.')); /* 08:00 to 14:40 */
    struct chart_minutes minutes = of_day();
    char *text = draw(&minutes);
    assert_int_equal(count_of(text, ">6:40 \u203a<"), 1);
    assert_int_equal(count_of(text, ">\u2039 6:40<"), 1);
    assert_int_equal(count_of(text, "class=\"resting long\""), 2);
    free(text);
    compute(MONDAY, times(250, '.')); /* 08:00 to 12:10 */
    minutes = of_day();
    text = draw(&minutes);
    assert_int_equal(count_of(text, "4:10"), 1); /* ten minutes have no room */
    assert_int_equal(count_of(text, "class=\"resting long\""), 2);
    free(text);
}

static void test_minutes__a_piece_has_the_hours_of_the_clock(void **state)
{
    (void)state;
    compute(SPRING, "####");
    struct chart_minutes minutes = of_day();
    char *text = draw(&minutes);
    assert_int_equal(count_of(text, "viewBox=\"0 0 300 72\""), 1);
    assert_int_equal(count_of(text, ">02<"), 0);
    assert_int_equal(count_of(text, "role=\"img\""), 4);
    free(text);
    compute(AUTUMN, "####");
    minutes = of_day();
    text = draw(&minutes);
    assert_int_equal(count_of(text, "viewBox=\"0 0 420 72\""), 1);
    assert_int_equal(count_of(text, ">02<"), 2);
    free(text);
}

static void test_minutes__what_is_yet_to_come_is_not_drawn(void **state)
{
    (void)state;
    compute(MONDAY, "");
    struct chart_minutes minutes = of_day();
    minutes.n_begun = 400;
    char *text = draw(&minutes);
    assert_int_equal(count_of(text, "class=\"unknown\""), 2);
    assert_non_null(strstr(text, "d=\"M0 7h40\""));
    assert_int_equal(count_of(text, ">yet to come<"), 5); /* in words, too, of two */
    free(text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_minutes__a_day),
        cmocka_unit_test(test_minutes__a_rest_that_an_edge_cuts_has_its_whole_length),
        cmocka_unit_test(test_minutes__a_piece_has_the_hours_of_the_clock),
        cmocka_unit_test(test_minutes__what_is_yet_to_come_is_not_drawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
