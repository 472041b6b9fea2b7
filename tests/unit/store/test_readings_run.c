/* Readings as rows of runs: what comes back is what went in, and no value may be another. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/day.h"
#include "store/readings_run.h"

enum { DEVICE = 7, PERIOD = 57000, BEGIN_S = PERIOD * SW_RUN_PERIOD_S, MANY = 2000 };

/* 0..n-1, the same in every run. */
static int draw(int n)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

static struct sw_runs encode(const struct sw_reading *readings, size_t n)
{
    struct sw_runs runs = {0};
    assert_int_equal(sw_runs_encode(&runs, DEVICE, readings, n), 0);
    return runs;
}

/* However they were grouped, they are the same set. Returns how many runs it took. */
static size_t check_comes_back(const struct sw_reading *readings, size_t n)
{
    struct sw_runs runs = encode(readings, n);
    struct sw_day_set set = {0};
    size_t n_runs = runs.n, n_back = 0;
    for (size_t i = 0; i < runs.n; i++) {
        assert_int_equal(runs.items[i].device_key, DEVICE);
        assert_true(sw_run_is_sound(&runs.items[i]));
        for (size_t j = 0; j < sw_run_count(&runs.items[i]); j++) {
            struct sw_reading reading = sw_run_reading(&runs.items[i], j);
            assert_int_equal(sw_day_set_add_reading(&set, DEVICE, &reading), 1);
            n_back++;
        }
    }
    assert_int_equal(n_back, n);
    for (size_t i = 0; i < n; i++) {
        const struct sw_reading *back = &set.devices[0].readings[i];
        assert_int_equal(back->start_s, readings[i].start_s);
        assert_int_equal(back->seconds, readings[i].seconds);
        assert_int_equal(back->steps, readings[i].steps);
        assert_int_equal(back->worn, readings[i].worn);
    }
    sw_day_set_fini(&set);
    sw_runs_fini(&runs);
    return n_runs;
}

static struct sw_reading minute(int i, int32_t steps)
{
    return (struct sw_reading){BEGIN_S + 60 * i, 60, steps, true};
}

static void test_period__is_eight_hours_also_before_1970(void **state)
{
    (void)state;
    assert_int_equal(sw_run_period(0), 0);
    assert_int_equal(sw_run_period(28799), 0);
    assert_int_equal(sw_run_period(28800), 1);
    assert_int_equal(sw_run_period(-1), -1);
    assert_int_equal(sw_run_period(-28800), -1);
    assert_int_equal(sw_run_period(-28801), -2);
}

static void test_period__begins_and_ends_at_both_ends_of_time_too(void **state)
{
    static const int64_t at_s[] = {INT64_MIN, -28801, -1, 0, 28799, INT64_MAX};
    (void)state;
    for (size_t i = 0; i < sizeof at_s / sizeof *at_s; i++) {
        int64_t period = sw_run_period(at_s[i]);
        int64_t begin_s = sw_run_period_begin(period),
                end_s = sw_run_period_end(period);
        assert_true(begin_s <= at_s[i] && at_s[i] <= end_s);
        assert_true(end_s - begin_s < SW_RUN_PERIOD_S);
        assert_true(sw_run_period(begin_s) == period && sw_run_period(end_s) == period);
    }
}

static void test_runs__of_nothing_are_none(void **state)
{
    (void)state;
    assert_int_equal(check_comes_back(NULL, 0), 0);
}

static void test_runs__keep_every_width_of_steps(void **state)
{
    (void)state;
    static const int32_t most[] = {0, 255, 256, 65535, 65536, INT32_MAX};
    static const int32_t widths[] = {1, 1, 2, 2, 4, 4};
    for (size_t i = 0; i < sizeof most / sizeof *most; i++) {
        const struct sw_reading readings[] = {minute(0, 1), minute(1, most[i]),
                                              minute(2, 127)};
        assert_int_equal(check_comes_back(readings, 3), 1);
        struct sw_runs runs = encode(readings, 3);
        assert_int_equal(runs.items[0].width, widths[i]);
        sw_runs_fini(&runs);
    }
}

