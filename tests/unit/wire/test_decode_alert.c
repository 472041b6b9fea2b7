/* test_decode_alert.c -- our own alerts come back as they were, and nothing else does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

static struct sw_alert example(enum sw_alert_kind kind)
{
    struct sw_alert alert = {
        .patient = {"p.0-1_7"},
        .therapist = {"anna"},
        .kind = kind,
        .level = SW_LEVEL_MEDIUM,
        .state = SW_STATE_ACKNOWLEDGED,
        .rev = 3,
        .opened_at_s = 1774779300,
        .updated_at_s = 1774779360,
        .by = "anna \"the\" therapist",
        .note = "called h\xc3\xa9r",
        .evidence = {125, 120, 64},
    };
    if (kind == SW_ALERT_BATTERY)
        strcpy(alert.device.str, "band");
    return alert;
}

static bool comes_back(const struct sw_alert *alert)
{
    struct sw_alert back;
    char *payload = sw_encode_alert("main", alert);
    assert_non_null(payload);
    bool is_good = sw_decode_alert(payload, strlen(payload), &back);
    char *again = is_good ? sw_encode_alert("main", &back) : NULL;
    bool is_same = again && strcmp(payload, again) == 0;
    if (is_good && !is_same)
        printf("%s\n%s\n", payload, again);
    free(payload);
    free(again);
    return is_same;
}

static void test_decode_alert__every_kind_and_state_comes_back(void **state)
{
    (void)state;
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        struct sw_alert alert = example((enum sw_alert_kind)kind);
        assert_true(comes_back(&alert));
        alert.state = SW_STATE_OPEN;
        alert.by[0] = alert.note[0] = '\0';
        assert_true(comes_back(&alert));
        alert.state = SW_STATE_CLOSED;
        alert.closed_at_s = 1774779999;
        for (int reason = 1; reason < SW_REASONS; reason++) {
            alert.reason = (enum sw_alert_reason)reason;
            assert_true(comes_back(&alert));
        }
    }
}

static void test_decode_alert__of_another_id_or_without_a_field_is_refused(void **state)
{
    (void)state;
    static const char *const fields[] = {
        "\"id\"",        "\"rev\"",        "\"patient\"", "\"therapist\"",
        "\"kind\"",      "\"level\"",      "\"state\"",   "\"reason\"",
        "\"opened_at\"", "\"updated_at\"", "\"by\"",      "\"note\""};
    struct sw_alert alert = example(SW_ALERT_REST), back = {.rev = 77};
    char *payload = sw_encode_alert("main", &alert);
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        char *field = strstr(payload, fields[i]);
        assert_non_null(field);
        field[1] ^= 1; /* another name */
        assert_false(sw_decode_alert(payload, strlen(payload), &back));
        field[1] ^= 1;
    }
    strstr(payload, "p.0-1_7-rest")[2] = '1';
    assert_false(sw_decode_alert(payload, strlen(payload), &back));
    assert_int_equal(back.rev, 77);
    free(payload);
}

static void test_decode_alert__broken_bytes_are_refused_or_harmless(void **state)
{
    (void)state;
    struct sw_alert alert = example(SW_ALERT_PAIN), back;
    char *payload = sw_encode_alert("main", &alert);
    size_t len = strlen(payload);
    for (size_t n = 0; n < len; n++) {
        char *cut = malloc(n + 1); /* the sanitizer sees who reads on */
        memcpy(cut, payload, n);
        assert_false(sw_decode_alert(cut, n, &back));
        free(cut);
    }
    for (size_t at = 0; at < len; at++)
        for (int bit = 0; bit < 8; bit++) {
            payload[at] = (char)(payload[at] ^ (1 << bit));
            if (sw_decode_alert(payload, len, &back)) {
                assert_true(back.rev > 0);
                assert_true(sw_id_is_valid(back.patient.str, strlen(back.patient.str)));
            }
            payload[at] = (char)(payload[at] ^ (1 << bit));
        }
    free(payload);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_alert__every_kind_and_state_comes_back),
        cmocka_unit_test(
            test_decode_alert__of_another_id_or_without_a_field_is_refused),
        cmocka_unit_test(test_decode_alert__broken_bytes_are_refused_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
