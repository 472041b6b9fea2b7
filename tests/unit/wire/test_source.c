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
                  SW_REFUSED_TOO_OLD,
                  "at: 1970-01-21T12:59:30Z is too old, 20521 days back");
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
                  "at: 2026-02-26T10:14:59Z is too old, 31 days back");
    check_refused("total=/n at=/t", "{\"n\":1,\"t\":1774779901}", SW_REFUSED_FUTURE,
                  "at: 2026-03-29T10:25:01Z is in the future, 10 min ahead");
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

/* ---- items ---- */

static void test_each__gives_an_item_a_member(void **state)
{
    (void)state;
    static const char sensors[] =
        "{\"deviceId\":\"w 1\",\"payload\":["
        "{\"name\":\"pedometer\",\"time\":1774770000000000000,\"values\":{\"steps\":5}}"
        ","
        "{\"name\":\"battery\",\"time\":1774770001000000000,\"values\":{}},"
        "{\"name\":\"pedometer\",\"time\":1774770060000000000,\"values\":{\"steps\":9}}"
        "]}";
    check_taken("each=/payload when=/name=pedometer total=/values/steps at=/time "
                "device=^/deviceId",
                sensors, "1774770000=5 @w-1, 1774770060=9 @w-1");
    check_quiet("each=/payload when=/name=gyroscope total=/values/steps", sensors,
                SW_VALUE_NONE);
    check_quiet("each=/nothing total=/n", sensors, SW_VALUE_NONE);
    check_taken("each= steps=/n start=/t",
                "[{\"n\":1,\"t\":1774770000},{\"n\":null},"
                "{\"n\":2,\"t\":1774770060}]",
                "1774770000+60:1 @band, 1774770060+60:2 @band");
    check_taken("each=/* steps=/values/s start=/ts device=^#",
                "{\"A\":[{\"ts\":1774770000000,\"values\":{\"s\":4}}],"
                "\"B\":[{\"ts\":1774770000000,\"values\":{\"s\":5}}]}",
                "1774770000+60:4 @A, 1774770000+60:5 @B");
}

static void test_each__what_is_wrong_is_refused_by_itself(void **state)
{
    (void)state;
    check_source("each= steps=/n from=/f to=/t",
                 "[{\"n\":1,\"f\":1774770000,\"t\":1774770060},"
                 "{\"n\":2,\"f\":1774770060,\"t\":\"soon\"},"
                 "{\"n\":3,\"f\":1774770120,\"t\":1774770120}]",
                 &live, SW_REFUSED_SHAPE, "1774770000+60:1 @band",
                 "[1].to: a text is not a time: Unix seconds or RFC 3339 "
                 "with offset");
    check_source("each= total=/n device=/d",
                 "[{\"n\":1,\"d\":\"x\"},{\"n\":2},{\"n\":3,\"d\":\"y\"}]", &live,
                 SW_REFUSED_SHAPE, "1774779300=1 @x, 1774779300=3 @y",
                 "[1].device: null is not an id of 1 to 36 characters");
}

