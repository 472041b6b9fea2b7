/* test_budget.c -- alerts beyond a therapist's budget: stored, and not published. */
#include "clinic_fixture.h"

static const int64_t NOW_S = 20522 * (int64_t)86400 + 10 * 3600;

static void say(struct clinic *c, int64_t at_s, const char *patient,
                const char *payload)
{
    char topic[64];
    snprintf(topic, sizeof(topic), "clinic/t/patient/%s/steps", patient);
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, at_s), 0);
}

/* So many minutes up to at_s, each with so many steps. */
static void walk(struct clinic *c, int64_t at_s, const char *patient, int minutes,
                 int steps)
{
    char payload[4000];
    int n = snprintf(payload, sizeof(payload), "{\"start\":%lld,\"steps\":[%d",
                     (long long)(at_s - minutes * 60), steps);
    for (int i = 1; i < minutes; i++)
        n += snprintf(payload + n, sizeof(payload) - (size_t)n, ",%d", steps);
    snprintf(payload + n, sizeof(payload) - (size_t)n, "]}");
    say(c, at_s, patient, payload);
}

static void rest(struct clinic *c, int64_t at_s, const char *patient, int minutes)
{
    walk(c, at_s, patient, minutes, 0);
}

static int note_alert(void *ctx, int64_t key, const struct sw_alert *alert)
{
    char *text = ctx;
    size_t n = strlen(text);
    (void)key;
    snprintf(text + n, 200 - n, "%s:%s:%d%s ", alert->patient.str,
             sw_alert_state_name(alert->state), alert->rev,
             alert->over_budget ? ":over" : "");
    return 0;
}

/* "p2:open:0:over p1:open:1 ", the newest first */
static const char *alerts_of(struct clinic *c, const char *patient)
{
    static char text[200];
    struct sw_alert_filter filter = {.closed_too = true};
    snprintf(filter.patient.str, sizeof(filter.patient.str), "%s", patient);
    text[0] = '\0';
    assert_int_equal(sw_store_each_alert(c->store, &filter, note_alert, text), 0);
    return text;
}

/* How many publications wait to be sent, about the patient's rest. */
static int published(struct clinic *c, const char *patient)
{
    struct sw_outbound out = {.seq = 0};
    char tail[64];
    int n = 0;
    snprintf(tail, sizeof(tail), "/%s/rest", patient);
    while (sw_store_next_outbound(c->store, out.seq, &out) == 0) {
        n += strstr(out.topic, tail) != NULL;
        free(out.payload);
    }
    return n;
}

static void open_with_budget(struct clinic *c, int32_t budget)
{
    open_clinic(c);
    c->config.alert_budget = budget;
}

static void restart(struct clinic *c, int64_t now_s, int32_t today)
{
    patients_fini(&c->patients);
    c->patients = (struct patients){.store = c->store, .zone = &utc, .now_s = now_s};
    assert_int_equal(patients_load(&c->patients, today), 0);
}

static void test_budget__beyond_it_low_ones_are_stored_and_not_published(void **state)
{
    (void)state;
    struct clinic c;
    open_with_budget(&c, 1);
    rest(&c, NOW_S, "p1", 60);
    rest(&c, NOW_S, "p2", 60);
    assert_true(judge(&c, NOW_S, false)); /* both in one transaction */
    assert_string_equal(alerts_of(&c, "p1"), "p1:open:1 ");
    assert_string_equal(alerts_of(&c, "p2"), "p2:open:0:over ");
    assert_int_equal(published(&c, "p1"), 1);
    assert_int_equal(published(&c, "p2"), 0);
    walk(&c, NOW_S + 120, "p2", 2, 90); /* its end is not told either */
    assert_true(judge(&c, NOW_S + 120, false));
    assert_string_equal(alerts_of(&c, "p2"), "p2:closed:0:over ");
    assert_int_equal(published(&c, "p2"), 0);
    close_clinic(&c);
}

static void test_budget__a_medium_one_and_a_rise_are_published(void **state)
{
    (void)state;
    struct clinic c;
    open_with_budget(&c, 1);
    rest(&c, NOW_S, "p1", 60);
    rest(&c, NOW_S, "p2", 120); /* medium as soon as it is heard of */
    rest(&c, NOW_S, "p3", 60);
    assert_true(judge(&c, NOW_S, false));
    assert_string_equal(alerts_of(&c, "p2"), "p2:open:1 ");
    assert_string_equal(alerts_of(&c, "p3"), "p3:open:0:over ");
    restart(&c, NOW_S, TODAY);
    rest(&c, NOW_S + 3600, "p3", 60);
    assert_true(judge(&c, NOW_S + 3600, false));
    assert_string_equal(alerts_of(&c, "p3"), "p3:open:1:over ");
    assert_int_equal(published(&c, "p3"), 1);
    close_clinic(&c);
}

static void test_budget__is_of_a_therapist_and_of_a_day(void **state)
{
    (void)state;
    struct clinic c;
    open_with_budget(&c, 1);
    rest(&c, NOW_S, "p1", 60);
    assert_true(judge(&c, NOW_S, false));
    struct sw_plan plan = c.config.plan;
    strcpy(plan.therapist.str, "ben");
    strcpy(c.config.plan.therapist.str, "ben"); /* of whom is enrolled from now on */
    rest(&c, NOW_S + 60, "p2", 60);
    assert_true(judge(&c, NOW_S + 60, false));
    assert_string_equal(alerts_of(&c, "p2"), "p2:open:1 ");
    rest(&c, NOW_S + 120, "p3", 60);
    assert_true(judge(&c, NOW_S + 120, false));
    assert_string_equal(alerts_of(&c, "p3"), "p3:open:0:over ");
    assert_int_equal(patients_load(&c.patients, TODAY + 1), 0);
    rest(&c, NOW_S + 86400, "p4", 60);
    assert_true(judge(&c, NOW_S + 86400, false));
    assert_string_equal(alerts_of(&c, "p4"), "p4:open:1 ");
    close_clinic(&c);
}

static void test_budget__survives_a_restart_and_zero_is_no_limit(void **state)
{
    (void)state;
    struct clinic c;
    open_with_budget(&c, 1);
    rest(&c, NOW_S, "p1", 60);
    assert_true(judge(&c, NOW_S, false));
    restart(&c, NOW_S, TODAY);
    rest(&c, NOW_S + 60, "p2", 60);
    assert_true(judge(&c, NOW_S + 60, false));
    assert_string_equal(alerts_of(&c, "p2"), "p2:open:0:over ");
    c.config.alert_budget = 0; /* what was held back stays so */
    rest(&c, NOW_S + 120, "p3", 60);
    assert_true(judge(&c, NOW_S + 120, false));
    assert_string_equal(alerts_of(&c, "p3"), "p3:open:1 ");
    assert_string_equal(alerts_of(&c, "p2"), "p2:open:0:over ");
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_budget__beyond_it_low_ones_are_stored_and_not_published),
        cmocka_unit_test(test_budget__a_medium_one_and_a_rise_are_published),
        cmocka_unit_test(test_budget__is_of_a_therapist_and_of_a_day),
        cmocka_unit_test(test_budget__survives_a_restart_and_zero_is_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
