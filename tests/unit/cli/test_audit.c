/* test_audit.c -- each command that changes something is put down with who did it, in the
 * transaction of the change; contacts; the undoing of an acknowledgement. */
#include <sqlite3.h>

#include "cli_fixture.h"

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(unsetenv("SUDO_USER"), 0);
    assert_int_equal(setenv("LOGNAME", "ben", 1), 0);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "Jürgen"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S - 60);
    put_alert(clinic, &alert);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}
#define P1_REST "p1-rest-1792936740"

/* The newest row but n, without its time, who it was, and how. */
static void assert_row(struct clinic *clinic, int n, const char *what)
{
    char line[256] = "";
    assert_int_equal(RUN(clinic, "audit", "--format", "csv"), CLI_OK);
    const char *at = clinic->out;
    for (int i = 0; i <= n; i++)
        at = strchr(at, '\n') + 1;
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    const char *row = strstr(line, ",command,");
    if (!row || strcmp(row + strlen(",command,"), what) != 0)
        fail_msg("\"%s\" is not the row \"%s\"", what, line);
}

static int64_t count_rows(struct clinic *clinic)
{
    assert_int_equal(RUN(clinic, "audit", "--format", "csv", "--days", "400"), CLI_OK);
    int64_t n = -1;
    for (const char *at = clinic->out; *at; at++)
        n += *at == '\n';
    return n;
}

static void test_audit__each_change_has_a_row(void **state)
{
    struct clinic *clinic = *state;
    assert_row(clinic, 0, "patient added,p2,therapist anna");
    assert_row(clinic, 1, "patient added,p1,therapist anna");
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--name", "J", "--goal",
                         "7000", "--floor", "3000"),
                     CLI_OK);
    assert_row(clinic, 0,
               "plan,p1,\"from 2026-10-25: goal 6000 -> 7000, floor 0 -> 3000\"");
    assert_row(clinic, 1, "patient renamed,p1,");
    assert_int_equal(RUN(clinic, "device", "assign", "D1", "p1"), CLI_OK);
    assert_row(clinic, 0, "device assigned,p1,D1 from 2026-10-25T15:00:00+01:00");
    assert_int_equal(RUN(clinic, "device", "release", "D1"), CLI_OK);
    assert_row(clinic, 0, "device released,p1,D1 from 2026-10-25T15:00:00+01:00");
    assert_int_equal(RUN(clinic, "ack", P1_REST, "--by", "anna", "--note", "seen"),
                     CLI_OK);
    assert_row(clinic, 0, "acknowledged,p1," P1_REST " by anna: seen");
    assert_int_equal(RUN(clinic, "unack", P1_REST), CLI_OK);
    assert_row(clinic, 0, "acknowledgement undone,p1," P1_REST);
    assert_int_equal(RUN(clinic, "shelve", "p1", "--for", "2h"), CLI_OK);
    assert_row(clinic, 0, "shelved,p1," P1_REST);
    assert_int_equal(RUN(clinic, "unshelve", "p1"), CLI_OK);
    assert_row(clinic, 0, "unshelved,p1," P1_REST);
    assert_int_equal(RUN(clinic, "contact", "p1", "--outcome", "called"), CLI_OK);
    assert_row(clinic, 0, "contact,p1,called");
    assert_int_equal(RUN(clinic, "patient", "export", "p1"), CLI_OK);
    assert_says(clinic->out, "\"what\":\"patient exported\"");
    assert_says(clinic->out, "\"outcome\":\"called\"");
    assert_silent_about(clinic->out, "p2");
    assert_row(clinic, 0, "patient exported,p1,");
}