static void test_each__a_refused_item_is_a_part_of_the_message(void **state)
{
    (void)state;
    check_parts("each=/p when=/k=s steps=/n start=/t device=^/id",
                "{\"id\":\"w\",\"p\":[{\"k\":\"s\",\"n\":1,\"t\":1774770000},"
                "{\"k\":\"x\",\"n\":2},{\"k\":\"s\",\"n\":\"a\",\"t\":1774770060},"
                "{\"k\":\"s\"},{\"k\":\"s\",\"n\":3,\"t\":\"soon\"}]}",
                "1774770000+60:1 @w",
                "shape [2].steps: a text is not a number "
                "{\"id\":\"w\",\"p\":[{\"k\":\"s\",\"n\":\"a\",\"t\":1774770060}]}\n"
                "shape [4].start: a text is not a time: Unix seconds or RFC 3339 with "
                "offset {\"id\":\"w\",\"p\":[{\"k\":\"s\",\"n\":3,\"t\":\"soon\"}]}");
    /* neighbours, some of a batch */
    check_parts(
        "each= steps=/n start=/t",
        "[{\"n\":[1,2],\"t\":1774770000},{\"n\":[3,900],\"t\":1774770120},"
        "{\"n\":[901,4],\"t\":1774770240},{\"n\":5,\"t\":1774770360}]",
        "1774770000+60:1 @band, 1774770060+60:2 @band, 1774770120+60:3 @band, "
        "1774770300+60:4 @band, 1774770360+60:5 @band",
        "implausible [1].steps[1]: 900 steps in 60 s is implausible; and 1 more, "
        "up to [2].steps[0] "
        "[{\"n\":[null,900],\"t\":1774770120},{\"n\":[901,null],\"t\":1774770240}]");
    /* members of objects, and of arrays by their index */
    check_parts("each=/* total=/n device=^#",
                "{\"a\":[{\"n\":1}],\"b\":[{\"n\":\"x\"},{\"n\":2}],\"c\":[]}",
                "1774779300=1 @a, 1774779300=2 @b",
                "shape [1].total: a text is not a number "
                "{\"a\":[],\"b\":[{\"n\":\"x\"}],\"c\":[]}");
    check_parts("each=/*/0 total=", "[[1,2],[\"x\",3]]", "1774779300=1 @band",
                "shape [1].total: a text is not a number [[null,2],[\"x\",3]]");
    check_parts("each= score=/s", "[{\"s\":3},{\"s\":12},{\"s\":1e999}]",
                "1774779300 pain 3 @band",
                "shape [1].score: 12 is not in 0..10 [{\"s\":12}]\n"
                "shape [2].score: inf is not in 0..10 [{\"s\":1e999}]");
}

/* However a payload was written, its part is JSON. */
static void test_part__of_other_writings(void **state)
{
    (void)state;
    check_parts("columns=t,n steps=/n start=/t",
                "time;steps\n1774770000;5\nsoon;many\n1774770120;\"x\"",
                "1774770000+60:5 @band",
                "shape [1].start: a text is not a time: Unix seconds or RFC 3339 with "
                "offset [{\"t\":\"soon\",\"n\":\"many\"}]\n"
                "shape [2].steps: a text is not a number "
                "[{\"t\":\"1774770120\",\"n\":\"x\"}]");
    check_parts("each= total=/n", "\"[{\\\"n\\\":1},{\\\"n\\\":\\\"x\\\"}]\"",
                "1774779300=1 @band",
                "shape [1].total: a text is not a number [{\"n\":\"x\"}]");
}

static void check_counts(const char *spec, const char *payload, size_t n_items,
                         size_t n_missed, const char *missed)
{
    struct sw_source source;
    struct decoded decoded = {0};
    enum sw_value_state said;
    source_init(&source, spec);
    decode_source(&decoded, &source, payload, &live, &said);
    assert_int_equal(decoded.samples.n_seen, n_items);
    assert_int_equal(decoded.samples.n_missed, n_missed);
    assert_string_equal(decoded.samples.missed, missed);
    sw_samples_fini(&decoded.samples);
    source_fini(&source);
}

static void test_missed__is_what_the_pointers_do_not_find(void **state)
{
    (void)state;
    check_counts("each= total=/n", "[{\"n\":1},{\"m\":1},{\"n\":null},{}]", 4, 2,
                 "[1]: nothing at \"/n\"");
    check_counts("each= when=/k=a total=/n", "[{\"n\":1},{\"k\":\"a\"}]", 1, 1,
                 "[1]: nothing at \"/n\"");
    check_counts("total=/n", "{\"rssi\":1}", 1, 1, "nothing at \"/n\"");
    check_counts("total=/n", "{\"n\":2}", 1, 0, "");
}

