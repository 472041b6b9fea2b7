/* test_day.c -- minutes and the day, drawn one character a minute. */
#include <stdio.h>

#include "core/minutes.h"
#include "draw.h"

static const int64_t DAY_BEGIN_S = 20522 * (int64_t)86400; /* 2026-03-10 */
enum { DAY = 20522 };

static struct sw_day *compute(const struct sw_zone *zone, struct sw_day_set *set)
{
    static struct sw_day day;
    struct sw_plan plan = sw_plan_default();
    assert_int_equal(sw_day_compute(&day, zone, DAY, &plan, set), 0);
    sw_day_set_fini(set);
    return &day;
}

/* The rests of a day that is drawn from 08:00 on, as "LENGTH LENGTH …". */
static const char *rests(const char *drawn)
{
    static char text[200];
    struct sw_day_set set = {0};
    struct sw_rest rest;
    size_t n = 0;
    draw_readings(&set, 1, DAY_BEGIN_S + 8 * 3600, drawn);
    struct sw_day *day = compute(&utc, &set);
    text[0] = '\0';
    for (int32_t from = 0; sw_day_next_rest(day, from, &rest); from = rest.to + 1)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", n ? " " : "",
                              sw_rest_min(rest));
    return text;
}

static void test_rest__gap_over_ten_minutes_ends_it(void **state)
{
    (void)state;
    assert_string_equal(rests("....__________...."), "18");
    assert_string_equal(rests("....___________...."), "4 4");
    assert_string_equal(rests("....uuuuu_____...."), "18");
    assert_string_equal(rests("....uuuuuu_____...."), "4 4");
}

static void test_rest__active_minute_ends_it(void **state)
{
    (void)state;
    assert_string_equal(rests(".....##....."), "5 5");
    assert_string_equal(rests(".....#......"), "12"); /* 20 steps break nothing */
    assert_string_equal(rests("...___##...."), "3 4");
    assert_string_equal(rests("##__...___"), "3");
    assert_string_equal(rests(""), "");
}

static void test_rest__lies_in_the_wake_window(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    draw_readings(&set, 1, DAY_BEGIN_S + 7 * 3600, times(1000, '.'));
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.longest_rest_min, 780);
    assert_int_equal(day->row.longest_rest_from, 480);
    assert_int_equal(day->row.still_min, 780);
    assert_true(day->row.valid);
}

static void add(struct sw_day_set *set, int64_t device, int minute, int seconds,
                int32_t steps, bool worn)
{
    struct sw_reading reading = {DAY_BEGIN_S + minute * 60, seconds, steps, worn};
    assert_true(sw_day_set_add_reading(set, device, &reading) >= 0);
}

static void test_finest__wins_each_instant(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 900, 300, true); /* 20 a minute, over minutes 600..614 */
    add(&set, 1, 602, 60, 0, true);
    add(&set, 1, 604, 60, 100, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->minutes[601].steps, 15); /* of the 200 that are left */
    assert_int_equal(day->minutes[602].steps, 0);
    assert_int_equal(day->minutes[604].steps, 100);
    assert_int_equal(day->row.steps, 300);
}

static void test_coarser__adds_what_is_left_of_its_sum(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    for (int i = 0; i < 10; i++) /* of a quarter that sums them up, zeros left out */
        add(&set, 1, 600 + i, 60, 30, true);
    add(&set, 1, 600, 900, 300, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.steps, 300);
    assert_int_equal(day->minutes[612].steps, 0);
    assert_int_equal(day->minutes[612].class, SW_MINUTE_STILL);

    for (int i = 1; i <= 4; i++) /* "today so far", told again and again */
        add(&set, 1, 0, i * 6 * 3600 - 1, 1000 * i, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 4000);

    add(&set, 1, 600, 60, 200, true); /* finer ones know of more than the sum */
    add(&set, 1, 600, 900, 150, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 200);
}

/* 100 steps over [23:30, 00:30): each day has its floors, together they are all. */
static void test_part__of_a_day_is_by_floors(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, -30, 3599, 1001, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 1001 - 1001 * 1800 / 3599);
    add(&set, 1, 1410, 3599, 1001, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 1001 * 1800 / 3599);
}

static void test_share__sums_stay_exact(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 601, 3571, 1001, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 1001);
}

