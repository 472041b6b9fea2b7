/* test_zone.c -- the table of shifts agrees with glibc at every instant asked. */
#include "stepward/host.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/zone.h"

static const char *const zones[] = {
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Santiago",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Pacific/Apia",
    "America/Recife",
    "Australia/Lord_Howe",
    "Antarctica/Casey",
    "Antarctica/Troll",
};
enum { N_ZONES = sizeof(zones) / sizeof(zones[0]), DAY_S = 86400 };
static const int64_t until_s = INT64_C(4291747200); /* 2106-01-01 */

/* In place of libc's: the table's memory, which the test can let run out. */
static int grows_left = INT32_MAX;

void *reallocarray(void *old, size_t n, size_t size)
{
    return grows_left-- > 0 ? realloc(old, n * size) : NULL;
}

/* Loads the table to the end of what it may cover, and makes libc's clock agree. */
static struct sw_zone load_all(const char *name)
{
    struct sw_zone zone;
    assert_int_equal(zone_load_until(&zone, name, until_s), 0);
    assert_int_equal(sw_zone_be_local(name), 0);
    return zone;
}

static int32_t true_offset(int64_t at_s)
{
    time_t t = (time_t)at_s;
    struct tm tm;
    assert_non_null(localtime_r(&t, &tm));
    return (int32_t)tm.tm_gmtoff;
}

/* Four times a day is every change tzdata could hold; the odd step meets all hours. */
static void check_every_few_hours(const struct sw_zone *zone)
{
    for (int64_t at_s = 0; at_s < until_s; at_s += 6 * 3600 + 61)
        assert_int_equal(sw_zone_offset(zone, at_s), true_offset(at_s));
}

static void check_each_shift_to_the_second(const struct sw_zone *zone)
{
    for (size_t i = 1; i < zone->n; i++) {
        int64_t at_s = zone->shifts[i].at_s;
        assert_true(at_s > zone->shifts[i - 1].at_s);
        assert_int_equal(true_offset(at_s), zone->shifts[i].offset_s);
        assert_int_equal(true_offset(at_s - 1), zone->shifts[i - 1].offset_s);
        assert_int_not_equal(true_offset(at_s), true_offset(at_s - 1));
    }
}

static void test_zone__table_agrees_with_the_system(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_ZONES; i++) {
        struct sw_zone zone = load_all(zones[i]);
        check_every_few_hours(&zone);
        check_each_shift_to_the_second(&zone);
        sw_zone_fini(&zone);
    }
}

static void test_zone__a_shift_of_a_week_is_found(void **state)
{
    (void)state;
    struct sw_zone zone = load_all("America/Recife");
    /* summer time of 2000 was called off after six days and 23 hours */
    assert_int_equal(sw_zone_offset(&zone, INT64_C(970974000) - 1), -3 * 3600);
    assert_int_equal(sw_zone_offset(&zone, INT64_C(970974000)), -2 * 3600);
    assert_int_equal(sw_zone_offset(&zone, INT64_C(971575200) - 1), -2 * 3600);
    assert_int_equal(sw_zone_offset(&zone, INT64_C(971575200)), -3 * 3600);
    sw_zone_fini(&zone);
}

static void test_zone__berlin_has_two_shifts_a_year_to_the_end(void **state)
{
    (void)state;
    struct sw_zone zone = load_all("Europe/Berlin");
    /* 1970, then spring and autumn of each year from 1980 to 2105 */
    assert_int_equal(zone.n, 1 + 2 * (2105 - 1980 + 1));
    assert_true(zone.shifts[zone.n - 1].at_s > until_s - 100 * (int64_t)DAY_S);
    sw_zone_fini(&zone);
}

