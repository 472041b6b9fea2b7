/* test_sim_year.c -- the year of a simulated patient: each thing that happens in it can
 * be seen in what the devices send. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "simulate/sim_life.h"
#include "simulate/sim_year.h"
#include "stepward/host.h"

enum { YEAR = 365, N_PATIENTS = 10, N_SEEDS = 3 };

/* 2026-11-30 15:00 in Berlin. */
static const int64_t now_s = 1796047200;

static struct sw_zone zone;

static int load_zone(void **state)
{
    (void)state;
    return sw_zone_load(&zone, "Europe/Berlin");
}

static int unload_zone(void **state)
{
    (void)state;
    sw_zone_fini(&zone);
    return 0;
}

static struct sim_life life_of(uint64_t seed)
{
    struct sw_plan plan = sw_plan_default();
    return sim_life_new(seed, &zone, &plan, now_s);
}

/* What is sent of a day by the band in use. */
struct total {
    int32_t steps, worn_min, bare_min, mute_min;
};

static struct total total_of(const struct sim_life *life, size_t patient, int32_t day)
{
    struct total total = {0};
    int64_t end_s = sw_day_begin(&zone, day + 1);
    for (int64_t at_s = sw_day_begin(&zone, day); at_s < end_s; at_s += 60) {
        struct sim_minute minute = sim_life_minute(life, patient, at_s);
        total.steps += minute.steps;
        total.worn_min += minute.is_sent && minute.worn;
        total.bare_min += minute.is_sent && !minute.worn;
        total.mute_min += !minute.is_sent;
    }
    return total;
}

/* A mean over days of one sort. */
struct mean {
    double sum;
    int n;
};

static void add(struct mean *mean, double value)
{
    mean->sum += value;
    mean->n++;
}

static double value_of(const struct mean *mean)
{
    assert_true(mean->n > 0);
    return mean->sum / mean->n;
}

/* The first day of the flare. */
static int32_t flare_of(const struct sim_life *life, size_t patient)
{
    int32_t day = life->anchor_day - YEAR;
    while (!sim_year_day(life, patient, day).is_flare)
        day++;
    assert_true(day < life->anchor_day);
    return day;
}

static bool is_usual(const struct sim_day *day)
{
    return !day->is_flare && !day->is_boom && !day->is_bust && day->holiday_day == 0 &&
           day->mute_to_min == 0 && day->mute_until_min == 0;
}

static double mean_pain(const struct sim_life *life, size_t patient, int32_t from,
                        int32_t to)
{
    struct mean mean = {0};
    struct sw_pain pain;
    for (int32_t day = from; day < to; day++)
        for (int nth = 0; nth < SIM_PAINS_A_DAY_MAX; nth++)
            if (sim_year_pain(life, patient, day, nth, &pain))
                add(&mean, pain.score);
    return value_of(&mean);
}

static void test_year__a_weekend_differs_from_the_week(void **state)
{
    (void)state;
    struct sim_life life = life_of(1);
    struct mean steps[2] = {0}, wake[2] = {0};
    for (int32_t ago = 15; ago < YEAR; ago++) {
        struct sim_day day = sim_year_day(&life, SIM_WALKER, life.anchor_day - ago);
        if (!is_usual(&day))
            continue;
        add(&wake[day.is_weekend], day.wake_min);
        add(&steps[day.is_weekend],
            total_of(&life, SIM_WALKER, life.anchor_day - ago).steps);
    }
    assert_true(value_of(&steps[1]) < 0.9 * value_of(&steps[0]));
    assert_true(value_of(&wake[1]) > value_of(&wake[0]) + 30);
}

static void test_year__who_gets_better_walks_more_and_hurts_less(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++) {
        struct sim_life life = life_of(seed);
        struct mean then = {0}, now = {0};
        for (int32_t i = 1; i <= 28; i++) {
            int32_t day = life.anchor_day - i;
            add(&now, total_of(&life, SIM_WALKER, day).steps);
            add(&then, total_of(&life, SIM_WALKER, day - YEAR + 28).steps);
        }
        assert_true(value_of(&now) > 1.5 * value_of(&then));
        assert_true(
            mean_pain(&life, SIM_WALKER, life.anchor_day - 28, life.anchor_day) + 1 <
            mean_pain(&life, SIM_WALKER, life.anchor_day - YEAR,
                      life.anchor_day - YEAR + 28));
    }
}

