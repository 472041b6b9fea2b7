/* test_glance.c -- what a row of the board shows, when it is computed anew, and who cannot be
 * judged by it. */
#include "draw.h"
#include "store_fixture.h"

#include "records/records.h"
#include "records/worklist.h"

enum { TODAY = 20522 }; /* 2026-03-10 */
static const int64_t DAY_S = TODAY * (int64_t)86400;
#define AT_S(hour, minute) (DAY_S + (hour)*3600 + (minute)*60)

struct clinic {
    struct fixture *f;
    struct sw_glances glances;
    int64_t key, now_s;
    struct sw_worklist_line line; /* as last gathered */
};

static int set_up(void **state)
{
    struct clinic *clinic = calloc(1, sizeof *clinic);
    fixture_open((void **)&clinic->f);
    clinic->key = add_patient(clinic->f->store, "p1");
    clinic->now_s = AT_S(12, 0);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    struct clinic *clinic = *state;
    sw_glances_fini(&clinic->glances);
    fixture_close((void **)&clinic->f);
    free(clinic);
    return 0;
}

/* A character a minute from 08:00 on, as draw.h draws. */
static void live(struct clinic *clinic, const char *minutes)
{
    const struct sw_device_id device = {"band"};
    for (int64_t i = 0; minutes[i]; i++) {
        const struct sw_reading reading = {
            AT_S(8, 0) + 60 * i, 60, minutes[i] == '#' ? 20 : 0, minutes[i] != 'u'};
        if (minutes[i] != '_')
            assert_true(sw_store_put_reading(clinic->f->store, clinic->key, &device,
                                             &reading) >= 0);
    }
    assert_int_equal(sw_records_refresh(clinic->f->store, &utc, clinic->key, TODAY), 0);
}

static const struct sw_glance *look(struct clinic *clinic)
{
    struct sw_worklist list = {.store = clinic->f->store,
                               .zone = &utc,
                               .now_s = clinic->now_s,
                               .glances = &clinic->glances};
    assert_int_equal(sw_worklist_gather(&list), 0);
    assert_int_equal(list.n, 1);
    clinic->line = list.lines[0];
    sw_worklist_fini(&list);
    return &clinic->line.glance;
}

static void test_glance__is_the_strip_of_the_moment(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, "..............................###############...............");
    clinic->now_s = AT_S(9, 0);
    assert_string_equal(look(clinic)->strip, "sa........................");
    assert_int_equal(clinic->line.glance.from_min, 8 * 60);
    assert_int_equal(clinic->line.glance.window_min, 13 * 60);
    assert_int_equal(clinic->line.glance.known_min, 60);
    clinic->now_s = AT_S(9, 20); /* nothing came, and time goes on */
    assert_string_equal(look(clinic)->strip, "sa-.......................");
    assert_int_equal(clinic->line.glance.known_min, 60);
}

static void test_glance__is_computed_anew_when_the_row_changes(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, "..............................");
    clinic->now_s = AT_S(9, 0);
    assert_string_equal(look(clinic)->strip, "s-........................");
    live(clinic, "..............................###");
    assert_string_equal(look(clinic)->strip, "sa........................");
}

/* A score need not change the day's row. */
static void test_glance__is_computed_anew_when_a_message_came(void **state)
{
    struct clinic *clinic = *state;
    struct sw_pain pain = {.at_s = AT_S(9, 0), .score = 4};
    assert_int_equal(look(clinic)->score_at_s, 0);
    sw_store_put_pain(clinic->f->store, clinic->key, &pain);
    assert_int_equal(look(clinic)->score_at_s, 0);
    sw_store_put_heard(clinic->f->store, clinic->key, AT_S(11, 59), SW_STAMP_OWN);
    assert_int_equal(look(clinic)->score_at_s, AT_S(9, 0));
    assert_int_equal(clinic->line.glance.score, 4 * SW_SCORE_UNIT);
}