static void test_zone__covers_ten_years_ahead_and_2037_at_least(void **state)
{
    (void)state;
    const int64_t until_2038_s = INT64_C(2145916800), ten_years_s = INT64_C(315576000);
    assert_int_equal(zone_covered_until(0), until_2038_s); /* a Pi without a clock */
    assert_int_equal(zone_covered_until(INT64_C(1796000000)), until_2038_s); /* 2026 */
    assert_int_equal(zone_covered_until(INT64_C(2240000000)),
                     INT64_C(2240000000) + ten_years_s);
    assert_int_equal(zone_covered_until(INT64_MAX), until_s);
    struct sw_zone zone;
    assert_int_equal(sw_zone_load(&zone, "Europe/Berlin"), 0);
    assert_true(zone.shifts[zone.n - 1].at_s > until_2038_s - 100 * (int64_t)DAY_S);
    sw_zone_fini(&zone);
}

static void check_tz_is_kept(const char *tz)
{
    struct sw_zone zone;
    assert_int_equal(sw_zone_load(&zone, "Asia/Kathmandu"), 0);
    sw_zone_fini(&zone);
    assert_int_equal(sw_zone_load(&zone, "Asia/Bremen"), -ENOENT);
    if (tz)
        assert_string_equal(getenv("TZ"), tz);
    else
        assert_null(getenv("TZ"));
}

static void test_zone__the_local_time_of_the_process_stays_as_it_was(void **state)
{
    (void)state;
    assert_int_equal(unsetenv("TZ"), 0);
    check_tz_is_kept(NULL);
    assert_int_equal(setenv("TZ", "AAA-2", 1), 0);
    check_tz_is_kept("AAA-2");
    assert_int_equal(true_offset(0), 2 * 3600);
    assert_int_equal(sw_zone_be_local("Asia/Tokyo"), 0);
    assert_int_equal(true_offset(0), 9 * 3600);
    assert_int_equal(sw_zone_be_local("Asia/Bremen"), -ENOENT);
    assert_int_equal(true_offset(0), 9 * 3600);
    assert_int_equal(unsetenv("TZ"), 0);
}

static void test_zone__loading_fits_a_command_line_s_budget(void **state)
{
    (void)state;
    int64_t best_ns = INT64_MAX;
    for (int i = 0; i < 9; i++) {
        struct timespec a, b;
        struct sw_zone zone;
        clock_gettime(CLOCK_MONOTONIC, &a);
        assert_int_equal(sw_zone_load(&zone, i % 2 ? "UTC" : "Europe/Berlin"), 0);
        clock_gettime(CLOCK_MONOTONIC, &b);
        int64_t ns = (b.tv_sec - a.tv_sec) * 1000000000 + (b.tv_nsec - a.tv_nsec);
        if (i % 2 == 0 && ns < best_ns)
            best_ns = ns;
        sw_zone_fini(&zone);
    }
    print_message("Europe/Berlin loads in %lld us\n", (long long)best_ns / 1000);
    assert_true(best_ns < 25 * 1000000); /* 1 ms, and room for a sanitizer */
}

static void test_zone__unknown_and_hostile_names_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "",
        "Europe/Bremen",
        "Europe",
        "Europe/",
        "/etc/passwd",
        "../../../etc/passwd",
        "Europe/../UTC",
        ":Europe/Berlin",
        ":UTC",
        "/usr/share/zoneinfo/UTC",
        "zone.tab",
        "tzdata.zi",
        "CET-1CEST",
        "<+03>-3",
        "Europe//Berlin",
        "Europe/Berlin\n",
        "europe/berlin",
        ".",
        "..",
        "leapseconds",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct sw_zone zone = {0};
        assert_int_equal(sw_zone_load(&zone, names[i]), -ENOENT);
        assert_null(zone.shifts);
        assert_false(sw_zone_exists(names[i]));
    }
}

static void test_zone__tzdir_is_honoured(void **state)
{
    (void)state;
    struct sw_zone zone;
    assert_int_equal(setenv("TZDIR", "/nonexistent", 1), 0);
    assert_int_equal(sw_zone_load(&zone, "Europe/Berlin"), -ENOENT);
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(sw_zone_load(&zone, "Europe/Berlin"), 0);
    sw_zone_fini(&zone);
}

/* A zone that is nothing but a rule, as a file of its own; glibc wants an entry too:
 * UTC since 1970. */