static void test_year__a_flare_of_two_weeks_hurts_and_slows(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++)
        for (size_t patient = 0; patient < N_PATIENTS; patient++) {
            struct sim_life life = life_of(seed);
            struct mean before = {0}, during = {0};
            int32_t first = flare_of(&life, patient), n_flare = 0;
            for (int32_t day = life.anchor_day - YEAR; day <= life.anchor_day; day++)
                n_flare += sim_year_day(&life, patient, day).is_flare;
            assert_int_equal(n_flare, 14);
            for (int32_t i = 0; i < 14; i++) {
                add(&during, total_of(&life, patient, first + i).steps);
                add(&before, total_of(&life, patient, first - 14 + i).steps);
            }
            assert_true(value_of(&during) < 0.7 * value_of(&before));
            assert_true(mean_pain(&life, patient, first, first + 14) >
                        mean_pain(&life, patient, first - 28, first) + 1.5);
        }
}

static void test_year__a_boom_is_followed_by_two_low_days(void **state)
{
    (void)state;
    struct sim_life life = life_of(1);
    struct mean boom = {0}, bust = {0}, usual = {0};
    for (int32_t day = life.anchor_day - YEAR; day < life.anchor_day - 14; day++) {
        struct sim_day today = sim_year_day(&life, SIM_WALKER, day);
        int32_t steps = total_of(&life, SIM_WALKER, day).steps;
        if (today.is_boom) {
            assert_true(sim_year_day(&life, SIM_WALKER, day + 1).is_bust ||
                        sim_year_day(&life, SIM_WALKER, day + 1).is_boom);
            assert_true(sim_year_day(&life, SIM_WALKER, day + 2).is_bust ||
                        sim_year_day(&life, SIM_WALKER, day + 2).is_boom);
            add(&boom, steps);
        } else if (today.is_bust) {
            add(&bust, steps);
        } else if (is_usual(&today)) {
            add(&usual, steps);
        }
    }
    assert_in_range(boom.n, 4, 25);
    assert_true(value_of(&boom) > 1.5 * value_of(&usual));
    assert_true(value_of(&bust) < 0.7 * value_of(&usual));
}

static void test_year__of_the_holiday_nothing_is_worn(void **state)
{
    (void)state;
    for (size_t patient = 0; patient < N_PATIENTS; patient++) {
        struct sim_life life = life_of(1);
        int32_t n_days = 0, n_bare = 0, n_mute = 0;
        for (int32_t day = life.anchor_day - YEAR; day < life.anchor_day; day++) {
            if (sim_year_day(&life, patient, day).holiday_day == 0)
                continue;
            struct total total = total_of(&life, patient, day);
            assert_int_equal(total.worn_min, 0);
            n_days++;
            n_bare += total.bare_min > 0;
            n_mute += total.bare_min == 0;
        }
        assert_int_equal(n_days, 10);
        assert_true(n_bare >= 1 && n_mute >= 5);
    }
}

static void test_year__a_new_band_comes_and_the_old_one_stays_for_a_day(void **state)
{
    (void)state;
    for (size_t patient = 0; patient < N_PATIENTS; patient++) {
        struct sim_life life = life_of(1);
        int32_t first = sim_year_new_band(&life, patient);
        assert_in_range(life.anchor_day - first, 14, 90);
        for (int32_t day = first - 2; day < first + 3; day++) {
            int n_old = 0, n_new = 0, n_old_worn = 0;
            for (int32_t minute = 0; minute < 1440; minute += 5) {
                int64_t at_s = sw_minute_begin(&zone, day, minute);
                struct sim_minute old = sim_life_band(&life, patient, 0, at_s);
                n_old += old.is_sent;
                n_old_worn += old.worn;
                n_new += sim_life_band(&life, patient, 1, at_s).is_sent;
            }
            assert_int_equal(n_new > 0, day >= first);
            assert_int_equal(n_old > 0, day <= first);
            assert_true(day < first || n_old_worn == 0);
        }
        assert_string_not_equal(sim_band_id(patient, 0).str,
                                sim_band_id(patient, 1).str);
        assert_string_not_equal(sim_band_id(patient, 0).str,
                                sim_band_id(patient + 1, 0).str);
    }
}

