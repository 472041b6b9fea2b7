/* test_receiver.c -- what Paho's thread does with a message, without Paho and without a
 * gateway: it is in the inbox when the broker may forget it, or need not be there. */
#include "daemon/receiver.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/receive_clock.h"
#include "stepward/host.h"
#include "stepward/overview.h"
#include "stepward/wire.h"

#define INSTANCE "0123456789abcdef"

static struct scene {
    char folder[32], path[64];
    struct sw_adapters *adapters;
    struct sw_inbox *inbox;
    struct receiver receiver;
} scene;

static int set_up(void **state)
{
    char why[SW_WHY_MAX];
    (void)state;
    scene = (struct scene){.folder = "/tmp/stepward-XXXXXX"};
    assert_non_null(mkdtemp(scene.folder));
    snprintf(scene.path, sizeof scene.path, "%s/inbox", scene.folder);
    assert_int_equal(sw_inbox_open(&scene.inbox, scene.path, 1024 * 1024, false, why),
                     0);
    assert_int_equal(sw_adapters_new(&scene.adapters, NULL, 0), 0);
    assert_int_equal(receiver_init(&scene.receiver, "main", INSTANCE), 0);
    scene.receiver.inbox = scene.inbox;
    scene.receiver.adapters = scene.adapters;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    receiver_fini(&scene.receiver);
    sw_adapters_free(scene.adapters);
    sw_inbox_close(scene.inbox);
    unlink(scene.path);
    return rmdir(scene.folder);
}

static void send(const char *topic, const char *payload, bool retained)
{
    receiver_on_message(&scene.receiver, topic, strlen(topic), payload, strlen(payload),
                        retained, SW_COPY_NONE);
}

static void test_a_message__is_in_the_inbox_when_it_returns(void **state)
{
    static const char topic[] = "clinic/main/patient/p1/steps";
    struct sw_inbox_record record;
    (void)state;
    assert_int_equal(atomic_load(&scene.receiver.appended), SW_INBOX_FULL);
    send(topic, "{\"steps\":1}", true);
    assert_int_equal(atomic_load(&scene.receiver.appended), 0);
    assert_int_equal(sw_inbox_read(scene.inbox, &record), 1);
    assert_int_equal(record.topic_len, strlen(topic));
    assert_memory_equal(record.topic, topic, strlen(topic));
    assert_true(record.retained);
    assert_int_equal(record.boot, sw_clock_boot());
}

static void test_its_time__is_by_the_clock_while_that_is_trusted(void **state)
{
    struct sw_inbox_record record;
    int64_t now_s = sw_clock_now_s();
    (void)state;
    send("clinic/main/patient/p1/steps", "1", false);
    atomic_store(&scene.receiver.offset_ms, now_s * 1000 - sw_clock_monotonic_ms());
    send("clinic/main/patient/p1/steps", "2", false);
    assert_int_equal(sw_inbox_read(scene.inbox, &record), 1);
    assert_int_equal(record.received_at_s, 0);
    assert_int_equal(sw_inbox_read(scene.inbox, &record), 1);
    assert_in_range(record.received_at_s, now_s - 1, now_s + 60);
}

/* It would take the room of messages that can be stored. */
static void test_what_is_our_own__never_reaches_the_inbox(void **state)
{
    static const struct {
        const char *topic, *payload;
        bool retained;
    } cases[] = {
        {"clinic/main/alerts/anna/p1/rest", "{}", true},
        {"clinic/main/alerts/anna/p1/rest", "", false},
        {"clinic/main/alerts/anna/p1/rest/set", "{\"action\":\"ack\"}", true},
        {"clinic/main/board/anna/p1", "{\"v\":1}", true},
        {"clinic/main/board/anna/p1", "{\"v\":1}", false},
        {"clinic/main/board/an na/p1", "{\"v\":1}", true},
        {"clinic/main/patients/anna", "{\"v\":1}", true},
        {"clinic/main/gateway/status", "online", true},
        {"clinic/main/gateway/status", "offline", false},
        {"clinic/main/gateway/health", "{\"instance\":\"" INSTANCE "\"}", true},
        {"clinic/main/gateway/health", "{\"instance\":\"another\"}", false},
        {"clinic/main/patient/~stepward-probe/steps", "{}", false},
        {SW_TOPIC_DROPPED, "3", false},
    };
    struct sw_inbox_record record;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        send(cases[i].topic, cases[i].payload, cases[i].retained);
    assert_int_equal(sw_inbox_read(scene.inbox, &record), 0);
    send("clinic/main/alerts/anna/p1/rest/set", "{\"action\":\"ack\"}", false);
    assert_int_equal(sw_inbox_read(scene.inbox, &record), 1);
}

/* With MQTT 3.1.1 all of them come back; what is published now is no news. */
static void test_overviews__that_are_retained_are_noticed(void **state)
{
    static const char topic[] = "clinic/main/board/anna/p1", payload[] = "{\"v\":1}";
    struct notice notice;
    (void)state;
    send(topic, payload, false);
    send("clinic/main/board/an na/p1", payload, true);
    send("clinic/main/patients/anna", payload, false);
    assert_false(notices_take(&scene.receiver.notices, &notice));
    send(topic, payload, true);
    assert_true(notices_take(&scene.receiver.notices, &notice));
    assert_int_equal(notice.kind, NOTICE_BOARD);
    assert_int_equal(notice.len, strlen(topic));
    assert_memory_equal(notice.payload, topic, strlen(topic));
    assert_true(notice.sum == sw_overview_sum(payload, strlen(payload)));
    send("clinic/main/patients/anna", payload, true);
    assert_true(notices_take(&scene.receiver.notices, &notice));
    assert_int_equal(notice.kind, NOTICE_PATIENTS);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_message__is_in_the_inbox_when_it_returns),
        TEST(test_its_time__is_by_the_clock_while_that_is_trusted),
        TEST(test_what_is_our_own__never_reaches_the_inbox),
        TEST(test_overviews__that_are_retained_are_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
