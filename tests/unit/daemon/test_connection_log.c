/* test_connection_log.c -- what is said of a connection that comes and goes, and how often. */
#include "daemon/connection_log.h"

#include "daemon/overviews.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS, BEGAN_S = 1795435200 };

struct scene {
    struct sw_config config;
    struct incidents incidents;
    struct online_spans online_spans;
    struct connection_log connection_log;
    int64_t now_ms;
    FILE *log;
    int saved;
};

static void open_scene(struct scene *scene)
{
    static char uri[] = "mqtt://b", client_id[] = "us";
    *scene = (struct scene){.now_ms = HOUR_MS, .log = tmpfile()};
    scene->config.broker.uri = uri;
    scene->config.broker.client_id = client_id;
    assert_non_null(scene->log);
    scene->saved = dup(STDERR_FILENO);
    dup2(fileno(scene->log), STDERR_FILENO);
    connection_log_init(&scene->connection_log, &scene->config, &scene->incidents,
                        &scene->online_spans);
}

static void close_scene(struct scene *scene)
{
    dup2(scene->saved, STDERR_FILENO);
    close(scene->saved);
    fclose(scene->log);
}

static struct instant instant(const struct scene *scene)
{
    return (struct instant){BEGAN_S + scene->now_ms / 1000, scene->now_ms};
}

static bool up(struct scene *scene, bool session_present)
{
    struct sw_session_event event = {.kind = SW_SESSION_UP,
                                     .session_present = session_present};
    return connection_log_event(&scene->connection_log, &event, instant(scene));
}

static bool subscribed(struct scene *scene, const char *refusal)
{
    struct sw_session_event event = {.kind = SW_SESSION_SUBSCRIBED,
                                     .refused = *refusal != '\0'};
    snprintf(event.why, sizeof event.why, "%s", refusal);
    return connection_log_event(&scene->connection_log, &event, instant(scene));
}

static bool down(struct scene *scene, const char *why, bool taken_over)
{
    struct sw_session_event event = {.kind = SW_SESSION_DOWN, .taken_over = taken_over};
    snprintf(event.why, sizeof event.why, "%s", why);
    return connection_log_event(&scene->connection_log, &event, instant(scene));
}

static void wait_ms(struct scene *scene, int64_t ms)
{
    scene->now_ms += ms;
    connection_log_tick(&scene->connection_log, instant(scene));
}

/* Lines of the log that hold the text. */
static size_t said(struct scene *scene, const char *text)
{
    char line[512];
    size_t n = 0;
    rewind(scene->log);
    while (fgets(line, sizeof line, scene->log))
        n += strstr(line, text) != NULL;
    return n;
}

static void
test_uplink__a_refused_subscription_is_a_problem_until_it_is_granted(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_health health = {.problem = ""};
    open_scene(&scene);
    up(&scene, true);
    assert_true(subscribed(&scene, "the broker refused the subscription to x/#"));
    subscribed(&scene, "the broker refused the subscription to x/#");
    incidents_fill_health(&scene.incidents, instant(&scene).now_s, &health);
    assert_non_null(strstr(health.problem, "the subscription to x/#"));
    assert_int_equal(said(&scene, "the subscription to x/#"), 1);
    subscribed(&scene, "");
    incidents_fill_health(&scene.incidents, instant(&scene).now_s, &health);
    assert_string_equal(health.problem, "");
    close_scene(&scene);
}

static void test_uplink__says_a_lasting_failure_once_an_hour(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    assert_true(down(&scene, "no such name", false));
    for (int i = 0; i < 3 * 120; i++) { /* three hours of attempts */
        wait_ms(&scene, MINUTE_MS / 2);
        assert_false(down(&scene, "no such name", false));
    }
    assert_int_equal(said(&scene, "not connected to mqtt://b: no such name"), 4);
    assert_true(down(&scene, "refused", false));
    assert_int_equal(said(&scene, "refused"), 1);
    close_scene(&scene);
}

