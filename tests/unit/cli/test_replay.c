/* test_replay.c -- `stepward replay`: the alerts there would have been. */
#include "cli_fixture.h"

#define MINUTE INT64_C(60)
#define HOUR   INT64_C(3600)
/* Midnight was 15 h 60 min ago: the hour from 2 to 3 came twice. */
#define AT(hour, minute) (TODAY_S + HOUR + (hour)*HOUR + (minute)*MINUTE)

static int setup(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    *state = clinic;
    return 0;
}

static int teardown(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* Still from 8:00 to 12:30, then five minutes of steps. */
static void rest_all_morning(struct clinic *clinic)
{
    sw_store_begin(clinic_store(clinic));
    for (int minute = 0; minute < 270; minute++)
        put_reading(clinic, "p1", AT(8, minute), 0, true);
    for (int minute = 30; minute < 35; minute++)
        put_reading(clinic, "p1", AT(12, minute), 90, true);
    sw_store_commit(clinic_store(clinic));
}

static void put_past_alert(struct clinic *clinic, int64_t opened_at_s,
                           int64_t closed_at_s)
{
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, opened_at_s);
    put_alert(clinic, &alert);
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_MOVED;
    alert.closed_at_s = alert.updated_at_s = closed_at_s;
    put_alert(clinic, &alert);
}

