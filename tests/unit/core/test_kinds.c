/* test_kinds.c -- each kind of alert from drawn minutes and facts, and what is the same
 * for all: inhibition, the wake window, coming back. */
#include <stdio.h>

#include "draw.h"
#include "stepward/rule.h"

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
    p->facts.now_s = p->facts.heard_at_s = WINDOW_S;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        p->facts.alert_day[kind] = 20522;
}

/* The one change that judging makes, SW_CHANGES if there is none. */
static enum sw_alert_change judge(struct patient *p)
{
    p->n = sw_alerts_judge(&p->facts, p->alerts, p->effects);
    assert_true(p->n <= 1);
    return p->n == 1 ? p->effects[0].change : SW_CHANGES;
}

static void check_closes(struct patient *p, enum sw_alert_kind kind,
                         enum sw_alert_reason reason)
{
    assert_int_equal(judge(p), SW_CHANGE_CLOSED);
    assert_int_equal(p->effects[0].kind, kind);
    assert_int_equal(p->alerts[kind].reason, reason);
    assert_int_equal(judge(p), SW_CHANGES);
}

/* ---- unworn ---- */

static void draw(struct patient *p, int from_minute, const char *drawn)
{
    draw_readings(&p->set, 1, WINDOW_S + from_minute * 60, drawn);
}

static enum sw_alert_change judge_wear_at(struct patient *p, int minute)
{
    struct sw_day day;
    const struct sw_alert *open = &p->alerts[SW_ALERT_UNWORN];
    p->facts.now_s = WINDOW_S + minute * 60;
    assert_int_equal(sw_day_compute(&day, &utc, 20522, &p->facts.plan, &p->set), 0);
    p->facts.unworn = sw_unworn_of(&day, p->facts.now_s, INT64_MAX);
    p->facts.alert_unworn = sw_unworn_of(&day, p->facts.now_s, open->span.to_s);
    return judge(p);
}

static void test_unworn__counts_minutes_of_the_window_that_say_so(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, -30, times(30, 'u')); /* before the window */
    draw(&p, 0, times(100, 'u'));
    draw(&p, 100, "____");
    draw(&p, 104, times(79, 'u'));
    assert_int_equal(judge_wear_at(&p, 183), SW_CHANGES);
    draw(&p, 183, "u");
    assert_int_equal(judge_wear_at(&p, 184), SW_CHANGE_OPENED);
    const struct sw_alert *unworn = &p.alerts[SW_ALERT_UNWORN];
    assert_int_equal(unworn->level, SW_LEVEL_LOW);
    assert_int_equal(unworn->evidence[0], 180);
    assert_int_equal(unworn->span.from_s, WINDOW_S);
    assert_int_equal(unworn->span.to_s, WINDOW_S + 184 * 60);
    sw_day_set_fini(&p.set);
}

static void test_unworn__needs_all_of_them_in_a_row(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(120, 'u'));
    draw(&p, 120, ".");
    draw(&p, 121, times(179, 'u'));
    assert_int_equal(judge_wear_at(&p, 300), SW_CHANGES);
    draw(&p, 300, "u");
    assert_int_equal(judge_wear_at(&p, 301), SW_CHANGE_OPENED);
    sw_day_set_fini(&p.set);
}

static void test_unworn__no_data_is_not_unworn(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    draw(&p, 0, times(20, 'u'));
    assert_int_equal(judge_wear_at(&p, 400), SW_CHANGES);
    sw_day_set_fini(&p.set);
}

static void open_unworn(struct patient *p)
{
    begin(p);
    draw(p, 0, times(200, 'u'));
    assert_int_equal(judge_wear_at(p, 200), SW_CHANGE_OPENED);
}

static void test_unworn__a_known_minute_after_it_closes_it(void **state)
{
    (void)state;
    struct patient p;
    open_unworn(&p);
    draw(&p, 230, "....");
    assert_int_equal(judge_wear_at(&p, 230 - 1), SW_CHANGES); /* it has not begun */
    assert_int_equal(judge_wear_at(&p, 231), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_UNWORN].reason, SW_REASON_WORN);
    assert_int_equal(p.alerts[SW_ALERT_UNWORN].evidence[0], 200);
    sw_day_set_fini(&p.set);
}

