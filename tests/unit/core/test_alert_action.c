/* test_alert_action.c -- acknowledging and shelving: once each, and only what was seen. */
#include "draw.h"

#include "stepward/alert.h"

static const int64_t T = 20522 * (int64_t)86400 + 10 * 3600;

static struct sw_alert open_alert(void)
{
    return (struct sw_alert){.kind = SW_ALERT_REST,
                             .state = SW_STATE_OPEN,
                             .rev = 1,
                             .opened_at_s = T,
                             .updated_at_s = T};
}

static struct sw_action ack(const char *by, const char *note)
{
    struct sw_action action = {.kind = SW_ACTION_ACK};
    strcpy(action.by, by);
    strcpy(action.note, note);
    return action;
}

static struct sw_action shelve(int32_t minutes)
{
    return (struct sw_action){.kind = SW_ACTION_SHELVE, .minutes = minutes};
}

static void
test_act__an_acknowledgement_says_who_and_what_and_is_published(void **state)
{
    (void)state;
    struct sw_alert alert = open_alert();
    struct sw_action action = ack("anna", "called");
    bool publish = false;
    assert_int_equal(sw_alert_apply(&alert, &action, T + 60, &publish),
                     SW_OUTCOME_DONE);
    assert_true(publish);
    assert_int_equal(alert.state, SW_STATE_ACKNOWLEDGED);
    assert_int_equal(alert.rev, 2);
    assert_int_equal(alert.updated_at_s, T + 60);
    assert_string_equal(alert.by, "anna");
    assert_string_equal(alert.note, "called");
}

static void test_act__the_same_again_changes_nothing(void **state)
{
    (void)state;
    struct sw_alert alert = open_alert();
    struct sw_action seen = ack("anna", ""), later = ack("ben", ""), away = shelve(60);
    bool publish;
    sw_alert_apply(&alert, &seen, T + 60, &publish);
    sw_alert_apply(&alert, &away, T + 60, &publish);
    struct sw_alert before = alert;
    assert_int_equal(sw_alert_apply(&alert, &seen, T + 60, &publish),
                     SW_OUTCOME_NOTHING_NEW);
    assert_int_equal(sw_alert_apply(&alert, &away, T + 60, &publish),
                     SW_OUTCOME_NOTHING_NEW);
    assert_memory_equal(&before, &alert, sizeof alert);
    assert_int_equal(sw_alert_apply(&alert, &later, T + 60, &publish),
                     SW_OUTCOME_NOTHING_NEW);
    assert_memory_equal(&before, &alert, sizeof alert);
}

static void test_act__an_id_means_this_alert_and_no_other(void **state)
{
    (void)state;
    struct sw_action actions[] = {
        ack("anna", ""), shelve(60), {.kind = SW_ACTION_UNSHELVE}};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        struct sw_alert alert = open_alert(), before = alert;
        bool publish;
        strcpy(alert.patient.str, "p1");
        strcpy(before.patient.str, "p1");
        alert.shelved_until_s = before.shelved_until_s = T + 9;
        strcpy(actions[i].id, "p1-rest-1");
        assert_int_equal(sw_alert_apply(&alert, &actions[i], T + 60, &publish),
                         SW_OUTCOME_OTHER);
        assert_memory_equal(&before, &alert, sizeof alert);
        sw_alert_id_format(&alert, actions[i].id);
        assert_int_equal(sw_alert_apply(&alert, &actions[i], T + 60, &publish),
                         SW_OUTCOME_DONE);
    }
}

static void test_act__a_second_one_counts_if_it_has_a_note(void **state)
{
    (void)state;
    struct sw_alert alert = open_alert();
    struct sw_action first = ack("anna", "called her"), second = ack("ben", ""),
                     third = ack("ben", "visited her");
    bool publish;
    sw_alert_apply(&alert, &first, T + 60, &publish);
    assert_int_equal(sw_alert_apply(&alert, &second, T + 70, &publish),
                     SW_OUTCOME_NOTHING_NEW);
    assert_string_equal(alert.by, "anna");
    assert_string_equal(alert.note, "called her");
    assert_int_equal(sw_alert_apply(&alert, &third, T + 80, &publish), SW_OUTCOME_DONE);
    assert_string_equal(alert.by, "ben");
    assert_string_equal(alert.note, "visited her");
}

