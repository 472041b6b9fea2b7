/* test_source.c -- other devices' payloads: every key of a source, every type of a
 * value, and the payloads that the configuration's examples are about. */
#include "source_fixture.h"

static void test_total__takes_the_time_of_receipt_unless_it_says_one(void **state)
{
    (void)state;
    check_taken("total=/steps", "{\"steps\":10423}", "1774779300=10423 @band");
    check_taken("total=/steps at=/t", "{\"steps\":5,\"t\":1774770000}",
                "1774770000=5 @band");
    check_taken("total=/steps at=/t", "{\"steps\":5}", "1774779300=5 @band");
    check_taken("total=/steps at=/t", "{\"steps\":5,\"t\":null}", "1774779300=5 @band");
    check_source("total=/steps", "{\"steps\":5}", &retained, SW_REFUSED_NO_TIME, "",
                 "a retained total does not say when it was");
    check_source("total=/steps at=/t", "{\"steps\":5,\"t\":1774770000}", &retained,
                 SW_ACCEPTED, "1774770000=5 @band", "");
}

static void test_steps__need_a_time(void **state)
{
    (void)state;
    check_taken("steps=/n start=/t", "{\"n\":37,\"t\":1774770000}",
                "1774770000+60:37 @band");
    check_taken("steps=/n at=/t", "{\"n\":37,\"t\":1774770000}",
                "1774770000+60:37 @band");
    check_refused("steps=/n start=/t", "{\"n\":37}", SW_REFUSED_NO_TIME,
                  "steps without a start");
    check_refused("steps=/n start=/t", "{\"n\":37,\"t\":null}", SW_REFUSED_NO_TIME,
                  "steps without a start");
    check_refused("steps=/n from=/f to=/t", "{\"n\":37,\"f\":1774770000}",
                  SW_REFUSED_NO_TIME, "steps without from and to");
}

static void test_steps__last_seconds_or_from_from_to_to(void **state)
{
    (void)state;
    check_taken("steps=/n start=/t seconds=900", "{\"n\":37,\"t\":1774770000}",
                "1774770000+900:37 @band");
    check_taken("steps=/n from=/f to=/t",
                "{\"n\":37,\"f\":1774770000.7,\"t\":1774770300}",
                "1774770000+300:37 @band");
    check_taken("steps=/n from=/f to=/t seconds=7",
                "{\"n\":37,\"f\":1774770000,\"t\":1774770300}",
                "1774770000+300:37 @band");
    static const char *const wrong[] = {
        "{\"n\":3,\"f\":1774770000,\"t\":1774770000}",
        "{\"n\":3,\"f\":1774770001,\"t\":1774770000}",
        "{\"n\":3,\"f\":1774670000,\"t\":1774770000}",
    };
    for (size_t i = 0; i < 3; i++)
        check_refused("steps=/n from=/f to=/t", wrong[i], SW_REFUSED_SHAPE,
                      "from and to are not 1 to 90000 s apart");
    check_refused("steps=/n from=/f to=/t", "{\"n\":3,\"f\":1774770000,\"t\":\"soon\"}",
                  SW_REFUSED_SHAPE,
                  "to: a text is not a time: Unix seconds or RFC 3339 with offset");
    check_refused("steps=/n from=/f to=/t",
                  "{\"n\":[3],\"f\":1774770000,\"t\":1774770060}", SW_REFUSED_SHAPE,
                  "steps: an array is not a whole number");
}

static void test_stamp__may_be_the_end_of_the_period(void **state)
{
    (void)state;
    check_taken("steps=/n at=/t stamp=end", "{\"n\":37,\"t\":1774770000}",
                "1774769940+60:37 @band");
    check_taken("steps=/n start=/t stamp=end seconds=900",
                "{\"n\":37,\"t\":1774770000}", "1774769100+900:37 @band");
    check_taken("steps=/n at=/t stamp=end", "{\"n\":[1,2],\"t\":1774770000}",
                "1774769880+60:1 @band, 1774769940+60:2 @band");
}