static void test_unworn__late_data_withdraw_it(void **state)
{
    (void)state;
    struct patient p;
    open_unworn(&p);
    draw(&p, 100, "#"); /* equal spans: more steps win */
    assert_int_equal(judge_wear_at(&p, 201), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_UNWORN].reason, SW_REASON_WITHDRAWN);
    assert_int_equal(p.alerts[SW_ALERT_UNWORN].evidence[0], 99);
    sw_day_set_fini(&p.set);
}

static void test_unworn__of_which_the_day_ended_stays_until_worn(void **state)
{
    (void)state;
    struct patient p;
    open_unworn(&p);
    p.facts.today = 20523;
    p.facts.unworn = (struct sw_unworn){.unworn_min = 0};
    assert_int_equal(judge(&p), SW_CHANGES);
    p.facts.in_window = false; /* it closes when there is cause, at night too */
    p.facts.alert_unworn.worn_at_s = WINDOW_S + 20 * 3600;
    check_closes(&p, SW_ALERT_UNWORN, SW_REASON_WORN);
    sw_day_set_fini(&p.set);
}

/* ---- low ---- */

static void set_days(struct patient *p, int64_t first, int64_t second, int64_t third)
{
    p->facts.plan.floor = 4000;
    p->facts.n_valid_days = 3;
    p->facts.valid_days[0] = (struct sw_valid_day){20521, first, 4000};
    p->facts.valid_days[1] = (struct sw_valid_day){20519, second, 4000};
    p->facts.valid_days[2] = (struct sw_valid_day){20515, third, 4000};
}

static void open_low(struct patient *p)
{
    begin(p);
    set_days(p, 3999, 200, 1000);
    assert_int_equal(judge(p), SW_CHANGE_OPENED);
    assert_int_equal(p->alerts[SW_ALERT_LOW].level, SW_LEVEL_MEDIUM);
    assert_int_equal(p->alerts[SW_ALERT_LOW].evidence[0], 3999);
    assert_int_equal(p->alerts[SW_ALERT_LOW].evidence[1], 4000);
}

static void test_low__needs_three_valid_days_under_the_floor(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    set_days(&p, 3999, 4000, 3999);
    assert_int_equal(judge(&p), SW_CHANGES);
    set_days(&p, 3999, 3999, 3999);
    p.facts.n_valid_days = 2;
    assert_int_equal(judge(&p), SW_CHANGES);
    set_days(&p, 3999, 3999, 3999);
    p.facts.valid_days[2].floor = 0; /* there was none that day */
    assert_int_equal(judge(&p), SW_CHANGES);
    set_days(&p, 3999, 3999, 3999);
    p.facts.plan.floor = 0; /* there is none any more */
    assert_int_equal(judge(&p), SW_CHANGES);
    open_low(&p);
}

static void test_low__today_speaks_for_the_patient_once_it_is_valid(void **state)
{
    (void)state;
    struct patient p;
    open_low(&p);
    p.facts.steps = 4000;
    assert_int_equal(judge(&p), SW_CHANGES);
    p.facts.is_valid = true;
    check_closes(&p, SW_ALERT_LOW, SW_REASON_RECOVERED);
    assert_int_equal(p.alerts[SW_ALERT_LOW].evidence[0], 4000);
}

static void test_low__today_speaks_against_nobody(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    set_days(&p, 3999, 3999, 3999);
    p.facts.n_valid_days = 2;
    p.facts.is_valid = true;
    p.facts.steps = 10;
    assert_int_equal(judge(&p), SW_CHANGES);
}

static void test_low__late_data_withdraw_it_or_tell_that_it_is_over(void **state)
{
    (void)state;
    struct patient p;
    open_low(&p);
    p.facts.valid_days[1].steps = 4100; /* a day it was raised on */
    check_closes(&p, SW_ALERT_LOW, SW_REASON_WITHDRAWN);
    open_low(&p);
    p.facts.today = 20523;
    p.facts.valid_days[0] = (struct sw_valid_day){20522, 4100, 4000}; /* a later one */
    check_closes(&p, SW_ALERT_LOW, SW_REASON_RECOVERED);
    open_low(&p);
    p.facts.plan.floor = 0;
    check_closes(&p, SW_ALERT_LOW, SW_REASON_WITHDRAWN);
}

