/* test_programs.c -- what is in the folder of notify { run }, and who may write to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "stepward/programs.h"

static char folder[64];
static struct sw_config config;
static struct sw_programs found;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/stepward-run-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    config.path = config.notify.run = folder;
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void put(const char *name, mode_t mode)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(chmod(path, mode), 0);
}

static void check_fault(const char *expected)
{
    sw_programs_find(&config, &found);
    const char *fault = sw_programs_fault(&found);
    if (*expected == '\0')
        assert_string_equal(fault, "");
    else if (!strstr(fault, expected))
        assert_string_equal(fault, expected);
}

static void test_programs__are_found_in_order_and_settings_passed_over(void **state)
{
    (void)state;
    put("ntfy", 0755);
    put("mail", 0700);
    put("mail.conf", 0640);
    put("mail~", 0755);
    put(".swp", 0666);
    put("README.txt", 0644);
    put("mail.dpkg-old", 0755);
    check_fault("");
    assert_int_equal(found.n, 2);
    assert_string_equal(found.items[0].name, "mail");
    assert_string_equal(found.items[1].name, "ntfy");
}

static void test_programs__that_others_may_write_are_named(void **state)
{
    (void)state;
    put("mail", 0775);
    check_fault("/mail: sudo chmod go-w /tmp/stepward-run-");
    put("mail", 0757);
    check_fault("/mail: sudo chmod go-w /tmp/stepward-run-");
    put("mail", 0644);
    check_fault("cannot be run: sudo chmod 755");
    put("mail", 0755);
    chmod(folder, 0777);
    check_fault("others may write to /tmp/stepward-run-");
    chmod(folder, 0755);
    if (geteuid() == 0) {
        char path[200];
        snprintf(path, sizeof path, "%s/mail", folder);
        assert_int_equal(chown(path, 12345, 0), 0);
        check_fault("is not root's: sudo chown root");
        assert_int_equal(chown(path, 0, 0), 0);
    }
    check_fault("");
}

static void test_programs__a_link_is_what_it_points_to(void **state)
{
    (void)state;
    char path[200], target[200];
    snprintf(path, sizeof path, "%s/sh", folder);
    assert_int_equal(symlink("/bin/sh", path), 0);
    check_fault("");
    snprintf(path, sizeof path, "%s/mail", folder);
    snprintf(target, sizeof target, "%s/open", folder);
    assert_int_equal(mkdir(target, 0700), 0);
    chmod(target, 0777);
    put("open/real", 0755);
    snprintf(target, sizeof target, "%s/open/real", folder);
    assert_int_equal(symlink(target, path), 0);
    check_fault("others may write to");
    unlink(path);
    assert_int_equal(symlink("/nonexistent", path), 0);
    check_fault("mail: No such file");
}

static void test_programs__none_too_many_and_odd_names_are_said(void **state)
{
    (void)state;
    char name[32];
    check_fault("no program is in");
    put("two words", 0755);
    check_fault("a name that is not 1 to 40");
    char path[200];
    snprintf(path, sizeof path, "%s/two words", folder);
    unlink(path);
    for (int i = 0; i < SW_PROGRAMS_MAX; i++) {
        snprintf(name, sizeof name, "p%d", i);
        put(name, 0755);
    }
    check_fault("");
    put("one-more", 0755);
    check_fault("more than 8 programs");
    config.notify.run = (char[]){"/nonexistent/notify.d"};
    check_fault("/nonexistent/notify.d: No such file");
    assert_int_equal(found.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_programs__are_found_in_order_and_settings_passed_over),
        TEST(test_programs__that_others_may_write_are_named),
        TEST(test_programs__a_link_is_what_it_points_to),
        TEST(test_programs__none_too_many_and_odd_names_are_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
