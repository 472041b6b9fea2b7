/* test_alert.c -- the life of alerts, from drawn days and from facts. */
#include "draw.h"
#include "stepward/alert.h"

static const int64_t WINDOW_S = 20522 * (int64_t)86400 + 8 * 3600; /* 08:00 */

struct patient {
    struct sw_day_set set;
    struct sw_facts facts;
    struct sw_alert alerts[SW_ALERT_KINDS];
    struct sw_alert_effect effects[SW_ALERT_KINDS];
    size_t n;
};

static void begin(struct patient *p)
{
    *p = (struct patient){0};
    p->facts.clock_trusted = p->facts.in_window = true;
    p->facts.today = 20522;
    p->facts.plan = sw_plan_default();
    p->facts.plan.rest_limit_min = 120;
    p->facts.heard_at_s = WINDOW_S;
    strcpy(p->alerts[SW_ALERT_REST].patient.str, "p1");
}

/* Judge at so many minutes after 08:00; returns the first effect's change, -1 for none.
 */
static int judge_at(struct patient *p, int minute)
{
    struct sw_day day;
    const struct sw_alert *rest = &p->alerts[SW_ALERT_REST];
    p->facts.now_s = WINDOW_S + minute * 60;
    p->facts.alert_day[SW_ALERT_REST] = (int32_t)(rest->opened_at_s / 86400);
    assert_int_equal(sw_day_compute(&day, &utc, 20522, &p->facts.plan, &p->set), 0);
    sw_facts_from_day(&p->facts, &day,
                      sw_alert_is_open(rest) ? rest->span : (struct sw_span){0});
    p->n = sw_alerts_judge(&p->facts, p->alerts, p->effects);
    return p->n ? (int)p->effects[0].change : -1;
}

static void draw(struct patient *p, int from_minute, const char *drawn)
{
    draw_readings(&p->set, 1, WINDOW_S + from_minute * 60, drawn);
}

static void test_rest__opens_once_at_the_limit(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(119, '.'));
    assert_int_equal(judge_at(&p, 119), -1);
    draw(&p, 119, ".");
    assert_int_equal(judge_at(&p, 120), SW_CHANGE_OPENED);
    const struct sw_alert *rest = &p.alerts[SW_ALERT_REST];
    assert_int_equal(rest->rev, 1);
    assert_int_equal(rest->level, SW_LEVEL_LOW);
    assert_int_equal(rest->evidence[0], 120);
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(rest, id);
    assert_string_equal(id, "p1-rest-1773136800");
    draw(&p, 120, "..........");
    assert_int_equal(judge_at(&p, 130), -1);
    sw_day_set_fini(&p.set);
}

static void test_rest__old_data_raises_nothing(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 145), -1); /* the newest minute, 129, is 16 min old */
    assert_int_equal(judge_at(&p, 144), SW_CHANGE_OPENED);
    sw_day_set_fini(&p.set);
}

static void test_rest__data_may_come_as_late_as_the_plan_says(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.facts.plan.fresh_min = 45;
    draw_readings(&p.set, 1, WINDOW_S, times(121, '.'));
    assert_int_equal(judge_at(&p, 166), -1);
    assert_int_equal(judge_at(&p, 165), SW_CHANGE_OPENED);
    sw_day_set_fini(&p.set);
}

static void test_rest__level_rises_and_reopens_what_was_acknowledged(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    p.alerts[SW_ALERT_REST].state = SW_STATE_ACKNOWLEDGED;
    draw(&p, 130, times(110, '.'));
    assert_int_equal(judge_at(&p, 240), SW_CHANGE_LEVEL);
    assert_int_equal(p.alerts[SW_ALERT_REST].level, SW_LEVEL_MEDIUM);
    assert_int_equal(p.alerts[SW_ALERT_REST].state, SW_STATE_OPEN);
    assert_int_equal(p.effects[0].from, SW_STATE_ACKNOWLEDGED);
    assert_int_equal(p.alerts[SW_ALERT_REST].rev, 2);
    sw_day_set_fini(&p.set);
}

