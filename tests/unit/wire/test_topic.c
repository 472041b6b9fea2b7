/* test_topic.c -- the topics of the contract, read and built. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

/* From a copy without a NUL behind it, so that a byte read beyond it is found. */
static enum sw_topic_kind parse(const char *topic, size_t len, struct sw_topic *ret)
{
    char *copy = malloc(len + (len == 0));
    assert_non_null(copy);
    memcpy(copy, topic, len);
    enum sw_topic_kind kind = sw_topic_parse("main", copy, len, ret);
    free(copy);
    return kind;
}

static void test_topic__patients_readings_and_scores(void **state)
{
    (void)state;
    struct sw_topic topic;
    const char *steps = "clinic/main/patient/p017/steps";
    assert_int_equal(parse(steps, strlen(steps), &topic), SW_TOPIC_STEPS);
    assert_string_equal(topic.patient.str, "p017");
    assert_string_equal(topic.therapist.str, "");
    const char *pain =
        "clinic/main/patient/0123456789012345678901234567890123A.-_/pain";
    assert_int_equal(parse(pain, strlen(pain), &topic), SW_TOPIC_OTHER);
    pain = "clinic/main/patient/01234567890123456789012345678901A.-_/pain";
    assert_int_equal(parse(pain, strlen(pain), &topic), SW_TOPIC_PAIN);
    assert_string_equal(topic.patient.str, "01234567890123456789012345678901A.-_");
}

static void test_topic__a_therapist_acts_on_an_alert(void **state)
{
    (void)state;
    struct sw_topic topic;
    const char *set = "clinic/main/alerts/anna/p017/silent/set";
    assert_int_equal(parse(set, strlen(set), &topic), SW_TOPIC_ALERT_SET);
    assert_string_equal(topic.therapist.str, "anna");
    assert_string_equal(topic.patient.str, "p017");
    assert_int_equal(topic.kind, SW_ALERT_SILENT);
}

static void test_topic__our_own_alerts_and_the_mark_behind_them(void **state)
{
    (void)state;
    struct sw_topic topic;
    sw_topic_text text;
    const char *alert = "clinic/main/alerts/anna/p017/silent";
    assert_int_equal(parse(alert, strlen(alert), &topic), SW_TOPIC_ALERT);
    assert_string_equal(topic.therapist.str, "anna");
    assert_string_equal(topic.patient.str, "p017");
    assert_int_equal(topic.kind, SW_ALERT_SILENT);
    sw_topic_echo_end(text, "main");
    assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_ECHO_END);
}

static void test_topic__a_probe_is_let_in_by_its_filter_and_is_of_nobody(void **state)
{
    (void)state;
    struct sw_topic topic;
    sw_topic_text filter, text;
    sw_topic_probe(text, "home/+/BTtoMQTT/+", SW_PROBE_ID);
    assert_string_equal(text, "home/~stepward-probe/BTtoMQTT/~stepward-probe");
    sw_topic_probe(text, "sensor-logger", SW_PROBE_ID);
    assert_string_equal(text, "sensor-logger");
    for (size_t i = 0; sw_topic_filter(filter, "main", i); i++) {
        if (sw_topic_filter_is_no_local(filter)) /* nothing would come back */
            continue;
        sw_topic_probe(text, filter, SW_PROBE_DOTTED);
        enum sw_topic_kind kind = parse(text, strlen(text), &topic);
        assert_true((kind == SW_TOPIC_PROBE) == (strchr(filter, '+') != NULL));
    }
    assert_false(sw_id_is_valid(SW_PROBE_ID, strlen(SW_PROBE_ID)));
    assert_false(sw_id_is_valid(SW_PROBE_DOTTED, strlen(SW_PROBE_DOTTED)));
}

static void test_topic__of_a_kind_that_there_is_not(void **state)
{
    (void)state;
    struct sw_topic topic;
    const char *set = "clinic/main/alerts/anna/p017/restless/set";
    const char *alert = "clinic/main/alerts/anna/p 17/restless";
    assert_int_equal(parse(set, strlen(set), &topic), SW_TOPIC_SET_UNKNOWN);
    assert_string_equal(topic.patient.str, "p017");
    assert_string_equal(topic.word, "restless");
    assert_int_equal(parse(alert, strlen(alert), &topic), SW_TOPIC_ALERT_UNKNOWN);
}

