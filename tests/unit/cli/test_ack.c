/* test_ack.c -- which alert is meant by a patient's id, or by the number of a line: the
 * one that was seen, or none. */
#include "cli_fixture.h"

#include <sys/wait.h>

/* p1 rests and is silent, p2 rests, p3 has none. */
static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "Jürgen"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p3"), CLI_OK);
    struct sw_alert alerts[] = {make_alert("p1", SW_ALERT_REST, NOW_S - 60),
                                make_alert("p1", SW_ALERT_SILENT, NOW_S - 120),
                                make_alert("p2", SW_ALERT_REST, NOW_S - 180)};
    for (size_t i = 0; i < sizeof alerts / sizeof *alerts; i++)
        put_alert(clinic, &alerts[i]);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static enum sw_alert_state state_of(struct clinic *clinic, const char *id)
{
    struct sw_alert alert;
    int64_t key;
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), id, &key, &alert), 0);
    return alert.state;
}
#define P1_REST   "p1-rest-1792936740"
#define P1_SILENT "p1-silent-1792936680"
#define P2_REST   "p2-rest-1792936620"

static void raise_level(struct clinic *clinic, const char *id)
{
    struct sw_alert alert;
    int64_t key;
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), id, &key, &alert), 0);
    alert.level = SW_LEVEL_MEDIUM;
    put_alert(clinic, &alert);
}

static void assert_none_acknowledged(struct clinic *clinic)
{
    assert_int_equal(state_of(clinic, P1_REST), SW_STATE_OPEN);
    assert_int_equal(state_of(clinic, P1_SILENT), SW_STATE_OPEN);
    assert_int_equal(state_of(clinic, P2_REST), SW_STATE_OPEN);
}

static void test_ack__a_patient_with_one_open_alert_names_it(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "ack", "p2", "--by", "anna"), CLI_OK);
    assert_string_equal(clinic->out,
                        "acknowledged " P2_REST ": p2 has been resting for 2 h 5 min "
                        "(limit 2 h). 1,204 steps today.\n"
                        "published when the gateway runs\n");
    assert_int_equal(state_of(clinic, P2_REST), SW_STATE_ACKNOWLEDGED);
    assert_int_equal(state_of(clinic, P1_REST), SW_STATE_OPEN);
    clinic_gateway_is_well(clinic);
    assert_int_equal(RUN(clinic, "ack", P1_REST, "--by", "anna"), CLI_OK);
    assert_string_equal(clinic->out, "acknowledged " P1_REST "\n");
}

static void test_ack__by_a_second_person_says_who_did_already(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert;
    int64_t key;
    assert_int_equal(RUN(clinic, "ack", "p2", "--by", "anna"), CLI_OK);
    assert_int_equal(RUN(clinic, "ack", "p2", "--by", "ben"), CLI_OK);
    assert_says(clinic->out, P2_REST " was acknowledged already, by anna: p2 has been");
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), P2_REST, &key, &alert),
                     0);
    assert_string_equal(alert.by, "anna");
    assert_int_equal(RUN(clinic, "ack", "p2", "--by", "anna"), CLI_OK);
    assert_says(clinic->out, "acknowledged " P2_REST);
    assert_int_equal(RUN(clinic, "ack", "p2", "--by", "ben", "--note", "seen"), CLI_OK);
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), P2_REST, &key, &alert),
                     0);
    assert_string_equal(alert.by, "ben");
}

static void test_ack__a_patient_with_several_lists_them(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "ack", "p1"), CLI_FAILED);
    assert_says(clinic->err, "p1 has 2 open alerts, name one: ");
    assert_says(clinic->err, P1_REST);
    assert_says(clinic->err, P1_SILENT);
    assert_int_equal(RUN(clinic, "ack", "p3"), CLI_FAILED);
    assert_string_equal(clinic->err, "stepward: p3 has no open alert\n");
    assert_int_equal(RUN(clinic, "ack", "p9"), CLI_FAILED);
    assert_says(clinic->err, "no alert p9, and no patient");
    assert_none_acknowledged(clinic);
}

static void test_ack__of_several_the_only_one_that_nobody_has_seen(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "ack", P1_REST), CLI_OK);
    assert_string_equal(clinic->out,
                        "acknowledged " P1_REST "\npublished when the gateway runs\n");
    assert_int_equal(RUN(clinic, "ack", "p1"), CLI_OK);
    assert_says(clinic->out, "acknowledged " P1_SILENT " (Jürgen): ");
    assert_int_equal(RUN(clinic, "shelve", P1_SILENT, "--for", "2h"), CLI_OK);
    assert_int_equal(RUN(clinic, "unshelve", "p1"), CLI_OK);
    assert_says(clinic->out, "unshelved " P1_SILENT);
}

