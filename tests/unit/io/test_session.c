/* test_session.c -- the session against a real broker, and against a bad one. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "fake_broker.h"
#include "io/session_flight.h"
#include "real_broker.h"
#include "stepward/session.h"

enum { MESSAGES_MAX = 64 };

/* ---- one client: its session, what it heard, and its time ---- */

struct client {
    struct sw_session *session;
    struct fake *fake; /* served while we wait */
    int64_t ahead_ms;  /* the test's clock is this far ahead */
    int last_wait_ms;
    pthread_mutex_t lock;
    size_t n; /* messages */
    char topics[MESSAGES_MAX][64], payloads[MESSAGES_MAX][64];
    bool retained[MESSAGES_MAX];
    sem_t *hold; /* the callback waits for it */
    atomic_bool is_holding;
};

static void on_message(void *ctx, const char *topic, size_t topic_len,
                       const char *payload, size_t payload_len, bool retained)
{
    struct client *client = ctx;
    if (client->hold) {
        client->is_holding = true;
        sem_wait(client->hold);
    }
    pthread_mutex_lock(&client->lock);
    if (client->n < MESSAGES_MAX) {
        size_t i = client->n++;
        snprintf(client->topics[i], 64, "%.*s", (int)topic_len, topic);
        snprintf(client->payloads[i], 64, "%.*s", (int)payload_len, payload);
        client->retained[i] = retained;
    }
    pthread_mutex_unlock(&client->lock);
}

static size_t n_messages(struct client *client)
{
    pthread_mutex_lock(&client->lock);
    size_t n = client->n;
    pthread_mutex_unlock(&client->lock);
    return n;
}

static struct sw_session_options options_for(const char *uri, const char *id,
                                             int protocol)
{
    return (struct sw_session_options){.uri = uri,
                                       .client_id = id,
                                       .protocol = protocol,
                                       .username = "",
                                       .password = "",
                                       .ca_file = "",
                                       .cert_file = "",
                                       .key_file = "",
                                       .session_expiry_s = 3600,
                                       .message = on_message};
}

static void client_open(struct client *client, struct sw_session_options *options)
{
    char why[SW_WHY_MAX];
    *client = (struct client){0};
    pthread_mutex_init(&client->lock, NULL);
    options->ctx = client;
    if (sw_session_new(&client->session, options, why) < 0)
        fail_msg("%s", why);
}

/* One turn of the loop; false when no event came within a short while. */
static bool turn(struct client *client, struct sw_session_event *ret)
{
    client->last_wait_ms =
        sw_session_tick(client->session, now_ms() + client->ahead_ms);
    struct pollfd fd = {.fd = sw_session_fd(client->session), .events = POLLIN};
    if (client->fake)
        fake_step(client->fake);
    poll(&fd, 1, 5);
    return sw_session_next(client->session, ret);
}

/* The next event, which must be of this kind. */
static struct sw_session_event expect(struct client *client,
                                      enum sw_session_event_kind kind)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!turn(client, &event))
        if (now_ms() > deadline_ms)
            fail_msg("no event of kind %d", (int)kind);
    if (event.kind != kind)
        fail_msg("event %d instead of %d: %s", (int)event.kind, (int)kind, event.why);
    return event;
}

/* Whatever comes before the first of this kind is skipped. */
static struct sw_session_event await(struct client *client,
                                     enum sw_session_event_kind kind)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!turn(client, &event) || event.kind != kind)
        if (now_ms() > deadline_ms)
            fail_msg("no event of kind %d", (int)kind);
    return event;
}

static void await_messages(struct client *client, size_t n)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (n_messages(client) < n) {
        turn(client, &event);
        if (now_ms() > deadline_ms)
            fail_msg("%zu messages instead of %zu", n_messages(client), n);
    }
}

static int say(struct client *client, const char *topic, const char *payload,
               bool retain, uint64_t cookie)
{
    return sw_session_publish(client->session, topic, payload, strlen(payload), retain,
                              0, cookie);
}

static void client_close(struct client *client)
{
    sw_session_free(client->session, 5000);
    pthread_mutex_destroy(&client->lock);
}

/* ---- with a real broker ---- */

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
    assert_non_null(strstr(down.why, broker.uri));
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

static void test_free__says_offline_by_itself(void **state)
{
    (void)state;
    struct broker broker;
    struct client watcher, client;
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "polite", 5);
    options.will_topic = "status";
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    say(&client, "status", "online", true, 0);
    watch_status(&watcher, &broker, 1, "online");
    client_close(&client);
    await_messages(&watcher, 2);
    assert_string_equal(watcher.payloads[1], "offline");
    client_close(&watcher);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

