/* What alerts rest on beside today: last valid days, last scores, batteries. */
#include "store_fixture.h"

enum { DAY = 20541, MAX = 8 };
static const int64_t NOW_S = 1774779300;

/* ---- the last valid days ---- */

struct days {
    int32_t day[MAX];
    int64_t steps[MAX];
    size_t n;
};

static int keep_day(void *ctx, const struct sw_day_row *row)
{
    struct days *days = ctx;
    days->day[days->n] = row->day;
    days->steps[days->n++] = row->steps;
    return 0;
}

static void put_day(struct fixture *f, int64_t key, int32_t day, bool valid)
{
    struct sw_day_row row = {.day = day, .steps = day, .valid = valid};
    assert_int_equal(sw_store_put_day(f->store, key, day, &row), 0);
}

static void test_last_valid_days__newest_first_and_no_others(void **state)
{
    struct fixture *f = *state;
    struct days days = {.n = 0};
    int64_t key = add_patient(f->store, "p1"), other = add_patient(f->store, "p2");
    for (int32_t day = DAY - 9; day <= DAY; day++)
        put_day(f, key, day, day % 2 == 0);
    put_day(f, other, DAY - 1, true);
    assert_int_equal(
        sw_store_last_valid_days(f->store, key, DAY - 1, 3, keep_day, &days), 0);
    assert_int_equal(days.n, 3);
    assert_int_equal(days.day[0], DAY - 3); /* DAY - 1 is valid, and not before it */
    assert_int_equal(days.day[1], DAY - 5);
    assert_int_equal(days.day[2], DAY - 7);
    assert_int_equal(days.steps[2], DAY - 7);
}

/* ---- the last scores ---- */

static void put_pain(struct fixture *f, int64_t key, int64_t at_s, double score)
{
    struct sw_pain pain = {.at_s = at_s, .score = score};
    assert_true(sw_store_put_pain(f->store, key, &pain) >= 0);
}

static struct sw_day_set last_pains(struct fixture *f, int64_t key)
{
    struct sw_day_set set = {.n_pains = 0};
    assert_int_equal(sw_store_load_last_pains(f->store, key, &set), 0);
    return set;
}

static void test_last_pains__are_those_of_the_week_before_the_newest(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), other = add_patient(f->store, "p2");
    struct sw_day_set set = last_pains(f, key);
    assert_int_equal(set.n_pains, 0);
    put_pain(f, other, NOW_S + 5, 9);
    put_pain(f, key, NOW_S, 4.5);
    put_pain(f, key, NOW_S - 7 * 86400, 2);
    put_pain(f, key, NOW_S - 7 * 86400 - 1, 1);
    set = last_pains(f, key);
    assert_int_equal(set.n_pains, 2);
    assert_true(set.pains[0].score == 2 && set.pains[1].score == 4.5);
    sw_day_set_fini(&set);
}

static void test_last_pains__of_a_flood_the_newest_are_enough(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(sw_store_begin(f->store), 0);
    for (int i = 0; i < SW_STORE_PAINS_MAX + 10; i++)
        put_pain(f, key, NOW_S + i, 3);
    assert_int_equal(sw_store_commit(f->store), 0);
    struct sw_day_set set = last_pains(f, key);
    assert_int_equal(set.n_pains, SW_STORE_PAINS_MAX);
    assert_int_equal(set.pains[0].at_s, NOW_S + 10);
    sw_day_set_fini(&set);
}

/* ---- batteries ---- */

struct batteries {
    struct sw_battery items[MAX];
    size_t n;
};

static int keep_battery(void *ctx, const struct sw_battery *battery)
{
    struct batteries *batteries = ctx;
    batteries->items[batteries->n++] = *battery;
    return 0;
}

static struct batteries batteries_of(struct fixture *f, int64_t key)
{
    struct batteries found = {.n = 0};
    assert_int_equal(sw_store_each_battery(f->store, key, keep_battery, &found), 0);
    return found;
}

static int put_battery(struct fixture *f, int64_t key, const char *device, int32_t pct,
                       int64_t at_s)
{
    struct sw_battery battery = {.device = device_id(device), .pct = pct, .at_s = at_s};
    return sw_store_put_battery(f->store, key, &battery);
}

static void test_battery__the_newest_level_counts_in_any_order(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(put_battery(f, key, "", 50, NOW_S), SW_STORE_CHANGED);
    assert_int_equal(put_battery(f, key, "", 90, NOW_S - 1), 0);
    assert_int_equal(put_battery(f, key, "", 51, NOW_S), 0);
    assert_int_equal(put_battery(f, key, "", 49, NOW_S), SW_STORE_CHANGED);
    assert_int_equal(put_battery(f, key, "", 49, NOW_S), 0);
    reopen(f);
    struct batteries found = batteries_of(f, key);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.items[0].pct, 49);
    assert_int_equal(found.items[0].at_s, NOW_S);
}

static void test_battery__comes_newest_first_of_devices_that_told_one(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), silent,
            other = add_patient(f->store, "p2");
    struct sw_device_id quiet = device_id("quiet");
    put_battery(f, key, "a", 10, NOW_S - 60);
    put_battery(f, key, "b", 0, NOW_S);
    put_battery(f, other, "c", 5, NOW_S);
    assert_int_equal(sw_store_device_key(f->store, key, &quiet, &silent), 0);
    struct batteries found = batteries_of(f, key);
    assert_int_equal(found.n, 2);
    assert_string_equal(found.items[0].device.str, "b");
    assert_int_equal(found.items[0].pct, 0);
    assert_string_equal(found.items[1].device.str, "a");
    assert_int_equal(put_battery(f, other + 1, "x", 5, NOW_S), -ENOENT);
}

static void test_battery__of_a_device_given_to_another_is_not_theirs(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), other = add_patient(f->store, "p2");
    struct sw_device_id band = device_id("band");
    put_battery(f, key, "band", 10, NOW_S);
    assert_int_equal(sw_store_put_assignment(f->store, &band, NOW_S - 9, key), 0);
    assert_int_equal(batteries_of(f, key).n, 1);
    assert_int_equal(sw_store_put_assignment(f->store, &band, NOW_S + 9, other), 0);
    assert_int_equal(batteries_of(f, key).n, 0);
    assert_int_equal(sw_store_put_assignment(f->store, &band, NOW_S + 99, key), 0);
    assert_int_equal(batteries_of(f, key).n, 1);
    assert_int_equal(sw_store_put_assignment(f->store, &band, NOW_S + 999, 0), 0);
    assert_int_equal(batteries_of(f, key).n, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_last_valid_days__newest_first_and_no_others),
        TEST(test_last_pains__are_those_of_the_week_before_the_newest),
        TEST(test_last_pains__of_a_flood_the_newest_are_enough),
        TEST(test_battery__the_newest_level_counts_in_any_order),
        TEST(test_battery__comes_newest_first_of_devices_that_told_one),
        TEST(test_battery__of_a_device_given_to_another_is_not_theirs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
