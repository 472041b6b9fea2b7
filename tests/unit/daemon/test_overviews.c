/* test_overviews.c -- which overviews and lists are published, in which order and how
 * often, in virtual time; instead of a session there is a list of what was published. */
#include "clinic_fixture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/overviews.h"
#include "stepward/overview.h"
#include "stepward/wire.h"

enum { NOON = 12 * 3600, PUBLISHED_MAX = 64 };

static struct scene {
    struct clinic clinic;
    struct overviews overviews;
    int64_t now_s, now_ms;
    int room; /* for so many publications */
    size_t under_way;
    size_t n_published;
    sw_topic_text topics[PUBLISHED_MAX];
    char *payloads[PUBLISHED_MAX];
    uint64_t cookies[PUBLISHED_MAX];
} scene;

int __wrap_sw_session_publish(struct sw_session *session, const char *topic,
                              const char *payload, size_t len, bool retain,
                              uint32_t expiry_s, uint64_t cookie);
int __wrap_sw_session_publish(struct sw_session *session, const char *topic,
                              const char *payload, size_t len, bool retain,
                              uint32_t expiry_s, uint64_t cookie)
{
    (void)session;
    assert_true(retain);
    assert_int_equal(expiry_s, 0);
    if (scene.room == 0)
        return -EAGAIN;
    scene.room--;
    assert_true(scene.n_published < PUBLISHED_MAX);
    strcpy(scene.topics[scene.n_published], topic);
    scene.payloads[scene.n_published] = strndup(payload, len);
    scene.cookies[scene.n_published] = cookie;
    scene.n_published++;
    return 0;
}

size_t __wrap_sw_session_under_way(const struct sw_session *session);
size_t __wrap_sw_session_under_way(const struct sw_session *session)
{
    (void)session;
    return scene.under_way;
}

static void drop_published(void)
{
    for (size_t i = 0; i < scene.n_published; i++)
        free(scene.payloads[i]);
    scene.n_published = 0;
}

static int set_up(void **state)
{
    (void)state;
    memset(&scene, 0, sizeof scene);
    open_clinic(&scene.clinic);
    strcpy(scene.clinic.config.plan.therapist.str, "anna");
    scene.now_s = DAY_S + NOON;
    scene.now_ms = 3600 * 1000;
    scene.room = INT32_MAX;
    scene.overviews = (struct overviews){
        .site = "t", .patients = &scene.clinic.patients, .lists_due = true};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    drop_published();
    overviews_fini(&scene.overviews);
    close_clinic(&scene.clinic);
    return 0;
}

static void pass(int64_t seconds)
{
    scene.now_s += seconds;
    scene.now_ms += seconds * 1000;
}

/* Minutes of that many steps, up to now. */
static void send(const char *patient, int minutes, int steps)
{
    char topic[64], payload[4096];
    int n = snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":[%d",
                     (long long)(scene.now_s / 60 * 60 - 60 * minutes), steps);
    for (int i = 1; i < minutes; i++)
        n += snprintf(payload + n, sizeof payload - (size_t)n, ",%d", steps);
    n += snprintf(payload + n, sizeof payload - (size_t)n, "]}");
    int topic_len = snprintf(topic, sizeof topic, "clinic/t/patient/%s/steps", patient);
    struct sw_inbox_record record = {.received_at_s = scene.now_s,
                                     .topic = topic,
                                     .topic_len = (size_t)topic_len,
                                     .payload = payload,
                                     .payload_len = (size_t)n};
    assert_int_equal(ingest_take(&scene.clinic.ingest, &record, scene.now_s), 0);
}

static void judge_now(bool due)
{
    judge(&scene.clinic, scene.now_s, due);
}

