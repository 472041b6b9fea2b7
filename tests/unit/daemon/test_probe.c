/* test_probe.c -- what goes round, what stays away, and when that is trouble. */
#include "daemon/probe.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "stepward/wire.h"

enum {
    BEGAN_S = 1795435200,
    STEPS = 0,
    PAIN = 1,
    SET = 2,
    ALERTS = 3,
    ECHO = 4,
    STATUS = 5,
    HEALTH = 6,
    BAND = 9 /* behind those of overviews and of lists */
};

static struct scene {
    struct probe probe;
    struct probe_ears ears;
    struct subscriptions subscriptions;
    struct incidents incidents;
    struct patients patients;
    struct patient patient, *everyone[1];
    int64_t now_ms;
    int saved;
} scene;

static int setup(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    scene.now_ms = 3600 * 1000;
    scene.everyone[0] = &scene.patient;
    scene.patients.all = scene.everyone;
    scene.patients.n = 1;
    snprintf(scene.patient.known.id.str, SW_ID_MAX, "p1");
    struct subscriptions *list = &scene.subscriptions;
    for (; sw_topic_filter(list->texts[list->n_filters], "main", list->n_filters);
         list->n_filters++)
        list->filters[list->n_filters] = list->texts[list->n_filters];
    list->filters[list->n_filters++] = "home/+/BTtoMQTT/+";
    list->filters[list->n_filters++] = SW_TOPIC_DROPPED; /* nothing is sent there */
    scene.saved = dup(STDERR_FILENO);
    assert_non_null(freopen("/dev/null", "w", stderr));
    probe_ears_init(&scene.ears);
    probe_init(&scene.probe, "main", list, &scene.patients, &scene.incidents,
               &scene.ears);
    probe_begin(&scene.probe, scene.now_ms);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    probe_ears_fini(&scene.ears);
    dup2(scene.saved, STDERR_FILENO);
    close(scene.saved);
    return 0;
}

static bool tick_after(int seconds)
{
    scene.now_ms += seconds * 1000;
    return probe_tick(&scene.probe, NULL,
                      (struct instant){BEGAN_S + scene.now_ms / 1000, scene.now_ms});
}

/* The probe of a filter comes back; by its own topic. */
static void comes_back(size_t filter, bool dotted)
{
    sw_topic_text topic;
    char payload[64];
    size_t i = filter + (dotted ? scene.subscriptions.n_filters : 0);
    sw_topic_probe(topic, scene.subscriptions.filters[filter],
                   dotted ? SW_PROBE_DOTTED : SW_PROBE_ID);
    snprintf(payload, sizeof payload, "{\"stepward\":\"probe %016" PRIx64 "-%zu\"}",
             scene.ears.nonce, i);
    assert_true(probe_on_message(&scene.ears, "main", topic, strlen(topic), payload,
                                 strlen(payload)));
}

/* Nothing goes to status and health: others read them; nor to what does not come back. */
static bool is_tried(size_t i)
{
    return i < STATUS || i >= BAND;
}

static void all_come_back_but(size_t left_out)
{
    for (size_t i = STEPS; i <= BAND; i++) {
        if (!is_tried(i))
            continue;
        if (i != left_out)
            comes_back(i, false);
        if (i != left_out && i != ECHO && i != BAND)
            comes_back(i, true);
    }
}

static const char *text_of(enum sw_incident_kind kind)
{
    return incidents_lasts(&scene.incidents, kind) ? scene.incidents.last[kind].text
                                                   : "";
}

static void assert_says(enum sw_incident_kind kind, const char *part)
{
    if (!strstr(text_of(kind), part))
        fail_msg("\"%s\" is not in \"%s\"", part, text_of(kind));
}

static void assert_well(void)
{
    for (int kind = 0; kind < SW_INCIDENT_KINDS; kind++)
        assert_false(incidents_lasts(&scene.incidents, (enum sw_incident_kind)kind));
}

static void
test_probe__that_comes_back_is_no_news_and_goes_again_in_10_min(void **state)
{
    (void)state;
    assert_false(tick_after(0));
    uint64_t nonce = scene.ears.nonce;
    assert_true(probe_waits(&scene.probe));
    all_come_back_but(SIZE_MAX);
    assert_false(tick_after(1));
    assert_false(probe_waits(&scene.probe));
    assert_false(tick_after(598));
    assert_int_equal(scene.ears.nonce, nonce);
    assert_false(tick_after(2));
    assert_int_not_equal(scene.ears.nonce, nonce);
    assert_true(probe_waits(&scene.probe));
    assert_well();
}