static void test_glance__is_computed_anew_after_some_minutes(void **state)
{
    struct clinic *clinic = *state;
    struct sw_pain pain = {.at_s = AT_S(9, 0), .score = 4};
    assert_int_equal(look(clinic)->score_at_s, 0);
    sw_store_put_pain(clinic->f->store, clinic->key, &pain);
    clinic->now_s += 5 * 60;
    assert_int_equal(look(clinic)->score_at_s, AT_S(9, 0));
}

static void test_glance__another_plan_is_another_window(void **state)
{
    struct clinic *clinic = *state;
    struct sw_plan plan = sw_plan_default();
    live(clinic, "..............................");
    assert_int_equal(look(clinic)->window_min, 13 * 60);
    plan.wake_to_min = 12 * 60;
    assert_int_equal(sw_store_put_plan(clinic->f->store, clinic->key, 0, &plan), 0);
    assert_int_equal(look(clinic)->window_min, 4 * 60);
}

static void test_glance__the_rest_that_counts_lies_where_it_was(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, "###............................................########......");
    look(clinic);
    assert_int_equal(clinic->line.glance.rest_from_min, 3);
    assert_int_equal(clinic->line.glance.rest_to_min, 47);
}

static void test_glance__a_day_without_anything_has_no_rest(void **state)
{
    struct clinic *clinic = *state;
    look(clinic);
    assert_string_equal(clinic->line.glance.strip, "--------..................");
    assert_int_equal(clinic->line.glance.rest_to_min, 0);
    assert_int_equal(clinic->line.glance.battery_pct, -1);
    assert_int_equal(sw_worklist_group(&clinic->line), SW_GROUP_NO_DATA);
}

static void put_day(struct clinic *clinic, int32_t ago, int64_t steps, bool valid)
{
    struct sw_day_row row = {.day = TODAY - ago,
                             .steps = steps,
                             .still_min = valid ? 600 : 60,
                             .longest_rest_from = -1,
                             .valid = valid,
                             .goal = 5000};
    assert_int_equal(sw_store_put_day(clinic->f->store, clinic->key, row.day, &row), 0);
}

static void test_glance__a_square_for_each_day_of_the_week(void **state)
{
    struct clinic *clinic = *state;
    struct sw_plan plan = sw_plan_default();
    static const enum sw_square expected[] = {
        SW_SQUARE_MET, SW_SQUARE_BELOW,   SW_SQUARE_THIN,  SW_SQUARE_MET,
        SW_SQUARE_MET, SW_SQUARE_NO_DATA, SW_SQUARE_SO_FAR};
    plan.goal = 5000;
    assert_int_equal(sw_store_put_plan(clinic->f->store, clinic->key, 0, &plan), 0);
    live(clinic, "..............................");
    put_day(clinic, 7, 5000, true); /* a week ago: no square */
    put_day(clinic, 6, 5000, true);
    put_day(clinic, 5, 4999, true);
    put_day(clinic, 4, 4999, false);
    put_day(clinic, 3, 5000, false); /* met, however little is known */
    put_day(clinic, 2, 9000, true);
    const struct sw_glance *glance = look(clinic);
    for (size_t i = 0; i < SW_GLANCE_DAYS; i++)
        assert_int_equal(glance->week[i], expected[i]);
}

static void assert_group(struct clinic *clinic, int32_t goal, enum sw_group expected)
{
    struct sw_plan plan = sw_plan_default();
    plan.goal = goal;
    assert_int_equal(sw_store_put_plan(clinic->f->store, clinic->key, 0, &plan), 0);
    live(clinic, "");
    look(clinic);
    assert_int_equal(sw_worklist_group(&clinic->line), expected);
}