static void write_rule(const char *path, const char *rule)
{
    static const unsigned char header[32] = "TZif2", nothing[17] = {0};
    static const unsigned char counts[12] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2};
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    for (size_t instant = 4; instant <= 8; instant += 4) {
        fwrite(header, 1, sizeof(header), file);
        fwrite(counts, 1, sizeof(counts), file);
        fwrite(nothing, 1, instant + 9, file); /* instant, type, text */
    }
    fprintf(file, "\n%s\n", rule);
    assert_int_equal(fclose(file), 0);
}

static void check_rule(const char *folder, const char *name, const char *rule)
{
    char path[64];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    write_rule(path, rule);
    struct sw_zone zone = load_all(name);
    assert_true(zone.n > 2 * 100);
    check_every_few_hours(&zone);
    check_each_shift_to_the_second(&zone);
    sw_zone_fini(&zone);
    assert_int_equal(unlink(path), 0);
    /* glibc takes a file of the same inode and second for the one that it knows. */
    assert_int_equal(unsetenv("TZ"), 0);
    tzset();
}

/* tzdata's own are all of weekdays; POSIX has days of the year too. */
/* A file that promises a zone, and no more: glibc would take UTC. */
static void test_zone__a_broken_file_is_refused(void **state)
{
    char folder[] = "/tmp/zone-XXXXXX", path[64];
    struct sw_zone zone;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    snprintf(path, sizeof(path), "%s/Clinic", folder);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs("TZif2 and so on", file);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(sw_zone_load(&zone, "Clinic"), -ENOENT);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(sw_zone_load(&zone, "Clinic"), -ENOENT);
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_zone__each_kind_of_rule_is_followed(void **state)
{
    char folder[] = "/tmp/zone-XXXXXX";
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(setenv("TZDIR", folder, 1), 0);
    check_rule(folder, "Weekdays", "AAA0BBB-1,M2.5.3/26,M10.2.6/-1");
    check_rule(folder, "NoLeapDay", "AAA0BBB-1,J60/2,J300/3");
    check_rule(folder, "DaysOfYear", "AAA0BBB-1,59/2,300");
    check_rule(folder, "Mixed", "AAA0BBB-1,J59/0:30,M9.1.0");
    assert_int_equal(unsetenv("TZDIR"), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void test_zone__without_memory_nothing_is_loaded(void **state)
{
    (void)state;
    struct sw_zone zone = {0};
    int fitting = 0;
    for (;; fitting++) {
        grows_left = fitting;
        int r = sw_zone_load(&zone, "Europe/Berlin");
        grows_left = INT32_MAX;
        if (r == 0)
            break;
        assert_int_equal(r, -ENOMEM);
        assert_null(zone.shifts);
    }
    assert_true(fitting >= 2);
    sw_zone_fini(&zone);
}

static void test_zone__fini_of_nothing_is_fine(void **state)
{
    (void)state;
    struct sw_zone zone = {0};
    sw_zone_fini(&zone);
    assert_int_equal(zone.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zone__table_agrees_with_the_system),
        cmocka_unit_test(test_zone__a_shift_of_a_week_is_found),
        cmocka_unit_test(test_zone__berlin_has_two_shifts_a_year_to_the_end),
        cmocka_unit_test(test_zone__covers_ten_years_ahead_and_2037_at_least),
        cmocka_unit_test(test_zone__the_local_time_of_the_process_stays_as_it_was),
        cmocka_unit_test(test_zone__loading_fits_a_command_line_s_budget),
        cmocka_unit_test(test_zone__unknown_and_hostile_names_are_refused),
        cmocka_unit_test(test_zone__tzdir_is_honoured),
        cmocka_unit_test(test_zone__a_broken_file_is_refused),
        cmocka_unit_test(test_zone__each_kind_of_rule_is_followed),
        cmocka_unit_test(test_zone__without_memory_nothing_is_loaded),
        cmocka_unit_test(test_zone__fini_of_nothing_is_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