static void test_probe__without_any_answer_is_trouble_after_30_s(void **state)
{
    (void)state;
    tick_after(0);
    assert_false(tick_after(29));
    assert_well();
    assert_true(tick_after(1));
    assert_says(SW_INCIDENT_DEAF,
                "clinic/main/patient/+/steps and 4 more topics do not arrive");
    assert_says(SW_INCIDENT_MUTE, "alerts do not come through");
    assert_false(probe_waits(&scene.probe));
}

static void test_probe__behind_one_that_came_back_is_overdue_after_10_s(void **state)
{
    (void)state;
    tick_after(0);
    all_come_back_but(PAIN);
    assert_false(tick_after(1));
    assert_false(tick_after(8));
    assert_true(tick_after(1));
    assert_says(SW_INCIDENT_DEAF, "clinic/main/patient/+/pain do not arrive");
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_MUTE));
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_DOTS_LOST));
}

static void test_probe__of_the_alerts_says_mute(void **state)
{
    (void)state;
    tick_after(0);
    all_come_back_but(ALERTS);
    assert_true(tick_after(10));
    assert_says(SW_INCIDENT_MUTE, "clinic/main/alerts/#");
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_DEAF));
}

static void test_probe__that_is_late_ends_the_trouble(void **state)
{
    (void)state;
    tick_after(0);
    all_come_back_but(BAND);
    assert_true(tick_after(10));
    assert_says(SW_INCIDENT_DEAF, "home/+/BTtoMQTT/+");
    comes_back(BAND, false);
    assert_true(tick_after(1));
    assert_well();
}

static void test_probe__goes_again_after_a_minute_while_there_is_trouble(void **state)
{
    (void)state;
    tick_after(0);
    all_come_back_but(STEPS);
    assert_true(tick_after(10));
    incidents_committed(&scene.incidents);
    uint64_t nonce = scene.ears.nonce;
    assert_false(tick_after(61));
    assert_int_not_equal(scene.ears.nonce, nonce);
    assert_true(incidents_lasts(&scene.incidents, SW_INCIDENT_DEAF)); /* meanwhile */
    all_come_back_but(SIZE_MAX);
    assert_true(tick_after(1));
    assert_well();
}

static void test_probe__of_an_earlier_round_says_nothing(void **state)
{
    (void)state;
    char payload[64];
    tick_after(0);
    snprintf(payload, sizeof payload, "{\"stepward\":\"probe %016" PRIx64 "-0\"}",
             scene.ears.nonce + 1);
    static const char topic[] = "clinic/main/patient/~stepward-probe/steps";
    assert_true(probe_on_message(&scene.ears, "main", topic, strlen(topic), payload,
                                 strlen(payload)));
    assert_false(scene.ears.back[0]);
}

static void test_probe__lost_for_its_dot_harms_only_who_has_one(void **state)
{
    (void)state;
    tick_after(0);
    for (size_t i = STEPS; i <= BAND; i++)
        if (is_tried(i))
            comes_back(i, false);
    assert_false(tick_after(10));
    assert_well();
    snprintf(scene.patient.known.id.str, SW_ID_MAX, "p.1");
    tick_after(600);
    for (size_t i = STEPS; i <= BAND; i++)
        if (is_tried(i))
            comes_back(i, false);
    assert_true(tick_after(10));
    assert_says(SW_INCIDENT_DOTS_LOST, "give p.1 one without");
}

static void test_probe__too_large_is_told_as_that_and_not_as_mute(void **state)
{
    (void)state;
    struct sw_session_event event = {.kind = SW_SESSION_FAILED,
                                     .refused = true,
                                     .too_large = true,
                                     .cookie = UINT64_C(1) << 63 | ALERTS};
    tick_after(0);
    assert_false(probe_event(&scene.probe, &event)); /* others tell it */
    all_come_back_but(ALERTS);
    comes_back(ALERTS, true);
    assert_false(tick_after(10));
    assert_well();
    assert_false(tick_after(61)); /* and it is tried again soon */
    assert_true(probe_waits(&scene.probe));
}

static void test_probe__is_not_missed_while_the_connection_is_down(void **state)
{
    (void)state;
    struct sw_session_event down = {.kind = SW_SESSION_DOWN};
    tick_after(0);
    assert_false(probe_event(&scene.probe, &down));
    assert_false(tick_after(100));
    assert_well();
    probe_begin(&scene.probe, scene.now_ms);
    assert_false(tick_after(0));
    assert_true(tick_after(30));
}