/* 200 steps in the first two hours of 13. */
static void test_glance__on_track_is_who_keeps_pace_with_the_goal(void **state)
{
    struct clinic *clinic = *state;
    char minutes[121];
    memset(minutes, '.', 120);
    memset(minutes, '#', 10);
    minutes[120] = '\0';
    live(clinic, minutes);
    clinic->now_s = AT_S(10, 30);
    assert_group(clinic, 200, SW_GROUP_ON_TRACK);
    assert_group(clinic, 1300, SW_GROUP_ON_TRACK);  /* 200 of 200 */
    assert_group(clinic, 1700, SW_GROUP_ON_TRACK);  /* 200 of 261 */
    assert_group(clinic, 1800, SW_GROUP_OFF_TRACK); /* 200 of 276 */
    assert_group(clinic, 0, SW_GROUP_ON_TRACK);     /* no goal, and no long rest */
}

/* ---- nothing is known of now ---- */

static const char *attention_at(struct clinic *clinic, int64_t now_s)
{
    static char text[SW_WORKLIST_TEXT_MAX];
    struct sw_worklist list = {.store = clinic->f->store, .zone = &utc};
    clinic->now_s = list.now_s = now_s;
    assert_int_equal(sw_worklist_gather(&list),
                     0); /* as `today` does, without glances */
    sw_worklist_text(&list, &list.lines[0], text);
    sw_worklist_fini(&list);
    look(clinic);
    return text;
}

static void assert_cannot_be_judged(struct clinic *clinic, int64_t now_s,
                                    const char *attention)
{
    bool is_judged = !*attention;
    assert_string_equal(attention_at(clinic, now_s), attention);
    assert_int_equal(clinic->line.rank, is_judged ? SW_RANK_NONE : SW_RANK_NO_DATA);
    assert_int_equal(sw_worklist_group(&clinic->line),
                     is_judged ? SW_GROUP_ON_TRACK : SW_GROUP_NO_DATA);
}

static void test_worklist__who_is_known_of_old_data_alone_is_not_judged(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, times(120, '.'));
    assert_cannot_be_judged(clinic, AT_S(11, 15), ""); /* 60 min and `fresh` */
    assert_cannot_be_judged(clinic, AT_S(11, 16), "no data since 10:00");
    assert_cannot_be_judged(clinic, AT_S(23, 0), "no data since 10:00");
    assert_cannot_be_judged(clinic, AT_S(24 + 7, 0), "no data since 2026-03-10 10:00");
}

/* The night does not count. */
static void test_worklist__data_to_the_end_of_the_day_did_not_stop(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, times(13 * 60, '.'));
    assert_string_equal(attention_at(clinic, AT_S(23, 30)), "");
    assert_string_equal(attention_at(clinic, AT_S(24 + 9, 15)), "no data today");
    assert_string_equal(attention_at(clinic, AT_S(24 + 9, 16)),
                        "no data since 2026-03-10 21:00");
}

/* What is usual for a device is no stop; nor is a band that says it is not worn silent. */
static void test_worklist__late_data_and_unworn_minutes_did_not_stop(void **state)
{
    struct clinic *clinic = *state;
    struct sw_lateness lateness = {0};
    char minutes[13 * 60 + 1];
    snprintf(minutes, sizeof minutes, "%s%s", times(120, '.'), times(120, 'u'));
    live(clinic, minutes);
    assert_cannot_be_judged(clinic, AT_S(13, 15), "");
    assert_cannot_be_judged(clinic, AT_S(13, 16), "no data since 12:00");
    for (int hour = 3; hour >= 0; hour--)
        sw_lateness_note(&lateness, AT_S(13 - hour, 0), AT_S(13 - hour, 0) - 90 * 60);
    assert_int_equal(sw_store_put_lateness(clinic->f->store, clinic->key, &lateness),
                     0);
    assert_string_equal(attention_at(clinic, AT_S(14, 30)),
                        "data comes 90 min late: no rest can be seen");
    assert_string_equal(attention_at(clinic, AT_S(14, 31)),
                        "no data since 12:00; data comes 90 min late: no rest can be "
                        "seen");
}

