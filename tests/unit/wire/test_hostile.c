/* test_hostile.c -- every kind of JSON value in every field: each payload is taken or
 * refused in one line, and what is taken is in range. What is right and wrong with a
 * single field is said by test_steps.c and test_pain.c. */
#include "decode_fixture.h"

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

static const char *const values[] = {
    /* numbers of every size */
    "0", "-0", "1", "-1", "0.5", "37.0", "1e400", "-1e400", "1e-400", "1E+2", "255",
    "256", "90000", "90001", "2147483647", "2147483648", "4294967295", "4294967296",
    "1774778400", "1774778400000", "1774778400.9", "100000000000", "100000000001",
    "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "1e308", "1.7976931348623157e308",
    /* clocks of 1970 and 2106, as texts too */
    "60", "4294967290", "\"1970-01-01T00:00:01Z\"", "\"2106-02-07T06:28:15Z\"",
    "\"2026-03-29T10:00:00Z\"", "\"2026-03-29T12:00:00.999+02:00\"",
    "\"2199-12-31T23:59:59Z\"", "\"9999-12-31T23:59:59Z\"", "\"2026-02-30T00:00:00Z\"",
    /* everything else there is */
    "null", "true", "false", "\"\"", "\"37\"", "\"a\"", "\"a b\"", "\"\\u00e4\"",
    "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\xc3\xa4\"", "\"\x7f\"", "\"\\n\"",
    "\"012345678901234567890123456789012345\"",
    "\"0123456789012345678901234567890123456\"", "[]", "[0]", "[37,0,null,12]",
    "[null]", "[true]", "[[]]", "[{}]", "[-1]", "[1e400]", "[256]", "[0.5]", "{}",
    "{\"steps\":1}", "{\"\":{\"\":[]}}"};

static const char *const step_fields[] = {"start", "seconds", "steps", "at",
                                          "total", "device",  "worn",  "battery"};
static const char *const pain_fields[] = {"at", "score", "flare"};

/* The field with the value, and the others as they should be. */
static void compose(char *out, size_t size, const char *const *others, size_t n,
                    const char *field, const char *value)
{
    size_t len = (size_t)snprintf(out, size, "{\"%s\":%s", field, value);
    for (size_t i = 0; i < n; i += 2)
        if (strcmp(others[i], field) != 0)
            len += (size_t)snprintf(out + len, size - len, ",\"%s\":%s", others[i],
                                    others[i + 1]);
    assert_true(len < size - 1);
    strcpy(out + len, "}");
}

static void check_sample(const struct sw_sample *sample)
{
    size_t len = strlen(sample->device.str);
    assert_true(len == 0 || sw_id_is_valid(sample->device.str, len));
    assert_true(sample->battery >= -1 && sample->battery <= 100);
    if (sample->kind == SW_SAMPLE_TOTAL) {
        assert_true(sample->total.total >= 0);
        assert_true(sample->total.at_s >= live.oldest_s);
        assert_true(sample->total.at_s <= live.newest_s);
        return;
    }
    const struct sw_reading *reading = &sample->reading;
    assert_true(reading->seconds >= 1 && reading->seconds <= SW_READING_SECONDS_MAX);
    assert_true(reading->steps >= 0);
    assert_false(sw_is_implausible(reading->steps, reading->seconds));
    assert_true(reading->start_s >= live.oldest_s);
    assert_true(reading->start_s + reading->seconds <= live.newest_s);
}

/* 1 if it was taken. */
static int check_steps(const char *payload)
{
    struct decoded decoded = {0};
    decode_bytes(&decoded, payload, strlen(payload), &live);
    bool taken = decoded.refusal == SW_ACCEPTED;
    if (taken != (decoded.why[0] == '\0'))
        fail_msg("%s: %d %s", payload, decoded.refusal, decoded.why);
    assert_true(taken || sw_refusal_code((enum sw_refusal)decoded.refusal)[0]);
    for (size_t i = 0; i < decoded.samples.n; i++)
        check_sample(&decoded.samples.items[i]);
    sw_samples_fini(&decoded.samples);
    return taken;
}

static int try_all(const char *const *others, size_t n)
{
    char payload[400];
    int taken = 0;
    for (size_t f = 0; f < LENGTH(step_fields); f++)
        for (size_t v = 0; v < LENGTH(values); v++) {
            compose(payload, sizeof(payload), others, n, step_fields[f], values[v]);
            taken += check_steps(payload);
        }
    return taken;
}

static void test_steps__every_type_in_every_field(void **state)
{
    (void)state;
    static const char *const reading[] = {"start", "1774778400", "steps", "37"};
    static const char *const total[] = {"at", "1774778400", "total", "10423"};
    int all = (int)(LENGTH(step_fields) * LENGTH(values));
    int readings = try_all(reading, LENGTH(reading));
    int totals = try_all(total, LENGTH(total));
    assert_in_range(readings, 60, all * 3 / 4); /* odd side fields are left out */
    assert_in_range(totals, 60, all * 3 / 4);
}

static void test_pain__every_type_in_every_field(void **state)
{
    (void)state;
    static const char *const pain[] = {"at", "1774778400", "score", "3"};
    char payload[400];
    for (size_t f = 0; f < LENGTH(pain_fields); f++)
        for (size_t v = 0; v < LENGTH(values); v++) {
            struct sw_pain out = {.at_s = -7};
            char why[SW_WHY_MAX] = "?";
            compose(payload, sizeof(payload), pain, LENGTH(pain), pain_fields[f],
                    values[v]);
            int r = sw_decode_pain(payload, strlen(payload), &live, &out, why);
            bool taken = r == SW_ACCEPTED;
            assert_true(taken == (why[0] == '\0') && taken == (out.at_s != -7));
            assert_true(!taken || (out.score >= 0 && out.score <= 10));
            assert_null(strchr(why, '\n'));
        }
}

static void test_steps__every_type_as_the_message(void **state)
{
    (void)state;
    char payload[400];
    for (size_t v = 0; v < LENGTH(values); v++) {
        assert_int_equal(check_steps(values[v]), 0);
        snprintf(payload, sizeof(payload), "[%s]", values[v]);
        assert_int_equal(check_steps(payload), 0);
        snprintf(payload, sizeof(payload), "[{\"start\":1774778400,\"steps\":1},%s]",
                 values[v]);
        assert_int_equal(check_steps(payload), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps__every_type_in_every_field),
        cmocka_unit_test(test_pain__every_type_in_every_field),
        cmocka_unit_test(test_steps__every_type_as_the_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