/* ---- over ---- */

static void open_over(struct patient *p)
{
    begin(p);
    p->facts.plan.ceiling = 9000;
    p->facts.steps = 9000;
    assert_int_equal(judge(p), SW_CHANGES);
    p->facts.steps = 9001;
    assert_int_equal(judge(p), SW_CHANGE_OPENED);
    assert_int_equal(p->alerts[SW_ALERT_OVER].level, SW_LEVEL_LOW);
}

static void test_over__ends_with_the_day_or_with_its_reason(void **state)
{
    (void)state;
    struct patient p;
    open_over(&p);
    p.facts.in_window = false;
    p.facts.today = 20523;
    p.facts.steps = 0;
    p.facts.over_steps = 9500;
    check_closes(&p, SW_ALERT_OVER, SW_REASON_DAY_END);
    assert_int_equal(p.alerts[SW_ALERT_OVER].evidence[0], 9500);
    open_over(&p);
    p.facts.steps = 800;
    check_closes(&p, SW_ALERT_OVER, SW_REASON_WITHDRAWN);
    open_over(&p);
    p.facts.plan.ceiling = 0;
    check_closes(&p, SW_ALERT_OVER, SW_REASON_WITHDRAWN);
    open_over(&p);
    p.facts.today = 20523; /* its day, told late, was not over */
    p.facts.steps = 0;
    p.facts.over_steps = 9000;
    check_closes(&p, SW_ALERT_OVER, SW_REASON_WITHDRAWN);
}

/* ---- pain ---- */

enum { SCORES_MAX = 8 };
/* Scores a day apart, from WINDOW_S on, the last one now; -1 ends them. */
static void set_scores(struct patient *p, const double *scores, bool flare)
{
    struct sw_pain pains[SCORES_MAX];
    size_t n = 0;
    for (; scores[n] >= 0; n++)
        pains[n] = (struct sw_pain){WINDOW_S + (int64_t)n * 86400, scores[n], false,
                                    SW_STAMP_OWN};
    pains[n - 1].flare = flare;
    sw_facts_from_pains(&p->facts, pains, n);
}
#define SCORES(...) ((const double[]){__VA_ARGS__, -1})

static bool hurts(const double *scores, bool flare)
{
    struct patient p;
    begin(&p);
    set_scores(&p, scores, flare);
    return judge(&p) == SW_CHANGE_OPENED && p.effects[0].kind == SW_ALERT_PAIN &&
           p.alerts[SW_ALERT_PAIN].level == SW_LEVEL_MEDIUM;
}

static void test_pain__is_high_or_well_above_the_median_or_a_flare(void **state)
{
    (void)state;
    assert_true(hurts(SCORES(7), false));
    assert_false(hurts(SCORES(6.99), false));
    assert_true(hurts(SCORES(0), true));
    assert_true(hurts(SCORES(1, 5, 3, 5), false));
    assert_false(hurts(SCORES(1, 5, 3, 4.9), false));
    assert_true(hurts(SCORES(2.1, 2.1, 2.1, 4.1), false)); /* in doubles 1.99… */
    assert_true(hurts(SCORES(1, 2, 3, 4, 4.5), false));    /* of 2 and 3: 2.5 */
    assert_false(hurts(SCORES(1, 2, 3, 4, 4.49), false));
    assert_false(hurts(SCORES(0, 0, 6), false)); /* two scores make no median */
}

static void test_pain__median_is_of_the_seven_days_before(void **state)
{
    (void)state;
    struct patient p;
    struct sw_pain pains[] = {{WINDOW_S - 1, 0, false, SW_STAMP_OWN},
                              {WINDOW_S, 3, false, SW_STAMP_OWN},
                              {WINDOW_S + 86400, 3, false, SW_STAMP_OWN},
                              {WINDOW_S + 2 * 86400, 3, false, SW_STAMP_OWN},
                              {WINDOW_S + 7 * 86400, 5, false, SW_STAMP_OWN}};
    begin(&p);
    sw_facts_from_pains(&p.facts, pains, 5);
    assert_int_equal(p.facts.n_scores_before, 3);
    assert_int_equal(p.facts.score_median, 3 * SW_SCORE_UNIT);
    sw_facts_from_pains(&p.facts, pains, 0);
    assert_int_equal(p.facts.score_at_s, 0);
    assert_int_equal(judge(&p), SW_CHANGES);
}

