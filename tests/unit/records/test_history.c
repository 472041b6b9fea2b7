/* test_history.c -- what is known of a patient over many days, at once. */
#include "records/history.h"

#include "../../lib/store_fixture.h"
#include "../../lib/year.h"
#include "stepward/host.h"

#define NOW_S INT64_C(1796048520) /* 2026-11-30 15:22 in Berlin */

static struct sw_history gather(struct fixture *f, struct sw_zone *zone, int32_t n_days)
{
    struct year year = {.store = f->store, .zone = zone, .now_s = NOW_S, .n_days = 40};
    struct sw_history history = {.store = f->store, .zone = zone, .now_s = NOW_S};
    assert_int_equal(sw_zone_load(zone, "Europe/Berlin"), 0);
    year_fill(&year, "p017", "Ada");
    assert_int_equal(
        sw_store_find_patient(f->store, patient_id("p017"), &history.patient), 0);
    history.to_day = sw_day_of(zone, NOW_S);
    history.from_day = history.to_day - n_days + 1;
    assert_int_equal(sw_history_gather(&history), 0);
    return history;
}

static void test_history__each_day_is_as_it_is_alone(void **state)
{
    struct fixture *f = *state;
    struct sw_zone zone;
    struct sw_history history = gather(f, &zone, 40);
    static struct sw_day day;
    assert_int_equal(history.n_days, 40);
    for (size_t i = 0; i < history.n_days; i++) {
        const struct sw_history_day *is = &history.days[i];
        assert_int_equal(
            sw_records_day(f->store, &zone, history.patient.key, is->day, &day), 0);
        assert_true(is->has_row);
        assert_int_equal(is->row.steps, day.row.steps);
        assert_int_equal(is->n_minutes, day.n_minutes);
        for (int32_t j = 0; j < is->n_begun; j++)
            assert_int_equal(is->minutes[j] & ~SW_HISTORY_LONG_REST,
                             day.minutes[j].class);
        assert_int_equal(is->row.goal, is->plan->goal);
    }
    assert_int_equal(history.days[0].n_begun, 1440);
    assert_int_equal(history.days[3].n_minutes, 1500); /* 25 October */
    assert_int_equal(history.days[39].n_begun, 15 * 60 + 23);
    sw_history_fini(&history);
    sw_zone_fini(&zone);
}

static void test_history__long_rests_are_those_over_the_limit(void **state)
{
    struct fixture *f = *state;
    struct sw_zone zone;
    struct sw_history history = gather(f, &zone, 28);
    for (size_t i = 0; i < history.n_days; i++) {
        const struct sw_history_day *day = &history.days[i];
        int32_t n = 0;
        for (int32_t j = 0; j < day->n_begun; j++)
            n += (day->minutes[j] & SW_HISTORY_LONG_REST) != 0;
        bool is_over = day->row.longest_rest_min >= day->plan->rest_limit_min;
        assert_true(is_over ? n >= day->row.longest_rest_min : n == 0);
    }
    sw_history_fini(&history);
    sw_zone_fini(&zone);
}

static void test_history__plans_devices_scores_and_alerts_of_these_days(void **state)
{
    struct fixture *f = *state;
    struct sw_zone zone;
    struct sw_history history = gather(f, &zone, 28);
    int64_t from_s = sw_day_begin(&zone, history.from_day);
    assert_int_equal(history.days[0].plan->goal, 5000);
    assert_int_equal(history.days[27].plan->goal, 5500);
    assert_int_equal(history.n_devices, 2);
    assert_string_equal(history.devices[0].device.str, "band-1");
    assert_string_equal(history.devices[1].device.str, "band-2");
    assert_int_equal(sw_day_of(&zone, history.devices[1].from_s), history.to_day - 18);
    assert_true(history.scores.n_pains > 10);
    assert_true(history.n_alerts > 0);
    for (size_t i = 0; i < history.n_alerts; i++)
        assert_true(history.alerts[i].opened_at_s >= from_s);
    sw_history_fini(&history);
    sw_zone_fini(&zone);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_history__each_day_is_as_it_is_alone),
        TEST(test_history__long_rests_are_those_over_the_limit),
        TEST(test_history__plans_devices_scores_and_alerts_of_these_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
