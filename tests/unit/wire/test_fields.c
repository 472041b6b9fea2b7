/* test_fields.c -- one JSON value read as a number, a time, a truth or an id. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "wire/fields.h"

static cJSON *parse(const char *json)
{
    cJSON *value = cJSON_Parse(json);
    if (!value)
        fail_msg("%s is not JSON", json);
    return value;
}

/* Berlin in spring 2026: 02:00 -> 03:00 on 29 March, 01:00 UTC. */
static const struct sw_zone_shift shifts[] = {{0, 3600}, {1774746000, 7200}};
static const struct sw_zone berlin = {shifts, 2};

static void test_time__by_its_form(void **state)
{
    (void)state;
    static const char no_time[] = "a time: Unix seconds or RFC 3339 with offset";
    static const char no_offset[] = "a time with an offset: Z or +02:00 at its end";
    static const char out_of_range[] = "a time between 1970 and 2199";
    static const struct sw_time_form contract = {NULL},
                                     texts = {.numbers_as_texts = true},
                                     ms = {.units_per_s = 1000},
                                     us = {.units_per_s = 1000000},
                                     ns = {.units_per_s = 1000000000},
                                     zoned = {.zone = &berlin};
    static const struct {
        const char *json;
        const struct sw_time_form *form;
        int64_t at_s;
        const char *expected;
    } table[] = {
        {"1774778400.9", &contract, 1774778400, NULL},
        {"100000000000", &contract, 0, out_of_range},
        {"100000000001", &contract, 100000000, NULL},
        {"100000000000000", &contract, 0, out_of_range},
        {"100000000000001", &contract, 100000000, NULL},
        {"100000000000000000", &contract, 0, out_of_range},
        {"100000000000000100", &contract, 100000000, NULL},
        {"1698501144401773000", &contract, 1698501144, NULL},
        {"1774778400999999999", &contract, 1774778401, NULL}, /* as a double */
        {"7258118399999999000", &contract, 7258118399, NULL},
        {"9223372036854775807", &contract, 0, out_of_range},
        {"1e999", &contract, 0, no_time},
        {"-1", &contract, 0, out_of_range},
        {"\"1774778400\"", &contract, 0, no_time},
        {"\"1774778400\"", &texts, 1774778400, NULL},
        {"\"1774778400000000000\"", &texts, 1774778400, NULL},
        {"\"2026-03-29T12:00:00 +0200\"", &texts, 1774778400, NULL},
        {"1000", &ms, 1, NULL},
        {"1000000", &us, 1, NULL},
        {"1999999999", &ns, 1, NULL},
        {"7258118400000", &ms, 0, out_of_range},
        {"\"2026-03-29 12:00:00\"", &contract, 0, no_offset},
        {"\"2026-03-29 12:00:00\"", &zoned, 1774778400, NULL},
        {"\"2026-03-29 12:00:00Z\"", &zoned, 1774785600, NULL},
        {"\"\"", &zoned, 0, no_time},
        {"\"noon\"", &zoned, 0, no_time},
        {"null", &texts, 0, no_time},
        {"true", &texts, 0, no_time},
        {"[1774778400]", &texts, 0, no_time},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        cJSON *value = parse(table[i].json);
        int64_t at_s = 0;
        const char *expected = sw_time_of(value, table[i].form, &at_s);
        if (at_s != table[i].at_s)
            fail_msg("%s: %lld", table[i].json, (long long)at_s);
        assert_string_equal(expected ? expected : "",
                            table[i].expected ? table[i].expected : "");
        cJSON_Delete(value);
    }
    int64_t at_s = 7;
    assert_string_equal(sw_time_of(NULL, &texts, &at_s), no_time);
    assert_int_equal(at_s, 7);
}