/* A word that may be a person's own is not repeated. */
static void test_missed__is_a_word_that_the_map_lacks(void **state)
{
    (void)state;
    check_counts("each= score=/a map=single:2", "[{\"a\":\"single\"},{\"a\":\"hold\"}]",
                 2, 1, "[1]: the map lacks \"hold\"");
    check_counts("score=/a map=1:2", "{\"a\":3}", 1, 1, "the map lacks 3");
    check_counts("score=/a map=1:2", "{\"a\":\"ouch, my back\"}", 1, 1,
                 "the map lacks what \"/a\" says");
    check_counts("score=/a map=1:2", "{\"a\":\"\"}", 1, 0, ""); /* it was let go */
}

static void test_when__compares_texts_numbers_and_truths(void **state)
{
    (void)state;
    check_taken("when=/t=5 total=/n", "{\"t\":5,\"n\":1}", "1774779300=1 @band");
    check_taken("when=/t=5 total=/n", "{\"t\":\"5\",\"n\":1}", "1774779300=1 @band");
    check_taken("when=/t=true total=/n", "{\"t\":true,\"n\":1}", "1774779300=1 @band");
    check_taken("when=/t=a=b total=/n", "{\"t\":\"a=b\",\"n\":1}",
                "1774779300=1 @band");
    check_quiet("when=/t=5 total=/n", "{\"t\":6,\"n\":1}", SW_VALUE_NONE);
    check_quiet("when=/t= total=/n", "{\"t\":0,\"n\":1}", SW_VALUE_NONE);
    check_quiet("when=/t=5 total=/n", "{\"n\":1}", SW_VALUE_NONE);
}

/* ---- times ---- */

static void test_zone__is_for_texts_without_an_offset(void **state)
{
    (void)state;
    check_taken("total=/n at=/t zone=site", "{\"n\":1,\"t\":\"2026-03-29T09:40:00\"}",
                "1774770000=1 @band");
    check_taken("total=/n at=/t zone=site", "{\"n\":1,\"t\":\"2026-03-29 07:40:00Z\"}",
                "1774770000=1 @band");
    check_refused("total=/n at=/t", "{\"n\":1,\"t\":\"2026-03-29T09:40:00\"}",
                  SW_REFUSED_SHAPE,
                  "at: a text is not a time with an offset: Z or +02:00 at its end");
}

/* Clocks go from 03:00 back to 02:00 at 2026-10-25T01:00Z, which is AGAIN_S. */
enum { AGAIN_S = 1792890000 };
static void check_passes(const char *spec, const char *payload, int64_t received_s,
                         const char *samples)
{
    const struct sw_receipt receipt = {.at_s = received_s,
                                       .oldest_s = received_s - 31 * DAY_S,
                                       .newest_s = received_s + 600,
                                       .cut_s = received_s + 600};
    check_source(spec, payload, &receipt, SW_ACCEPTED, samples, "");
}

static void test_hour_twice__is_the_pass_nearer_to_the_receipt(void **state)
{
    (void)state;
    static const char spec[] = "total=/n at=/t zone=autumn";
    static const char counter[] = "{\"n\":1,\"t\":\"2026-10-25T02:10:00\"}";
    static const char first[] = "1792887000=1 @band", second[] = "1792890600=1 @band";
    check_passes(spec, counter, AGAIN_S - 3000 + 5, first);
    check_passes(spec, counter, AGAIN_S - 1, first); /* the other is in the future */
    check_passes(spec, counter, AGAIN_S + 600 + 5, second);
    check_passes(spec, counter, AGAIN_S + 7 * 3600, second);
    check_passes(spec, "{\"n\":1,\"t\":\"2026-10-25 02:10:00 +0200\"}", AGAIN_S + 9999,
                 first);
    check_passes(spec, "{\"n\":1,\"t\":\"2026-10-25T03:10:00\"}", AGAIN_S + 9999,
                 "1792894200=1 @band");
    check_passes(
        "steps=/n from=/f to=/t zone=autumn",
        "{\"n\":1,\"f\":\"2026-10-25T02:45:00\",\"t\":\"2026-10-25T02:00:00\"}",
        AGAIN_S + 5, "1792889100+900:1 @band");
}

