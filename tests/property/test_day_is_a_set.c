/* test_day_is_a_set.c -- a day is a pure function of the set of its readings.
 *
 * Draws sets of readings and counters, and checks the core against a slow obvious model
 * (second by second) and against itself under permutation, repetition and zones. The
 * seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "draw.h"

enum {
    DAY = 20522,
    ROUNDS = 60,
    READINGS_MAX = 60,
    TOTALS_MAX = 12,
    DEVICES = 3,
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

struct drawn {
    int device;
    bool is_total;
    struct sw_reading reading;
    struct sw_total total;
};

static struct drawn draw_one(int64_t begin_s)
{
    static const int32_t lengths[] = {1,   29,  30,  60,   60,   60,
                                      300, 301, 900, 3600, 3601, 7200};
    struct drawn d = {.device = (int)draw(1, DEVICES)};
    d.is_total = draw(0, 4) == 0;
    d.reading.seconds = lengths[draw(0, 11)];
    d.reading.start_s =
        begin_s + draw(-120, 60 * 20) * 60 + (draw(0, 3) ? 0 : draw(0, 59));
    d.reading.steps = (int32_t)(draw(0, 2) ? draw(0, d.reading.seconds * 2) : 0);
    d.reading.worn = draw(0, 5) != 0;
    d.total.at_s = d.reading.start_s;
    d.total.total = draw(0, 3) ? (d.total.at_s - begin_s + 9000) / 7 : draw(0, 300);
    return d;
}

static void add(struct sw_day_set *set, const struct drawn *d)
{
    int r = d->is_total ? sw_day_set_add_total(set, d->device, &d->total)
                        : sw_day_set_add_reading(set, d->device, &d->reading);
    assert_true(r >= 0);
}

/* ---- the model: every second asks every reading ---- */

struct span {
    int64_t a, b, n;
    bool worn;
};

static bool model_finer(const struct span *x, const struct span *y)
{
    if (x->b - x->a != y->b - y->a)
        return x->b - x->a < y->b - y->a;
    if (x->n != y->n)
        return x->n > y->n;
    return x->a != y->a ? x->a < y->a : x->worn > y->worn;
}

static size_t model_spans(const struct sw_zone *zone, const struct drawn *all, size_t n,
                          int device, struct span *spans)
{
    size_t m = 0;
    for (size_t i = 0; i < n; i++) {
        const struct sw_reading *r = &all[i].reading;
        if (all[i].device == device && !all[i].is_total)
            spans[m++] =
                (struct span){r->start_s, r->start_s + r->seconds, r->steps, r->worn};
    }
    for (size_t i = 0; i < n; i++) { /* for each total its nearest earlier one */
        const struct sw_total *to = &all[i].total, *from = NULL;
        int64_t best = -1;
        if (all[i].device != device || !all[i].is_total)
            continue;
        for (size_t j = 0; j < n; j++) {
            const struct sw_total *other = &all[j].total;
            if (all[j].device != device || !all[j].is_total)
                continue;
            if (other->at_s == to->at_s && other->total > best)
                best = other->total;
            bool nearer = other->at_s < to->at_s &&
                          (!from || other->at_s > from->at_s ||
                           (other->at_s == from->at_s && other->total > from->total));
            from = nearer ? other : from;
        }
        if (!from)
            continue;
        struct span s = {from->at_s, to->at_s, best - from->total, true};
        if (s.n < 0) {
            int64_t midnight = sw_day_begin(zone, sw_day_of(zone, to->at_s - 1));
            s.a = midnight > s.a ? midnight : s.a;
            s.n = best;
        }
        if (s.n * 60 <= 255 * (s.b - s.a > 60 ? s.b - s.a : 60))
            spans[m++] = s;
    }
    return m;
}

struct model_minute {
    int64_t steps;
    int firm, worn;
    bool sustained;
};

static void model_device(const struct span *spans, size_t n, int64_t begin_s,
                         int64_t length_s, struct model_minute *minutes)
{
    for (int64_t s = 0; s < length_s; s++) {
        const struct span *best = NULL;
        int64_t at = begin_s + s;
        for (size_t i = 0; i < n; i++)
            if (spans[i].a <= at && at < spans[i].b &&
                (!best || model_finer(&spans[i], best)))
                best = &spans[i];
        if (!best)
            continue;
        struct model_minute *m = &minutes[s / 60];
        int64_t length = best->b - best->a;
        bool firm = length <= 3600 || best->n == 0;
        m->steps +=
            best->n * (at + 1 - best->a) / length - best->n * (at - best->a) / length;
        m->firm += firm;
        m->worn += firm && best->worn;
        m->sustained =
            m->sustained || (firm && best->worn && length > 300 && best->n >= 30);
    }
}