static void
test_probe__that_breaks_the_connection_twice_is_not_sent_at_connect(void **state)
{
    (void)state;
    struct sw_session_event down = {.kind = SW_SESSION_DOWN};
    for (int i = 0; i < 2; i++) {
        probe_begin(&scene.probe, scene.now_ms);
        assert_false(tick_after(1));
        assert_true(probe_waits(&scene.probe));
        probe_event(&scene.probe, &down);
    }
    probe_begin(&scene.probe, scene.now_ms);
    assert_true(tick_after(1));
    assert_false(probe_waits(&scene.probe));
    assert_says(SW_INCIDENT_DEAF, "the broker hangs up on the test");
    tick_after(3600); /* then once more, and all is well */
    assert_true(probe_waits(&scene.probe));
    all_come_back_but(SIZE_MAX);
    assert_true(tick_after(1));
    assert_well();
}

/* Some hundred a second: the broker's backlog. */
static bool pour_for_a_second(void)
{
    static const char topic[] = "clinic/main/patient/p1/steps";
    for (int i = 0; i < 100; i++)
        assert_false(
            probe_on_message(&scene.ears, "main", topic, strlen(topic), "{}", 2));
    return tick_after(1);
}

static void test_probe__waits_behind_a_backlog_and_goes_again_after_it(void **state)
{
    (void)state;
    tick_after(0);
    uint64_t nonce = scene.ears.nonce;
    for (int i = 0; i < 120; i++)
        assert_false(pour_for_a_second());
    assert_well();
    assert_int_equal(scene.ears.nonce, nonce);
    assert_false(tick_after(2)); /* the broker may have had no room for the first */
    assert_int_not_equal(scene.ears.nonce, nonce);
    tick_after(1);
    assert_false(tick_after(29));
    assert_true(tick_after(2));
}

static void test_probe__does_not_wait_behind_messages_for_ever(void **state)
{
    (void)state;
    int seconds = 1;
    tick_after(0);
    while (!pour_for_a_second())
        seconds++;
    assert_in_range(seconds, 600, 640);
    assert_says(SW_INCIDENT_DEAF, "do not arrive");
}

static void test_probe__is_known_by_its_topic_or_payload_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *topic, *payload;
        bool is_probe;
    } cases[] = {
        {"clinic/main/patient/~stepward-probe/steps", "", true},
        {"clinic/main/patient/~stepward.probe/pain", "{}", true},
        {"clinic/main/alerts/~stepward-probe/~stepward-probe/~stepward-probe/set", "",
         true},
        {"home/x/BTtoMQTT/~stepward-probe", "{\"stepward\":\"probe 1-5\"}", true},
        {"home/x/BTtoMQTT/~stepward-probe", "{\"steps\":1}", false},
        {"clinic/main/patient/p1/steps", "{\"stepward\":\"probe 1-5\"}", false},
        {"clinic/main/patient/~other/steps", "{\"steps\":1}", false},
        {"clinic/main/gateway/echo", "{\"stepward\":\"probe 1-4\"}", true},
        {"clinic/main/gateway/echo", "12345", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (probe_on_message(&scene.ears, "main", cases[i].topic,
                             strlen(cases[i].topic), cases[i].payload,
                             strlen(cases[i].payload)) != cases[i].is_probe)
            fail_msg("%s %s", cases[i].topic, cases[i].payload);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_probe__that_comes_back_is_no_news_and_goes_again_in_10_min),
        TEST(test_probe__without_any_answer_is_trouble_after_30_s),
        TEST(test_probe__behind_one_that_came_back_is_overdue_after_10_s),
        TEST(test_probe__of_the_alerts_says_mute),
        TEST(test_probe__that_is_late_ends_the_trouble),
        TEST(test_probe__goes_again_after_a_minute_while_there_is_trouble),
        TEST(test_probe__of_an_earlier_round_says_nothing),
        TEST(test_probe__lost_for_its_dot_harms_only_who_has_one),
        TEST(test_probe__too_large_is_told_as_that_and_not_as_mute),
        TEST(test_probe__is_not_missed_while_the_connection_is_down),
        TEST(test_probe__that_breaks_the_connection_twice_is_not_sent_at_connect),
        TEST(test_probe__waits_behind_a_backlog_and_goes_again_after_it),
        TEST(test_probe__does_not_wait_behind_messages_for_ever),
        TEST(test_probe__is_known_by_its_topic_or_payload_and_nothing_else),
    };
    return cmocka_run_group_tests_name("probe", tests, NULL, NULL);
}
