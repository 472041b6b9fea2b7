/* test_folder.c -- a folder that stops being readable half way, as on a dying card:
 * what was not read is not taken for what is not there. */
#include "cli_fixture.h"

#include <dlfcn.h>
#include <errno.h>

#include "stepward/backup.h"
#include "util/file.h"

/* ---- a folder that fails ---- */

static const char *failing; /* the end of its path; NULL: none */

/* In front of the C library's, for everything in this program. */
struct dirent *readdir(DIR *folder)
{
    char link[64], path[512];
    struct dirent *(*next)(DIR *);
    *(void **)&next = dlsym(RTLD_NEXT, "readdir64"); /* the same where all is 64 bits */
    snprintf(link, sizeof link, "/proc/self/fd/%d", dirfd(folder));
    ssize_t len = readlink(link, path, sizeof path - 1);
    assert_true(len > 0);
    path[len] = '\0';
    size_t end_len = failing ? strlen(failing) : 0;
    bool fails = failing && (size_t)len >= end_len &&
                 strcmp(path + len - (ssize_t)end_len, failing) == 0;
    if (!fails)
        return next(folder);
    errno = EIO;
    return NULL;
}

/* ---- a clinic with a patient and a backup ---- */

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    failing = NULL;
    clinic_init(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(RUN(clinic, "backup"), CLI_OK);
    clinic->now_s++;
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    struct clinic *clinic = *state;
    struct dirent *entry;
    char path[128], name[512];
    failing = NULL;
    clinic_path(clinic, "backup", path);
    DIR *folder = opendir(path);
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

static void test_erase__names_backups_that_it_could_not_see(void **state)
{
    struct clinic *clinic = *state;
    failing = "/backup";
    assert_int_equal(RUN(clinic, "patient", "erase", "p1"), CLI_FAILED);
    assert_says(clinic->err, "cannot list the backups in ");
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_FAILED);
    assert_says(clinic->err, "erased, but not from all backups: ");
    assert_says(clinic->err, "Input/output error");
    failing = NULL;
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_OK);
    assert_says(clinic->out, "from 1 backup too");
}

static void test_erase__names_damaged_files_that_it_could_not_look_for(void **state)
{
    struct clinic *clinic = *state;
    failing = "/data";
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_FAILED);
    assert_says(clinic->err, "damaged files set aside there may still hold data");
}

static void test_backup__is_not_made_where_it_could_not_be_found_again(void **state)
{
    struct clinic *clinic = *state;
    char path[128];
    failing = "/backup";
    assert_int_equal(RUN(clinic, "backup"), CLI_FAILED);
    assert_says(clinic->err, "cannot read the folder: Input/output error");
    failing = NULL;
    clinic_path(clinic, "", path);
    assert_int_equal(sw_backup_count(path), 1);
}

/* None that is sound would make the gateway begin with an empty database. */
static void test_restore__of_a_folder_that_fails_is_not_none(void **state)
{
    struct clinic *clinic = *state;
    struct sw_backup used;
    char why[SW_WHY_MAX], data_dir[128], path[128];
    clinic_path(clinic, "", data_dir);
    clinic_path(clinic, "new.db", path);
    failing = "/backup";
    assert_int_equal(sw_backup_restore(data_dir, path, 0, &used, why), -EIO);
    assert_says(why, "cannot list the backups: Input/output error");
    assert_int_equal(access(path, F_OK), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_erase__names_backups_that_it_could_not_see),
        TEST(test_erase__names_damaged_files_that_it_could_not_look_for),
        TEST(test_backup__is_not_made_where_it_could_not_be_found_again),
        TEST(test_restore__of_a_folder_that_fails_is_not_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