static void
test_pain__is_eased_by_a_later_score_and_withdrawn_by_late_ones(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    set_scores(&p, SCORES(7), false);
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    assert_true(p.alerts[SW_ALERT_PAIN].evidence[1] == SW_EVIDENCE_NONE);
    set_scores(&p, SCORES(7, 8), false);
    assert_int_equal(judge(&p), SW_CHANGES);
    set_scores(&p, SCORES(7, 8, 3), false);
    check_closes(&p, SW_ALERT_PAIN, SW_REASON_EASED);

    begin(&p);
    set_scores(&p, SCORES(1, 1, 1, 4), false);
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    set_scores(&p, SCORES(1, 3, 3, 4), false); /* the same newest, another past */
    check_closes(&p, SW_ALERT_PAIN, SW_REASON_WITHDRAWN);
}

/* ---- battery ---- */

static void tell_battery(struct patient *p, const char *device, int32_t pct,
                         int64_t at_s)
{
    struct sw_battery battery = {.pct = pct, .at_s = at_s};
    const struct sw_alert *alert = &p->alerts[SW_ALERT_BATTERY];
    strcpy(battery.device.str, device);
    sw_facts_add_battery(&p->facts, &battery, sw_alert_is_open(alert) ? alert : NULL);
}

static enum sw_alert_change judge_levels(struct patient *p, int32_t band, int32_t clip)
{
    sw_facts_clear_batteries(&p->facts);
    tell_battery(p, "band", band, WINDOW_S);
    tell_battery(p, "clip", clip, WINDOW_S - 60);
    return judge(p);
}

static void test_battery__is_low_at_20_and_charged_at_30(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    assert_int_equal(judge_levels(&p, 21, 100), SW_CHANGES);
    assert_int_equal(judge_levels(&p, 20, 100), SW_CHANGE_OPENED);
    assert_int_equal(p.alerts[SW_ALERT_BATTERY].level, SW_LEVEL_LOW);
    assert_string_equal(p.alerts[SW_ALERT_BATTERY].device.str, "band");
    assert_int_equal(judge_levels(&p, 29, 100), SW_CHANGES);
    assert_int_equal(judge_levels(&p, 30, 100), SW_CHANGE_CLOSED);
    assert_int_equal(p.alerts[SW_ALERT_BATTERY].reason, SW_REASON_CHARGED);
}

static void test_battery__is_the_emptiest_devices(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    assert_int_equal(judge_levels(&p, 50, 9), SW_CHANGE_OPENED);
    assert_string_equal(p.alerts[SW_ALERT_BATTERY].device.str, "clip");
    assert_int_equal(judge_levels(&p, 20, 80), SW_CHANGES); /* now the other one */
    assert_string_equal(p.alerts[SW_ALERT_BATTERY].device.str, "band");
    assert_int_equal(judge_levels(&p, 60, 25), SW_CHANGE_CLOSED); /* its own level */
}

static void test_battery__of_a_device_in_a_drawer_does_not_count(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    assert_int_equal(judge_levels(&p, 50, 9), SW_CHANGE_OPENED);
    sw_facts_clear_batteries(&p.facts);
    tell_battery(&p, "band", 50, WINDOW_S + 7 * 86400);
    tell_battery(&p, "clip", 9, WINDOW_S);
    assert_int_equal(judge(&p), SW_CHANGES);
    sw_facts_clear_batteries(&p.facts);
    tell_battery(&p, "band", 50, WINDOW_S + 7 * 86400);
    tell_battery(&p, "clip", 9, WINDOW_S - 1);
    check_closes(&p, SW_ALERT_BATTERY, SW_REASON_WITHDRAWN);
}

/* ---- unusable ---- */

static void set_refused(struct patient *p, int32_t n, int64_t wake_s)
{
    p->facts.refusing = (struct sw_refusing){.n = n,
                                             .from_s = p->facts.now_s - wake_s,
                                             .to_s = p->facts.now_s,
                                             .refusal = SW_REFUSED_FUTURE,
                                             .fast_s = 12 * 60 - 2};
    p->facts.refusing_wake_s = wake_s;
}