/* It is 15:00 in Berlin. */
static void test_shelve__until_the_clocks_show_it_next(void **state)
{
    struct clinic *clinic = *state;
    static const struct {
        const char *until, *expected;
    } cases[] = {{"15:01", ",2026-10-25T15:01:00+01:00,"},
                 {"16:30", ",2026-10-25T16:30:00+01:00,"},
                 {"08:00", ",2026-10-26T08:00:00+01:00,"},
                 {"15:00", ",2026-10-26T15:00:00+01:00,"},
                 {"2026-10-25T15:30:00Z", ",2026-10-25T16:30:00+01:00,"},
                 {"2026-10-27T08:00:00", ",2026-10-27T08:00:00+01:00,"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(RUN(clinic, "shelve", P2_REST, "--until", cases[i].until),
                         CLI_OK);
        assert_int_equal(RUN(clinic, "alerts", "--format", "csv"), CLI_OK);
        assert_says(clinic->out, cases[i].expected);
    }
    static const char *const wrong[] = {"24:00", "08:60", "8:00",    "08:0",
                                        "08-00", "-1:00", "tomorrow"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(RUN(clinic, "shelve", P2_REST, "--until", wrong[i]),
                         CLI_USAGE);
        assert_says(clinic->err, "it is a time of day, like 08:00");
    }
    assert_int_equal(RUN(clinic, "shelve", P2_REST), CLI_USAGE);
    assert_says(clinic->err, "say how long: --for 2h, or --until 08:00");
    assert_int_equal(RUN(clinic, "shelve", P2_REST, "--for", "1h", "--until", "16:00"),
                     CLI_USAGE);
    assert_int_equal(RUN(clinic, "ack", P2_REST, "--until", "16:00"), CLI_USAGE);
}

/* A button that was pressed late means what it said. */
static void test_shelve__until_an_instant_that_is_past_is_refused(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "shelve", P2_REST, "--until", "2026-10-25T12:00:00Z"),
                     CLI_FAILED);
    assert_string_equal(clinic->err,
                        "stepward: it is past 13:00: choose another time\n");
    assert_int_equal(RUN(clinic, "shelve", P2_REST, "--until", "2026-11-01T14:01:00Z"),
                     CLI_USAGE);
    assert_says(clinic->err, "it is 7d from now at most");
    assert_int_equal(RUN(clinic, "alerts", "--format", "csv"), CLI_OK);
    assert_silent_about(clinic->out, "T13:00:00");
}

static void test_ack__a_line_is_the_alert_that_stood_there(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_says(clinic->out, "\n2  " P1_SILENT "  p1       Jürgen  silent");
    /* a newer one would push the others down */
    struct sw_alert newer = make_alert("p3", SW_ALERT_REST, NOW_S);
    put_alert(clinic, &newer);
    assert_int_equal(RUN(clinic, "ack", "2"), CLI_OK);
    assert_says(clinic->out, "acknowledged " P1_SILENT " (Jürgen): p1's device has ");
    assert_int_equal(state_of(clinic, P1_REST), SW_STATE_OPEN);
    assert_int_equal(RUN(clinic, "shelve", "3", "--for", "2h"), CLI_OK);
    assert_says(clinic->out, "shelved " P2_REST ": ");
    /* the same lines in every format but the table's: they have no numbers */
    assert_int_equal(RUN(clinic, "alerts", "--format", "csv"), CLI_OK);
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_OK);
    assert_says(clinic->out, P1_REST);
}

static void test_ack__a_line_that_nobody_saw_is_refused(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_FAILED);
    assert_says(clinic->err, "see `stepward alerts`, then `stepward ack 1`");
    assert_int_equal(RUN(clinic, "alerts", "--patient", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "ack", "2"), CLI_FAILED);
    assert_says(clinic->err, "no line 2 in the list of 1 alert:");
    assert_int_equal(RUN(clinic, "ack", "0"), CLI_FAILED);
    clinic->now_s += 13 * 3600;
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_FAILED);
    clinic->now_s -= 13 * 3600;
    assert_none_acknowledged(clinic);
}

