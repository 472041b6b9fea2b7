/* test_encode.c -- what the gateway publishes, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "stepward/wire.h"

static void check_and_free(char *text, const char *expected)
{
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

/* The contract's example. */
static struct sw_alert example(void)
{
    return (struct sw_alert){
        .patient = {"p017"},
        .therapist = {"anna"},
        .kind = SW_ALERT_REST,
        .level = SW_LEVEL_LOW,
        .state = SW_STATE_OPEN,
        .rev = 3,
        .opened_at_s = 1774779300,
        .updated_at_s = 1774779360,
        .evidence = {125, 120, 1204},
    };
}

static void test_encode__an_open_alert_by_the_letter(void **state)
{
    (void)state;
    struct sw_alert alert = example();
    check_and_free(
        sw_encode_alert("main", &alert),
        "{\"v\":1,\"id\":\"p017-rest-1774779300\",\"rev\":3,\"site\":\"main\","
        "\"patient\":\"p017\",\"therapist\":\"anna\",\"kind\":\"rest\","
        "\"level\":\"low\",\"state\":\"open\",\"reason\":null,"
        "\"opened_at\":\"2026-03-29T10:15:00Z\","
        "\"updated_at\":\"2026-03-29T10:16:00Z\",\"closed_at\":null,\"by\":null,"
        "\"note\":null,\"message\":\"p017 has been resting for 2 h 5 min (limit 2 h). "
        "1,204 steps today.\",\"evidence\":{\"rest_min\":125,\"limit_min\":120,"
        "\"steps\":1204}}");
}

static void test_encode__a_closed_alert_by_the_letter(void **state)
{
    (void)state;
    struct sw_alert alert = example();
    alert.kind = SW_ALERT_SILENT;
    alert.level = SW_LEVEL_MEDIUM;
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_HEARD;
    alert.closed_at_s = alert.updated_at_s;
    alert.evidence[0] = 250;
    alert.evidence[1] = 240;
    strcpy(alert.by, "Anna \"A.\" K\xc3\xb6rner");
    strcpy(alert.note, "called\nat noon");
    check_and_free(
        sw_encode_alert("main", &alert),
        "{\"v\":1,\"id\":\"p017-silent-1774779300\",\"rev\":3,\"site\":\"main\","
        "\"patient\":\"p017\",\"therapist\":\"anna\",\"kind\":\"silent\","
        "\"level\":\"medium\",\"state\":\"closed\",\"reason\":\"heard\","
        "\"opened_at\":\"2026-03-29T10:15:00Z\","
        "\"updated_at\":\"2026-03-29T10:16:00Z\","
        "\"closed_at\":\"2026-03-29T10:16:00Z\","
        "\"by\":\"Anna \\\"A.\\\" K\xc3\xb6rner\",\"note\":\"called\\nat noon\","
        "\"message\":\"p017's device is heard again after 4 h 10 min of wake time.\","
        "\"evidence\":{\"silent_min\":250,\"limit_min\":240}}");
}

/* Like any other, but for its kind, and what it rests on. */
static void test_encode__a_test_alert_by_the_letter(void **state)
{
    (void)state;
    struct sw_alert alert = example(), back;
    char *payload = sw_encode_test_alert("main", &alert);
    assert_false(sw_decode_alert(payload, strlen(payload), &back));
    check_and_free(
        payload, "{\"v\":1,\"id\":\"p017-test-1774779300\",\"rev\":3,\"site\":\"main\","
                 "\"patient\":\"p017\",\"therapist\":\"anna\",\"kind\":\"test\","
                 "\"level\":\"low\",\"state\":\"open\",\"reason\":null,"
                 "\"opened_at\":\"2026-03-29T10:15:00Z\","
                 "\"updated_at\":\"2026-03-29T10:16:00Z\",\"closed_at\":null,"
                 "\"by\":null,\"note\":null,\"message\":\"This is a test: nothing is "
                 "wrong with p017. It ends by itself.\",\"evidence\":{}}");
    alert.state = SW_STATE_CLOSED;
    payload = sw_encode_test_alert("main", &alert);
    assert_non_null(
        strstr(payload, "\"The test is over: nothing was wrong with p017.\""));
    free(payload);
}

static void check_evidence(const struct sw_alert *alert, const char *expected)
{
    char *json = sw_encode_evidence(alert);
    assert_string_equal(json, expected);
    free(json);
}

static void test_encode__evidence_has_names_of_its_own_a_kind(void **state)
{
    (void)state;
    struct sw_alert alert = {.kind = SW_ALERT_LOW, .evidence = {9007199254740993, -1}};
    check_evidence(&alert, "{\"steps\":9007199254740993,\"floor\":-1}");
    alert.kind = SW_ALERT_BATTERY;
    check_evidence(&alert, "{\"battery_pct\":9007199254740993,\"limit_pct\":-1,"
                           "\"device\":\"\"}");
}

