/* test_receive_clock.c -- messages are dated by the clock that was trusted, not by the one
 * that happened to show something else when they came. */
#include "draw.h"

#include "daemon/receive_clock.h"

static const int64_t NOW_S = INT64_C(1800000000);

/* The keeper after a look at a wall clock that shows wall_s, long after the boot. */
static bool look(struct receive_clock *keeper, struct sw_clock *now, int64_t wall_s)
{
    *now = (struct sw_clock){wall_s * 1000, sw_clock_monotonic_ms(), true};
    return receive_clock_check(keeper, now, 0);
}

/* A second look, so much later that a step has settled. */
static bool look_later(struct receive_clock *keeper, struct sw_clock *now)
{
    now->wall_ms += SW_CLOCK_SETTLE_MS;
    now->monotonic_ms += SW_CLOCK_SETTLE_MS;
    return receive_clock_check(keeper, now, 0);
}

static struct sw_inbox_record message(const struct receive_clock *keeper)
{
    struct sw_inbox_record record = {0};
    receive_clock_stamp(&record, keeper->boot, receive_clock_offset_ms(keeper));
    return record;
}

static void assert_dated(const struct sw_inbox_record *record, int64_t at_s)
{
    assert_in_range(record->received_at_s, at_s - 1, at_s + 5);
}

static void date(const struct receive_clock *keeper, struct sw_inbox_record *record,
                 const struct sw_clock *now)
{
    receive_clock_date(keeper, record, now, now->wall_ms / 1000 + 600);
}

static void test_message__of_a_trusted_clock_is_dated_at_once(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    struct sw_inbox_record record = message(&keeper);
    assert_dated(&record, NOW_S);
    date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
    assert_false(record.retained);
}

static void test_message__of_1970_is_dated_when_the_clock_is_right(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_false(look(&keeper, &now, 60));
    struct sw_inbox_record record = message(&keeper);
    assert_int_equal(record.boot, sw_clock_boot());
    assert_int_equal(record.received_at_s, 0);
    assert_false(look(&keeper, &now, NOW_S));
    assert_true(look_later(&keeper, &now));
    date(&keeper, &record, &now);
    assert_dated(&record, NOW_S); /* a minute before it became trusted */
    assert_false(record.retained);
}

static void test_message__between_a_step_and_its_notice_keeps_the_old_time(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    /* the wall clock now shows another hour, which nobody has looked at */
    struct sw_inbox_record record = message(&keeper);
    assert_false(look(&keeper, &now, NOW_S - 3600));
    date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
}

static void test_message__of_an_earlier_boot_says_no_time(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    struct sw_inbox_record record = {.uptime_s = 100, .boot = keeper.boot + 2};
    date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
    assert_true(record.retained);
    assert_int_equal(record.boot, 0);
}

/* What was dated in another boot keeps that, unless it is still to come. */
static void test_message__dated_in_an_earlier_boot_keeps_its_date(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    struct sw_inbox_record record = {
        .received_at_s = NOW_S - 9000, .uptime_s = 100, .boot = keeper.boot + 2};
    date(&keeper, &record, &now);
    assert_dated(&record, NOW_S - 9000);
    assert_false(record.retained);
    assert_int_equal(record.boot, 0); /* not by the clock of this one */
    record.received_at_s = NOW_S + 9000;
    date(&keeper, &record, &now);
    assert_dated(&record, NOW_S);
    assert_true(record.retained);
}