static void name(struct sw_day_set *set, int64_t device, const char *id)
{
    struct sw_device_id named = {.str = ""};
    snprintf(named.str, sizeof(named.str), "%s", id);
    assert_int_equal(sw_day_set_name_device(set, device, &named), 0);
}

/* A band tells minutes, a phone quarters of an hour, of the same walk. */
static void test_devices__a_block_has_the_steps_of_one(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    for (int i = 0; i < 10; i++)
        add(&set, 1, 605 + i, 60, 85, true);
    add(&set, 2, 600, 900, 900, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.steps, 850); /* not the sum, not the larger minutes */
    assert_int_equal(day->minutes[600].steps, 0);
    assert_int_equal(day->minutes[600].class, SW_MINUTE_STILL); /* known by the phone */
}

static void test_devices__three_quarters_of_the_most_are_enough(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 60, 75, true);
    add(&set, 2, 630, 900, 100, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 75);
    add(&set, 1, 600, 60, 74, true); /* a phone left on the table */
    add(&set, 2, 630, 900, 100, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 100);
    add(&set, 1, 659, 60, 75, true); /* in another block each counts */
    add(&set, 2, 660, 900, 100, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 175);
}

static void test_devices__the_longest_that_won_is_their_grain(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 60, 50, true);
    add(&set, 1, 615, 901, 50, true);
    add(&set, 2, 600, 900, 110, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 110);
    for (int i = 0; i < 15; i++) /* one that won nothing is no grain */
        add(&set, 1, 600 + i, 60, 6, true);
    add(&set, 1, 600, 900, 90, true);
    add(&set, 2, 600, 301, 100, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 90);
}

static void test_devices__ties_go_to_more_steps_then_to_the_smaller_id(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 60, 50, true);
    add(&set, 2, 600, 60, 60, true);
    assert_int_equal(compute(&utc, &set)->row.steps, 60);
    for (int i = 0; i < 2; i++) { /* whichever the store knew first */
        name(&set, 1, i == 0 ? "band" : "watch");
        name(&set, 2, i == 0 ? "watch" : "band");
        add(&set, 1, 600, 60, 60, true);
        add(&set, 2, 601, 60, 60, true);
        assert_int_equal(compute(&utc, &set)->minutes[600 + i].steps, 60);
    }
}

static void test_devices__a_minute_takes_the_best_state(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 2, 601, 60, 0, false);
    add(&set, 1, 601, 60, 0, true);
    add(&set, 2, 602, 60, 0, false);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->minutes[601].class, SW_MINUTE_STILL);
    assert_int_equal(day->minutes[602].class, SW_MINUTE_UNWORN);
}

static void test_devices__only_the_block_s_device_sustains(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 1800, 40, true); /* over 5 min, break_steps: active */
    assert_int_equal(compute(&utc, &set)->row.active_min, 30);
    add(&set, 1, 600, 1800, 40, true);
    add(&set, 2, 605, 60, 39, true); /* a finer one gives the block its steps */
    assert_int_equal(compute(&utc, &set)->row.active_min, 1);
}

/* Each block's device, "a" for the first, from the block of `hour` on. */
static const char *devices_from(struct sw_day_set *set, int hour, size_t expected_n)
{
    static char text[SW_DAY_BLOCKS_MAX + 1];
    struct sw_day_devices devices;
    struct sw_plan plan = sw_plan_default();
    assert_int_equal(sw_day_devices(&devices, &utc, DAY, &plan, set), 0);
    assert_int_equal(devices.n, expected_n);
    for (int i = hour; i < 24; i++)
        text[i - hour] =
            (char)(devices.blocks[i].is_known ? devices.blocks[i].device.str[0] : '-');
    text[24 - hour] = '\0';
    sw_day_set_fini(set);
    return text;
}

static void test_devices__of_each_block_are_told(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    name(&set, 1, "phone");
    name(&set, 2, "watch");
    name(&set, 3, "never there");
    add(&set, 1, 20 * 60, 900, 100, true);
    add(&set, 1, 21 * 60, 900, 100, true);
    add(&set, 2, 21 * 60 + 30, 60, 80, true);
    add(&set, 2, 23 * 60, 60, 0, true);
    assert_string_equal(devices_from(&set, 19, 2), "-pw-w");
    add(&set, 1, 20 * 60, 900, 100, true); /* it has no name */
    assert_int_equal(devices_from(&set, 20, 1)[1], '-');
    assert_string_equal(devices_from(&set, 20, 0), "----");
}

