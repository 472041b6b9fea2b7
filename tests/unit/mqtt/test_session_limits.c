/* test_session_limits.c -- brokers that take, grant or keep less than was asked, and
 * what they say of it. */
#include "session_fixture.h"

enum { LARGE = 400 };

/* ---- packets that are too large ---- */

static int say_large(struct client *client, const char *topic, uint64_t cookie)
{
    char payload[LARGE + 1];
    memset(payload, 'x', LARGE);
    payload[LARGE] = '\0';
    return say(client, topic, payload, true, cookie);
}

static void test_limit__what_is_too_large_is_not_sent_and_the_others_are(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.packet_max = 300;
    expect(&bad.client, SW_SESSION_UP);
    say_large(&bad.client, "alerts/p1", 1);
    struct sw_session_event event = expect(&bad.client, SW_SESSION_FAILED);
    assert_int_equal(event.cookie, 1);
    assert_true(event.refused);
    assert_true(event.too_large);
    assert_non_null(strstr(event.why, "alerts/p1 has 417 bytes, it takes 300"));
    say(&bad.client, "alerts/p2", "small", true, 2);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 2);
    assert_int_equal(bad.fake.n_publishes, 1);
    assert_int_equal(bad.fake.connects, 1);
    bad_close(&bad);
}

static void test_limit__a_packet_of_just_that_size_is_sent(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.packet_max = 417;
    expect(&bad.client, SW_SESSION_UP);
    say_large(&bad.client, "alerts/p1", 1);
    expect(&bad.client, SW_SESSION_DELIVERED);
    bad_close(&bad);
}

static void test_limit__is_that_of_the_newest_connect(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.packet_max = 300;
    expect(&bad.client, SW_SESSION_UP);
    say_large(&bad.client, "alerts/p1", 1);
    expect(&bad.client, SW_SESSION_FAILED);
    bad.fake.packet_max = 0;
    fake_hang_up(&bad.fake);
    await(&bad.client, SW_SESSION_UP);
    say_large(&bad.client, "alerts/p1", 1);
    expect(&bad.client, SW_SESSION_DELIVERED);
    bad_close(&bad);
}

/* The library has it, and would send it again. */
static void test_limit__says_that_it_is_stuck_with_what_was_under_way(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.hold_acks = true;
    expect(&bad.client, SW_SESSION_UP);
    say_large(&bad.client, "alerts/p1", 1);
    bad_await_publishes(&bad, 1);
    bad.fake.session_present = true;
    bad.fake.packet_max = 300;
    fake_hang_up(&bad.fake);
    assert_false(expect(&bad.client, SW_SESSION_DOWN).is_stuck);
    assert_true(expect(&bad.client, SW_SESSION_DOWN).is_stuck);
    bad_close(&bad);
}

static void limit_broker(const struct broker *broker, int packet_max)
{
    FILE *conf = fopen(broker->conf, "a");
    assert_non_null(conf);
    fprintf(conf, "max_packet_size %d\n", packet_max);
    fclose(conf);
}

/* Sends it again for as long as it fails without a reason, as the outbox does. */
static struct sw_session_event send_large(struct client *client, unsigned *ret_downs)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    bool is_sent = say_large(client, "alerts/p1", 1) == 0;
    for (;;) {
        assert_true(now_ms() < deadline_ms);
        if (!turn(client, &event))
            continue;
        if (event.kind == SW_SESSION_DOWN) {
            assert_false(event.taken_over);
            assert_string_equal(event.why,
                                "the broker hung up on a message of 416 bytes");
            ++*ret_downs;
            is_sent = false;
        } else if (event.kind == SW_SESSION_UP && !is_sent) {
            is_sent = say_large(client, "alerts/p1", 1) == 0;
        } else if (event.cookie == 1 &&
                   (event.refused || event.kind == SW_SESSION_DELIVERED)) {
            return event;
        }
    }
}