static void test_year__most_days_have_a_score_that_a_device_may_send(void **state)
{
    (void)state;
    for (size_t patient = 0; patient < N_PATIENTS; patient++) {
        struct sim_life life = life_of(2);
        int n_days = 0;
        for (int32_t day = life.anchor_day - YEAR; day <= life.anchor_day; day++) {
            struct sw_pain pain;
            n_days += sim_year_pain(&life, patient, day, 0, &pain);
            for (int nth = 0; nth < SIM_PAINS_A_DAY_MAX; nth++)
                if (sim_year_pain(&life, patient, day, nth, &pain)) {
                    assert_true(pain.score >= 0 && pain.score <= 10);
                    assert_int_equal(sw_day_of(&zone, pain.at_s), day);
                }
        }
        assert_in_range(n_days, YEAR / 2, YEAR * 9 / 10);
    }
}

/* Else it would raise alerts that are not the story of the kind. */
static void test_year__the_last_days_have_no_score_or_battery_for_an_alert(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= N_SEEDS; seed++)
        for (size_t patient = 0; patient < N_PATIENTS; patient++) {
            struct sim_life life = life_of(seed);
            double least = 10, most = 0;
            for (int32_t day = life.anchor_day - 8; day <= life.anchor_day + 1; day++) {
                struct sw_pain pain;
                if (sim_year_pain(&life, patient, day, 0, &pain)) {
                    least = fmin(least, pain.score);
                    most = fmax(most, pain.score);
                    assert_false(pain.flare);
                }
                for (int32_t minute = 0; minute < 1440; minute += 10)
                    assert_in_range(sim_year_battery(&life, patient, day, minute), 21,
                                    100);
            }
            assert_true(most < 7 && most - least < 2);
        }
}

static void test_year__a_battery_falls_and_is_charged_unworn(void **state)
{
    (void)state;
    struct sim_life life = life_of(1);
    int n_charged = 0, n_empty = 0, last_pct = 100;
    for (int32_t day = life.anchor_day - YEAR; day < life.anchor_day; day++) {
        struct sim_day today = sim_year_day(&life, SIM_WALKER, day);
        if (today.holiday_day > 0)
            continue;
        if (today.charge_to_min > today.charge_from_min)
            assert_false(
                sim_life_minute(&life, SIM_WALKER,
                                sw_minute_begin(&zone, day, today.charge_from_min + 10))
                    .worn);
        n_empty += today.mute_to_min == 1440;
        for (int32_t minute = 0; minute < 1440; minute += 10) {
            int pct = sim_year_battery(&life, SIM_WALKER, day, minute);
            assert_in_range(pct, 1, 100);
            n_charged += pct > last_pct + 30;
            last_pct = pct;
        }
    }
    assert_in_range(n_charged, 50, 95);
    assert_in_range(n_empty, 4, 40);
}

static void test_year__there_are_nights_without_the_band_and_gaps(void **state)
{
    (void)state;
    struct sim_life life = life_of(1);
    int n_bare = 0, n_gaps = 0;
    for (int32_t day = life.anchor_day - YEAR; day < life.anchor_day; day++) {
        struct sim_day today = sim_year_day(&life, SIM_WALKER, day);
        n_bare += today.worn_from_min > 0;
        n_gaps += today.mute_to_min > 0 && today.mute_to_min < 1440;
    }
    assert_in_range(n_bare, 60, 180);
    assert_in_range(n_gaps, 3, 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_year__a_weekend_differs_from_the_week),
        cmocka_unit_test(test_year__who_gets_better_walks_more_and_hurts_less),
        cmocka_unit_test(test_year__a_flare_of_two_weeks_hurts_and_slows),
        cmocka_unit_test(test_year__a_boom_is_followed_by_two_low_days),
        cmocka_unit_test(test_year__of_the_holiday_nothing_is_worn),
        cmocka_unit_test(test_year__a_new_band_comes_and_the_old_one_stays_for_a_day),
        cmocka_unit_test(test_year__most_days_have_a_score_that_a_device_may_send),
        cmocka_unit_test(
            test_year__the_last_days_have_no_score_or_battery_for_an_alert),
        cmocka_unit_test(test_year__a_battery_falls_and_is_charged_unworn),
        cmocka_unit_test(test_year__there_are_nights_without_the_band_and_gaps),
    };
    return cmocka_run_group_tests_name("sim_year", tests, load_zone, unload_zone);
}