static void test_coarse__adds_steps_but_says_nothing_of_minutes(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 7200, 900, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.steps, 900);
    assert_int_equal(day->row.unknown_min, 780);
    add(&set, 1, 600, 7200, 29, true); /* fewer than break_steps: firm however long */
    assert_int_equal(compute(&utc, &set)->row.still_min, 120);
    add(&set, 1, 600, 7200, 30, true);
    assert_int_equal(compute(&utc, &set)->row.unknown_min, 780);
}

static void test_unworn__is_neither_still_nor_unknown(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 1800, 0, false);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->row.unworn_min, 30);
    assert_int_equal(day->row.still_min, 0);
    assert_int_equal(day->row.longest_rest_min, 0);
}

static void test_known__needs_half_a_minute(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 30, 0, true);
    add(&set, 1, 601, 29, 0, true);
    struct sw_day *day = compute(&utc, &set);
    assert_int_equal(day->minutes[600].class, SW_MINUTE_STILL);
    assert_int_equal(day->minutes[601].class, SW_MINUTE_UNKNOWN);
}

static void test_sustained__long_reading_with_enough_steps_is_active(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    add(&set, 1, 600, 1800, 30, true); /* one step a minute, but 30 in all */
    assert_int_equal(compute(&utc, &set)->row.active_min, 30);
    add(&set, 1, 600, 1800, 29, true);
    assert_int_equal(compute(&utc, &set)->row.active_min, 0);
    add(&set, 1, 600, 300, 30,
        true); /* 5 minutes are not over 5 minutes, but hold 30 */
    assert_int_equal(compute(&utc, &set)->row.active_min, 5);
    add(&set, 1, 610, 60, 200, true); /* what it added counts, not what it says */
    add(&set, 1, 600, 1800, 229, true);
    assert_int_equal(compute(&utc, &set)->row.active_min, 9); /* near the 200 alone */
    add(&set, 1, 610, 60, 200, true);
    add(&set, 1, 600, 1800, 230, true);
    assert_int_equal(compute(&utc, &set)->row.active_min, 30);
}

static struct sw_day *count(const int64_t (*totals)[2], size_t n)
{
    struct sw_day_set set = {0};
    for (size_t i = 0; i < n; i++) {
        struct sw_total total = {.at_s = DAY_BEGIN_S + totals[i][0] * 60,
                                 .total = totals[i][1]};
        assert_true(sw_day_set_add_total(&set, 1, &total) >= 0);
    }
    return compute(&utc, &set);
}

static void test_counter__differences_resets_and_glitches(void **state)
{
    (void)state;
    const int64_t grows[][2] = {{600, 100}, {610, 250}, {620, 250}};
    assert_int_equal(count(grows, 3)->row.steps, 150);
    const int64_t reset[][2] = {{600, 5000}, {610, 70}, {620, 90}};
    assert_int_equal(count(reset, 3)->row.steps, 90);
    const int64_t glitch[][2] = {
        {600, 5000}, {601, 536870912}, {602, 5010}, {610, 5100}};
    assert_int_equal(count(glitch, 4)->row.steps, 90);
    const int64_t overnight[][2] = {{-60, 13660},
                                    {60, 40}}; /* what was before is lost */
    struct sw_day *day = count(overnight, 2);
    assert_int_equal(day->row.steps, 40);
    assert_int_equal(day->minutes[0].steps + day->minutes[59].steps, 1);
    const int64_t alone[][2] = {{600, 5000}};
    assert_int_equal(count(alone, 1)->row.steps, 0);
    assert_true(count(alone, 1)->touched);
}