static void test_audit__what_was_not_done_has_none(void **state)
{
    struct clinic *clinic = *state;
    int64_t before = count_rows(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "patient", "set", "p9", "--goal", "1"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "unack", P1_REST), CLI_OK); /* it was so already */
    assert_int_equal(RUN(clinic, "ack", "p2"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "plan", "accept", "p1"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "rejected", "--retry"), CLI_OK);
    assert_int_equal(
        RUN(clinic, "contact", "p1", "--outcome", "called", "--alert", "p2-rest-1"),
        CLI_FAILED);
    assert_int_equal(RUN(clinic, "patient", "export", "p9"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_int_equal(count_rows(clinic), before);
}

static void test_audit__is_asked_by_patient_who_and_days(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "ack", P1_REST), CLI_OK);
    assert_int_equal(RUN(clinic, "audit", "--patient", "p2", "--format", "json"),
                     CLI_OK);
    assert_says(clinic->out, "\"what\":\"patient added\",\"patient\":\"p2\"");
    assert_silent_about(clinic->out, "p1");
    assert_int_equal(RUN(clinic, "audit", "--who", "nobody"), CLI_OK);
    assert_says(clinic->out, "nobody did anything");
    assert_int_equal(RUN(clinic, "audit", "--limit", "1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "acknowledged");
    assert_silent_about(clinic->out, "added");
    clinic->now_s += 7 * 86400;
    assert_int_equal(RUN(clinic, "audit"), CLI_OK);
    assert_says(clinic->out, "nobody did anything");
    assert_int_equal(count_rows(clinic), 3);
}

/* Erased, it says who did what when, and no more of whom. */
static void test_audit__of_an_erased_patient_names_nobody(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "ack", P1_REST, "--note", "seen"), CLI_OK);
    assert_int_equal(RUN(clinic, "contact", "p1", "--outcome", "visit"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_OK);
    assert_row(clinic, 0, "patient erased,,3 rows of the audit emptied");
    assert_row(clinic, 1, "contact,,");
    assert_row(clinic, 2, "acknowledged,,");
    assert_row(clinic, 3, "patient added,p2,therapist anna");
    assert_row(clinic, 4, "patient added,,");
    assert_int_equal(RUN(clinic, "contact", "--list", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "p1");
    char backups[128];
    clinic_path(clinic, "backup", backups);
    rmdir(backups); /* the erasure looked there */
}

/* Who looks again soon is put down once; what lists everybody names nobody. */
static void test_audit__a_look_is_put_down_once_in_a_while(void **state)
{
    struct clinic *clinic = *state;
    int64_t before = count_rows(clinic);
    assert_int_equal(RUN(clinic, "patient", "show", "p1"), CLI_OK);
    assert_row(clinic, 0, "looked,p1,");
    assert_int_equal(RUN(clinic, "explain", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "minutes", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_int_equal(RUN(clinic, "summary"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "show", "p9"), CLI_FAILED);
    assert_int_equal(count_rows(clinic), before + 1);
    assert_int_equal(RUN(clinic, "summary", "p1", "p2"), CLI_OK);
    assert_row(clinic, 0, "looked,p2,");
    clinic->now_s += 15 * 60;
    assert_int_equal(RUN(clinic, "alerts", "--patient", "p1"), CLI_OK);
    assert_row(clinic, 0, "looked,p1,");
    assert_int_equal(count_rows(clinic), before + 3);
}

static void test_audit__verify_names_the_first_broken_row(void **state)
{
    struct clinic *clinic = *state;
    char hash[65] = "", path[128];
    sqlite3 *db = NULL;
    assert_int_equal(RUN(clinic, "audit", "--verify"), CLI_OK);
    assert_says(clinic->out, "the audit is whole: 2 rows, the last is row 2\n");
    const char *digits = strstr(clinic->out, "--holds: ");
    assert_non_null(digits);
    snprintf(hash, sizeof hash, "%s", digits + strlen("--holds: "));
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_OK);
    assert_int_equal(RUN(clinic, "audit", "--verify", "--holds", hash), CLI_OK);
    assert_says(clinic->out, "1 of them are of patients who were erased");
    hash[0] = hash[0] == '0' ? '1' : '0';
    assert_int_equal(RUN(clinic, "audit", "--verify", "--holds", hash), CLI_FAILED);
    assert_says(clinic->err, "it is not the one of which");
    assert_int_equal(RUN(clinic, "audit", "--verify", "--holds", "12"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "audit", "--holds", hash), CLI_USAGE);
    assert_int_equal(RUN(clinic, "audit", "--verify", "--days", "3"), CLI_USAGE);
    clinic_path(clinic, "stepward.db", path);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "DROP TRIGGER audit_change;"
                                  "UPDATE audit SET who = 'ann' WHERE key = 2",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(RUN(clinic, "audit", "--verify"), CLI_FAILED);
    assert_says(clinic->err, "the audit is broken at row 2: it was changed, or put in");
    clinic_path(clinic, "backup", path);
    rmdir(path); /* the erasure looked there */
}

/* ---- contacts ---- */

static void test_contact__is_listed_and_shown_with_the_patient(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "contact", "p1", "--outcome", "called", "--by", "anna",
                         "--alert", P1_REST, "--note", "back hurts less", "--at",
                         "2026-10-25 14:30"),
                     CLI_OK);
    assert_string_equal(clinic->out,
                        "noted for p1: 14:30 called by anna, about " P1_REST
                        ": back hurts less\n");
    assert_int_equal(RUN(clinic, "contact", "p2", "--outcome", "nothing", "--by", "ben",
                         "--at", "2026-10-01"),
                     CLI_OK);
    assert_int_equal(RUN(clinic, "contact", "--list", "--format", "csv"), CLI_OK);
    assert_string_equal(clinic->out, "at,patient,who,outcome,alert,note\n"
                                     "2026-10-01T00:00:00+02:00,p2,ben,nothing,,\n"
                                     "2026-10-25T14:30:00+01:00,p1,anna,called," P1_REST
                                     ",back hurts less\n");
    assert_int_equal(RUN(clinic, "contact", "p1", "--list", "--format", "json"),
                     CLI_OK);
    assert_silent_about(clinic->out, "p2");
    assert_int_equal(RUN(clinic, "contact", "--list", "--days", "7", "--format", "csv"),
                     CLI_OK);
    assert_silent_about(clinic->out, "p2");
    assert_int_equal(RUN(clinic, "patient", "show", "p1"), CLI_OK);
    assert_says(clinic->out, "\nlast contact 14:30 called by anna, about " P1_REST
                             ": back hurts less\n");
    assert_int_equal(RUN(clinic, "patient", "show", "p2", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "contact");
}

static void test_contact__says_what_is_missing(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "contact", "p1"), CLI_USAGE);
    assert_says(clinic->err, "--outcome called, visit, plan, device or nothing");
    assert_int_equal(RUN(clinic, "contact", "p1", "--outcome", "hugged"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "contact", "--outcome", "called"), CLI_USAGE);
    assert_says(clinic->err, "with whom?");
    assert_int_equal(RUN(clinic, "contact", "p9", "--outcome", "called"), CLI_FAILED);
    assert_int_equal(
        RUN(clinic, "contact", "p1", "--outcome", "called", "--at", "2026-10-25 15:01"),
        CLI_USAGE);
    assert_says(clinic->err, "in the future");
    assert_int_equal(RUN(clinic, "contact", "p1", "--list", "--note", "x"), CLI_USAGE);
}