static void test_act__an_acknowledgement_can_be_undone(void **state)
{
    (void)state;
    struct sw_alert alert = open_alert(), before;
    struct sw_action first = ack("anna", "called her"),
                     undo = {.kind = SW_ACTION_UNACK, .by = "ben"};
    bool publish = false;
    assert_int_equal(sw_alert_apply(&alert, &undo, T + 50, &publish),
                     SW_OUTCOME_NOTHING_NEW);
    sw_alert_apply(&alert, &first, T + 60, &publish);
    assert_int_equal(sw_alert_apply(&alert, &undo, T + 70, &publish), SW_OUTCOME_DONE);
    assert_true(publish);
    assert_int_equal(alert.state, SW_STATE_OPEN);
    assert_string_equal(alert.by, "");
    assert_string_equal(alert.note, "");
    before = alert; /* delivered twice it changes nothing */
    assert_int_equal(sw_alert_apply(&alert, &undo, T + 80, &publish),
                     SW_OUTCOME_NOTHING_NEW);
    assert_memory_equal(&before, &alert, sizeof alert);
}

static void check_why(struct sw_action action, const char *expected)
{
    char why[SW_ACTION_WHY_MAX];
    sw_action_why(&action, why);
    assert_string_equal(why, expected);
}

static void test_act__the_log_tells_what_was_done_and_the_note(void **state)
{
    (void)state;
    struct sw_action away = shelve(10080), back = {.kind = SW_ACTION_UNSHELVE};
    check_why(ack("anna", ""), "ack");
    check_why(ack("anna", "called her"), "called her");
    check_why(away, "shelve 10080 min");
    check_why(back, "unshelve");
    check_why((struct sw_action){.kind = SW_ACTION_UNACK, .note = "not her"},
              "unack: not her");
    memset(away.note, 'x', SW_ALERT_NOTE_MAX);
    char why[SW_ACTION_WHY_MAX];
    sw_action_why(&away, why);
    assert_int_equal(strlen(why), strlen("shelve 10080 min: ") + SW_ALERT_NOTE_MAX);
}

static void test_act__shelved_it_is_not_published_until_it_is_unshelved(void **state)
{
    (void)state;
    struct sw_alert alert = open_alert();
    struct sw_action away = shelve(60), seen = ack("anna", ""),
                     back = {.kind = SW_ACTION_UNSHELVE};
    bool publish = true;
    assert_int_equal(sw_alert_apply(&alert, &away, T + 60, &publish), SW_OUTCOME_DONE);
    assert_false(publish);
    assert_int_equal(alert.shelved_until_s, T + 60 + 3600);
    assert_int_equal(sw_alert_apply(&alert, &seen, T + 120, &publish), SW_OUTCOME_DONE);
    assert_false(publish);
    assert_int_equal(alert.rev, 1);
    assert_int_equal(sw_alert_apply(&alert, &back, T + 180, &publish), SW_OUTCOME_DONE);
    assert_true(publish);
    assert_int_equal(alert.rev, 2);
    assert_int_equal(alert.state, SW_STATE_ACKNOWLEDGED);
}

static void test_act__what_is_closed_is_closed(void **state)
{
    (void)state;
    struct sw_alert none = {0}, closed = open_alert();
    struct sw_action action = ack("anna", "");
    bool publish;
    closed.state = SW_STATE_CLOSED;
    assert_int_equal(sw_alert_apply(&none, &action, T, &publish), SW_OUTCOME_CLOSED);
    assert_int_equal(sw_alert_apply(&closed, &action, T, &publish), SW_OUTCOME_CLOSED);
    assert_int_equal(closed.state, SW_STATE_CLOSED);
}

static void test_act__a_rise_that_was_not_seen_is_not_acknowledged(void **state)
{
    (void)state;
    struct sw_alert alert = open_alert();
    struct sw_action action = ack("anna", "");
    bool publish;
    alert.level = SW_LEVEL_MEDIUM;
    alert.updated_at_s = T + 3600;
    assert_int_equal(sw_alert_apply(&alert, &action, T + 3599, &publish),
                     SW_OUTCOME_CHANGED);
    assert_int_equal(alert.state, SW_STATE_OPEN);
    /* an hour back is a clock that was put back, not a message that waited */
    assert_int_equal(sw_alert_apply(&alert, &action, T, &publish), SW_OUTCOME_DONE);
    assert_int_equal(alert.updated_at_s, T + 3600);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_act__an_acknowledgement_says_who_and_what_and_is_published),
        cmocka_unit_test(test_act__the_same_again_changes_nothing),
        cmocka_unit_test(test_act__an_id_means_this_alert_and_no_other),
        cmocka_unit_test(test_act__a_second_one_counts_if_it_has_a_note),
        cmocka_unit_test(test_act__the_log_tells_what_was_done_and_the_note),
        cmocka_unit_test(test_act__an_acknowledgement_can_be_undone),
        cmocka_unit_test(test_act__shelved_it_is_not_published_until_it_is_unshelved),
        cmocka_unit_test(test_act__what_is_closed_is_closed),
        cmocka_unit_test(test_act__a_rise_that_was_not_seen_is_not_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
