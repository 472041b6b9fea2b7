/* test_civil.c -- civil days in zones with shifts, and the calendar's text. */
#include "draw.h"
#include "stepward/civil.h"

/* Europe/Berlin in spring 2026: 02:00 -> 03:00 on 29 March, 01:00 UTC. */
static const struct sw_zone_shift berlin_shifts[] = {{0, 3600}, {1774746000, 7200}};
static const struct sw_zone berlin = {berlin_shifts, 2};
/* America/Santiago on 7 September 2025: midnight -> 01:00, 04:00 UTC. */
static const struct sw_zone_shift santiago_shifts[] = {{0, -14400},
                                                       {1757217600, -10800}};
static const struct sw_zone santiago = {santiago_shifts, 2};
/* A clock put back at 24:00 to 23:00, as Santiago does in April 2026: 03:00 UTC. */
static const struct sw_zone_shift autumn_shifts[] = {{0, -10800}, {1775358000, -14400}};
static const struct sw_zone autumn = {autumn_shifts, 2};
/* Pacific/Apia had no 30 December 2011: 10:00 UTC of that day. */
static const struct sw_zone_shift apia_shifts[] = {{0, -36000}, {1325239200, 50400}};
static const struct sw_zone apia = {apia_shifts, 2};

static int32_t day(const char *text)
{
    int32_t ret = -1;
    assert_true(sw_date_parse(text, strlen(text), &ret));
    return ret;
}

static int64_t hours_of(const struct sw_zone *zone, const char *text)
{
    return (sw_day_begin(zone, day(text) + 1) - sw_day_begin(zone, day(text))) / 3600;
}

static void test_day__has_23_24_or_25_hours(void **state)
{
    (void)state;
    assert_int_equal(hours_of(&berlin, "2026-03-28"), 24);
    assert_int_equal(hours_of(&berlin, "2026-03-29"), 23);
    assert_int_equal(hours_of(&santiago, "2025-09-07"), 23);
    assert_int_equal(hours_of(&autumn, "2026-04-04"), 25);
    assert_int_equal(hours_of(&utc, "2026-03-29"), 24);
}

static void test_day__begins_at_one_where_midnight_is_skipped(void **state)
{
    (void)state;
    int64_t begin_s = sw_day_begin(&santiago, day("2025-09-07"));
    assert_int_equal(begin_s, 1757217600);
    assert_int_equal(sw_local_minute(&santiago, begin_s), 60);
}

static void test_day__that_a_zone_skipped_has_no_length(void **state)
{
    (void)state;
    assert_int_equal(hours_of(&apia, "2011-12-30"), 0);
    assert_int_equal(hours_of(&apia, "2011-12-29"), 24);
}

static void check_days_partition_time(const struct sw_zone *zone, int64_t from_s)
{
    int32_t last = sw_day_of(zone, from_s - 7200);
    for (int64_t at_s = from_s - 7200; at_s < from_s + 200000; at_s += 599) {
        int32_t d = sw_day_of(zone, at_s);
        assert_true(d >= last);
        assert_true(sw_day_begin(zone, d) <= at_s);
        assert_true(sw_day_begin(zone, d + 1) > at_s);
        last = d;
    }
}

static void test_day_of__every_instant_lies_in_its_day(void **state)
{
    (void)state;
    check_days_partition_time(&berlin, 1774746000 - 100000);
    check_days_partition_time(&santiago, 1757217600 - 100000);
    check_days_partition_time(&autumn, 1775358000 - 100000);
    check_days_partition_time(&apia, 1325239200 - 100000);
}

static void test_date__round_trips_and_refuses_what_is_no_date(void **state)
{
    (void)state;
    char text[SW_DATE_LEN + 1];
    int32_t d;
    for (int32_t i = 0; i <= 84005; i++) {
        sw_date_format(i, text);
        assert_int_equal(day(text), i);
    }
    assert_int_equal(day("2199-12-31"), 84005);
    static const char *const wrong[] = {
        "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "26-04-01",
        "2026-4-1",   "2026/04/01", "1969-12-31", "2200-01-01", ""};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_false(sw_date_parse(wrong[i], strlen(wrong[i]), &d));
}

static void check_instant(const char *text, const struct sw_zone *zone,
                          int64_t expected)
{
    int64_t at_s = -1;
    bool ok = sw_instant_parse(text, strlen(text), zone, &at_s);
    if ((ok ? at_s : -1) != expected)
        fail_msg("%s: %lld", text, (long long)at_s);
}

