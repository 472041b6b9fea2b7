/* test_line.c -- a line that is put together never runs over its buffer. */
#include "util/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_line__pieces_follow_each_other(void **state)
{
    (void)state;
    char out[32];
    struct sw_line line = sw_line(out, sizeof out);
    assert_string_equal(out, "");
    assert_true(sw_line_add(&line, "%s", "rest"));
    assert_true(sw_line_add(&line, ", %d min", 65));
    assert_string_equal(out, "rest, 65 min");
    assert_int_equal(line.n, strlen(out));
}

/* Every size of buffer and every length of piece: what is there is the beginning of the
 * whole, and what lies behind the buffer is not touched. */
static void test_line__what_does_not_fit_is_cut(void **state)
{
    (void)state;
    enum { MOST = 20, GUARD = 'x' };
    for (size_t size = 1; size <= MOST; size++)
        for (int piece = 0; piece <= MOST; piece++) {
            char out[2 * MOST], whole[4 * MOST] = "";
            memset(out, GUARD, sizeof out);
            struct sw_line line = sw_line(out, size);
            for (int i = 0; i < 3; i++) {
                size_t before = strlen(whole);
                memset(whole + before, 'a' + i, (size_t)piece);
                whole[before + (size_t)piece] = '\0';
                bool fits = sw_line_add(&line, "%s", whole + before);
                assert_true(fits == (before + (size_t)piece < size) || before >= size);
            }
            size_t expected = strlen(whole) < size ? strlen(whole) : size - 1;
            assert_int_equal(strlen(out), expected);
            assert_int_equal(line.n, expected);
            assert_memory_equal(out, whole, expected);
            for (size_t i = size; i < sizeof out; i++)
                assert_int_equal(out[i], GUARD);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_line__pieces_follow_each_other),
        cmocka_unit_test(test_line__what_does_not_fit_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
