/* test_json.c -- the door before cJSON: what is not one JSON text of decent size. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"
#include "wire/json.h"

/* From a copy without a NUL behind it, so that a byte read beyond it is found. */
static int parse(const char *bytes, size_t len, char why[static SW_WHY_MAX])
{
    cJSON *json = NULL;
    char *copy = malloc(len);
    assert_true(copy || len == 0);
    if (len > 0)
        memcpy(copy, bytes, len);
    int r = sw_json_parse(copy, len, &json, why);
    assert_int_equal(r == SW_ACCEPTED, json != NULL);
    cJSON_Delete(json);
    free(copy);
    return r;
}

static void check(const char *text, int refusal, const char *expected_why)
{
    char why[SW_WHY_MAX] = "";
    int r = parse(text, strlen(text), why);
    if (r != refusal || strcmp(why, expected_why) != 0)
        fail_msg("%s: %d %s", text, r, why);
}

static void test_json__good_texts(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "{}",
        "[]",
        " [1]\r\n\t",
        "null",
        "true",
        "\"\"",
        "0",
        "-0",
        "10",
        "0.5",
        "-1.25e-3",
        "1E+05",
        "[0,-0,0e0]",
        "[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]",
        "\"\\\\u0000\"",
        "\"\\\"\\/\\b\\f\\n\\r\\t\"",
        "\"\\u00e4\"",
        "\"\xc3\xa4\"",
        "\"\\ud83d\\ude00\"",
        "\"\x7f\"",
        "{\"\":{\"\":1}}",
        "123456789012345678901234567890123456789012345678901234567890123",
        "[[[[[[[[]]]]]]]]",
        "[{},{},{},{},{},{},{},{},{},{}]",
        "\"[[[[[[[[[[[[[[[[\"",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        check(texts[i], SW_ACCEPTED, "");
}

static void test_json__bad_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text, *why;
    } table[] = {
        {"", "byte 0: the payload is empty"},
        {"{} {}", "byte 3: text after the JSON value"},
        {"1 2", "byte 2: text after the JSON value"},
        {"nullx", "byte 4: text after the JSON value"},
        {"{}\x01", "byte 2: a control character"},
        {"{\v}", "byte 1: a control character"},
        {"\"\n\"", "byte 1: a control character in a string"},
        {"\"a", "byte 2: a string does not end"},
        {"\"\\", "byte 1: an escape does not end"},
        {"\"\\u12\"", "byte 2: \\u needs four hexadecimal digits"},
        {"\"\\u12", "byte 2: \\u needs four hexadecimal digits"},
        {"\"\\uzzzz\"", "byte 2: \\u needs four hexadecimal digits"},
        {"01", "byte 0: a number that is not JSON"},
        {"[-01]", "byte 1: a number that is not JSON"},
        {"-", "byte 0: a number that is not JSON"},
        {"1.", "byte 0: a number that is not JSON"},
        {"-.5", "byte 0: a number that is not JSON"},
        {"1.e5", "byte 0: a number that is not JSON"},
        {"1e", "byte 0: a number that is not JSON"},
        {"1e+", "byte 0: a number that is not JSON"},
        {"1234567890123456789012345678901234567890123456789012345678901234",
         "byte 0: a number of over 63 characters"},
        {"[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]", "byte 16: nested too deep"},
        {"[[[[[[[[[[[[[[[{\"a\":{\"a\":1}}]]]]]]]]]]]]]]]", "byte 20: nested too deep"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        check(table[i].text, SW_REFUSED_JSON, table[i].why);
}

static void test_json__grammar_is_cjsons_business(void **state)
{
    (void)state;
    static const char *const texts[] = {
        " ",        "{",        "}",       "[",   "]",         "[1,]", "{\"a\":1,}",
        "[1 2]",    "{1:2}",    "{\"a\"}", "nul", "NaN",       "+1",   ".5",
        "0x10",     "1-2",      "'a'",     "[1}", "\"\\x41\"", "True", "\"\\ud800\"",
        "Infinity", "{\"a\":}", "{,}",     "[,]", "/**/1",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char why[SW_WHY_MAX] = "";
        if (parse(texts[i], strlen(texts[i]), why) != SW_REFUSED_JSON)
            fail_msg("taken: %s", texts[i]);
        assert_memory_equal(why, "byte ", 5);
    }
}

static void test_json__only_utf8_and_no_nul(void **state)
{
    (void)state;
    char why[SW_WHY_MAX];
    check("\"\xff\"", SW_REFUSED_UTF8, "byte 1: not UTF-8");
    check("\"\xc3\"", SW_REFUSED_UTF8, "byte 1: not UTF-8");
    check("\"\xc0\x80\"", SW_REFUSED_UTF8, "byte 1: not UTF-8");
    check("\"\xed\xa0\x80\"", SW_REFUSED_UTF8, "byte 1: not UTF-8");
    check("{} \xe4", SW_REFUSED_UTF8, "byte 3: not UTF-8");
    check("{\"a\\u0000b\":1}", SW_REFUSED_UTF8, "byte 4: \\u0000 is not text");
    assert_int_equal(parse("{}\0", 3, why), SW_REFUSED_UTF8);
    assert_string_equal(why, "byte 2: a NUL");
    assert_int_equal(parse("\"\0\"", 3, why), SW_REFUSED_UTF8);
    assert_int_equal(parse("\0", 1, why), SW_REFUSED_UTF8);
}

static void test_json__size_and_depth_are_bounded(void **state)
{
    (void)state;
    char why[SW_WHY_MAX];
    size_t len = SW_PAYLOAD_MAX;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, '[', len + 1);
    assert_int_equal(parse(text, len, why), SW_REFUSED_JSON);
    assert_string_equal(why, "byte 16: nested too deep");
    assert_int_equal(parse(text, len + 1, why), SW_REFUSED_SIZE);
    for (size_t i = 1; i + 1 < len; i++)
        text[i] = i % 2 ? '0' : ',';
    text[len - 2] = ' ';
    text[len - 1] = ']';
    text[len - 3] = '0';
    assert_int_equal(parse(text, len, why), SW_ACCEPTED);
    free(text);
}

