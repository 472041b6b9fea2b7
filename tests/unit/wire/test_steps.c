/* test_steps.c -- what a step counter may send, and what of it has a wrong shape. */
#include "decode_fixture.h"

#define S "\"start\":1774778400,"

static void test_steps__accepted_payloads(void **state)
{
    (void)state;
    static const struct {
        const char *payload, *samples;
    } table[] = {
        {"{" S "\"seconds\":60,\"steps\":37}", "1774778400+60:37"},
        {"{" S "\"steps\":0}", "1774778400+60:0"},
        {" \t\r\n{" S "\"steps\":1}\n ", "1774778400+60:1"},
        {"{" S "\"steps\":3.0}", "1774778400+60:3"},
        {"{" S "\"steps\":2e2}", "1774778400+60:200"},
        {"{" S "\"steps\":-0}", "1774778400+60:0"},
        {"{" S "\"steps\":3.49}", "1774778400+60:3"},
        {"{" S "\"steps\":3.5}", "1774778400+60:4"},
        {"{" S "\"steps\":254.9}", "1774778400+60:255"},
        {"{" S "\"steps\":null}", ""},
        {"{" S "\"steps\":-1}", ""},
        {"{" S "\"steps\":-1e999}", ""},
        {"{" S "\"steps\":[1,-1,null,2.5]}", "1774778400+60:1, 1774778580+60:3"},
        {"{" S "\"seconds\":60.5,\"steps\":1}", "1774778400+60:1"},
        {"{" S "\"seconds\":null,\"steps\":1}", "1774778400+60:1"},
        {"{" S "\"steps\":255}", "1774778400+60:255"},
        {"{" S "\"seconds\":1,\"steps\":255}", "1774778400+1:255"},
        {"{" S "\"seconds\":900.0,\"steps\":3825}", "1774778400+900:3825"},
        {"{\"start\":1774689300,\"seconds\":90000,\"steps\":382500}",
         "1774689300+90000:382500"},
        {"{" S "\"seconds\":60,\"steps\":[37,0,null,12]}",
         "1774778400+60:37, 1774778460+60:0, 1774778580+60:12"},
        {"{" S "\"seconds\":5,\"steps\":[1,2]}", "1774778400+5:1, 1774778405+5:2"},
        {"{" S "\"steps\":[null]}", ""},
        {"{\"at\":1774778400,\"total\":10423}", "1774778400=10423"},
        {"{\"at\":1774778400,\"total\":9007199254740992}",
         "1774778400=9007199254740992"},
        {"{\"total\":0}", "1774779300=0"},
        {"{\"at\":1774778400,\"total\":1.5}", "1774778400=2"},
        {"{\"at\":1774778400,\"total\":null}", ""},
        {"{\"at\":1774778400,\"total\":-1}", ""},
        {"{\"at\":1774778400,\"total\":7,\"steps\":null}", "1774778400=7"},
        {"{" S "\"total\":null,\"steps\":7}", "1774778400+60:7"},
        {"{" S "\"total\":null,\"steps\":null}", ""},
        {"{\"at\":1774778400,\"total\":7,\"seconds\":\"x\"}", "1774778400=7"},
        {"[{" S "\"steps\":1},{\"at\":1774778400,\"total\":2}]",
         "1774778400+60:1, 1774778400=2"},
        {"{" S "\"steps\":1,\"device\":\"band\"}", "1774778400+60:1 @band"},
        {"{" S "\"steps\":1,\"device\":\"\"}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"device\":\"0123456789abcdefABCDEF_.-78901234567\"}",
         "1774778400+60:1 @0123456789abcdefABCDEF_.-78901234567"},
        {"{" S "\"steps\":1,\"device\":\"\\u0062and\"}", "1774778400+60:1 @band"},
        {"{" S "\"steps\":1,\"device\":\"aa:bb c\"}", "1774778400+60:1 @aa-bb-c"},
        {"{" S "\"steps\":1,\"device\":7}", "1774778400+60:1 @7"},
        {"{" S "\"steps\":1,\"device\":null}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"worn\":true}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"worn\":0}", "1774778400+60:1 u"},
        {"{" S "\"steps\":1,\"worn\":\"off\"}", "1774778400+60:1 u"},
        {"{" S "\"steps\":1,\"worn\":null}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"worn\":\"so so\"}", "1774778400+60:1"},
        {"{" S "\"steps\":[1,0],\"worn\":false,\"battery\":80}",
         "1774778400+60:1 u b80, 1774778460+60:0 u b80"},
        {"{" S "\"steps\":1,\"battery\":0}", "1774778400+60:1 b0"},
        {"{" S "\"steps\":1,\"battery\":99.9}", "1774778400+60:1 b99"},
        {"{" S "\"steps\":1,\"battery\":100}", "1774778400+60:1 b100"},
        {"{" S "\"steps\":1,\"battery\":null}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"battery\":255}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"battery\":-1}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"battery\":1e999}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"battery\":\"full\"}", "1774778400+60:1"},
        {"{" S "\"steps\":1,\"battery\":{}}", "1774778400+60:1"},
        {"\"{\\\"start\\\":1774778400,\\\"steps\\\":1}\"", "1774778400+60:1"},
        {"\" [{\\\"start\\\":1774778400,\\\"steps\\\":1}] \"", "1774778400+60:1"},
        {"{\"at\":1774778400,\"total\":7,\"worn\":false,\"battery\":5,"
         "\"device\":\"w\"}",
         "1774778400=7 @w b5"},
        {"{" S "\"steps\":1,\"colour\":\"blue\",\"x\":[[{}]],\"Steps\":\"y\"}",
         "1774778400+60:1"},
        {"{\"Start\":1,\"STEPS\":2,\"Total\":3," S "\"steps\":1}", "1774778400+60:1"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        check_decoded(table[i].payload, &live, SW_ACCEPTED, table[i].samples, "");
        bool says_time = strcmp(table[i].payload, "{\"total\":0}") != 0;
        if (says_time)
            check_decoded(table[i].payload, &retained, SW_ACCEPTED, table[i].samples,
                          "");
    }
}

static void test_steps__times_in_every_spelling(void **state)
{
    (void)state;
    static const char *const same[] = {
        "1774778400",
        "1774778400.0",
        "1774778400.999",
        "1.7747784e9",
        "1774778400000",
        "1774778400999",
        "1774778400999.9",
        "1774778400000000",
        "1774778400999999",
        "1774778400000000000",
        "1774778400999999000",
        "1.774778400123456789e18",
        "\"2026-03-29T10:00:00Z\"",
        "\"2026-03-29T10:00:00.999Z\"",
        "\"2026-03-29T12:00:00+02:00\"",
        "\"2026-03-29T04:30:00-05:30\"",
        "\"2026-03-29T12:00:00+0200\"",
        "\"2026-03-29T04:30:00-0530\"",
        "\"2026-03-29 12:00:00+02:00\"",
        "\"2026-03-29 12:00:00 +0200\"",
        "\"2026-03-29T12:00:00.5   +02:00\"",
        "\"2026-03-29 10:00:00 Z\"",
        "\"2026-03-29t10:00:00z\"",
    };
    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        char payload[100];
        snprintf(payload, sizeof(payload), "{\"start\":%s,\"steps\":1}", same[i]);
        check_decoded(payload, &live, SW_ACCEPTED, "1774778400+60:1", "");
        snprintf(payload, sizeof(payload), "{\"at\":%s,\"total\":1}", same[i]);
        check_decoded(payload, &live, SW_ACCEPTED, "1774778400=1", "");
    }
}

