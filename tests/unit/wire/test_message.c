/* test_message.c -- every alert in plain words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

#define TAKEN_AWAY                                                                     \
    "Late data, another plan or a device given away took the reason away: "

static void check(const struct sw_alert *alert, const char *expected)
{
    char message[SW_MESSAGE_MAX];
    memset(message, '?', sizeof(message));
    sw_alert_message(alert, message);
    assert_string_equal(message, expected);
}

static struct sw_alert alert_of(enum sw_alert_kind kind, enum sw_alert_state state,
                                enum sw_alert_reason reason)
{
    return (struct sw_alert){.patient = {"p017"},
                             .kind = kind,
                             .state = state,
                             .reason = reason,
                             .evidence = {125, 120, 1204}};
}

static struct sw_alert numbers_of(enum sw_alert_kind kind, int64_t a, int64_t b,
                                  int64_t c)
{
    struct sw_alert alert = alert_of(kind, SW_STATE_OPEN, SW_REASON_NONE);
    alert.evidence[0] = a;
    alert.evidence[1] = b;
    alert.evidence[2] = c;
    return alert;
}

static void test_message__rest(void **state)
{
    (void)state;
    struct sw_alert alert = alert_of(SW_ALERT_REST, SW_STATE_OPEN, SW_REASON_NONE);
    check(&alert,
          "p017 has been resting for 2 h 5 min (limit 2 h). 1,204 steps today.");
    alert.state = SW_STATE_ACKNOWLEDGED;
    check(&alert, "p017 has been resting for 2 h 5 min (limit 2 h). 1,204 steps today. "
                  "Acknowledged.");
    strcpy(alert.by, "anna");
    check(&alert, "p017 has been resting for 2 h 5 min (limit 2 h). 1,204 steps today. "
                  "Acknowledged by anna.");
    strcpy(alert.by, "Anna K.");
    check(&alert, "p017 has been resting for 2 h 5 min (limit 2 h). 1,204 steps today. "
                  "Acknowledged by Anna K.");
}

static void test_message__rest_over(void **state)
{
    (void)state;
    struct sw_alert alert = alert_of(SW_ALERT_REST, SW_STATE_CLOSED, SW_REASON_MOVED);
    check(&alert, "p017 moved again after 2 h 5 min of rest.");
    alert.reason = SW_REASON_WINDOW_END;
    check(&alert, "The wake window ended after p017 had rested for 2 h 5 min.");
    alert.reason = SW_REASON_WITHDRAWN;
    alert.evidence[0] = 40;
    check(&alert, TAKEN_AWAY "as known now, p017 rested for 40 min (limit 2 h).");
}

static void test_message__silent(void **state)
{
    (void)state;
    struct sw_alert alert = alert_of(SW_ALERT_SILENT, SW_STATE_OPEN, SW_REASON_NONE);
    alert.evidence[0] = 250;
    alert.evidence[1] = 240;
    check(&alert, "p017's device has sent nothing for 4 h 10 min of wake time (limit "
                  "4 h).");
    alert.state = SW_STATE_ACKNOWLEDGED;
    strcpy(alert.by, "anna");
    check(&alert, "p017's device has sent nothing for 4 h 10 min of wake time (limit "
                  "4 h). Acknowledged by anna.");
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_HEARD;
    check(&alert, "p017's device is heard again after 4 h 10 min of wake time.");
}

static void check_closed(struct sw_alert alert, enum sw_alert_reason reason,
                         const char *expected)
{
    alert.state = SW_STATE_CLOSED;
    alert.reason = reason;
    check(&alert, expected);
}

static void test_message__unusable_names_the_clock_and_the_remedy(void **state)
{
    (void)state;
    struct sw_alert alert = numbers_of(SW_ALERT_UNUSABLE, 1440, SW_REFUSED_FUTURE, 12);
    check(&alert, "1,440 messages came from p017's device, and nothing in them could "
                  "be taken; its clock is 12 min fast: set the clock of the device, or "
                  "of this machine (`stepward status`); what was refused stays out.");
    alert = numbers_of(SW_ALERT_UNUSABLE, 2, SW_REFUSED_TOO_OLD, -2 * 1440 + 1);
    check(&alert, "2 messages came from p017's device, and nothing in them could be "
                  "taken; its clock is 47 h 59 min slow: check the device's clock; if "
                  "it was away for so long, raise max_age, then `stepward rejected "
                  "--retry --reason too-old`.");
    alert.evidence[2] = -412 * 1440 + 5;
    char message[SW_MESSAGE_MAX];
    sw_alert_message(&alert, message);
    assert_non_null(strstr(message, "; its clock is 412 days slow: "));
    alert = numbers_of(SW_ALERT_UNUSABLE, 50, SW_REFUSED_IMPLAUSIBLE, SW_EVIDENCE_NONE);
    check(&alert, "50 messages came from p017's device, and nothing in them could be "
                  "taken: mend the device: no one takes over 255 steps a minute.");
    alert.evidence[1] = SW_REFUSALS_END; /* of a later version */
    check(&alert, "50 messages came from p017's device, and nothing in them could be "
                  "taken.");
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_USABLE;
    check(&alert, "What p017's device sends can be taken again; before that, nothing "
                  "in 50 messages could be.");
}