static void check_closes(const char *later, int at_minute, enum sw_alert_reason reason)
{
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    draw(&p, 130, later);
    assert_int_equal(judge_at(&p, at_minute), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_REST].reason, reason);
    assert_int_equal(p.alerts[SW_ALERT_REST].closed_at_s, p.facts.now_s);
    assert_int_equal(judge_at(&p, at_minute + 1), -1);
    sw_day_set_fini(&p.set);
}

static void test_rest__active_minute_closes_it_as_moved(void **state)
{
    (void)state;
    check_closes("##", 132, SW_REASON_MOVED);
    check_closes("....##", 136, SW_REASON_MOVED);
    check_closes("____________________##", 152, SW_REASON_MOVED);
}

static void test_rest__gap_leaves_it_open(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    draw(&p, 160, "....");
    assert_int_equal(judge_at(&p, 164), -1);
    assert_true(sw_alert_is_open(&p.alerts[SW_ALERT_REST]));
    sw_day_set_fini(&p.set);
}

static void test_rest__late_data_withdraw_it(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    draw(&p, 60, "##"); /* more steps of the same span win */
    assert_int_equal(judge_at(&p, 131), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_REST].reason, SW_REASON_WITHDRAWN);
    assert_int_equal(p.alerts[SW_ALERT_REST].evidence[0], 68);
    sw_day_set_fini(&p.set);
}

static void test_rest__minutes_to_come_end_nothing(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    draw(&p, 135, "##"); /* of a device whose clock is ahead */
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    assert_int_equal(judge_at(&p, 131), -1);
    assert_int_equal(judge_at(&p, 135), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_REST].reason, SW_REASON_MOVED);
    assert_int_equal(judge_at(&p, 136), -1);
    sw_day_set_fini(&p.set);
}

static void test_rest__end_of_window_closes_it(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    p.facts.in_window = false;
    assert_int_equal(judge_at(&p, 780), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_REST].reason, SW_REASON_WINDOW_END);
    sw_day_set_fini(&p.set);
}

static void test_nothing__is_judged_by_a_clock_that_is_not_trusted(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.facts.clock_trusted = false;
    p.facts.silent_wake_s = 5 * 3600;
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), -1);
    sw_day_set_fini(&p.set);
}

static void test_silent__inhibits_rest_and_ends_when_heard(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.facts.silent_wake_s = 4 * 3600 - 1;
    assert_int_equal(judge_at(&p, 100), -1);
    p.facts.silent_wake_s = p.facts.silent_s = 4 * 3600;
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    assert_int_equal(p.effects[0].kind, SW_ALERT_SILENT);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 131), -1);
    p.facts.silent_s = 2 * 86400;
    assert_int_equal(judge_at(&p, 131), SW_CHANGE_LEVEL);
    p.facts.heard_at_s = WINDOW_S + 132 * 60;
    p.facts.silent_wake_s = p.facts.silent_s = 0;
    assert_int_equal(judge_at(&p, 132), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].reason, SW_REASON_HEARD);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].evidence[0], 240);
    assert_int_equal(p.n, 2); /* and now the rest is told */
    assert_int_equal(p.effects[1].kind, SW_ALERT_REST);
    sw_day_set_fini(&p.set);
}

static void test_nothing__opens_outside_the_wake_window(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.facts.in_window = false;
    p.facts.silent_wake_s = 5 * 3600;
    assert_int_equal(judge_at(&p, 130), -1);
}

static void test_level__rises_only_in_the_wake_window(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.facts.silent_wake_s = p.facts.silent_s = 4 * 3600;
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    p.alerts[SW_ALERT_SILENT].state = SW_STATE_ACKNOWLEDGED;
    p.facts.silent_s = 2 * 86400;
    p.facts.in_window = false;
    assert_int_equal(judge_at(&p, 900), -1);
    p.facts.in_window = true;
    assert_int_equal(judge_at(&p, 1440), SW_CHANGE_LEVEL);
    assert_int_equal(p.alerts[SW_ALERT_SILENT].state, SW_STATE_OPEN);
}