static void test_encode__scores_are_decimals_and_what_is_not_there_is_null(void **state)
{
    (void)state;
    struct sw_alert alert = {.kind = SW_ALERT_PAIN, .evidence = {7500, 3005, 1}};
    check_evidence(&alert, "{\"score\":7.5,\"median\":3.005,\"flare\":1}");
    alert.evidence[0] = 10000;
    alert.evidence[1] = SW_EVIDENCE_NONE;
    alert.evidence[2] = 0;
    check_evidence(&alert, "{\"score\":10,\"median\":null,\"flare\":0}");
    alert.evidence[0] = 0;
    alert.evidence[1] = 10;
    check_evidence(&alert, "{\"score\":0,\"median\":0.01,\"flare\":0}");
}

static struct sw_day_row full_day(void)
{
    return (struct sw_day_row){
        .patient = {"p017"},
        .day = 20541, /* 2026-03-29 */
        .steps = 3178,
        .active_min = 30,
        .still_min = 740,
        .unworn_min = 7,
        .unknown_min = 3,
        .coverage_pct = 98,
        .longest_rest_min = 400,
        .longest_rest_from = 580,
        .rests_60 = 4,
        .active_hours = 2,
        .brisk_min = 20,
        .valid = true,
        .goal = 6000,
        .goal_pct = 52,
        .n_pains = 2,
        .pain_max = 6.5,
        .pain_mean = 6.25,
    };
}

static void test_encode__a_full_day(void **state)
{
    (void)state;
    struct sw_day_row row = full_day();
    check_and_free(
        sw_encode_day(&row),
        "{\"patient\":\"p017\",\"day\":\"2026-03-29\",\"steps\":3178,"
        "\"active_min\":30,\"still_min\":740,\"unworn_min\":7,\"unknown_min\":3,"
        "\"coverage_pct\":98,\"longest_rest_min\":400,"
        "\"longest_rest_from\":\"09:40\",\"rests_60\":4,\"active_hours\":2,"
        "\"brisk_min\":20,\"valid\":1,\"goal\":6000,\"goal_pct\":52,"
        "\"pain_max\":6.5,\"pain_mean\":6.2}");
}

static void test_encode__a_day_without_rest_goal_or_pain(void **state)
{
    (void)state;
    struct sw_day_row row = {
        .patient = {"7"}, .day = 20541, .longest_rest_from = -1, .goal_pct = 7};
    check_and_free(
        sw_encode_day(&row),
        "{\"patient\":\"7\",\"day\":\"2026-03-29\",\"steps\":0,\"active_min\":0,"
        "\"still_min\":0,\"unworn_min\":0,\"unknown_min\":0,\"coverage_pct\":0,"
        "\"longest_rest_min\":0,\"longest_rest_from\":null,\"rests_60\":0,"
        "\"active_hours\":0,\"brisk_min\":0,\"valid\":0,\"goal\":null,"
        "\"goal_pct\":null,\"pain_max\":null,\"pain_mean\":null}");
}

/* The row as CSV, the way the examples have it. */
static const char *csv(const struct sw_day_row *row)
{
    static char line[SW_DAY_FIELDS * SW_DAY_FIELD_MAX];
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX];
    size_t n = 0;
    memset(fields, '?', sizeof(fields));
    sw_day_fields(row, fields);
    for (int i = 0; i < SW_DAY_FIELDS; i++)
        n += (size_t)snprintf(line + n, sizeof(line) - n, "%s%s", i ? "," : "",
                              fields[i]);
    return line;
}

static void test_encode__csv_by_the_letter(void **state)
{
    (void)state;
    struct sw_day_row row = full_day();
    assert_string_equal(
        sw_day_csv_header(),
        "patient,day,steps,active_min,still_min,unworn_min,unknown_min,coverage_pct,"
        "longest_rest_min,longest_rest_from,rests_60,active_hours,brisk_min,valid,goal,"
        "goal_pct,pain_max,pain_mean");
    assert_string_equal(
        csv(&row),
        "p017,2026-03-29,3178,30,740,7,3,98,400,09:40,4,2,20,1,6000,52,6.5,6.2");
    row = (struct sw_day_row){.patient = {"p"}, .day = 0, .longest_rest_from = -1};
    assert_string_equal(csv(&row), "p,1970-01-01,0,0,0,0,0,0,0,,0,0,0,0,,,,");
    row.longest_rest_from = 0;
    assert_string_equal(csv(&row), "p,1970-01-01,0,0,0,0,0,0,0,00:00,0,0,0,0,,,,");
}

