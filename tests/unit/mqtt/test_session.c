/* test_session.c -- the session against a real broker: messages, restarts, the will. */
#include "session_fixture.h"

#include <sys/wait.h>

static void carries_messages(int protocol)
{
    struct broker broker;
    struct client client;
    const char *filters[] = {"t/+/steps", "t/+/pain"};
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "a", protocol);
    options.filters = filters;
    options.n_filters = 2;
    client_open(&client, &options);
    assert_false(expect(&client, SW_SESSION_UP).session_present);
    assert_int_equal(say(&client, "t/p1/steps", "one", false, 7), 0);
    assert_int_equal(expect(&client, SW_SESSION_DELIVERED).cookie, 7);
    assert_int_equal(say(&client, "t/p1/pain", "two", true, 8), 0);
    await_messages(&client, 2);
    assert_string_equal(client.topics[0], "t/p1/steps");
    assert_string_equal(client.payloads[0], "one");
    assert_string_equal(client.payloads[1], "two");
    assert_false(client.retained[1]);
    client_close(&client);
    client_open(&client, &options);
    assert_true(expect(&client, SW_SESSION_UP).session_present);
    await_messages(&client, 1);
    assert_true(client.retained[0]);
    client_close(&client);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_session__carries_messages_both_ways_in_mqtt_5(void **state)
{
    (void)state;
    carries_messages(5);
}

static void test_session__carries_messages_both_ways_in_mqtt_311(void **state)
{
    (void)state;
    carries_messages(4);
}

static void test_session__comes_up_when_the_broker_starts_later(void **state)
{
    (void)state;
    struct broker broker;
    struct client client;
    broker_setup(&broker);
    struct sw_session_options options = options_for(broker.uri, "late", 5);
    client_open(&client, &options);
    struct sw_session_event down = expect(&client, SW_SESSION_DOWN);
    assert_non_null(strstr(down.why, "cannot connect"));
    assert_int_equal(say(&client, "t", "x", false, 1), -ENOTCONN);
    broker_start(&broker);
    await(&client, SW_SESSION_UP);
    client_close(&client);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_session__gets_what_came_while_the_broker_or_it_was_away(void **state)
{
    (void)state;
    struct broker broker;
    struct client client, peer;
    const char *filters[] = {"t/#"};
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "away", 5),
                              peer_options = options_for(broker.uri, "peer", 5);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    client_close(&client);
    client_open(&peer, &peer_options);
    expect(&peer, SW_SESSION_UP);
    assert_int_equal(say(&peer, "t/1", "meanwhile", false, 1), 0);
    expect(&peer, SW_SESSION_DELIVERED);
    broker_stop(&broker, SIGTERM);
    broker_start(&broker);
    client_open(&client, &options);
    assert_true(await(&client, SW_SESSION_UP).session_present);
    await_messages(&client, 1);
    assert_string_equal(client.payloads[0], "meanwhile");
    client_close(&client);
    client_close(&peer);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_session__subscribes_again_when_the_broker_forgot(void **state)
{
    (void)state;
    struct broker broker;
    struct client client;
    const char *filters[] = {"t/#"};
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "again", 5);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    broker_stop(&broker, SIGKILL); /* before it saved anything */
    expect(&client, SW_SESSION_DOWN);
    broker_start(&broker);
    assert_false(await(&client, SW_SESSION_UP).session_present);
    say(&client, "t/1", "x", false, 0);
    await_messages(&client, 1);
    client_close(&client);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_session__unsubscribes_stale_filters(void **state)
{
    (void)state;
    struct broker broker;
    struct client client;
    const char *old[] = {"old/#", "both"}, *new[] = {"new/#", "both"};
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "stale", 5);
    options.filters = old;
    options.n_filters = 2;
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    client_close(&client);
    options.filters = new;
    options.stale_filters = old;
    options.n_stale_filters = 2;
    client_open(&client, &options);
    assert_true(expect(&client, SW_SESSION_UP).session_present);
    say(&client, "old/1", "no", false, 0);
    say(&client, "both", "yes", false, 0);
    say(&client, "new/1", "yes", false, 0);
    await_messages(&client, 2);
    assert_string_equal(client.topics[0], "both");
    assert_string_equal(client.topics[1], "new/1");
    client_close(&client);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

/* Says "online" and dies without a goodbye. */
static void live_and_die(const struct broker *broker)
{
    struct client client;
    struct sw_session_options options = options_for(broker->uri, "mortal", 5);
    options.will_topic = "status";
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    say(&client, "status", "online", true, 1);
    expect(&client, SW_SESSION_DELIVERED);
    kill(getpid(), SIGKILL);
}

static void watch_status(struct client *watcher, const struct broker *broker, size_t n,
                         const char *last)
{
    const char *filters[] = {"status"};
    struct sw_session_options options = options_for(broker->uri, "watcher", 5);
    options.filters = filters;
    options.n_filters = 1;
    options.clean = true;
    client_open(watcher, &options);
    expect(watcher, SW_SESSION_UP);
    await_messages(watcher, n);
    assert_string_equal(watcher->payloads[n - 1], last);
}

static void test_session__has_a_last_will(void **state)
{
    (void)state;
    struct broker broker;
    struct client watcher;
    broker_setup(&broker);
    broker_start(&broker);
    pid_t pid = fork();
    if (pid == 0)
        live_and_die(&broker);
    waitpid(pid, NULL, 0);
    watch_status(&watcher, &broker, 1, "offline");
    client_close(&watcher);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_session__survives_a_packet_over_its_limit(void **state)
{
    (void)state;
    struct broker broker;
    struct client client;
    const char *filters[] = {"t"};
    char *large = calloc(1, 400 * 1024);
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "large", 5);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    sw_session_publish(client.session, "t", large, 400 * 1024, false, 0, 1);
    expect(&client, SW_SESSION_DELIVERED);
    say(&client, "t", "small", false, 2);
    await_messages(&client, 1);
    assert_string_equal(client.payloads[0], "small");
    free(large);
    client_close(&client);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__carries_messages_both_ways_in_mqtt_5),
        cmocka_unit_test(test_session__carries_messages_both_ways_in_mqtt_311),
        cmocka_unit_test(test_session__comes_up_when_the_broker_starts_later),
        cmocka_unit_test(test_session__gets_what_came_while_the_broker_or_it_was_away),
        cmocka_unit_test(test_session__subscribes_again_when_the_broker_forgot),
        cmocka_unit_test(test_session__unsubscribes_stale_filters),
        cmocka_unit_test(test_session__has_a_last_will),
        cmocka_unit_test(test_session__survives_a_packet_over_its_limit),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