static void
test_uplink__a_flapping_broker_gets_ten_lines_and_then_one_a_minute(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    for (int s = 0; s < 10 * 60; s += 2) {
        up(&scene, true);
        wait_ms(&scene, 1000);
        down(&scene, "lost", false);
        wait_ms(&scene, 1000);
    }
    assert_in_range(said(&scene, "mqtt://b"), 10, 10 + 10);
    assert_true(said(&scene, "lines left out: ") >= 8);
    up(&scene, true);
    size_t before = said(&scene, "connected to mqtt://b");
    wait_ms(&scene, MINUTE_MS); /* the newest is late, and not lost */
    assert_int_equal(said(&scene, "connected to mqtt://b"), before + 1);
    wait_ms(&scene, HOUR_MS);
    assert_int_equal(said(&scene, "connected to mqtt://b"), before + 1);
    close_scene(&scene);
}

static void test_uplink__a_twin_is_over_when_the_connection_has_settled(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_health health = {0};
    open_scene(&scene);
    up(&scene, true);
    down(&scene, "another client uses us", true);
    incidents_fill_health(&scene.incidents, BEGAN_S, &health);
    assert_string_equal(health.problem, "another client uses us");
    up(&scene, true);
    wait_ms(&scene, SW_SESSION_SETTLED_MS - 1);
    assert_true(incidents_lasts(&scene.incidents, SW_INCIDENT_CLIENT_ID_TAKEN));
    wait_ms(&scene, 1);
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_CLIENT_ID_TAKEN));
    assert_int_equal(said(&scene, "no other client uses the client id us"), 1);
    close_scene(&scene);
}

static void test_uplink__a_refusal_lasts_until_none_came_for_a_while(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_session_event refused = {.kind = SW_SESSION_FAILED, .refused = true};
    snprintf(refused.why, sizeof refused.why, "refused alerts/anna");
    open_scene(&scene);
    up(&scene, true);
    for (int i = 0; i < 20; i++) {
        assert_true(connection_log_event(&scene.connection_log, &refused,
                                         instant(&scene)) == (i == 0));
        wait_ms(&scene, 15 * 1000);
    }
    assert_int_equal(said(&scene, "refused alerts/anna"), 1);
    wait_ms(&scene, CONNECTION_LOG_TAKEN_MS);
    assert_int_equal(said(&scene, "takes what is published again"), 1);
    close_scene(&scene);
}

static void test_uplink__a_refusal_lasts_while_what_was_refused_waits(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_session_event refused = {
        .kind = SW_SESSION_FAILED, .refused = true, .why = "refused board/anna"};
    open_scene(&scene);
    up(&scene, true);
    connection_log_event(&scene.connection_log, &refused, instant(&scene));
    refused.too_large = true;
    connection_log_event(&scene.connection_log, &refused, instant(&scene));
    scene.connection_log.refused_waits = scene.connection_log.too_large_waits = true;
    wait_ms(&scene, HOUR_MS);
    assert_true(incidents_lasts(&scene.incidents, SW_INCIDENT_PUBLICATION_REFUSED));
    assert_true(incidents_lasts(&scene.incidents, SW_INCIDENT_TOO_LARGE));
    scene.connection_log.refused_waits = false;
    wait_ms(&scene, 1);
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_PUBLICATION_REFUSED));
    assert_true(incidents_lasts(&scene.incidents, SW_INCIDENT_TOO_LARGE));
    close_scene(&scene);
}

static bool failed(struct scene *scene, uint64_t cookie, const char *why)
{
    struct sw_session_event event = {.kind = SW_SESSION_FAILED,
                                     .refused = true,
                                     .too_large = true,
                                     .cookie = cookie};
    snprintf(event.why, sizeof event.why, "%s", why);
    return connection_log_event(&scene->connection_log, &event, instant(scene));
}

static void assert_too_large(const struct scene *scene, const char *text)
{
    assert_string_equal(scene->incidents.last[SW_INCIDENT_TOO_LARGE].text, text);
}

static void test_uplink__of_what_is_too_large_the_first_alert_is_told(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    up(&scene, true);
    assert_true(failed(&scene, 0, "health is too large"));
    assert_false(failed(&scene, CONNECTION_LOG_PROBE_COOKIE | 3, "probe is too large"));
    assert_false(failed(&scene, OVERVIEW_COOKIE | 3, "overview is too large"));
    assert_false(failed(&scene, LIST_COOKIE | 3, "list is too large"));
    assert_true(failed(&scene, 7, "alert of p1 is too large"));
    assert_false(failed(&scene, 0, "health is too large"));
    assert_too_large(&scene, "alert of p1 is too large");
    wait_ms(&scene, CONNECTION_LOG_TAKEN_MS);
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_TOO_LARGE));
    close_scene(&scene);
}

