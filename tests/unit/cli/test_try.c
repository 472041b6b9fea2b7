/* test_try.c -- `try` sends nothing that nobody would take, and a test alert goes
 * through the outbox: opened, closed and cleared, and into no other table.
 *
 * Readings are published in another program: see integration/try.bats. */
#include "cli_fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/file.h>

#include "stepward/lock.h"
#include "stepward/wire.h"

#define TOPIC "clinic/main/alerts/anna/p1/test"

/* A clinic with one patient, the lock that a running gateway holds, and a thread that
 * takes from the outbox as it does. */
struct scene {
    struct clinic clinic;
    int lock_fd;
    pthread_t thread;
    atomic_bool is_over;
    char path[128];
    char *payloads[8];
    size_t n_payloads;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    char path[128];
    assert_non_null(scene);
    clinic_init(&scene->clinic);
    assert_int_equal(RUN(&scene->clinic, "patient", "add", "p1"), CLI_OK);
    clinic_path(&scene->clinic, "gateway.lock", path);
    clinic_path(&scene->clinic, "stepward.db", scene->path);
    scene->lock_fd = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
    assert_true(scene->lock_fd >= 0);
    assert_int_equal(flock(scene->lock_fd, LOCK_EX | LOCK_NB), 0);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    for (size_t i = 0; i < scene->n_payloads; i++)
        free(scene->payloads[i]);
    close(scene->lock_fd);
    clinic_fini(&scene->clinic);
    free(scene);
    return 0;
}

static void *publish_all(void *ctx)
{
    struct scene *scene = ctx;
    struct sw_store *store;
    struct sw_outbound row;
    char why[SW_WHY_MAX];
    if (sw_store_open(&store, scene->path, SW_STORE_WRITE, why) < 0)
        return NULL;
    while (!scene->is_over) {
        if (scene->n_payloads == 8 || sw_store_next_outbound(store, 0, &row) != 0) {
            poll(NULL, 0, 10);
            continue;
        }
        bool is_meant = strcmp(row.topic, TOPIC) == 0 &&
                        sw_store_outbound_done(store, row.seq) == 0;
        if (is_meant)
            scene->payloads[scene->n_payloads++] = row.payload;
        else
            free(row.payload);
    }
    sw_store_close(store);
    return NULL;
}

static void start_gateway(struct scene *scene)
{
    assert_int_equal(pthread_create(&scene->thread, NULL, publish_all, scene), 0);
}

static void stop_gateway(struct scene *scene)
{
    scene->is_over = true;
    assert_int_equal(pthread_join(scene->thread, NULL), 0);
}

static bool is_outbox_empty(struct scene *scene)
{
    struct sw_outbound row;
    int r = sw_store_next_outbound(clinic_store(&scene->clinic), 0, &row);
    if (r == 0)
        free(row.payload);
    return r == SW_STORE_NONE;
}

static void test_alert__is_opened_closed_and_cleared(void **state)
{
    struct scene *scene = *state;
    struct clinic *clinic = &scene->clinic;
    start_gateway(scene);
    int code = RUN(clinic, "try", "p1", "--alert", "--for", "1s");
    stop_gateway(scene);
    assert_int_equal(code, CLI_OK);
    assert_says(clinic->out, "on\n  " TOPIC "\n");
    assert_says(clinic->out, "it stays open for 1s\n");
    assert_says(clinic->out, "closed and cleared: nothing of it stays");
    assert_int_equal(scene->n_payloads, 3);
    assert_says(scene->payloads[0], "\"id\":\"p1-test-1792936800\",\"rev\":1,");
    assert_says(scene->payloads[0], "\"kind\":\"test\",\"level\":\"low\","
                                    "\"state\":\"open\",\"reason\":null");
    assert_says(scene->payloads[1], "\"id\":\"p1-test-1792936800\",\"rev\":2,");
    assert_says(scene->payloads[1], "\"state\":\"closed\",\"reason\":\"withdrawn\"");
    assert_string_equal(scene->payloads[2], "");
    assert_true(is_outbox_empty(scene));
    assert_int_equal(RUN(clinic, "alerts", "--all", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "p1");
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "anna");
}