static void test_topic__of_a_test_alert(void **state)
{
    (void)state;
    struct sw_topic words = {{"p017"}, {"anna"}, SW_ALERT_REST, SW_ALERT_TEST}, topic;
    sw_topic_text text;
    sw_topic_alert_words(text, "main", &words);
    assert_true(sw_topic_is_test_alert(text));
    assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_ALERT_TEST);
    sw_topic_set(text, "main", &words); /* of a kind that there is not */
    assert_false(sw_topic_is_test_alert(text));
    assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_SET_UNKNOWN);
    static const char *const others[] = {
        "clinic/main/alerts/anna/p017/rest", "clinic/main/digest/test",
        "clinic/main/patient/test/test", "clinic/main/alerts/anna/p017/test/test",
        "clinic/main/board/anna/p017/test"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(sw_topic_is_test_alert(others[i]));
}

static void test_topic__anything_else_is_other_and_touches_nothing(void **state)
{
    (void)state;
    static const char *const others[] = {
        "",
        "/",
        "clinic",
        "clinic/main",
        "clinic/main/patient",
        "clinic/main/patient/p017",
        "clinic/main/patient/p017/",
        "clinic/main/patient/p017/step",
        "clinic/main/patient/p017/stepss",
        "clinic/main/patient/p017/Steps",
        "clinic/main/patient/p017/steps/",
        "clinic/main/patient/p017/steps/x",
        "clinic/main/patient/p017/today",
        "clinic/main/patient/p017/nudge",
        "clinic/main/patient//steps",
        "clinic/main/patient/p 17/steps",
        "clinic/main/patient/+/steps",
        "clinic/main/patient/#",
        "clinic/main/patient/p\xc3\xa4/steps",
        "clinic/mai/patient/p017/steps",
        "clinic/main2/patient/p017/steps",
        "clinic//patient/p017/steps",
        "Clinic/main/patient/p017/steps",
        "/clinic/main/patient/p017/steps",
        "clinic/main/patients/p017/steps",
        "clinic/main/patient/0123456789012345678901234567890123456/steps",
        "clinic/main/alerts/anna/p017/rest/get",
        "clinic/main/alerts/anna/p017/rest/set/set",
        "clinic/main/alerts/anna/p017//set",
        "clinic/main/alerts/anna/p017/rest-and-much-more-than-anybody-can-say/set",
        "clinic/main/alerts//p017/rest/set",
        "clinic/main/alerts/anna//rest/set",
        "clinic/main/alerts/an+na/p017/rest/set",
        "clinic/main/gateway/stat",
        "clinic/main/gateway/status/x",
        "clinic/main/gateway/echo/",
        "a/b/c/d/e/f/g/h/i/j/k",
        "///////////////",
    };
    struct sw_topic before, topic;
    memset(&before, 'x', sizeof(before));
    topic = before;
    assert_int_equal(sw_topic_parse("main", NULL, 0, &topic), SW_TOPIC_OTHER);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (parse(others[i], strlen(others[i]), &topic) != SW_TOPIC_OTHER)
            fail_msg("taken: %s", others[i]);
        assert_memory_equal(&topic, &before, sizeof(topic));
    }
}

static bool is_nobodys(enum sw_topic_kind kind)
{
    return kind == SW_TOPIC_OTHER || kind == SW_TOPIC_ALERT_UNKNOWN;
}

static void test_topic__a_nul_anywhere_is_nobodys(void **state)
{
    (void)state;
    static const char *const good[] = {"clinic/main/patient/p017/steps",
                                       "clinic/main/alerts/anna/p017/rest/set"};
    for (size_t g = 0; g < sizeof(good) / sizeof(good[0]); g++) {
        size_t len = strlen(good[g]);
        for (size_t i = 0; i <= len; i++) {
            char text[64];
            struct sw_topic topic;
            memcpy(text, good[g], i);
            text[i] = '\0';
            memcpy(text + i + 1, good[g] + i, len - i);
            assert_true(is_nobodys(parse(text, len + 1, &topic)));
            if (i == len)
                continue;
            memcpy(text, good[g], len);
            text[i] = '\0';
            assert_true(is_nobodys(parse(text, len, &topic)));
        }
    }
}

