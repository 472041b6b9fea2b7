/* test_pain.c -- scores of pain as a patient's app sends them. */
#include "decode_fixture.h"

static int decode(const char *payload, const struct sw_receipt *receipt,
                  struct sw_pain *ret, char why[static SW_WHY_MAX])
{
    size_t len = strlen(payload);
    char *copy = malloc(len);
    assert_true(copy || len == 0);
    memcpy(copy, payload, len);
    int r = sw_decode_pain(copy, len, receipt, ret, why);
    free(copy);
    return r;
}

static void check_taken(const char *payload, int64_t at_s, double score, bool flare)
{
    struct sw_pain pain;
    char why[SW_WHY_MAX] = "?";
    assert_int_equal(decode(payload, &live, &pain, why), SW_ACCEPTED);
    assert_string_equal(why, "");
    assert_int_equal(pain.at_s, at_s);
    assert_true(pain.score == score);
    assert_int_equal(pain.flare, flare);
}

static void check_refused(const char *payload, const struct sw_receipt *receipt,
                          enum sw_refusal refusal, const char *expected_why)
{
    struct sw_pain before = {.at_s = 1, .score = 2, .flare = true}, pain = before;
    char why[SW_WHY_MAX];
    int r = decode(payload, receipt, &pain, why);
    if (r != (int)refusal)
        print_error("%s: %s\n", payload, why);
    assert_int_equal(r, refusal);
    assert_string_equal(why, expected_why);
    assert_int_equal(pain.at_s, before.at_s);
    assert_true(pain.score == before.score);
    assert_int_equal(pain.flare, before.flare);
}

static void test_pain__accepted_scores(void **state)
{
    (void)state;
    check_taken("{\"at\":1774778400,\"score\":7}", 1774778400, 7, false);
    check_taken("{\"at\":\"2026-03-29T12:00:00+02:00\",\"score\":6.5}", 1774778400, 6.5,
                false);
    check_taken("{\"score\":0}", NOW_S, 0, false);
    check_taken("{\"score\":10,\"flare\":true}", NOW_S, 10, true);
    check_taken("{\"score\":1e0,\"flare\":false,\"note\":{\"a\":[]}}", NOW_S, 1, false);
    check_taken("{\"score\":7,\"at\":null,\"flare\":null}", NOW_S, 7, false);
    check_taken("{\"score\":7,\"flare\":1}", NOW_S, 7, true);
    check_taken("{\"score\":7,\"flare\":\"bad\"}", NOW_S, 7, false);
    check_taken("\"{\\\"score\\\":7}\"", NOW_S, 7, false);
    check_taken("{\"at\":\"2026-03-29 12:00:00 +0200\",\"score\":7}", 1774778400, 7,
                false);
    check_taken("{\"at\":1772100900,\"score\":3}", 1772100900, 3, false);
    check_taken("{\"at\":1774779900000,\"score\":3}", 1774779900, 3, false);
}

static void test_pain__wrong_shape(void **state)
{
    (void)state;
    static const struct {
        const char *payload, *why;
    } table[] = {
        {"7", "7 is not an object"},
        {"[{\"score\":7}]", "an array: publish each score by itself"},
        {"{}", "no score"},
        {"{\"Score\":7}", "no score"},
        {"{\"score\":null}", "no score"},
        {"{\"score\":\"7\"}", "score: a text is not a number"},
        {"{\"score\":[7]}", "score: an array is not a number"},
        {"{\"score\":true}", "score: true is not a number"},
        {"{\"score\":-0.1}", "score: -0.1 is not in 0..10"},
        {"{\"score\":10.01}", "score: 10.01 is not in 0..10"},
        {"{\"score\":1e999}", "score: inf is not in 0..10"},
        {"{\"score\":7,\"at\":\"now\"}",
         "at: a text is not a time: Unix seconds or RFC 3339 with offset"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        check_refused(table[i].payload, &live, SW_REFUSED_SHAPE, table[i].why);
}

static void test_pain__not_json(void **state)
{
    (void)state;
    check_refused("", &live, SW_REFUSED_JSON, "byte 0: the payload is empty");
    check_refused("{\"score\":7}}", &live, SW_REFUSED_JSON,
                  "byte 11: text after the JSON value");
    check_refused("{\"score\":7,\"x\":\"\xff\"}", &live, SW_REFUSED_UTF8,
                  "byte 16: not UTF-8");
}

static void test_pain__time_must_be_known_and_timely(void **state)
{
    (void)state;
    check_refused("{\"score\":7}", &retained, SW_REFUSED_NO_TIME,
                  "a retained score does not say when it was");
    check_refused("{\"score\":7,\"at\":1772100899}", &live, SW_REFUSED_TOO_OLD,
                  "at: 2026-02-26T10:14:59Z is too old, 31 days back");
    check_refused("{\"score\":7,\"at\":1774779901}", &live, SW_REFUSED_FUTURE,
                  "at: 2026-03-29T10:25:01Z is in the future, 10 min ahead");
}

static void test_pain__a_retained_score_with_its_time_is_taken(void **state)
{
    (void)state;
    struct sw_pain pain;
    char why[SW_WHY_MAX];
    assert_int_equal(decode("{\"score\":7,\"at\":1774778400}", &retained, &pain, why),
                     SW_ACCEPTED);
    assert_int_equal(pain.at_s, 1774778400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pain__accepted_scores),
        cmocka_unit_test(test_pain__wrong_shape),
        cmocka_unit_test(test_pain__not_json),
        cmocka_unit_test(test_pain__time_must_be_known_and_timely),
        cmocka_unit_test(test_pain__a_retained_score_with_its_time_is_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