static void test_ack__what_got_worse_meanwhile_was_not_seen(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    raise_level(clinic, P1_REST);
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_FAILED);
    assert_says(clinic->err, P1_REST " is of level medium now: see `stepward alerts`");
    assert_none_acknowledged(clinic);
}

static struct sw_store *of_parent;

/* As from a login of its own; the exit code. */
static int run_elsewhere(struct clinic *clinic, const char *const *words)
{
    pid_t pid = fork();
    int status;
    if (pid == 0) {
        of_parent = clinic->store; /* not closed here, and not lost either */
        clinic->store = NULL;
        _exit(setsid() < 0 ? 99 : clinic_run(clinic, words));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}
#define ELSEWHERE(clinic, ...)                                                         \
    run_elsewhere(clinic, (const char *const[]){__VA_ARGS__, NULL})

static void test_ack__a_list_of_another_terminal_is_not_ours(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_int_equal(ELSEWHERE(clinic, "alerts", "--patient", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_OK);
    assert_says(clinic->out, P1_REST);
    /* who has no list of their own: the others' contradict each other */
    assert_int_equal(ELSEWHERE(clinic, "ack", "1"), CLI_FAILED);
    assert_int_equal(state_of(clinic, P2_REST), SW_STATE_OPEN);
}

static void test_ack__without_a_list_of_its_own_a_login_takes_the_only_one(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(ELSEWHERE(clinic, "alerts"), CLI_OK);
    assert_int_equal(ELSEWHERE(clinic, "ack", "3"), CLI_OK);
    assert_int_equal(state_of(clinic, P2_REST), SW_STATE_ACKNOWLEDGED);
}

/* Whether a list names p1, or p2. */
static bool is_listed(const struct clinic *clinic, const char *patient)
{
    char command[160];
    snprintf(command, sizeof command, "grep -rq ' %s-' %s/stepward", patient,
             clinic->folder);
    return system(command) == 0;
}

static void test_ack__an_erasure_forgets_the_lists_that_name_the_patient(void **state)
{
    struct clinic *clinic = *state;
    char backups[128];
    assert_int_equal(setenv("SUDO_UID", "12345", 1), 0); /* another member's */
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_int_equal(unsetenv("SUDO_UID"), 0);
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_int_equal(ELSEWHERE(clinic, "alerts", "--patient", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "erase", "p1"), CLI_USAGE);
    assert_true(is_listed(clinic, "p1"));
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_OK);
    assert_false(is_listed(clinic, "p1"));
    assert_true(is_listed(clinic, "p2"));
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_FAILED); /* not the other's line */
    assert_says(clinic->err, "No alerts were listed here lately");
    assert_int_equal(state_of(clinic, P2_REST), SW_STATE_OPEN);
    clinic_path(clinic, "backup", backups);
    rmdir(backups); /* the erasure looked there */
}

static void test_ack__a_patient_with_a_number_for_an_id_is_not_a_line(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "2"), CLI_OK);
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_int_equal(RUN(clinic, "ack", "2"), CLI_FAILED);
    assert_says(clinic->err, "2 is a patient and may be a line");
    assert_none_acknowledged(clinic);
}

static void test_alerts__have_no_numbers_where_nothing_can_be_remembered(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "/proc", 1), 0);
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(unsetenv("HOME"), 0);
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_says(clinic->out, "\nid ");
    assert_silent_about(clinic->out, "#");
    assert_int_equal(RUN(clinic, "ack", "1"), CLI_FAILED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_ack__a_patient_with_one_open_alert_names_it),
        TEST(test_ack__by_a_second_person_says_who_did_already),
        TEST(test_ack__a_patient_with_several_lists_them),
        TEST(test_ack__of_several_the_only_one_that_nobody_has_seen),
        TEST(test_shelve__until_the_clocks_show_it_next),
        TEST(test_shelve__until_an_instant_that_is_past_is_refused),
        TEST(test_ack__a_line_is_the_alert_that_stood_there),
        TEST(test_ack__a_line_that_nobody_saw_is_refused),
        TEST(test_ack__what_got_worse_meanwhile_was_not_seen),
        TEST(test_ack__a_list_of_another_terminal_is_not_ours),
        TEST(test_ack__without_a_list_of_its_own_a_login_takes_the_only_one),
        TEST(test_ack__an_erasure_forgets_the_lists_that_name_the_patient),
        TEST(test_ack__a_patient_with_a_number_for_an_id_is_not_a_line),
        TEST(test_alerts__have_no_numbers_where_nothing_can_be_remembered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
