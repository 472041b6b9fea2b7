/* test_days.c -- `summary` and `minutes` on stored readings: formats and windows. */
#include "cli_fixture.h"
#include "records/records.h"
#include "stepward/wire.h"

/* Two patients; p1 walks every tenth minute from 08:00 and tells of pain. */
static void fill(struct clinic *clinic)
{
    struct sw_pain pain = {.at_s = TODAY_S + 13 * 3600, .score = 6.5};
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "Jürgen"), CLI_OK);
    struct sw_store *store = clinic_store(clinic);
    assert_int_equal(sw_store_begin(store), 0);
    for (int i = 0; i < 6 * 60; i++) {
        bool is_walking = i % 10 == 0;
        put_reading(clinic, "p1", TODAY_S + (9 * 60 + i) * 60, is_walking ? 90 : 0,
                    true);
    }
    put_reading(clinic, "p2", TODAY_S - 12 * 3600, 37, true);
    put_reading(clinic, "p2", TODAY_S + 12 * 3600, 0, false);
    assert_true(sw_store_put_pain(store, patient_key(clinic, "p1"), &pain) >= 0);
    int32_t today = sw_day_of(&clinic->zone, NOW_S);
    for (int32_t day = today - 1; day <= today; day++) {
        assert_int_equal(
            sw_records_refresh(store, &clinic->zone, patient_key(clinic, "p1"), day),
            0);
        assert_int_equal(
            sw_records_refresh(store, &clinic->zone, patient_key(clinic, "p2"), day),
            0);
    }
    assert_int_equal(sw_store_commit(store), 0);
}

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    fill(clinic);
    clinic_gateway_is_well(clinic);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void test_summary__csv_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "summary.csv");
    const char *header = sw_day_csv_header();
    assert_int_equal(strncmp(clinic->out, header, strlen(header)), 0);
    assert_int_equal(clinic->out[strlen(header)], '\n');
}

static void test_summary__json_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "summary.json");
}

static void test_summary__table_says_which_days(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary"), CLI_OK);
    assert_says(clinic->out, "2026-10-19 to 2026-10-25, Europe/Berlin\n");
    assert_int_equal(RUN(clinic, "summary", "--day", "yesterday", "p2"), CLI_OK);
    assert_says(clinic->out, "2026-10-24 to 2026-10-24, Europe/Berlin\n");
    assert_says(clinic->out, "p2");
    assert_int_equal(RUN(clinic, "summary", "--days", "1"), CLI_OK);
    assert_says(clinic->out, "2026-10-25 to 2026-10-25, Europe/Berlin\n");
    assert_int_equal(RUN(clinic, "summary", "--from", "2026-10-01"), CLI_OK);
    assert_says(clinic->out, "2026-10-01 to 2026-10-25, Europe/Berlin\n");
}

static void test_summary__window_includes_both_ends(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "--format", "csv", "--from", "2026-10-24",
                         "--to", "2026-10-24"),
                     CLI_OK);
    assert_says(clinic->out, "p2,2026-10-24,37,");
    assert_silent_about(clinic->out, "2026-10-25");
    assert_int_equal(RUN(clinic, "summary", "--format", "csv", "--day", "today"),
                     CLI_OK);
    assert_silent_about(clinic->out, "2026-10-24");
}

static void test_summary__order_is_by_patient_whatever_is_asked(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "--format", "csv"), CLI_OK);
    char *all = strdup(clinic->out);
    assert_int_equal(RUN(clinic, "summary", "p2", "p1", "--format", "csv", "p2"),
                     CLI_OK);
    assert_string_equal(clinic->out, all);
    free(all);
}

static void test_summary__without_rows_is_a_header_or_a_sentence(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "--day", "2026-01-01", "--format", "csv"),
                     CLI_OK);
    const char *header = sw_day_csv_header();
    assert_int_equal(strlen(clinic->out), strlen(header) + 1);
    assert_int_equal(RUN(clinic, "summary", "--day", "2026-01-01"), CLI_OK);
    assert_string_equal(clinic->out, "2026-01-01 to 2026-01-01, Europe/Berlin\n"
                                     "no readings and no scores in these days\n");
    assert_int_equal(RUN(clinic, "summary", "--day", "2026-01-01", "--format", "json"),
                     CLI_OK);
    assert_string_equal(clinic->out, "[]\n");
}

static void test_summary__wrong_use_is_named(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "summary", "p9"), CLI_FAILED);
    assert_string_equal(clinic->err,
                        "stepward: no patient p9: see `stepward patient list`\n");
    assert_int_equal(RUN(clinic, "summary", "--day", "2026-02-30"), CLI_USAGE);
    assert_says(clinic->err, "--day 2026-02-30: there is no such day");
    assert_int_equal(RUN(clinic, "summary", "--day", "2026-2-3"), CLI_USAGE);
    assert_says(clinic->err, "--day 2026-2-3: it is YYYY-MM-DD, today or yesterday");
    assert_int_equal(RUN(clinic, "summary", "--day", "today", "--days", "3"),
                     CLI_USAGE);
    assert_int_equal(RUN(clinic, "summary", "--days", "0"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "summary", "--days", "x"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "summary", "--to", "today"), CLI_USAGE);
    assert_int_equal(
        RUN(clinic, "summary", "--from", "2026-10-02", "--to", "2026-10-01"),
        CLI_USAGE);
    assert_int_equal(RUN(clinic, "summary", "--format", "xml"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "summary", "no/id"), CLI_USAGE);
}

static void test_minutes__csv_is_stable_and_has_25_hours(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(
        RUN(clinic, "minutes", "p1", "--day", "2026-10-25", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "minutes.csv");
    size_t lines = 0;
    for (const char *at = clinic->out; (at = strchr(at, '\n')); at++)
        lines++;
    assert_int_equal(lines, 1 + 25 * 60);
    const char *first = strstr(clinic->out, "\n02:30,");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "\n02:30,"));
}

static void test_minutes__json_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "minutes", "p1", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "minutes.json");
}

static void test_minutes__table_says_whose_day_it_is(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "minutes", "p2", "--day", "yesterday"), CLI_OK);
    assert_says(clinic->out, "p2, 2026-10-24, Europe/Berlin\n");
    assert_int_equal(RUN(clinic, "minutes", "p2", "--day", "2026-01-01"), CLI_OK);
    assert_says(clinic->out, "no readings and no scores that day\n");
}

static void test_minutes__wrong_use_is_named(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "minutes"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "minutes", "p1", "p2"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "minutes", "p9"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "minutes", "p1", "--day", "tomorrow"), CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_summary__csv_is_stable),
        cmocka_unit_test(test_summary__json_is_stable),
        cmocka_unit_test(test_summary__table_says_which_days),
        cmocka_unit_test(test_summary__window_includes_both_ends),
        cmocka_unit_test(test_summary__order_is_by_patient_whatever_is_asked),
        cmocka_unit_test(test_summary__without_rows_is_a_header_or_a_sentence),
        cmocka_unit_test(test_summary__wrong_use_is_named),
        cmocka_unit_test(test_minutes__csv_is_stable_and_has_25_hours),
        cmocka_unit_test(test_minutes__json_is_stable),
        cmocka_unit_test(test_minutes__table_says_whose_day_it_is),
        cmocka_unit_test(test_minutes__wrong_use_is_named),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
