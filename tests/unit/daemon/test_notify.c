/* test_notify.c -- which program is told of what, and when again: in virtual time, by
 * programs that end at once. */
#include <poll.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clinic_fixture.h"

#include "daemon/notify.h"
#include "records/records.h"
#include "stepward/wire.h"

struct scene {
    struct clinic clinic;
    char folder[64];
    struct notify notify;
    int64_t key, now_ms;
    int32_t rev;
};

static const int64_t T = 20522 * (int64_t)86400 + 12 * 3600;

static void write_program(const struct scene *scene, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scene->folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fprintf(file, "#!/bin/sh\nFOLDER=%s\n%s\n", scene->clinic.folder, text);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, 0755), 0);
}

static void begin_notify(struct scene *scene)
{
    assert_int_equal(notify_init(&scene->notify, &scene->clinic.config, &utc,
                                 scene->clinic.store, &scene->clinic.incidents),
                     0);
}

static int open_scene(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    struct sw_patient patient = {.id = {"p1"}, .added_at_s = T};
    assert_non_null(scene);
    open_clinic(&scene->clinic);
    snprintf(scene->folder, sizeof scene->folder, "%s/notify.d", scene->clinic.folder);
    assert_int_equal(mkdir(scene->folder, 0755), 0);
    scene->clinic.config.notify.run = scene->folder;
    scene->clinic.config.path = scene->folder; /* its owner may own programs, too */
    scene->clinic.config.timezone = strdup("Etc/UTC");
    scene->now_ms = 1000000;
    assert_int_equal(sw_store_add_patient(scene->clinic.store, &patient,
                                          &scene->clinic.config.plan, &scene->key),
                     0);
    begin_notify(scene);
    *state = scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    char command[128];
    notify_fini(&scene->notify);
    free(scene->clinic.config.timezone);
    snprintf(command, sizeof command, "rm -rf %s/notify.d %s/told*",
             scene->clinic.folder, scene->clinic.folder);
    assert_int_equal(system(command), 0);
    close_clinic(&scene->clinic);
    free(scene);
    return 0;
}

/* One more publication of the alert that opened so many hours before noon. */
static void publish(struct scene *scene, int hour, int64_t at_s)
{
    struct sw_alert alert = {.patient = {"p1"},
                             .therapist = {"anna"},
                             .kind = SW_ALERT_REST,
                             .state = SW_STATE_OPEN,
                             .rev = ++scene->rev,
                             .opened_at_s = T - 3600 * hour,
                             .updated_at_s = at_s};
    char *words = sw_alert_words(&alert, NULL);
    assert_int_equal(
        sw_store_put_notification(scene->clinic.store, scene->key, &alert, words), 0);
    free(words);
    scene->notify.maybe_more = true;
}

static bool is_running(const struct notify *notify)
{
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++)
        if (notify->runs[i].child.pid != 0)
            return true;
    return false;
}

/* Turns at that moment until nothing runs. */
static void settle_at(struct scene *scene, int64_t now_s)
{
    struct notify *notify = &scene->notify;
    struct instant now = {now_s, scene->now_ms};
    int n_turns = 0;
    do {
        struct pollfd fd = {notify_fd(notify), POLLIN, 0};
        assert_int_equal(notify_turn(notify, now, true), 0);
        if (is_running(notify))
            poll(&fd, 1, 50);
        assert_true(n_turns++ < 2000);
    } while (is_running(notify));
}

static void settle(struct scene *scene)
{
    settle_at(scene, T);
}

enum { TOLD_MAX = 1000 };

static void read_told(const struct scene *scene, const char *reader,
                      char text[static TOLD_MAX])
{
    char command[96];
    snprintf(command, sizeof command, "%s %s/told 2>/dev/null", reader,
             scene->clinic.folder);
    FILE *file = popen(command, "r");
    assert_non_null(file);
    text[fread(text, 1, TOLD_MAX - 1, file)] = '\0';
    pclose(file);
}

static void check_told(const struct scene *scene, const char *expected)
{
    char text[TOLD_MAX];
    read_told(scene, "cat", text);
    assert_string_equal(text, expected);
}

/* By programs that ran at once, each for an alert of its own. */
static void check_told_in_any_order(const struct scene *scene, const char *sorted)
{
    char text[TOLD_MAX];
    read_told(scene, "sort", text);
    assert_string_equal(text, sorted);
}