/* "board/anna/p1 patients/anna": what is published now. */
static const char *publish(void)
{
    static char text[1024];
    drop_published();
    overviews_publish(&scene.overviews, NULL, scene.now_s, scene.now_ms);
    text[0] = '\0';
    for (size_t i = 0; i < scene.n_published; i++) {
        strcat(text, i > 0 ? " " : "");
        strcat(text, scene.topics[i] + strlen("clinic/t/"));
        strcat(text, *scene.payloads[i] ? "" : "(cleared)");
    }
    return text;
}

/* All that was published last is refused, or too large; or the broker takes it. */
static void refuse(bool is_too_large)
{
    for (size_t i = 0; i < scene.n_published; i++)
        overviews_event(&scene.overviews,
                        &(struct sw_session_event){.kind = SW_SESSION_FAILED,
                                                   .refused = true,
                                                   .too_large = is_too_large,
                                                   .cookie = scene.cookies[i]},
                        scene.now_ms);
}

static void deliver(void)
{
    for (size_t i = 0; i < scene.n_published; i++)
        overviews_event(&scene.overviews,
                        &(struct sw_session_event){.kind = SW_SESSION_DELIVERED,
                                                   .cookie = scene.cookies[i]},
                        scene.now_ms);
}

static void assert_failed(bool refused, bool too_large)
{
    assert_int_equal(overviews_have_failed(&scene.overviews, OVERVIEW_REFUSED),
                     refused);
    assert_int_equal(overviews_have_failed(&scene.overviews, OVERVIEW_TOO_LARGE),
                     too_large);
}

static void change_therapist(const char *id, const char *therapist)
{
    struct patient *patient = patients_find(&scene.clinic.patients, id);
    struct sw_plan plan = patient->plan;
    strcpy(plan.therapist.str, therapist);
    assert_int_equal(
        sw_store_put_plan(scene.clinic.store, patient->known.key, TODAY, &plan), 0);
    assert_int_equal(ingest_load(&scene.clinic.ingest, TODAY), 0);
}

static void open_with_two(void)
{
    send("p1", 10, 0);
    send("p2", 10, 0);
    judge_now(true);
    assert_string_equal(publish(), "board/anna/p1 board/anna/p2 patients/anna");
}

static void test_overviews__come_before_the_list_and_once(void **state)
{
    (void)state;
    send("p1", 10, 0);
    judge_now(false);
    assert_string_equal(publish(), ""); /* nothing of it is stored yet */
    judge_now(true);
    assert_string_equal(publish(), "board/anna/p1 patients/anna");
    assert_non_null(strstr(scene.payloads[0], "\"rest_min\":10"));
    assert_string_equal(publish(), "");
    judge_now(true);
    assert_string_equal(publish(), "");
}

static void test_overviews__come_once_a_minute_while_readings_do(void **state)
{
    (void)state;
    open_with_two();
    pass(40);
    send("p1", 2, 5);
    judge_now(true);
    assert_string_equal(publish(), "");
    assert_int_equal(
        overviews_publish(&scene.overviews, NULL, scene.now_s, scene.now_ms),
        scene.now_ms + 20 * 1000);
    pass(20);
    assert_string_equal(publish(), "board/anna/p1");
}

static void test_overviews__do_not_wait_when_an_alert_opens(void **state)
{
    (void)state;
    open_with_two();
    pass(5);
    send("p1", 70, 0);
    judge_now(false);
    assert_string_equal(publish(), "board/anna/p1");
    assert_non_null(strstr(scene.payloads[0], "\"kind\":\"rest\""));
    pass(5);
    judge_now(true);
    assert_string_equal(publish(), "");
}