static void test_limit__of_a_broker_of_mqtt_311_is_learned_by_two_hang_ups(void **state)
{
    (void)state;
    struct broker broker;
    struct client client;
    unsigned downs = 0;
    broker_setup(&broker);
    limit_broker(&broker, 300);
    broker_start(&broker);
    struct sw_session_options options = options_for(broker.uri, "older", 4);
    options.size_topic = "size";
    client_open(&client, &options);
    expect(&client, SW_SESSION_UP);
    assert_true(send_large(&client, &downs).too_large);
    assert_int_equal(downs, 2);
    for (uint64_t i = 2; i < 10; i++) { /* and it stays so */
        say_large(&client, "alerts/p1", 1);
        assert_true(expect(&client, SW_SESSION_FAILED).too_large);
        say(&client, "alerts/p2", "small", true, i);
        assert_int_equal(expect(&client, SW_SESSION_DELIVERED).cookie, i);
    }
    broker_stop(&broker, SIGTERM);
    expect(&client, SW_SESSION_DOWN);
    limit_broker(&broker, 2000);
    broker_start(&broker);
    await(&client, SW_SESSION_UP);
    assert_int_equal(send_large(&client, &downs).kind, SW_SESSION_DELIVERED);
    assert_int_equal(downs, 2);
    client_close(&client);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
}

/* It hung up on what is large twice, which is now refused without trying it. */
static void open_limited(struct bad *bad, unsigned *ret_downs)
{
    *ret_downs = 0;
    bad_open_as(bad, 4, NULL, 0);
    bad->fake.hangs_up_over = 300;
    expect(&bad->client, SW_SESSION_UP);
    for (int i = 0; i < 2; i++) {
        assert_true(send_large(&bad->client, ret_downs).too_large);
        assert_int_equal(*ret_downs, 2);
    }
}

static void pass_minutes(struct client *client, int minutes)
{
    struct sw_session_event event;
    client->ahead_ms += minutes * 60 * 1000;
    assert_false(turn(client, &event));
}

/* The connection lasts, and both hang-ups may have had another reason. */
static void test_limit__that_was_learned_by_chance_is_forgotten(void **state)
{
    (void)state;
    static struct bad bad;
    unsigned downs;
    open_limited(&bad, &downs);
    bad.fake.hangs_up_over = 0;
    pass_minutes(&bad.client, 4);
    assert_true(send_large(&bad.client, &downs).too_large);
    pass_minutes(&bad.client, 2);
    for (int i = 0; i < 3; i++)
        assert_int_equal(send_large(&bad.client, &downs).kind, SW_SESSION_DELIVERED);
    assert_int_equal(downs, 2);
    bad_close(&bad);
}

static void test_limit__that_is_one_is_tried_less_and_less_often(void **state)
{
    (void)state;
    static struct bad bad;
    unsigned downs;
    open_limited(&bad, &downs);
    for (int minute = 0; minute < 24 * 60; minute++) {
        pass_minutes(&bad.client, 1);
        assert_true(send_large(&bad.client, &downs).too_large);
    }
    assert_true(downs > 2 + 5); /* after 5 minutes, 10 more, 20 more, ... */
    assert_true(downs <= 2 + 9);
    bad_close(&bad);
}

/* ---- what is granted ---- */

static void test_granted__says_that_a_subscription_has_qos_0(void **state)
{
    (void)state;
    static struct bad bad;
    const char *filters[] = {"a/#", "b/#"};
    bad_open(&bad, filters, 2);
    bad.fake.subscribe_code = 0;
    struct sw_session_event event = expect(&bad.client, SW_SESSION_UP);
    assert_true(event.lowered);
    assert_false(event.refused);
    assert_non_null(strstr(event.why, "QoS 0 alone for a/#"));
    bad.fake.subscribe_code = 1;
    bad.client.ahead_ms += 61 * 1000;
    assert_false(expect(&bad.client, SW_SESSION_SUBSCRIBED).lowered);
    bad_close(&bad);
}