static void test_message__unworn(void **state)
{
    (void)state;
    struct sw_alert alert = numbers_of(SW_ALERT_UNWORN, 190, 180, 0);
    check(&alert, "p017's device has not been worn for 3 h 10 min of wake time (limit "
                  "3 h).");
    check_closed(alert, SW_REASON_WORN,
                 "p017's device is worn again after 3 h 10 min of wake time.");
    alert.evidence[0] = 80;
    check_closed(
        alert, SW_REASON_WITHDRAWN,
        TAKEN_AWAY
        "as known now, p017's device was not worn for 1 h 20 min (limit 3 h).");
}

static void test_message__low(void **state)
{
    (void)state;
    struct sw_alert alert = numbers_of(SW_ALERT_LOW, 2310, 4000, 0);
    check(&alert, "p017 took at most 2,310 steps a day on the last 3 valid days (floor "
                  "4,000).");
    check_closed(alert, SW_REASON_WITHDRAWN,
                 TAKEN_AWAY "as known now, p017's last 3 valid days are not all low.");
    alert.evidence[0] = 4100;
    check_closed(alert, SW_REASON_RECOVERED,
                 "p017 is back at 4,100 steps a day (floor 4,000).");
    alert.evidence[0] = 1;
    check(&alert, "p017 took at most 1 step a day on the last 3 valid days (floor "
                  "4,000).");
}

static void test_message__over(void **state)
{
    (void)state;
    struct sw_alert alert = numbers_of(SW_ALERT_OVER, 12040, 12000, 0);
    check(&alert, "p017 took 12,040 steps today (ceiling 12,000).");
    check_closed(alert, SW_REASON_DAY_END,
                 "The day ended; p017 took 12,040 steps (ceiling 12,000).");
    alert.evidence[0] = 900;
    check_closed(alert, SW_REASON_WITHDRAWN,
                 TAKEN_AWAY
                 "as known now, p017 took 900 steps that day (ceiling 12,000).");
    struct sw_alert none = alert;
    none.evidence[1] = 0;
    check_closed(none, SW_REASON_WITHDRAWN,
                 TAKEN_AWAY
                 "as known now, p017 took 900 steps that day (ceiling none any more).");
    alert.evidence[0] = 1;
    check(&alert, "p017 took 1 step today (ceiling 12,000).");
}

static void test_message__pain(void **state)
{
    (void)state;
    struct sw_alert alert = numbers_of(SW_ALERT_PAIN, 7500, SW_EVIDENCE_NONE, 0);
    check(&alert, "p017 reports pain of 7.5.");
    alert.evidence[1] = 3250;
    check(&alert, "p017 reports pain of 7.5 (usually 3.25).");
    alert.evidence[2] = 1;
    check(&alert, "p017 reports a flare, pain of 7.5 (usually 3.25).");
    alert.evidence[0] = 4000;
    check_closed(alert, SW_REASON_EASED, "p017's pain has eased to 4 (usually 3.25).");
    check_closed(alert, SW_REASON_WITHDRAWN,
                 "With the scores known now, p017's pain of 4 is not unusual (usually "
                 "3.25).");
}