static void test_overviews__that_are_retained_are_not_published_again(void **state)
{
    (void)state;
    struct notice notice = {.kind = NOTICE_BOARD};
    open_with_two();
    uint64_t sum = sw_overview_sum(scene.payloads[0], strlen(scene.payloads[0]));
    overviews_forget(&scene.overviews);
    notice.len = (size_t)sprintf(notice.payload, "clinic/t/board/anna/p1");
    notice.sum = sum;
    assert_true(overviews_on_notice(&scene.overviews, &notice));
    assert_string_equal(publish(), "board/anna/p2 patients/anna");
    /* What is not theirs is for others to look at. */
    notice.len = (size_t)sprintf(notice.payload, "clinic/t/board/ben/p1");
    assert_false(overviews_on_notice(&scene.overviews, &notice));
    notice.len = (size_t)sprintf(notice.payload, "clinic/t/board/anna/p9");
    assert_false(overviews_on_notice(&scene.overviews, &notice));
    notice.kind = NOTICE_PATIENTS;
    notice.len = (size_t)sprintf(notice.payload, "clinic/t/patients/ben");
    assert_false(overviews_on_notice(&scene.overviews, &notice));
    notice.len = (size_t)sprintf(notice.payload, "clinic/t/patients/anna");
    assert_true(overviews_on_notice(&scene.overviews, &notice));
}

static void test_overviews__that_are_not_ours_are_replaced(void **state)
{
    (void)state;
    struct notice notice = {.kind = NOTICE_BOARD, .sum = 7};
    open_with_two();
    notice.len = (size_t)sprintf(notice.payload, "clinic/t/board/anna/p1");
    assert_true(overviews_on_notice(&scene.overviews, &notice));
    pass(60);
    assert_string_equal(publish(), "board/anna/p1");
}

static void test_lists__wait_for_room_and_for_what_is_not_judged(void **state)
{
    (void)state;
    send("p1", 10, 0);
    send("p2", 10, 0);
    judge_now(true);
    scene.room = 1;
    assert_string_equal(publish(), "board/anna/p1");
    scene.room = INT32_MAX;
    patients_find(&scene.clinic.patients, "p2")->judge = JUDGE_SOON;
    assert_string_equal(publish(), "");
    judge_now(true);
    assert_string_equal(publish(), "board/anna/p2 patients/anna");
}

static void test_overviews__leave_the_way_to_alerts(void **state)
{
    (void)state;
    send("p1", 10, 0);
    judge_now(true);
    scene.under_way = PUBLISH_AT_ONCE;
    assert_string_equal(publish(), "");
    scene.under_way = PUBLISH_AT_ONCE - 1;
    assert_string_equal(publish(), "board/anna/p1 patients/anna");
}

static void test_lists__are_published_again_when_they_change(void **state)
{
    (void)state;
    open_with_two();
    send("p3", 10, 0);
    judge_now(true);
    assert_string_equal(publish(), "board/anna/p3 patients/anna");
    change_therapist("p3", "ben");
    judge_now(true);
    assert_string_equal(publish(), "board/ben/p3 patients/ben patients/anna");
    change_therapist("p3", "anna");
    judge_now(true);
    assert_string_equal(publish(), "board/anna/p3 patients/ben(cleared) patients/anna");
}

static int note_topic(void *ctx, int64_t seq, const char *topic)
{
    (void)seq;
    strcat(ctx, topic);
    strcat(ctx, " ");
    return 0;
}

static void
test_left__the_former_therapists_topic_is_cleared_with_a_commit(void **state)
{
    (void)state;
    char topics[512] = "";
    open_with_two();
    change_therapist("p1", "ben");
    change_therapist("p1", "anna"); /* there and back: nothing to clear but ben's */
    judge_now(true);
    assert_int_equal(sw_store_each_outbound(scene.clinic.store, note_topic, topics), 0);
    assert_string_equal(topics, "clinic/t/board/ben/p1 ");
    assert_int_equal(scene.clinic.patients.n_left, 0);
    assert_string_equal(publish(), "board/anna/p1");
}

static void test_time__alone_ends_a_rest_and_passes_half_hours(void **state)
{
    (void)state;
    open_with_two();
    for (int min = 1; min <= 15; min++) {
        pass(60);
        overviews_pass(&scene.overviews, scene.now_s);
        judge_now(false);
        if (min < 15)
            assert_string_equal(publish(),
                                min == 1 ? "board/anna/p1 board/anna/p2" : "");
    }
    assert_string_equal(publish(), "board/anna/p1 board/anna/p2");
    assert_non_null(strstr(scene.payloads[0], "\"rest_min\":0"));
}

