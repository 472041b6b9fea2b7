/* test_alert_stats.c -- the alarm load, counted from lives of alerts. */
#include <stdio.h>

#include "draw.h"

#include "records/alert_stats.h"

enum { MONDAY = 20535 }; /* 2026-03-23 */

static const int64_t MONDAY_S = MONDAY * (int64_t)86400;

static struct sw_alert_stats begin(int32_t budget)
{
    return (struct sw_alert_stats){
        .zone = &utc, .from_day = MONDAY - 3, .to_day = MONDAY + 9, .budget = budget};
}

static struct sw_alert_life life_of(const char *patient, int day, int minute)
{
    struct sw_alert_life life = {.alert = {.state = SW_STATE_OPEN, .rev = 1}};
    strcpy(life.alert.therapist.str, "anna");
    strcpy(life.alert.patient.str, patient);
    life.alert.opened_at_s = MONDAY_S + day * 86400 + 8 * 3600 + minute * 60;
    return life;
}

static void add(struct sw_alert_stats *load, struct sw_alert_life life)
{
    assert_int_equal(sw_alert_stats_add(load, &life), 0);
}

static void add_closed(struct sw_alert_stats *load, const char *patient, int after_s,
                       enum sw_alert_reason reason)
{
    struct sw_alert_life life = life_of(patient, 0, 0);
    life.alert.state = SW_STATE_CLOSED;
    life.alert.reason = reason;
    life.alert.closed_at_s = life.alert.opened_at_s + after_s;
    add(load, life);
}

static void add_acked(struct sw_alert_stats *load, int after_s)
{
    struct sw_alert_life life = life_of("p1", 0, 0);
    life.first_ack_s = life.last_ack_s = life.alert.opened_at_s + after_s;
    add(load, life);
}

static int keep_first(void *ctx, const struct sw_alert_week *week)
{
    *(struct sw_alert_week *)ctx = *week;
    return 1;
}

static struct sw_alert_week first_week(struct sw_alert_stats *load)
{
    struct sw_alert_week week = {.raised = -1};
    assert_int_equal(sw_alert_stats_each_week(load, keep_first, &week), 1);
    sw_alert_stats_fini(load);
    return week;
}

static int note_week(void *ctx, const struct sw_alert_week *week)
{
    char *text = ctx;
    size_t n = strlen(text);
    snprintf(text + n, 200 - n, "%s %d %d %d; ", week->therapist.str,
             week->monday - MONDAY, week->days, week->raised);
    return 0;
}

static void test_load__is_counted_by_therapist_and_week(void **state)
{
    (void)state;
    struct sw_alert_stats load = begin(5);
    struct sw_alert_life bens = life_of("p9", 1, 0);
    char text[200] = "";
    strcpy(bens.alert.therapist.str, "ben");
    add(&load, bens);
    add(&load, life_of("p1", 7, 0));  /* the next Monday */
    add(&load, life_of("p1", 6, 0));  /* Sunday */
    add(&load, life_of("p1", -1, 0)); /* the Sunday before */
    add(&load, life_of("p1", -4, 0)); /* before the first day */
    add(&load, life_of("p1", 10, 0)); /* after the last */
    assert_int_equal(sw_alert_stats_each_week(&load, note_week, text), 0);
    assert_string_equal(text, "anna -7 3 1; anna 0 7 1; anna 7 3 1; ben 0 7 1; ");
    sw_alert_stats_fini(&load);
}

static void test_load__nothing_is_no_week(void **state)
{
    (void)state;
    struct sw_alert_stats load = begin(5);
    char text[200] = "";
    assert_int_equal(sw_alert_stats_each_week(&load, note_week, text), 0);
    assert_string_equal(text, "");
}

static void test_load__closed_soon_is_by_itself_and_not_withdrawn(void **state)
{
    (void)state;
    struct sw_alert_stats load = begin(5);
    add_closed(&load, "p1", 600, SW_REASON_MOVED);
    add_closed(&load, "p1", 601, SW_REASON_MOVED);
    add_closed(&load, "p1", 60, SW_REASON_WITHDRAWN);
    struct sw_alert_life acked = life_of("p1", 0, 0);
    acked.alert.state = SW_STATE_CLOSED;
    acked.first_ack_s = acked.alert.opened_at_s + 20;
    acked.alert.closed_at_s = acked.alert.opened_at_s + 60;
    add(&load, acked);
    struct sw_alert_week week = first_week(&load);
    assert_int_equal(week.raised, 4);
    assert_int_equal(week.closed_soon, 1);
    assert_int_equal(week.withdrawn, 1);
    assert_int_equal(week.acknowledged, 1);
}

static void test_load__the_median_is_of_those_acknowledged(void **state)
{
    (void)state;
    struct sw_alert_stats load = begin(5);
    add(&load, life_of("p1", 0, 0));
    assert_int_equal(first_week(&load).median_ack_s, -1);
    load = begin(5);
    add(&load, life_of("p1", 0, 0));
    add_acked(&load, 900);
    add_acked(&load, 0);
    add_acked(&load, 60);
    assert_int_equal(first_week(&load).median_ack_s, 60);
    load = begin(5);
    add_acked(&load, 900);
    add_acked(&load, 100);
    assert_int_equal(first_week(&load).median_ack_s, 500);
}

static void test_load__days_are_held_against_the_budget(void **state)
{
    (void)state;
    for (int32_t budget = 0; budget <= 4; budget++) {
        static const int32_t over[] = {0, 2, 1, 0, 0};
        struct sw_alert_stats load = begin(budget);
        for (int i = 0; i < 6; i++)
            add(&load, life_of("p1", i < 3 ? 2 : i < 5 ? 0 : 4, i));
        struct sw_alert_week week = first_week(&load);
        assert_int_equal(week.busiest_day, 3);
        assert_int_equal(week.days_over, over[budget]);
    }
}

static void test_load__the_three_most_frequent_patients_come_first(void **state)
{
    (void)state;
    struct sw_alert_stats load = begin(5);
    static const char *const patients[] = {"d", "b", "c", "b", "a", "c", "b", "e", "e"};
    for (size_t i = 0; i < sizeof(patients) / sizeof(patients[0]); i++)
        add(&load, life_of(patients[i], 0, (int)i));
    struct sw_alert_week week = first_week(&load);
    assert_int_equal(week.n_top, 3);
    assert_string_equal(week.top[0].patient.str, "b");
    assert_int_equal(week.top[0].n, 3);
    assert_string_equal(week.top[1].patient.str, "c");
    assert_string_equal(week.top[2].patient.str, "e");
    assert_int_equal(week.top[2].n, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_load__is_counted_by_therapist_and_week),
        cmocka_unit_test(test_load__nothing_is_no_week),
        cmocka_unit_test(test_load__closed_soon_is_by_itself_and_not_withdrawn),
        cmocka_unit_test(test_load__the_median_is_of_those_acknowledged),
        cmocka_unit_test(test_load__days_are_held_against_the_budget),
        cmocka_unit_test(test_load__the_three_most_frequent_patients_come_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
