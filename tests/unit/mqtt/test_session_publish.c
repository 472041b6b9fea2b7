/* test_session_publish.c -- publications: each lands once, in order, and none waits. */
#include "mqtt/publish_queue.h"

#include "session_fixture.h"

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
    for (int i = 0; i < SW_PUBLISHES_MAX; i++)
        say(&client, "t", "x", false, 0); /* the first to come back blocks Paho */
    for (int i = 0; i < 2 * SW_PUBLISHES_MAX; i++)
        sem_post(&hold);
    await_messages(&client, 10);
    client_close(&client);
    sem_destroy(&hold);
    broker_stop(&broker, SIGTERM);
    broker_remove(&broker);
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
    for (uint64_t i = 1; i <= SW_PUBLISHES_MAX; i++)
        assert_int_equal(say(&bad.client, "t", "x", false, i), 0);
    assert_int_equal(say(&bad.client, "t", "x", false, 65), -EAGAIN);
    bad_await_publishes(&bad, 20);
    for (size_t i = 0; i < 20; i++)
        fake_ack(&bad.fake, bad.fake.publishes[i].id);
    bad.fake.hold_acks = false;
    for (uint64_t i = 1; i <= SW_PUBLISHES_MAX; i++)
        assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, i);
    assert_int_equal(say(&bad.client, "t", "x", false, 65), 0);
    expect(&bad.client, SW_SESSION_DELIVERED);
    bad_close(&bad);
}

static void
test_publish_queue__a_failure_fails_those_behind_it_on_the_topic(void **state)
{
    (void)state;
    static struct sw_publish_queue queue;
    char topic[] = "alert", other[] = "other", payload[] = "x";
    struct sw_publish publication = {
        .topic = topic, .payload = payload, .len = 1, .retain = true, .cookie = 1};
    struct sw_completion completion;
    assert_int_equal(sw_publish_queue_add(&queue, &publication), 0);
    publication.cookie = 2;
    assert_int_equal(sw_publish_queue_add(&queue, &publication), 0);
    publication.cookie = 3;
    publication.topic = other;
    assert_int_equal(sw_publish_queue_add(&queue, &publication), 0);
    struct sw_publish *first = sw_publish_queue_send(&queue, 1, SIZE_MAX);
    assert_int_equal(first->cookie, 1);
    assert_null(sw_publish_queue_send(&queue, 1, SIZE_MAX));
    sw_publish_queue_complete(&queue, first, false);
    assert_true(sw_publish_queue_take(&queue, &completion));
    assert_int_equal(completion.cookie, 1);
    assert_false(completion.delivered);
    assert_true(sw_publish_queue_take(&queue, &completion));
    assert_int_equal(completion.cookie, 2);
    assert_false(completion.delivered);
    assert_false(sw_publish_queue_take(&queue, &completion));
    assert_int_equal(sw_publish_queue_send(&queue, 1, SIZE_MAX)->cookie, 3);
    sw_publish_queue_fini(&queue);
}

static void test_publish__says_when_the_broker_refused_it(void **state)
{
    (void)state;
    static struct bad bad;
    bad_open(&bad, NULL, 0);
    expect(&bad.client, SW_SESSION_UP);
    bad.fake.publish_code = 0x87;
    say(&bad.client, "alert", "rev 1", true, 1);
    struct sw_session_event event = expect(&bad.client, SW_SESSION_FAILED);
    assert_int_equal(event.cookie, 1);
    assert_true(event.refused);
    assert_non_null(strstr(event.why, "alert: Not authorized"));
    say(&bad.client, "health", "{}", true, 0);
    event = expect(&bad.client, SW_SESSION_FAILED);
    assert_int_equal(event.cookie, 0);
    assert_non_null(strstr(event.why, "health"));
    bad.fake.publish_code = 0;
    say(&bad.client, "alert", "rev 1", true, 1);
    assert_int_equal(expect(&bad.client, SW_SESSION_DELIVERED).cookie, 1);
    bad_close(&bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_publish__never_waits_for_a_message_callback),
        cmocka_unit_test(test_publish__what_was_under_way_lands_once_after_a_reconnect),
        cmocka_unit_test(test_publish__fails_once_when_the_broker_forgot_the_session),
        cmocka_unit_test(test_publish__retained_ones_of_a_topic_go_one_at_a_time),
        cmocka_unit_test(test_publish__refuses_more_than_64_under_way),
        cmocka_unit_test(test_publish__says_when_the_broker_refused_it),
        cmocka_unit_test(
            test_publish_queue__a_failure_fails_those_behind_it_on_the_topic),
    };
    return cmocka_run_group_tests_name("session_publish", tests, NULL, NULL);
}