static void test_steps__seconds_end_where_milliseconds_begin(void **state)
{
    (void)state;
    static const struct sw_receipt ever = {.at_s = NOW_S, .newest_s = INT64_MAX};
    check_decoded("{\"start\":0,\"steps\":1}", &ever, SW_ACCEPTED, "0+60:1", "");
    check_decoded("{\"start\":7258118399,\"steps\":1}", &ever, SW_ACCEPTED,
                  "7258118399+60:1", "");
    check_decoded("{\"start\":7258118400,\"steps\":1}", &ever, SW_REFUSED_SHAPE, "",
                  "start: 7258118400 is not a time between 1970 and 2199");
    check_decoded("{\"start\":100000000000,\"steps\":1}", &ever, SW_REFUSED_SHAPE, "",
                  "start: 100000000000 is not a time between 1970 and 2199");
    check_decoded("{\"start\":100000000001,\"steps\":1}", &ever, SW_ACCEPTED,
                  "100000000+60:1", "");
    check_decoded("{\"start\":7258118399999,\"steps\":1}", &ever, SW_ACCEPTED,
                  "7258118399+60:1", "");
    check_decoded("{\"start\":1e300,\"steps\":1}", &ever, SW_REFUSED_SHAPE, "",
                  "start: 1e+300 is not a time between 1970 and 2199");
}

