/* test_adapter.c -- which source a topic belongs to, and the ids in it. */
#include "source_fixture.h"

enum { SOURCES_MAX = 4 };

struct fixture {
    struct sw_source sources[SOURCES_MAX];
    size_t n;
    struct sw_adapters *adapters;
};

static void open_sources(struct fixture *f, const char *const *topics)
{
    *f = (struct fixture){.n = 0};
    for (; topics[f->n]; f->n++) {
        char spec[300];
        snprintf(spec, sizeof(spec), "topic=%s total=", topics[f->n]);
        source_init(&f->sources[f->n], spec);
    }
    assert_int_equal(sw_adapters_new(&f->adapters, f->sources, f->n), 0);
}
#define OPEN(f, ...) open_sources(f, (const char *const[]){__VA_ARGS__, NULL})

static void close_sources(struct fixture *f)
{
    sw_adapters_free(f->adapters);
    for (size_t i = 0; i < f->n; i++)
        source_fini(&f->sources[i]);
}

/* "1 patient/device" for the second source, "stray" or "none". */
static void check_bytes(const struct fixture *f, const char *topic, size_t len,
                        const char *expected)
{
    struct sw_origin origin;
    char drawn[200];
    char *copy = malloc(len);
    assert_true(copy || len == 0);
    if (len > 0)
        memcpy(copy, topic, len);
    enum sw_match match = sw_adapters_match(f->adapters, copy, len, &origin);
    if (match == SW_MATCH_SOURCE)
        snprintf(drawn, sizeof(drawn), "%td %s/%s%s%s", origin.source - f->sources,
                 origin.patient.str, origin.device.str, origin.invalid ? " not " : "",
                 origin.invalid ? origin.invalid : "");
    else
        snprintf(drawn, sizeof(drawn), "%s",
                 match == SW_MATCH_STRAY ? "stray" : "none");
    if (strcmp(drawn, expected) != 0)
        fail_msg("%.*s: %s, not %s", (int)len, topic, drawn, expected);
    free(copy);
}
static void check(const struct fixture *f, const char *topic, const char *expected)
{
    check_bytes(f, topic, strlen(topic), expected);
}

static void test_match__levels_with_holes_give_ids(void **state)
{
    (void)state;
    struct fixture f;
    OPEN(&f, "home/+/BTtoMQTT/{device}", "owntracks/{patient}/{device}/step",
         "homeassistant/sensor/{device}_steps/state", "{patient}");
    check(&f, "home/OMG_ESP32/BTtoMQTT/F8A45F123456", "0 /F8A45F123456");
    check(&f, "home//BTtoMQTT/a", "0 /a");
    check(&f, "owntracks/p017/phone/step", "1 p017/phone");
    check(&f, "homeassistant/sensor/band.7_steps/state", "2 /band.7");
    check(&f, "p017", "3 p017/");
    check(&f, "home/x/BTtoMQTT", "none");
    check(&f, "home/x/BTtoMQTT/a/b", "none");
    check(&f, "home/x/BTtoMQTTx/a", "none");
    check(&f, "Home/x/BTtoMQTT/a", "none");
    check(&f, "", "none");
    close_sources(&f);
}

static void test_match__what_only_the_filter_takes_is_stray(void **state)
{
    (void)state;
    struct fixture f;
    OPEN(&f, "homeassistant/sensor/{device}_steps/state");
    check(&f, "homeassistant/sensor/outside_temperature/state", "stray");
    check(&f, "homeassistant/sensor/_steps/state", "stray");
    check(&f, "homeassistant/sensor//state", "stray");
    check(&f, "homeassistant/light/x_steps/state", "none");
    close_sources(&f);
}

static void test_match__the_first_source_of_the_file_wins(void **state)
{
    (void)state;
    struct fixture f;
    OPEN(&f, "a/{device}_steps", "a/{device}", "a/{patient}");
    check(&f, "a/x_steps", "0 /x");
    check(&f, "a/x", "1 /x");
    close_sources(&f);
}

static void test_next__are_the_sources_of_the_same_topic(void **state)
{
    (void)state;
    struct fixture f;
    struct sw_origin origin;
    OPEN(&f, "log", "a/{device}", "log", "b");
    assert_int_equal(sw_adapters_match(f.adapters, "log", 3, &origin), SW_MATCH_SOURCE);
    assert_true(sw_adapters_next(f.adapters, &origin));
    assert_ptr_equal(origin.source, &f.sources[2]);
    assert_false(sw_adapters_next(f.adapters, &origin));
    close_sources(&f);
}

static void test_match__ids_are_made_of_what_stands_there(void **state)
{
    (void)state;
    struct fixture f;
    OPEN(&f, "b/{device}", "o/{patient}/{device}");
    check(&f, "b/F8:A4", "0 /F8-A4");
    check(&f, "b/1234567890123456789012345678901234567", "0 / not {device}");
    check(&f, "b/Zo\xc3\xab", "0 /Zo-");
    check_bytes(&f, "b/a\0b", 5, "0 /a-b");
    check(&f, "o/a b/Amazfit Bip S", "1 a-b/Amazfit-Bip-S");
    check(&f, "o/1234567890123456789012345678901234567/x", "1 /x not {patient}");
    check_bytes(&f, NULL, 0, "none");
    close_sources(&f);
}

static void test_filter__has_a_plus_for_each_level_with_a_hole(void **state)
{
    (void)state;
    struct fixture f;
    sw_topic_text filter;
    static const char *const expected[] = {"home/+/BTtoMQTT/+", "o/+/+/step",
                                           "/h/+//state/"};
    OPEN(&f, "home/+/BTtoMQTT/{device}", "o/{patient}/{device}/step",
         "/h/{device}_steps//state/");
    for (size_t i = 0; i < 3; i++) {
        assert_true(sw_adapters_filter(f.adapters, i, filter));
        assert_string_equal(filter, expected[i]);
    }
    assert_false(sw_adapters_filter(f.adapters, 3, filter));
    close_sources(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_match__levels_with_holes_give_ids),
        cmocka_unit_test(test_match__what_only_the_filter_takes_is_stray),
        cmocka_unit_test(test_match__the_first_source_of_the_file_wins),
        cmocka_unit_test(test_next__are_the_sources_of_the_same_topic),
        cmocka_unit_test(test_match__ids_are_made_of_what_stands_there),
        cmocka_unit_test(test_filter__has_a_plus_for_each_level_with_a_hole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