static void test_times__never_run_backwards_in_an_alert(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    struct sw_alert *rest = &p.alerts[SW_ALERT_REST];
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    rest->updated_at_s += 90; /* the clock was ahead when it was acknowledged */
    draw(&p, 130, "##");
    assert_int_equal(judge_at(&p, 131), SW_CHANGE_CLOSED);
    assert_int_equal(rest->updated_at_s, WINDOW_S + 131 * 60 + 30);
    assert_int_equal(rest->closed_at_s, rest->updated_at_s);
    sw_day_set_fini(&p.set);
}

static void test_shelved__is_judged_but_published_later(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    p.alerts[SW_ALERT_REST].shelved_until_s = WINDOW_S + 250 * 60;
    draw(&p, 130, times(110, '.'));
    assert_int_equal(judge_at(&p, 240), SW_CHANGE_LEVEL);
    assert_false(p.effects[0].publish);
    assert_int_equal(p.alerts[SW_ALERT_REST].rev, 1);
    assert_int_equal(judge_at(&p, 250), SW_CHANGE_UNSHELVED);
    assert_true(p.effects[0].publish);
    assert_int_equal(p.alerts[SW_ALERT_REST].rev, 2);
    sw_day_set_fini(&p.set);
}

static void test_id__is_never_given_twice(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.alerts[SW_ALERT_REST].opened_at_s = WINDOW_S + 130 * 60;
    p.alerts[SW_ALERT_REST].state = SW_STATE_CLOSED;
    draw(&p, 0, times(130, '.'));
    assert_int_equal(judge_at(&p, 130), SW_CHANGE_OPENED);
    assert_int_equal(p.alerts[SW_ALERT_REST].opened_at_s, WINDOW_S + 130 * 60 + 1);
    assert_int_equal(p.alerts[SW_ALERT_REST].updated_at_s, WINDOW_S + 130 * 60 + 1);
    sw_day_set_fini(&p.set);
}

static void test_nudge__comes_at_nudge_after_and_every_half_hour(void **state)
{
    (void)state;
    struct patient p;
    struct sw_nudge last = {0};
    begin(&p);
    int32_t nudges[3] = {0};
    size_t n = 0;
    for (int minute = 1; minute <= 130; minute++) {
        draw(&p, minute - 1, ".");
        judge_at(&p, minute);
        int32_t rest_min = sw_nudge_due(&p.facts, &last);
        if (rest_min > 0 && n < 3)
            nudges[n++] = rest_min;
    }
    assert_int_equal(n, 3);
    assert_int_equal(nudges[0], 60);
    assert_int_equal(nudges[1], 90);
    assert_int_equal(nudges[2], 120);
    sw_day_set_fini(&p.set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rest__opens_once_at_the_limit),
        cmocka_unit_test(test_rest__old_data_raises_nothing),
        cmocka_unit_test(test_rest__data_may_come_as_late_as_the_plan_says),
        cmocka_unit_test(test_rest__level_rises_and_reopens_what_was_acknowledged),
        cmocka_unit_test(test_rest__active_minute_closes_it_as_moved),
        cmocka_unit_test(test_rest__gap_leaves_it_open),
        cmocka_unit_test(test_rest__late_data_withdraw_it),
        cmocka_unit_test(test_rest__minutes_to_come_end_nothing),
        cmocka_unit_test(test_rest__end_of_window_closes_it),
        cmocka_unit_test(test_nothing__is_judged_by_a_clock_that_is_not_trusted),
        cmocka_unit_test(test_silent__inhibits_rest_and_ends_when_heard),
        cmocka_unit_test(test_nothing__opens_outside_the_wake_window),
        cmocka_unit_test(test_level__rises_only_in_the_wake_window),
        cmocka_unit_test(test_times__never_run_backwards_in_an_alert),
        cmocka_unit_test(test_shelved__is_judged_but_published_later),
        cmocka_unit_test(test_id__is_never_given_twice),
        cmocka_unit_test(test_nudge__comes_at_nudge_after_and_every_half_hour),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
