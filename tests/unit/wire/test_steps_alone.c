/* test_steps_alone.c -- readings refused alone, and messages of every size. */
#include "decode_fixture.h"

static void test_alone__the_implausible_reading_and_no_other(void **state)
{
    (void)state;
    check_decoded("{\"start\":1774778400,\"steps\":256}", &live, SW_REFUSED_IMPLAUSIBLE,
                  "", "steps: 256 steps in 60 s is implausible");
    check_decoded("{\"start\":1774778400,\"seconds\":120,\"steps\":511}", &live,
                  SW_REFUSED_IMPLAUSIBLE, "",
                  "steps: 511 steps in 120 s is implausible");
    check_decoded("{\"start\":1774778400,\"steps\":1e300}", &live,
                  SW_REFUSED_IMPLAUSIBLE, "",
                  "steps: 1e+300 steps in 60 s is implausible");
    check_decoded("{\"start\":1774778400,\"steps\":[1,700,null,256,2]}", &live,
                  SW_REFUSED_IMPLAUSIBLE, "1774778400+60:1, 1774778640+60:2",
                  "steps[1]: 700 steps in 60 s is implausible; and 1 more, up to "
                  "steps[3]");
    check_decoded("[{\"start\":1774778400,\"steps\":1},"
                  "{\"start\":1774778400,\"device\":\"b\",\"steps\":[4294967297,3]}]",
                  &live, SW_REFUSED_IMPLAUSIBLE, "1774778400+60:1, 1774778460+60:3 @b",
                  "[1].steps[0]: 4294967297 steps in 60 s is "
                  "implausible");
}

static void test_alone__too_old_is_before_max_age(void **state)
{
    (void)state;
    check_decoded("{\"start\":1772100900,\"steps\":1}", &live, SW_ACCEPTED,
                  "1772100900+60:1", "");
    check_decoded("{\"start\":1772100899,\"steps\":1}", &live, SW_REFUSED_TOO_OLD, "",
                  "start: 2026-02-26T10:14:59Z is too old, 31 days back");
    check_decoded("{\"start\":1772100840,\"steps\":[1,2]}", &live, SW_REFUSED_TOO_OLD,
                  "1772100900+60:2",
                  "steps[0]: 2026-02-26T10:14:00Z is too old, 31 days back");
    check_decoded("{\"at\":1772100900,\"total\":1}", &live, SW_ACCEPTED, "1772100900=1",
                  "");
    check_decoded("{\"at\":1772100899,\"total\":1}", &live, SW_REFUSED_TOO_OLD, "",
                  "at: 2026-02-26T10:14:59Z is too old, 31 days back");
}

static void test_alone__future_is_what_ends_after_max_future(void **state)
{
    (void)state;
    check_decoded("{\"start\":1774779840,\"steps\":1}", &live, SW_ACCEPTED,
                  "1774779840+60:1", "");
    check_decoded("{\"start\":1774779841,\"steps\":1}", &live, SW_REFUSED_FUTURE, "",
                  "start: 2026-03-29T10:25:01Z is in the future, 10 min ahead");
    check_decoded("{\"start\":1774779780,\"steps\":[1,2,3]}", &live, SW_REFUSED_FUTURE,
                  "1774779780+60:1, 1774779840+60:2",
                  "steps[2]: 2026-03-29T10:26:00Z is in the future, 11 min ahead");
    check_decoded("{\"at\":1774779900,\"total\":1}", &live, SW_ACCEPTED, "1774779900=1",
                  "");
    check_decoded("{\"at\":1774779901,\"total\":1}", &live, SW_REFUSED_FUTURE, "",
                  "at: 2026-03-29T10:25:01Z is in the future, 10 min ahead");
    check_decoded("{\"start\":\"2199-12-31T23:59:59Z\",\"seconds\":86400,"
                  "\"steps\":[null,null,1]}",
                  &live, SW_REFUSED_FUTURE, "",
                  "steps[2]: 2199-12-31T23:59:59Z is in the future, 63468 days ahead");
}

/* "The day", sent before it is over: with the steps so far, up to now. */
static void test_alone__what_is_under_way_ends_when_it_was_received(void **state)
{
    (void)state;
    struct sw_receipt receipt = live;
    receipt.cut_s = receipt.newest_s;
    check_decoded("{\"start\":1774778400,\"seconds\":86400,\"steps\":3000}", &receipt,
                  SW_ACCEPTED, "1774778400+900:3000", "");
    check_decoded("{\"start\":1774778400,\"seconds\":1500,\"steps\":3000}", &receipt,
                  SW_ACCEPTED, "1774778400+1500:3000", ""); /* its clock may be fast */
    check_decoded("{\"start\":1774778400,\"seconds\":1501,\"steps\":3000}", &receipt,
                  SW_ACCEPTED, "1774778400+900:3000", "");
    check_decoded("{\"start\":1774778400,\"seconds\":86400,\"steps\":4000}", &receipt,
                  SW_REFUSED_IMPLAUSIBLE, "",
                  "steps: 4000 steps in 900 s is implausible");
    check_decoded("{\"start\":1774778400,\"seconds\":3600,\"steps\":[1,2]}", &receipt,
                  SW_REFUSED_FUTURE, "1774778400+900:1",
                  "steps[1]: 2026-03-29T12:00:00Z is in the future, 1 h 45 min ahead");
    check_decoded("{\"start\":1774779300,\"seconds\":3600,\"steps\":1}", &receipt,
                  SW_REFUSED_FUTURE, "", /* it begins now */
                  "start: 2026-03-29T11:15:00Z is in the future, 1 h ahead");
}

