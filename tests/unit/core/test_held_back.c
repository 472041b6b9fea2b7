/* test_held_back.c -- the life of an alert that was not published when it opened. */
#include "draw.h"

#include "stepward/alert.h"

static const int64_t T = 20522 * (int64_t)86400 + 10 * 3600;

struct patient {
    struct sw_facts facts;
    struct sw_alert alerts[SW_ALERT_KINDS];
    struct sw_alert_effect effects[SW_ALERT_KINDS];
};

/* A patient who is silent for so many hours. */
static size_t judge_silent(struct patient *p, int64_t now_s, int hours)
{
    p->facts.now_s = now_s;
    p->facts.clock_trusted = p->facts.in_window = true;
    p->facts.plan = sw_plan_default();
    p->facts.heard_at_s = now_s - hours * 3600;
    p->facts.silent_s = p->facts.silent_wake_s = hours * 3600;
    return sw_alerts_judge(&p->facts, p->alerts, p->effects);
}

static void open_held_back(struct patient *p)
{
    *p = (struct patient){.facts = {.now_s = 0}};
    assert_int_equal(judge_silent(p, T, 4), 1);
    assert_true(p->effects[0].publish);
    sw_alert_hold_back(&p->alerts[SW_ALERT_SILENT]);
    assert_true(sw_alert_is_held_back(&p->alerts[SW_ALERT_SILENT]));
}

static void test_held_back__its_end_is_not_told_either(void **state)
{
    (void)state;
    struct patient p;
    open_held_back(&p);
    assert_int_equal(judge_silent(&p, T + 3600, 0), 1);
    assert_int_equal(p.effects[0].change, SW_CHANGE_CLOSED);
    assert_false(p.effects[0].publish);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].rev, 0);
    assert_int_equal(judge_silent(&p, T + 3660, 4), 1); /* back within ten minutes */
    assert_int_equal(p.effects[0].change, SW_CHANGE_REOPENED);
    assert_false(p.effects[0].publish);
    assert_true(p.alerts[SW_ALERT_SILENT].over_budget);
}

static void test_held_back__a_rise_is_told_and_the_rest_of_its_life(void **state)
{
    (void)state;
    struct patient p;
    open_held_back(&p);
    assert_int_equal(judge_silent(&p, T + 60, 48), 1);
    assert_int_equal(p.effects[0].change, SW_CHANGE_LEVEL);
    assert_true(p.effects[0].publish);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].rev, 1);
    assert_int_equal(judge_silent(&p, T + 180, 0), 1);
    assert_true(p.effects[0].publish);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].rev, 2);
}

static void test_held_back__the_end_of_its_shelving_is_not_told(void **state)
{
    (void)state;
    struct patient p;
    struct sw_action shelve = {.kind = SW_ACTION_SHELVE, .minutes = 30};
    bool publish = true;
    open_held_back(&p);
    assert_int_equal(
        sw_alert_apply(&p.alerts[SW_ALERT_SILENT], &shelve, T + 60, &publish),
        SW_OUTCOME_DONE);
    assert_false(publish);
    assert_int_equal(judge_silent(&p, T + 3600, 5), 1);
    assert_int_equal(p.effects[0].change, SW_CHANGE_UNSHELVED);
    assert_false(p.effects[0].publish);
}

static void test_held_back__whoever_acts_on_it_is_told_of_it(void **state)
{
    (void)state;
    struct patient p;
    struct sw_action ack = {.kind = SW_ACTION_ACK, .by = "anna"};
    bool publish = false;
    open_held_back(&p);
    assert_int_equal(sw_alert_apply(&p.alerts[SW_ALERT_SILENT], &ack, T + 60, &publish),
                     SW_OUTCOME_DONE);
    assert_true(publish);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].rev, 1);
    assert_int_equal(judge_silent(&p, T + 120, 0), 1);
    assert_true(p.effects[0].publish);
}

static void test_held_back__the_next_alert_begins_anew(void **state)
{
    (void)state;
    struct patient p;
    open_held_back(&p);
    assert_int_equal(judge_silent(&p, T + 60, 0), 1);
    assert_int_equal(judge_silent(&p, T + 3600, 4), 1);
    assert_int_equal(p.effects[0].change, SW_CHANGE_OPENED);
    assert_true(p.effects[0].publish);
    assert_false(p.alerts[SW_ALERT_SILENT].over_budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_held_back__its_end_is_not_told_either),
        cmocka_unit_test(test_held_back__a_rise_is_told_and_the_rest_of_its_life),
        cmocka_unit_test(test_held_back__the_end_of_its_shelving_is_not_told),
        cmocka_unit_test(test_held_back__whoever_acts_on_it_is_told_of_it),
        cmocka_unit_test(test_held_back__the_next_alert_begins_anew),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