static void test_steps__wrong_shape(void **state)
{
    (void)state;
#define TIME "a time: Unix seconds or RFC 3339 with offset"
    static const struct {
        const char *payload, *why;
    } table[] = {
        {"5", "5 is not an object"},
        {"\"steps\"", "a text is not an object"},
        {"null", "null is not an object"},
        {"[]", "an empty array"},
        {"[[{" S "\"steps\":1}]]", "[0]: an array is not an object"},
        {"{}", "neither steps nor total"},
        {"{\"start\":1774778400}", "neither steps nor total"},
        {"{" S "\"steps\":1,\"total\":2}", "both steps and total"},
        {"{" S "\"steps\":1e999}", "steps: inf is not a number"},
        {"{" S "\"steps\":[]}", "steps: 0 items, not 1..1440"},
        {"{" S "\"steps\":1,\"seconds\":0}", "seconds: 0 is not in 1..90000"},
        {"{" S "\"steps\":1,\"seconds\":90001}", "seconds: 90001 is not in 1..90000"},
        {"{" S "\"steps\":1,\"seconds\":-60}", "seconds: -60 is not in 1..90000"},
        {"{" S "\"steps\":1,\"seconds\":1e300}", "seconds: 1e+300 is not in 1..90000"},
        {"{" S "\"steps\":1,\"device\":\"0123456789012345678901234567890123456\"}",
         "device: a text is not an id of 1 to 36 characters"},
        {"{" S "\"steps\":1,\"device\":true}",
         "device: true is not an id of 1 to 36 characters"},
        {"{" S "\"steps\":\"1\"}", "steps: a text is not a number"},
        {"{" S "\"steps\":1,\"seconds\":0.5}", "seconds: 0.5 is not in 1..90000"},
        {"{" S "\"steps\":1,\"seconds\":90000.5}",
         "seconds: 90000.5 is not in 1..90000"},
        {"{" S "\"steps\":1,\"seconds\":\"60\"}", "seconds: a text is not a number"},
        {"{\"total\":\"1\"}", "total: a text is not a number"},
        {"\"\\\"{}\\\"\"", "a text is not an object"}, /* opened once, not twice */
        {"{\"total\":9007199254740994}",
         "total: 9.00719925474099e+15 is not in 0..9007199254740992"},
        {"{\"total\":1e300}", "total: 1e+300 is not in 0..9007199254740992"},
        {"{\"start\":-1,\"steps\":1}", "start: -1 is not a time between 1970 and 2199"},
        {"{\"start\":-0.5,\"steps\":1}",
         "start: -0.5 is not a time between 1970 and 2199"},
        {"{\"start\":\"1774778400\",\"steps\":1}", "start: a text is not " TIME},
        {"{\"start\":\"2026-03-29T10:00:00\",\"steps\":1}",
         "start: a text is not a time with an offset: Z or +02:00 at its end"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        check_decoded(table[i].payload, &live, SW_REFUSED_SHAPE, "", table[i].why);
}

static void test_steps__what_is_right_is_taken_beside_what_is_wrong(void **state)
{
    (void)state;
    check_items("[{" S "\"steps\":1},7,{" S "\"seconds\":0,\"steps\":2},"
                "{\"total\":3}]",
                &live, "1774778400+60:1, 1774779300=3",
                "shape [1]: 7 is not an object [7]\n"
                "shape [2].seconds: 0 is not in 1..90000 "
                "{\"start\":1774778400,\"seconds\":0,\"steps\":2}");
    check_items("[{" S "\"steps\":1},{\"steps\":5},{" S "\"steps\":1,\"total\":2},"
                "[],{" S "\"steps\":[1,\"2\",3],\"device\":\"b\"}]",
                &live, "1774778400+60:1, 1774778400+60:1 @b, 1774778520+60:3 @b",
                "no-time [1]: steps without a start {\"steps\":5}\n"
                "shape [2]: both steps and total "
                "{\"start\":1774778400,\"steps\":1,\"total\":2}\n"
                "shape [3]: an array is not an object [[]]\n"
                "shape [4].steps[1]: a text is not a number "
                "{\"start\":1774778400,\"steps\":[null,\"2\",null],\"device\":\"b\"}");
    check_items("[{\"steps\":-1,\"total\":1},{" S "\"steps\":2,\"total\":-1}]", &live,
                "1774779300=1, 1774778400+60:2", "");
    check_items("\"[{\\\"total\\\":1},{}]\"", &live, "1774779300=1",
                "shape [1]: neither steps nor total {}");
}

/* A part says of what it holds what the whole message says. */
static void test_steps__a_part_is_refused_like_the_item(void **state)
{
    (void)state;
    check_items(
        "{" S "\"steps\":[1,700,null,800,2,900]}", &live,
        "1774778400+60:1, 1774778640+60:2",
        "implausible steps[1]: 700 steps in 60 s is implausible; and 1 more, up "
        "to steps[3] {\"start\":1774778400,\"steps\":[null,700,null,800,null,"
        "null]}\n"
        "implausible steps[5]: 900 steps in 60 s is implausible "
        "{\"start\":1774778400,\"steps\":[null,null,null,null,null,900]}");
    check_items(
        "{\"start\":1774778400,\"steps\":[null,700,null,800,null,null]}", &live, "",
        "implausible steps[1]: 700 steps in 60 s is implausible; and 1 more, up "
        "to steps[3] {\"start\":1774778400,\"steps\":[null,700,null,800,null,"
        "null]}");
    check_items(
        "[{\"start\":5,\"steps\":1},{\"start\":6,\"steps\":[1,2]},"
        "{\"start\":5,\"total\":1},{\"at\":7,\"total\":1}]",
        &live, "1774779300=1",
        "too-old [0].start: 1970-01-01T00:00:05Z is too old, 20541 days back; and 2 "
        "more, up to "
        "[1].steps[1] [{\"start\":5,\"steps\":1},{\"start\":6,\"steps\":[1,2]}]\n"
        "too-old [3].at: 1970-01-01T00:00:07Z is too old, 20541 days back "
        "{\"at\":7,\"total\":1}");
}

/* The last refusal of a message takes in what is beyond the limit. */
static void test_steps__refusals_of_a_message_are_bounded(void **state)
{
    (void)state;
    struct decoded decoded = {0};
    char payload[1000] = "[", why[SW_WHY_MAX];
    for (int i = 0; i < 40; i++)
        strcat(payload, i ? ",{},{\"total\":1}" : "{}");
    strcat(payload, "]");
    decode_bytes(&decoded, payload, strlen(payload), &live);
    const struct sw_refused_items *last =
        &decoded.samples.refused[SW_REFUSED_ITEMS_MAX - 1];
    assert_int_equal(decoded.samples.n, 39);
    assert_int_equal(decoded.samples.n_items, 79);
    assert_int_equal(decoded.samples.n_refused, SW_REFUSED_ITEMS_MAX);
    sw_refused_why(last, why);
    assert_string_equal(why, "[29]: neither steps nor total; and 24 more, up to [77]");
    char *part = sw_steps_part(payload, strlen(payload), last);
    decode_bytes(&decoded, part, strlen(part), &live);
    assert_int_equal(decoded.samples.n_items, 49);
    free(part);
    sw_samples_fini(&decoded.samples);
}

static void test_steps__no_time_is_refused_unless_received_live(void **state)
{
    (void)state;
    check_decoded("{\"steps\":5}", &live, SW_REFUSED_NO_TIME, "",
                  "steps without a start");
    check_decoded("{\"at\":1774778400,\"steps\":5}", &live, SW_REFUSED_NO_TIME, "",
                  "steps without a start");
    check_decoded("{\"start\":null,\"steps\":5}", &live, SW_REFUSED_NO_TIME, "",
                  "steps without a start");
    check_decoded("[{" S "\"steps\":1},{\"steps\":[5]}]", &live, SW_REFUSED_NO_TIME,
                  "1774778400+60:1", "[1]: steps without a start");
    check_decoded("{\"total\":5,\"at\":null}", &live, SW_ACCEPTED, "1774779300=5", "");
    check_decoded("{\"total\":5}", &live, SW_ACCEPTED, "1774779300=5", "");
    check_decoded("{\"start\":1774778400,\"total\":5}", &live, SW_ACCEPTED,
                  "1774779300=5", "");
    check_decoded("{\"total\":5}", &retained, SW_REFUSED_NO_TIME, "",
                  "a retained total does not say when it was");
}

/* Which of JSON's types each field takes: o object, a array, t text, i id, n number,
 * h and w smaller ones, b bool, 0 null; of the others it is a wrong shape. `none` are
 * those that say nothing: no data. */
static void test_steps__every_type_in_every_field(void **state)
{
    (void)state;
    static const struct {
        char type;
        const char *json;
    } values[] = {{'o', "{}"},           {'o', "{\"steps\":1}"}, {'a', "[{}]"},
                  {'a', "[\"x\"]"},      {'t', "\"\""},          {'i', "\"x\""},
                  {'n', "1774778400.5"}, {'h', "0.5"},           {'w', "7"},
                  {'b', "true"},         {'b', "false"},         {'0', "null"}};
    static const struct {
        const char *field, *rest, *taken, *none;
    } fields[] = {
        {"steps", "\"start\":1774778400", "hw", "0"},
        {"start", "\"steps\":1", "n", ""},
        {"seconds", S "\"steps\":1", "w0", ""},
        {"device", S "\"steps\":1", "itw0", ""},
        {"worn", S "\"steps\":1", "oatinhwb0", ""},
        {"battery", S "\"steps\":1", "oatinhwb0", ""},
        {"total", "\"x\":1", "nhw", "0"},
        {"at", "\"total\":1", "n0", ""},
        {"device", "\"total\":1", "itw0", ""},
        {"worn", "\"total\":1", "oatinhwb0", ""},
        {"battery", "\"total\":1", "oatinhwb0", ""},
        {"seconds", "\"total\":1", "oatinhwb0", ""},
        {"unknown", S "\"steps\":1", "oatinhwb0", ""},
    };
    for (size_t f = 0; f < sizeof(fields) / sizeof(fields[0]); f++) {
        for (size_t v = 0; v < sizeof(values) / sizeof(values[0]); v++) {
            struct decoded decoded = {0};
            char payload[200];
            bool is_time = strcmp(fields[f].field, "start") == 0 ||
                           strcmp(fields[f].field, "at") == 0;
            bool is_taken = strchr(fields[f].taken, values[v].type);
            bool is_none = strchr(fields[f].none, values[v].type);
            enum sw_refusal refusal = SW_REFUSED_SHAPE;
            if (is_time && strchr("hw", values[v].type))
                refusal = SW_REFUSED_TOO_OLD;
            if (strcmp(fields[f].field, "start") == 0 && values[v].type == '0')
                refusal = SW_REFUSED_NO_TIME;
            if (strcmp(fields[f].field, "steps") == 0 && values[v].type == 'n')
                refusal = SW_REFUSED_IMPLAUSIBLE;
            if (is_taken || is_none)
                refusal = SW_ACCEPTED;
            int n = snprintf(payload, sizeof(payload), "{\"%s\":%s,%s}",
                             fields[f].field, values[v].json, fields[f].rest);
            decode_bytes(&decoded, payload, (size_t)n, &live);
            if (decoded.refusal != (int)refusal)
                print_error("%s: %s\n", payload, decoded.why);
            assert_int_equal(decoded.refusal, refusal);
            assert_int_equal(decoded.samples.n, is_taken);
            sw_samples_fini(&decoded.samples);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_steps__accepted_payloads),
        cmocka_unit_test(test_steps__times_in_every_spelling),
        cmocka_unit_test(test_steps__seconds_end_where_milliseconds_begin),
        cmocka_unit_test(test_steps__wrong_shape),
        cmocka_unit_test(test_steps__what_is_right_is_taken_beside_what_is_wrong),
        cmocka_unit_test(test_steps__a_part_is_refused_like_the_item),
        cmocka_unit_test(test_steps__refusals_of_a_message_are_bounded),
        cmocka_unit_test(test_steps__no_time_is_refused_unless_received_live),
        cmocka_unit_test(test_steps__every_type_in_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
