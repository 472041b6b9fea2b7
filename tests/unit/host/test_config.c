/* test_config.c -- the configuration loads whole or not at all, and says where and why.
 */
#include "stepward/civil.h"
#include "stepward/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/stepward-config-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof(path), "%s/c", folder);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    return system(command);
}

static void write_file(const char *name, const char *bytes, size_t len)
{
    FILE *file = fopen(name, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void write_beside(const char *name, const char *text)
{
    char full[200];
    snprintf(full, sizeof(full), "%s/%s", folder, name);
    write_file(full, text, strlen(text));
}

static struct sw_config load(const char *text)
{
    struct sw_config config;
    char why[SW_WHY_MAX];
    write_file(path, text, strlen(text));
    int r = sw_config_load(&config, path, SW_CONFIG_OF_GATEWAY, why);
    assert_string_equal(why, "");
    assert_int_equal(r, 0);
    return config;
}

/* The error without the file's name: "LINE: what and why". */
static const char *error_of_bytes(const char *bytes, size_t len)
{
    static char why[SW_WHY_MAX];
    struct sw_config config, empty = {0};
    memset(&config, 0xff, sizeof(config));
    write_file(path, bytes, len);
    assert_int_not_equal(sw_config_load(&config, path, SW_CONFIG_OF_GATEWAY, why), 0);
    assert_memory_equal(&config, &empty, sizeof(config));
    assert_int_equal(strncmp(why, path, strlen(path)), 0);
    assert_int_equal(why[strlen(path)], ':');
    assert_null(strchr(why, '\n'));
    return why + strlen(path) + 1;
}

static const char *error_of(const char *text)
{
    return error_of_bytes(text, strlen(text));
}

static char *printed(const struct sw_config *config)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    sw_config_print(config, out);
    assert_int_equal(fclose(out), 0);
    return text;
}

/* ---- what loads ---- */

static void test_config__empty_file_gives_the_contract_s_defaults(void **state)
{
    (void)state;
    struct sw_config c = load("");
    struct sw_plan plan = sw_plan_default();
    assert_string_equal(c.path, path);
    assert_string_equal(c.site, "main");
    assert_string_equal(c.timezone, "Europe/Berlin");
    assert_string_equal(c.data_dir, "/var/lib/stepward");
    assert_int_equal(c.max_age_s, 31 * 86400);
    assert_int_equal(c.max_future_s, 600);
    assert_false(c.auto_enroll);
    assert_int_equal(c.commit_interval_s, 10);
    assert_int_equal(c.alert_budget, 5);
    assert_string_equal(c.broker.uri, "mqtt://localhost:1883");
    assert_string_equal(c.broker.client_id, "stepward-main");
    assert_int_equal(c.broker.protocol, 5);
    assert_string_equal(c.broker.username, "");
    assert_string_equal(c.broker.password, "");
    assert_string_equal(c.broker.key_file, "");
    assert_true(sw_plan_equal(&c.plan, &plan));
    assert_int_equal(c.n_sources, 0);
    sw_config_fini(&c);
}

static void test_config__every_key_is_taken(void **state)
{
    (void)state;
    write_beside("pw", "s3cret\nsecond line\n");
    write_beside("ca", "x");
    struct sw_config c = load("site = north-2\n"
                              "timezone = America/Santiago\n"
                              "data_dir = \"/srv/steps\"\n"
                              "max_age = 2d max_future = 0 auto_enroll = true\n"
                              "commit_interval = \"0\" alert_budget = 1000\n"
                              "broker {\n"
                              "  uri = \"mqtts://[::1]:8883\" client_id = id-7\n"
                              "  username = 'a b' password_file = pw protocol = 4\n"
                              "  ca_file = ca cert_file = ca key_file = ca\n"
                              "}\n"
                              "plan { wake = \"07:30-20:00\" goal = 6000 }\n");
    assert_string_equal(c.site, "north-2");
    assert_string_equal(c.timezone, "America/Santiago");
    assert_string_equal(c.data_dir, "/srv/steps");
    assert_int_equal(c.max_age_s, 2 * 86400);
    assert_int_equal(c.max_future_s, 0);
    assert_true(c.auto_enroll);
    assert_int_equal(c.commit_interval_s, 0);
    assert_int_equal(c.alert_budget, 1000);
    assert_string_equal(c.broker.uri, "mqtts://[::1]:8883");
    assert_string_equal(c.broker.client_id, "id-7");
    assert_int_equal(c.broker.protocol, 4);
    assert_string_equal(c.broker.username, "a b");
    assert_string_equal(c.broker.password, "s3cret");
    assert_string_equal(c.broker.ca_file, c.broker.cert_file);
    assert_string_equal(c.broker.ca_file, c.broker.key_file);
    assert_int_equal(c.plan.wake_from_min, 7 * 60 + 30);
    assert_int_equal(c.plan.goal, 6000);
    sw_config_fini(&c);
}

static void test_config__sources_are_taken(void **state)
{
    (void)state;
    struct sw_config c = load(
        "source band { topic = \"home/+/BTtoMQTT/{device}\"  total = \"/steps\" }\n"
        "source own  { topic = \"owntracks/{patient}/{device}/step\"\n"
        "  steps = \"/steps\" start = \"/from\" unit = ms stamp = end\n"
        "  seconds = 900 worn = \"/w\" battery = \"/a~1b\" }\n"
        "source ha { topic = \"homeassistant/sensor/{device}_steps/state\"\n"
        "  total = \"\" at = \"/at\" }\n");
    assert_int_equal(c.n_sources, 3);
    assert_string_equal(c.sources[0].name, "band");
    assert_string_equal(c.sources[0].topic, "home/+/BTtoMQTT/{device}");
    assert_true(c.sources[0].has_total);
    assert_false(c.sources[0].has_steps);
    assert_string_equal(c.sources[0].total, "/steps");
    assert_string_equal(c.sources[0].at, "");
    assert_string_equal(c.sources[0].seconds, "");
    assert_string_equal(c.sources[1].start, "/from");
    assert_int_equal(c.sources[1].unit, SW_UNIT_MS);
    assert_int_equal(c.sources[1].stamp_end, 1);
    assert_string_equal(c.sources[1].seconds, "900");
    assert_string_equal(c.sources[1].battery, "/a~1b");
    assert_true(c.sources[2].has_total);
    assert_string_equal(c.sources[2].total, "");
    assert_string_equal(c.sources[2].at, "/at");
    sw_config_fini(&c);
}

static void test_config__sources_say_where_things_are(void **state)
{
    (void)state;
    struct sw_config c = load(
        "timezone = \"Asia/Tokyo\"\n"
        "source log { topic = \"sensor-logger\"  each = \"/payload\"\n"
        "  when = \"/name=pedometer\"  device = \"^/deviceId\"  total = "
        "\"/values/steps\"\n"
        "  at = \"/time\"  unit = ns }\n"
        "source dial { topic = \"z/{patient}\"  kind = pain  score = \"/action\"\n"
        "  map { single = 2  \"hold it\" = \"7\" } }\n"
        "source csv { topic = \"c/{device}\"  columns = \"at, steps,x\"  seconds = 30\n"
        "  zone = site  each = \"\" }\n"
        "source own { topic = \"o/{patient}/{device}/step\"  steps = /s  from = /f\n"
        "  to = /t  ask { topic = \"o/p1/x/cmd\"  payload = '{\"a\":$from}' } }\n"
        "source ttn { topic = \"v3/{device}\"  steps = /s  from = /f  to = /t\n"
        "  absent = zero zone = UTC }\n");
    const struct sw_source *s = c.sources;
    assert_string_equal(s[0].each, "/payload");
    assert_true(s[0].has_each && !s[1].has_each);
    assert_string_equal(s[0].when, "/name=pedometer");
    assert_string_equal(s[0].device, "^/deviceId");
    assert_int_equal(s[0].unit, SW_UNIT_NS);
    assert_null(s[0].zone);
    assert_int_equal(s[1].kind, SW_SOURCE_PAIN);
    assert_true(s[1].has_score);
    assert_int_equal(s[1].n_map, 2);
    assert_string_equal(s[1].map[1].from, "hold it");
    assert_string_equal(s[1].map[1].to, "7");
    assert_string_equal(s[2].at, "/at");
    assert_string_equal(s[2].steps, "/steps");
    assert_true(s[2].has_steps && s[2].has_each);
    assert_int_equal(sw_zone_offset(s[2].zone, 1774779300), 9 * 3600);
    assert_string_equal(s[3].ask.topic, "o/p1/x/cmd");
    assert_string_equal(s[3].ask.payload, "{\"a\":$from}");
    assert_int_equal(s[3].ask.every_s, 900);
    assert_string_equal(s[2].ask.topic, "");
    assert_int_equal(sw_zone_offset(s[4].zone, 1774779300), 0);
    assert_int_equal(s[4].absent_zero, 1);
    sw_config_fini(&c);
}

static void test_config__client_id_follows_the_site(void **state)
{
    (void)state;
    struct sw_config c = load("site = north");
    assert_string_equal(c.broker.client_id, "stepward-north");
    sw_config_fini(&c);
}

static void test_config__mqtt_3_1_1_is_protocol_4(void **state)
{
    (void)state;
    struct sw_config c = load("broker { protocol = \"3.1.1\" }");
    assert_int_equal(c.broker.protocol, 4);
    sw_config_fini(&c);
}

static void test_config__comments_of_all_kinds_are_passed_over(void **state)
{
    (void)state;
    struct sw_config c = load("# one { \" '\n"
                              "// two }\n"
                              "/* three\n \" ' { */ site /* four */ = s5 // x\n"
                              "broker { uri = mqtt://h } # five\n");
    assert_string_equal(c.broker.uri, "mqtt://h");
    assert_string_equal(c.site, "s5");
    sw_config_fini(&c);
}

static void test_config__single_quotes_take_text_as_it_is(void **state)
{
    (void)state;
    struct sw_config c = load("data_dir = '/a/${HOME}/\"\\n'\n"
                              "broker { username = \"\\\"\\\\\" }");
    assert_string_equal(c.data_dir, "/a/${HOME}/\"\\n");
    assert_string_equal(c.broker.username, "\"\\");
    sw_config_fini(&c);
}

static void test_config__password_is_the_first_line_of_its_file(void **state)
{
    (void)state;
    static const char *const files[] = {"s3cret", "s3cret\n", "s3cret\r\nmore\n"};
    for (size_t i = 0; i < 3; i++) {
        write_beside("pw", files[i]);
        struct sw_config c = load("broker { password_file = \"pw\" }");
        assert_string_equal(c.broker.password, "s3cret");
        sw_config_fini(&c);
    }
}

static void test_config__file_names_start_at_the_configuration_s_folder(void **state)
{
    (void)state;
    char expected[256];
    write_beside("ca.pem", "x");
    struct sw_config c = load("data_dir = data\n"
                              "broker { uri = mqtts://h ca_file = \"ca.pem\" }");
    snprintf(expected, sizeof(expected), "%s/data", folder);
    assert_string_equal(c.data_dir, expected);
    snprintf(expected, sizeof(expected), "%s/ca.pem", folder);
    assert_string_equal(c.broker.ca_file, expected);
    sw_config_fini(&c);
}

static void test_config__shipped_example_loads_and_is_the_default(void **state)
{
    (void)state;
    struct sw_config shipped, defaults = load("");
    char why[SW_WHY_MAX];
    int r = sw_config_load(&shipped, SOURCE_DIR "/config/stepward.conf",
                           SW_CONFIG_OF_GATEWAY, why);
    assert_string_equal(why, "");
    assert_int_equal(r, 0);
    char *a = printed(&shipped), *b = printed(&defaults);
    assert_string_equal(a, b);
    free(a);
    free(b);
    sw_config_fini(&shipped);
    sw_config_fini(&defaults);
}

/* ---- printing ---- */

static void check_round_trip(const char *text)
{
    struct sw_config first = load(text);
    char *once = printed(&first);
    struct sw_config second = load(once);
    char *twice = printed(&second);
    assert_string_equal(once, twice);
    assert_true(sw_plan_equal(&first.plan, &second.plan));
    assert_int_equal(first.n_sources, second.n_sources);
    assert_string_equal(first.broker.password, second.broker.password);
    free(once);
    free(twice);
    sw_config_fini(&first);
    sw_config_fini(&second);
}

static void test_config__what_is_printed_loads_to_the_same(void **state)
{
    (void)state;
    write_beside("pw", "s3cret\n");
    check_round_trip("");
    check_round_trip(
        "site = x max_age = 90m max_future = 61s auto_enroll = yes\n"
        "data_dir = 'rel/${X} \"q\" \\'s\\' \\\\'\n"
        "commit_interval = 0 alert_budget = 0\n"
        "broker { protocol = 4 username = 'a\"b\\\\c' client_id = 'x$y'\n"
        "  password_file = pw uri = \"ssl://h.example:1\" }\n"
        "plan { therapist = anna wake = \"00:00-24:00\" rest_limit = 45m\n"
        "  nudge_after = 0 goal = 2 floor = 1 ceiling = 3 }\n"
        "source a.b { topic = \"x/{device}\" steps = \"\" start = \"/s\" }\n"
        "source log { topic = l each = \"\" when = \"^/a=b c\" device = \"^#\" total = "
        "\"\""
        "  at = /t unit = us }\n"
        "source p { topic = \"{patient}\" kind = pain columns = \"at,score\" zone = "
        "site "
        "date = /d ask { topic = x/y payload = '{\"from\":$from}' every = 1h }\n"
        "  map { '${x}' = 3 'a b\"' = 4.5 } }\n"
        "source c { topic = \"{patient}\" steps = \"/a~0b\" at = \"/t\"\n"
        "  unit = ms stamp = end seconds = 86400 worn = '/\"' }\n");
}

/* A period of 60 s is the default where there is one; none is printed where none is. */
static void test_config__seconds_are_printed_where_they_count(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"source a { topic = \"{device}\" total = \"\" }", NULL},
        {"source a { topic = \"{device}\" steps = \"\" at = \"/t\" }",
         "    seconds = \"60\"\n"},
        {"source a { topic = \"{device}\" steps = \"\" at = \"/t\" seconds = 900 }",
         "    seconds = \"900\"\n"},
        {"source a { topic = \"{device}\" steps = \"\" from = \"/f\" to = \"/t\" }",
         NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sw_config c = load(cases[i].text);
        char *text = printed(&c);
        const char *found = strstr(text, cases[i].line ? cases[i].line : "seconds");
        assert_true(cases[i].line ? found != NULL : found == NULL);
        check_round_trip(cases[i].text);
        free(text);
        sw_config_fini(&c);
    }
}

