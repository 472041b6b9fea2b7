/* test_progress.c -- goals grow with the patient, and shrink in a flare. */
#include "draw.h"

#include "stepward/progress.h"

enum { TODAY = 20522 };

static struct sw_progress begin(int32_t goal)
{
    struct sw_progress progress = {.plan = sw_plan_default(), .today = TODAY};
    progress.plan.goal = goal;
    return progress;
}

/* n days up to yesterday, all of these steps and this pain (negative: none). */
static void add_days(struct sw_progress *progress, int32_t from_ago, int32_t to_ago,
                     int64_t steps, double pain)
{
    for (int32_t ago = from_ago; ago > to_ago; ago--) {
        struct sw_day_row row = {.day = TODAY - ago,
                                 .steps = steps,
                                 .valid = true,
                                 .goal = progress->plan.goal,
                                 .n_pains = pain >= 0,
                                 .pain_mean = pain};
        sw_progress_add(progress, &row);
    }
}

static struct sw_suggestion suggest(const struct sw_progress *progress)
{
    struct sw_suggestion suggestion;
    sw_progress_suggest(progress, &suggestion);
    return suggestion;
}

static void test_first__is_80_pct_of_the_middle_of_the_valid_days(void **state)
{
    (void)state;
    static const int64_t steps[] = {9000, 1000, 4000, 5000, 6000};
    struct sw_progress progress = begin(0);
    for (int32_t i = 0; i < 5; i++)
        add_days(&progress, 6 - i, 5 - i, steps[i], -1);
    struct sw_suggestion got = suggest(&progress);
    assert_int_equal(got.kind, SW_SUGGEST_FIRST);
    assert_int_equal(got.median, 5000);
    assert_int_equal(got.goal, 4000);
    assert_int_equal(got.floor, 2000);
    assert_int_equal(got.ceiling, 6000);
}

static void test_first__three_valid_days_are_too_few(void **state)
{
    (void)state;
    struct sw_progress progress = begin(0);
    struct sw_day_row invalid = {.day = TODAY - 1, .steps = 9000};
    add_days(&progress, 4, 1, 5000, -1);
    sw_progress_add(&progress, &invalid);
    struct sw_suggestion got = suggest(&progress);
    assert_int_equal(got.kind, SW_SUGGEST_NOTHING);
    assert_int_equal(got.valid_days, 3);
    assert_int_equal(got.goal, 0);
}

static void test_raise__met_on_five_of_seven_days(void **state)
{
    (void)state;
    struct sw_progress progress = begin(4000);
    add_days(&progress, 7, 5, 3999, 3);
    add_days(&progress, 5, 0, 4000, 3);
    struct sw_suggestion got = suggest(&progress);
    assert_int_equal(got.kind, SW_SUGGEST_RAISE);
    assert_int_equal(got.met_days, 5);
    assert_int_equal(got.goal, 4400);
}

static void test_raise__is_never_swallowed_by_rounding(void **state)
{
    (void)state;
    for (int32_t goal = 500; goal < 700; goal++) {
        struct sw_progress progress = begin(goal);
        add_days(&progress, 7, 0, 9000, -1);
        assert_true(suggest(&progress).goal > goal);
    }
}

static void test_keep__a_goal_that_is_not_a_week_old(void **state)
{
    (void)state;
    struct sw_progress progress = begin(4000);
    add_days(&progress, 7, 0, 9000, -1);
    assert_int_equal(suggest(&progress).kind, SW_SUGGEST_RAISE);
    progress.plan.goal = 4400; /* accepted today */
    struct sw_suggestion got = suggest(&progress);
    assert_int_equal(got.kind, SW_SUGGEST_KEEP);
    assert_true(got.is_new);
    progress.flare = true;
    assert_int_equal(suggest(&progress).kind, SW_SUGGEST_KEEP);
}