static void
test_unusable__is_raised_after_silent_after_of_refused_messages(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    set_refused(&p, 0, 4 * 3600);
    assert_int_equal(judge(&p), SW_CHANGES);
    set_refused(&p, 240, 4 * 3600 - 1);
    assert_int_equal(judge(&p), SW_CHANGES);
    set_refused(&p, 241, 4 * 3600);
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    const struct sw_alert *alert = &p.alerts[SW_ALERT_UNUSABLE];
    assert_int_equal(alert->level, SW_LEVEL_LOW);
    assert_int_equal(alert->evidence[0], 241);
    assert_int_equal(alert->evidence[1], SW_REFUSED_FUTURE);
    assert_int_equal(alert->evidence[2], 12);
    assert_int_equal(alert->span.from_s, WINDOW_S - 4 * 3600);
}

static void test_unusable__lasts_until_something_is_taken(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    set_refused(&p, 241, 4 * 3600);
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    set_refused(&p, 242, 60); /* how long it lasts was lost with a wrong clock */
    p.facts.refusing.fast_s = 0;
    assert_int_equal(judge(&p), SW_CHANGES);
    set_refused(&p, 300, 5 * 3600);
    p.facts.refusing.fast_s = -86400;
    assert_int_equal(judge(&p), SW_CHANGES);
    set_refused(&p, 0, 0);
    p.facts.in_window = false; /* at night too */
    check_closes(&p, SW_ALERT_UNUSABLE, SW_REASON_USABLE);
    assert_int_equal(p.alerts[SW_ALERT_UNUSABLE].evidence[0], 300);
    assert_int_equal(p.alerts[SW_ALERT_UNUSABLE].evidence[2], -1440);
}

/* ---- what is the same for all ---- */

static void set_rest(struct patient *p)
{
    p->facts.newest_known_s = p->facts.now_s - 60;
    p->facts.running = (struct sw_span){p->facts.now_s - 4 * 3600, p->facts.now_s};
}

static void test_rest__is_not_raised_while_the_device_tells_nothing(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    p.alerts[SW_ALERT_UNWORN].state = SW_STATE_ACKNOWLEDGED;
    p.facts.alert_unworn.unworn_min = 200;
    set_rest(&p);
    assert_int_equal(judge(&p), SW_CHANGES);
    p.alerts[SW_ALERT_UNWORN].state = SW_STATE_CLOSED;
    p.alerts[SW_ALERT_UNUSABLE].state = SW_STATE_OPEN;
    p.facts.refusing.n = 1;
    assert_int_equal(judge(&p), SW_CHANGES);
    p.alerts[SW_ALERT_UNUSABLE].state = SW_STATE_CLOSED;
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    assert_int_equal(p.effects[0].kind, SW_ALERT_REST);
}

static void test_every_kind__opens_only_in_the_window_and_by_a_good_clock(void **state)
{
    (void)state;
    struct patient p;
    begin(&p);
    set_rest(&p);
    set_days(&p, 1, 1, 1);
    set_scores(&p, SCORES(9), false);
    tell_battery(&p, "", 3, WINDOW_S);
    set_refused(&p, 241, 4 * 3600);
    p.facts.unworn = (struct sw_unworn){{WINDOW_S, WINDOW_S + 60}, 180, 0};
    p.facts.plan.ceiling = 1;
    p.facts.steps = 2;
    p.facts.in_window = false;
    assert_int_equal(sw_alerts_judge(&p.facts, p.alerts, p.effects), 0);
    p.facts.in_window = true;
    p.facts.clock_trusted = false;
    assert_int_equal(sw_alerts_judge(&p.facts, p.alerts, p.effects), 0);
    p.facts.clock_trusted = true; /* unusable, unworn, low, over, pain, battery */
    assert_int_equal(sw_alerts_judge(&p.facts, p.alerts, p.effects), 6);
    assert_false(sw_alert_is_open(&p.alerts[SW_ALERT_REST]));
}

static void close_pain(struct patient *p)
{
    begin(p);
    set_scores(p, SCORES(8), false);
    assert_int_equal(judge(p), SW_CHANGE_OPENED);
    set_scores(p, SCORES(8, 1), false);
    p->facts.now_s += 60;
    assert_int_equal(judge(p), SW_CHANGE_CLOSED);
    set_scores(p, SCORES(8, 1, 9), false);
}

