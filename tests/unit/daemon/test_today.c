/* test_today.c -- when a day that changed is published next, in invented time; there is
 * no broker, and nothing arrives. */
#include "daemon/publish.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOW_MS = 10 * 60 * 1000, PATIENTS = 3, GOODBYE_MS = 10 * 1000 };

struct scene {
    struct sw_session *session;
    struct patient everyone[PATIENTS], *listed[PATIENTS];
    struct patients patients;
};

static struct scene scene;

static int set_up(void **state)
{
    (void)state;
    char why[SW_WHY_MAX];
    struct sw_session_options options = {.uri = "mqtt://127.0.0.1:9",
                                         .client_id = "test",
                                         .protocol = 5,
                                         .username = "",
                                         .password = "",
                                         .ca_file = "",
                                         .cert_file = "",
                                         .key_file = ""};
    memset(&scene, 0, sizeof scene);
    for (int i = 0; i < PATIENTS; i++) {
        scene.listed[i] = &scene.everyone[i];
        scene.everyone[i].unpublished.day_ms = NOW_MS;
        scene.everyone[i].day.row.patient.str[0] = (char)('a' + i);
        scene.everyone[i].known.id.str[0] = (char)('a' + i);
    }
    scene.patients = (struct patients){.all = scene.listed, .n = PATIENTS};
    return sw_session_new(&scene.session, &options, why);
}

static int tear_down(void **state)
{
    (void)state;
    return sw_session_free(scene.session, GOODBYE_MS) ? 0 : -1;
}

static int64_t publish_at(int64_t now_ms)
{
    return publish_patients(scene.session, "main", &scene.patients, now_ms);
}

static void test_days_that_did_not_change__need_no_turn(void **state)
{
    (void)state;
    assert_int_equal(publish_at(NOW_MS + TODAY_EVERY_MS), INT64_MAX);
}

static void test_a_day_that_changed__is_due_a_minute_after_the_last_time(void **state)
{
    (void)state;
    scene.everyone[1].unpublished.has_day = true;
    scene.everyone[1].unpublished.day_ms = NOW_MS - 20 * 1000;
    scene.everyone[2].unpublished.has_day = true;
    assert_int_equal(publish_at(NOW_MS), NOW_MS + 40 * 1000);
}

static void test_a_day_that_cannot_be_sent__is_tried_again_soon(void **state)
{
    (void)state;
    scene.everyone[0].unpublished.has_day = true;
    scene.everyone[0].unpublished.day_ms = 0; /* never */
    assert_int_equal(publish_at(NOW_MS), NOW_MS + PUBLISH_RETRY_MS);
    assert_true(scene.everyone[0].unpublished.has_day);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_days_that_did_not_change__need_no_turn),
        TEST(test_a_day_that_changed__is_due_a_minute_after_the_last_time),
        TEST(test_a_day_that_cannot_be_sent__is_tried_again_soon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