static void test_config__password_is_never_printed(void **state)
{
    (void)state;
    write_beside("pw", "s3cret\n");
    struct sw_config c = load("broker { password_file = \"pw\" username = u }");
    char *text = printed(&c);
    assert_string_equal(c.broker.password, "s3cret");
    assert_null(strstr(text, "s3cret"));
    assert_non_null(strstr(text, "/pw\""));
    free(text);
    sw_config_fini(&c);
}

/* ---- what does not load ---- */

struct refusal {
    const char *text, *error;
};

static void check_refusals(const struct refusal *refusals, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_string_equal(error_of(refusals[i].text), refusals[i].error);
}
#define CHECK_REFUSALS(table) check_refusals(table, sizeof(table) / sizeof(table[0]))

static void test_config__unknown_key_names_its_line_and_the_nearest(void **state)
{
    (void)state;
    static const struct refusal table[] = {
        {"# a\n/* b\n c */\n\nsitee = x\n",
         "5: unknown key sitee (did you mean site?)"},
        {"broker {\n\n  url = x\n}",
         "3: unknown key url in broker (did you mean uri?)"},
        {"plan { # c\n rest = 3h }", "2: unknown key rest in plan"},
        {"frobnicate = 1", "1: unknown key frobnicate"},
        {"\ninclude = x", "2: unknown key include"},
        {"source a {\ntopics = x }",
         "2: unknown key topics in source (did you mean topic?)"},
    };
    CHECK_REFUSALS(table);
}