/* ---- unack ---- */

static struct sw_alert stored(struct clinic *clinic)
{
    struct sw_alert alert;
    int64_t key;
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), P1_REST, &key, &alert),
                     0);
    return alert;
}

static void test_unack__the_alert_is_open_again_and_published(void **state)
{
    struct clinic *clinic = *state;
    struct sw_outbound out;
    assert_int_equal(RUN(clinic, "ack", "p1", "--by", "anna", "--note", "x"), CLI_OK);
    assert_int_equal(RUN(clinic, "unack", "p1", "--by", "ben", "--note", "not her"),
                     CLI_OK);
    assert_says(clinic->out, "not acknowledged any more: " P1_REST " (Jürgen): p1 has");
    struct sw_alert alert = stored(clinic);
    assert_int_equal(alert.state, SW_STATE_OPEN);
    assert_string_equal(alert.by, "");
    assert_string_equal(alert.note, "");
    assert_int_equal(alert.rev, 3);
    assert_int_equal(sw_store_next_outbound(clinic_store(clinic), 0, &out), 0);
    assert_says(out.payload, "\"state\":\"open\"");
    assert_says(out.payload, "\"by\":null");
    free(out.payload);
    assert_int_equal(RUN(clinic, "alerts", "--history", P1_REST, "--format", "csv"),
                     CLI_OK);
    assert_says(clinic->out, "ben,acknowledged,open,unack: not her");
    clinic->now_s += 60;
    assert_int_equal(RUN(clinic, "explain", "p1"), CLI_OK);
    assert_says(clinic->out, "rest acknowledgement undone by ben: not her");
    assert_int_equal(RUN(clinic, "ack", "p1", "--by", "ben"), CLI_OK);
    assert_string_equal(stored(clinic).by, "ben");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_audit__each_change_has_a_row),
        TEST(test_audit__what_was_not_done_has_none),
        TEST(test_audit__is_asked_by_patient_who_and_days),
        TEST(test_audit__of_an_erased_patient_names_nobody),
        TEST(test_audit__a_look_is_put_down_once_in_a_while),
        TEST(test_audit__verify_names_the_first_broken_row),
        TEST(test_contact__is_listed_and_shown_with_the_patient),
        TEST(test_contact__says_what_is_missing),
        TEST(test_unack__the_alert_is_open_again_and_published),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
