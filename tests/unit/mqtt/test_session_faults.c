/* test_session_faults.c -- brokers that refuse, hang, forget or lose us. */
#include "session_fixture.h"

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

/* The filters that were granted are heard meanwhile. */
static void test_session__is_up_with_some_filters_and_asks_for_the_others(void **state)
{
    (void)state;
    static struct bad bad;
    const char *filters[] = {"a/#", "b/#"};
    bad_open(&bad, filters, 2);
    bad.fake.first_code = 0x87;
    struct sw_session_event event = expect(&bad.client, SW_SESSION_UP);
    assert_true(event.refused);
    assert_non_null(strstr(event.why, "a/#"));
    assert_int_equal(say(&bad.client, "t", "x", false, 1), 0);
    expect(&bad.client, SW_SESSION_DELIVERED);
    assert_false(turn(&bad.client, &event));
    assert_in_range(bad.client.last_wait_ms, 0, 60 * 1000);
    bad.client.ahead_ms += 61 * 1000;
    event = expect(&bad.client, SW_SESSION_SUBSCRIBED);
    assert_true(event.refused);
    bad.fake.first_code = 0;
    bad.client.ahead_ms += 61 * 1000;
    event = expect(&bad.client, SW_SESSION_SUBSCRIBED);
    assert_false(event.refused);
    assert_int_equal(bad.fake.subscribes, 3);
    assert_int_equal(bad.fake.connects, 1);
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

/* A message arrives, and 40 s have passed. */
static void let_one_arrive(struct bad *bad, uint8_t id)
{
    struct sw_session_event event;
    fake_publish(&bad->fake, id, false);
    await_messages(&bad->client, id);
    bad->client.ahead_ms += 40 * 1000;
    assert_false(turn(&bad->client, &event));
}

static void test_session__waits_for_answers_behind_a_long_backlog(void **state)
{
    (void)state;
    static struct bad bad;
    struct sw_session_event event;
    const char *filters[] = {"a/#"};
    bad_open(&bad, filters, 1);
    bad.fake.hold_subacks = true;
    while (bad.fake.subscribes == 0)
        assert_false(turn(&bad.client, &event));
    for (uint8_t id = 1; id <= 5; id++)
        let_one_arrive(&bad, id);
    bad.client.ahead_ms += 46 * 1000; /* what came last is looked at once more... */
    assert_false(turn(&bad.client, &event));
    bad.client.ahead_ms += 46 * 1000; /* ...and then nothing had come */
    assert_non_null(strstr(expect(&bad.client, SW_SESSION_DOWN).why, "subscription"));
    bad.fake.hold_subacks = false;
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
    assert_int_equal(bad.client.last_wait_ms, -1);
    say(&bad.client, "t", "x", false, 1);
    bad_await_publishes(&bad, 1);
    assert_false(turn(&bad.client, &event));
    assert_in_range(bad.client.last_wait_ms, 1, 1000); /* signs of life are awaited */
    bad.client.ahead_ms += 29 * 1000;
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
    assert_non_null(strstr(down.why, "another client uses the client id victim"));
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

static void test_session__says_that_a_name_is_unknown(void **state)
{
    (void)state;
    struct client client;
    struct sw_session_options options =
        options_for("mqtt://broker.invalid:1883", "nameless", 5);
    client_open(&client, &options);
    struct sw_session_event event = expect(&client, SW_SESSION_DOWN);
    assert_non_null(strstr(event.why, "cannot connect: "));
    assert_true(strstr(event.why, "not known") || strstr(event.why, "resolution"));
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

/* A broker may number its packets anew at each connect, and a counter stand still: what
 * looks like a copy may be another message. */
static void test_message__that_looks_like_a_copy_is_handed_over_as_one(void **state)
{
    (void)state;
    static struct bad bad;
    static const enum sw_session_copy expected[] = {SW_COPY_NONE, SW_COPY_OF_OURS,
                                                    SW_COPY_MAYBE, SW_COPY_NONE};
    bad_open(&bad, NULL, 0);
    expect(&bad.client, SW_SESSION_UP);
    fake_publish(&bad.fake, 1, false);
    await_messages(&bad.client, 1);
    bad.fake.session_present = true;
    fake_hang_up(&bad.fake);
    await(&bad.client, SW_SESSION_UP);
    fake_publish(&bad.fake, 1, true);
    fake_publish(&bad.fake, 2, true);
    fake_publish(&bad.fake, 1, false);
    await_messages(&bad.client, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(bad.client.copies[i], expected[i]);
    bad_close(&bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_session__reports_a_refused_subscription_and_tries_again),
        cmocka_unit_test(test_session__is_up_with_some_filters_and_asks_for_the_others),
        cmocka_unit_test(test_session__gives_up_an_attempt_after_45_s),
        cmocka_unit_test(test_session__waits_for_answers_behind_a_long_backlog),
        cmocka_unit_test(test_session__gives_up_a_connection_that_acknowledges_nothing),
        cmocka_unit_test(test_message__that_looks_like_a_copy_is_handed_over_as_one),
        cmocka_unit_test(test_session__says_when_another_client_took_its_id),
        cmocka_unit_test(test_session__suspects_a_twin_when_lost_three_times),
        cmocka_unit_test(test_session__backs_off_to_30_s_with_jitter),
        cmocka_unit_test(test_session__says_that_a_name_is_unknown),
        cmocka_unit_test(test_new__refuses_a_uri_it_does_not_know),
    };
    return cmocka_run_group_tests_name("session_faults", tests, NULL, NULL);
}
