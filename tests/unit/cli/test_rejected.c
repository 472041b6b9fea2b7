/* test_rejected.c -- `rejected`: whose messages are meant, and having them taken again.
 */
#include "cli_fixture.h"

#include "stepward/lock.h"

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    assert_non_null(clinic);
    clinic_init(clinic);
    FILE *file = fopen(clinic->config, "a");
    assert_non_null(file);
    fputs("source band { topic = \"band/{device}\"  total = \"/steps\" }\n"
          "source own { topic = \"own/{patient}/{device}\"  total = \"\" }\n"
          "source mix { topic = mix  each = \"\"  device = /id  total = /n }\n",
          file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void put(struct clinic *clinic, enum sw_refusal refusal, const char *topic)
{
    struct sw_rejected rejected = {
        .at_s = NOW_S - 60, .refusal = refusal, .why = "", .topic = topic};
    assert_int_equal(
        sw_store_put_rejected(clinic_store(clinic), &rejected, strlen(topic)), 0);
}

static int tell_topic(void *ctx, const struct sw_rejected *rejected)
{
    strcat(strcat(ctx, rejected->topic), " ");
    return 0;
}

static const char *marked(struct clinic *clinic)
{
    static char topics[1000];
    topics[0] = '\0';
    assert_int_equal(
        sw_store_each_marked(clinic_store(clinic), 100, tell_topic, topics), 0);
    return topics;
}

static void put_several(struct clinic *clinic)
{
    put(clinic, SW_REFUSED_JSON, "clinic/main/patient/p1/steps");
    put(clinic, SW_REFUSED_PATIENT, "clinic/main/patient/p2/pain");
    put(clinic, SW_REFUSED_PATIENT, "own/p1/phone");
    put(clinic, SW_REFUSED_DEVICE, "band/b1");
}

static void test_retry__marks_all_and_says_who_takes_them(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "rejected", "--retry"), CLI_OK);
    assert_string_equal(clinic->out, "nothing to retry\n");
    put_several(clinic);
    assert_int_equal(RUN(clinic, "rejected", "--retry"), CLI_OK);
    assert_string_equal(clinic->out,
                        "marked 4: the gateway takes them when it starts\n");
    assert_string_equal(marked(clinic), "clinic/main/patient/p1/steps "
                                        "clinic/main/patient/p2/pain own/p1/phone "
                                        "band/b1 ");
}

static void test_list__a_narrow_terminal_shows_the_topic_before_the_remedy(void **state)
{
    struct clinic *clinic = *state;
    put(clinic, SW_REFUSED_TOO_OLD, "clinic/main/patient/p019/steps");
    clinic->width = 80;
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_says(clinic->out, "clinic/main/patient/p019/steps");
    assert_says(clinic->out, "left out: remedy");
    clinic->width = 0;
}

/* A refusal is stored with the next commit of the gateway that runs. */
static void test_nothing__says_how_long_the_running_gateway_may_take(void **state)
{
    struct clinic *clinic = *state;
    struct sw_lock_note last;
    char folder[128], why[SW_WHY_MAX];
    int lock = -1;
    clinic_path(clinic, "", folder);
    assert_int_equal(sw_lock_take(folder, &lock, &last, why), 0);
    assert_int_equal(RUN(clinic, "rejected", "--retry"), CLI_OK);
    assert_string_equal(
        clinic->out,
        "nothing to retry; what is refused shows here within commit_interval (10s)\n");
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_says(clinic->out,
                "no message was refused; what is refused shows here within");
    close(lock);
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_silent_about(clinic->out, "within");
}

static void test_retry__by_reason(void **state)
{
    struct clinic *clinic = *state;
    put_several(clinic);
    assert_int_equal(RUN(clinic, "rejected", "--retry", "--reason", "device"), CLI_OK);
    assert_string_equal(clinic->out, "marked 1: the gateway takes it when it starts\n");
    assert_string_equal(marked(clinic), "band/b1 ");
    assert_int_equal(RUN(clinic, "rejected", "--retry", "--reason", "devise"),
                     CLI_USAGE);
    assert_says(clinic->err, "no such reason; there are size, topic, utf8");
}

static void
test_retry__of_a_patient_is_also_what_the_device_worn_then_said(void **state)
{
    struct clinic *clinic = *state;
    put_several(clinic);
    assert_int_equal(
        RUN(clinic, "device", "assign", "b1", "p1", "--from", "2020-01-01"), CLI_OK);
    assert_int_equal(RUN(clinic, "rejected", "--retry", "--patient", "p1"), CLI_OK);
    assert_string_equal(marked(clinic),
                        "clinic/main/patient/p1/steps own/p1/phone band/b1 ");
    assert_int_equal(RUN(clinic, "rejected", "--patient", "p2"), CLI_OK);
    assert_says(clinic->out, "p2/pain");
    assert_silent_about(clinic->out, "p1");
}

