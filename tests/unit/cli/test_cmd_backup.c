/* test_cmd_backup.c -- `backup` says where the copy is, and why there is none. */
#include "cli_fixture.h"

#include "util/file.h"

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    struct clinic *clinic = *state;
    char path[128], name[512];
    clinic_path(clinic, "backup", path);
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && sw_folder_next(folder, &entry) > 0) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        unlink(name);
    }
    if (folder)
        closedir(folder);
    rmdir(path);
    clinic_fini(clinic);
    free(clinic);
    return 0;
}

static void test_backup__says_where_and_keeps_four(void **state)
{
    struct clinic *clinic = *state;
    for (int i = 0; i < 6; i++) {
        clinic->now_s = NOW_S + i;
        assert_int_equal(RUN(clinic, "backup"), CLI_OK);
        assert_says(clinic->out, i < 4 ? "/backup/stepward-2026102" : "; 4 kept\n");
    }
    assert_int_equal(RUN(clinic, "backup"), CLI_FAILED);
    assert_says(clinic->err, "made this very second");
    clinic->now_s++;
    assert_int_equal(RUN(clinic, "backup", "--keep", "1"), CLI_OK);
    assert_says(clinic->out, "; 1 kept\n");
    assert_int_equal(RUN(clinic, "backup", "--keep", "0"), CLI_USAGE);
}

static void test_backup__of_a_damaged_database_names_the_remedy(void **state)
{
    struct clinic *clinic = *state;
    char path[128];
    clinic_path(clinic, "stepward.db", path);
    FILE *file = fopen(path, "r+");
    assert_non_null(file);
    assert_int_equal(fseek(file, 4096, SEEK_SET), 0);
    for (int i = 0; i < 16384; i++)
        fputc(0xa5, file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(RUN(clinic, "backup"), CLI_FAILED);
    assert_says(clinic->err, "damaged");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_backup__says_where_and_keeps_four),
        TEST(test_backup__of_a_damaged_database_names_the_remedy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