static void test_config__limits_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    static const struct refusal table[] = {
        {"plan {\n goal = 4000\n floor = 5000\n}",
         "3: floor = 5000 is above the goal, 4000: change one of them, or set it to 0 "
         "for none"},
        {"plan {\n ceiling = 5000\n goal = 6000\n}",
         "2: ceiling = 5000 is below the goal, 6000: change one of them, or set it to "
         "0 "
         "for none"},
        {"plan { floor = 9 ceiling = 8 }",
         "1: floor = 9 is above the ceiling, 8: change one of them, or set it to 0 for "
         "none"},
    };
    CHECK_REFUSALS(table);
}

static void test_config__bad_value_names_its_line_and_what_is_accepted(void **state)
{
    (void)state;
    static const char site[] = "takes 1 to 32 of A-Z a-z 0-9 _ -";
    struct {
        const char *text, *line_and_value, *remedy;
    } table[] = {
        {"\nsite = \"\"", "2: site = \"\": ", site},
        {"site = \"a b\"\n\n", "1: site = \"a b\": ", site},
        {"site = a.b", "1: site = \"a.b\": ", site},
        {"site = aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "1: site = ", site},
        {"timezone = Europe/Bremen", "1: timezone = \"Europe/Bremen\": ", "tzdata"},
        {"timezone = \"../../etc/passwd\"", "1: timezone = ", "tzdata"},
        {"data_dir = \"\"", "1: data_dir = \"\": ", "folder"},
        {"max_age = 59m", "1: max_age = \"59m\": ", "from 1h to 100 years"},
        {"max_age = 36526d", "1: max_age = ", "from 1h to 100 years"},
        {"max_future = 32d", "1: max_future = \"32d\": ", "from 0 to 31d"},
        {"max_future = 10", "1: max_future = \"10\": ", "as in 90s, 15m, 2h or 31d"},
        {"commit_interval = 61m", "1: commit_interval = ", "from 0 to 1h"},
        {"alert_budget = 1001", "1: alert_budget = \"1001\": ", "from 0 (no limit)"},
        {"alert_budget = -1", "1: alert_budget = ", "to 1000"},
        {"alert_budget = 5/day", "1: alert_budget = ", "a whole number"},
        {"auto_enroll = 1", "1: auto_enroll = \"1\": ", "true or false"},
        {"broker {\n uri = \"http://x\"\n}", "2: uri = \"http://x\": ", "mqtt://HOST"},
        {"broker { uri = \"mqtt://\" }", "1: uri = ", "mqtt://HOST"},
        {"broker { uri = \"mqtt://:1883\" }", "1: uri = ", "mqtt://HOST"},
        {"broker { uri = \"mqtt://h:0\" }", "1: uri = ", "mqtt://HOST"},
        {"broker { uri = \"mqtt://h:65536\" }", "1: uri = ", "mqtt://HOST"},
        {"broker { uri = \"mqtt://u:p@h\" }", "1: uri = ", "mqtt://HOST"},
        {"broker { uri = \"mqtt://[::1\" }", "1: uri = ", "mqtt://HOST"},
        {"broker { client_id = \"\" }", "1: client_id = \"\": ", "1 to 64"},
        {"broker { client_id = \"\xc3\xa9\" }", "1: client_id = ", "printable"},
        {"broker { protocol = 3 }", "1: protocol = \"3\": ", "5, or 4"},
        {"plan {\n wake = 8-9 }", "2: wake = \"8-9\": ", "wake takes"},
        {"plan { goal = -1 }", "1: goal = \"-1\": ", "goal takes"},
        {"source a { topic = \"\" }", "1: topic = \"\": ", "{patient} and {device}"},
        {"source a { topic = \"/{device}/{device}\" }", "1: topic = ", "each once"},
        {"source a { topic = \"#/{device}\" }", "1: topic = ", "takes no #: "},
        {"source a { topic = \"a/{device}/#\" }", "1: topic = ", "takes no #: "},
        {"source a { topic = \"a+/{device}\" }", "1: topic = ", "takes + for a whole"},
        {"source a { topic = \"a/{dev}\" }", "1: topic = ", "in braces, and nothing"},
        {"source a { topic = \"{device}{patient}\" }", "1: topic = ", "once a level"},
        {"source a { total = steps }", "1: total = \"steps\": ", "JSON Pointer"},
        {"source a { total = \"/a~2\" }", "1: total = ", "JSON Pointer"},
        {"source a { at = \"\" }", "1: at = \"\": ", "JSON Pointer"},
        {"source a { unit = h }", "1: unit = \"h\": ", "s, ms, us or ns"},
        {"source a { stamp = mid }", "1: stamp = ", "start or end"},
        {"source a { seconds = 90001 }", "1: seconds = ", "0 to 90000"},
        {"source a { seconds = s }", "1: seconds = ", "JSON Pointer"},
        {"source a { kind = weight }", "1: kind = ", "steps or pain"},
        {"source a { absent = one }", "1: absent = ", "none or zero"},
        {"source a { ask { topic = \"a/+\" } }",
         "1: topic = ", "without + and # and {…}"},
        {"source a { ask { every = 30s } }", "1: every = ", "from 1m to 1d"},
        {"source a { zone = Mars }", "1: zone = ", "UTC, site, or a zone"},
        {"source a { each = \"^/a\" }", "1: each = ", "JSON Pointer"},
        {"source a { when = \"/name\" }", "1: when = ", "POINTER=VALUE"},
        {"source a { when = \"name=x\" }", "1: when = ", "POINTER=VALUE"},
        {"source a { device = \"^\" }", "1: device = ", "JSON Pointer"},
        {"source a { device = \"^x\" }", "1: device = ", "JSON Pointer"},
        {"source a { columns = \"a/b\" }", "1: columns = ", "names of columns"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        const char *error = error_of(table[i].text);
        assert_memory_equal(error, table[i].line_and_value,
                            strlen(table[i].line_and_value));
        assert_non_null(strstr(error, table[i].remedy));
    }
}

static void test_config__source_is_judged_whole(void **state)
{
    (void)state;
    static const struct refusal table[] = {
        {"source a {\n}", "2: source a: needs a topic"},
        {"source a { topic = \"x/y\" total = \"\" }",
         "1: source a: needs {patient} or {device} in the topic, or a pointer to the "
         "device"},
        {"source a { topic = \"{device}\" device = \"/d\" total = \"\" }",
         "1: source a: takes {device} in the topic, or a pointer to it, not both"},
        {"source a { topic = \"{device}\" kind = pain total = \"\" }",
         "1: source a: pain needs a score, and neither total nor steps"},
        {"source a { topic = \"{device}\" total = \"\" ask { topic = x } }",
         "1: source a: ask needs a topic and a payload"},
        {"source a { topic = \"{device}\" score = \"\" }",
         "1: source a: a score needs kind = \"pain\""},
        {"source a { topic = \"{device}\" kind = pain score = \"\" start = \"/s\" }",
         "1: source a: a score has no start, from or to: its time is at"},
        {"source a { topic = \"{device}\" steps = /s start = /t absent = zero }",
         "1: source a: absent = \"zero\" needs steps that say their time: seconds, or "
         "from and to"},
        {"source a { topic = \"{device}\" total = /s absent = zero }",
         "1: source a: absent = \"zero\" needs steps that say their time: seconds, or "
         "from and to"},
        {"source a { topic = \"{device}\" steps = /s start = /t date = /d }",
         "1: source a: a date needs a zone: UTC, site, or another one's name"},
        {"source a { topic = \"{device}\" }",
         "1: source a: needs either total or steps"},
        {"source a { topic = \"{device}\" total = \"\"\nsteps = \"\" }",
         "2: source a: needs either total or steps"},
        {"source a { topic = \"{device}\" steps = \"\" from = \"/f\" }",
         "1: source a: from and to go together"},
        {"source a { topic = \"{device}\" steps = \"\" from = \"/f\" to = \"/t\"\n"
         "start = \"/s\" }",
         "2: source a: takes start, or from and to, not both"},
        {"source a { topic = \"{device}\" total = \"\" start = \"/s\" }",
         "1: source a: a total has no start, from or to: its time is at"},
        {"source a { topic = \"{device}\" steps = \"\" start = \"/s\" at = \"/t\" }",
         "1: source a: takes at, start, or from and to: one of them"},
        {"source a { topic = \"{device}\" steps = \"\" }",
         "1: source a: steps need a time: start, at, or from and to"},
        {"source \"a b\" { topic = \"{device}\" total = \"\" }",
         "1: source a b: its name takes 1 to 36 of A-Z a-z 0-9 _ . -"},
        {"source a { topic = \"{device}\" total = \"\" }\nsource a { }",
         "2: source a stands twice (rename or remove one)"},
        {"source { }", "1: a source needs a name, as in source band { ... }"},
    };
    CHECK_REFUSALS(table);
}

#define PAIN  "source a { topic = \"{device}\" kind = pain score = /s "
#define STEPS "source a { topic = \"{device}\" steps = /s "
#define TOTAL "source a { topic = \"{device}\" total = /s "

static void test_config__keys_without_effect_are_refused(void **state)
{
    (void)state;
    static const struct refusal table[] = {
        {PAIN "map { single = 2\n\"single\" = 5 } }",
         "2: single stands twice in the map (remove one)"},
        {PAIN "map { single = lots } }",
         "1: source a: map: single = \"lots\": takes a score, 0 to 10"},
        {PAIN "map { single = 11 } }",
         "1: source a: map: single = \"11\": takes a score, 0 to 10"},
        {TOTAL "map { single = 2 } }", "1: source a: a map is of the words of a score"},
        {STEPS "date = /d zone = site }",
         "1: source a: a date alone needs seconds: 86400 for the day"},
        {STEPS "from = /f to = /t seconds = 60 }",
         "1: source a: takes seconds, or from and to, not both"},
        {STEPS "from = /f to = /t stamp = end }",
         "1: source a: stamp = \"end\" is for steps with start or at"},
        {TOTAL "at = /t stamp = end }",
         "1: source a: stamp = \"end\" is for steps with start or at"},
        {TOTAL "at = /t seconds = 60 }", "1: source a: seconds are for steps"},
        {TOTAL "worn = /w }", "1: source a: worn is for steps"},
        {TOTAL "zone = site }", "1: source a: zone is for a time, and none is named"},
        {TOTAL "unit = ms }", "1: source a: unit is for a time, and none is named"},
        {PAIN "battery = /b }", "1: source a: a score has no battery"},
        {PAIN "worn = /b }", "1: source a: worn is for steps"},
        {TOTAL "columns = \"at,x\" each = /a }",
         "1: source a: takes columns, whose lines are the items, or each, not both"},
        {TOTAL "ask { every = 1h } }", "1: source a: ask needs a topic and a payload"},
    };
    CHECK_REFUSALS(table);
}

static void test_config__files_for_tls_need_tls(void **state)
{
    (void)state;
    write_beside("ca", "x");
    static const struct refusal table[] = {
        {"broker {\n ca_file = ca\n}",
         "2: ca_file is for TLS: write mqtts:// in uri, or leave it out"},
        {"broker { uri = tcp://h cert_file = ca\n key_file = ca }",
         "1: cert_file is for TLS: write mqtts:// in uri, or leave it out"},
    };
    CHECK_REFUSALS(table);
}

static void test_config__a_brace_that_is_missing_is_told_where_it_is(void **state)
{
    (void)state;
    static const struct refusal table[] = {
        {"site = a\nsource band\n  topic = \"{device}\" total = \"\" }\nplan { }",
         "2: source: a { is missing before topic"},
        {"broker uri = tcp://h }", "1: broker: a { is missing before uri"},
        {"\nplan # the default\ngoal = 1 }", "2: plan: a { is missing before goal"},
        {PAIN "map single = 2 } }", "1: map: a { is missing before single"},
    };
    CHECK_REFUSALS(table);
}

static void test_config__sources_are_bounded(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    for (int i = 1; i <= 65; i++)
        fprintf(out, "source s%d { topic = \"{device}\" total = \"\" }\n", i);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(error_of(text),
                        "65: source s65: one source too many (over 64)");
    free(text);
}

static void test_config__what_stands_twice_is_refused(void **state)
{
    (void)state;
    static const struct refusal table[] = {
        {"site = a\n\nsite = a", "3: site stands twice, first on line 1 (remove one)"},
        {"broker { uri = tcp://h\n uri = tcp://h }",
         "2: uri stands twice, first on line 1 (remove one)"},
        {"plan { goal = 1 goal = 2 }",
         "1: goal stands twice, first on line 1 (remove one)"},
        {"plan { }\nplan {\n}", "3: plan stands twice, first on line 1 (remove one)"},
    };
    CHECK_REFUSALS(table);
}

static void test_config__what_libconfuse_would_let_pass_is_refused(void **state)
{
    (void)state;
    static const char env[] =
        "${…} is not replaced here (in single quotes it means itself)";
    static const char open_string[] = "a string ends on its line: a quote is missing";
    char expected[160];
    static const struct {
        const char *text, *line, *error;
    } table[] = {
        {"\nbroker {\n", "2", "this { is never closed"},
        {"broker { } }", "1", "unexpected closing brace"},
        {"data_dir = \"/a/${HOME}\"", "1", env},
        {"data_dir = ${HOME}", "1",
         "$ cannot stand here: put the value in straight quotes, \"…\""},
        {"site = \"a\nb\"", "1", open_string},
        {"site = 'a", "1", open_string},
        {"site = \"a\\", "1", "in double quotes only \\\" and \\\\ follow a backslash"},
        {"site = \"a\\x41\"", "1",
         "in double quotes only \\\" and \\\\ follow a backslash"},
        {"site = \"a\tb\"", "1",
         "a control character in a string, or one that is not UTF-8"},
        {"site = \"a\xc2\x9b\"", "1",
         "a control character in a string, or one that is not UTF-8"},
        {"site = \"a\x9b\"", "1",
         "a control character in a string, or one that is not UTF-8"},
        {"\n/* a\n\n", "2", "this comment has no end (*/)"},
        {"\"broker|uri\" = tcp://h", "1", "unknown key uri"},
        {"site = a \"plan|goal\" = 1", "1", "unknown key goal"},
        {"broker|uri = x", "1",
         "| cannot stand here: put the value in straight quotes, \"…\""},
        {"include(\"/etc/passwd\")", "1",
         "( cannot stand here: put the value in straight quotes, \"…\""},
        {"site += a", "1",
         "+ cannot stand here: put the value in straight quotes, \"…\""},
        {"site = \xff", "1",
         "\\xff cannot stand here: put the value in straight quotes, \"…\""},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        snprintf(expected, sizeof(expected), "%s: %s", table[i].line, table[i].error);
        assert_string_equal(error_of(table[i].text), expected);
    }
    assert_string_equal(
        error_of_bytes("site = a\0b", 10),
        "1: \\x00 cannot stand here: put the value in straight quotes, \"…\"");
}

static void test_config__one_bad_file_does_not_spoil_the_next(void **state)
{
    (void)state;
    static const char *const bad[] = {"site = \"a",   "site = 'a", "/* a", "site = ",
                                      "broker { uri", "source",    "= =",  "}"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        error_of(bad[i]);
        struct sw_config c = load("site = \"fine\"");
        assert_string_equal(c.site, "fine");
        sw_config_fini(&c);
    }
}

static void test_config__files_it_names_must_be_readable(void **state)
{
    (void)state;
    char long_password[2000];
    static const char *const keys[] = {"password_file", "ca_file", "cert_file",
                                       "key_file"};
    for (size_t i = 0; i < 4; i++) {
        char text[100], expected[160];
        snprintf(text, sizeof(text), "broker {\n\n%s = \"no.pem\" }", keys[i]);
        snprintf(expected, sizeof(expected),
                 "3: %s = \"no.pem\": cannot read it: No such file or directory",
                 keys[i]);
        assert_string_equal(error_of(text), expected);
    }
    assert_string_equal(error_of("broker { ca_file = \".\" }"),
                        "1: ca_file = \".\": cannot read it: not a regular file");
    write_beside("pw", "\nsecond");
    assert_non_null(strstr(error_of("broker {\n password_file = pw }"),
                           "2: password_file: the first line of "));
    memset(long_password, 'x', sizeof(long_password) - 1);
    long_password[sizeof(long_password) - 1] = '\0';
    write_beside("pw", long_password);
    assert_non_null(strstr(error_of("broker {\n password_file = pw }"),
                           "2: password_file: the first line of "));
}

/* ---- the board ---- */

static void test_config__the_board_is_off_without_its_section(void **state)
{
    (void)state;
    struct sw_config c = load("site = \"main\"\n");
    assert_false(c.web.is_on);
    char *text = printed(&c);
    assert_null(strstr(text, "web {"));
    free(text);
    sw_config_fini(&c);
    c = load("web { }\n");
    assert_true(c.web.is_on);
    assert_string_equal(c.web.listen, "127.0.0.1:8080");
    assert_string_equal(c.web.cert_file, "");
    assert_string_equal(c.web.key_file, "");
    assert_string_equal(c.web.hosts, "");
    assert_int_equal(c.web.idle_s, 8 * 3600);
    sw_config_fini(&c);
}

static void test_config__programs_are_told_only_where_it_says_so(void **state)
{
    (void)state;
    struct sw_config c = load("");
    char expected[100];
    assert_false(sw_config_notifies(&c));
    assert_string_equal(c.notify.run, "");
    sw_config_fini(&c);
    c = load("notify { names = true }\n");
    assert_false(sw_config_notifies(&c));
    sw_config_fini(&c);
    c = load("\nnotify { run = \"notify.d\" names = yes }\n");
    snprintf(expected, sizeof expected, "%s/notify.d", folder);
    assert_string_equal(c.notify.run, expected);
    assert_true(c.notify.names);
    assert_true(sw_config_notifies(&c));
    assert_int_equal(c.notify.lines.run, 2);
    sw_config_fini(&c);
    check_round_trip("notify { run = \"/etc/stepward/notify.d\" names = on }\n");
    assert_non_null(strstr(error_of("notify { run = \"/x\" names = \"Anna\" }\n"),
                           "1: names = \"Anna\": takes true or false"));
    assert_non_null(strstr(error_of("notify { uri = \"x\" }\n"), "1: "));
    assert_non_null(strstr(error_of("notify { }\nnotify { }\n"), "2: "));
}

/* Its files are stepward-web's to look at: the gateway starts without them. */
static void test_config__the_board_s_keys_are_taken(void **state)
{
    (void)state;
    struct sw_config c = load("web {\n listen = \"unix:/run/web.sock\"\n"
                              " cert_file = \"no.pem\"\n key_file = /none/key\n"
                              " hosts = [ \"a.example\",\"b\" , ]\n idle = 30m }\n");
    assert_string_equal(c.web.listen, "unix:/run/web.sock");
    assert_int_equal(c.web.lines.listen, 2);
    assert_int_equal(c.web.lines.cert_file, 3);
    assert_string_equal(c.web.cert_file + strlen(c.web.cert_file) - 7, "/no.pem");
    assert_string_equal(c.web.key_file, "/none/key");
    assert_string_equal(c.web.hosts, "a.example b");
    assert_int_equal(c.web.idle_s, 30 * 60);
    sw_config_fini(&c);
    check_round_trip("web { hosts = [] }\n");
    check_round_trip(
        "web { listen = \"[::1]:80\" hosts = [\"a\", \"b.c\", \"[::2]\"] }\n");
}

/* ---- copies of backups ---- */

#define RECIPIENT "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"

static void test_config__copies_of_backups_go_to_a_folder(void **state)
{
    (void)state;
    struct sw_config c = load("");
    assert_string_equal(c.backup.to, "");
    assert_string_equal(c.backup.recipient, "");
    sw_config_fini(&c);
    c = load("backup { to = /media/stick recipient = " RECIPIENT " }\n");
    assert_string_equal(c.backup.to, "/media/stick");
    assert_string_equal(c.backup.recipient, RECIPIENT);
    sw_config_fini(&c);
    check_round_trip("backup { to = \"/media/a stick\" }\n");
    static const struct refusal refusals[] = {
        {"backup {\n recipient = age1 }\n", "2: recipient = \"age1\": takes age1"},
        {"backup { recipient = " RECIPIENT "q }\n", "1: recipient"},
        {"backup { recipient = \"-o\" }\n", "1: recipient"},
        {"backup { too = /a }\n", "1: unknown key too in backup (did you mean to?)"},
        {"backup { }\nbackup { }\n", "2: backup stands twice"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *error = error_of(refusals[i].text);
        if (strncmp(error, refusals[i].error, strlen(refusals[i].error)) != 0)
            fail_msg("%s: %s", refusals[i].text, error);
    }
}

/* ---- how long what is stored is kept ---- */

static void test_config__what_is_stored_is_kept_for_ever_or_as_it_says(void **state)
{
    (void)state;
    struct sw_config c = load("");
    assert_int_equal(c.keep.readings_s, 0);
    assert_int_equal(c.keep.alerts_s, 0);
    assert_int_equal(c.keep.audit_s, 0);
    char *text = printed(&c);
    assert_null(strstr(text, "keep {"));
    free(text);
    sw_config_fini(&c);
    c = load("keep { readings = 2y alerts = \"10y\" audit = 400d }\n");
    assert_int_equal(c.keep.readings_s, 2LL * 365 * 86400);
    assert_int_equal(c.keep.alerts_s, 10LL * 365 * 86400);
    assert_int_equal(c.keep.audit_s, 400LL * 86400);
    sw_config_fini(&c);
    check_round_trip("keep { readings = \"2y\" audit = \"93d\" }\n");
    static const struct refusal refusals[] = {
        {"keep {\n readings = 91d }\n",
         "2: readings = \"91d\": takes \"forever\", or 92d"},
        {"keep { alerts = 2 }\n", "1: alerts"},
        {"keep { alerts = 0d }\n", "1: alerts"},
        {"keep { alerts = 24h }\n", "1: alerts"},
        {"keep { alerts = 101y }\n", "1: alerts"},
        {"keep { audit = -1y }\n", "1: audit"},
        {"keep { audit = 99999999999y }\n", "1: audit"},
        {"keep { audit = y }\n", "1: audit"},
        {"keep {\n\n readings = 92d }\n", "3: readings are kept at least 93d: max_age"},
        {"keep { readings = 1y }\nmax_age = 400d\n",
         "1: readings are kept at least 462d"},
        {"keep { }\nkeep { }\n", "2: keep stands twice"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *error = error_of(refusals[i].text);
        if (strncmp(error, refusals[i].error, strlen(refusals[i].error)) != 0)
            fail_msg("%s: %s", refusals[i].text, error);
    }
}

static void test_config__what_is_wrong_with_the_board_names_its_line(void **state)
{
    (void)state;
    static const struct refusal refusals[] = {
        {"web {\n listen = \"8080\"\n}\n", "2: listen = \"8080\": takes ADDRESS:PORT"},
        {"web { listen = \"localhost\" }\n", "1: listen"},
        {"web { listen = \"127.0.0.1:\" }\n", "1: listen"},
        {"web { listen = \"127.0.0.1:0\" }\n", "1: listen"},
        {"web { listen = \"[::1]\" }\n", "1: listen"},
        {"web { listen = \"unix:web.sock\" }\n", "1: listen"},
        {"web {\n\n hosts = [\"a\", \"b c/d\"] }\n", "3: hosts"},
        {"web { hosts = [\"a:80\"] }\n", "1: hosts"},
        {"web { hosts = [\"a\" }\n", "1: a list is [\"…\", \"…\"], on one line"},
        {"web { hosts = [\"a\",\n\"b\"] }\n", "1: a list is"},
        {"web { hosts = [a] }\n", "1: a list is"},
        {"web { idle = 10s }\n", "1: idle = \"10s\": takes a duration"},
        {"web { lisen = x }\n", "1: unknown key lisen in web (did you mean listen?)"},
        {"web { }\nweb { }\n", "2: web stands twice"},
        {"site = [\"a\", \"b\"]\n", "1: site"},
    };
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        const char *error = error_of(refusals[i].text);
        if (strncmp(error, refusals[i].error, strlen(refusals[i].error)) != 0)
            fail_msg("%s, not %s", error, refusals[i].error);
    }
}

static void test_config__missing_file_and_folder_are_said(void **state)
{
    (void)state;
    struct sw_config config;
    char why[SW_WHY_MAX];
    assert_int_equal(
        sw_config_load(&config, "/nonexistent/x.conf", SW_CONFIG_OF_GATEWAY, why),
        -ENOENT);
    assert_string_equal(why, "/nonexistent/x.conf: No such file or directory (name a "
                             "configuration with -c or $STEPWARD_CONFIG)");
    assert_int_equal(sw_config_load(&config, "/tmp", SW_CONFIG_OF_GATEWAY, why),
                     -EISDIR);
    assert_non_null(strstr(why, "/tmp: Is a directory"));
}

static void test_config__typographic_quotes_are_named(void **state)
{
    (void)state;
    static const char *const texts[] = {"“main”", "„main“", "‘main’", "«main»"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        char text[64];
        snprintf(text, sizeof text, "site = %s\n", texts[i]);
        assert_non_null(
            strstr(error_of(text), " cannot stand here: put the value in straight "));
    }
    assert_non_null(strstr(error_of("site = “main”"), "1: “ cannot stand here"));
    assert_non_null(strstr(error_of("site = ä"), "1: ä cannot stand here"));
    assert_non_null(strstr(error_of("site = \xc3"), "1: \\xc3 cannot stand here"));
}

static void test_config__huge_file_is_refused(void **state)
{
    (void)state;
    size_t len = 1024 * 1024 + 1;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, ' ', len);
    assert_non_null(strstr(error_of_bytes(text, len), " File too large"));
    write_file(path, text, len - 1); /* the largest that is read */
    struct sw_config config;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_config_load(&config, path, SW_CONFIG_OF_GATEWAY, why), 0);
    sw_config_fini(&config);
    free(text);
}

static void test_config__long_names_do_not_overflow_the_error(void **state)
{
    (void)state;
    char *text = malloc(100000);
    assert_non_null(text);
    memset(text, 'a', 99999);
    text[99999] = '\0';
    assert_in_range(strlen(error_of(text)), 10, SW_WHY_MAX);
    memcpy(text, "site = ", 7);
    assert_in_range(strlen(error_of(text)), 10, SW_WHY_MAX);
    free(text);
}

static void test_config__path_comes_from_the_environment_or_etc(void **state)
{
    (void)state;
    unsetenv("STEPWARD_CONFIG");
    assert_string_equal(sw_config_default_path(), "/etc/stepward/stepward.conf");
    setenv("STEPWARD_CONFIG", "", 1);
    assert_string_equal(sw_config_default_path(), "/etc/stepward/stepward.conf");
    setenv("STEPWARD_CONFIG", "/x", 1);
    assert_string_equal(sw_config_default_path(), "/x");
    unsetenv("STEPWARD_CONFIG");
}

static void test_config__fini_of_nothing_is_fine(void **state)
{
    (void)state;
    struct sw_config config = {0};
    sw_config_fini(&config);
    assert_null(config.site);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

static void test_config__a_secret_is_for_its_owner_alone(void **state)
{
    (void)state;
    char full[200];
    static const mode_t open_modes[] = {0640, 0604, 0620, 0644};
    snprintf(full, sizeof full, "%s/pw", folder);
    write_beside("pw", "s3cret\n");
    for (size_t i = 0; i < sizeof open_modes / sizeof *open_modes; i++) {
        assert_int_equal(chmod(full, open_modes[i]), 0);
        const char *error = error_of("broker {\n password_file = pw }");
        assert_non_null(strstr(error, "2: password_file = \"pw\": others can read it"));
        assert_non_null(strstr(error, ": sudo chmod 600 /"));
    }
    assert_int_equal(chmod(full, 0604), 0);
    assert_non_null(
        strstr(error_of("broker {\n key_file = pw }"), "others can read it"));
    assert_int_equal(chmod(full, 0640), 0); /* Debian's group ssl-cert */
    struct sw_config c =
        load("broker { uri = mqtts://h cert_file = pw key_file = pw }");
    sw_config_fini(&c);
    assert_int_equal(chmod(full, 0600), 0);
    c = load("broker {\n password_file = pw }");
    assert_string_equal(c.broker.password, "s3cret");
    assert_int_equal(c.broker.lines.password_file, 2);
    sw_config_fini(&c);
}

int main(void)
{
    umask(077); /* what the tests write are secrets, too */
    const struct CMUnitTest tests[] = {
        TEST(test_config__empty_file_gives_the_contract_s_defaults),
        TEST(test_config__every_key_is_taken),
        TEST(test_config__sources_are_taken),
        TEST(test_config__sources_say_where_things_are),
        TEST(test_config__client_id_follows_the_site),
        TEST(test_config__mqtt_3_1_1_is_protocol_4),
        TEST(test_config__comments_of_all_kinds_are_passed_over),
        TEST(test_config__single_quotes_take_text_as_it_is),
        TEST(test_config__password_is_the_first_line_of_its_file),
        TEST(test_config__file_names_start_at_the_configuration_s_folder),
        TEST(test_config__shipped_example_loads_and_is_the_default),
        TEST(test_config__what_is_printed_loads_to_the_same),
        TEST(test_config__seconds_are_printed_where_they_count),
        TEST(test_config__password_is_never_printed),
        TEST(test_config__unknown_key_names_its_line_and_the_nearest),
        TEST(test_config__limits_that_contradict_each_other_are_refused),
        TEST(test_config__bad_value_names_its_line_and_what_is_accepted),
        TEST(test_config__source_is_judged_whole),
        TEST(test_config__keys_without_effect_are_refused),
        TEST(test_config__files_for_tls_need_tls),
        TEST(test_config__a_brace_that_is_missing_is_told_where_it_is),
        TEST(test_config__sources_are_bounded),
        TEST(test_config__what_stands_twice_is_refused),
        TEST(test_config__what_libconfuse_would_let_pass_is_refused),
        TEST(test_config__one_bad_file_does_not_spoil_the_next),
        TEST(test_config__a_secret_is_for_its_owner_alone),
        TEST(test_config__files_it_names_must_be_readable),
        TEST(test_config__the_board_is_off_without_its_section),
        TEST(test_config__the_board_s_keys_are_taken),
        TEST(test_config__copies_of_backups_go_to_a_folder),
        TEST(test_config__what_is_stored_is_kept_for_ever_or_as_it_says),
        TEST(test_config__what_is_wrong_with_the_board_names_its_line),
        TEST(test_config__programs_are_told_only_where_it_says_so),
        TEST(test_config__missing_file_and_folder_are_said),
        TEST(test_config__typographic_quotes_are_named),
        TEST(test_config__huge_file_is_refused),
        TEST(test_config__long_names_do_not_overflow_the_error),
        TEST(test_config__path_comes_from_the_environment_or_etc),
        TEST(test_config__fini_of_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