/* It would be published when the gateway is back, and surprise somebody. */
static void test_alert__that_nobody_takes_is_taken_back(void **state)
{
    struct scene *scene = *state;
    struct clinic *clinic = &scene->clinic;
    assert_int_equal(RUN(clinic, "try", "p1", "--alert", "--wait", "1s"), CLI_FAILED);
    assert_says(clinic->err, "the broker did not get it within 1s, and it was taken "
                             "back: the gateway has not reported yet");
    assert_true(is_outbox_empty(scene));
}

static void test_alert__without_a_gateway_is_not_raised(void **state)
{
    struct scene *scene = *state;
    struct clinic *clinic = &scene->clinic;
    flock(scene->lock_fd, LOCK_UN);
    assert_int_equal(RUN(clinic, "try", "p1", "--alert"), CLI_FAILED);
    assert_says(
        clinic->err,
        "nothing sent: the gateway has never run: start it: `sudo systemctl enable");
    assert_string_equal(clinic->out, "");
    assert_true(is_outbox_empty(scene));
}

static void test_alert__of_a_gateway_of_another_site_is_not_raised(void **state)
{
    struct scene *scene = *state;
    struct clinic *clinic = &scene->clinic;
    assert_int_equal(sw_store_put_meta(clinic_store(clinic), SW_META_FILTERS,
                                       "clinic/main2/patient/+/steps\n"
                                       "clinic/main2/patient/+/pain\n"),
                     0);
    assert_int_equal(RUN(clinic, "try", "p1", "--alert"), CLI_FAILED);
    assert_says(clinic->err,
                "nothing sent: the gateway listens to clinic/main2/patient/+/steps, "
                "and not to clinic/main/patient/+/steps: restart it");
    assert_true(is_outbox_empty(scene));
}

static void test_alert__of_nobody_is_not_raised(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(RUN(&scene->clinic, "try", "p2", "--alert"), CLI_FAILED);
    assert_says(scene->clinic.err, "no patient p2: see `stepward patient list`");
}

static void test_usage__readings_and_alerts_have_options_of_their_own(void **state)
{
    struct scene *scene = *state;
    struct clinic *clinic = &scene->clinic;
    assert_int_equal(RUN(clinic, "try", "p1", "--alert", "--steps", "9"), CLI_USAGE);
    assert_says(clinic->err, "--steps is for a reading, not for --alert");
    assert_int_equal(RUN(clinic, "try", "p1", "--for", "1m"), CLI_USAGE);
    assert_says(clinic->err, "--for is for --alert");
    assert_int_equal(RUN(clinic, "try", "p1", "--password-file", "x"), CLI_USAGE);
    assert_says(clinic->err, "goes with --user");
    assert_int_equal(RUN(clinic, "try", "p1", "--alert", "--for", "11m"), CLI_USAGE);
    assert_says(clinic->err, "--for 11m: it is 1s to 10m");
    assert_int_equal(RUN(clinic, "try", "p1", "--wait", "0"), CLI_USAGE);
    assert_says(clinic->err, "--wait 0: it is 1s to 2h");
    assert_int_equal(RUN(clinic, "try", "p1", "--steps", "256"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "try", "p1", "--device", "a b"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "try", "p 1"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "try"), CLI_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_alert__is_opened_closed_and_cleared),
        TEST(test_alert__that_nobody_takes_is_taken_back),
        TEST(test_alert__without_a_gateway_is_not_raised),
        TEST(test_alert__of_a_gateway_of_another_site_is_not_raised),
        TEST(test_alert__of_nobody_is_not_raised),
        TEST(test_usage__readings_and_alerts_have_options_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