static void test_runs__end_at_gaps_and_at_what_was_not_worn(void **state)
{
    (void)state;
    const struct sw_reading readings[] = {
        {BEGIN_S, 60, 1, true},        {BEGIN_S + 60, 60, 2, true},
        {BEGIN_S + 180, 60, 3, true},  {BEGIN_S + 240, 60, 0, false},
        {BEGIN_S + 300, 60, 0, false}, {BEGIN_S + 360, 60, 4, true},
    };
    assert_int_equal(check_comes_back(readings, 6), 4);
}

/* Minutes, and every quarter of an hour the sum of them, and the day so far. */
static void test_runs__of_each_length_are_together_also_interleaved(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    for (int i = 0; i < 480; i++) {
        struct sw_reading reading = minute(i, i % 100);
        assert_int_equal(sw_day_set_add_reading(&set, DEVICE, &reading), 1);
        reading.seconds = 900;
        if (i % 15 == 0)
            assert_int_equal(sw_day_set_add_reading(&set, DEVICE, &reading), 1);
    }
    struct sw_reading day = {BEGIN_S, 86400, 12345, true};
    assert_int_equal(sw_day_set_add_reading(&set, DEVICE, &day), 1);
    assert_int_equal(
        check_comes_back(set.devices[0].readings, set.devices[0].n_readings), 3);
    sw_day_set_fini(&set);
}

static void test_runs__have_so_many_readings_and_no_more(void **state)
{
    (void)state;
    static struct sw_reading readings[SW_RUN_PERIOD_S];
    for (int i = 0; i < SW_RUN_PERIOD_S; i++)
        readings[i] = (struct sw_reading){BEGIN_S + i, 1, i % 4, true};
    assert_int_equal(check_comes_back(readings, SW_RUN_PERIOD_S),
                     SW_RUN_PERIOD_S / SW_RUN_READINGS_MAX);
}

static void test_runs__keep_both_ends_of_time(void **state)
{
    (void)state;
    const struct sw_reading first = {INT64_MIN, 60, 1, true};
    const struct sw_reading last = {INT64_MAX, 60, 1, true};
    check_comes_back(&first, 1);
    check_comes_back(&last, 1);
}

static void test_runs__of_drawn_readings_come_back(void **state)
{
    (void)state;
    struct sw_reading *readings = calloc(MANY, sizeof *readings);
    for (int round = 0; round < 200; round++) {
        size_t n = 1 + (size_t)draw(MANY - 1);
        int64_t at_s = BEGIN_S + draw(100);
        for (size_t i = 0; i < n; i++) {
            int32_t steps = draw(3) ? 0 : draw(4) ? draw(256) : draw(100000);
            readings[i] = (struct sw_reading){at_s, 1 + draw(draw(9) ? 10 : 3600),
                                              steps, draw(20) != 0};
            at_s += draw(5) ? readings[i].seconds : 1 + draw(9);
            if (at_s >= BEGIN_S + SW_RUN_PERIOD_S)
                n = i + 1;
        }
        check_comes_back(readings, n);
    }
    free(readings);
}

/* What the database's size rests on. */
static void test_run__of_minutes_takes_a_byte_each(void **state)
{
    (void)state;
    struct sw_reading readings[480];
    for (int i = 0; i < 480; i++)
        readings[i] = minute(i, i % 256);
    struct sw_runs runs = encode(readings, 480);
    assert_int_equal(runs.n, 1);
    assert_int_equal(runs.items[0].steps_len, 480);
    sw_runs_fini(&runs);
}

/* ---- damage ---- */