/* The outbox tries them again and again, in its order. */
static void test_uplink__of_what_is_too_large_the_number_is_told(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    up(&scene, true);
    assert_true(failed(&scene, 7, "p1's is too large"));
    assert_true(failed(&scene, 8, "p2's is too large"));
    assert_too_large(&scene, "p1's is too large; 1 more is too large");
    assert_true(failed(&scene, 11, "p3's is too large"));
    assert_too_large(&scene, "p1's is too large; 2 more are too large");
    for (int round = 0; round < 3; round++) {
        assert_false(failed(&scene, 7, "p1's is too large"));
        assert_false(failed(&scene, 8, "p2's is too large"));
        assert_false(failed(&scene, 11, "p3's is too large"));
    }
    assert_int_equal(said(&scene, "too large"), 3);
    assert_false(failed(&scene, 8, "p2's is too large")); /* p1's was delivered */
    assert_false(failed(&scene, 11, "p3's is too large"));
    assert_true(failed(&scene, 8, "p2's is too large"));
    assert_too_large(&scene, "p2's is too large; 1 more is too large");
    assert_true(failed(&scene, 8, "p2's is too large"));
    assert_too_large(&scene, "p2's is too large");
    wait_ms(&scene, CONNECTION_LOG_TAKEN_MS);
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_TOO_LARGE));
    assert_true(failed(&scene, 12, "p4's is too large"));
    assert_too_large(&scene, "p4's is too large");
    close_scene(&scene);
}

static void
test_uplink__a_lowered_qos_and_a_shorter_session_last_until_granted(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_session_event event = {.kind = SW_SESSION_UP,
                                     .session_present = true,
                                     .lowered = true,
                                     .is_cut = true,
                                     .kept_s = 300,
                                     .why = "QoS 0 alone for a/#"};
    open_scene(&scene);
    scene.config.max_age_s = 31 * 24 * 3600;
    connection_log_event(&scene.connection_log, &event, instant(&scene));
    assert_string_equal(scene.incidents.last[SW_INCIDENT_QOS_LOWERED].text,
                        "QoS 0 alone for a/#");
    assert_non_null(strstr(scene.incidents.last[SW_INCIDENT_SESSION_CUT].text,
                           "only 5 min, and 744 h are asked for"));
    subscribed(&scene, "");
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_QOS_LOWERED));
    down(&scene, "lost", false);
    up(&scene, true);
    assert_false(incidents_lasts(&scene.incidents, SW_INCIDENT_SESSION_CUT));
    close_scene(&scene);
}

/* What was wrong with a connection says nothing while there is none. */
static void test_uplink__while_it_is_down_that_is_the_problem(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_health health;
    open_scene(&scene);
    up(&scene, true);
    failed(&scene, 7, "too large");
    incidents_fill_health(&scene.incidents, BEGAN_S, &health);
    assert_string_equal(health.problem, "too large");
    down(&scene, "lost", false);
    incidents_fill_health(&scene.incidents, BEGAN_S, &health);
    assert_string_equal(health.problem, "lost");
    close_scene(&scene);
}

/* The gap of a session lost again and again begins where the first began. */
static void test_uplink__what_may_be_missing_is_told_from_the_first_gap_on(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    up(&scene, false); /* the first ever: nothing can be missing */
    assert_int_equal(said(&scene, "may be missing"), 0);
    online_spans_tick(&scene.online_spans, BEGAN_S + 10, true);
    online_spans_tick(&scene.online_spans, BEGAN_S + 3600, true);
    for (int i = 0; i < 6; i++) {
        down(&scene, "lost", false);
        wait_ms(&scene, 5000);
        up(&scene, false);
        online_spans_tick(&scene.online_spans, instant(&scene).now_s, true);
    }
    wait_ms(&scene, MINUTE_MS);
    assert_int_equal(said(&scene, "may be missing"), 2);
    assert_int_equal(said(&scene, "sent from 2026-11-23T13:00:00Z to "
                                  "2026-11-23T13:00:30Z may be missing"),
                     1);
    close_scene(&scene);
}