static int64_t n_waiting(const struct scene *scene)
{
    int64_t n, oldest_s;
    assert_int_equal(sw_store_count_notifications(scene->clinic.store, &n, &oldest_s),
                     0);
    return n;
}

#define TELLS "echo ${0##*/}$STEPWARD_ALERT_REV >>$FOLDER/told"

static void test_notify__each_program_is_told_once_and_the_row_goes(void **state)
{
    struct scene *scene = *state;
    write_program(scene, "a", TELLS);
    publish(scene, 1, T);
    settle(scene);
    check_told(scene, "a1\n");
    assert_int_equal(n_waiting(scene), 0);
    assert_int_equal(scene->notify.n, 0);
    settle(scene);
    check_told(scene, "a1\n");
}

static void test_notify__revisions_of_an_alert_are_told_in_order(void **state)
{
    struct scene *scene = *state;
    write_program(scene, "a", "[ $STEPWARD_ALERT_REV != 1 ] || sleep 0.2\n" TELLS);
    for (int i = 0; i < 6; i++)
        publish(scene, 1, T);
    settle(scene);
    check_told(scene, "a1\na2\na3\na4\na5\na6\n");
}

static void test_notify__what_fails_is_tried_later_and_later(void **state)
{
    struct scene *scene = *state;
    write_program(scene, "a", TELLS "\nexit 1");
    publish(scene, 1, T);
    settle(scene);
    check_told(scene, "a1\n");
    scene->now_ms += NOTIFY_RETRY_MS - 1;
    settle(scene);
    check_told(scene, "a1\n");
    scene->now_ms += 1;
    settle(scene);
    check_told(scene, "a1\na1\n");
    scene->now_ms += 2 * NOTIFY_RETRY_MS;
    settle(scene);
    check_told(scene, "a1\na1\na1\n");
    assert_true(incidents_lasts(&scene->clinic.incidents, SW_INCIDENT_NOTIFY_FAILED));
    for (int i = 0; i < 20; i++) {
        scene->now_ms += NOTIFY_RETRY_MAX_MS;
        settle(scene);
    }
    assert_int_equal(scene->notify.troubles[0].n_failed, 23);
    assert_true(scene->notify.troubles[0].retry_ms - scene->now_ms <=
                NOTIFY_RETRY_MAX_MS);
    write_program(scene, "a", "exit 0");
    scene->now_ms += NOTIFY_RETRY_MAX_MS;
    settle(scene);
    assert_int_equal(n_waiting(scene), 0);
    assert_false(incidents_lasts(&scene->clinic.incidents, SW_INCIDENT_NOTIFY_FAILED));
}

static void test_notify__one_alert_that_always_fails_does_not_keep_others(void **state)
{
    struct scene *scene = *state;
    write_program(scene, "a", "[ $STEPWARD_ALERT_REV != 1 ] || exit 1\n" TELLS);
    publish(scene, 1, T);
    settle(scene);
    publish(scene, 2, T);
    settle(scene); /* else both run at once, in any order */
    publish(scene, 3, T);
    settle(scene);
    check_told_in_any_order(scene, "a2\na3\n");
    assert_int_equal(n_waiting(scene), 1);
}

static void
test_notify__one_program_s_success_outlives_the_other_s_failure(void **state)
{
    struct scene *scene = *state;
    write_program(scene, "a", TELLS);
    write_program(scene, "b", "exit 1");
    publish(scene, 1, T);
    settle(scene);
    notify_fini(&scene->notify); /* as after a restart */
    begin_notify(scene);
    write_program(scene, "b", TELLS);
    settle(scene);
    check_told(scene, "a1\nb1\n");
    assert_int_equal(n_waiting(scene), 0);
}

static void test_notify__what_ran_at_the_end_is_told_again(void **state)
{
    struct scene *scene = *state;
    struct instant now = {T, scene->now_ms};
    write_program(scene, "a", TELLS "\nsleep 1000");
    publish(scene, 1, T);
    assert_int_equal(notify_turn(&scene->notify, now, true), 0);
    assert_true(is_running(&scene->notify));
    notify_fini(&scene->notify);
    begin_notify(scene);
    assert_int_equal(n_waiting(scene), 1);
    write_program(scene, "a", "echo again >>$FOLDER/told");
    settle(scene);
    assert_int_equal(n_waiting(scene), 0);
}