static void
test_encode__pain_is_written_shortest_and_its_mean_to_one_decimal(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *shortest, *mean;
    } table[] = {
        {7, "7", "7.0"},          {6.5, "6.5", "6.5"},
        {10, "10", "10.0"},       {0, "0", "0.0"},
        {0.1, "0.1", "0.1"},      {6.1, "6.1", "6.1"},
        {9.999, "9.999", "10.0"}, {0.25, "0.25", "0.2"},
        {0.35, "0.35", "0.3"},    {20 / 3.0, "6.666666666666667", "6.7"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char expected[100];
        struct sw_day_row row = {.patient = {"p"},
                                 .longest_rest_from = -1,
                                 .n_pains = 1,
                                 .pain_max = table[i].number,
                                 .pain_mean = table[i].number};
        snprintf(expected, sizeof(expected),
                 "p,1970-01-01,0,0,0,0,0,0,0,,0,0,0,0,,,%s,%s", table[i].shortest,
                 table[i].mean);
        assert_string_equal(csv(&row), expected);
    }
}

static void test_encode__extreme_days_fit_their_fields(void **state)
{
    (void)state;
    struct sw_day_row row = full_day();
    row.steps = row.goal_pct = INT64_MAX;
    row.goal = INT32_MAX;
    row.pain_max = 1.2345678901234567e-300;
    memset(row.patient.str, 'x', SW_ID_MAX);
    char *json = sw_encode_day(&row);
    cJSON *back = cJSON_Parse(json);
    assert_non_null(back);
    assert_int_equal(cJSON_GetArraySize(back), SW_DAY_FIELDS);
    assert_non_null(strstr(json, "\"steps\":9223372036854775807,"));
    cJSON_Delete(back);
    free(json);
}

static void test_encode__nudge_and_health(void **state)
{
    (void)state;
    struct sw_health health = {.messages = 9007199254740993,
                               .readings = 2,
                               .rejected = 3,
                               .inbox_pending = 4,
                               .commits = 5,
                               .open_alerts = 6,
                               .uptime_s = 7,
                               .version = "0.1.0",
                               .connected = true,
                               .problem = "the disk is full",
                               .at_s = 1774779300,
                               .client_id = "stepward-main",
                               .instance = "0123456789abcdef"};
    struct sw_health said;
    check_and_free(sw_encode_nudge(60), "{\"rest_min\":60}");
    check_and_free(
        sw_encode_health(&health),
        "{\"at\":\"2026-03-29T10:15:00Z\",\"messages\":9007199254740993,\"readings\":2,"
        "\"rejected\":3,"
        "\"inbox_pending\":4,\"commits\":5,\"open_alerts\":6,"
        "\"uptime_s\":7,\"version\":\"0.1.0\",\"client_id\":\"stepward-main\","
        "\"instance\":\"0123456789abcdef\",\"problem\":\"the disk is full\","
        "\"incident\":null}");
    health.at_s = 0;
    char *json = sw_encode_health(&health);
    assert_non_null(strstr(json, "{\"at\":null,")); /* not a time that may be wrong */
    assert_true(sw_decode_health(json, strlen(json), &said));
    free(json);
    assert_string_equal(said.client_id, "stepward-main");
    assert_string_equal(said.instance, "0123456789abcdef");
    assert_string_equal(said.version, "0.1.0");
    assert_int_equal(said.at_s, 0);
    /* Of an older gateway, or of anybody: what cannot be is left out. */
    static const char strange[] = "{\"at\":\"2026-03-29T10:15:00Z\",\"version\":7,"
                                  "\"client_id\":\"a\\nb\"}";
    assert_true(sw_decode_health(strange, strlen(strange), &said));
    assert_int_equal(said.at_s, 1774779300);
    assert_string_equal(said.client_id, "");
    assert_string_equal(said.version, "");
    assert_false(sw_decode_health("[1]", 3, &said));
    assert_false(sw_decode_health("", 0, &said));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_encode__an_open_alert_by_the_letter),
        cmocka_unit_test(test_encode__a_closed_alert_by_the_letter),
        cmocka_unit_test(test_encode__a_test_alert_by_the_letter),
        cmocka_unit_test(test_encode__evidence_has_names_of_its_own_a_kind),
        cmocka_unit_test(
            test_encode__scores_are_decimals_and_what_is_not_there_is_null),
        cmocka_unit_test(test_encode__a_full_day),
        cmocka_unit_test(test_encode__a_day_without_rest_goal_or_pain),
        cmocka_unit_test(test_encode__csv_by_the_letter),
        cmocka_unit_test(
            test_encode__pain_is_written_shortest_and_its_mean_to_one_decimal),
        cmocka_unit_test(test_encode__extreme_days_fit_their_fields),
        cmocka_unit_test(test_encode__nudge_and_health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
