/* test_freshness.c -- a listing says when it is out of date, and since when. */
#include "cli_fixture.h"

static const struct sw_lock_state up = {.is_known = true,
                                        .has_reported = true,
                                        .connected = true,
                                        .clock_trusted = true,
                                        .is_current = true};
#define SINCE_S (NOW_S - 25 * 60) /* 14:35 */

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    struct sw_health health = {.version = "0.1.0", .written_at_s = NOW_S - 30};
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(sw_store_put_health(clinic_store(clinic), &health), 0);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void online_until_s(struct clinic *clinic, int64_t at_s)
{
    struct sw_span span = {at_s - 3600, at_s};
    assert_int_equal(sw_store_put_online(clinic_store(clinic), span), 0);
}

static void assert_of_now(struct clinic *clinic)
{
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_silent_about(clinic->out, "OUT OF DATE");
    assert_int_equal(RUN(clinic, "today", "--format", "json"), CLI_OK);
    assert_says(clinic->out,
                "\"heard_at\":\"\",\"late_min\":null,\"stale_since\":null}");
    assert_string_equal(clinic->err, "");
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, ",heard_at,late_min,stale_since\n");
    assert_string_equal(clinic->err, "");
}

/* In every format of every listing, empty or not. */
static void assert_stale(struct clinic *clinic, const char *when, const char *since,
                         const char *why)
{
    static const char *const listings[] = {"today", "alerts", "digest"};
    char expected[300];
    for (size_t i = 0; i < sizeof listings / sizeof *listings; i++) {
        snprintf(expected, sizeof expected, "OUT OF DATE%s: %s", when, why);
        assert_int_equal(RUN(clinic, listings[i]), CLI_OK);
        assert_int_equal(strncmp(clinic->out, expected, strlen(expected)), 0);
        assert_string_equal(clinic->err, "");
        snprintf(expected, sizeof expected, "stepward: out of date%s: %s", when, why);
        assert_int_equal(RUN(clinic, listings[i], "--format", "json"), CLI_OK);
        assert_says(clinic->err, expected);
        bool has_rows = strcmp(listings[i], "alerts") != 0;
        assert_int_equal(strstr(clinic->out, "\"stale_since\"") != NULL, has_rows);
        if (has_rows)
            assert_says(clinic->out, since);
        assert_int_equal(RUN(clinic, listings[i], "--format", "csv"), CLI_OK);
        assert_says(clinic->err, expected);
        assert_says(clinic->out, ",stale_since\n");
    }
}
#define SINCE_TEXT "\"stale_since\":\"2026-10-25T14:35:00+01:00\"}"

static void test_fresh__while_the_gateway_keeps_up(void **state)
{
    struct clinic *clinic = *state;
    clinic_gateway(clinic, up, "");
    assert_of_now(clinic);
    clinic_gateway(clinic, up,
                   "the disk of data_dir is almost full"); /* it is stored */
    assert_of_now(clinic);
}

static void test_stale__since_a_gateway_that_ended_watched(void **state)
{
    struct clinic *clinic = *state;
    clinic_gateway(clinic, up, "");
    online_until_s(clinic, SINCE_S);
    clinic_gateway_ends(clinic);
    assert_stale(clinic, " since 14:35", SINCE_TEXT,
                 "the gateway is not running: start it: `sudo systemctl enable --now");
}

static void test_stale__since_it_says_itself(void **state)
{
    struct clinic *clinic = *state;
    struct sw_lock_state away = up;
    online_until_s(clinic, SINCE_S - 60); /* stored a minute ago */
    away.connected = away.is_current = false;
    away.since_s = SINCE_S;
    clinic_gateway(clinic, away, "cannot connect: \033[31mno route");
    assert_stale(
        clinic, " since 14:35", SINCE_TEXT,
        "not connected to the broker at mqtt://localhost:1883: cannot connect: "
        "\\x1b[31mno route");
    away = up;
    away.clock_trusted = away.is_current = false;
    away.since_s = SINCE_S;
    clinic_gateway(clinic, away, "");
    assert_stale(clinic, " since 14:35", SINCE_TEXT, "the clock is not trusted");
    away = up;
    away.is_current = false;
    away.since_s = SINCE_S;
    clinic_gateway(clinic, away, "the database is being checked");
    assert_stale(clinic, " since 14:35", SINCE_TEXT, "the database is being checked");
}

static void test_stale__in_a_start_since_the_run_before(void **state)
{
    struct clinic *clinic = *state;
    online_until_s(clinic, SINCE_S);
    struct sw_lock_state starting = {.is_known = true, .is_starting = true};
    clinic_gateway(clinic, starting, "");
    assert_stale(clinic, " since 14:35", SINCE_TEXT,
                 "the gateway has been starting since ");
}

static void test_stale__since_it_stored_that_it_was_well(void **state)
{
    struct clinic *clinic = *state;
    struct sw_health health = {
        .connected = true, .clock_trusted = true, .written_at_s = SINCE_S};
    online_until_s(clinic, SINCE_S - 60);
    assert_int_equal(sw_store_put_health(clinic_store(clinic), &health), 0);
    assert_stale(clinic, " since 14:35", SINCE_TEXT, "the gateway is not running");
}

static void test_stale__where_none_ever_watched(void **state)
{
    struct clinic *clinic = *state;
    assert_stale(clinic, "", "\"stale_since\":\"never\"}",
                 "the gateway is not running");
}

static void test_fresh__a_day_that_was_over_by_then(void **state)
{
    struct clinic *clinic = *state;
    online_until_s(clinic, TODAY_S + 60);
    assert_int_equal(RUN(clinic, "digest", "--day", "yesterday"), CLI_OK);
    assert_silent_about(clinic->out, "OUT OF DATE");
    assert_int_equal(RUN(clinic, "summary", "--day", "yesterday"), CLI_OK);
    assert_silent_about(clinic->out, "OUT OF DATE");
    assert_int_equal(RUN(clinic, "minutes", "p1"), CLI_OK);
    assert_says(clinic->out, "OUT OF DATE since 00:01");
}

/* Their fields are the contract's. */
static void test_stale__rows_of_days_stay_as_they_are(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "--format", "csv"), CLI_OK);
    assert_says(clinic->err, "stepward: out of date: the gateway is not running");
    assert_silent_about(clinic->out, "stale_since");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_fresh__while_the_gateway_keeps_up),
        TEST(test_stale__since_a_gateway_that_ended_watched),
        TEST(test_stale__since_it_says_itself),
        TEST(test_stale__in_a_start_since_the_run_before),
        TEST(test_stale__since_it_stored_that_it_was_well),
        TEST(test_stale__where_none_ever_watched),
        TEST(test_fresh__a_day_that_was_over_by_then),
        TEST(test_stale__rows_of_days_stay_as_they_are),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
