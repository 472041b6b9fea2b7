/* Readings of many devices as bytes: what comes back is what went in, in its order. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "store/slip.h"

enum { MANY = 2000, MORNING_S = 1795850100 };

struct said {
    int64_t device_key;
    struct sw_reading reading;
};

/* 0..n-1, the same in every run. */
static int draw(int n)
{
    static uint64_t state = 1;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (int)((state >> 33) % (uint64_t)n);
}

static void add_all(struct sw_slip *slip, const struct said *said, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sw_slip_add(slip, said[i].device_key, &said[i].reading), 0);
    assert_int_equal(slip->n, n);
    sw_slip_seal(slip);
}

static void check_holds(const struct sw_slip *slip, const struct said *said, size_t n)
{
    struct sw_slip_reader reader;
    struct sw_reading reading;
    int64_t device_key;
    assert_int_equal(sw_slip_open(&reader, slip->pack.bytes, slip->pack.len), 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(sw_slip_next(&reader, &device_key, &reading), 1);
        assert_int_equal(device_key, said[i].device_key);
        assert_int_equal(reading.start_s, said[i].reading.start_s);
        assert_int_equal(reading.seconds, said[i].reading.seconds);
        assert_int_equal(reading.steps, said[i].reading.steps);
        assert_int_equal(reading.worn, said[i].reading.worn);
    }
    assert_int_equal(sw_slip_next(&reader, &device_key, &reading), 0);
}

static void check_comes_back(const struct said *said, size_t n)
{
    struct sw_slip slip = {0};
    add_all(&slip, said, n);
    check_holds(&slip, said, n);
    sw_slip_clear(&slip); /* and once more in the same memory */
    add_all(&slip, said, n);
    check_holds(&slip, said, n);
    sw_slip_fini(&slip);
}

static void test_slip__comes_back_as_it_went_in(void **state)
{
    static struct said said[MANY];
    (void)state;
    for (int i = 0; i < MANY; i++)
        said[i] = (struct said){
            .device_key = draw(1000) + 1,
            .reading = {MORNING_S + draw(100000), 1 + draw(86400), draw(1000), draw(2)},
        };
    check_comes_back(said, MANY);
    check_comes_back(said, 1);
}

static void test_slip__holds_the_ends_of_every_range(void **state)
{
    static const struct said said[] = {
        {INT64_MAX, {INT64_MIN, 86400, INT32_MAX, true}},
        {INT64_MIN, {INT64_MAX, 1, 0, false}},
        {0, {0, 1, 0, false}},
        {1, {INT64_MIN, 86400, INT32_MAX, true}},
    };
    (void)state;
    check_comes_back(said, sizeof said / sizeof *said);
}

static void test_minute__of_a_hundred_devices_takes_four_bytes_each(void **state)
{
    struct sw_slip slip = {0};
    (void)state;
    for (int i = 0; i < 100; i++) {
        const struct sw_reading reading = {MORNING_S, 60, draw(120), true};
        assert_int_equal(sw_slip_add(&slip, i + 1, &reading), 0);
    }
    assert_in_range(slip.pack.len, 1, 5 + 4 * 100 + 4);
    sw_slip_fini(&slip);
}

static int read_all(const void *bytes, size_t len)
{
    struct sw_slip_reader reader;
    struct sw_reading reading;
    int64_t device_key;
    int r = sw_slip_open(&reader, bytes, len);
    while (r == 0 && (r = sw_slip_next(&reader, &device_key, &reading)) == 1)
        r = 0;
    return r;
}

static void test_damage__of_any_byte_is_found(void **state)
{
    static const struct said said[] = {{7, {MORNING_S, 60, 300, true}},
                                       {8, {MORNING_S, 60, 0, false}}};
    struct sw_slip slip = {0};
    (void)state;
    add_all(&slip, said, 2);
    for (size_t i = 0; i < slip.pack.len; i++) {
        slip.pack.bytes[i] ^= 1;
        assert_int_equal(read_all(slip.pack.bytes, slip.pack.len), -EUCLEAN);
        slip.pack.bytes[i] ^= 1;
        assert_int_equal(read_all(slip.pack.bytes, i), -EUCLEAN);
    }
    assert_int_equal(read_all(slip.pack.bytes, slip.pack.len), 0);
    sw_slip_fini(&slip);
}

/* Sealed right, but by no slip. */
static void check_refused(const unsigned char *body, size_t len)
{
    struct sw_pack pack = {0};
    assert_int_equal(sw_pack_begin(&pack), 0);
    assert_int_equal(sw_pack_reserve(&pack, len), 0);
    for (size_t i = 0; i < len; i++)
        sw_put_byte(&pack, body[i]);
    sw_pack_seal(&pack, 2);
    assert_int_equal(read_all(pack.bytes, pack.len), -EUCLEAN);
    sw_pack_fini(&pack);
}

static void test_bytes__that_are_no_reading_are_refused(void **state)
{
    static const unsigned char no_length[] = {2, 2, 1, 5}, cut[] = {2, 2, 121};
    static const unsigned char over_a_day[] = {2, 2, 0x83, 0xc6, 0x0a, 5};
    static const unsigned char many_steps[] = {2, 2, 121, 0x80, 0x80, 0x80, 0x80, 8};
    (void)state;
    check_refused(no_length, sizeof no_length);
    check_refused(cut, sizeof cut);
    check_refused(over_a_day, sizeof over_a_day);
    check_refused(many_steps, sizeof many_steps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slip__comes_back_as_it_went_in),
        cmocka_unit_test(test_slip__holds_the_ends_of_every_range),
        cmocka_unit_test(test_minute__of_a_hundred_devices_takes_four_bytes_each),
        cmocka_unit_test(test_damage__of_any_byte_is_found),
        cmocka_unit_test(test_bytes__that_are_no_reading_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
