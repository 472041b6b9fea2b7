/* Readings as bytes: what comes back is what went in, and no byte may be another. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/pack.h"

enum { PERIOD = 76000, BEGIN_S = PERIOD * SW_PACK_SECONDS, MANY = 2000 };

/* 0..n-1, the same in every run. */
static int draw(int n)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

static void check_same(const struct sw_reading *a, const struct sw_reading *b)
{
    assert_int_equal(a->start_s, b->start_s);
    assert_int_equal(a->seconds, b->seconds);
    assert_int_equal(a->steps, b->steps);
    assert_int_equal(a->worn, b->worn);
}

static void check_comes_back(int64_t period, const struct sw_reading *readings,
                             size_t n)
{
    struct sw_pack pack = {0};
    struct sw_pack_reader reader;
    struct sw_reading reading;
    assert_int_equal(sw_pack_encode(&pack, period, readings, n), 0);
    assert_int_equal(sw_pack_open(&reader, period, pack.bytes, pack.len), 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(sw_pack_next(&reader, &reading), 1);
        check_same(&reading, &readings[i]);
    }
    assert_int_equal(sw_pack_next(&reader, &reading), 0);
    sw_pack_fini(&pack);
}

static struct sw_reading minute(int i, int32_t steps)
{
    return (struct sw_reading){BEGIN_S + 60 * i, 60, steps, true};
}

static size_t bytes_of(const struct sw_reading *readings, size_t n)
{
    struct sw_pack pack = {0};
    assert_int_equal(sw_pack_encode(&pack, PERIOD, readings, n), 0);
    size_t len = pack.len;
    sw_pack_fini(&pack);
    return len;
}

static void test_period__is_six_hours_also_before_1970(void **state)
{
    (void)state;
    assert_int_equal(sw_pack_period(0), 0);
    assert_int_equal(sw_pack_period(21599), 0);
    assert_int_equal(sw_pack_period(21600), 1);
    assert_int_equal(sw_pack_period(-1), -1);
    assert_int_equal(sw_pack_period(-21600), -1);
    assert_int_equal(sw_pack_period(-21601), -2);
}

static void test_pack__of_nothing_is_empty(void **state)
{
    (void)state;
    check_comes_back(PERIOD, NULL, 0);
}

static void test_pack__keeps_every_kind_of_steps(void **state)
{
    (void)state;
    static const int32_t steps[] = {0, 1,   239, 240, 254,   255, 256, 0, 0, INT32_MAX,
                                    0, 127, 128, 0,   65536, 0,   0,   0, 5};
    struct sw_reading readings[sizeof steps / sizeof *steps];
    for (int i = 0; i < (int)(sizeof steps / sizeof *steps); i++)
        readings[i] = minute(i, steps[i]);
    check_comes_back(PERIOD, readings, sizeof steps / sizeof *steps);
}

static void test_pack__keeps_runs_of_zeros_of_any_length(void **state)
{
    (void)state;
    struct sw_reading readings[60];
    for (int zeros = 0; zeros < 58; zeros++) {
        for (int i = 0; i < 60; i++)
            readings[i] = minute(i, i > 0 && i <= zeros ? 0 : 7);
        check_comes_back(PERIOD, readings, 60);
    }
}

static void test_pack__keeps_overlaps_gaps_and_what_was_not_worn(void **state)
{
    (void)state;
    const struct sw_reading readings[] = {
        {BEGIN_S, 1, 1, true},         {BEGIN_S, 60, 1, false},
        {BEGIN_S, 86400, 9, true},     {BEGIN_S + 30, 60, 2, true},
        {BEGIN_S + 90, 60, 0, false},  {BEGIN_S + 150, 60, 0, true},
        {BEGIN_S + 21599, 1, 3, true},
    };
    check_comes_back(PERIOD, readings, sizeof readings / sizeof *readings);
}

static void test_pack__keeps_both_ends_of_time(void **state)
{
    (void)state;
    const struct sw_reading first = {INT64_MIN, 60, 1, true};
    const struct sw_reading last = {INT64_MAX - 60, 60, 1, true};
    check_comes_back(sw_pack_period(first.start_s), &first, 1);
    check_comes_back(sw_pack_period(last.start_s), &last, 1);
}

static void test_pack__of_drawn_readings_comes_back(void **state)
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
            if (at_s >= BEGIN_S + SW_PACK_SECONDS)
                n = i + 1;
        }
        check_comes_back(PERIOD, readings, n);
    }
    free(readings);
}

/* What the database's size rests on. */
static void test_pack__of_minutes_takes_a_byte_each(void **state)
{
    (void)state;
    struct sw_reading readings[360];
    for (int i = 0; i < 360; i++)
        readings[i] = minute(i, 1 + i % 200);
    assert_true(bytes_of(readings, 360) <= 360 + 20);
    for (int i = 0; i < 360; i++)
        readings[i] = minute(i, 0);
    assert_true(bytes_of(readings, 360) <= 360 / 16 + 20);
}

/* ---- damage ---- */

static int read_all(const unsigned char *bytes, size_t len)
{
    struct sw_pack_reader reader;
    struct sw_reading reading;
    int r = sw_pack_open(&reader, PERIOD, bytes, len);
    while (r == 0 && (r = sw_pack_next(&reader, &reading)) == 1)
        r = 0;
    return r;
}

static void test_pack__any_flipped_bit_and_any_cut_is_damage(void **state)
{
    (void)state;
    struct sw_reading readings[50];
    struct sw_pack pack = {0};
    for (int i = 0; i < 50; i++)
        readings[i] = minute(i, i % 7 ? i * 11 : 0);
    assert_int_equal(sw_pack_encode(&pack, PERIOD, readings, 50), 0);
    for (size_t bit = 0; bit < 8 * pack.len; bit++) {
        pack.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        assert_int_equal(read_all(pack.bytes, pack.len), -EUCLEAN);
        pack.bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    for (size_t len = 0; len < pack.len; len++)
        assert_int_equal(read_all(pack.bytes, len), -EUCLEAN);
    assert_int_equal(read_all(pack.bytes, pack.len), 0);
    sw_pack_fini(&pack);
}

static void test_pack__of_another_period_is_damage(void **state)
{
    (void)state;
    struct sw_reading reading = minute(0, 5);
    struct sw_pack pack = {0};
    struct sw_pack_reader reader;
    assert_int_equal(sw_pack_encode(&pack, PERIOD, &reading, 1), 0);
    reading.start_s += SW_PACK_SECONDS;
    assert_int_equal(sw_pack_encode(&pack, PERIOD, &reading, 1), 0);
    assert_int_equal(sw_pack_open(&reader, PERIOD, pack.bytes, pack.len), 0);
    assert_int_equal(sw_pack_next(&reader, &reading), -EUCLEAN);
    sw_pack_fini(&pack);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_period__is_six_hours_also_before_1970),
        cmocka_unit_test(test_pack__of_nothing_is_empty),
        cmocka_unit_test(test_pack__keeps_every_kind_of_steps),
        cmocka_unit_test(test_pack__keeps_runs_of_zeros_of_any_length),
        cmocka_unit_test(test_pack__keeps_overlaps_gaps_and_what_was_not_worn),
        cmocka_unit_test(test_pack__keeps_both_ends_of_time),
        cmocka_unit_test(test_pack__of_drawn_readings_comes_back),
        cmocka_unit_test(test_pack__of_minutes_takes_a_byte_each),
        cmocka_unit_test(test_pack__any_flipped_bit_and_any_cut_is_damage),
        cmocka_unit_test(test_pack__of_another_period_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