/* The allocation that fails, counted down; below 0 none does. */
static int fail_at;
static bool fail_ever_after;

static void *failing_malloc(size_t size)
{
    bool fails = fail_at == 0 || (fail_ever_after && fail_at < 0);
    fail_at--;
    return fails ? NULL : malloc(size);
}

static void test_json__one_failed_allocation_refuses_nothing(void **state)
{
    (void)state;
    cJSON_Hooks hooks = {failing_malloc, free};
    static const char text[] =
        "{\"start\":1774778400,\"steps\":[1,2],\"device\":\"b\"}";
    char why[SW_WHY_MAX];
    cJSON_InitHooks(&hooks);
    for (int i = 0; i < 20; i++) {
        fail_at = i;
        assert_int_equal(parse(text, sizeof(text) - 1, why), SW_ACCEPTED);
    }
    cJSON_InitHooks(NULL);
    assert_true(fail_at > 0); /* every allocation had its turn */
}

static void test_json__want_of_memory_is_not_the_senders_fault(void **state)
{
    (void)state;
    cJSON_Hooks hooks = {failing_malloc, free};
    char why[SW_WHY_MAX];
    cJSON_InitHooks(&hooks);
    fail_ever_after = true;
    fail_at = 2;
    int r = parse("[1,2,3]", 7, why);
    fail_ever_after = false;
    cJSON_InitHooks(NULL);
    assert_int_equal(r, -ENOMEM);
}

static void test_json__encoders_give_null_without_memory(void **state)
{
    (void)state;
    cJSON_Hooks hooks = {failing_malloc, free};
    struct sw_alert alert = {.patient = {"p"}, .therapist = {"t"}};
    char *text = NULL;
    int n = 0;
    cJSON_InitHooks(&hooks);
    for (; !text; n++) {
        assert_true(n < 1000);
        fail_at = n;
        text = sw_encode_alert("main", &alert);
    }
    cJSON_InitHooks(NULL);
    assert_true(n > 40); /* 17 keys, each with its name and most with a value */
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json__good_texts),
        cmocka_unit_test(test_json__bad_texts),
        cmocka_unit_test(test_json__grammar_is_cjsons_business),
        cmocka_unit_test(test_json__only_utf8_and_no_nul),
        cmocka_unit_test(test_json__size_and_depth_are_bounded),
        cmocka_unit_test(test_json__one_failed_allocation_refuses_nothing),
        cmocka_unit_test(test_json__want_of_memory_is_not_the_senders_fault),
        cmocka_unit_test(test_json__encoders_give_null_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
