/* test_report.c -- `stepward report`: a page in one file, whole or not there. */
#include "cli_fixture.h"

#include "records/records.h"

/* Two weeks: each with walks, one day without data, one that is too short, a flare. */
static void fill(struct clinic *clinic)
{
    int32_t today = sw_day_of(&clinic->zone, NOW_S);
    assert_int_equal(
        RUN(clinic, "patient", "add", "p1", "--name", "Ada <b>", "--floor", "3000"),
        CLI_OK);
    struct sw_store *store = clinic_store(clinic);
    int64_t key = patient_key(clinic, "p1");
    assert_int_equal(sw_store_begin(store), 0);
    for (int32_t ago = 0; ago < 14; ago++) {
        int64_t from_s = sw_minute_begin(&clinic->zone, today - ago, 8 * 60);
        int minutes = ago == 5 ? 0 : ago == 3 ? 200 : 13 * 60;
        for (int i = 0; i < minutes && from_s + i * 60 < NOW_S; i++) {
            bool is_walking = i % 90 < 7 + ago % 3;
            put_reading(clinic, "p1", from_s + i * 60, is_walking ? 75 : 0,
                        i % 300 > 20);
        }
    }
    struct sw_pain pain = {.at_s = NOW_S - 2 * 86400, .score = 7.5, .flare = true};
    assert_true(sw_store_put_pain(store, key, &pain) >= 0);
    for (int32_t ago = 0; ago < 14; ago++)
        assert_int_equal(sw_records_refresh(store, &clinic->zone, key, today - ago), 0);
    assert_int_equal(sw_store_commit(store), 0);
    struct sw_alert alert = make_alert("p1", SW_ALERT_PAIN, NOW_S - 2 * 86400);
    alert.evidence[0] = 7500;
    alert.evidence[1] = SW_EVIDENCE_NONE;
    put_alert(clinic, &alert);
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

/* What is between the frame's ends, an element a line: the frame and its style are not
 * the report's. */
static char *main_of(const char *page)
{
    const char *from = strstr(page, "<main"), *to = strstr(page, "</main>");
    assert_true(from && to);
    char *text = calloc(1, 2 * (size_t)(to - from) + 2), *at = text;
    assert_non_null(text);
    for (; from < to; from++) {
        *at++ = *from;
        if (from[0] == '>' && from[1] == '<')
            *at++ = '\n';
    }
    *at = '\n';
    return text;
}

static void test_report__is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "report", "p1", "--days", "14"), CLI_OK);
    assert_string_equal(clinic->err, "");
    char *text = main_of(clinic->out);
    assert_golden(text, "report.html");
    free(text);
}

static void test_report__stands_alone_and_names_the_patient(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "report", "p1"), CLI_OK);
    assert_says(clinic->out, "<h1>Ada &lt;b&gt; (p1)</h1>");
    assert_says(clinic->out, "28 days");
    assert_says(clinic->out, "<style>");
    assert_silent_about(clinic->out, "<a ");
    assert_silent_about(clinic->out, "<form");
    assert_silent_about(clinic->out, "<script");
    assert_silent_about(clinic->out, "<link");
}

static void test_report__into_a_file_for_its_maker(void **state)
{
    struct clinic *clinic = *state;
    char path[96];
    struct stat st;
    snprintf(path, sizeof path, "%s/p1.html", clinic->folder);
    assert_int_equal(RUN(clinic, "report", "p1", "--days", "7"), CLI_OK);
    char *printed = strdup(clinic->out);
    assert_int_equal(RUN(clinic, "report", "p1", "-o", path), CLI_OK);
    assert_string_equal(clinic->out, "");
    assert_int_equal(RUN(clinic, "report", "p1", "--days", "7", "--out", path), CLI_OK);
    char *written = read_text(path);
    assert_string_equal(written, printed);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(unlink(path),
                     0); /* and nothing else is left: clinic_fini() looks */
    free(written);
    free(printed);
}

static void test_report__says_that_it_is_out_of_date(void **state)
{
    struct clinic *clinic = *state;
    clinic_gateway_ends(clinic);
    assert_int_equal(RUN(clinic, "report", "p1"), CLI_OK);
    assert_says(clinic->err, "out of date");
    assert_says(clinic->out, "Out of date: ");
}

static void test_report__refuses_what_it_cannot_make(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "report"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "report", "p9"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "report", "p1", "--days", "367"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "report", "p1", "-o"), CLI_USAGE);
    assert_says(clinic->err, "-o needs a value");
    assert_int_equal(RUN(clinic, "report", "p1", "-o", "/nowhere/p1.html"), CLI_FAILED);
    assert_says(clinic->err, "cannot create /nowhere/p1.html");
    assert_int_equal(RUN(clinic, "summary", "-o", "x"), CLI_USAGE);
    assert_says(clinic->err, "unknown option -o");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_report__is_stable),
        TEST(test_report__stands_alone_and_names_the_patient),
        TEST(test_report__into_a_file_for_its_maker),
        TEST(test_report__says_that_it_is_out_of_date),
        TEST(test_report__refuses_what_it_cannot_make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