static void test_hour_twice__goes_on_from_the_item_before(void **state)
{
    (void)state;
    static const char minutes[] = "columns=t,n steps=/n start=/t zone=autumn",
                      hours[] =
                          "columns=t,n steps=/n start=/t zone=autumn seconds=3600";
    check_passes(
        minutes,
        "2026-10-25T01:59:00,1\n2026-10-25T02:00:00,2\n2026-10-25T02:59:00,3\n"
        "2026-10-25T02:00:00,4\n2026-10-25T02:59:00,5\n2026-10-25T03:00:00,6\n",
        AGAIN_S + 30000,
        "1792886340+60:1 @band, 1792886400+60:2 @band, 1792889940+60:3 @band, "
        "1792890000+60:4 @band, 1792893540+60:5 @band, 1792893600+60:6 @band");
    check_passes(
        minutes,
        "2026-10-25T03:00:00,6\n2026-10-25T02:59:00,5\n2026-10-25T02:00:00,4\n"
        "2026-10-25T02:59:00,3\n2026-10-25T02:00:00,2\n2026-10-25T01:59:00,1\n",
        AGAIN_S + 30000,
        "1792893600+60:6 @band, 1792893540+60:5 @band, 1792890000+60:4 @band, "
        "1792889940+60:3 @band, 1792886400+60:2 @band, 1792886340+60:1 @band");
    check_passes(hours,
                 "2026-10-25T01:00:00,1\n2026-10-25T02:00:00,2\n2026-10-25T02:00:00,3\n"
                 "2026-10-25T03:00:00,4\n",
                 AGAIN_S + 30000,
                 "1792882800+3600:1 @band, 1792886400+3600:2 @band, "
                 "1792890000+3600:3 @band, 1792893600+3600:4 @band");
}

static void test_date__stands_beside_a_time_of_day(void **state)
{
    (void)state;
    check_taken("each=/set steps=/value start=/time date=^^/day zone=site",
                "{\"day\":\"2026-03-29\",\"set\":[{\"time\":\"09:40:00\",\"value\":12},"
                "{\"time\":\"09:41\",\"value\":\"3\"}]}",
                "1774770000+60:12 @band, 1774770060+60:3 @band");
    check_taken("steps=/value date=/day zone=site seconds=86400",
                "{\"day\":\"2026-03-28\",\"value\":5000}",
                "1774648800+86400:5000 @band");
    check_refused("steps=/value start=/time date=/day zone=site",
                  "{\"day\":\"today\",\"time\":\"09:40:00\",\"value\":12}",
                  SW_REFUSED_SHAPE,
                  "start: a text is not a time: Unix seconds or RFC 3339 with offset");
}

static void test_seconds__may_be_said_by_the_payload(void **state)
{
    (void)state;
    check_taken("steps=/n start=/t seconds=/d", "{\"n\":9,\"t\":1774770000,\"d\":900}",
                "1774770000+900:9 @band");
    check_taken("steps=/n start=/t seconds=/d",
                "{\"n\":9,\"t\":1774770000,\"d\":{\"value\":2,\"unit\":\"h\"}}",
                "1774770000+7200:9 @band");
    static const char *const wrong[] = {"null", "0", "90001", "\"long\"",
                                        "{\"value\":1,\"unit\":\"Mo\"}"};
    static const char *const whys[] = {"null", "0", "90001", "a text", "an object"};
    for (size_t i = 0; i < 5; i++) {
        char payload[100], why[100];
        snprintf(payload, sizeof(payload), "{\"n\":9,\"t\":1774770000,\"d\":%s}",
                 wrong[i]);
        snprintf(why, sizeof(why), "seconds: %s is not a length of 1 to 90000 s",
                 whys[i]);
        check_refused("steps=/n start=/t seconds=/d", payload, SW_REFUSED_SHAPE, why);
    }
}