static void test_retry__leaves_out_what_was_asked_of_alerts(void **state)
{
    struct clinic *clinic = *state;
    put(clinic, SW_REFUSED_ACTION, "clinic/main/alerts/anna/p1/rest/set");
    assert_int_equal(RUN(clinic, "rejected", "--retry"), CLI_OK);
    assert_says(clinic->out, "nothing to retry\nleft out 1 on alerts");
    assert_string_equal(marked(clinic), "");
}

static void test_remedy__of_a_topic_is_that_of_its_sender(void **state)
{
    struct clinic *clinic = *state;
    put(clinic, SW_REFUSED_TOPIC, "band/a-name-of-more-than-thirty-six-letters");
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_says(clinic->out,
                "have the device publish to the source's topic with an id");
    assert_silent_about(clinic->out, "PATIENT/steps");
    put(clinic, SW_REFUSED_TOPIC, "clinic/main/patient/x y/steps");
    assert_int_equal(RUN(clinic, "rejected", "--limit", "1"), CLI_OK);
    assert_says(clinic->out, "publish to .../patient/PATIENT/steps or pain");
    put(clinic, SW_REFUSED_TOPIC, "clinic/main/alerts/anna k/p1/rest/set");
    assert_int_equal(RUN(clinic, "rejected", "--limit", "1"), CLI_OK);
    assert_says(clinic->out, ".../alerts/THERAPIST/PATIENT/KIND/set");
    assert_silent_about(clinic->out, "PATIENT/steps");
}

static void test_remedy__names_who_is_missing(void **state)
{
    struct clinic *clinic = *state;
    put(clinic, SW_REFUSED_PATIENT, "clinic/main/patient/p019/steps");
    assert_int_equal(RUN(clinic, "rejected", "--limit", "1"), CLI_OK);
    assert_says(clinic->out, "`stepward patient add p019`, then");
    put(clinic, SW_REFUSED_PATIENT, "own/p020/phone");
    assert_int_equal(RUN(clinic, "rejected", "--limit", "1"), CLI_OK);
    assert_says(clinic->out, "`stepward patient add p020`, then");
    put(clinic, SW_REFUSED_DEVICE, "band/b1");
    assert_int_equal(RUN(clinic, "rejected", "--limit", "1"), CLI_OK);
    assert_says(clinic->out, "`stepward device assign b1 PATIENT --from TIME`");
}

/* Of a message of several devices each row is one's. */
static void test_list__of_a_patient_by_the_devices_in_the_payload(void **state)
{
    struct clinic *clinic = *state;
    static const char *const payloads[] = {"[{\"id\":\"b 1\",\"n\":5}]",
                                           "[{\"id\":\"b2\",\"n\":6}]"};
    for (size_t i = 0; i < 2; i++) {
        struct sw_rejected rejected = {.at_s = NOW_S - 60,
                                       .refusal = SW_REFUSED_DEVICE,
                                       .why = "",
                                       .topic = "mix",
                                       .payload = payloads[i],
                                       .payload_len = strlen(payloads[i])};
        assert_int_equal(sw_store_put_rejected(clinic_store(clinic), &rejected, 3), 0);
    }
    assert_int_equal(RUN(clinic, "rejected"), CLI_OK);
    assert_says(clinic->out, "`stepward device assign b-1 PATIENT --from TIME`");
    assert_says(clinic->out, "`stepward device assign b2 PATIENT --from TIME`");
    assert_int_equal(
        RUN(clinic, "device", "assign", "b2", "p2", "--from", "2020-01-01"), CLI_OK);
    assert_int_equal(RUN(clinic, "rejected", "--patient", "p2", "--format", "json"),
                     CLI_OK);
    assert_says(clinic->out, "b2");
    assert_silent_about(clinic->out, "b 1");
    assert_int_equal(RUN(clinic, "rejected", "--patient", "p1", "--format", "json"),
                     CLI_OK);
    assert_string_equal(clinic->out, "[]\n");
}

static void test_retry__has_no_limit(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "rejected", "--retry", "--limit", "1"), CLI_USAGE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_retry__marks_all_and_says_who_takes_them),
        TEST(test_list__a_narrow_terminal_shows_the_topic_before_the_remedy),
        TEST(test_nothing__says_how_long_the_running_gateway_may_take),
        TEST(test_retry__by_reason),
        TEST(test_retry__of_a_patient_is_also_what_the_device_worn_then_said),
        TEST(test_retry__leaves_out_what_was_asked_of_alerts),
        TEST(test_remedy__of_a_topic_is_that_of_its_sender),
        TEST(test_remedy__names_who_is_missing),
        TEST(test_list__of_a_patient_by_the_devices_in_the_payload),
        TEST(test_retry__has_no_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
