/* test_login.c -- the line that a QR code holds, the lines from which it is made, who may
 * ask for it, and the certificates' ends in `status`. */
#include "cli_fixture.h"

#include <inttypes.h>

#include "cli/login.h"

static struct cli_login example(void)
{
    struct cli_login login = {0};
    static const char *const lines[] = {"host=pi.local",
                                        "port=8883",
                                        "user=anna",
                                        "password=secret",
                                        "tls=yes",
                                        "fingerprint=0A:FF:1b",
                                        "ca=/etc/stepward/tls/ca.crt"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_true(cli_login_take(&login, lines[i]));
    return login;
}

static void test_login__uri_names_all_that_an_app_needs(void **state)
{
    (void)state;
    char uri[LOGIN_URI_MAX];
    struct cli_login login = example();
    assert_true(cli_login_uri(&login, "clinic/main/alerts/anna/#", uri));
    assert_string_equal(uri, "mqtts://anna:secret@pi.local:8883/clinic/main/alerts/"
                             "anna/%23?ca=sha256:0aff1b");
    login.has_tls = false;
    strcpy(login.host, "fd00::2");
    assert_true(cli_login_uri(&login, "a/+/b", uri));
    assert_string_equal(uri, "mqtt://anna:secret@[fd00::2]:8883/a/%2B/b");
}

static void test_login__uri_that_would_be_cut_is_refused(void **state)
{
    (void)state;
    char uri[LOGIN_URI_MAX], topic[LOGIN_URI_MAX + 1];
    struct cli_login login = example();
    memset(topic, 'x', sizeof topic);
    topic[LOGIN_URI_MAX] = '\0';
    assert_false(cli_login_uri(&login, topic, uri));
}

static void test_login__lines_that_are_none_are_refused(void **state)
{
    (void)state;
    struct cli_login login = {0};
    char line[LOGIN_TEXT_MAX + 20] = "password=";
    assert_false(cli_login_take(&login, ""));
    assert_false(cli_login_take(&login, "password="));
    assert_false(cli_login_take(&login, "tls=perhaps"));
    assert_false(cli_login_take(&login, "proved: all"));
    memset(line + strlen(line), 'x', LOGIN_TEXT_MAX);
    assert_false(cli_login_take(&login, line));
}

static void test_login__others_than_root_are_told_how(void **state)
{
    struct clinic *clinic = *state;
    if (getuid() == 0)
        skip();
    assert_int_equal(RUN(clinic, "device", "add", "p1"), CLI_FAILED);
    assert_string_equal(clinic->err,
                        "stepward: run it as root: sudo stepward device add ...\n");
    assert_int_equal(RUN(clinic, "setup", "--yes"), CLI_FAILED);
    assert_string_equal(clinic->err,
                        "stepward: run it as root: sudo stepward setup ...\n");
}

static void test_login__ids_and_patients_are_checked_first(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(setenv("STEPWARD_ROOT", clinic->folder, 1), 0);
    assert_int_equal(RUN(clinic, "device", "add", "../p1"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "therapist", "renew", ""), CLI_USAGE);
    assert_int_equal(RUN(clinic, "device", "add", "p1"), CLI_FAILED);
    assert_string_equal(clinic->err,
                        "stepward: no patient p1 yet: `stepward patient add "
                        "p1` first\n");
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "therapist", "add", "p1"), CLI_FAILED);
    assert_string_equal(clinic->err,
                        "stepward: p1 is a patient: a therapist needs another id\n");
    assert_int_equal(RUN(clinic, "device", "add", "p1"), CLI_FAILED);
    assert_non_null(strstr(clinic->err,
                           "/usr/lib/stepward/setup: No such file or "
                           "directory: sudo scripts/install puts it there"));
    assert_int_equal(unsetenv("STEPWARD_ROOT"), 0);
}

static void test_login__rights_name_a_therapist_without_patients(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(
        RUN(clinic, "site", "--rights", "--therapist", "cyn", "--therapist", "cyn"),
        CLI_OK);
    const char *first = strstr(clinic->out, "\nuser cyn\n");
    assert_non_null(first);
    assert_null(strstr(first + 1, "\nuser cyn\n"));
    assert_int_equal(RUN(clinic, "site", "--rights", "--therapist", "a\nuser b"),
                     CLI_USAGE);
    assert_int_equal(RUN(clinic, "site", "--therapist", "cyn"), CLI_USAGE);
}

static void test_login__status_tells_when_certificates_end(void **state)
{
    struct clinic *clinic = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/tls", clinic->folder);
    assert_int_equal(mkdir(path, 0755), 0);
    strcat(path, "/ends");
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(file, "authority 2426025600\nnonsense\nbroker %" PRId64 "\n",
            NOW_S + 86400);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    RUN(clinic, "status");
    assert_non_null(strstr(clinic->out, "the certificate of the authority ends on "
                                        "2046-11-17"));
    assert_non_null(
        strstr(clinic->out, "the certificate of the broker ends on 2026-10-26"));
}

static int set_up(void **state)
{
    static struct clinic clinic;
    clinic_init(&clinic);
    *state = &clinic;
    return 0;
}

static int tear_down(void **state)
{
    char path[128];
    struct clinic *clinic = *state;
    snprintf(path, sizeof path, "%s/tls/ends", clinic->folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/tls", clinic->folder);
    rmdir(path);
    clinic_fini(clinic);
    return 0;
}

#define ON_A_CLINIC(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login__uri_names_all_that_an_app_needs),
        cmocka_unit_test(test_login__uri_that_would_be_cut_is_refused),
        cmocka_unit_test(test_login__lines_that_are_none_are_refused),
        ON_A_CLINIC(test_login__others_than_root_are_told_how),
        ON_A_CLINIC(test_login__ids_and_patients_are_checked_first),
        ON_A_CLINIC(test_login__rights_name_a_therapist_without_patients),
        ON_A_CLINIC(test_login__status_tells_when_certificates_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