/* ---- zeros, scores, words ---- */

static void test_absent__is_zero_where_the_sender_leaves_zeros_out(void **state)
{
    (void)state;
    static const char spec[] = "steps=/up/d/steps at=/t seconds=900 absent=zero";
    check_taken(spec, "{\"up\":{\"d\":{\"battery\":80}},\"t\":1774770000}",
                "1774770000+900:0 @band");
    check_taken(spec, "{\"up\":{\"d\":{\"steps\":7}},\"t\":1774770000}",
                "1774770000+900:7 @band");
    check_quiet(spec, "{\"up\":{\"d\":{\"steps\":null}},\"t\":1774770000}",
                SW_VALUE_NONE);
    check_quiet(spec, "{\"up\":{},\"t\":1774770000}", SW_VALUE_NONE);
    check_refused(spec, "{\"up\":{\"d\":{}}}", SW_REFUSED_NO_TIME,
                  "steps without a start");
}

static void test_score__of_a_dial_or_a_button(void **state)
{
    (void)state;
    check_taken("score=/value", "{\"value\":4.5}", "1774779300 pain 4.5 @band");
    check_taken("score=", "7", "1774779300 pain 7 @band");
    check_taken("score=/v at=/t", "{\"v\":\"3\",\"t\":1774770000}",
                "1774770000 pain 3 @band");
    check_taken("score=/action map=single:2,hold:8", "{\"action\":\"hold\"}",
                "1774779300 pain 8 @band");
    check_quiet("score=/action map=single:2", "{\"action\":\"release\"}",
                SW_VALUE_NONE);
    check_quiet("score=/action map=single:2", "{\"action\":\"\"}", SW_VALUE_NONE);
    check_refused("score=/value", "{\"value\":11}", SW_REFUSED_SHAPE,
                  "score: 11 is not in 0..10");
    check_source("score=", "7", &retained, SW_REFUSED_NO_TIME, "",
                 "a retained score does not say when it was");
    check_source("each= score=/s at=/t",
                 "[{\"s\":3,\"t\":1774770000},{\"s\":12},{\"s\":4}]", &live,
                 SW_REFUSED_SHAPE, "1774770000 pain 3 @band, 1774779300 pain 4 @band",
                 "[1].score: 12 is not in 0..10");
}

/* ---- other writings ---- */

static void test_csv__is_lines_of_columns(void **state)
{
    (void)state;
    check_taken("columns=t,n steps=/n start=/t",
                "time,steps\n1774770000,5\r\n\n\"1774770060\";\"7\"\n",
                "1774770000+60:5 @band, 1774770060+60:7 @band");
    check_taken("columns=day,time,,n steps=/n date=/day start=/time zone=site",
                "Serial Number: NEO1\nDate,Time,Axis,Steps\n"
                "2026-03-29,09:40:00,312,5\n2026-03-29,09:41:00,0\n",
                "1774770000+60:5 @band");
    /* In lines with tabs a cell may be empty. */
    check_taken("columns=t,n,heart steps=/n start=/t",
                "1774770000\t\t72\n1774770060\t7\t71\n", "1774770060+60:7 @band");
    /* The day's last period ends at midnight; a number is no day beside a time. */
    check_taken("columns=day,a,b,n steps=/n date=/day from=/a to=/b zone=site",
                "2026-03-28,23:45,00:00,5", "1774734300+900:5 @band");
    check_refused("steps=/n date=/day start=/t zone=site",
                  "{\"day\":1774742400,\"t\":\"09:40\",\"n\":5}", SW_REFUSED_SHAPE,
                  "date: 1774742400 is not a day beside a time of day");
    check_source("columns=t,n steps=/n start=/t", "1774770000,5\nsoon,6\n1774770120,7",
                 &live, SW_REFUSED_SHAPE,
                 "1774770000+60:5 @band, 1774770120+60:7 @band",
                 "[1].start: a text is not a time: Unix seconds or RFC "
                 "3339 with offset");
}