static void test_publish__never_waits_for_a_message_callback(void **state)
{
    (void)state;
    struct broker broker;
    struct client client;
    sem_t hold;
    const char *filters[] = {"t"};
    broker_setup(&broker);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "busy", 5);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&client, &options);
    sem_init(&hold, 0, 0);
    client.hold = &hold;
    expect(&client, SW_SESSION_UP);
    for (int i = 0; i < SW_FLIGHTS_MAX; i++)
        say(&client, "t", "x", false, 0); /* the first to come back blocks Paho */
    for (int i = 0; i < 2 * SW_FLIGHTS_MAX; i++)
        sem_post(&hold);
    await_messages(&client, 10);
    client_close(&client);
    sem_destroy(&hold);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

/* In a process of its own, because what is stuck stays stuck. */
static void free_while_a_message_is_stuck(const struct broker *broker)
{
    static struct client client;
    sem_t never;
    const char *filters[] = {"t"};
    struct sw_session_options options = options_for(broker->uri, "stuck", 5);
    alarm(15);
    sem_init(&never, 0, 0);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&client, &options);
    client.hold = &never;
    expect(&client, SW_SESSION_UP);
    say(&client, "t", "x", false, 0);
    while (!client.is_holding)
        turn(&client, &(struct sw_session_event){0});
    sw_session_free(client.session, 200);
    _exit(0);
}

static void test_free__is_bounded_when_a_message_is_stuck(void **state)
{
    (void)state;
    struct broker broker;
    struct client next;
    const char *filters[] = {"t"};
    int status = -1;
    broker_setup(&broker);
    broker_start(&broker);
    pid_t pid = fork();
    if (pid == 0)
        free_while_a_message_is_stuck(&broker);
    waitpid(pid, &status, 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct sw_session_options options = options_for(broker.uri, "stuck", 5);
    options.filters = filters;
    options.n_filters = 1;
    client_open(&next, &options);
    expect(&next, SW_SESSION_UP);
    await_messages(&next, 1); /* it was not acknowledged */
    client_close(&next);
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

/* ---- with a bad broker ---- */

struct bad {
    struct fake fake;
    struct client client;
    char uri[64];
};

static void bad_open(struct bad *bad, const char *const *filters, size_t n)
{
    fake_open(&bad->fake);
    snprintf(bad->uri, sizeof bad->uri, "mqtt://127.0.0.1:%d", bad->fake.port);
    struct sw_session_options options = options_for(bad->uri, "victim", 5);
    options.filters = filters;
    options.n_filters = n;
    client_open(&bad->client, &options);
    bad->client.fake = &bad->fake;
}

/* The fake cannot answer a goodbye while we wait for it: hang up first. */
static void bad_close(struct bad *bad)
{
    fake_hang_up(&bad->fake);
    client_close(&bad->client);
    fake_close(&bad->fake);
}

static void bad_await_publishes(struct bad *bad, size_t n)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (bad->fake.n_publishes < n) {
        assert_false(turn(&bad->client, &event));
        assert_true(now_ms() < deadline_ms);
    }
}

static void test_publish__what_was_under_way_lands_once_after_a_reconnect(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.hold_acks = true;
    expect(&bad.client, SW_SESSION_UP);
    say(&bad.client, "alert", "rev 1", true, 1);
    bad_await_publishes(&bad, 1);
    bad.fake.session_present = true;
    bad.fake.hold_acks = false;
    fake_hang_up(&bad.fake);
    expect(&bad.client, SW_SESSION_DOWN);
    struct sw_session_event event = await(&bad.client, SW_SESSION_UP);
    assert_true(event.session_present);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 1);
    say(&bad.client, "alert", "rev 2", true, 2);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 2);
    assert_int_equal(bad.fake.n_publishes, 3);
    assert_true(bad.fake.publishes[1].dup);
    assert_string_equal(bad.fake.publishes[1].payload, "rev 1");
    assert_string_equal(bad.fake.publishes[2].payload, "rev 2");
    bad_close(&bad);
}

static void test_publish__fails_once_when_the_broker_forgot_the_session(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.hold_acks = true;
    expect(&bad.client, SW_SESSION_UP);
    say(&bad.client, "alert", "rev 1", true, 1);
    bad_await_publishes(&bad, 1);
    say(&bad.client, "alert", "rev 2", true, 2);
    fake_hang_up(&bad.fake);
    bad.fake.hold_acks = false;
    assert_int_equal(await(&bad.client, SW_SESSION_FAILED).cookie, 2);
    assert_int_equal(await(&bad.client, SW_SESSION_FAILED).cookie, 1);
    await(&bad.client, SW_SESSION_UP);
    say(&bad.client, "alert", "rev 3", true, 3);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 3);
    assert_string_equal(bad.fake.publishes[1].payload, "rev 3"); /* 2 was never sent */
    bad_close(&bad);
}