/* Dated by a clock that is found to be wrong before it is taken. */
static void test_message__is_dated_anew_when_the_clock_was_wrong(void **state)
{
    (void)state;
    static const int64_t wrong_s[] = {36000, -36000};
    for (size_t i = 0; i < 2; i++) {
        struct receive_clock keeper;
        struct sw_clock now;
        receive_clock_init(&keeper);
        assert_true(look(&keeper, &now, NOW_S + wrong_s[i]));
        struct sw_inbox_record record = message(&keeper);
        assert_dated(&record, NOW_S + wrong_s[i]);
        assert_false(look(&keeper, &now, NOW_S));
        assert_false(look_later(&keeper, &now)); /* believed, but not what is stored */
        assert_true(keeper.is_misdated);
        assert_int_equal(receive_clock_ahead_s(&keeper), wrong_s[i]);
        struct sw_boot_clock clock = receive_clock_corrected(&keeper);
        assert_true(clock.has_before);
        receive_clock_correct(&keeper, &clock);
        assert_true(receive_clock_check(&keeper, &now, 0));
        date(&keeper, &record, &now);
        assert_dated(&record, NOW_S);
        assert_false(record.retained);
        assert_int_equal(record.boot, keeper.boot);
    }
}

/* Read again after a crash it has the same date to the second, wherever in the second
 * the offset of the next run falls. */
static void test_message__of_this_boot_has_one_date_over_a_restart(void **state)
{
    (void)state;
    struct receive_clock keeper, next;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S));
    struct sw_inbox_record record = message(&keeper), again = record;
    date(&keeper, &record, &now);
    receive_clock_init(&next);
    receive_clock_resume(&next, &keeper.clock, &now);
    now.wall_ms += 1999; /* a correction, not a step */
    assert_true(receive_clock_check(&next, &now, 0));
    date(&next, &again, &now);
    assert_int_equal(again.received_at_s, record.received_at_s);
}

/* The gateway was off when the clock was set: it knows all the same. */
static void test_clock__set_between_two_runs_of_a_boot_is_a_step(void **state)
{
    (void)state;
    struct receive_clock keeper, next;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_true(look(&keeper, &now, NOW_S + 36000));
    receive_clock_init(&next);
    now = (struct sw_clock){NOW_S * 1000, sw_clock_monotonic_ms(), false};
    receive_clock_resume(&next, &keeper.clock, &now);
    assert_false(
        receive_clock_check(&next, &now, NOW_S + 36000)); /* the floor is wrong */
    now.wall_ms += SW_CLOCK_SETTLE_MS;
    now.monotonic_ms += SW_CLOCK_SETTLE_MS;
    assert_false(receive_clock_check(&next, &now, NOW_S + 36000));
    assert_true(next.is_misdated);
    assert_int_equal(next.clock.key, keeper.clock.key);
}

/* Its time since the boot is less than what was seen: it is another one, or says so. */
static void test_clock__of_another_boot_gets_a_key_of_its_own(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now = {NOW_S * 1000, 50000, true};
    struct sw_boot_clock last = {.key = 7, .boot = sw_clock_boot(), .seen_ms = 50001};
    receive_clock_init(&keeper);
    receive_clock_resume(&keeper, &last, &now);
    assert_int_equal(keeper.clock.key, 8);
    assert_int_equal(keeper.past.key, 7);
    last.seen_ms = 50000;
    receive_clock_resume(&keeper, &last, &now);
    assert_int_equal(keeper.clock.key, 7);
    assert_int_equal(keeper.past.key, 0);
    last.boot += 2;
    receive_clock_resume(&keeper, &last, &now);
    assert_int_equal(keeper.clock.key, 8);
}

static void test_message__that_cannot_wait_longer_says_no_time(void **state)
{
    (void)state;
    struct receive_clock keeper;
    struct sw_clock now;
    receive_clock_init(&keeper);
    assert_false(look(&keeper, &now, 60));
    struct sw_inbox_record record = message(&keeper);
    date(&keeper, &record, &now);
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
        cmocka_unit_test(test_message__dated_in_an_earlier_boot_keeps_its_date),
        cmocka_unit_test(test_message__is_dated_anew_when_the_clock_was_wrong),
        cmocka_unit_test(test_message__of_this_boot_has_one_date_over_a_restart),
        cmocka_unit_test(test_clock__set_between_two_runs_of_a_boot_is_a_step),
        cmocka_unit_test(test_clock__of_another_boot_gets_a_key_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