static void test_pairs__are_keys_and_values(void **state)
{
    (void)state;
    check_taken("total=/steps battery=/bat", "steps=5123 bat=80",
                "1774779300=5123 @band b80");
    check_taken("total=/steps at=/t", "t=1774770000;steps=5123\n",
                "1774770000=5123 @band");
    check_taken("total=/steps", "a=1&steps=5", "1774779300=5 @band");
    check_refused("total=/steps", "steps 5", SW_REFUSED_JSON, "byte 0: not JSON");
    check_refused("total=/steps", "=5", SW_REFUSED_JSON, "byte 0: not JSON");
}

static void test_binary__is_refused_by_name(void **state)
{
    (void)state;
    check_refused("total=/steps", "\x0a\x04\xff\x10", SW_REFUSED_UTF8,
                  "binary: it is neither text nor gzip");
    check_refused("total=/steps", "0201061bff", SW_REFUSED_JSON,
                  "byte 0: a number that is not JSON");
    check_refused("total=/steps", "CgQI0BAQ", SW_REFUSED_JSON, "byte 0: not JSON");
    check_refused("total=/steps", "\x1f\x8b\x08", SW_REFUSED_JSON,
                  "gzip that is not whole");
}

/* ---- limits ---- */

static void test_items__are_bounded(void **state)
{
    (void)state;
    char *payload = malloc(SW_PAYLOAD_MAX);
    size_t n = 0;
    payload[n++] = '[';
    for (int i = 0; i < 8193; i++)
        n += (size_t)sprintf(payload + n, "%s0", i ? "," : "");
    strcpy(payload + n, "]");
    check_refused("each= total=", payload, SW_REFUSED_SIZE, "over 8192 items");
    free(payload);
}

/* Eight thousand items that each look through seven thousand members: it would take
 * seconds. */
static void test_looking__is_bounded(void **state)
{
    (void)state;
    char *payload = malloc(SW_PAYLOAD_MAX);
    size_t n = (size_t)sprintf(payload, "{\"p\":[0");
    for (int i = 0; i < 8000; i++)
        n += (size_t)sprintf(payload + n, ",0");
    n += (size_t)sprintf(payload + n, "]");
    while (n < SW_PAYLOAD_MAX - 20)
        n += (size_t)sprintf(payload + n, ",\"a\":0");
    strcpy(payload + n, "}");
    check_refused("each=/p total= at=^/t", payload, SW_REFUSED_SIZE,
                  "too much to look through");
    free(payload);
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
        cmocka_unit_test(test_each__gives_an_item_a_member),
        cmocka_unit_test(test_each__what_is_wrong_is_refused_by_itself),
        cmocka_unit_test(test_each__a_refused_item_is_a_part_of_the_message),
        cmocka_unit_test(test_part__of_other_writings),
        cmocka_unit_test(test_missed__is_what_the_pointers_do_not_find),
        cmocka_unit_test(test_missed__is_a_word_that_the_map_lacks),
        cmocka_unit_test(test_hour_twice__is_the_pass_nearer_to_the_receipt),
        cmocka_unit_test(test_hour_twice__goes_on_from_the_item_before),
        cmocka_unit_test(test_when__compares_texts_numbers_and_truths),
        cmocka_unit_test(test_zone__is_for_texts_without_an_offset),
        cmocka_unit_test(test_date__stands_beside_a_time_of_day),
        cmocka_unit_test(test_seconds__may_be_said_by_the_payload),
        cmocka_unit_test(test_absent__is_zero_where_the_sender_leaves_zeros_out),
        cmocka_unit_test(test_score__of_a_dial_or_a_button),
        cmocka_unit_test(test_csv__is_lines_of_columns),
        cmocka_unit_test(test_pairs__are_keys_and_values),
        cmocka_unit_test(test_binary__is_refused_by_name),
        cmocka_unit_test(test_items__are_bounded),
        cmocka_unit_test(test_looking__is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
