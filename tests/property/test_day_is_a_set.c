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
    ROUNDS = 60,
    READINGS_MAX = 60,
};

/* One day of 24 h, one of 23 h and one of 25 h. */
static const struct sw_zone_shift spring_shifts[] = {{0, 3600},
                                                     {DAY * 86400LL + 3600, 7200}};
static const struct sw_zone_shift autumn_shifts[] = {{0, 7200},
                                                     {DAY * 86400LL + 3600, 3600}};
static const struct sw_zone zones[] = {
    {utc_shifts, 1}, {spring_shifts, 2}, {autumn_shifts, 2}};

static uint64_t state_of_draw;

static int64_t draw(int64_t from, int64_t to) /* of [from, to]; xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return from + (int64_t)(state_of_draw % (uint64_t)(to - from + 1));
}

static struct said draw_one(int64_t begin_s)
{
    static const int32_t lengths[] = {1,   29,  30,  60,   60,   60,
                                      300, 301, 900, 3600, 3601, 7200};
    struct said d = {.device = (int)draw(1, MODEL_DEVICES)};
    int64_t kind = draw(0, 9);
    d.kind = kind < 2 ? SAID_TOTAL : kind < 3 ? SAID_PAIN : SAID_READING;
    d.reading.seconds = lengths[draw(0, 11)];
    d.reading.start_s =
        begin_s + draw(-120, 60 * 20) * 60 + (draw(0, 3) ? 0 : draw(0, 59));
    d.reading.steps = (int32_t)(draw(0, 2) ? draw(0, d.reading.seconds * 2) : 0);
    d.reading.worn = draw(0, 5) != 0;
    d.total.at_s = d.reading.start_s;
    d.total.total = draw(0, 3) ? (d.total.at_s - begin_s + 9000) / 7 : draw(0, 300);
    if (draw(0, 3) == 0) /* often the same for hours */
        d.total.total = 9000 + draw(0, 1);
    d.total.stamp = (enum sw_stamp)draw(0, 2);
    d.pain = (struct sw_pain){begin_s + draw(0, 40) * 1800, (double)draw(0, 100) / 10,
                              draw(0, 9) == 0, SW_STAMP_OWN};
    return d;
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
        const struct sw_zone *zone = &zones[round % 3];
        size_t n = (size_t)draw(1, READINGS_MAX);
        for (size_t i = 0; i < n; i++)
            all[i] = draw_one(sw_day_begin(zone, DAY));
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