static void put_alert(struct clinic *clinic, enum sw_alert_kind kind,
                      enum sw_alert_state state)
{
    struct sw_alert alert = {.patient = {"p1"},
                             .therapist = {"anna"},
                             .kind = kind,
                             .level = SW_LEVEL_LOW,
                             .state = state,
                             .rev = 1,
                             .opened_at_s = AT_S(9, 30),
                             .updated_at_s = AT_S(9, 30)};
    assert_int_equal(sw_store_put_alert(clinic->f->store, clinic->key, &alert,
                                        SW_STATE_NONE, "gateway", "opened"),
                     0);
}

/* Its device is silent, or not worn: the alert says so, and once it is seen nobody is on
 * track by what was before. */
static void test_worklist__a_device_that_sees_nothing_judges_nobody(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, times(120, '.'));
    put_alert(clinic, SW_ALERT_UNWORN, SW_STATE_ACKNOWLEDGED);
    assert_string_equal(attention_at(clinic, AT_S(12, 0)),
                        "device not worn since 09:30 (low, acknowledged)");
    assert_int_equal(sw_worklist_group(&clinic->line), SW_GROUP_NO_DATA);
    put_alert(clinic, SW_ALERT_PAIN, SW_STATE_OPEN);
    attention_at(clinic, AT_S(12, 0));
    assert_int_equal(sw_worklist_group(&clinic->line), SW_GROUP_NEEDS_YOU);
}

/* Of whom nothing is known today that is said, whatever else is. */
static void test_worklist__no_data_is_said_beside_what_was_seen(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, times(13 * 60, '.'));
    put_alert(clinic, SW_ALERT_PAIN, SW_STATE_ACKNOWLEDGED);
    assert_string_equal(
        attention_at(clinic, AT_S(24 + 9, 15)),
        "pain since 2026-03-10 09:30 (low, acknowledged); no data today");
    assert_int_equal(clinic->line.rank, SW_RANK_SEEN_LOW);
    assert_int_equal(sw_worklist_group(&clinic->line), SW_GROUP_NO_DATA);
}

/* ---- over the ceiling ---- */

static void put_ceilings(struct clinic *clinic, int32_t yesterday, int32_t today)
{
    struct sw_plan plan = sw_plan_default();
    plan.ceiling = yesterday;
    assert_int_equal(sw_store_put_plan(clinic->f->store, clinic->key, TODAY - 1, &plan),
                     0);
    plan.ceiling = today;
    assert_int_equal(sw_store_put_plan(clinic->f->store, clinic->key, TODAY, &plan), 0);
}

static void assert_over(struct clinic *clinic, const char *attention)
{
    assert_string_equal(attention_at(clinic, AT_S(10, 0)), attention);
    assert_int_equal(clinic->line.rank, *attention ? SW_RANK_OVER : SW_RANK_NONE);
    assert_int_equal(sw_worklist_group(&clinic->line),
                     *attention ? SW_GROUP_OFF_TRACK : SW_GROUP_ON_TRACK);
}

static void test_worklist__who_was_over_the_ceiling_is_not_on_track(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, times(120, '#')); /* 2,400 steps */
    put_day(clinic, 1, 6000, true);
    put_ceilings(clinic, 6000, 2400);
    assert_over(clinic, "");
    put_ceilings(clinic, 5999, 2400); /* the ceiling of that day, not of today */
    assert_over(clinic, "over the ceiling yesterday: 6,000 steps, ceiling 5,999");
    put_ceilings(clinic, 5999, 2399);
    assert_over(clinic,
                "over the ceiling yesterday and today: 2,400 steps, ceiling 2,399");
    put_ceilings(clinic, 0, 2399);
    assert_over(clinic, "over the ceiling today: 2,400 steps, ceiling 2,399");
}

