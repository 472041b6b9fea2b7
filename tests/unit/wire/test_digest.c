/* test_digest.c -- a therapist's day in words and as payload, however long its lists.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

static struct sw_digest *quiet_day(int32_t patients)
{
    struct sw_digest *digest = calloc(1, sizeof *digest);
    assert_non_null(digest);
    strcpy(digest->therapist.str, "anna");
    digest->day = 20522;
    digest->at_s = INT64_C(1773176400);
    digest->budget = 5;
    digest->patients = patients;
    return digest;
}

static void add_alerts(struct sw_digest *digest, int32_t n)
{
    digest->n_attention = digest->n_over = n;
    digest->over_budget = 2 * n;
    for (int32_t i = 0; i < sw_digest_named(n); i++) {
        struct sw_digest_alert *alert = &digest->attention[i];
        snprintf(alert->patient.str, sizeof alert->patient.str, "p%d", i);
        strcpy(alert->since, "14:30");
        alert->kind = SW_ALERT_REST;
        digest->over[i] = (struct sw_digest_patient){alert->patient, 2};
    }
}

static void check_message(struct sw_digest *digest, const char *expected)
{
    char *message = sw_digest_message(digest);
    assert_string_equal(message, expected);
    free(message);
    free(digest);
}

static void test_message__of_a_quiet_day_is_short(void **state)
{
    (void)state;
    check_message(
        quiet_day(1),
        "1 patient. No open alerts.\n"
        "Alerts of the day: 0 raised, 0 acknowledged, 0 closed, 0 withdrawn.");
}

static void test_message__names_who_and_why(void **state)
{
    (void)state;
    struct sw_digest *digest = quiet_day(12);
    add_alerts(digest, 2);
    digest->attention[0].level = SW_LEVEL_MEDIUM;
    digest->attention[1].acknowledged = true;
    digest->attention[1].kind = SW_ALERT_SILENT;
    strcpy(digest->attention[1].since, "2026-03-09 20:00");
    digest->raised = 7;
    digest->acknowledged = 2;
    digest->closed = 4;
    digest->withdrawn = 1;
    digest->no_data = (struct sw_digest_ids){.ids = {{"p3"}}, .n = 1};
    digest->goal_met = (struct sw_digest_ids){.ids = {{"p4"}, {"p5"}}, .n = 2};
    check_message(
        digest, "12 patients. Attention: p0 resting since 14:30 (medium); "
                "p1 device silent since 2026-03-09 20:00 (low, acknowledged).\n"
                "Alerts of the day: 7 raised, 2 acknowledged, 4 closed, 1 withdrawn.\n"
                "Over the budget, and not published one by one: 4 alerts: p0 2, p1 2.\n"
                "No data: p3.\n"
                "Goal met: p4, p5.");
}

static void test_message__long_lists_end_with_a_count(void **state)
{
    (void)state;
    struct sw_digest *digest = quiet_day(30);
    add_alerts(digest, 25);
    char *message = sw_digest_message(digest);
    assert_non_null(strstr(message, "p9 resting since 14:30 (low) and 15 more"));
    assert_non_null(strstr(message, "50 alerts: p0 2, p1 2"));
    assert_null(strstr(message, "p10"));
    free(message);
    free(digest);
}

static void test_payload__stays_small_when_lists_do_not(void **state)
{
    (void)state;
    struct sw_digest *digest = quiet_day(20000);
    add_alerts(digest, 20000);
    digest->no_data.n = digest->goal_met.n = 20000;
    char *payload = sw_encode_digest("main", digest);
    assert_non_null(payload);
    assert_true(strlen(payload) < SW_PAYLOAD_MAX);
    assert_non_null(strstr(payload, "\"open\":20000"));
    assert_non_null(strstr(payload, "\"no_data_patients\":20000"));
    assert_non_null(strstr(payload, "\"p99\""));
    assert_null(strstr(payload, "\"p100\""));
    free(payload);
    free(digest);
}

static void test_topic__names_the_therapist(void **state)
{
    (void)state;
    sw_topic_text topic;
    struct sw_therapist_id anna = {"anna"};
    sw_topic_digest(topic, "main", &anna);
    assert_string_equal(topic, "clinic/main/digest/anna");
    sw_topic_digest_text(topic, "main", &anna);
    assert_string_equal(topic, "clinic/main/digest/anna/text");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message__of_a_quiet_day_is_short),
        cmocka_unit_test(test_message__names_who_and_why),
        cmocka_unit_test(test_message__long_lists_end_with_a_count),
        cmocka_unit_test(test_payload__stays_small_when_lists_do_not),
        cmocka_unit_test(test_topic__names_the_therapist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