static void test_keep__met_on_four_days(void **state)
{
    (void)state;
    struct sw_progress progress = begin(4000);
    add_days(&progress, 7, 4, 3999, -1);
    add_days(&progress, 4, 0, 4000, -1);
    struct sw_suggestion got = suggest(&progress);
    assert_int_equal(got.kind, SW_SUGGEST_KEEP);
    assert_int_equal(got.goal, 4000);
}

static void test_keep__pain_rose_by_two_points(void **state)
{
    (void)state;
    struct sw_progress progress = begin(4000), less = begin(4000);
    add_days(&progress, 14, 7, 5000, 3);
    add_days(&progress, 7, 0, 5000, 5);
    assert_int_equal(suggest(&progress).kind, SW_SUGGEST_KEEP);
    add_days(&less, 14, 7, 5000, 3);
    add_days(&less, 7, 0, 5000, 4.9);
    assert_int_equal(suggest(&less).kind, SW_SUGGEST_RAISE);
}

static void test_ease__a_flare_makes_it_smaller_and_never_zero(void **state)
{
    (void)state;
    for (int32_t goal = 1; goal < 10000; goal += 7) {
        struct sw_progress progress = begin(goal);
        progress.flare = true;
        add_days(&progress, 7, 0, 20000, 2);
        struct sw_suggestion got = suggest(&progress);
        if (goal > SW_PROGRESS_GOAL_MIN)
            assert_true(got.kind == SW_SUGGEST_EASE && got.goal <= goal);
        else
            assert_true(got.kind == SW_SUGGEST_KEEP && got.goal == goal);
        assert_true(got.goal > 0);
    }
}

static void test_ease__a_goal_that_no_day_met_goes_down_to_what_was_walked(void **state)
{
    (void)state;
    struct sw_progress progress = begin(8000);
    add_days(&progress, 7, 0, 3120, -1);
    struct sw_suggestion got = suggest(&progress);
    assert_int_equal(got.kind, SW_SUGGEST_EASE);
    assert_int_equal(got.met_days, 0);
    assert_int_equal(got.goal, 3100);
    for (int32_t goal = 1; goal < 1200; goal++) { /* never up, never to nothing */
        struct sw_progress near = begin(goal);
        add_days(&near, 7, 0, goal - 1, -1);
        got = suggest(&near);
        assert_true(got.goal > 0 && got.goal <= goal);
        assert_int_equal(got.kind, goal > SW_PROGRESS_GOAL_MIN ? SW_SUGGEST_EASE
                                                               : SW_SUGGEST_KEEP);
    }
    struct sw_progress once = begin(8000);
    add_days(&once, 7, 1, 3120, -1);
    add_days(&once, 1, 0, 8000, -1);
    assert_int_equal(suggest(&once).kind, SW_SUGGEST_KEEP);
}

static void test_days__of_the_future_and_of_long_ago_are_not_looked_at(void **state)
{
    (void)state;
    struct sw_progress progress = begin(0);
    add_days(&progress, 60, 28, 9000, -1);
    add_days(&progress, 0, -9, 9000, -1);
    assert_int_equal(progress.n_days, 0);
    add_days(&progress, 28, 0, 5000, -1);
    assert_int_equal(suggest(&progress).goal, 4000);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first__is_80_pct_of_the_middle_of_the_valid_days),
        cmocka_unit_test(test_first__three_valid_days_are_too_few),
        cmocka_unit_test(test_raise__met_on_five_of_seven_days),
        cmocka_unit_test(test_raise__is_never_swallowed_by_rounding),
        cmocka_unit_test(test_keep__a_goal_that_is_not_a_week_old),
        cmocka_unit_test(test_keep__met_on_four_days),
        cmocka_unit_test(test_keep__pain_rose_by_two_points),
        cmocka_unit_test(test_ease__a_flare_makes_it_smaller_and_never_zero),
        cmocka_unit_test(
            test_ease__a_goal_that_no_day_met_goes_down_to_what_was_walked),
        cmocka_unit_test(test_days__of_the_future_and_of_long_ago_are_not_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