/* What is not logged yet is kept all the same: we may be ended at any time. */
static void test_uplink__a_second_gap_within_the_minute_is_noted_at_once(void **state)
{
    (void)state;
    struct scene scene;
    struct sw_incident *last;
    open_scene(&scene);
    last = &scene.incidents.last[SW_INCIDENT_SESSION_LOST];
    up(&scene, true);
    online_spans_tick(&scene.online_spans, instant(&scene).now_s, true);
    wait_ms(&scene, 5000);
    online_spans_tick(&scene.online_spans, instant(&scene).now_s, true);
    down(&scene, "lost", false);
    online_spans_tick(&scene.online_spans, instant(&scene).now_s, false);
    wait_ms(&scene, 5000);
    up(&scene, false);
    assert_non_null(strstr(last->text, "to 2026-11-23T13:00:10Z may be missing"));
    incidents_committed(&scene.incidents);
    down(&scene, "lost", false);
    wait_ms(&scene, 5000);
    up(&scene, false);
    assert_non_null(strstr(last->text, "from 2026-11-23T13:00:05Z to "
                                       "2026-11-23T13:00:15Z may be missing"));
    assert_true(scene.incidents.unstored[SW_INCIDENT_SESSION_LOST]);
    assert_int_equal(said(&scene, "may be missing"), 1);
    assert_true(connection_log_waits(&scene.connection_log));
    wait_ms(&scene, MINUTE_MS);
    assert_int_equal(said(&scene, "may be missing"), 2);
    /* The next run's is a row of its own. */
    scene.incidents.of_this_run[SW_INCIDENT_SESSION_LOST] = false;
    int64_t first_at_s = last->at_s;
    down(&scene, "lost", false);
    up(&scene, false);
    assert_true(last->at_s > first_at_s);
    close_scene(&scene);
}

static void test_uplink__a_mark_that_does_not_come_back_is_a_gap(void **state)
{
    (void)state;
    struct scene scene;
    open_scene(&scene);
    online_spans_tick(&scene.online_spans, instant(&scene).now_s - 100, true);
    online_spans_tick(&scene.online_spans, instant(&scene).now_s - 50, true);
    online_spans_tick(&scene.online_spans, instant(&scene).now_s - 50, false);
    scene.connection_log.expects_mark = true;
    up(&scene, true);
    scene.connection_log.expects_mark = false;
    assert_false(connection_log_miss_mark(&scene.connection_log, instant(&scene)));
    scene.connection_log.expects_mark = true;
    assert_true(connection_log_miss_mark(&scene.connection_log, instant(&scene)));
    assert_int_equal(said(&scene, "emptied the session of us"), 1);
    assert_false(connection_log_miss_mark(&scene.connection_log, instant(&scene)));
    close_scene(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_uplink__a_refused_subscription_is_a_problem_until_it_is_granted),
        cmocka_unit_test(test_uplink__says_a_lasting_failure_once_an_hour),
        cmocka_unit_test(
            test_uplink__a_flapping_broker_gets_ten_lines_and_then_one_a_minute),
        cmocka_unit_test(test_uplink__a_twin_is_over_when_the_connection_has_settled),
        cmocka_unit_test(test_uplink__of_what_is_too_large_the_first_alert_is_told),
        cmocka_unit_test(test_uplink__of_what_is_too_large_the_number_is_told),
        cmocka_unit_test(
            test_uplink__a_lowered_qos_and_a_shorter_session_last_until_granted),
        cmocka_unit_test(test_uplink__while_it_is_down_that_is_the_problem),
        cmocka_unit_test(test_uplink__a_refusal_lasts_until_none_came_for_a_while),
        cmocka_unit_test(test_uplink__a_refusal_lasts_while_what_was_refused_waits),
        cmocka_unit_test(
            test_uplink__what_may_be_missing_is_told_from_the_first_gap_on),
        cmocka_unit_test(test_uplink__a_second_gap_within_the_minute_is_noted_at_once),
        cmocka_unit_test(test_uplink__a_mark_that_does_not_come_back_is_a_gap),
    };
    return cmocka_run_group_tests_name("connection_log", tests, NULL, NULL);
}
