/* test_array.c -- an array grows and keeps what is in it, or says that it cannot. */
#include "util/array.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void test_array__keeps_its_items_while_it_grows(void **state)
{
    (void)state;
    int64_t *items = NULL;
    size_t n = 0, cap = 0, moves = 0;
    for (int64_t i = 0; i < 100000; i++) {
        size_t cap_before = cap;
        assert_int_equal(GROW(items, n, cap), 0);
        moves += cap != cap_before;
        items[n++] = i;
    }
    for (size_t i = 0; i < n; i++)
        assert_int_equal(items[i], i);
    assert_in_range(moves, 1, 17);
    free(items);
}

static void test_array__reserves_as_many_as_are_asked_for(void **state)
{
    (void)state;
    char *bytes = NULL;
    size_t cap = 0;
    assert_int_equal(RESERVE(bytes, 100000, cap), 0);
    assert_true(cap >= 100000);
    bytes[99999] = 'x';
    assert_int_equal(RESERVE(bytes, 5, cap), 0);
    assert_int_equal(bytes[99999], 'x');
    free(bytes);
}

static void test_array__more_than_there_is_leaves_it_as_it_was(void **state)
{
    (void)state;
    int64_t *items = NULL, *before;
    size_t cap = 0, cap_before;
    assert_int_equal(GROW(items, 0, cap), 0);
    items[0] = 7;
    before = items;
    cap_before = cap;
    assert_int_equal(RESERVE(items, SIZE_MAX / 2, cap), -ENOMEM);
    assert_int_equal(RESERVE(items, SIZE_MAX, cap), -ENOMEM);
    assert_ptr_equal(items, before);
    assert_int_equal(cap, cap_before);
    assert_int_equal(items[0], 7);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_array__keeps_its_items_while_it_grows),
        cmocka_unit_test(test_array__reserves_as_many_as_are_asked_for),
        cmocka_unit_test(test_array__more_than_there_is_leaves_it_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