static void test_back_within_ten_minutes__it_is_the_same_alert(void **state)
{
    (void)state;
    struct patient p;
    close_pain(&p);
    struct sw_alert before = p.alerts[SW_ALERT_PAIN];
    strcpy(p.alerts[SW_ALERT_PAIN].by, "anna");
    p.facts.now_s += 599;
    assert_int_equal(judge(&p), SW_CHANGE_REOPENED);
    assert_int_equal(p.effects[0].from, SW_STATE_CLOSED);
    assert_true(p.effects[0].publish);
    const struct sw_alert *pain = &p.alerts[SW_ALERT_PAIN];
    assert_int_equal(pain->opened_at_s, before.opened_at_s);
    assert_int_equal(pain->rev, 3);
    assert_int_equal(pain->state, SW_STATE_OPEN);
    assert_int_equal(pain->reason, SW_REASON_NONE);
    assert_int_equal(pain->closed_at_s, 0);
    assert_int_equal(pain->updated_at_s, p.facts.now_s);
    assert_string_equal(pain->by, "anna");
    assert_int_equal(judge(&p), SW_CHANGES);
}

static void test_back_after_ten_minutes__it_is_another(void **state)
{
    (void)state;
    struct patient p;
    close_pain(&p);
    p.facts.now_s += 600;
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    assert_int_equal(p.alerts[SW_ALERT_PAIN].rev, 1);
    assert_int_equal(p.alerts[SW_ALERT_PAIN].opened_at_s, p.facts.now_s);
}

static void test_back_while_shelved__it_is_told_when_that_ends(void **state)
{
    (void)state;
    struct patient p;
    close_pain(&p);
    p.alerts[SW_ALERT_PAIN].shelved_until_s = p.facts.now_s + 300;
    p.facts.now_s += 60;
    assert_int_equal(judge(&p), SW_CHANGE_REOPENED);
    assert_false(p.effects[0].publish);
    p.facts.now_s += 240;
    assert_int_equal(judge(&p), SW_CHANGE_UNSHELVED);
    assert_int_equal(p.alerts[SW_ALERT_PAIN].rev, 3);
}

static void test_back_after_its_shelving__it_is_told_once(void **state)
{
    (void)state;
    struct patient p;
    close_pain(&p);
    p.alerts[SW_ALERT_PAIN].shelved_until_s = p.facts.now_s + 30;
    p.facts.now_s += 60;
    assert_int_equal(judge(&p), SW_CHANGE_REOPENED);
    assert_true(p.effects[0].publish);
    assert_int_equal(judge(&p), SW_CHANGES);
}

static void test_back_on_another_day__over_and_rest_are_others(void **state)
{
    (void)state;
    struct patient p;
    open_over(&p);
    p.facts.today = 20523;
    p.facts.steps = 0;
    p.facts.over_steps = 9500;
    assert_int_equal(judge(&p), SW_CHANGE_CLOSED);
    p.facts.now_s += 120;
    p.facts.steps = 9001;
    assert_int_equal(judge(&p), SW_CHANGE_OPENED);
    assert_int_equal(p.alerts[SW_ALERT_OVER].rev, 1);
}

static void check_number(enum sw_alert_kind kind, int number)
{
    char text[16];
    const struct sw_rule_text *row = sw_rule(kind)->text;
    snprintf(text, sizeof(text), "%d", number);
    assert_true(strstr(row->raised, text) || strstr(row->level, text) ||
                strstr(row->closes, text));
}

static void test_words__name_the_numbers_that_are_judged_by(void **state)
{
    (void)state;
    check_number(SW_ALERT_SILENT, SW_SILENT_MEDIUM_S / 86400);
    check_number(SW_ALERT_UNWORN, SW_UNWORN_MIN);
    check_number(SW_ALERT_LOW, SW_LOW_DAYS);
    check_number(SW_ALERT_PAIN, SW_PAIN_BAD / SW_SCORE_UNIT);
    check_number(SW_ALERT_PAIN, SW_PAIN_RISE / SW_SCORE_UNIT);
    check_number(SW_ALERT_PAIN, SW_PAIN_PAST_S / 86400);
    check_number(SW_ALERT_PAIN, SW_PAIN_SCORES_MIN);
    check_number(SW_ALERT_BATTERY, SW_BATTERY_LOW_PCT);
    check_number(SW_ALERT_BATTERY, SW_BATTERY_CHARGED_PCT);
}