/* One a minute shows whether the broker takes them now: then the others follow at once,
 * and the list after them. */
static void test_refused__one_is_tried_a_minute_and_all_once_it_is_taken(void **state)
{
    (void)state;
    open_with_two();
    refuse(false);
    assert_failed(true, false);
    assert_string_equal(publish(), "");
    assert_int_equal(
        overviews_publish(&scene.overviews, NULL, scene.now_s, scene.now_ms),
        scene.now_ms + OVERVIEW_EVERY_MS);
    pass(60);
    assert_string_equal(publish(), "board/anna/p1");
    refuse(false);
    assert_string_equal(publish(), "patients/anna");
    refuse(false);
    pass(60);
    assert_string_equal(publish(), "board/anna/p2");
    deliver();
    assert_failed(true, false);
    assert_string_equal(publish(), "board/anna/p1 patients/anna");
    deliver();
    assert_failed(false, false);
    pass(60);
    assert_string_equal(publish(), "");
}

static void test_refused__after_a_connect_one_is_tried_at_once(void **state)
{
    (void)state;
    open_with_two();
    refuse(false);
    overviews_forget(&scene.overviews);
    assert_failed(true, false);
    assert_string_equal(publish(), "board/anna/p1");
    deliver();
    assert_string_equal(publish(), "board/anna/p2 patients/anna");
}

static void test_too_large__a_list_is_tried_again_though_nothing_changes(void **state)
{
    (void)state;
    open_with_two();
    deliver();
    send("p3", 10, 0);
    judge_now(true);
    assert_string_equal(publish(), "board/anna/p3 patients/anna");
    scene.n_published--; /* the overview fits */
    free(scene.payloads[scene.n_published - 1]);
    scene.payloads[0] = scene.payloads[1];
    scene.cookies[0] = scene.cookies[1];
    refuse(true);
    assert_failed(false, true);
    assert_string_equal(publish(), "");
    pass(60);
    assert_string_equal(publish(), "patients/anna");
    refuse(true);
    pass(60);
    assert_string_equal(publish(), "patients/anna");
    deliver();
    assert_failed(false, false);
}

static void test_refused__what_another_has_a_cookie_for_says_nothing(void **state)
{
    (void)state;
    static const uint64_t others[] = {0, 1, LIST_COOKIE - 1, 2 * OVERVIEW_COOKIE,
                                      CONNECTION_LOG_PROBE_COOKIE};
    open_with_two();
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        scene.cookies[i] = others[i];
    for (scene.n_published = 0; scene.n_published < 3; scene.n_published++)
        free(scene.payloads[scene.n_published]);
    for (size_t i = 0; i < 5; i++)
        scene.payloads[i] = NULL;
    scene.n_published = 5;
    refuse(false);
    assert_failed(false, false);
    assert_string_equal(publish(), "");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_overviews__come_before_the_list_and_once),
        TEST(test_overviews__come_once_a_minute_while_readings_do),
        TEST(test_overviews__do_not_wait_when_an_alert_opens),
        TEST(test_overviews__that_are_retained_are_not_published_again),
        TEST(test_overviews__that_are_not_ours_are_replaced),
        TEST(test_overviews__leave_the_way_to_alerts),
        TEST(test_lists__wait_for_room_and_for_what_is_not_judged),
        TEST(test_lists__are_published_again_when_they_change),
        TEST(test_left__the_former_therapists_topic_is_cleared_with_a_commit),
        TEST(test_time__alone_ends_a_rest_and_passes_half_hours),
        TEST(test_refused__one_is_tried_a_minute_and_all_once_it_is_taken),
        TEST(test_refused__after_a_connect_one_is_tried_at_once),
        TEST(test_too_large__a_list_is_tried_again_though_nothing_changes),
        TEST(test_refused__what_another_has_a_cookie_for_says_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
