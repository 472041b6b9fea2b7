/* test_device.c -- `device assign|release|list`: times, and the days that follow. */
#include "cli_fixture.h"

#include "records/records.h"

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void test_device__is_worn_by_one_at_a_time(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "device", "list"), CLI_OK);
    assert_says(clinic->out, "no device is assigned");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p1", "--from", "2026-10-20"), CLI_OK);
    assert_string_equal(clinic->out, "assigned band to p1\n");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p2", "--from", "2026-10-24 09:30"),
        CLI_OK);
    assert_int_equal(RUN(clinic, "device", "list", "--format", "csv"), CLI_OK);
    assert_string_equal(clinic->out, "device,patient,from,to\n"
                                     "band,p2,2026-10-24T09:30:00+02:00,\n");
    assert_int_equal(RUN(clinic, "device", "release", "band"), CLI_OK);
    assert_string_equal(clinic->out, "released band from p2\n");
    assert_int_equal(RUN(clinic, "device", "list", "--format", "csv"), CLI_OK);
    assert_string_equal(clinic->out, "device,patient,from,to\n");
    assert_int_equal(RUN(clinic, "device", "list", "--all", "--format", "csv"), CLI_OK);
    assert_string_equal(
        clinic->out, "device,patient,from,to\n"
                     "band,p1,2026-10-20T00:00:00+02:00,2026-10-24T09:30:00+02:00\n"
                     "band,p2,2026-10-24T09:30:00+02:00,2026-10-25T15:00:00+01:00\n");
}

static void test_assign__says_who_wears_it_later(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p1", "--from", "2026-10-25 14:47"),
        CLI_OK);
    assert_string_equal(clinic->out, "assigned band to p1\n");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p2", "--from", "2026-10-24"), CLI_OK);
    assert_string_equal(clinic->out, "assigned band to p2 until 14:47, then p1\n");
    assert_int_equal(RUN(clinic, "device", "release", "band", "--at", "2026-10-25"),
                     CLI_OK);
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p1", "--from", "2026-10-22"), CLI_OK);
    assert_string_equal(clinic->out,
                        "assigned band to p1 until 2026-10-24 00:00, then p2\n");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p1", "--from", "2026-10-24"), CLI_OK);
    assert_string_equal(clinic->out, "assigned band to p1 until 00:00, then nobody\n");
}

/* Each on a device of its own, named by a letter. */
static void check_from(struct clinic *clinic, const char *device, const char *time,
                       const char *expected)
{
    char line[128];
    assert_int_equal(RUN(clinic, "device", "assign", device, "p1", "--from", time),
                     CLI_OK);
    assert_int_equal(RUN(clinic, "device", "list", "--format", "csv"), CLI_OK);
    snprintf(line, sizeof line, "%s,p1,%s,\n", device, expected);
    assert_says(clinic->out, line);
}

static void test_time__is_the_clinics_or_says_its_offset(void **state)
{
    struct clinic *clinic = *state;
    check_from(clinic, "a", "2026-10-25T10:00:00+02:00", "2026-10-25T09:00:00+01:00");
    check_from(clinic, "b", "2026-10-25T02:30",
               "2026-10-25T02:30:00+02:00"); /* the first one */
    check_from(clinic, "c", "2026-10-25", "2026-10-25T00:00:00+02:00");
    check_from(clinic, "d", "2026-03-29 02:30",
               "2026-03-29T03:00:00+02:00"); /* was skipped */
    check_from(clinic, "e", "2026-01-02 03:04", "2026-01-02T03:04:00+01:00");
    assert_int_equal(
        RUN(clinic, "device", "assign", "f", "p1", "--from", "2026-02-30 09:00"),
        CLI_USAGE);
    assert_says(clinic->err, "--from 2026-02-30 09:00: there is no such day");
    static const char *const wrong[] = {
        "soon", "2026-13-1", "2026-10-25 24:00", "2026-10-25 9:00", "2026-10-25 09:00x",
        ""};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(RUN(clinic, "device", "assign", "d", "p1", "--from", wrong[i]),
                         CLI_USAGE);
        assert_says(clinic->err, "it is YYYY-MM-DD or");
    }
    assert_int_equal(RUN(clinic, "device", "assign", "d", "p1", "--from", "2026-10-26"),
                     CLI_USAGE);
    assert_says(clinic->err, "lies in the future");
}

