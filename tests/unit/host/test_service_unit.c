/* test_service_unit.c -- where systemd does not let the service write, and who says that
 * it does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "stepward/config.h"

#define OWN   "lib/systemd/system/stepward-gateway.service.d/data_dir.conf"
#define OTHER "etc/systemd/system/stepward-gateway.service.d/override.conf"

static char root[64];
static char service_config[] = SW_SERVICE_CONFIG;

static bool may_write(char *data_dir)
{
    struct sw_config config = {.path = service_config, .data_dir = data_dir};
    return sw_service_may_write(root, &config);
}

static void put(const char *name, const char *text)
{
    char path[192];
    snprintf(path, sizeof path, "%s/%s", root, name);
    for (char *slash = path + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        mkdir(path, 0700);
        *slash = '/';
    }
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void test_service__may_write_to_another_data_dir_if_a_file_says_so(void **state)
{
    (void)state;
    char folder[96], line[192], usual[] = SW_SERVICE_DATA_DIR, absent[] = "/nowhere";
    struct sw_config other = {.path = folder, .data_dir = folder};
    snprintf(folder, sizeof folder, "%s/a%%b", root);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_true(may_write(folder)); /* there is no service */
    put("lib/systemd/system/stepward-gateway.service", "[Service]\n");
    assert_false(may_write(folder));
    assert_true(may_write(usual));
    assert_true(sw_service_may_write(root, &other)); /* another configuration */
    snprintf(line, sizeof line, "[Service]\nReadWritePaths=\"-%s/a%%%%b\"\n", root);
    put(OWN, line);
    assert_true(may_write(folder));
    snprintf(line, sizeof line, "[Service]\nReadWritePaths=\"-%s/a%%%%bc\"\n", root);
    put(OWN, line); /* it was another one then */
    assert_false(may_write(folder));
    put(OTHER, "[Service]\nReadWritePaths=/srv\n"); /* an administrator's */
    assert_true(may_write(folder));
    assert_false(may_write(absent));
}

static int make_root(void **state)
{
    (void)state;
    strcpy(root, "/tmp/stepward-unit-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    char command[96];
    (void)state;
    snprintf(command, sizeof command, "rm -r %s", root);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_service__may_write_to_another_data_dir_if_a_file_says_so, make_root,
            remove_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