static void test_words__every_kind_says_when_it_is_raised_and_how_it_ends(void **state)
{
    unsigned urgencies = 0; /* each is another */
    (void)state;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        const struct sw_rule *rule = sw_rule((enum sw_alert_kind)kind);
        enum sw_alert_kind parsed;
        assert_true(sw_alert_kind_parse(rule->name, &parsed));
        assert_int_equal(parsed, kind);
        assert_true(*rule->text->raised && *rule->text->level && *rule->text->closes);
        assert_non_null(rule->evidence[0].name);
        assert_true(rule->urgency >= 0 && rule->urgency < SW_ALERT_KINDS);
        assert_false(urgencies & 1u << rule->urgency);
        urgencies |= 1u << rule->urgency;
    }
    for (int i = SW_REASON_NONE + 1; i < SW_REASONS; i++) {
        enum sw_alert_reason reason;
        const char *word = sw_alert_reason_name((enum sw_alert_reason)i);
        assert_true(sw_alert_reason_parse(word, &reason));
        assert_int_equal(reason, i);
    }
}

static void test_unworn__on_a_day_before_1970_nothing_overflows(void **state)
{
    (void)state;
    struct sw_day *day = calloc(1, sizeof *day);
    assert_non_null(day);
    day->begin_s = -86400 - 3600; /* where a Pi's clock may begin */
    day->n_minutes = 1440;
    struct sw_unworn found = sw_unworn_of(day, 0, INT64_MAX);
    assert_int_equal(found.worn_at_s, 0);
    assert_int_equal(found.unworn_min, 0);
    free(day);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unworn__on_a_day_before_1970_nothing_overflows),
        cmocka_unit_test(test_unworn__counts_minutes_of_the_window_that_say_so),
        cmocka_unit_test(test_unworn__needs_all_of_them_in_a_row),
        cmocka_unit_test(test_unworn__no_data_is_not_unworn),
        cmocka_unit_test(test_unworn__a_known_minute_after_it_closes_it),
        cmocka_unit_test(test_unworn__late_data_withdraw_it),
        cmocka_unit_test(test_unworn__of_which_the_day_ended_stays_until_worn),
        cmocka_unit_test(test_low__needs_three_valid_days_under_the_floor),
        cmocka_unit_test(test_low__today_speaks_for_the_patient_once_it_is_valid),
        cmocka_unit_test(test_low__today_speaks_against_nobody),
        cmocka_unit_test(test_low__late_data_withdraw_it_or_tell_that_it_is_over),
        cmocka_unit_test(test_over__ends_with_the_day_or_with_its_reason),
        cmocka_unit_test(test_pain__is_high_or_well_above_the_median_or_a_flare),
        cmocka_unit_test(test_pain__median_is_of_the_seven_days_before),
        cmocka_unit_test(
            test_pain__is_eased_by_a_later_score_and_withdrawn_by_late_ones),
        cmocka_unit_test(test_battery__is_low_at_20_and_charged_at_30),
        cmocka_unit_test(test_battery__is_the_emptiest_devices),
        cmocka_unit_test(test_battery__of_a_device_in_a_drawer_does_not_count),
        cmocka_unit_test(
            test_unusable__is_raised_after_silent_after_of_refused_messages),
        cmocka_unit_test(test_unusable__lasts_until_something_is_taken),
        cmocka_unit_test(test_rest__is_not_raised_while_the_device_tells_nothing),
        cmocka_unit_test(test_every_kind__opens_only_in_the_window_and_by_a_good_clock),
        cmocka_unit_test(test_back_within_ten_minutes__it_is_the_same_alert),
        cmocka_unit_test(test_back_after_ten_minutes__it_is_another),
        cmocka_unit_test(test_back_while_shelved__it_is_told_when_that_ends),
        cmocka_unit_test(test_back_after_its_shelving__it_is_told_once),
        cmocka_unit_test(test_back_on_another_day__over_and_rest_are_others),
        cmocka_unit_test(test_words__name_the_numbers_that_are_judged_by),
        cmocka_unit_test(test_words__every_kind_says_when_it_is_raised_and_how_it_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