static void test_counter__slips_that_are_made_good_are_left_out(void **state)
{
    (void)state;
    const int64_t near[][2] = {{600, 5000}, {610, 2500}, {620, 4990}, {630, 5010}};
    struct sw_day *day = count(near, 4);
    assert_int_equal(day->row.steps, 10); /* each at least half of it */
    assert_int_equal(day->row.still_min, 30);
    const int64_t rise[][2] = {{600, 5000}, {610, 0}, {620, 3998}, {630, 5001}};
    assert_int_equal(count(rise, 4)->row.steps, 1); /* 1003 in 10 min: no walk */
    const int64_t walk[][2] = {{600, 5000}, {610, 0}, {620, 4001}, {630, 5001}};
    assert_int_equal(count(walk, 4)->row.steps, 1000); /* a reset: 4001 is too much */
    const int64_t never[][2] = {{600, 5000}, {610, 4990}, {620, 4999}};
    assert_int_equal(count(never, 3)->row.steps, 9); /* taken back, not made good */
    const int64_t wild[][2] = {{600, 50}, {610, 40}, {620, 90000}, {630, 60}};
    assert_int_equal(count(wild, 4)->row.steps, 60);
    const int64_t within[][2] = {
        {600, 500}, {610, 400}, {620, 300}, {630, 450}, {640, 510}};
    assert_int_equal(count(within, 5)->row.steps, 10);
    const int64_t next_day[][2] = {{1430, 500}, {1440, 490}, {1441, 505}};
    assert_int_equal(count(next_day, 3)->row.steps, 0); /* not of the same day */
    const int64_t midnight[][2] = {{1430, 500}, {1435, 490}, {1440, 505}};
    assert_int_equal(count(midnight, 3)->row.steps, 5);
}

static void test_counter__what_is_taken_back_is_no_reset(void **state)
{
    (void)state;
    const int64_t half[][2] = {{600, 1000}, {610, 500}, {620, 520}};
    struct sw_day *day = count(half, 3);
    assert_int_equal(day->row.steps, 20);
    assert_int_equal(day->row.still_min + day->row.active_min, 10);
    const int64_t less[][2] = {{600, 1000}, {610, 499}, {620, 520}};
    assert_int_equal(count(less, 3)->row.steps, 499 + 21);
    const int64_t night[][2] = {{-60, 17000}, {420, 16660}, {430, 16750}};
    assert_int_equal(count(night, 3)->row.steps, 90); /* since-boot, 2 % over night */
    const int64_t new_day[][2] = {{-60, 1000}, {420, 899}, {430, 900}};
    assert_int_equal(count(new_day, 3)->row.steps, 900);
    const int64_t tenth[][2] = {{-60, 1000}, {420, 900}, {430, 901}};
    assert_int_equal(count(tenth, 3)->row.steps, 1);
}

static void test_counter__at_midnight_speaks_of_the_day_that_ended(void **state)
{
    (void)state;
    const int64_t begin[][2] = {{0, 500}};
    assert_false(count(begin, 1)->touched);
    const int64_t end[][2] = {{1440, 500}};
    assert_true(count(end, 1)->touched);
    const int64_t daily[][2] = {{0, 9000}, {60, 40}, {1440, 800}};
    assert_int_equal(count(daily, 3)->row.steps, 800);
    const int64_t reset[][2] = {{1380, 9000}, {1440, 40}};
    assert_int_equal(count(reset, 2)->row.steps, 40);
}

static void test_counter__huge_totals_overflow_nothing(void **state)
{
    (void)state;
    const int64_t wild[][2] = {
        {-20000000, 0}, {600, INT64_MAX}, {601, 0}, {602, INT64_MAX}};
    assert_int_equal(count(wild, 4)->row.steps, 0);
}

static void test_counter__that_changed_hands_counts_nothing_across(void **state)
{
    (void)state;
    const int64_t lent[][2] = {{600, 100}, {610, 150}, {615, SW_TOTAL_BREAK},
                               {620, 550}, {630, 560}, {640, SW_TOTAL_BREAK}};
    assert_int_equal(count(lent, 6)->row.steps, 50 + 10);
    const int64_t taken[][2] = {
        {600, 100}, {610, SW_TOTAL_BREAK}, {610, 40}, {620, 50}};
    assert_int_equal(count(taken, 4)->row.steps, 40 + 10); /* a total takes its place */
    const int64_t alone[][2] = {{610, SW_TOTAL_BREAK}};
    assert_false(count(alone, 1)->touched);
}

static void test_set__same_span_takes_more_steps_then_worn(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    struct sw_reading reading = {DAY_BEGIN_S, 60, 5, false};
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 1);
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 0);
    reading.worn = true;
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 1);
    reading = (struct sw_reading){DAY_BEGIN_S, 60, 4, true};
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 0);
    reading = (struct sw_reading){DAY_BEGIN_S, 60, 6, false};
    assert_int_equal(sw_day_set_add_reading(&set, 1, &reading), 1);
    assert_int_equal(set.devices[0].n_readings, 1);
    sw_day_set_fini(&set);
}