static void test_granted__says_how_long_the_session_is_kept(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.kept_s = 300;
    struct sw_session_event event = expect(&bad.client, SW_SESSION_UP);
    assert_true(event.is_cut);
    assert_int_equal(event.kept_s, 300);
    bad.fake.kept_s = 3600; /* all that was asked */
    fake_hang_up(&bad.fake);
    assert_false(await(&bad.client, SW_SESSION_UP).is_cut);
    bad_close(&bad);
}

/* ---- reasons ---- */

static void test_reason__of_the_broker_is_told_and_no_twin_suspected(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    bad.fake.reason = "limit\n250";
    for (int i = 0; i < 5; i++) {
        await(&bad.client, SW_SESSION_UP);
        fake_disconnect(&bad.fake, 0x95);
        struct sw_session_event down = expect(&bad.client, SW_SESSION_DOWN);
        assert_false(down.taken_over);
        assert_string_equal(down.why,
                            "the broker disconnected us: Packet too large (limit?250)");
        bad.client.ahead_ms += 40 * 1000;
    }
    bad_close(&bad);
}

static void test_reason__of_a_refused_publication_is_told(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    expect(&bad.client, SW_SESSION_UP);
    bad.fake.publish_code = 0x97;
    bad.fake.reason = "ten a minute";
    say(&bad.client, "alert", "rev 1", true, 1);
    struct sw_session_event event = expect(&bad.client, SW_SESSION_FAILED);
    assert_non_null(strstr(event.why, "alert: Quota exceeded (ten a minute)"));
    bad_close(&bad);
}

static void test_reason__says_when_the_broker_hangs_up_before_suback(void **state)
{
    (void)state;
    static struct bad bad;
    const char *filters[] = {"a/#"};
    bad_open(&bad, filters, 1);
    bad.fake.drop_at_subscribe = true;
    struct sw_session_event down = expect(&bad.client, SW_SESSION_DOWN);
    assert_non_null(strstr(down.why, "hung up before it answered the subscription"));
    bad.fake.drop_at_subscribe = false;
    await(&bad.client, SW_SESSION_UP);
    bad_close(&bad);
}

static void test_reason__says_when_the_broker_hangs_up_before_connack(void **state)
{
    (void)state;
    static struct bad bad;
    struct sw_session_event event;
    bad_open(&bad, NULL, 0);
    bad.fake.mute = true;
    while (bad.fake.connects == 0)
        assert_false(turn(&bad.client, &event));
    fake_hang_up(&bad.fake);
    event = expect(&bad.client, SW_SESSION_DOWN);
    assert_non_null(strstr(event.why, "it hung up before it answered"));
    bad.fake.mute = false;
    await(&bad.client, SW_SESSION_UP);
    bad_close(&bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit__what_is_too_large_is_not_sent_and_the_others_are),
        cmocka_unit_test(test_limit__a_packet_of_just_that_size_is_sent),
        cmocka_unit_test(test_limit__is_that_of_the_newest_connect),
        cmocka_unit_test(test_limit__says_that_it_is_stuck_with_what_was_under_way),
        cmocka_unit_test(
            test_limit__of_a_broker_of_mqtt_311_is_learned_by_two_hang_ups),
        cmocka_unit_test(test_limit__that_was_learned_by_chance_is_forgotten),
        cmocka_unit_test(test_limit__that_is_one_is_tried_less_and_less_often),
        cmocka_unit_test(test_granted__says_that_a_subscription_has_qos_0),
        cmocka_unit_test(test_granted__says_how_long_the_session_is_kept),
        cmocka_unit_test(test_reason__of_the_broker_is_told_and_no_twin_suspected),
        cmocka_unit_test(test_reason__of_a_refused_publication_is_told),
        cmocka_unit_test(test_reason__says_when_the_broker_hangs_up_before_suback),
        cmocka_unit_test(test_reason__says_when_the_broker_hangs_up_before_connack),
    };
    return cmocka_run_group_tests_name("session_limits", tests, NULL, NULL);
}
