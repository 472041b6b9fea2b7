/* test_zone_file.c -- compiled zones that are short, broken, or little but a rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/zone_file.h"
#include "stepward/civil.h"
#include "stepward/host.h"

/* Two empty halves of one type each, and the rule: what tzdata's slim files have of a
 * zone that never did anything else. */
#define HEADER "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define COUNTS "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
#define TYPE   "\0\0\016\020\0\0CET\0" /* 3600 s, no summer time */
#define RULE   "\nCET-1CEST,M3.5.0,M10.5.0/3\n"
static const char slim[] = HEADER COUNTS TYPE HEADER COUNTS TYPE RULE;
enum { SLIM_LEN = sizeof slim - 1 };

struct folder {
    char name[64], path[80];
};

static int make_folder(void **state)
{
    static struct folder folder;
    strcpy(folder.name, "/tmp/stepward-zone-XXXXXX");
    assert_non_null(mkdtemp(folder.name));
    snprintf(folder.path, sizeof folder.path, "%s/Clinic", folder.name);
    *state = &folder;
    return 0;
}

static int remove_folder(void **state)
{
    const struct folder *folder = *state;
    unlink(folder->path);
    return rmdir(folder->name);
}

static void write_file(const struct folder *folder, const char *bytes, size_t len)
{
    FILE *file = fopen(folder->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void test_zone_file__a_rule_alone_makes_two_shifts_a_year(void **state)
{
    const struct folder *folder = *state;
    struct sw_zone zone;
    write_file(folder, slim, SLIM_LEN);
    assert_int_equal(setenv("TZDIR", folder->name, 1), 0);
    assert_int_equal(sw_zone_load(&zone, "Clinic"), 0);
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(zone.n, 1 + 2 * (2105 - 1970 + 1));
    assert_int_equal(sw_zone_offset(&zone, 1774746000 - 1), 3600); /* 2026-03-29 */
    assert_int_equal(sw_zone_offset(&zone, 1774746000), 7200);
    sw_zone_fini(&zone);
}

static void test_zone_file__cut_anywhere_it_is_refused(void **state)
{
    const struct folder *folder = *state;
    struct zone_file file;
    for (size_t len = 0; len < SLIM_LEN; len++) {
        write_file(folder, slim, len);
        assert_false(zone_file_read(&file, folder->path));
    }
    write_file(folder, slim, SLIM_LEN);
    assert_true(zone_file_read(&file, folder->path));
    zone_file_free(&file);
}

/* Counts that promise more than there is, in any byte of either header. */
static void test_zone_file__broken_anywhere_it_harms_nobody(void **state)
{
    const struct folder *folder = *state;
    for (size_t i = 0; i < SLIM_LEN; i++) {
        char broken[SLIM_LEN];
        struct zone_file file;
        memcpy(broken, slim, SLIM_LEN);
        broken[i] = (char)0xff;
        write_file(folder, broken, SLIM_LEN);
        if (!zone_file_read(&file, folder->path))
            continue;
        for (size_t k = 0; k < file.n_times; k++)
            (void)(zone_file_at(&file, k) + zone_file_offset(&file, k));
        zone_file_free(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone_file__a_rule_alone_makes_two_shifts_a_year),
        cmocka_unit_test(test_zone_file__cut_anywhere_it_is_refused),
        cmocka_unit_test(test_zone_file__broken_anywhere_it_harms_nobody),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
