/* test_day_is_a_set.c -- a day is a pure function of the set of its readings.
 *
 * Draws sets of readings, counters and scores, and checks the core against the slow
 * obvious model and against itself under permutation, repetition and zones. The seed is
 * printed; STEPWARD_SEED=N draws the same again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "draw.h"
#include "model.h"

enum {
    DAY = 20522,
    ROUNDS = 300,
    READINGS_MAX = 60,
};

/* One day of 24 h, one of 23 h, one of 25 h, one that begins at 01:00, one of a zone
 * that is three quarters of an hour from the others, and one half an hour longer. */
static const struct sw_zone_shift spring_shifts[] = {{0, 3600},
                                                     {DAY * 86400LL + 3600, 7200}};
static const struct sw_zone_shift autumn_shifts[] = {{0, 7200},
                                                     {DAY * 86400LL + 3600, 3600}};
static const struct sw_zone_shift skips_shifts[] = {{0, -14400},
                                                    {DAY * 86400LL + 14400, -10800}};
static const struct sw_zone_shift quarter_shifts[] = {{0, 20700}};
static const struct sw_zone_shift half_shifts[] = {{0, 39600},
                                                   {DAY * 86400LL - 30000, 37800}};
static const struct sw_zone zones[] = {{utc_shifts, 1},     {spring_shifts, 2},
                                       {autumn_shifts, 2},  {skips_shifts, 2},
                                       {quarter_shifts, 1}, {half_shifts, 2}};
enum { ZONES = sizeof(zones) / sizeof(zones[0]) };

static uint64_t state_of_draw;

static int64_t draw(int64_t from, int64_t to) /* of [from, to]; xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return from + (int64_t)(state_of_draw % (uint64_t)(to - from + 1));
}

/* Odd lengths on odd seconds, or whole quarters of an hour that hold whole minutes. */
static void draw_reading(struct sw_reading *reading, int64_t begin_s)
{
    static const int32_t lengths[] = {1,   29,  30,   60,   60,   60,   90,
                                      300, 301, 3600, 3601, 7200, 90000};
    static const int32_t sums[] = {900, 3600, 7200, 43200, 86400};
    bool is_sum = draw(0, 3) == 0;
    reading->seconds = is_sum ? sums[draw(0, 4)] : lengths[draw(0, 12)];
    reading->start_s =
        begin_s + draw(-120, 60 * 20) * 60 + (draw(0, 3) ? 0 : draw(0, 59));
    if (is_sum)
        reading->start_s = begin_s + draw(-4, 80) * 900;
    int32_t most = draw(0, 2) ? reading->seconds * 2 : 60;
    reading->steps = (int32_t)(draw(0, 2) ? draw(0, most) : 0);
    reading->worn = draw(0, 5) != 0;
}

static struct said draw_one(int64_t begin_s)
{
    struct said d = {.device = (int)draw(1, MODEL_DEVICES)};
    int64_t kind = draw(0, 9);
    d.kind = kind < 2 ? SAID_TOTAL : kind < 3 ? SAID_PAIN : SAID_READING;
    draw_reading(&d.reading, begin_s);
    d.total.at_s = begin_s + draw(-120, 60 * 26) * 60 + (draw(0, 3) ? 0 : draw(0, 59));
    d.total.total = draw(0, 3) ? (d.total.at_s - begin_s + 9000) / 7 : draw(0, 300);
    if (draw(0, 3) == 0) /* often the same for hours */
        d.total.total = 9000 + draw(0, 1);
    if (d.total.total < 0)
        d.total.total = 0;
    d.total.stamp = (enum sw_stamp)draw(0, 2);
    d.pain = (struct sw_pain){begin_s + draw(0, 40) * 1800, (double)draw(0, 100) / 10,
                              draw(0, 9) == 0, SW_STAMP_OWN};
    return d;
}

/* A counter as they are: it grows, says less for a while, takes some of it back, begins
 * anew, at midnight too, or is a number from nowhere. Returns how many totals. */