static void test_unit__ms_divides_numbers_and_leaves_texts(void **state)
{
    (void)state;
    check_taken("total=/n at=/t unit=ms", "{\"n\":1,\"t\":1774770000999}",
                "1774770000=1 @band");
    check_taken("total=/n at=/t unit=ms", "{\"n\":1,\"t\":\"1774770000999\"}",
                "1774770000=1 @band");
    check_taken("total=/n at=/t unit=ms", "{\"n\":1,\"t\":\"2026-03-29T07:40:00Z\"}",
                "1774770000=1 @band");
    check_refused("total=/n at=/t unit=ms", "{\"n\":1,\"t\":1774770000}",
                  SW_REFUSED_TOO_OLD, "at: 1970-01-21T12:59:30Z is too old");
    check_taken("steps=/n from=/f to=/t unit=ms",
                "{\"n\":1,\"f\":1774770000000,\"t\":1774770060000}",
                "1774770000+60:1 @band");
}

static void test_numbers__may_be_texts(void **state)
{
    (void)state;
    check_taken("total=", "10423", "1774779300=10423 @band");
    check_taken("total=", "\"10423\"", "1774779300=10423 @band");
    check_taken("total=", " 10423.0\n", "1774779300=10423 @band");
    check_taken("total=/a", "{\"a\":\"10423\"}", "1774779300=10423 @band");
    check_taken("steps=/a start=/t", "{\"a\":\"7\",\"t\":\"1774770000\"}",
                "1774770000+60:7 @band");
    static const char *const wrong[] = {"\"many\"", "true", "{}", "[]"};
    static const char *const whys[] = {"a text", "true", "an object", "an array"};
    for (size_t i = 0; i < 4; i++) {
        char payload[64], why[64];
        snprintf(payload, sizeof(payload), "{\"a\":%s}", wrong[i]);
        snprintf(why, sizeof(why), "total: %s is not a number", whys[i]);
        check_refused("total=/a", payload, SW_REFUSED_SHAPE, why);
    }
    check_taken("total=/a", "{\"a\":\"1.5\"}", "1774779300=2 @band");
    check_refused("total=/a", "{\"a\":\"0x10\"}", SW_REFUSED_SHAPE,
                  "total: a text is not a number");
    check_refused("total=", "10423 steps", SW_REFUSED_JSON,
                  "byte 6: text after the JSON value");
    check_refused("total=", "many", SW_REFUSED_JSON, "byte 0: not JSON");
}

static void test_no_data__is_neither_stored_nor_refused(void **state)
{
    (void)state;
    check_quiet("total=/steps", "{\"rssi\":-72}", SW_VALUE_NONE);
    check_quiet("total=/steps", "{\"steps\":null}", SW_VALUE_NONE);
    check_quiet("total=/steps", "{\"steps\":-1}", SW_VALUE_NONE);
    check_quiet("total=/steps", "{\"steps\":\"-1\"}", SW_VALUE_NONE);
    check_quiet("total=/steps", "[]", SW_VALUE_NONE);
    check_quiet("steps=/n start=/t", "{\"n\":-0.5}", SW_VALUE_NONE);
    check_taken("steps=/n start=/t", "{\"n\":[1,null,-1,\"2\"],\"t\":1774770000}",
                "1774770000+60:1 @band, 1774770180+60:2 @band");
}

static void test_away__is_another_program_without_a_value(void **state)
{
    (void)state;
    static const char *const words[] = {
        "", "unavailable", "unknown", "None", "Unknown", "nan", "NaN", "NULL", "UNDEF"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        check_quiet("total=", words[i], SW_VALUE_AWAY);
    check_quiet("total=/steps", "", SW_VALUE_AWAY);
    check_quiet("total=", "\"unavailable\"", SW_VALUE_AWAY);
    check_quiet("total=/s", "{\"s\":\"unknown\"}", SW_VALUE_AWAY);
    check_refused("total=", "offline", SW_REFUSED_JSON, "byte 0: not JSON");
}

static void test_worn__by_its_many_names(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool worn;
    } texts[] = {{"true", true},       {"false", false}, {"1", true},
                 {"0", false},         {"\"on\"", true}, {"\"OFF\"", false},
                 {"\"true\"", true},   {"\"0\"", false}, {"null", true},
                 {"\"unknown\"", true}};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char payload[80];
        snprintf(payload, sizeof(payload), "{\"n\":0,\"t\":1774770000,\"w\":%s}",
                 texts[i].text);
        check_taken("steps=/n start=/t worn=/w", payload,
                    texts[i].worn ? "1774770000+60:0 @band"
                                  : "1774770000+60:0 @band u");
    }
    check_taken("steps=/n start=/t worn=/w", "{\"n\":0,\"t\":1774770000,\"w\":2}",
                "1774770000+60:0 @band");
}