static void test_replay__the_same_plan_finds_what_there_was(void **state)
{
    struct clinic *clinic = *state;
    rest_all_morning(clinic);
    put_past_alert(clinic, AT(11, 0), AT(12, 31));
    assert_int_equal(RUN(clinic, "replay", "--days", "1", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "replay.csv");
    assert_int_equal(RUN(clinic, "replay", "--days", "1", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "replay.json");
}

static void test_replay__another_plan_raises_others(void **state)
{
    struct clinic *clinic = *state;
    rest_all_morning(clinic);
    put_past_alert(clinic, AT(11, 0), AT(12, 31));
    assert_int_equal(RUN(clinic, "replay", "--days", "1", "--set", "rest_limit=5h"),
                     CLI_OK);
    assert_says(clinic->out, "then");
    assert_silent_about(clinic->out, "both");
    assert_says(clinic->out, "2026-10-25 to 2026-10-25, Europe/Berlin");
    assert_says(clinic->out, "with rest_limit = 5h");
    assert_int_equal(RUN(clinic, "replay", "--set", "rest_limit=2h", "--set",
                         "therapist=ben", "--by", "event", "--format", "csv"),
                     CLI_OK);
    assert_golden(clinic->out, "replay-events.csv");
}

static void test_replay__an_alert_of_another_time_is_another(void **state)
{
    struct clinic *clinic = *state;
    rest_all_morning(clinic);
    put_past_alert(clinic, AT(13, 0), AT(13, 30));
    assert_int_equal(RUN(clinic, "replay", "--by", "patient", "--format", "csv"),
                     CLI_OK);
    assert_string_equal(clinic->out, "patient,days,then,now,both\np1,28,1,1,0\n");
    assert_int_equal(RUN(clinic, "replay", "--by", "therapist", "--format", "csv"),
                     CLI_OK);
    assert_string_equal(clinic->out,
                        "therapist,day,then,now,both\nanna,2026-10-25,1,1,0\n");
}

/* Raised late in the evening, it would have been raised in the morning of the day
 * before: each counts on its own day. */
static void test_replay__each_alert_counts_on_its_own_day(void **state)
{
    struct clinic *clinic = *state;
    rest_all_morning(clinic);
    put_past_alert(clinic, AT(10, 0) - 24 * HOUR, AT(14, 0));
    assert_int_equal(RUN(clinic, "replay", "--by", "therapist", "--format", "csv"),
                     CLI_OK);
    assert_string_equal(clinic->out, "therapist,day,then,now,both\n"
                                     "anna,2026-10-24,1,0,0\n"
                                     "anna,2026-10-25,0,1,1\n");
    /* it is of the window, and was opened before it */
    assert_int_equal(
        RUN(clinic, "replay", "--days", "1", "--by", "therapist", "--format", "csv"),
        CLI_OK);
    assert_says(clinic->out, "anna,2026-10-24,1,0,0\n");
}

static void test_replay__nothing_is_raised_while_nobody_watched(void **state)
{
    struct clinic *clinic = *state;
    rest_all_morning(clinic);
    struct sw_span before = {AT(0, 0) - 9 * HOUR, AT(8, 10)};
    struct sw_span after = {AT(12, 50), NOW_S};
    sw_store_put_online(clinic_store(clinic), before);
    sw_store_put_online(clinic_store(clinic), after);
    assert_int_equal(RUN(clinic, "replay", "--format", "csv"), CLI_OK);
    assert_null(strchr(strchr(clinic->out, '\n') + 1, '\n'));
    assert_int_equal(RUN(clinic, "replay", "--always", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "p1,anna,rest,now,");
}

/* Silent for a month: the replay begins a week before the window and cannot know since
 * when. */
static void test_replay__what_was_open_before_has_no_time_of_opening(void **state)
{
    struct clinic *clinic = *state;
    clinic->now_s = NOW_S - 30 * 24 * HOUR;
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    clinic->now_s = NOW_S;
    assert_int_equal(
        RUN(clinic, "replay", "--always", "--days", "3", "--patient", "p2"), CLI_OK);
    assert_says(clinic->out, "2026-10-23 to 2026-10-25, Europe/Berlin");
    assert_says(clinic->out, "1 would have been open already when the replay began, on "
                             "2026-10-16: since when is not known\n");
    assert_silent_about(clinic->out, "08:00");
    assert_int_equal(RUN(clinic, "replay", "--always", "--days", "3", "--patient", "p2",
                         "--format", "csv"),
                     CLI_OK);
    assert_says(clinic->out, "p2,anna,silent,now,,,,,medium,,,\n");
    assert_int_equal(RUN(clinic, "replay", "--always", "--patient", "p2"), CLI_OK);
    assert_silent_about(clinic->out, "since when is not known");
}

static void test_replay__says_what_is_wrong_with_an_option(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "replay", "--set", "rest_limit"), CLI_USAGE);
    assert_says(clinic->err, "it is KEY=VALUE");
    assert_int_equal(RUN(clinic, "replay", "--set", "rest_limit=1m"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "replay", "--set", "foo=3"), CLI_USAGE);
    assert_says(clinic->err, "--set foo=3: a plan has no such field; it has therapist, "
                             "wake, rest_limit");
    assert_int_equal(RUN(clinic, "replay", "--by", "moon"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "replay", "--to-day", "today"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "replay", "--timezone", "UTC"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "replay", "--patient", "p2"), CLI_FAILED);
}

static char path[128]; /* of the recording */

static void write_recording(struct clinic *clinic, const char *text)
{
    snprintf(path, sizeof path, "%s/said.jsonl", clinic->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int run_recording(struct clinic *clinic, const char *text)
{
    write_recording(clinic, text);
    int code = RUN(clinic, "replay", "--from", path, "--by", "event", "--timezone",
                   "UTC", "--format", "csv");
    unlink(path);
    return code;
}

static void test_replay__a_recording_says_when_it_came(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(
        run_recording(clinic,
                      "{\"patient\":\"r1\",\"received\":\"2026-03-10T08:00:20Z\","
                      "\"payload\":{\"at\":\"2026-03-10T07:00:00Z\",\"score\":8}}\n"
                      "\n"
                      "{\"patient\":\"r1\",\"received\":\"2026-03-10T09:00:00Z\","
                      "\"payload\":{\"total\":12,\"battery\":15}}\n"),
        CLI_OK);
    assert_says(clinic->out, "2026-03-10T08:01:00+00:00,r1,pain,opened");
    assert_says(clinic->out, "2026-03-10T09:00:00+00:00,r1,battery,opened");
}

/* Its days are those of the recording, not the last before today. */
static void test_replay__a_recording_has_its_own_days(void **state)
{
    struct clinic *clinic = *state;
    write_recording(clinic, "{\"patient\":\"r1\",\"received\":\"2026-03-09T10:00:00Z\","
                            "\"payload\":{\"score\":8}}\n"
                            "{\"patient\":\"r1\",\"received\":\"2026-03-09T11:00:00Z\","
                            "\"payload\":{\"score\":1}}\n"
                            "{\"patient\":\"r1\",\"received\":\"2026-03-11T10:00:00Z\","
                            "\"payload\":{\"score\":9}}\n");
    assert_int_equal(RUN(clinic, "replay", "--from", path), CLI_OK);
    assert_says(clinic->out, "2026-03-09 to 2026-03-11, Europe/Berlin\n");
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--days", "1"), CLI_OK);
    assert_says(clinic->out, "2026-03-11 to 2026-03-11, Europe/Berlin\n");
    assert_says(clinic->out, "2026-03-11 11:00");
    assert_silent_about(clinic->out, "2026-03-09 11:00");
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--days", "300"), CLI_OK);
    assert_says(clinic->out, "2026-03-09 to 2026-03-11, Europe/Berlin\n");
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--from-day", "2026-03-10"),
                     CLI_OK);
    assert_says(clinic->out, "2026-03-10 to 2026-03-11, Europe/Berlin\n");
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--from-day", "2026-03-09",
                         "--to-day", "2026-03-09"),
                     CLI_OK);
    assert_says(clinic->out, "2026-03-09 to 2026-03-09, Europe/Berlin\n");
    assert_silent_about(clinic->out, "2026-03-11");
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--from-day", "2026-03-12"),
                     CLI_FAILED);
    assert_int_equal(RUN(clinic, "replay", "--from", path, "--patient", "r2"),
                     CLI_FAILED);
    assert_says(clinic->err, "has no message of patient r2");
    unlink(path);
}

static void test_replay__a_broken_recording_is_refused_with_its_line(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(run_recording(clinic, "\n[1]\n"), CLI_FAILED);
    assert_says(clinic->err, "said.jsonl:2: ");
    assert_int_equal(run_recording(clinic, "{\"patient\":\"r1\"}\n"), CLI_FAILED);
    assert_int_equal(run_recording(clinic, "{\"payload\":1}\n"), CLI_FAILED);
    assert_int_equal(run_recording(clinic, ""), CLI_FAILED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_replay__the_same_plan_finds_what_there_was),
        TEST(test_replay__another_plan_raises_others),
        TEST(test_replay__an_alert_of_another_time_is_another),
        TEST(test_replay__each_alert_counts_on_its_own_day),
        TEST(test_replay__nothing_is_raised_while_nobody_watched),
        TEST(test_replay__what_was_open_before_has_no_time_of_opening),
        TEST(test_replay__says_what_is_wrong_with_an_option),
        TEST(test_replay__a_recording_says_when_it_came),
        TEST(test_replay__a_recording_has_its_own_days),
        TEST(test_replay__a_broken_recording_is_refused_with_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
