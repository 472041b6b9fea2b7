/* test_set.c -- what a therapist's app may ask of an alert. */
#include <stdio.h>

#include "draw.h"

#include "stepward/wire.h"

static int decode(const char *payload, struct sw_action *ret, char *why)
{
    static const struct sw_therapist_id anna = {"anna"};
    return sw_decode_set(payload, strlen(payload), anna, ret, why);
}

static void check_refused(const char *payload, const char *expected)
{
    struct sw_action action = {.minutes = -7};
    char why[SW_WHY_MAX];
    assert_int_equal(decode(payload, &action, why), SW_REFUSED_SHAPE);
    assert_string_equal(why, expected);
    assert_int_equal(action.minutes, -7);
}

static void test_set__each_action_with_its_fields(void **state)
{
    (void)state;
    struct sw_action action;
    char why[SW_WHY_MAX];
    assert_int_equal(
        decode("{\"action\":\"ack\",\"by\":\"Änne\",\"note\":\"ok\"}", &action, why),
        SW_ACCEPTED);
    assert_int_equal(action.kind, SW_ACTION_ACK);
    assert_string_equal(action.by, "Änne");
    assert_string_equal(action.note, "ok");
    assert_int_equal(
        decode("{\"action\":\"shelve\",\"minutes\":120,\"x\":[]}", &action, why),
        SW_ACCEPTED);
    assert_int_equal(action.kind, SW_ACTION_SHELVE);
    assert_int_equal(action.minutes, 120);
    assert_int_equal(decode("{\"action\":\"unshelve\",\"by\":null}", &action, why),
                     SW_ACCEPTED);
    assert_int_equal(action.kind, SW_ACTION_UNSHELVE);
    assert_int_equal(decode("{\"action\":\"unack\"}", &action, why), SW_ACCEPTED);
    assert_int_equal(action.kind, SW_ACTION_UNACK);
}

static void test_set__without_a_name_the_therapist_acts(void **state)
{
    (void)state;
    struct sw_action action;
    char why[SW_WHY_MAX];
    assert_int_equal(decode("{\"action\":\"ack\"}", &action, why), SW_ACCEPTED);
    assert_string_equal(action.by, "anna");
    assert_string_equal(action.note, "");
}

static void test_set__an_id_may_name_the_alert(void **state)
{
    (void)state;
    struct sw_action action;
    char why[SW_WHY_MAX];
    assert_int_equal(
        decode("{\"action\":\"ack\",\"id\":\"p1-rest-1774779300\"}", &action, why),
        SW_ACCEPTED);
    assert_string_equal(action.id, "p1-rest-1774779300");
    assert_int_equal(decode("{\"action\":\"ack\",\"id\":null}", &action, why),
                     SW_ACCEPTED);
    assert_string_equal(action.id, "");
    check_refused("{\"action\":\"ack\",\"id\":1774779300}",
                  "id: 1774779300 is not one line of at most 58 bytes");
}

static void test_set__what_is_wrong_is_said(void **state)
{
    (void)state;
    check_refused("{}", "action: say \"ack\", \"unack\", \"shelve\" or \"unshelve\"");
    check_refused("{\"action\":1}",
                  "action: say \"ack\", \"unack\", \"shelve\" or \"unshelve\"");
    check_refused("{\"action\":\"ACK\"}",
                  "action: say \"ack\", \"unack\", \"shelve\" or \"unshelve\"");
    check_refused("[]", "an array is not an object");
    check_refused("{\"action\":\"shelve\"}", "minutes: say for how many to shelve it");
    check_refused("{\"action\":\"ack\",\"by\":7}",
                  "by: 7 is not one line of at most 60 bytes");
    check_refused("{\"action\":\"ack\",\"note\":\"a\\nb\"}",
                  "note: a text is not one line of at most 400 bytes");
}

static void test_set__minutes_have_a_range(void **state)
{
    (void)state;
    struct sw_action action;
    char why[SW_WHY_MAX], payload[80];
    static const struct {
        const char *minutes;
        int refusal;
    } cases[] = {{"1", SW_ACCEPTED},          {"10080", SW_ACCEPTED},
                 {"10081", SW_REFUSED_SHAPE}, {"0", SW_REFUSED_SHAPE},
                 {"-5", SW_REFUSED_SHAPE},    {"1.5", SW_REFUSED_SHAPE},
                 {"\"60\"", SW_REFUSED_SHAPE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        snprintf(payload, sizeof payload, "{\"action\":\"shelve\",\"minutes\":%s}",
                 cases[i].minutes);
        assert_int_equal(decode(payload, &action, why), cases[i].refusal);
    }
}

static void test_set__the_error_goes_to_a_topic_of_its_own(void **state)
{
    (void)state;
    static const char text[] = "clinic/main/alerts/anna/p1/rest/set";
    struct sw_topic set, other;
    sw_topic_text topic;
    assert_int_equal(sw_topic_parse("main", text, strlen(text), &set),
                     SW_TOPIC_ALERT_SET);
    sw_topic_set_error(topic, "main", &set);
    assert_string_equal(topic, "clinic/main/alerts/anna/p1/rest/set/error");
    assert_int_equal(sw_topic_parse("main", topic, strlen(topic), &other),
                     SW_TOPIC_OTHER);
    char *json = sw_encode_set_error("it is \"closed\"");
    assert_string_equal(json, "{\"v\":1,\"error\":\"it is \\\"closed\\\"\"}");
    free(json);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set__each_action_with_its_fields),
        cmocka_unit_test(test_set__without_a_name_the_therapist_acts),
        cmocka_unit_test(test_set__an_id_may_name_the_alert),
        cmocka_unit_test(test_set__what_is_wrong_is_said),
        cmocka_unit_test(test_set__minutes_have_a_range),
        cmocka_unit_test(test_set__the_error_goes_to_a_topic_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
