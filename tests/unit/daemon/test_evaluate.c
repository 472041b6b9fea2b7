/* test_evaluate.c -- what is found of patients is a value: finding it touches nothing,
 * dropping it takes nothing back, and memory follows the store alone. */
#include "clinic_fixture.h"

#include "daemon/evaluate.h"

enum { REST_MIN = 70 };
static const int64_t NOW_S = 20522 * (int64_t)86400 + 10 * 3600;

static void take(struct clinic *c, const char *topic, const char *payload)
{
    struct sw_inbox_record record = {.received_at_s = NOW_S,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, NOW_S), 0);
}

/* A patient who has been resting for more than the limit of an hour. */
static struct patient *open_resting(struct clinic *c)
{
    char payload[1024];
    int n = snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":[0",
                     (long long)NOW_S - REST_MIN * 60);
    open_clinic(c);
    for (int i = 1; i < REST_MIN; i++)
        n += snprintf(payload + n, sizeof payload - (size_t)n, ",0");
    snprintf(payload + n, sizeof payload - (size_t)n, "]}");
    take(c, "clinic/t/patient/p1/steps", payload);
    return patients_find(&c->patients, "p1");
}

static struct eval_time judging_of(const struct clinic *c)
{
    return (struct eval_time){NOW_S, true, &c->online_spans};
}

/* With its nudge, which the wearer is told of once. */
static void test_evaluate__touches_no_patient(void **state)
{
    (void)state;
    struct clinic c;
    struct effects effects = {0};
    struct patient before, *patient = open_resting(&c);
    struct eval_time eval_time = judging_of(&c);
    assert_int_equal(evaluate_prepare(&c.patients, &eval_time, false), 0);
    memcpy(&before, patient, sizeof before);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(evaluate(&c.patients, &c.ingest.actions, &eval_time, &effects),
                         0);
        assert_int_equal(effects.n_urgent, 1);
        assert_int_equal(effects.n_alerts, 1);
        assert_int_equal(effects.alerts[0].alert.kind, SW_ALERT_REST);
        assert_int_equal(effects.n_patients, 1);
        assert_int_equal(effects.patients[0].nudge_min, REST_MIN);
        assert_memory_equal(&before, patient, sizeof before);
    }
    effects_fini(&effects);
    close_clinic(&c);
}

static void
test_effects__that_were_dropped_are_found_again_and_applied_once(void **state)
{
    (void)state;
    struct clinic c;
    struct effects effects = {0};
    struct patient *patient = open_resting(&c);
    struct eval_time eval_time = judging_of(&c);
    assert_int_equal(evaluate_prepare(&c.patients, &eval_time, false), 0);
    assert_int_equal(evaluate(&c.patients, &c.ingest.actions, &eval_time, &effects), 0);
    effects_fini(&effects);
    assert_null(patient->alerts);
    assert_true(judge(&c, NOW_S, false));
    assert_int_equal(patient->alerts[SW_ALERT_REST].state, SW_STATE_OPEN);
    assert_int_equal(patient->unpublished.nudge_min, REST_MIN);
    assert_int_not_equal(patient->known.key, 0);
    assert_false(judge(&c, NOW_S, false));
    close_clinic(&c);
}

/* An acknowledgement: the answer to one that cannot be done is an effect, too. */
static void test_evaluate__of_what_is_asked_touches_nothing_either(void **state)
{
    (void)state;
    struct clinic c;
    struct effects effects = {0};
    struct eval_time eval_time;
    struct patient *patient = open_resting(&c);
    assert_true(judge(&c, NOW_S, false));
    take(&c, "clinic/t/alerts/unassigned/p1/rest/set", "{\"action\":\"ack\"}");
    eval_time = judging_of(&c);
    assert_int_equal(c.ingest.actions.n_asked, 1);
    assert_int_equal(evaluate(&c.patients, &c.ingest.actions, &eval_time, &effects), 0);
    assert_int_equal(effects.n_asked, 1);
    assert_int_equal(effects.alerts[0].alert.state, SW_STATE_ACKNOWLEDGED);
    assert_int_equal(patient->alerts[SW_ALERT_REST].state, SW_STATE_OPEN);
    assert_false(c.ingest.actions.asked[0].done);
    effects_fini(&effects);
    assert_true(judge(&c, NOW_S, false));
    assert_int_equal(patient->alerts[SW_ALERT_REST].state, SW_STATE_ACKNOWLEDGED);
    assert_int_equal(c.ingest.actions.n_asked, 0);
    close_clinic(&c);
}

/* Each builds on those before it, both where it is checked and where it is done. */
static void test_evaluate__several_actions_of_one_commit_add_up(void **state)
{
    (void)state;
    struct clinic c;
    struct effects effects = {0};
    struct eval_time eval_time;
    struct patient *patient = open_resting(&c);
    assert_true(judge(&c, NOW_S, false));
    take(&c, "clinic/t/alerts/unassigned/p1/rest/set", "{\"action\":\"ack\"}");
    take(&c, "clinic/t/alerts/unassigned/p1/rest/set",
         "{\"action\":\"shelve\",\"minutes\":60}");
    take(&c, "clinic/t/alerts/unassigned/p1/rest/set", "{\"action\":\"ack\"}");
    assert_int_equal(c.ingest.actions.n_asked, 2); /* the last changes nothing */
    eval_time = judging_of(&c);
    assert_int_equal(evaluate(&c.patients, &c.ingest.actions, &eval_time, &effects), 0);
    assert_int_equal(effects.n_asked, 2);
    assert_int_equal(effects.alerts[0].alert.shelved_until_s, 0);
    assert_int_equal(effects.alerts[1].from, SW_STATE_ACKNOWLEDGED);
    effects_fini(&effects);
    assert_true(judge(&c, NOW_S, true));
    assert_int_equal(patient->alerts[SW_ALERT_REST].state, SW_STATE_ACKNOWLEDGED);
    assert_int_equal(patient->alerts[SW_ALERT_REST].shelved_until_s, NOW_S + 3600);
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_evaluate__touches_no_patient),
        cmocka_unit_test(
            test_effects__that_were_dropped_are_found_again_and_applied_once),
        cmocka_unit_test(test_evaluate__of_what_is_asked_touches_nothing_either),
        cmocka_unit_test(test_evaluate__several_actions_of_one_commit_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