static void model_check(const struct sw_zone *zone, const struct drawn *all, size_t n,
                        const struct sw_day *day)
{
    static struct span spans[2 * (READINGS_MAX + TOTALS_MAX)];
    static struct model_minute device[SW_DAY_MINUTES_MAX];
    static int64_t steps[SW_DAY_MINUTES_MAX];
    static bool known[SW_DAY_MINUTES_MAX], unworn[SW_DAY_MINUTES_MAX],
        sustained[SW_DAY_MINUTES_MAX];
    int64_t length_s = sw_day_begin(zone, DAY + 1) - day->begin_s;
    memset(steps, 0, sizeof(steps));
    memset(known, 0, sizeof(known));
    memset(unworn, 0, sizeof(unworn));
    memset(sustained, 0, sizeof(sustained));
    for (int d = 1; d <= DEVICES; d++) {
        memset(device, 0, sizeof(device));
        size_t m = model_spans(zone, all, n, d, spans);
        model_device(spans, m, day->begin_s, length_s, device);
        for (int64_t i = 0; i < length_s / 60; i++) {
            steps[i] = device[i].steps > steps[i] ? device[i].steps : steps[i];
            known[i] = known[i] || device[i].worn >= 30;
            unworn[i] = unworn[i] || device[i].firm >= 30;
            sustained[i] =
                sustained[i] || (device[i].worn >= 30 && device[i].sustained);
        }
    }
    int64_t minutes = length_s / 60;
    assert_int_equal(day->n_minutes, minutes);
    for (int64_t i = 0; i < minutes; i++) {
        bool busy = false;
        for (int64_t w = i - 4; w <= i; w++)
            if (w >= 0 && w + 5 <= minutes)
                busy = busy || steps[w] + steps[w + 1] + steps[w + 2] + steps[w + 3] +
                                       steps[w + 4] >=
                                   30;
        int expected = !known[i] ? (unworn[i] ? SW_MINUTE_UNWORN : SW_MINUTE_UNKNOWN)
                       : sustained[i] || (busy && steps[i] > 0) ? SW_MINUTE_ACTIVE
                                                                : SW_MINUTE_STILL;
        assert_int_equal(day->minutes[i].steps, steps[i]);
        assert_int_equal(day->minutes[i].class, expected);
    }
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

static void compute(struct sw_day *day, const struct sw_zone *zone, struct drawn *all,
                    size_t n)
{
    struct sw_day_set set = {0};
    struct sw_plan plan = sw_plan_default();
    for (size_t i = 0; i < n; i++)
        add(&set, &all[i]);
    memset(day, 0xaa, sizeof(*day));
    assert_int_equal(sw_day_compute(day, zone, DAY, &plan, &set), 0);
    sw_day_set_fini(&set);
}

/* Shuffle, and say some twice. */
static size_t permute(struct drawn *all, size_t n)
{
    size_t m = n;
    for (size_t i = 0; i < n / 3; i++)
        all[m++] = all[draw(0, (int64_t)n - 1)];
    for (size_t i = m - 1; i > 0; i--) {
        size_t j = (size_t)draw(0, (int64_t)i);
        struct drawn kept = all[i];
        all[i] = all[j];
        all[j] = kept;
    }
    return m;
}

static void test_day__any_order_any_repetition_same_row_as_the_model(void **state)
{
    (void)state;
    static struct drawn all[READINGS_MAX], shuffled[2 * READINGS_MAX];
    static struct sw_day day, again;
    for (int round = 0; round < ROUNDS; round++) {
        const struct sw_zone *zone = &zones[round % 3];
        size_t n = (size_t)draw(1, READINGS_MAX);
        for (size_t i = 0; i < n; i++)
            all[i] = draw_one(sw_day_begin(zone, DAY));
        compute(&day, zone, all, n);
        model_check(zone, all, n, &day);
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