static size_t draw_counter(struct said *all, size_t n, int64_t begin_s, int64_t day_s)
{
    int64_t at_s = begin_s - draw(0, 7200), count = draw(0, 12000);
    int32_t device = (int32_t)draw(1, MODEL_DEVICES);
    for (size_t i = 0; i < n; i++) {
        struct sw_total total = {
            .at_s = at_s, .total = count, .stamp = (enum sw_stamp)draw(0, 2)};
        int64_t how = draw(0, 19);
        if (how < 3)
            total.total = draw(count / 3, count); /* slips, as often as not */
        if (how == 3)
            total.total = draw(0, 9);
        if (how == 4)
            total.total = INT64_C(1) << draw(20, 52);
        if (how == 5)
            count = draw(count / 3, count); /* takes it back */
        if (how == 6)
            count = draw(0, 40); /* begins anew */
        all[i] = (struct said){.kind = SAID_TOTAL, .device = device, .total = total};
        static const int64_t steps_s[] = {60, 60, 300, 600, 900, 3600, 5400};
        int64_t more_s = draw(0, 5) ? steps_s[draw(0, 6)] : draw(1, 7000);
        int64_t midnight_s = at_s < begin_s ? begin_s : begin_s + day_s;
        bool reaches_midnight = at_s < midnight_s && at_s + more_s > midnight_s;
        at_s = reaches_midnight && draw(0, 1) ? midnight_s : at_s + more_s;
        count += draw(0, 2) ? draw(0, more_s * 130 / 60) : 0;
    }
    return n;
}

static void check_row(const struct sw_day *day)
{
    const struct sw_day_row *row = &day->row;
    int32_t window_min = 0;
    int64_t steps = 0;
    for (int32_t i = 0; i < day->n_minutes; i++) {
        window_min += day->minutes[i].in_window;
        steps += day->minutes[i].steps;
    }
    assert_int_equal(row->active_min + row->still_min + row->unworn_min +
                         row->unknown_min,
                     window_min);
    assert_int_equal(row->steps, steps);
    assert_int_equal(window_min, 780);
}

static void compute(struct sw_day *day, const struct sw_zone *zone,
                    const struct said *all, size_t n)
{
    struct sw_day_set set = {0};
    struct sw_plan plan = sw_plan_default();
    for (size_t i = 0; i < n; i++)
        assert_true(said_to_set(&set, &all[i]) >= 0);
    memset(day, 0xaa, sizeof(*day));
    assert_int_equal(sw_day_compute(day, zone, DAY, &plan, &set), 0);
    sw_day_set_fini(&set);
}

static void check_against_the_model(const struct sw_day *day,
                                    const struct sw_zone *zone, const struct said *all,
                                    size_t n)
{
    static struct sw_day model;
    struct sw_plan plan = sw_plan_default();
    char why[SW_WHY_MAX];
    model_day(&model, zone, DAY, &plan, all, n);
    if (model_differs(day, &model, why))
        fail_msg("%s", why);
}

/* Shuffle, and say some twice. */
static size_t permute(struct said *all, size_t n)
{
    size_t m = n;
    for (size_t i = 0; i < n / 3; i++)
        all[m++] = all[draw(0, (int64_t)n - 1)];
    for (size_t i = m - 1; i > 0; i--) {
        size_t j = (size_t)draw(0, (int64_t)i);
        struct said kept = all[i];
        all[i] = all[j];
        all[j] = kept;
    }
    return m;
}

static void test_day__any_order_any_repetition_same_row_as_the_model(void **state)
{
    (void)state;
    static struct said all[READINGS_MAX], shuffled[2 * READINGS_MAX];
    static struct sw_day day, again;
    for (int round = 0; round < ROUNDS; round++) {
        const struct sw_zone *zone = &zones[round % ZONES];
        int64_t begin_s = sw_day_begin(zone, DAY), end_s = sw_day_begin(zone, DAY + 1);
        size_t n = (size_t)draw(1, READINGS_MAX);
        size_t counted =
            round % 2 ? draw_counter(all, n / 2, begin_s, end_s - begin_s) : 0;
        for (size_t i = counted; i < n; i++)
            all[i] = draw_one(begin_s);
        compute(&day, zone, all, n);
        check_against_the_model(&day, zone, all, n);
        check_row(&day);
        for (int k = 0; k < 5; k++) {
            memcpy(shuffled, all, sizeof(all));
            size_t m = permute(shuffled, n);
            compute(&again, zone, shuffled, m);
            assert_memory_equal(&day.row, &again.row, sizeof(day.row));
            assert_memory_equal(day.minutes, again.minutes, sizeof(day.minutes));
        }
    }
}

int main(void)
{
    const char *given = getenv("STEPWARD_SEED");
    state_of_draw = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    printf("STEPWARD_SEED=%" PRIu64 "\n", state_of_draw);
    fflush(stdout);
    state_of_draw = state_of_draw * 2654435769u + 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day__any_order_any_repetition_same_row_as_the_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