static void test_topic__what_is_built_by_the_letter(void **state)
{
    (void)state;
    struct sw_patient_id patient = {"p017"};
    struct sw_alert alert = {
        .patient = {"p017"}, .therapist = {"anna"}, .kind = SW_ALERT_REST};
    sw_topic_text topic;
    sw_topic_today(topic, "main", patient);
    assert_string_equal(topic, "clinic/main/patient/p017/today");
    sw_topic_nudge(topic, "main", patient);
    assert_string_equal(topic, "clinic/main/patient/p017/nudge");
    sw_topic_steps(topic, "main", patient);
    assert_string_equal(topic, "clinic/main/patient/p017/steps");
    sw_topic_alert(topic, "main", &alert);
    assert_string_equal(topic, "clinic/main/alerts/anna/p017/rest");
    sw_topic_pain(topic, "main", patient);
    assert_string_equal(topic, "clinic/main/patient/p017/pain");
    struct sw_topic words = {{"p017"}, {"anna"}, SW_ALERT_REST, "+"};
    sw_topic_alert_words(topic, "main", &words);
    assert_string_equal(topic, "clinic/main/alerts/anna/p017/+");
    sw_topic_set(topic, "main", &words);
    assert_string_equal(topic, "clinic/main/alerts/anna/p017/+/set");
    sw_topic_gateway(topic, "main", "status");
    assert_string_equal(topic, "clinic/main/gateway/status");
}

static void test_topic__filters_cover_what_is_read(void **state)
{
    (void)state;
    static const char *const filters[] = {
        "clinic/main/patient/+/steps",  "clinic/main/patient/+/pain",
        "clinic/main/alerts/+/+/+/set", "clinic/main/alerts/+/+/+",
        "clinic/main/gateway/echo",     "clinic/main/gateway/status",
        "clinic/main/gateway/health",   "clinic/main/board/+/+",
        "clinic/main/patients/+"};
    struct sw_topic topic;
    assert_int_equal(parse(filters[5], strlen(filters[5]), &topic), SW_TOPIC_STATUS);
    assert_int_equal(parse(filters[6], strlen(filters[6]), &topic), SW_TOPIC_HEALTH);
    sw_topic_text filter;
    for (size_t i = 0; i < 9; i++) {
        assert_true(sw_topic_filter(filter, "main", i));
        assert_string_equal(filter, filters[i]);
    }
    assert_false(sw_topic_filter(filter, "main", 9));
}

static void test_topic__what_is_asked_of_alerts_is_not_wanted_retained(void **state)
{
    (void)state;
    assert_true(sw_topic_filter_is_live("clinic/main/alerts/+/+/+/set"));
    assert_false(sw_topic_filter_is_live("clinic/main/gateway/status"));
    assert_false(sw_topic_filter_is_live("clinic/main/alerts/+/+/+"));
    assert_false(sw_topic_filter_is_live("clinic/main/patient/+/steps"));
    assert_false(sw_topic_filter_is_live("/set"));
}

static void test_topic__overviews_and_lists_are_read_back(void **state)
{
    (void)state;
    static const char *const no_ids[] = {"clinic/main/board/an na/p017",
                                         "clinic/main/board/anna/",
                                         "clinic/main/patients/~x"};
    struct sw_patient_id patient = {"p017"};
    struct sw_therapist_id therapist = {"anna"};
    struct sw_topic topic;
    sw_topic_text text;
    sw_topic_board(text, "main", &therapist, &patient);
    assert_string_equal(text, "clinic/main/board/anna/p017");
    assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_BOARD);
    assert_string_equal(topic.therapist.str, "anna");
    assert_string_equal(topic.patient.str, "p017");
    sw_topic_patients(text, "main", &therapist);
    assert_string_equal(text, "clinic/main/patients/anna");
    assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_PATIENTS);
    assert_string_equal(topic.therapist.str, "anna");
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(parse(no_ids[i], strlen(no_ids[i]), &topic),
                         i < 2 ? SW_TOPIC_BOARD : SW_TOPIC_PATIENTS);
        assert_string_equal(topic.therapist.str, "");
    }
    assert_true(sw_topic_filter_is_no_local("clinic/main/board/+/+"));
    assert_true(sw_topic_filter_is_no_local("clinic/main/patients/+"));
    assert_false(sw_topic_filter_is_no_local("clinic/main/alerts/+/+/+"));
    assert_false(sw_topic_filter_is_no_local("home/board/+/+"));
}

