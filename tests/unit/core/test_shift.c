/* test_shift.c -- two devices on one body, with clocks that agree or do not. */
#include "draw.h"

static const int64_t DAY_S = 20522 * (int64_t)86400; /* 2026-03-10 */

static uint32_t seed;
static int32_t drawn(int32_t n)
{
    seed = seed * 1664525 + 1013904223;
    return (int32_t)(seed >> 16) % n;
}

struct body {
    int32_t steps[600]; /* from 08:00 on, walks of some minutes with rests between */
};
static struct body walks(uint32_t from)
{
    struct body body = {{0}};
    seed = from;
    for (int32_t i = 0; i < 600; i += 20 + drawn(40))
        for (int32_t n = 3 + drawn(12); n > 0 && i < 600; n--, i++)
            body.steps[i] = 60 + drawn(60);
    return body;
}

/* The day as a device sees it that counts so many percent, with its clock ahead. */
static struct sw_day *seen(struct sw_day *day, const struct body *body, int32_t pct,
                           int32_t ahead_min)
{
    struct sw_day_set set = {0};
    struct sw_plan plan = sw_plan_default();
    for (int32_t i = 0; i < 600; i++) {
        struct sw_reading reading = {DAY_S + (8 * 60 + i + ahead_min) * 60, 60,
                                     body->steps[i] * pct / 100 + drawn(3), true};
        assert_true(sw_day_set_add_reading(&set, 1, &reading) >= 0);
    }
    assert_int_equal(sw_day_compute(day, &utc, 20522, &plan, &set), 0);
    sw_day_set_fini(&set);
    return day;
}

static void test_shift__is_found_whichever_is_ahead(void **state)
{
    (void)state;
    static struct sw_day a, b;
    static const int32_t shifts[] = {2, 7, 12, 60, 119, -2, -12, -60};
    for (uint32_t i = 0; i < 40; i++) {
        struct body body = walks(i);
        int32_t shift = shifts[i % (sizeof shifts / sizeof *shifts)];
        seen(&a, &body, 100, 0);
        seen(&b, &body, 85, shift);
        assert_int_equal(sw_day_shift_min(&a, &b), shift);
        assert_int_equal(sw_day_shift_min(&b, &a), -shift);
    }
}

static void test_shift__clocks_that_agree_have_none(void **state)
{
    (void)state;
    static struct sw_day a, b;
    for (uint32_t i = 0; i < 40; i++) {
        struct body body = walks(i);
        seen(&a, &body, 100, 0);
        seen(&b, &body, 85, (int32_t)(i % 3) - 1);
        assert_int_equal(sw_day_shift_min(&a, &b), 0);
    }
}

static void test_shift__nothing_is_said_of_two_people_or_of_little_data(void **state)
{
    (void)state;
    static struct sw_day a, b;
    for (uint32_t i = 0; i < 40; i++) {
        struct body one = walks(i), other = walks(i + 1000);
        seen(&a, &one, 100, 0);
        seen(&b, &other, 100, 0);
        assert_int_equal(sw_day_shift_min(&a, &b), 0);
    }
    struct body still = {{0}};
    seen(&a, &still, 100, 0);
    assert_int_equal(sw_day_shift_min(&a, &a), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shift__is_found_whichever_is_ahead),
        cmocka_unit_test(test_shift__clocks_that_agree_have_none),
        cmocka_unit_test(test_shift__nothing_is_said_of_two_people_or_of_little_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