static void test_instant__takes_each_form_of_the_contract_and_no_other(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t at_s; /* -1: it is no instant */
    } table[] = {
        {"2026-03-29T10:15:00Z", 1774779300},
        {"2026-03-29T12:15:00+02:00", 1774779300},
        {"2026-03-29t12:15:00.999999+02:00", 1774779300},
        {"2026-03-29T00:00:00-05:30", 1774762200},
        {"2026-03-29T12:15:00+0200", 1774779300},
        {"2026-03-29T00:00:00-0530", 1774762200},
        {"2026-03-29 12:15:00+02:00", 1774779300},
        {"2026-03-29 12:15:00 +0200", 1774779300},
        {"2026-03-29 12:15:00.5   +0200", 1774779300},
        {"2026-03-29T10:15:00 Z", 1774779300},
        {"2026-03-29 10:15:00 +0000", 1774779300},
        {"1970-01-01T00:00:00Z", 0},
        {"2026-03-29T10:15:00", -1},
        {"2026-03-29 10:15:00 ", -1},
        {"2026-03-29", -1},
        {"2026-03-29Z", -1},
        {"2026-03-29  10:15:00Z", -1},
        {"2026-03-29_10:15:00Z", -1},
        {"2026-03-29T10:15Z", -1},
        {"2026-03-29T24:00:00Z", -1},
        {"2026-03-29T10:15:00+2:00", -1},
        {"2026-03-29T10:15:00+02", -1},
        {"2026-03-29T10:15:00+02000", -1},
        {"2026-03-29T10:15:00+02 00", -1},
        {"2026-03-29T10:15:00+2400", -1},
        {"2026-03-29T10:15:00+02:60", -1},
        {"2026-03-29T10:15:00 0200", -1},
        {"2026-03-29T10:15:00\t+0200", -1},
        {"2026-03-29T10:15:00.Z", -1},
        {"2026-03-29T10:15:00Z ", -1},
        {"1970-01-01T00:00:00+01:00", -1},
        {"", -1},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        check_instant(table[i].text, NULL, table[i].at_s);
    char text[SW_INSTANT_LEN + 1];
    sw_instant_format(1774779300, text);
    assert_string_equal(text, "2026-03-29T10:15:00Z");
}

static void test_instant__without_offset_is_by_the_clocks_of_the_zone(void **state)
{
    (void)state;
    check_instant("2026-03-29 12:15:00", &berlin, 1774779300);
    check_instant("2026-03-29T12:15:00.9", &berlin, 1774779300);
    check_instant("2026-03-29T10:15:00Z", &berlin, 1774779300);
    check_instant("2026-03-29 09:15:00 -0100", &berlin, 1774779300);
    /* 01:00Z is where the clocks go from 02:00 to 03:00 */
    check_instant("2026-03-29 01:59:59", &berlin, 1774745999);
    check_instant("2026-03-29 02:30:00", &berlin, 1774746000);
    check_instant("2026-03-29 03:00:00", &berlin, 1774746000);
}

/* The closed form against a count of seconds, ten at a time. */
static void test_wake_seconds__are_those_the_wall_clock_shows(void **state)
{
    (void)state;
    const struct sw_zone *zones[] = {&utc, &berlin, &santiago, &autumn};
    int64_t shifts[] = {1774746000, 1774746000, 1757217600, 1775358000};
    for (size_t z = 0; z < 4; z++) {
        int64_t from_s = shifts[z] - 90000, to_s = shifts[z] + 90000, counted = 0;
        for (int64_t at_s = from_s; at_s < to_s; at_s += 60) {
            int32_t minute = sw_local_minute(zones[z], at_s);
            counted += minute >= 30 && minute < 1260 ? 60 : 0;
        }
        assert_int_equal(sw_wake_seconds(zones[z], 30, 1260, from_s, to_s), counted);
    }
    assert_int_equal(sw_wake_seconds(&utc, 480, 1260, 100, 100), 0);
    assert_int_equal(sw_wake_seconds(&utc, 0, 1440, 1000, 5000), 4000);
}

static void check_week(const char *date, const char *monday, const char *week)
{
    char name[SW_WEEK_LEN + 1];
    assert_int_equal(sw_week_begin(day(date)), day(monday));
    sw_week_format(day(date), name);
    assert_string_equal(name, week);
}

static void test_week__is_that_of_its_thursday(void **state)
{
    (void)state;
    check_week("2026-03-29", "2026-03-23", "2026-W13"); /* a Sunday */
    check_week("2026-01-01", "2025-12-29", "2026-W01");
    check_week("2027-01-03", "2026-12-28", "2026-W53");
    check_week("2027-01-04", "2027-01-04", "2027-W01");
    check_week("2024-12-30", "2024-12-30", "2025-W01");
    check_week("1970-01-05", "1970-01-05", "1970-W02");
    assert_int_equal(sw_week_begin(0), -3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day__has_23_24_or_25_hours),
        cmocka_unit_test(test_day__begins_at_one_where_midnight_is_skipped),
        cmocka_unit_test(test_day__that_a_zone_skipped_has_no_length),
        cmocka_unit_test(test_day_of__every_instant_lies_in_its_day),
        cmocka_unit_test(test_date__round_trips_and_refuses_what_is_no_date),
        cmocka_unit_test(test_instant__takes_each_form_of_the_contract_and_no_other),
        cmocka_unit_test(test_instant__without_offset_is_by_the_clocks_of_the_zone),
        cmocka_unit_test(test_week__is_that_of_its_thursday),
        cmocka_unit_test(test_wake_seconds__are_those_the_wall_clock_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