/* Two totals so many minutes apart, the second with a time as it says. */
static struct sw_day *count_same(int32_t apart_min, int64_t more, enum sw_stamp stamp)
{
    struct sw_day_set set = {0};
    struct sw_total first = {.at_s = DAY_BEGIN_S + 36000, .total = 5000};
    struct sw_total second = {.at_s = first.at_s + 60 * (int64_t)apart_min,
                              .total = 5000 + more,
                              .stamp = stamp};
    assert_int_equal(sw_day_set_add_total(&set, 1, &first), 1);
    assert_int_equal(sw_day_set_add_total(&set, 1, &second), 1);
    return compute(&utc, &set);
}

static void test_counter__same_number_by_receipt_fills_an_hour_at_most(void **state)
{
    (void)state;
    static const enum sw_stamp of_receipt[] = {SW_STAMP_RECEIPT, SW_STAMP_UNSURE};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(count_same(60, 0, of_receipt[i])->row.still_min, 60);
        struct sw_day *day = count_same(61, 0, of_receipt[i]);
        assert_int_equal(day->row.still_min, 0);
        assert_int_equal(day->row.longest_rest_min, 0);
        assert_true(day->touched);
        assert_int_equal(count_same(61, 7, of_receipt[i])->row.steps, 7);
    }
    assert_int_equal(count_same(61, 0, SW_STAMP_OWN)->row.still_min, 61);
}

/* Once with the device's time and once with that of receipt: in any order the same. */
static void test_counter__equal_number_of_an_instant_has_the_device_s_time(void **state)
{
    (void)state;
    static const enum sw_stamp orders[][2] = {{SW_STAMP_OWN, SW_STAMP_RECEIPT},
                                              {SW_STAMP_RECEIPT, SW_STAMP_OWN}};
    for (size_t i = 0; i < 2; i++) {
        struct sw_day_set set = {0};
        struct sw_total total = {.at_s = DAY_BEGIN_S + 36000, .total = 5000};
        sw_day_set_add_total(&set, 1, &total);
        total.at_s += 7200;
        for (size_t j = 0; j < 2; j++) {
            total.stamp = orders[i][j];
            bool is_news = j == 0 || total.stamp == SW_STAMP_OWN;
            assert_int_equal(sw_day_set_add_total(&set, 1, &total), is_news);
        }
        assert_int_equal(compute(&utc, &set)->row.still_min, 120);
    }
}

/* ---- what it costs ---- */

enum { MANY = 100000 };

/* Passes through the innermost loops for the device's day. */
static uint64_t work_of(struct sw_day_set *set)
{
    static struct minute_sheet sheet;
    bool touched = false;
    memset(&sheet, 0, sizeof(sheet));
    assert_int_equal(
        device_minutes(&set->devices[0], &utc, DAY_BEGIN_S, 1440, 30, &sheet, &touched),
        0);
    sw_day_set_fini(set);
    return sheet.work;
}

/* So many readings that overlap each other: nested, staggered, of one begin, in heaps. */
static uint64_t work_of_many(int shape, int64_t n)
{
    struct sw_day_set set = {0};
    for (int64_t i = 0; i < n; i++) {
        struct sw_reading reading = {DAY_BEGIN_S, 1, (int32_t)(i % 7), true};
        int64_t spread = i * 43200 / n;
        switch (shape) {
        case 0: /* each within the one before */
            reading.start_s += spread;
            reading.seconds = (int32_t)(86400 - 2 * spread - i % 2);
            break;
        case 1: /* each half covers the next */
            reading.start_s += spread;
            reading.seconds = (int32_t)(40000 + i % 3);
            break;
        case 2: /* "today so far" */
            reading.seconds = (int32_t)(1 + i * 86399 / n);
            break;
        default: /* seconds, minutes, hours and days upon each other */
            reading.start_s += i * 7919 % 86400;
            reading.seconds = i % 4 == 0   ? 1
                              : i % 4 == 1 ? 60
                              : i % 4 == 2 ? 3600
                                           : 40000;
        }
        assert_true(sw_day_set_add_reading(&set, 1, &reading) >= 0);
    }
    return work_of(&set);
}

/* A day may hold so many readings, whoever sends them: were the work of the n-th to grow
 * with n, that would be ten thousand million passes, and not some millions. */
