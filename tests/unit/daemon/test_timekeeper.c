/* test_timekeeper.c -- messages are dated by the clock that was trusted, not by the one
 * that happened to show something else when they came. */
#include "draw.h"

#include "daemon/timekeeper.h"

static const int64_t NOW_S = INT64_C(1800000000);

/* The keeper after a look at a wall clock that shows wall_s, long after the boot. */
static bool look(struct timekeeper *keeper, struct sw_clock *now, int64_t wall_s)
{
    *now = (struct sw_clock){wall_s * 1000, sw_clock_monotonic_ms(), true};
    return timekeeper_look(keeper, now, 0);
}

/* A second look, so much later that a step has settled. */
static bool look_later(struct timekeeper *keeper, struct sw_clock *now)
{
    now->wall_ms += SW_CLOCK_SETTLE_MS;
    now->monotonic_ms += SW_CLOCK_SETTLE_MS;
    return timekeeper_look(keeper, now, 0);
}

static struct sw_inbox_record message(const struct timekeeper *keeper)
{
    struct sw_inbox_record record = {0};
    timekeeper_stamp(keeper, &record);
    return record;
}

static void assert_dated(const struct sw_inbox_record *record, int64_t at_s)
{
    assert_int_equal(record->boot, 0);
    assert_in_range(record->received_at_s, at_s - 1, at_s + 5);
}

static void test_message__of_a_trusted_clock_is_dated_at_once(void **state)
{
    (void)state;
    struct timekeeper keeper;
    struct sw_clock now;
    timekeeper_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    struct sw_inbox_record record = message(&keeper);
    assert_dated(&record, NOW_S);
    timekeeper_date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
    assert_false(record.retained);
}

static void test_message__of_1970_is_dated_when_the_clock_is_right(void **state)
{
    (void)state;
    struct timekeeper keeper;
    struct sw_clock now;
    timekeeper_init(&keeper);
    assert_false(look(&keeper, &now, 60));
    struct sw_inbox_record record = message(&keeper);
    assert_int_equal(record.boot, sw_clock_boot());
    assert_false(look(&keeper, &now, NOW_S));
    assert_true(look_later(&keeper, &now));
    timekeeper_date(&keeper, &record, &now);
    assert_dated(&record, NOW_S); /* a minute before it became trusted */
    assert_false(record.retained);
}

static void test_message__between_a_step_and_its_notice_keeps_the_old_time(void **state)
{
    (void)state;
    struct timekeeper keeper;
    struct sw_clock now;
    timekeeper_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    /* the wall clock now shows another hour, which nobody has looked at */
    struct sw_inbox_record record = message(&keeper);
    assert_false(look(&keeper, &now, NOW_S - 3600));
    timekeeper_date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
}

static void test_message__of_an_earlier_boot_says_no_time(void **state)
{
    (void)state;
    struct timekeeper keeper;
    struct sw_clock now;
    timekeeper_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    struct sw_inbox_record record = {.received_at_s = 100, .boot = keeper.boot + 2};
    timekeeper_date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
    assert_true(record.retained);
}

static void test_message__that_cannot_wait_longer_says_no_time(void **state)
{
    (void)state;
    struct timekeeper keeper;
    struct sw_clock now;
    timekeeper_init(&keeper);
    assert_false(look(&keeper, &now, 60));
    struct sw_inbox_record record = message(&keeper);
    timekeeper_date(&keeper, &record, &now);
    assert_int_equal(record.boot, 0);
    assert_true(record.retained);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message__of_a_trusted_clock_is_dated_at_once),
        cmocka_unit_test(test_message__of_1970_is_dated_when_the_clock_is_right),
        cmocka_unit_test(
            test_message__between_a_step_and_its_notice_keeps_the_old_time),
        cmocka_unit_test(test_message__of_an_earlier_boot_says_no_time),
        cmocka_unit_test(test_message__that_cannot_wait_longer_says_no_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