static void test_publish__retained_ones_of_a_topic_go_one_at_a_time(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.hold_acks = true;
    expect(&bad.client, SW_SESSION_UP);
    say(&bad.client, "alert", "rev 1", true, 1);
    say(&bad.client, "alert", "rev 2", true, 2);
    say(&bad.client, "other", "rev 1", true, 3);
    bad_await_publishes(&bad, 2);
    assert_string_equal(bad.fake.publishes[1].topic, "other");
    fake_ack(&bad.fake, bad.fake.publishes[0].id);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 1);
    bad_await_publishes(&bad, 3);
    assert_string_equal(bad.fake.publishes[2].payload, "rev 2");
    bad_close(&bad);
}

static void test_publish__refuses_more_than_64_under_way(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.hold_acks = true;
    bad.fake.receive_max = 20;
    expect(&bad.client, SW_SESSION_UP);
    for (uint64_t i = 1; i <= SW_FLIGHTS_MAX; i++)
        assert_int_equal(say(&bad.client, "t", "x", false, i), 0);
    assert_int_equal(say(&bad.client, "t", "x", false, 65), -EAGAIN);
    bad_await_publishes(&bad, 20);
    for (size_t i = 0; i < 20; i++)
        fake_ack(&bad.fake, bad.fake.publishes[i].id);
    bad.fake.hold_acks = false;
    for (uint64_t i = 1; i <= SW_FLIGHTS_MAX; i++)
        assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, i);
    assert_int_equal(say(&bad.client, "t", "x", false, 65), 0);
    expect(&bad.client, SW_SESSION_DELIVERED);
    bad_close(&bad);
}

static void test_session__reports_a_refused_subscription_and_tries_again(void **state)
{
    (void)state;
    static struct bad bad;
    const char *filters[] = {"a/#", "b/#"};
    bad_open(&bad, filters, 2);
    bad.fake.subscribe_code = 0x87;
    struct sw_session_event down = expect(&bad.client, SW_SESSION_DOWN);
    assert_non_null(strstr(down.why, "a/#"));
    assert_non_null(strstr(down.why, "authorized"));
    assert_int_equal(say(&bad.client, "t", "x", false, 1), -ENOTCONN);
    bad.fake.subscribe_code = 1;
    expect(&bad.client, SW_SESSION_UP);
    assert_int_equal(bad.fake.subscribes, 2);
    assert_int_equal(bad.fake.connects, 1); /* messages kept coming meanwhile */
    bad_close(&bad);
}

static void test_session__gives_up_an_attempt_after_45_s(void **state)
{
    (void)state;
    static struct bad bad;
    struct sw_session_event event;
    bad_open(&bad, NULL, 0);
    bad.fake.mute = true;
    while (bad.fake.connects == 0)
        assert_false(turn(&bad.client, &event));
    bad.client.ahead_ms += 44 * 1000;
    assert_false(turn(&bad.client, &event));
    bad.client.ahead_ms += 1000;
    assert_non_null(strstr(expect(&bad.client, SW_SESSION_DOWN).why, "answer"));
    bad.fake.mute = false;
    fake_hang_up(&bad.fake);
    await(&bad.client, SW_SESSION_UP);
    bad_close(&bad);
}

static void test_session__gives_up_a_connection_that_acknowledges_nothing(void **state)
{
    (void)state;
    static struct bad bad;
    struct sw_session_event event;
    bad_open(&bad, NULL, 0);
    bad.fake.hold_acks = true;
    expect(&bad.client, SW_SESSION_UP);
    bad.client.ahead_ms += 3600 * 1000; /* idle is fine */
    assert_false(turn(&bad.client, &event));
    say(&bad.client, "t", "x", false, 1);
    bad_await_publishes(&bad, 1);
    bad.client.ahead_ms += 59 * 1000;
    assert_false(turn(&bad.client, &event));
    bad.client.ahead_ms += 1500;
    expect(&bad.client, SW_SESSION_DOWN);
    bad.fake.hold_acks = false;
    bad.fake.session_present = true;
    await(&bad.client, SW_SESSION_UP);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 1);
    bad_close(&bad);
}

static void test_session__says_when_another_client_took_its_id(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    expect(&bad.client, SW_SESSION_UP);
    fake_disconnect(&bad.fake, 0x8E);
    struct sw_session_event down = expect(&bad.client, SW_SESSION_DOWN);
    assert_true(down.taken_over);
    assert_non_null(strstr(down.why, "taken over"));
    await(&bad.client, SW_SESSION_UP);
    bad_close(&bad);
}