/* It comes again with every subscription, and would end later each time. */
static void
test_alone__what_is_under_way_is_not_taken_from_a_retained_copy(void **state)
{
    (void)state;
    struct sw_receipt receipt = live;
    receipt.cut_s = receipt.newest_s;
    receipt.retained = true;
    check_decoded("{\"start\":1774778400,\"seconds\":86400,\"steps\":3000}", &receipt,
                  SW_REFUSED_NO_TIME, "",
                  "start: a retained reading until 2026-03-30T10:00:00Z does not say "
                  "when its steps were counted");
    check_decoded(
        "{\"start\":1774774800,\"seconds\":3600,\"steps\":[7,9]}", &receipt,
        SW_REFUSED_NO_TIME, "1774774800+3600:7",
        "steps[1]: a retained reading until 2026-03-29T11:00:00Z does not say "
        "when its steps were counted");
    check_decoded("{\"start\":1774778400,\"seconds\":1500,\"steps\":3000}", &receipt,
                  SW_ACCEPTED, "1774778400+1500:3000", "");
}

static void test_alone__first_refusal_names_the_cause(void **state)
{
    (void)state;
    check_decoded("[{\"at\":5,\"total\":1},{\"start\":1774778400,\"steps\":999},"
                  "{\"at\":1774778400,\"total\":3}]",
                  &live, SW_REFUSED_TOO_OLD, "1774778400=3",
                  "[0].at: 1970-01-01T00:00:05Z is too old, 20541 days back");
}

/* A batch of n zeros, or of n times `item`. */
static char *batch(size_t n, const char *item)
{
    size_t size = 64 + n * (strlen(item) + 1);
    char *text = malloc(size), *at = text;
    assert_non_null(text);
    at += sprintf(at, "{\"start\":1774692900,\"seconds\":60,\"steps\":[");
    for (size_t i = 0; i < n; i++)
        at += sprintf(at, "%s%s", i ? "," : "", item);
    sprintf(at, "]}");
    return text;
}

static void check_batch(size_t n, const char *item, enum sw_refusal refusal,
                        size_t expected_samples)
{
    struct decoded decoded = {0};
    char *payload = batch(n, item);
    decode_bytes(&decoded, payload, strlen(payload), &live);
    assert_int_equal(decoded.refusal, refusal);
    assert_int_equal(decoded.samples.n, expected_samples);
    sw_samples_fini(&decoded.samples);
    free(payload);
}

static void test_size__a_batch_is_a_day_of_minutes_at_most(void **state)
{
    (void)state;
    check_batch(1440, "0", SW_ACCEPTED, 1440);
    check_batch(1441, "0", SW_REFUSED_SHAPE, 0);
    check_batch(1440, "null", SW_ACCEPTED, 0);
    check_batch(1441, "null", SW_REFUSED_SHAPE, 0);
}

static void test_size__payload_of_64_KiB_is_the_largest(void **state)
{
    (void)state;
    struct decoded decoded = {0};
    size_t len = SW_PAYLOAD_MAX + 1;
    char *payload = malloc(len);
    assert_non_null(payload);
    memset(payload, ' ', len);
    memcpy(payload, "{\"total\":1}", 11);
    decode_bytes(&decoded, payload, len - 1, &live);
    assert_int_equal(decoded.refusal, SW_ACCEPTED);
    assert_int_equal(decoded.samples.n, 1);
    decode_bytes(&decoded, payload, len, &live);
    assert_int_equal(decoded.refusal, SW_REFUSED_SIZE);
    assert_int_equal(decoded.samples.n, 0);
    assert_string_equal(decoded.why, "over 65536 bytes");
    free(payload);
    sw_samples_fini(&decoded.samples);
}

static void test_size__the_buffer_is_used_again(void **state)
{
    (void)state;
    struct decoded decoded = {0};
    char *payload = batch(1000, "1");
    decode_bytes(&decoded, payload, strlen(payload), &live);
    assert_int_equal(decoded.samples.n, 1000);
    struct sw_sample *items = decoded.samples.items;
    size_t cap = decoded.samples.cap;
    decode_bytes(&decoded, "{\"total\":1}", 11, &live);
    assert_int_equal(decoded.samples.n, 1);
    assert_ptr_equal(decoded.samples.items, items);
    assert_int_equal(decoded.samples.cap, cap);
    decode_bytes(&decoded, "{", 1, &live);
    assert_int_equal(decoded.samples.n, 0);
    free(payload);
    sw_samples_fini(&decoded.samples);
    assert_null(decoded.samples.items);
    sw_samples_fini(&decoded.samples);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alone__the_implausible_reading_and_no_other),
        cmocka_unit_test(test_alone__too_old_is_before_max_age),
        cmocka_unit_test(test_alone__future_is_what_ends_after_max_future),
        cmocka_unit_test(test_alone__what_is_under_way_ends_when_it_was_received),
        cmocka_unit_test(
            test_alone__what_is_under_way_is_not_taken_from_a_retained_copy),
        cmocka_unit_test(test_alone__first_refusal_names_the_cause),
        cmocka_unit_test(test_size__a_batch_is_a_day_of_minutes_at_most),
        cmocka_unit_test(test_size__payload_of_64_KiB_is_the_largest),
        cmocka_unit_test(test_size__the_buffer_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