/* The alert says it already. */
static void test_worklist__over_the_ceiling_is_said_once(void **state)
{
    struct clinic *clinic = *state;
    live(clinic, times(120, '#'));
    put_ceilings(clinic, 0, 2399);
    put_alert(clinic, SW_ALERT_OVER, SW_STATE_ACKNOWLEDGED);
    assert_string_equal(attention_at(clinic, AT_S(10, 0)),
                        "over the ceiling since 09:30 (low, acknowledged)");
    assert_int_equal(sw_worklist_group(&clinic->line), SW_GROUP_OFF_TRACK);
}

static void test_glance__more_patients_than_are_kept_are_right_too(void **state)
{
    struct clinic *clinic = *state;
    struct sw_glance a, b;
    const struct sw_plan plan = sw_plan_default();
    struct sw_patient one = {.key = clinic->key, .id = {"p1"}};
    struct sw_patient other = {.key = clinic->key + SW_GLANCES_MAX, .id = {"p2"}};
    struct sw_glance_input input = {.store = clinic->f->store,
                                    .zone = &utc,
                                    .now_s = clinic->now_s,
                                    .patient = &one,
                                    .plan = &plan};
    live(clinic, "..............................");
    assert_int_equal(sw_glance_take(&clinic->glances, &input, &a), 0);
    input.patient = &other;
    assert_int_equal(sw_glance_take(&clinic->glances, &input, &b), 0);
    assert_string_equal(a.strip, "s-------..................");
    assert_string_equal(b.strip, "--------..................");
}

/* An erased patient is in no list any more. */
static void test_glance__nobody_stays_who_is_not_looked_at(void **state)
{
    struct clinic *clinic = *state;
    struct sw_worklist list = {.store = clinic->f->store,
                               .zone = &utc,
                               .therapist = "somebody else",
                               .glances = &clinic->glances};
    const size_t place = (size_t)clinic->key % SW_GLANCES_MAX;
    look(clinic);
    list.now_s = clinic->now_s;
    assert_int_equal(sw_worklist_gather(&list), 0);
    assert_non_null(clinic->glances.of[place]);
    list.now_s += 5 * 60;
    assert_int_equal(sw_worklist_gather(&list), 0);
    assert_null(clinic->glances.of[place]);
    sw_worklist_fini(&list);
}

#define GLANCE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        GLANCE_TEST(test_glance__is_the_strip_of_the_moment),
        GLANCE_TEST(test_glance__is_computed_anew_when_the_row_changes),
        GLANCE_TEST(test_glance__is_computed_anew_when_a_message_came),
        GLANCE_TEST(test_glance__is_computed_anew_after_some_minutes),
        GLANCE_TEST(test_glance__another_plan_is_another_window),
        GLANCE_TEST(test_glance__the_rest_that_counts_lies_where_it_was),
        GLANCE_TEST(test_glance__a_day_without_anything_has_no_rest),
        GLANCE_TEST(test_glance__a_square_for_each_day_of_the_week),
        GLANCE_TEST(test_glance__on_track_is_who_keeps_pace_with_the_goal),
        GLANCE_TEST(test_worklist__who_is_known_of_old_data_alone_is_not_judged),
        GLANCE_TEST(test_worklist__data_to_the_end_of_the_day_did_not_stop),
        GLANCE_TEST(test_worklist__late_data_and_unworn_minutes_did_not_stop),
        GLANCE_TEST(test_worklist__a_device_that_sees_nothing_judges_nobody),
        GLANCE_TEST(test_worklist__no_data_is_said_beside_what_was_seen),
        GLANCE_TEST(test_worklist__who_was_over_the_ceiling_is_not_on_track),
        GLANCE_TEST(test_worklist__over_the_ceiling_is_said_once),
        GLANCE_TEST(test_glance__nobody_stays_who_is_not_looked_at),
        GLANCE_TEST(test_glance__more_patients_than_are_kept_are_right_too),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