/* Nobody knows how it went on: nothing is said but what was said last. */
static void test_message__lost_claims_nothing(void **state)
{
    (void)state;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert alert = numbers_of((enum sw_alert_kind)kind, 8000, 3000, 0);
        char before[SW_MESSAGE_MAX], expected[2 * SW_MESSAGE_MAX];
        sw_alert_message(&alert, before);
        snprintf(expected, sizeof expected,
                 "The gateway's data was lost; it cannot say whether this is over: %s",
                 before);
        check_closed(alert, SW_REASON_LOST, expected);
    }
}

static void test_message__battery_names_the_device(void **state)
{
    (void)state;
    struct sw_alert alert = numbers_of(SW_ALERT_BATTERY, 15, 20, 0);
    check(&alert, "The battery of p017's device is low: 15 %.");
    strcpy(alert.device.str, "band-2");
    check(&alert, "The battery of p017's device band-2 is low: 15 %.");
    alert.evidence[0] = 80;
    check_closed(
        alert, SW_REASON_WITHDRAWN,
        "p017's device band-2, of which the battery was low, was given away or "
        "has not told of its battery for a week.");
    check_closed(alert, SW_REASON_CHARGED,
                 "The battery of p017's device band-2 is charged again: 80 %.");
}

static void test_message__durations_and_counts(void **state)
{
    (void)state;
    static const struct {
        int64_t rest_min, limit_min, steps;
        const char *expected;
    } table[] = {
        {30, 30, 0, "p017 has been resting for 30 min (limit 30 min). 0 steps today."},
        {60, 59, 1, "p017 has been resting for 1 h (limit 59 min). 1 step today."},
        {61, 90, 999,
         "p017 has been resting for 1 h 1 min (limit 1 h 30 min). 999 steps today."},
        {720, 480, 1000,
         "p017 has been resting for 12 h (limit 8 h). 1,000 steps today."},
        {0, 0, 1234567,
         "p017 has been resting for 0 min (limit 0 min). 1,234,567 steps today."},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct sw_alert alert = alert_of(SW_ALERT_REST, SW_STATE_OPEN, SW_REASON_NONE);
        alert.evidence[0] = table[i].rest_min;
        alert.evidence[1] = table[i].limit_min;
        alert.evidence[2] = table[i].steps;
        check(&alert, table[i].expected);
    }
}

/* Every kind, state and reason has a sentence, and the longest one is whole. */
static void test_message__every_alert_has_a_whole_sentence(void **state)
{
    (void)state;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        for (int s = SW_STATE_OPEN; s <= SW_STATE_CLOSED; s++) {
            for (int reason = 0; reason < SW_REASONS; reason++) {
                char message[SW_MESSAGE_MAX];
                struct sw_alert alert =
                    alert_of((enum sw_alert_kind)kind, (enum sw_alert_state)s,
                             (enum sw_alert_reason)reason);
                memset(alert.patient.str, 'p', SW_ID_MAX);
                memset(alert.device.str, 'd', SW_ID_MAX);
                memset(alert.by, 'b', SW_ALERT_BY_MAX);
                alert.evidence[0] = alert.evidence[1] = 60 * 24 * 366 - 1;
                alert.evidence[2] = INT32_MAX;
                if (kind == SW_ALERT_UNUSABLE) /* whose remedy is the longest */
                    alert.evidence[1] = SW_REFUSED_TOO_OLD;
                sw_alert_message(&alert, message);
                assert_non_null(strstr(message, alert.patient.str));
                assert_int_equal(message[strlen(message) - 1], '.');
                assert_null(strpbrk(message, "?{}[]")); /* every number has a name */
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_message__rest),
        cmocka_unit_test(test_message__rest_over),
        cmocka_unit_test(test_message__silent),
        cmocka_unit_test(test_message__unusable_names_the_clock_and_the_remedy),
        cmocka_unit_test(test_message__unworn),
        cmocka_unit_test(test_message__low),
        cmocka_unit_test(test_message__over),
        cmocka_unit_test(test_message__pain),
        cmocka_unit_test(test_message__lost_claims_nothing),
        cmocka_unit_test(test_message__battery_names_the_device),
        cmocka_unit_test(test_message__durations_and_counts),
        cmocka_unit_test(test_message__every_alert_has_a_whole_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