/* The session that the gateway comes back to may have been another site's. */
static void test_topic__a_last_will_is_known_of_any_site(void **state)
{
    (void)state;
    assert_true(sw_topic_is_status("clinic/other/gateway/status", 27));
    assert_false(sw_topic_is_status("clinic/other/gateway/statu", 26));
    assert_false(sw_topic_is_status("clinic/gateway/status", 21));
    assert_false(sw_topic_is_status("", 0));
}

static void test_topic__built_topics_are_read_back(void **state)
{
    (void)state;
    struct sw_patient_id patient = {"A.b-c_9"};
    struct sw_alert alert = {
        .patient = {"p.1"}, .therapist = {"-"}, .kind = SW_ALERT_REST};
    struct sw_topic topic;
    sw_topic_text text;
    sw_topic_steps(text, "main", patient);
    assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_STEPS);
    assert_string_equal(topic.patient.str, patient.str);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        alert.kind = (enum sw_alert_kind)kind;
        sw_topic_alert(text, "main", &alert);
        assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_ALERT);
        strcat(text, "/set");
        assert_int_equal(parse(text, strlen(text), &topic), SW_TOPIC_ALERT_SET);
        assert_int_equal(topic.kind, kind);
        assert_string_equal(topic.therapist.str, "-");
        assert_string_equal(topic.patient.str, "p.1");
    }
}

static void assert_omits(const char *text, const char *expected)
{
    char out[SW_WHY_MAX];
    sw_topic_omit_patients(text, out, sizeof out);
    assert_string_equal(out, expected);
}

static void test_topic__in_a_text_names_no_patient(void **state)
{
    (void)state;
    assert_omits("refused clinic/main/board/unassigned/p1: no",
                 "refused clinic/main/board/unassigned/…: no");
    assert_omits("clinic/x/alerts/anna/p1/rest has 9 bytes, clinic/x/patient/p2/today",
                 "clinic/x/alerts/anna/…/rest has 9 bytes, clinic/x/patient/…/today");
    assert_omits("clinic/x/alerts/anna/p-1.very_lo: cut",
                 "clinic/x/alerts/anna/…: cut");
    static const char *const same[] = {"",
                                       "the disk is full",
                                       "clinic/x/patients/anna",
                                       "clinic/x/patient/+/steps",
                                       "clinic/x/patient/~stepward-probe/steps",
                                       "clinic/x/board/anna",
                                       "clinic/x/board/",
                                       "clinic/",
                                       "clinic/main/gateway/health: no"};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        assert_omits(same[i], same[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_topic__patients_readings_and_scores),
        cmocka_unit_test(test_topic__a_therapist_acts_on_an_alert),
        cmocka_unit_test(test_topic__our_own_alerts_and_the_mark_behind_them),
        cmocka_unit_test(test_topic__of_a_kind_that_there_is_not),
        cmocka_unit_test(test_topic__of_a_test_alert),
        cmocka_unit_test(test_topic__anything_else_is_other_and_touches_nothing),
        cmocka_unit_test(test_topic__a_nul_anywhere_is_nobodys),
        cmocka_unit_test(test_topic__what_is_built_by_the_letter),
        cmocka_unit_test(test_topic__a_probe_is_let_in_by_its_filter_and_is_of_nobody),
        cmocka_unit_test(test_topic__in_a_text_names_no_patient),
        cmocka_unit_test(test_topic__filters_cover_what_is_read),
        cmocka_unit_test(test_topic__overviews_and_lists_are_read_back),
        cmocka_unit_test(test_topic__what_is_asked_of_alerts_is_not_wanted_retained),
        cmocka_unit_test(test_topic__a_last_will_is_known_of_any_site),
        cmocka_unit_test(test_topic__built_topics_are_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
