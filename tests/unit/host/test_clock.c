/* test_clock.c -- when the wall clock is believed, with drawn clocks. */
#include "stepward/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MINUTE_MS = 60 * 1000 };
static const int64_t floor_s = INT64_C(1774779300); /* 2026-03-29 */
static const int64_t in_2020_ms = INT64_C(1577836800000);

/* A machine whose two clocks the test moves. */
struct machine {
    struct sw_clock_watch watch;
    int64_t wall_ms, monotonic_ms;
    bool synchronised;
};

static struct machine machine_at(int64_t wall_s)
{
    return (struct machine){.wall_ms = wall_s * 1000, .monotonic_ms = SW_CLOCK_BOOT_MS};
}

static bool look(struct machine *m)
{
    struct sw_clock now = {m->wall_ms, m->monotonic_ms, m->synchronised};
    return sw_clock_check(&m->watch, &now, floor_s);
}

static bool look_after(struct machine *m, int64_t passed_ms, int64_t step_ms)
{
    m->monotonic_ms += passed_ms;
    m->wall_ms += passed_ms + step_ms;
    return look(m);
}

static void test_clock__first_look_at_a_sane_clock_trusts_it(void **state)
{
    (void)state;
    struct machine at_floor = machine_at(floor_s), below = machine_at(floor_s - 1);
    assert_true(look(&at_floor));
    assert_false(look(&below));
}

static void test_clock__without_a_floor_the_program_s_own_age_is_one(void **state)
{
    (void)state;
    struct sw_clock_watch old = {0}, young = {0};
    struct sw_clock in_2020 = {in_2020_ms, SW_CLOCK_BOOT_MS, false};
    struct sw_clock in_2025 = {INT64_C(1735689600000), SW_CLOCK_BOOT_MS, false};
    assert_false(sw_clock_check(&old, &in_2020, 0));
    assert_true(sw_clock_check(&young, &in_2025, 0));
}

static void test_clock__after_a_boot_waits_until_it_is_synchronised(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s); /* as at the last shutdown: it may jump */
    m.monotonic_ms = 20 * 1000;
    assert_false(look(&m));
    assert_false(look_after(&m, 1000, 0));
    m.synchronised = true; /* right as it was: nothing to step */
    assert_true(look_after(&m, 1000, 0));
}

static void test_clock__after_a_boot_waits_for_three_minutes_at_most(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s);
    m.monotonic_ms = 20 * 1000;
    assert_false(look(&m));
    assert_false(look_after(&m, SW_CLOCK_BOOT_MS - 20 * 1000 - 1, 0));
    assert_true(look_after(&m, 1, 0));
}

static void test_clock__synchronised_one_knows_better_than_the_floor(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s - 365 * 86400);
    m.synchronised = true; /* an earlier run believed a clock that was a year ahead */
    assert_true(look(&m));
    struct machine in_1970 = {.monotonic_ms = 5000, .synchronised = true};
    assert_false(look(&in_1970));
}

static void test_clock__boot_in_the_past_waits_for_the_jump_and_a_minute(void **state)
{
    (void)state;
    struct machine m = {.wall_ms = 0, .monotonic_ms = 1000};
    assert_false(look(&m));
    assert_false(look_after(&m, 10 * MINUTE_MS, 0)); /* however long it is wrong */
    assert_false(look_after(&m, 1000, floor_s * 1000 + MINUTE_MS - m.wall_ms));
    assert_false(look_after(&m, SW_CLOCK_SETTLE_MS - 1, 0));
    assert_true(look_after(&m, 1, 0));
}

static void test_clock__step_either_way_ends_the_trust_for_a_minute(void **state)
{
    (void)state;
    static const int64_t steps_ms[] = {SW_CLOCK_STEP_MS + 1, -SW_CLOCK_STEP_MS - 1,
                                       INT64_C(86400000), -INT64_C(86400000)};
    for (size_t i = 0; i < 4; i++) {
        struct machine m = machine_at(floor_s + INT64_C(200000));
        assert_true(look(&m));
        assert_false(look_after(&m, MINUTE_MS, steps_ms[i]));
        assert_false(look_after(&m, SW_CLOCK_SETTLE_MS - 1, 0));
        assert_true(look_after(&m, 1, 0));
    }
}

static void test_clock__small_correction_is_no_step(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s + 3600);
    assert_true(look(&m));
    assert_true(look_after(&m, MINUTE_MS, SW_CLOCK_STEP_MS));
    assert_true(look_after(&m, MINUTE_MS, -SW_CLOCK_STEP_MS));
    for (int i = 0; i < 100; i++) /* a slow drift adds up, but never steps */
        assert_true(look_after(&m, MINUTE_MS, 900));
}