static void test_device__refuses_what_it_does_not_know(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "device", "assign", "F8:A4", "p1"), CLI_USAGE);
    assert_says(clinic->err, "F8:A4 is no id");
    assert_int_equal(RUN(clinic, "device", "assign", "d"), CLI_USAGE);
    assert_says(clinic->err, "DEVICE PATIENT");
    assert_int_equal(RUN(clinic, "device", "assign", "d", "p1", "p2"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "device", "assign", "d", "p9"), CLI_FAILED);
    assert_says(clinic->err, "no patient p9");
    assert_int_equal(RUN(clinic, "device", "release", "d"), CLI_FAILED);
    assert_says(clinic->err, "nobody wears d at that time");
}

/* ---- the days that follow ---- */

static void refresh_today(struct clinic *clinic, const char *patient)
{
    assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone,
                                        patient_key(clinic, patient),
                                        sw_day_of(&clinic->zone, NOW_S)),
                     0);
}

static void test_days__follow_a_device_that_is_assigned_late(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p1", "--from", "2026-10-20"), CLI_OK);
    put_reading(clinic, "p1", NOW_S - 7200, 40, true);
    put_reading(clinic, "p1", NOW_S - 3600, 60, true);
    refresh_today(clinic, "p1");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p2", "--from", "2026-10-25 13:30"),
        CLI_OK);
    assert_int_equal(RUN(clinic, "summary", "--days", "1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "p1,2026-10-25,40,");
    assert_says(clinic->out, "p2,2026-10-25,60,");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p2", "--from", "2026-10-25"), CLI_OK);
    assert_int_equal(RUN(clinic, "summary", "--days", "1", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "p1,");
    assert_says(clinic->out, "p2,2026-10-25,100,");
}

static void put_total(struct clinic *clinic, const char *patient, int64_t at_s,
                      int64_t n)
{
    struct sw_device_id device = {"band"};
    struct sw_total total = {.at_s = at_s, .total = n};
    struct sw_span touched;
    assert_true(sw_store_put_total(clinic_store(clinic), patient_key(clinic, patient),
                                   &device, &total, &touched) >= 0);
}

static void test_days__no_steps_of_a_counter_leak(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p1", "--from", "2026-10-20"), CLI_OK);
    for (int i = 0; i < 4; i++)
        put_total(clinic, "p1", NOW_S - 3600 + 600 * i, 1000 + 100 * i);
    refresh_today(clinic, "p1");
    assert_int_equal(RUN(clinic, "summary", "--days", "1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "p1,2026-10-25,300,");
    assert_int_equal(
        RUN(clinic, "device", "assign", "band", "p2", "--from", "2026-10-25 14:15"),
        CLI_OK);
    assert_int_equal(RUN(clinic, "summary", "--days", "1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "p1,2026-10-25,100,");
    assert_says(clinic->out, "p2,2026-10-25,100,");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Walks of 5 minutes at uneven times of yesterday, as a device counts them whose clock
 * is so many minutes ahead. */
static void walk_yesterday(struct clinic *clinic, const char *id, int32_t ahead_min)
{
    struct sw_device_id device = {0};
    int64_t begin_s = sw_day_begin(&clinic->zone, 20750) + 8 * 3600; /* 2026-10-24 */
    assert_true(strlen(id) < sizeof device.str);
    strcpy(device.str, id);
    for (int i = 0; i < 600; i++) {
        bool walks = (i * i / 97) % 7 == 0;
        struct sw_reading reading = {begin_s + 60 * (i + ahead_min), 60,
                                     walks ? 80 + i % 30 : 0, true};
        assert_true(sw_store_put_reading(clinic_store(clinic),
                                         patient_key(clinic, "p1"), &device,
                                         &reading) >= 0);
    }
}

static void test_list__says_whose_clock_is_ahead(void **state)
{
    struct clinic *clinic = *state;
    walk_yesterday(clinic, "band", 0);
    walk_yesterday(clinic, "phone", 0);
    assert_int_equal(RUN(clinic, "device", "list"), CLI_OK);
    assert_silent_about(clinic->out, "ahead");
    walk_yesterday(clinic, "watch", 12);
    assert_int_equal(RUN(clinic, "device", "list"), CLI_OK);
    assert_says(clinic->out,
                "p1: by their steps of 2026-10-24 the clock of watch is 12 "
                "min ahead of that of");
    assert_int_equal(RUN(clinic, "device", "list", "--format", "csv"), CLI_OK);
    assert_string_equal(clinic->out, "device,patient,from,to\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_device__is_worn_by_one_at_a_time),
        TEST(test_assign__says_who_wears_it_later),
        TEST(test_time__is_the_clinics_or_says_its_offset),
        TEST(test_device__refuses_what_it_does_not_know),
        TEST(test_days__follow_a_device_that_is_assigned_late),
        TEST(test_days__no_steps_of_a_counter_leak),
        TEST(test_list__says_whose_clock_is_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