static void test_notify__after_a_day_it_is_dropped_if_the_clock_is_right(void **state)
{
    struct scene *scene = *state;
    struct instant later = {T + NOTIFY_KEPT_S + 1, scene->now_ms};
    publish(scene, 1, T);
    publish(scene, 1, T + 2);
    settle(scene); /* there is no program */
    assert_int_equal(n_waiting(scene), 2);
    later.now_ms += NOTIFY_LOOK_MS;
    assert_int_equal(notify_turn(&scene->notify, later, false), 0);
    assert_int_equal(n_waiting(scene), 2);
    later.now_ms += NOTIFY_LOOK_MS;
    assert_int_equal(notify_turn(&scene->notify, later, true), 0);
    assert_int_equal(n_waiting(scene), 1);
    assert_non_null(
        strstr(scene->clinic.incidents.last[SW_INCIDENT_NOTIFY_DROPPED].text,
               "1 publication of alerts was not told"));
}

static void test_notify__a_program_that_comes_later_is_told_what_waits(void **state)
{
    struct scene *scene = *state;
    write_program(scene, "b", "exit 1");
    publish(scene, 1, T);
    settle(scene);
    write_program(scene, "a", TELLS);
    scene->now_ms += NOTIFY_LOOK_MS;
    settle(scene);
    check_told(scene, "a1\n");
    char path[128];
    snprintf(path, sizeof path, "%s/b", scene->folder);
    assert_int_equal(unlink(path), 0);
    scene->now_ms += NOTIFY_LOOK_MS;
    settle(scene);
    check_told(scene, "a1\n");
    assert_int_equal(n_waiting(scene), 0);
}

static void test_notify__so_many_at_once_and_no_more(void **state)
{
    struct scene *scene = *state;
    struct instant now = {T, scene->now_ms};
    write_program(scene, "a", "sleep 1000");
    write_program(scene, "b", "sleep 1000");
    write_program(scene, "c", "sleep 1000");
    for (int i = 0; i < 10; i++)
        publish(scene, i, T);
    assert_int_equal(notify_turn(&scene->notify, now, true), 0);
    int n = 0, n_of_a = 0;
    for (size_t i = 0; i < NOTIFY_AT_ONCE; i++) {
        n += scene->notify.runs[i].child.pid != 0;
        n_of_a += strcmp(scene->notify.runs[i].program, "a") == 0;
    }
    assert_int_equal(n, NOTIFY_AT_ONCE);
    assert_int_equal(n_of_a, NOTIFY_AT_ONCE_OF_ONE);
    assert_true(scene->notify.next_ms <= now.now_ms + NOTIFY_LIMIT_MS);
    now.now_ms += NOTIFY_LIMIT_MS;
    assert_int_equal(notify_turn(&scene->notify, now, true), 0);
    assert_non_null(strstr(scene->notify.troubles[0].why, "it took too long"));
}

static void test_notify__what_nobody_could_tell_is_bounded(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(sw_store_begin(scene->clinic.store), 0);
    for (int i = 0; i < NOTIFY_ROWS_MAX + 100; i++)
        publish(scene, i, T);
    assert_int_equal(sw_store_commit(scene->clinic.store), 0);
    settle(scene);
    assert_int_equal(n_waiting(scene), NOTIFY_ROWS_MAX);
    assert_int_equal(scene->notify.n, NOTIFY_ROWS_MAX);
}

static void test_notify__off_has_no_descriptor_and_asks_nothing(void **state)
{
    struct scene *scene = *state;
    char none[] = "";
    notify_fini(&scene->notify);
    scene->clinic.config.notify.run = none;
    begin_notify(scene);
    scene->notify.store = NULL; /* it would crash */
    assert_int_equal(notify_fd(&scene->notify), -1);
    assert_int_equal(notify_turn(&scene->notify, (struct instant){T, 1}, true), 0);
    assert_true(scene->notify.next_ms == INT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_notify__each_program_is_told_once_and_the_row_goes),
        TEST(test_notify__revisions_of_an_alert_are_told_in_order),
        TEST(test_notify__what_fails_is_tried_later_and_later),
        TEST(test_notify__one_alert_that_always_fails_does_not_keep_others),
        TEST(test_notify__one_program_s_success_outlives_the_other_s_failure),
        TEST(test_notify__what_ran_at_the_end_is_told_again),
        TEST(test_notify__after_a_day_it_is_dropped_if_the_clock_is_right),
        TEST(test_notify__a_program_that_comes_later_is_told_what_waits),
        TEST(test_notify__so_many_at_once_and_no_more),
        TEST(test_notify__what_nobody_could_tell_is_bounded),
        TEST(test_notify__off_has_no_descriptor_and_asks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