static void test_run__any_other_value_is_damage(void **state)
{
    (void)state;
    struct sw_reading readings[50];
    for (int i = 0; i < 50; i++)
        readings[i] = minute(i, i % 7 ? i * 11 : 0);
    struct sw_runs runs = encode(readings, 50);
    unsigned char *bytes = runs.bytes;
    struct sw_run run = runs.items[0], other = run;
    assert_true(sw_run_is_sound(&run));
    for (size_t bit = 0; bit < 8 * run.steps_len; bit++) {
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_false(sw_run_is_sound(&run));
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (other = run; other.steps_len-- > 0;)
        assert_false(sw_run_is_sound(&other));
    for (int bit = 0; bit < 64; bit++) {
        other = run;
        other.device_key ^= (int64_t)((uint64_t)1 << bit);
        assert_false(sw_run_is_sound(&other));
        other = run;
        other.start_s ^= (int64_t)((uint64_t)1 << bit);
        assert_false(sw_run_is_sound(&other));
        other = run;
        other.seconds ^= (int32_t)((uint32_t)1 << bit % 32);
        assert_false(sw_run_is_sound(&other));
        other = run;
        other.width ^= (int32_t)((uint32_t)1 << bit % 32);
        assert_false(sw_run_is_sound(&other));
        other = run;
        other.crc ^= (int32_t)((uint32_t)1 << bit % 32);
        assert_false(sw_run_is_sound(&other));
    }
    other = run;
    other.worn = false;
    assert_false(sw_run_is_sound(&other));
    assert_true(sw_run_is_sound(&run));
    sw_runs_fini(&runs);
}

static bool is_sound_with_right_crc(struct sw_run run)
{
    run.crc = sw_run_crc(&run);
    return sw_run_is_sound(&run);
}

/* With a right checksum, but by no encoder. */
static void test_run__that_cannot_be_is_refused(void **state)
{
    static const unsigned char steps[SW_RUN_READINGS_MAX + 1] = {0x80};
    (void)state;
    const struct sw_run run = {.start_s = BEGIN_S,
                               .seconds = 60,
                               .width = 1,
                               .steps = steps,
                               .steps_len = SW_RUN_READINGS_MAX};
    struct sw_run other = run;
    assert_true(is_sound_with_right_crc(other));
    other.steps_len++;
    assert_false(is_sound_with_right_crc(other));
    other.steps_len = 0;
    assert_false(is_sound_with_right_crc(other));
    other = run;
    other.width = 3;
    assert_false(is_sound_with_right_crc(other));
    other.width = 4;
    other.steps_len = 8;
    assert_false(is_sound_with_right_crc(other)); /* steps that no number holds */
    other = run;
    other.start_s += 60; /* its last is of the next period */
    assert_false(is_sound_with_right_crc(other));
    other = run;
    other.seconds = 0;
    assert_false(is_sound_with_right_crc(other));
    other.seconds = SW_READING_SECONDS_MAX + 1;
    other.steps_len = 1;
    assert_false(is_sound_with_right_crc(other));
    other = run;
    other.start_s = INT64_MAX - 60; /* its third is past the end of time */
    other.steps_len = 3;
    assert_false(is_sound_with_right_crc(other));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period__is_eight_hours_also_before_1970),
        cmocka_unit_test(test_period__begins_and_ends_at_both_ends_of_time_too),
        cmocka_unit_test(test_runs__of_nothing_are_none),
        cmocka_unit_test(test_runs__keep_every_width_of_steps),
        cmocka_unit_test(test_runs__end_at_gaps_and_at_what_was_not_worn),
        cmocka_unit_test(test_runs__of_each_length_are_together_also_interleaved),
        cmocka_unit_test(test_runs__have_so_many_readings_and_no_more),
        cmocka_unit_test(test_runs__keep_both_ends_of_time),
        cmocka_unit_test(test_runs__of_drawn_readings_come_back),
        cmocka_unit_test(test_run__of_minutes_takes_a_byte_each),
        cmocka_unit_test(test_run__any_other_value_is_damage),
        cmocka_unit_test(test_run__that_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
