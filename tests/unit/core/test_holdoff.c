/* test_holdoff.c -- so often something may happen, and how soon again. */
#include "draw.h"

#include "stepward/alert.h"

static const int64_t T = 1773136800;

/* How many of one a second may come in so many seconds. */
static int come(struct sw_holdoff *holdoff, int64_t from_s, int seconds)
{
    int n = 0;
    for (int64_t s = from_s; s < from_s + seconds; s++) {
        if (!sw_holdoff_allows(holdoff, s))
            continue;
        sw_holdoff_note(holdoff, s);
        n++;
    }
    return n;
}

static void test_first_ones__come_at_any_speed_then_one_at_a_time(void **state)
{
    (void)state;
    struct sw_holdoff holdoff = {0};
    assert_int_equal(come(&holdoff, T, SW_HOLDOFF_EVERY_S), SW_HOLDOFF_FREE);
    for (int i = 1; i < 100; i++)
        assert_int_equal(come(&holdoff, T + i * SW_HOLDOFF_EVERY_S, SW_HOLDOFF_EVERY_S),
                         1);
}

static void test_quiet__makes_room_again(void **state)
{
    (void)state;
    struct sw_holdoff holdoff = {0};
    int64_t all_s = SW_HOLDOFF_FREE * SW_HOLDOFF_EVERY_S;
    come(&holdoff, T, 10);
    assert_int_equal(come(&holdoff, T + all_s / 2, 10), SW_HOLDOFF_FREE / 2);
    assert_int_equal(come(&holdoff, T + 10 * all_s, 10), SW_HOLDOFF_FREE);
}

static void test_one_now_and_then__is_never_held_off(void **state)
{
    (void)state;
    struct sw_holdoff holdoff = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(come(&holdoff, T + i * SW_HOLDOFF_EVERY_S, 1), 1);
}

static void test_clock_put_back__holds_nothing_off_until_then(void **state)
{
    (void)state;
    struct sw_holdoff holdoff = {0};
    come(&holdoff, T, 10);
    assert_int_equal(come(&holdoff, T - 86400, 10), SW_HOLDOFF_FREE);
}

/* More may come in one go than are allowed: what is noted is no more than all. */
static void test_many_at_once__are_no_debt(void **state)
{
    (void)state;
    struct sw_holdoff holdoff = {0};
    for (int i = 0; i < 256; i++)
        sw_holdoff_note(&holdoff, T);
    assert_false(sw_holdoff_allows(&holdoff, T + SW_HOLDOFF_EVERY_S - 1));
    assert_true(sw_holdoff_allows(&holdoff, T + SW_HOLDOFF_EVERY_S));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_first_ones__come_at_any_speed_then_one_at_a_time),
        cmocka_unit_test(test_quiet__makes_room_again),
        cmocka_unit_test(test_one_now_and_then__is_never_held_off),
        cmocka_unit_test(test_clock_put_back__holds_nothing_off_until_then),
        cmocka_unit_test(test_many_at_once__are_no_debt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