static void test_work__grows_little_faster_than_the_readings(void **state)
{
    (void)state;
    for (int shape = 0; shape < 4; shape++) {
        uint64_t few = work_of_many(shape, MANY / 10), many = work_of_many(shape, MANY);
        assert_true(many < 15 * few);
        assert_true(many < 100 * (uint64_t)MANY); /* log2 of the seconds, a few times */
    }
    struct sw_day_set set = {0};
    for (int64_t i = 0; i < MANY;
         i++) { /* falls that nothing makes good, within falls */
        struct sw_total total = {.at_s = DAY_BEGIN_S + i * 86399 / MANY,
                                 .total = 200000 - i + (i % 5 == 0)};
        assert_true(sw_day_set_add_total(&set, 1, &total) >= 0);
    }
    assert_true(work_of(&set) < 100 * (uint64_t)MANY);
}

static void test_pain__largest_of_an_instant_and_mean_of_the_day(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    struct sw_pain pains[] = {{DAY_BEGIN_S, 3, false, SW_STAMP_OWN},
                              {DAY_BEGIN_S, 5, false, SW_STAMP_OWN},
                              {DAY_BEGIN_S + 60, 6.5, true, SW_STAMP_OWN}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(sw_day_set_add_pain(&set, &pains[i]), 1);
    struct sw_day *day = compute(&utc, &set);
    assert_true(day->touched);
    assert_int_equal(day->row.n_pains, 2);
    assert_true(day->row.pain_max == 6.5);
    assert_true(day->row.pain_mean == 5.75);
}

static void test_day__without_readings_is_not_touched(void **state)
{
    (void)state;
    struct sw_day_set set = {0};
    struct sw_day *day = compute(&utc, &set);
    assert_false(day->touched);
    assert_int_equal(day->row.unknown_min, 780);
    assert_int_equal(day->row.longest_rest_from, -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rest__gap_over_ten_minutes_ends_it),
        cmocka_unit_test(test_rest__active_minute_ends_it),
        cmocka_unit_test(test_rest__lies_in_the_wake_window),
        cmocka_unit_test(test_finest__wins_each_instant),
        cmocka_unit_test(test_share__sums_stay_exact),
        cmocka_unit_test(test_coarser__adds_what_is_left_of_its_sum),
        cmocka_unit_test(test_part__of_a_day_is_by_floors),
        cmocka_unit_test(test_devices__a_block_has_the_steps_of_one),
        cmocka_unit_test(test_devices__three_quarters_of_the_most_are_enough),
        cmocka_unit_test(test_devices__the_longest_that_won_is_their_grain),
        cmocka_unit_test(test_devices__ties_go_to_more_steps_then_to_the_smaller_id),
        cmocka_unit_test(test_devices__a_minute_takes_the_best_state),
        cmocka_unit_test(test_devices__only_the_block_s_device_sustains),
        cmocka_unit_test(test_devices__of_each_block_are_told),
        cmocka_unit_test(test_coarse__adds_steps_but_says_nothing_of_minutes),
        cmocka_unit_test(test_unworn__is_neither_still_nor_unknown),
        cmocka_unit_test(test_known__needs_half_a_minute),
        cmocka_unit_test(test_sustained__long_reading_with_enough_steps_is_active),
        cmocka_unit_test(test_counter__differences_resets_and_glitches),
        cmocka_unit_test(test_counter__same_number_by_receipt_fills_an_hour_at_most),
        cmocka_unit_test(
            test_counter__equal_number_of_an_instant_has_the_device_s_time),
        cmocka_unit_test(test_counter__slips_that_are_made_good_are_left_out),
        cmocka_unit_test(test_counter__what_is_taken_back_is_no_reset),
        cmocka_unit_test(test_counter__at_midnight_speaks_of_the_day_that_ended),
        cmocka_unit_test(test_work__grows_little_faster_than_the_readings),
        cmocka_unit_test(test_counter__huge_totals_overflow_nothing),
        cmocka_unit_test(test_counter__that_changed_hands_counts_nothing_across),
        cmocka_unit_test(test_set__same_span_takes_more_steps_then_worn),
        cmocka_unit_test(test_pain__largest_of_an_instant_and_mean_of_the_day),
        cmocka_unit_test(test_day__without_readings_is_not_touched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
