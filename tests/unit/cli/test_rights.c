/* test_rights.c -- where rights to a file are missing, one line names the file and the
 * way to them. Root has all rights and may act as who has none: others skip this. */
#include "cli_fixture.h"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>

enum { OWNER = 1, NOBODY = 65534 };

struct place {
    struct clinic clinic;
    char data[128], remedy[160];
};

static int set_up(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    struct clinic *clinic = &place->clinic;
    *state = place;
    clinic_init(clinic);
    clinic_path(clinic, "", place->data);
    place->data[strlen(place->data) - 1] = '\0';
    const struct passwd *owner = getpwuid(OWNER);
    snprintf(place->remedy, sizeof place->remedy, ": run it as the owner: sudo -u %s ",
             owner ? owner->pw_name : "'#1'");
    if (geteuid() != 0)
        return 0;
    return chmod(clinic->folder, 0755) < 0 || mkdir(place->data, 0700) < 0 ||
           chown(place->data, OWNER, OWNER) < 0;
}

static int tear_down(void **state)
{
    struct place *place = *state;
    clinic_fini(&place->clinic);
    free(place);
    return 0;
}

/* The command line acts as the owner of the folder, to its end. */
static void be_root_again(void)
{
    assert_int_equal(setresuid(0, 0, 0), 0);
    assert_int_equal(setresgid(0, 0, 0), 0);
}

static int run_as(uid_t uid, struct clinic *clinic, const char *const *words)
{
    assert_int_equal(setgroups(0, NULL), 0);
    assert_int_equal(setresgid(uid, uid, 0), 0);
    assert_int_equal(setresuid(uid, uid, 0), 0);
    int code = clinic_run(clinic, words);
    be_root_again();
    return code;
}
#define RUN_AS(uid, clinic, ...)                                                       \
    run_as(uid, clinic, (const char *const[]){__VA_ARGS__, NULL})

static void make_database(struct place *place)
{
    if (geteuid() != 0)
        skip();
    assert_int_equal(RUN(&place->clinic, "patient", "add", "p1"), CLI_OK);
    be_root_again();
}

/* The error names the place and who may. */
static void assert_names(const struct place *place, const char *what, const char *path)
{
    char expected[400];
    snprintf(expected, sizeof expected, "stepward: cannot %s %s: Permission denied%s",
             what, path, place->remedy);
    assert_says(place->clinic.err, expected);
    assert_silent_about(place->clinic.err, "create the database");
}

static void test_rights__to_the_folder_has_its_owner(void **state)
{
    struct place *place = *state;
    static const char *const commands[] = {"today", "summary", "alerts", "incidents"};
    make_database(place);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        assert_int_equal(RUN_AS(NOBODY, &place->clinic, commands[i]), CLI_FAILED);
        assert_names(place, "open", place->data);
    }
    assert_int_equal(RUN_AS(NOBODY, &place->clinic, "patient", "add", "p2"),
                     CLI_FAILED);
    assert_names(place, "open", place->data);
}

static void test_rights__to_the_lock_are_those_to_its_folder(void **state)
{
    struct place *place = *state;
    char lock[128];
    make_database(place);
    clinic_path(&place->clinic, "gateway.lock", lock);
    assert_int_equal(RUN_AS(NOBODY, &place->clinic, "status"), CLI_FAILED);
    assert_names(place, "look at", lock);
}

/* Reading makes files beside the database. */
static void test_rights__to_a_folder_that_can_be_read_alone(void **state)
{
    struct place *place = *state;
    make_database(place);
    assert_int_equal(chmod(place->data, 0755), 0);
    assert_int_equal(RUN_AS(NOBODY, &place->clinic, "today"), CLI_FAILED);
    assert_names(place, "open", place->data);
}

static void test_rights__to_the_file_alone(void **state)
{
    struct place *place = *state;
    char database[128];
    make_database(place);
    clinic_path(&place->clinic, "stepward.db", database);
    assert_int_equal(chmod(place->data, 0777), 0);
    assert_int_equal(RUN_AS(NOBODY, &place->clinic, "today"), CLI_FAILED);
    assert_names(place, "open", database);
    assert_int_equal(chmod(database, 0644), 0);
    assert_int_equal(RUN_AS(NOBODY, &place->clinic, "patient", "add", "p2"),
                     CLI_FAILED);
    assert_names(place, "write", database);
}

/* A backup that root copied back: its owner is of no use, the folder's is right. */
static void test_rights__to_a_file_that_another_put_there(void **state)
{
    struct place *place = *state;
    char database[128];
    make_database(place);
    clinic_path(&place->clinic, "stepward.db", database);
    assert_int_equal(chown(database, 0, 0), 0);
    assert_int_equal(RUN_AS(OWNER, &place->clinic, "today"), CLI_FAILED);
    assert_says(place->clinic.err, "it is another user's: sudo chown ");
    assert_says(place->clinic.err, database);
}