static void test_battery__without_data_is_not_said(void **state)
{
    (void)state;
    check_taken("total=/n battery=/b", "{\"n\":1,\"b\":80}", "1774779300=1 @band b80");
    check_taken("total=/n battery=/b", "{\"n\":1,\"b\":\"80\"}",
                "1774779300=1 @band b80");
    check_taken("total=/n battery=/b", "{\"n\":1,\"b\":-1}", "1774779300=1 @band");
    check_taken("total=/n battery=/b", "{\"n\":1,\"b\":\"unknown\"}",
                "1774779300=1 @band");
    check_taken("total=/n battery=/b", "{\"n\":1,\"b\":101}", "1774779300=1 @band");
    check_taken("total=/n battery=/b", "{\"n\":1,\"b\":{}}", "1774779300=1 @band");
}

static void test_limits__are_those_of_native_payloads(void **state)
{
    (void)state;
    check_refused("steps=/n start=/t", "{\"n\":256,\"t\":1774770000}",
                  SW_REFUSED_IMPLAUSIBLE, "steps: 256 steps in 60 s is implausible");
    check_refused("total=/n at=/t", "{\"n\":1,\"t\":1772100899}", SW_REFUSED_TOO_OLD,
                  "at: 2026-02-26T10:14:59Z is too old");
    check_refused("total=/n at=/t", "{\"n\":1,\"t\":1774779901}", SW_REFUSED_FUTURE,
                  "at: 2026-03-29T10:25:01Z is in the future");
    check_refused("total=/n", "{\"n\":1e300}", SW_REFUSED_SHAPE,
                  "total: 1e+300 is not in 0..9007199254740992");
    check_refused("total=/n", "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", SW_REFUSED_JSON,
                  "byte 16: nested too deep");
    check_source("steps=/n start=/t", "{\"n\":[1,700,2],\"t\":1774770000}", &live,
                 SW_REFUSED_IMPLAUSIBLE, "1774770000+60:1 @band, 1774770120+60:2 @band",
                 "steps[1]: 700 steps in 60 s is implausible");
}

/* A payload as each of these programs publishes it. */
static void test_examples__of_the_configuration(void **state)
{
    (void)state;
    check_taken("total=/steps",
                "{\"id\":\"F8:A4:5F:12:34:56\",\"mac_type\":1,\"name\":\"Mi Band\","
                "\"rssi\":-72,\"brand\":\"Xiaomi/Amazfit\",\"model\":\"Mi Band\","
                "\"model_id\":\"MB/SW\",\"steps\":3204,\"device\":\"Tracker\"}",
                "1774779300=3204 @band");
    check_taken("steps=/steps from=/from to=/to",
                "{\"_type\":\"steps\",\"tst\":1774779290,\"steps\":1234,"
                "\"from\":1774738800,\"to\":1774779290,\"distance\":900,"
                "\"floorsup\":2,\"floorsdown\":1}",
                "1774738800+40490:1234 @band");
    check_quiet("steps=/steps from=/from to=/to",
                "{\"_type\":\"steps\",\"tst\":1774779290,\"steps\":-1,"
                "\"from\":1774738800,\"to\":1774779290}",
                SW_VALUE_NONE);
    check_taken("total=", "8123", "1774779300=8123 @band");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_total__takes_the_time_of_receipt_unless_it_says_one),
        cmocka_unit_test(test_steps__need_a_time),
        cmocka_unit_test(test_steps__last_seconds_or_from_from_to_to),
        cmocka_unit_test(test_stamp__may_be_the_end_of_the_period),
        cmocka_unit_test(test_unit__ms_divides_numbers_and_leaves_texts),
        cmocka_unit_test(test_numbers__may_be_texts),
        cmocka_unit_test(test_no_data__is_neither_stored_nor_refused),
        cmocka_unit_test(test_away__is_another_program_without_a_value),
        cmocka_unit_test(test_worn__by_its_many_names),
        cmocka_unit_test(test_battery__without_data_is_not_said),
        cmocka_unit_test(test_limits__are_those_of_native_payloads),
        cmocka_unit_test(test_examples__of_the_configuration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