static void test_number__may_be_a_text(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        double number; /* -7: it is none */
    } table[] = {
        {"37", 37},     {"3.7", 3.7},      {"\"37\"", 37}, {"\" 3.7e1\\n\"", 37},
        {"\"-1\"", -1}, {"\"0x10\"", -7},  {"\"\"", -7},   {"\"37 steps\"", -7},
        {"true", -7},   {"\"[37]\"", -7},  {"1e999", -7},  {"\"1e999\"", -7},
        {"null", -7},   {"{\"a\":1}", -7}, {"[37]", -7}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        cJSON *value = parse(table[i].json);
        double number = -7;
        const char *expected = sw_number_of(value, &number);
        if (number != table[i].number)
            fail_msg("%s: %g", table[i].json, number);
        assert_int_equal(!expected, number != -7);
        cJSON_Delete(value);
    }
}

static void test_truth__by_its_many_names(void **state)
{
    (void)state;
    static const struct {
        const char *json;
        int truth; /* 2: it is neither */
    } table[] = {{"true", 1},   {"false", 0},   {"1", 1},         {"0", 0},
                 {"\"ON\"", 1}, {"\"Off\"", 0}, {"\"True\"", 1},  {"\"0\"", 0},
                 {"0.5", 2},    {"2", 2},       {"\"maybe\"", 2}, {"null", 2},
                 {"[true]", 2}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        cJSON *value = parse(table[i].json);
        bool truth = false;
        const char *expected = sw_truth_of(value, &truth);
        int said = expected ? 2 : truth;
        if (said != table[i].truth)
            fail_msg("%s: %d", table[i].json, said);
        cJSON_Delete(value);
    }
}

static void test_id__is_made_of_what_stands_there(void **state)
{
    (void)state;
    static const struct {
        const char *json, *id; /* "": it cannot be made one */
    } table[] = {{"\"band\"", "band"},
                 {"\"F8:A4:5F:12:34:56\"", "F8-A4-5F-12-34-56"},
                 {"\"Amazfit Bip S\"", "Amazfit-Bip-S"},
                 {"\"G\\u00e4rt\\u2019s\"", "G-rt-s"},
                 {"7", "7"},
                 {"\"0123456789012345678901234567890123456\"", ""},
                 {"\"\"", ""},
                 {"7.5", ""},
                 {"9007199254740991", "9007199254740991"},
                 {"11871832136131022815", ""}, /* a double cannot hold it */
                 {"true", ""},
                 {"{}", ""}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        cJSON *value = parse(table[i].json);
        char id[SW_ID_MAX + 1] = "";
        const char *expected = sw_id_of(value, id);
        assert_string_equal(id, table[i].id);
        assert_int_equal(!expected, id[0] != '\0');
        cJSON_Delete(value);
    }
}

static void test_absent__by_its_many_names(void **state)
{
    (void)state;
    static const char *const absent[] = {
        "null",     "\"\"",    "\"unknown\"", "\"Unavailable\"",
        "\"NONE\"", "\"nan\"", "\"NULL\"",    "\"undef\""};
    static const char *const given[] = {"0", "\"0\"", "\"nothing\"", "[]", "false"};
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++) {
        cJSON *value = parse(absent[i]);
        assert_true(sw_is_absent(value) && sw_is_no_data(value));
        cJSON_Delete(value);
    }
    for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
        cJSON *value = parse(given[i]);
        assert_false(sw_is_absent(value) || sw_is_no_data(value));
        cJSON_Delete(value);
    }
    cJSON *negative = parse("\"-1\"");
    assert_false(sw_is_absent(negative));
    assert_true(sw_is_no_data(negative));
    cJSON_Delete(negative);
    assert_true(sw_is_absent(NULL) && sw_is_no_data(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_time__by_its_form),
        cmocka_unit_test(test_number__may_be_a_text),
        cmocka_unit_test(test_truth__by_its_many_names),
        cmocka_unit_test(test_id__is_made_of_what_stands_there),
        cmocka_unit_test(test_absent__by_its_many_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