static void test_rights__to_make_the_folder_has_the_gateway(void **state)
{
    struct place *place = *state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(rmdir(place->data), 0);
    assert_int_equal(RUN_AS(NOBODY, &place->clinic, "patient", "add", "p1"),
                     CLI_FAILED);
    assert_says(place->clinic.err, "cannot create the folder ");
    assert_says(place->clinic.err, "start the gateway first, which makes it");
}

/* A remedy is a line that who reads it can type. */
static void test_remedy__has_the_sudo_that_it_needs(void **state)
{
    struct place *place = *state;
    struct clinic *clinic = &place->clinic;
    char expected[160];
    make_database(place);
    const struct passwd *found = getpwuid(OWNER);
    char owner[64] = "";
    snprintf(owner, sizeof owner, "%.60s", found ? found->pw_name : "");
    found = getpwuid(NOBODY);
    if (!*owner || !found)
        skip();
    assert_int_equal(setenv("SUDO_USER", found->pw_name, 1), 0);
    assert_int_equal(RUN(clinic, "ack", "p9"), CLI_FAILED);
    be_root_again();
    snprintf(expected, sizeof expected, "see `sudo -u %s stepward alerts`", owner);
    assert_says(clinic->err, expected);
    assert_int_equal(setenv("SUDO_USER", owner, 1), 0); /* of its own group */
    assert_int_equal(RUN(clinic, "ack", "p9"), CLI_FAILED);
    be_root_again();
    assert_says(clinic->err, "see `stepward alerts`");
    assert_int_equal(unsetenv("SUDO_USER"), 0);
}

static void test_rights__to_the_configuration_has_its_owner(void **state)
{
    struct place *place = *state;
    struct clinic *clinic = &place->clinic;
    char expected[400];
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(clinic->config, 0600), 0);
    assert_int_equal(chown(clinic->config, OWNER, OWNER), 0);
    assert_int_equal(RUN_AS(NOBODY, clinic, "today"), CLI_USAGE);
    snprintf(expected, sizeof expected, "%s: Permission denied%s", clinic->config,
             place->remedy);
    assert_says(clinic->err, expected);
}

static void test_rights__to_the_password_needs_the_gateway_alone(void **state)
{
    struct place *place = *state;
    struct clinic *clinic = &place->clinic;
    char password[128];
    if (geteuid() != 0)
        skip();
    snprintf(password, sizeof password, "%s/pw", clinic->folder);
    int fd = open(password, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(chown(password, OWNER, OWNER), 0);
    FILE *file = fopen(clinic->config, "a");
    assert_non_null(file);
    assert_true(fputs("broker { password_file = \"pw\" }\n", file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_not_equal(RUN_AS(NOBODY, clinic, "today"), CLI_USAGE);
    assert_null(strstr(clinic->err, "password_file"));
    unlink(password);
}

static void test_rights__to_the_folder_of_an_export_has_the_shell(void **state)
{
    struct place *place = *state;
    struct clinic *clinic = &place->clinic;
    char path[128];
    make_database(place);
    snprintf(path, sizeof path, "%s/p1.json", clinic->folder);
    assert_int_equal(RUN_AS(OWNER, clinic, "patient", "export", "p1", "--out", path),
                     CLI_FAILED);
    assert_says(clinic->err, "/p1.json: Permission denied: put `> FILE` in place of "
                             "`--out FILE`, then your shell makes it\n");
    assert_int_equal(RUN_AS(OWNER, clinic, "patient", "export", "p1"), CLI_OK);
    assert_says(clinic->out, "{\"v\":1,");
}

static void test_rights__that_one_could_give_oneself(void **state)
{
    struct place *place = *state;
    make_database(place);
    assert_int_equal(chmod(place->data, 0500), 0);
    assert_int_equal(RUN_AS(OWNER, &place->clinic, "patient", "add", "p2"), CLI_FAILED);
    assert_says(place->clinic.err, ": it is yours: chmod u+rwx ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rights__to_the_folder_has_its_owner),
        TEST(test_rights__to_the_lock_are_those_to_its_folder),
        TEST(test_rights__to_a_folder_that_can_be_read_alone),
        TEST(test_rights__to_the_file_alone),
        TEST(test_rights__to_a_file_that_another_put_there),
        TEST(test_rights__to_make_the_folder_has_the_gateway),
        TEST(test_remedy__has_the_sudo_that_it_needs),
        TEST(test_rights__to_the_configuration_has_its_owner),
        TEST(test_rights__to_the_password_needs_the_gateway_alone),
        TEST(test_rights__to_the_folder_of_an_export_has_the_shell),
        TEST(test_rights__that_one_could_give_oneself),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