static void test_clock__second_step_starts_the_wait_again(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s + INT64_C(200000));
    assert_true(look(&m));
    assert_false(look_after(&m, 1000, 5 * MINUTE_MS));
    assert_false(look_after(&m, SW_CLOCK_SETTLE_MS - 1, -5 * MINUTE_MS));
    assert_false(look_after(&m, SW_CLOCK_SETTLE_MS - 1, 0));
    assert_true(look_after(&m, 1, 0));
}

static void test_clock__step_back_below_the_floor_is_somebody_setting_it(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s + 60);
    assert_true(look(&m));
    assert_false(look_after(&m, 1000, -INT64_C(3600) * 1000));
    assert_true(look_after(&m, SW_CLOCK_SETTLE_MS, 0));
    assert_false(look_after(&m, 1000, in_2020_ms - m.wall_ms)); /* but not to then */
    assert_false(look_after(&m, SW_CLOCK_SETTLE_MS, 0));
}

/* Nobody sets it, so it is the last run's that was wrong; but not before 2025. */
static void test_clock__behind_the_floor_is_believed_after_five_minutes(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s - 36000), old = {.monotonic_ms = 5000};
    assert_false(look(&m));
    assert_false(look_after(&m, SW_CLOCK_BEHIND_MS - 1, 0));
    assert_true(look_after(&m, 1, 0));
    assert_false(look(&old));
    assert_false(look_after(&old, SW_CLOCK_BEHIND_MS, 0));
}

static void test_clock__of_a_boot_that_was_trusted_has_no_floor(void **state)
{
    (void)state;
    struct machine as_it_was = machine_at(floor_s - 36000), set = as_it_was;
    int64_t offset_ms = as_it_was.wall_ms - as_it_was.monotonic_ms;
    sw_clock_resume(&as_it_was.watch, offset_ms);
    assert_true(look(&as_it_was));
    sw_clock_resume(&set.watch, offset_ms + 36000 * 1000);
    assert_false(look(&set));
    assert_false(look_after(&set, SW_CLOCK_SETTLE_MS - 1, 0));
    assert_true(look_after(&set, 1, 0));
}

static void test_clock__time_that_passes_reaches_the_floor(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s - 10);
    assert_false(look(&m));
    assert_false(look_after(&m, 9999, 0));
    assert_true(look_after(&m, 1, 0));
}

static void test_clock__sleep_of_the_machine_is_no_step(void **state)
{
    (void)state;
    struct machine m = machine_at(floor_s);
    assert_true(look(&m));
    assert_true(look_after(&m, INT64_C(8) * 3600 * 1000, 0));
}

static void test_clock__both_clocks_run(void **state)
{
    (void)state;
    int64_t before_ms = sw_clock_monotonic_ms();
    struct sw_clock now = sw_clock_read();
    assert_true(now.wall_ms / 1000 <= sw_clock_now_s());
    assert_true(now.monotonic_ms >= before_ms);
    assert_int_equal(sw_clock_boot(), sw_clock_boot());
    assert_true(sw_clock_boot() != 0);
    assert_true(sw_clock_now_s() > INT64_C(1735689600));
    assert_true(sw_clock_monotonic_ms() >= before_ms);
    assert_true(before_ms > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clock__first_look_at_a_sane_clock_trusts_it),
        cmocka_unit_test(test_clock__without_a_floor_the_program_s_own_age_is_one),
        cmocka_unit_test(test_clock__boot_in_the_past_waits_for_the_jump_and_a_minute),
        cmocka_unit_test(test_clock__step_either_way_ends_the_trust_for_a_minute),
        cmocka_unit_test(test_clock__small_correction_is_no_step),
        cmocka_unit_test(test_clock__second_step_starts_the_wait_again),
        cmocka_unit_test(test_clock__after_a_boot_waits_until_it_is_synchronised),
        cmocka_unit_test(test_clock__after_a_boot_waits_for_three_minutes_at_most),
        cmocka_unit_test(test_clock__synchronised_one_knows_better_than_the_floor),
        cmocka_unit_test(test_clock__step_back_below_the_floor_is_somebody_setting_it),
        cmocka_unit_test(test_clock__behind_the_floor_is_believed_after_five_minutes),
        cmocka_unit_test(test_clock__of_a_boot_that_was_trusted_has_no_floor),
        cmocka_unit_test(test_clock__time_that_passes_reaches_the_floor),
        cmocka_unit_test(test_clock__sleep_of_the_machine_is_no_step),
        cmocka_unit_test(test_clock__both_clocks_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