static void test_session__suspects_a_twin_when_lost_three_times(void **state)
{
    (void)state;
    static struct bad bad;
    struct sw_session_event event;
    bad_open(&bad, NULL, 0);
    bad.fake.drop_when_up = true;
    int downs = 0;
    do {
        event = await(&bad.client, SW_SESSION_DOWN);
        downs++;
    } while (!event.taken_over);
    assert_int_equal(downs, 3);
    assert_non_null(strstr(event.why, "victim"));
    bad_close(&bad);
}

static void test_session__backs_off_to_30_s_with_jitter(void **state)
{
    (void)state;
    struct client client;
    char uri[64];
    snprintf(uri, sizeof uri, "mqtt://127.0.0.1:%d", free_port());
    struct sw_session_options options = options_for(uri, "backoff", 5);
    client_open(&client, &options);
    static const int base_ms[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};
    for (size_t i = 0; i < sizeof base_ms / sizeof *base_ms; i++) {
        struct sw_session_event event;
        expect(&client, SW_SESSION_DOWN);
        assert_false(turn(&client, &event));
        assert_in_range(client.last_wait_ms, base_ms[i] * 3 / 4 - 50,
                        base_ms[i] * 5 / 4);
        client.ahead_ms += client.last_wait_ms;
    }
    client_close(&client);
}

static void test_new__refuses_a_uri_it_does_not_know(void **state)
{
    (void)state;
    struct sw_session *session = NULL;
    char why[SW_WHY_MAX] = "";
    struct sw_session_options options = options_for("http://localhost", "x", 5);
    assert_int_equal(sw_session_new(&session, &options, why), -EINVAL);
    assert_null(session);
    assert_non_null(strstr(why, "http://localhost"));
    options.uri = "mqtt://";
    assert_int_equal(sw_session_new(&session, &options, why), -EINVAL);
    sw_session_free(NULL, 0);
}

/* ---- the publications by themselves ---- */

static void test_flights__a_failure_fails_those_behind_it_on_the_topic(void **state)
{
    (void)state;
    static struct sw_flights flights;
    char topic[] = "alert", other[] = "other", payload[] = "x";
    struct sw_flight publication = {
        .topic = topic, .payload = payload, .len = 1, .retain = true, .cookie = 1};
    uint64_t cookie;
    bool delivered;
    assert_int_equal(sw_flights_add(&flights, &publication), 0);
    publication.cookie = 2;
    assert_int_equal(sw_flights_add(&flights, &publication), 0);
    publication.cookie = 3;
    publication.topic = other;
    assert_int_equal(sw_flights_add(&flights, &publication), 0);
    struct sw_flight *first = sw_flights_launch(&flights, 1);
    assert_int_equal(first->cookie, 1);
    assert_null(sw_flights_launch(&flights, 1));
    sw_flights_land(&flights, first, false);
    assert_true(sw_flights_take(&flights, &cookie, &delivered));
    assert_int_equal(cookie, 1);
    assert_false(delivered);
    assert_true(sw_flights_take(&flights, &cookie, &delivered));
    assert_int_equal(cookie, 2);
    assert_false(delivered);
    assert_false(sw_flights_take(&flights, &cookie, &delivered));
    assert_int_equal(sw_flights_launch(&flights, 1)->cookie, 3);
    sw_flights_fini(&flights);
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
        cmocka_unit_test(test_free__says_offline_by_itself),
        cmocka_unit_test(test_publish__never_waits_for_a_message_callback),
        cmocka_unit_test(test_free__is_bounded_when_a_message_is_stuck),
        cmocka_unit_test(test_session__survives_a_packet_over_its_limit),
        cmocka_unit_test(test_publish__what_was_under_way_lands_once_after_a_reconnect),
        cmocka_unit_test(test_publish__fails_once_when_the_broker_forgot_the_session),
        cmocka_unit_test(test_publish__retained_ones_of_a_topic_go_one_at_a_time),
        cmocka_unit_test(test_publish__refuses_more_than_64_under_way),
        cmocka_unit_test(test_session__reports_a_refused_subscription_and_tries_again),
        cmocka_unit_test(test_session__gives_up_an_attempt_after_45_s),
        cmocka_unit_test(test_session__gives_up_a_connection_that_acknowledges_nothing),
        cmocka_unit_test(test_session__says_when_another_client_took_its_id),
        cmocka_unit_test(test_session__suspects_a_twin_when_lost_three_times),
        cmocka_unit_test(test_session__backs_off_to_30_s_with_jitter),
        cmocka_unit_test(test_new__refuses_a_uri_it_does_not_know),
        cmocka_unit_test(test_flights__a_failure_fails_those_behind_it_on_the_topic),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
