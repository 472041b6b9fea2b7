/* The set of readings, totals and scores: which value wins, and what a day is given. */
#include "store_fixture.h"

enum { T0_S = 1773100800, BATCH_MAX = 40 }; /* 2026-03-10 */

static struct sw_reading reading(int64_t start_s, int32_t seconds, int32_t steps,
                                 bool worn)
{
    return (struct sw_reading){
        .start_s = start_s, .seconds = seconds, .steps = steps, .worn = worn};
}

static int put(struct fixture *f, int64_t key, const char *device, struct sw_reading r)
{
    struct sw_device_id id = device_id(device);
    return sw_store_put_reading(f->store, key, &id, &r);
}

static int put_total(struct fixture *f, int64_t key, const char *device, int64_t at_s,
                     int64_t total, struct sw_span *ret)
{
    struct sw_device_id id = device_id(device);
    struct sw_total t = {.at_s = at_s, .total = total};
    return sw_store_put_total(f->store, key, &id, &t, ret);
}

static struct sw_day_set load(struct fixture *f, int64_t key, int64_t from, int64_t to)
{
    struct sw_day_set set = {0};
    assert_int_equal(sw_store_load_day(f->store, key, from, to, &set), 0);
    return set;
}

static const struct sw_device_set *device_of(const struct sw_day_set *set, int64_t key)
{
    for (size_t i = 0; i < set->n_devices; i++)
        if (set->devices[i].device_key == key)
            return &set->devices[i];
    return NULL;
}

static void check_readings_equal(const struct sw_device_set *a,
                                 const struct sw_device_set *b)
{
    assert_int_equal(a->n_readings, b->n_readings);
    for (size_t i = 0; i < a->n_readings; i++) {
        assert_int_equal(a->readings[i].start_s, b->readings[i].start_s);
        assert_int_equal(a->readings[i].seconds, b->readings[i].seconds);
        assert_int_equal(a->readings[i].steps, b->readings[i].steps);
        assert_int_equal(a->readings[i].worn, b->readings[i].worn);
    }
}

static void check_totals_equal(const struct sw_device_set *a,
                               const struct sw_device_set *b)
{
    assert_int_equal(a->n_totals, b->n_totals);
    for (size_t i = 0; i < a->n_totals; i++) {
        assert_int_equal(a->totals[i].at_s, b->totals[i].at_s);
        assert_int_equal(a->totals[i].total, b->totals[i].total);
    }
}

static size_t things_in(const struct sw_day_set *set)
{
    size_t n = set->n_pains;
    for (size_t i = 0; i < set->n_devices; i++)
        n += set->devices[i].n_readings + set->devices[i].n_totals;
    return n;
}

/* The same set, whatever the order of its devices; and empties *both. */
static void check_sets_equal(struct sw_day_set *got, struct sw_day_set *expected)
{
    assert_int_equal(things_in(got), things_in(expected));
    for (size_t i = 0; i < expected->n_devices; i++) {
        const struct sw_device_set *device = &expected->devices[i];
        const struct sw_device_set *same = device_of(got, device->device_key);
        assert_non_null(same);
        check_readings_equal(same, device);
        check_totals_equal(same, device);
    }
    sw_day_set_fini(got);
    sw_day_set_fini(expected);
}

/* ---- which value wins ---- */

static void test_put_reading__says_whether_the_set_changed(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(put(f, key, "", reading(60, 60, 5, true)), SW_STORE_CHANGED);
    assert_int_equal(put(f, key, "", reading(60, 60, 5, true)), 0);
    assert_int_equal(put(f, key, "", reading(60, 60, 4, true)), 0);
    assert_int_equal(put(f, key, "", reading(60, 60, 5, false)), 0);
    assert_int_equal(put(f, key, "", reading(60, 60, 6, false)), SW_STORE_CHANGED);
    assert_int_equal(put(f, key, "", reading(60, 60, 6, true)), SW_STORE_CHANGED);
    assert_int_equal(put(f, key, "", reading(60, 61, 0, true)), SW_STORE_CHANGED);
    assert_int_equal(put(f, key, "b", reading(60, 60, 0, true)), SW_STORE_CHANGED);
    assert_int_equal(count_readings(f->store), 3);
}

static void swap(size_t *a, size_t *b)
{
    size_t c = *a;
    *a = *b;
    *b = c;
}

/* The next order of n by Heap's method; false after the last. */
static bool permute(size_t *order, size_t *counts, size_t n)
{
    for (size_t i = 1; i < n; counts[i++] = 0)
        if (counts[i] < i) {
            swap(&order[i % 2 ? counts[i] : 0], &order[i]);
            counts[i]++;
            return true;
        }
    return false;
}

static void test_put_reading__any_order_stores_the_same_set(void **state)
{
    struct fixture *f = *state;
    const struct sw_reading said[] = {
        reading(60, 60, 5, true), reading(60, 60, 7, false), reading(60, 60, 7, true),
        reading(60, 60, 0, true), reading(60, 900, 7, true),
    };
    size_t order[N_OF(said)] = {0, 1, 2, 3, 4}, counts[N_OF(said)] = {0};
    char name[16];
    int n = 0;
    assert_int_equal(sw_store_begin(f->store), 0);
    do {
        snprintf(name, sizeof name, "p%d", n++);
        int64_t key = add_patient(f->store, name), device;
        struct sw_device_id id = device_id("");
        struct sw_day_set expected = {0};
        for (size_t i = 0; i < N_OF(said); i++)
            assert_true(put(f, key, "", said[order[i]]) >= 0);
        assert_int_equal(sw_store_find_device(f->store, key, &id, &device), 0);
        struct sw_day_set got = load(f, key, 0, 86400);
        sw_day_set_add_reading(&expected, device, &said[2]);
        sw_day_set_add_reading(&expected, device, &said[4]);
        check_sets_equal(&got, &expected);
    } while (permute(order, counts, N_OF(said)));
    assert_int_equal(n, 120);
    assert_int_equal(sw_store_commit(f->store), 0);
}

static void test_put_reading__out_of_range_or_of_nobody_is_refused(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(put(f, key, "", reading(60, 0, 5, true)), -EINVAL);
    assert_int_equal(put(f, key, "", reading(60, 90001, 5, true)), -EINVAL);
    assert_int_equal(put(f, key, "", reading(60, 60, -1, true)), -EINVAL);
    assert_int_equal(put(f, key + 1, "", reading(60, 60, 1, true)), -ENOENT);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM device"), 0);
    assert_int_equal(put(f, key, "", reading(60, 90000, INT32_MAX, true)), 1);
}

static void test_put_reading__keeps_the_extremes_of_time(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(put(f, key, "", reading(INT64_MIN, 60, 1, true)), 1);
    assert_int_equal(put(f, key, "", reading(INT64_MAX - 60, 60, 2, true)), 1);
    assert_int_equal(put(f, key, "", reading(-1, 1, 3, true)), 1);
    struct sw_day_set set = load(f, key, INT64_MIN, INT64_MIN + 10);
    assert_int_equal(things_in(&set), 1);
    assert_int_equal(set.devices[0].readings[0].start_s, INT64_MIN);
    sw_day_set_fini(&set);
    set = load(f, key, INT64_MAX - 10, INT64_MAX);
    assert_int_equal(things_in(&set), 1);
    assert_int_equal(set.devices[0].readings[0].start_s, INT64_MAX - 60);
    sw_day_set_fini(&set);
}

static void test_device_key__is_one_a_patient_and_id(void **state)
{
    struct fixture *f = *state;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    struct sw_device_id band = device_id("007"), none = device_id("");
    int64_t a = 0, b, c, d;
    assert_int_equal(sw_store_find_device(f->store, p1, &band, &a), SW_STORE_NONE);
    assert_int_equal(a, 0);
    assert_int_equal(put(f, p1, band.str, reading(0, 60, 1, true)), SW_STORE_CHANGED);
    assert_int_equal(put(f, p2, band.str, reading(0, 60, 1, true)), SW_STORE_CHANGED);
    assert_int_equal(put(f, p1, none.str, reading(0, 60, 1, true)), SW_STORE_CHANGED);
    assert_int_equal(sw_store_find_device(f->store, p1, &band, &a), 0);
    assert_int_equal(sw_store_find_device(f->store, p2, &band, &b), 0);
    assert_int_equal(sw_store_find_device(f->store, p1, &none, &c), 0);
    assert_true(a != b && b != c && a != c);
    reopen(f);
    assert_int_equal(sw_store_find_device(f->store, p1, &band, &d), 0);
    assert_int_equal(a, d);
    assert_int_equal(put(f, p1, band.str, reading(60, 60, 1, true)), SW_STORE_CHANGED);
    assert_int_equal(sw_store_find_device(f->store, p1, &band, &d), 0);
    assert_int_equal(a, d);
    assert_int_equal(put(f, 999, band.str, reading(0, 60, 1, true)), -ENOENT);
}

/* ---- counters ---- */

static void check_span(struct sw_span span, int64_t from_s, int64_t to_s)
{
    assert_int_equal(span.from_s, from_s);
    assert_int_equal(span.to_s, to_s);
}

static void test_put_total__touches_from_its_neighbour_to_its_neighbour(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_span span = {1, 1};
    assert_int_equal(put_total(f, key, "a", 1000, 10, &span), SW_STORE_CHANGED);
    check_span(span, 999, 1000); /* it speaks of the second before it */
    assert_int_equal(put_total(f, key, "a", 3000, 30, &span), SW_STORE_CHANGED);
    check_span(span, 1000, 3000);
    assert_int_equal(put_total(f, key, "a", 2000, 20, &span), SW_STORE_CHANGED);
    check_span(span, 1000, 3000);
    assert_int_equal(put_total(f, key, "a", 500, 5, &span), SW_STORE_CHANGED);
    check_span(span, 499, 1000);
    assert_int_equal(put_total(f, key, "a", 2000, 20, &span), 0);
    check_span(span, 1000, 3000);
    assert_int_equal(put_total(f, key, "b", 2000, 20, &span), SW_STORE_CHANGED);
    check_span(span, 1999, 2000);
}

static void test_put_total__of_the_same_instant_the_larger_wins(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_span span;
    assert_int_equal(put_total(f, key, "", 1000, 10, &span), SW_STORE_CHANGED);
    assert_int_equal(put_total(f, key, "", 1000, 9, &span), 0);
    assert_int_equal(put_total(f, key, "", 1000, INT64_MAX, &span), SW_STORE_CHANGED);
    assert_int_equal(put_total(f, key, "", 1000, 11, &span), 0);
    assert_int_equal(number_of(f->store, "SELECT total FROM total"), INT64_MAX);
}

static void test_put_total__refused_leaves_touched_alone(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_span span = {3, 4};
    assert_int_equal(put_total(f, key, "", 1000, -1, &span), -EINVAL);
    assert_int_equal(put_total(f, key + 1, "", 1000, 1, &span), -ENOENT);
    check_span(span, 3, 4);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM total"), 0);
}

/* ---- pain ---- */

static int put_pain(struct fixture *f, int64_t key, double score, bool flare)
{
    struct sw_pain pain = {.at_s = 5000, .score = score, .flare = flare};
    return sw_store_put_pain(f->store, key, &pain);
}

static void test_put_pain__of_the_same_instant_the_larger_wins(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(put_pain(f, key, 3.5, false), SW_STORE_CHANGED);
    assert_int_equal(put_pain(f, key, 3.4, true), SW_STORE_CHANGED);
    assert_int_equal(put_pain(f, key, 3.5, true), 0);
    assert_int_equal(put_pain(f, key, 3.5, false), 0);
    assert_int_equal(put_pain(f, key, 10, false), SW_STORE_CHANGED);
    assert_int_equal(put_pain(f, key, 10.5, false), -EINVAL);
    assert_int_equal(put_pain(f, key, -0.5, false), -EINVAL);
    assert_int_equal(put_pain(f, key + 1, 1, false), -ENOENT);
    struct sw_day_set set = load(f, key, 5000, 5001);
    assert_int_equal(set.n_pains, 1);
    assert_true(set.pains[0].score == 10 && set.pains[0].flare);
    assert_int_equal(set.pains[0].at_s, 5000);
    sw_day_set_fini(&set);
}

/* ---- what a day is given ---- */

static void test_load_day__has_the_readings_that_overlap_it(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    const int64_t begin = 200000, end = 286400;
    put(f, key, "", reading(begin - 60, 60, 1, true));       /* ends as it begins */
    put(f, key, "", reading(begin - 60, 61, 2, true));       /* reaches in */
    put(f, key, "", reading(begin - 89999, 90000, 3, true)); /* the longest */
    put(f, key, "", reading(begin - 90000, 90000, 4, true)); /* ends as it begins */
    put(f, key, "", reading(end - 1, 60, 5, true));          /* reaches out */
    put(f, key, "", reading(end, 60, 6, true));              /* begins as it ends */
    struct sw_day_set set = load(f, key, begin, end);
    assert_int_equal(set.n_devices, 1);
    assert_int_equal(set.devices[0].n_readings, 3);
    assert_int_equal(set.devices[0].readings[0].steps, 3);
    assert_int_equal(set.devices[0].readings[1].steps, 2);
    assert_int_equal(set.devices[0].readings[2].steps, 5);
    sw_day_set_fini(&set);
}

static void test_load_day__has_the_totals_on_either_side(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_span span;
    static const int64_t at[] = {100, 900, 1000, 1500, 1999, 2000, 2100};
    for (size_t i = 0; i < N_OF(at); i++)
        put_total(f, key, "", at[i], (int64_t)i, &span);
    struct sw_day_set set = load(f, key, 1000, 2000);
    assert_int_equal(set.devices[0].n_totals, 5);
    assert_int_equal(set.devices[0].totals[0].at_s, 900);
    assert_int_equal(set.devices[0].totals[4].at_s, 2000);
    sw_day_set_fini(&set);
}

static void test_load_day__has_totals_that_only_bracket_it(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_span span;
    put_total(f, key, "", 100, 1, &span);
    put_total(f, key, "", 9000, 2, &span);
    struct sw_day_set set = load(f, key, 1000, 2000);
    assert_int_equal(set.n_devices, 1);
    assert_int_equal(set.devices[0].n_totals, 2);
    sw_day_set_fini(&set);
}

static void test_load_day__has_the_scores_of_the_day_alone(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    static const int64_t at[] = {1999, 999, 2000, 1000};
    for (size_t i = 0; i < N_OF(at); i++) {
        struct sw_pain pain = {.at_s = at[i], .score = 1};
        assert_int_equal(sw_store_put_pain(f->store, key, &pain), 1);
    }
    struct sw_day_set set = load(f, key, 1000, 2000);
    assert_int_equal(set.n_pains, 2);
    assert_int_equal(set.pains[0].at_s, 1000);
    assert_int_equal(set.pains[1].at_s, 1999);
    sw_day_set_fini(&set);
}

static void test_load_day__of_another_patient_is_empty(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), other = add_patient(f->store, "p2");
    struct sw_span span;
    put(f, key, "", reading(1000, 60, 1, true));
    put_total(f, key, "", 1000, 1, &span);
    struct sw_day_set set = load(f, other, 0, 86400);
    assert_int_equal(things_in(&set), 0);
    sw_day_set_fini(&set);
}

/* A small generator of its own: the same draws on every machine. */
static int64_t draw(uint64_t *seed, int64_t below)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((*seed >> 33) % (uint64_t)below);
}

struct drawn {
    struct sw_reading readings[300];
    struct sw_total totals[300];
    size_t of_reading[300], of_total[300]; /* which device */
    int64_t devices[3];
};

static int64_t make_device(struct fixture *f, int64_t key,
                           const struct sw_device_id *id)
{
    char sql[160];
    int64_t device = 0;
    snprintf(sql, sizeof sql,
             "INSERT OR IGNORE INTO device (patient, id) VALUES (%lld, '%s')",
             (long long)key, id->str);
    exec_sql(f->store, sql);
    assert_int_equal(sw_store_find_device(f->store, key, id, &device), 0);
    return device;
}

static void draw_and_put(struct fixture *f, int64_t key, uint64_t *seed,
                         struct drawn *ret)
{
    static const char *const names[] = {"", "a", "b"};
    struct sw_span span;
    assert_int_equal(sw_store_begin(f->store), 0);
    for (size_t i = 0; i < N_OF(ret->devices); i++) {
        struct sw_device_id id = device_id(names[i]);
        ret->devices[i] = make_device(f, key, &id);
    }
    for (size_t i = 0; i < N_OF(ret->readings); i++) {
        int32_t seconds = (int32_t)(draw(seed, 3) ? 60 : 1 + draw(seed, 90000));
        ret->readings[i] = reading(draw(seed, 5000) * 60, seconds,
                                   (int32_t)draw(seed, 4), draw(seed, 2) != 0);
        ret->of_reading[i] = (size_t)draw(seed, 3);
        put(f, key, names[ret->of_reading[i]], ret->readings[i]);
        ret->totals[i] =
            (struct sw_total){.at_s = draw(seed, 500) * 600, .total = draw(seed, 1000)};
        ret->of_total[i] = (size_t)draw(seed, 3);
        put_total(f, key, names[ret->of_total[i]], ret->totals[i].at_s,
                  ret->totals[i].total, &span);
    }
    assert_int_equal(sw_store_commit(f->store), 0);
}

/* The times of the totals that frame the day: the last before, the first after. */
static struct sw_span frame_of(const struct drawn *d, size_t device, int64_t begin,
                               int64_t end)
{
    struct sw_span frame = {INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < N_OF(d->totals); i++) {
        int64_t at_s = d->totals[i].at_s;
        if (d->of_total[i] != device)
            continue;
        if (at_s < begin && at_s > frame.from_s)
            frame.from_s = at_s;
        if (at_s >= end && at_s < frame.to_s)
            frame.to_s = at_s;
    }
    return frame;
}

static struct sw_day_set expected_set(const struct drawn *d, int64_t begin, int64_t end)
{
    struct sw_day_set set = {0};
    for (size_t i = 0; i < N_OF(d->readings); i++) {
        const struct sw_reading *r = &d->readings[i];
        if (r->start_s < end && r->start_s + r->seconds > begin)
            sw_day_set_add_reading(&set, d->devices[d->of_reading[i]], r);
    }
    for (size_t i = 0; i < N_OF(d->totals); i++) {
        struct sw_span frame = frame_of(d, d->of_total[i], begin, end);
        const struct sw_total *t = &d->totals[i];
        if (t->at_s >= frame.from_s && t->at_s <= frame.to_s)
            sw_day_set_add_total(&set, d->devices[d->of_total[i]], t);
    }
    return set;
}

static void test_load_day__is_what_the_definition_picks_from_drawn_sets(void **state)
{
    struct fixture *f = *state;
    uint64_t seed = 20260310;
    for (int round = 0; round < 5; round++) {
        char name[8];
        struct drawn drawn;
        snprintf(name, sizeof name, "p%d", round);
        int64_t key = add_patient(f->store, name);
        draw_and_put(f, key, &seed, &drawn);
        for (int64_t begin = -86400; begin <= 400000; begin += 43200) {
            struct sw_day_set got = load(f, key, begin, begin + 86400);
            struct sw_day_set expected = expected_set(&drawn, begin, begin + 86400);
            check_sets_equal(&got, &expected);
        }
    }
}

/* ---- many at once: runs and what is not yet in one ---- */

enum { DAYS = 3, DEVICES = 5, ROUNDS = 400 };

static struct sw_reading drawn_reading(void)
{
    static const int32_t lengths[] = {1, 60, 60, 60, 60, 900, 86400};
    int64_t start_s = T0_S + 60 * (rand() % (DAYS * 1440)) + (rand() % 9 == 0);
    return reading(start_s, lengths[rand() % (int)N_OF(lengths)], rand() % 300,
                   rand() % 5 != 0);
}

static size_t draw_batch(struct sw_reading *batch)
{
    size_t n = rand() % 3 ? 1 + (size_t)rand() % 5 : 1 + (size_t)rand() % BATCH_MAX;
    struct sw_reading first = drawn_reading();
    bool is_run = rand() % 2;
    for (size_t i = 0; i < n; i++) {
        batch[i] = is_run ? first : drawn_reading();
        batch[i].steps = rand() % 3;
        first.start_s += first.seconds;
    }
    return n;
}

/* What is put says of each whether it was news, as a set in memory does. */
static void put_batch(struct fixture *f, int64_t key, const char *device,
                      int64_t device_key, struct sw_day_set *model)
{
    struct sw_reading batch[BATCH_MAX];
    bool changed[BATCH_MAX];
    struct sw_device_id id = device_id(device);
    size_t n = draw_batch(batch);
    assert_int_equal(sw_store_put_readings(f->store, key, &id, batch, n, changed), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sw_day_set_add_reading(model, device_key, &batch[i]),
                         changed[i]);
}

static void check_all(struct fixture *f, int64_t key, const struct sw_day_set *model)
{
    struct sw_day_set got =
        load(f, key, T0_S - 86400, T0_S + (DAYS + BATCH_MAX + 1) * 86400);
    assert_int_equal(things_in(&got), things_in(model));
    for (size_t i = 0; i < model->n_devices; i++)
        check_readings_equal(device_of(&got, model->devices[i].device_key),
                             &model->devices[i]);
    assert_int_equal(count_readings(f->store), things_in(model));
    sw_day_set_fini(&got);
}

/* What `select * from reading` shows is what the store gives. */
struct shown {
    sqlite3_stmt *stmt;
    size_t n;
};

static int check_shown(void *ctx, const char *device, const struct sw_reading *reading)
{
    struct shown *shown = ctx;
    assert_int_equal(sqlite3_step(shown->stmt), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(shown->stmt, 0), "p1");
    assert_string_equal((const char *)sqlite3_column_text(shown->stmt, 1), device);
    assert_int_equal(sqlite3_column_int64(shown->stmt, 2), reading->start_s);
    assert_int_equal(sqlite3_column_int(shown->stmt, 3), reading->seconds);
    assert_int_equal(sqlite3_column_int(shown->stmt, 4), reading->steps);
    assert_int_equal(sqlite3_column_int(shown->stmt, 5), reading->worn);
    shown->n++;
    return 0;
}

static void check_view(struct fixture *f, int64_t key, size_t n)
{
    struct shown shown = {0};
    assert_int_equal(
        sqlite3_prepare_v2(f->store->db,
                           "SELECT patient, device, strftime('%s', start) + 0, seconds,"
                           " steps, worn FROM reading WHERE patient = 'p1'"
                           " ORDER BY device, start, seconds",
                           -1, &shown.stmt, NULL),
        SQLITE_OK);
    assert_int_equal(sw_store_each_reading(f->store, key, check_shown, &shown), 0);
    assert_int_equal(sqlite3_step(shown.stmt), SQLITE_DONE);
    assert_int_equal(shown.n, n);
    sqlite3_finalize(shown.stmt);
}

static void
test_put_readings__are_the_set_whatever_becomes_of_rows_and_runs(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), device_keys[DEVICES];
    struct sw_day_set model = {0};
    char names[DEVICES][8];
    srand(1);
    for (int i = 0; i < DEVICES; i++) {
        struct sw_device_id id;
        snprintf(names[i], sizeof names[i], "d%d", i);
        id = device_id(names[i]);
        assert_int_equal(sw_store_device_key(f->store, key, &id, &device_keys[i]), 0);
    }
    for (int round = 0; round < ROUNDS; round++) {
        assert_int_equal(sw_store_begin(f->store), 0);
        int i = rand() % DEVICES;
        put_batch(f, key, names[i], device_keys[i], &model);
        assert_int_equal(sw_store_commit(f->store), 0);
        if (round % 100 == 50)
            reopen(f);
        if (round % 100 == 99) {
            check_all(f, key, &model);
            check_view(f, key, things_in(&model));
        }
    }
    assert_true(number_of(f->store, "SELECT count(*) FROM readings_run") > 0);
    assert_true(number_of(f->store, "SELECT count(*) FROM recent") > 0);
    sw_day_set_fini(&model);
}

static void test_view__shows_every_reading_once_at_its_newest_value(void **state)
{
    enum { N = 400 };
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_device_id id = device_id("d");
    struct sw_reading all[N];
    bool changed[N];
    for (int i = 0; i < N; i++)
        all[i] = reading(T0_S + 60 * i, 60, i * 7 % 256, i % 50 != 0);
    assert_int_equal(sw_store_put_readings(f->store, key, &id, all, N, changed), 0);
    check_view(f, key, N);
    put(f, key, "d", reading(T0_S + 60, 60, 255, true)); /* more than in its run */
    put(f, key, "d", reading(T0_S + 60, 60, 300, true)); /* and once more */
    put(f, key, "d", reading(T0_S, 86400, INT32_MAX, true));
    put(f, key, "e", reading(T0_S, 900, 65535, false));
    check_view(f, key, N + 2);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), 3);
    for (int i = 0; i < N; i++)
        all[i].steps = 1000 + i;
    assert_int_equal(sw_store_put_readings(f->store, key, &id, all, N, changed), 0);
    check_view(f, key, N + 2); /* none of what was recent is shown beside */
    put(f, key, "d", reading(T0_S + 60, 60, 5000, true));
    check_view(f, key, N + 2);
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_recent_fold(f->store), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    check_view(f, key, N + 2);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), 0);
}

/* One a commit and device, as live ones come. Returns how many were in `recent` at most,
 * and in *ret_least how few after that. */
static int64_t put_minutes(struct fixture *f, bool is_tidied, int64_t *ret_least)
{
    int64_t key = add_patient(f->store, "p1"), most = 0;
    *ret_least = INT64_MAX;
    for (int i = 0; i < 90; i++) {
        assert_int_equal(sw_store_begin(f->store), 0);
        for (int j = 0; j < 100; j++) {
            char name[16];
            snprintf(name, sizeof name, "d%d", j);
            assert_int_equal(put(f, key, name, reading(T0_S + 60 * i, 60, j, true)), 1);
        }
        assert_int_equal(sw_store_commit(f->store), 0);
        if (is_tidied)
            sw_store_tidy(f->store);
        int64_t n = number_of(f->store, "SELECT count(*) FROM recent");
        most = n > most ? n : most;
        *ret_least = n < most && n < *ret_least ? n : *ret_least;
    }
    return most;
}

static void test_put_readings__one_by_one_become_runs_when_there_is_time(void **state)
{
    struct fixture *f = *state;
    int64_t least;
    /* Short enough to be read for an answer. */
    assert_int_equal(put_minutes(f, true, &least), 4000);
    assert_int_equal(least, 0);
    assert_int_equal(count_readings(f->store), 9000);
}

static void
test_put_readings__one_by_one_become_runs_by_a_commit_in_the_end(void **state)
{
    struct fixture *f = *state;
    int64_t least;
    assert_int_equal(put_minutes(f, false, &least), 8100);
    assert_int_equal(least, 0);
    assert_int_equal(count_readings(f->store), 9000);
}

/* So many that `recent` is moved into runs, in one commit. */
static int commit_many(struct fixture *f, int64_t key, int64_t from_s, int n)
{
    assert_int_equal(sw_store_begin(f->store), 0);
    for (int i = 0; i < n; i++)
        assert_int_equal(put(f, key, "d", reading(from_s + 60 * i, 60, 1, true)), 1);
    return sw_store_commit(f->store);
}

enum { MANY = 9000 };

static void test_commit__stays_when_the_runs_find_the_disk_full(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    exec_sql(f->store, "CREATE TEMP TRIGGER full BEFORE INSERT ON main.readings_run"
                       " BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END");
    assert_int_equal(commit_many(f, key, T0_S, MANY), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), MANY);
    assert_int_equal(count_readings(f->store), MANY);
    assert_int_equal(commit_many(f, key, T0_S + 60 * MANY, 1), 0);
    exec_sql(f->store, "DROP TRIGGER full");
    for (int i = 1; number_of(f->store, "SELECT count(*) FROM recent") > 0; i++)
        assert_int_equal(commit_many(f, key, T0_S + 60 * (MANY + i), 1), 0);
    assert_true(count_readings(f->store) > MANY);
}

static void test_commit__stays_when_the_runs_are_damaged_and_is_the_last(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(commit_many(f, key, T0_S, MANY), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), 0);
    assert_int_equal(put(f, key, "d", reading(T0_S, 60, 2, true)), 1);
    exec_sql(f->store, "UPDATE readings_run SET crc = crc + 1 WHERE start_s ="
                       " (SELECT min(start_s) FROM readings_run)");
    assert_int_equal(commit_many(f, key, T0_S + 60 * MANY, MANY), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), MANY + 1);
    assert_int_equal(sw_store_begin(f->store), -EUCLEAN);
    assert_string_equal(sw_store_error(f->store), "a stored reading is damaged");
}

static void test_put_readings__rolled_back_were_never_there(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_reading batch[BATCH_MAX];
    bool changed[BATCH_MAX];
    struct sw_device_id id = device_id("d");
    for (int i = 0; i < BATCH_MAX; i++)
        batch[i] = reading(T0_S + 60 * i, 60, i, true);
    for (size_t n = 1; n <= BATCH_MAX; n += BATCH_MAX - 1) {
        assert_int_equal(sw_store_begin(f->store), 0);
        sw_store_put_readings(f->store, key, &id, batch, n, changed);
        assert_true(changed[0] && changed[n - 1]);
        sw_store_rollback(f->store);
        assert_int_equal(count_readings(f->store), 0);
        assert_int_equal(sw_store_begin(f->store), 0);
        sw_store_put_readings(f->store, key, &id, batch, n, changed);
        assert_true(changed[0] && changed[n - 1]);
        sw_store_rollback(f->store);
    }
}

static void test_put_readings__one_out_of_range_and_none_is_put(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    const struct sw_reading batch[] = {reading(T0_S, 60, 1, true),
                                       reading(T0_S + 60, 60, -1, true)};
    bool changed[N_OF(batch)];
    struct sw_device_id id = device_id("d");
    assert_int_equal(sw_store_put_readings(f->store, key, &id, batch, 2, changed),
                     -EINVAL);
    assert_int_equal(count_readings(f->store), 0);
}

/* The command line reads while the gateway writes and moves. */
static void test_readers__see_what_another_connection_put_and_moved(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_store *reader = open_again(f, SW_STORE_READ);
    for (int i = 0; i < 9000; i += 90) {
        assert_int_equal(sw_store_begin(f->store), 0);
        for (int j = 0; j < 90; j++) {
            char name[16];
            snprintf(name, sizeof name, "d%d", j % 10);
            put(f, key, name, reading(T0_S + 60 * (i + j), 60, 1, true));
        }
        assert_int_equal(sw_store_commit(f->store), 0);
        if (i % 900 == 0)
            assert_int_equal(count_readings(reader), i + 90);
    }
    assert_int_equal(count_readings(reader), 9000);
    sw_store_close(reader);
}

static void test_damage__of_a_run_is_found_and_said(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_day_set set = {0};
    struct sw_reading batch[BATCH_MAX];
    bool changed[BATCH_MAX];
    struct sw_device_id id = device_id("d");
    for (int i = 0; i < BATCH_MAX; i++)
        batch[i] = reading(T0_S + 60 * i, 60, i % 200, true);
    assert_int_equal(
        sw_store_put_readings(f->store, key, &id, batch, BATCH_MAX, changed), 0);
    exec_sql(
        f->store,
        "UPDATE readings_run SET steps = CAST(replace(steps, x'08', x'09') AS BLOB)");
    assert_int_equal(sw_store_load_day(f->store, key, T0_S, T0_S + 86400, &set),
                     -EUCLEAN);
    assert_string_equal(sw_store_error(f->store), "a stored reading is damaged");
    sw_day_set_fini(&set);
}

/* A bit of an entry of the index, by which runs are found; the runs are sound. */
static void flip_in_index(const struct fixture *f, int64_t page, int64_t start_s,
                          unsigned char bit)
{
    enum { PAGE = 1024 };
    unsigned char bytes[PAGE], wanted[4];
    for (int i = 0; i < 4; i++)
        wanted[i] = (unsigned char)(start_s >> 8 * (3 - i));
    FILE *file = fopen(f->path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, (page - 1) * PAGE, SEEK_SET), 0);
    assert_int_equal(fread(bytes, 1, PAGE, file), PAGE);
    unsigned char *at = memmem(bytes, PAGE, wanted, sizeof wanted);
    assert_non_null(at);
    assert_null(memmem(at + 1, (size_t)(bytes + PAGE - at - 1), wanted, sizeof wanted));
    at[sizeof wanted - 1] ^= bit;
    assert_int_equal(fseek(file, (page - 1) * PAGE, SEEK_SET), 0);
    assert_int_equal(fwrite(bytes, 1, PAGE, file), PAGE);
    assert_int_equal(fclose(file), 0);
}

static void test_damage__of_the_runs_index_is_found_by_the_check(void **state)
{
    enum { PERIODS = 3 };
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_reading batch[BATCH_MAX];
    bool changed[BATCH_MAX];
    struct sw_device_id id = device_id("d");
    char why[SW_WHY_MAX];
    for (int64_t period = 0; period < PERIODS; period++) {
        for (int i = 0; i < BATCH_MAX; i++)
            batch[i] = reading(T0_S + period * SW_RUN_PERIOD_S + 60 * i, 60, i, true);
        assert_int_equal(
            sw_store_put_readings(f->store, key, &id, batch, BATCH_MAX, changed), 0);
    }
    int64_t page =
        number_of(f->store, "SELECT rootpage FROM sqlite_schema"
                            " WHERE name = 'sqlite_autoindex_readings_run_1'");
    for (unsigned bit = 1; bit < 256; bit <<= 1) {
        struct sw_store *damaged = NULL;
        int64_t start_s = T0_S + SW_RUN_PERIOD_S;
        sw_store_close(f->store);
        flip_in_index(f, page, start_s, (unsigned char)bit);
        assert_int_equal(sw_store_open(&damaged, f->path, SW_STORE_CHECK, why),
                         -EUCLEAN);
        assert_non_null(strstr(why, "the index of the readings is damaged"));
        flip_in_index(f, page, start_s ^ bit, (unsigned char)bit);
        f->store = open_again(f, SW_STORE_CHECK);
    }
    assert_int_equal(count_readings(f->store), PERIODS * BATCH_MAX);
}

struct writer {
    struct fixture *f;
    int64_t key, next_s;
};

static int write_a_run(void *ctx)
{
    enum { RUN = 20 };
    struct writer *writer = ctx;
    struct sw_reading batch[RUN];
    bool changed[RUN];
    struct sw_device_id id = device_id("d");
    for (int i = 0; i < RUN; i++)
        batch[i] = reading(writer->next_s + 60 * i, 60, i, true);
    writer->next_s -= SW_RUN_PERIOD_S;
    assert_int_equal(
        sw_store_put_readings(writer->f->store, writer->key, &id, batch, RUN, changed),
        0);
    return 0;
}

static void test_check__sees_one_moment_while_others_write(void **state)
{
    enum { RUNS = 20, OPCODES = 40 };
    struct fixture *f = *state;
    struct writer writer = {f, add_patient(f->store, "p1"), T0_S};
    char why[SW_WHY_MAX];
    for (int i = 0; i < RUNS; i++)
        write_a_run(&writer);
    struct sw_store *checked = open_again(f, SW_STORE_READ);
    int64_t before_s = writer.next_s;
    sqlite3_progress_handler(checked->db, OPCODES, write_a_run, &writer);
    if (sw_store_check(checked, f->path, why) != 0)
        fail_msg("%s", why);
    assert_true(writer.next_s < before_s);
    sw_store_close(checked);
}

/* Its rows are still in memory when the patient is gone. */
static void test_erasure__does_not_leave_readings_to_be_moved(void **state)
{
    struct fixture *f = *state;
    struct sw_patient gone = {.id = patient_id("p1")};
    gone.key = add_patient(f->store, "p1");
    int64_t stays = add_patient(f->store, "p2");
    put(f, gone.key, "d", reading(T0_S, 60, 1, true));
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_erase_patient_row(f->store, &gone, T0_S), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(sw_store_begin(f->store), 0);
    for (int i = 0; i < 8192; i++)
        put(f, stays, "e", reading(T0_S + 60 * i, 60, 1, true));
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(count_readings(f->store), 8192);
}

/* One commit brought readings of both. */
static void test_erasure__leaves_the_others_of_a_commit(void **state)
{
    struct fixture *f = *state;
    struct sw_patient gone = {.id = patient_id("p1")};
    gone.key = add_patient(f->store, "p1");
    int64_t stays = add_patient(f->store, "p2");
    assert_int_equal(sw_store_begin(f->store), 0);
    put(f, gone.key, "d", reading(T0_S, 60, 1, true));
    put(f, stays, "e", reading(T0_S, 60, 2, true));
    put(f, gone.key, "d", reading(T0_S + 60, 60, 3, true));
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), 3);
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_erase_patient_row(f->store, &gone, T0_S), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), 1);
    struct sw_day_set set = load(f, stays, T0_S, T0_S + 86400);
    assert_int_equal(things_in(&set), 1);
    assert_int_equal(set.devices[0].readings[0].steps, 2);
    sw_day_set_fini(&set);
}

/* Somebody was in the file with another program. */
static void test_runs__are_made_without_a_device_removed_by_hand(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    put(f, key, "d", reading(T0_S, 60, 1, true));
    put(f, key, "e", reading(T0_S, 60, 2, true));
    exec_sql(f->store, "PRAGMA foreign_keys = OFF");
    exec_sql(f->store, "DELETE FROM device WHERE id = 'd'");
    reopen(f);
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_recent_fold(f->store), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(count_readings(f->store), 1);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM readings_run"), 1);
}

/* Of as many as are taken of a day, some of which stand in both places. */
static void test_load_day__counts_no_reading_twice(void **state)
{
    enum { TWICE = 200, HALF = SW_DAY_READINGS_MAX / 2 };
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_device_id d = device_id("d"), e = device_id("e");
    struct sw_reading *all = calloc(HALF, sizeof *all);
    bool *changed = calloc(HALF, sizeof *changed);
    for (int i = 0; i < HALF; i++)
        all[i] = reading(T0_S + i, 1, 1, true);
    assert_int_equal(sw_store_put_readings(f->store, key, &d, all, HALF, changed), 0);
    assert_int_equal(sw_store_put_readings(f->store, key, &e, all, HALF, changed), 0);
    for (int i = 0; i < TWICE; i++)
        put(f, key, "d", reading(T0_S + i, 1, 2, true));
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), TWICE);
    struct sw_day_set set = load(f, key, T0_S, T0_S + 86400);
    assert_int_equal(things_in(&set), 2 * HALF);
    sw_day_set_fini(&set);
    free(all);
    free(changed);
}

/* Of more than are taken of a day, by device, start and length; not by where they lie,
 * nor by which came first. */
static void test_load_day__takes_the_first_of_too_many_wherever_they_lie(void **state)
{
    enum { EACH = SW_DAY_READINGS_MAX / 2 + 500, LATE = 10 };
    struct fixture *f = *state;
    struct sw_device_id d = device_id("d"), e = device_id("e");
    struct sw_reading *all = calloc(EACH, sizeof *all);
    bool *changed = calloc(EACH, sizeof *changed);
    for (int i = 0; i < EACH; i++)
        all[i] = reading(T0_S + i, 1, 1, true);
    for (int is_late = 0; is_late < 2; is_late++) {
        int64_t key = add_patient(f->store, is_late ? "late" : "early");
        const struct sw_device_id *first = is_late ? &e : &d;
        const struct sw_device_id *second = is_late ? &d : &e;
        int n_late = is_late ? LATE : 0;
        sw_store_put_readings(f->store, key, first, all + n_late,
                              (size_t)(EACH - n_late), changed);
        sw_store_put_readings(f->store, key, second, all, EACH, changed);
        for (int i = 0; i < n_late; i++)
            put(f, key, "e", all[i]);
        assert_int_equal(number_of(f->store, "SELECT count(*) FROM recent"), n_late);
        struct sw_day_set set = load(f, key, T0_S, T0_S + 86400);
        assert_int_equal(things_in(&set), SW_DAY_READINGS_MAX);
        assert_int_equal(set.n_devices, 2);
        for (int i = 0; i < 2; i++) {
            bool is_d = strcmp(set.devices[i].device.str, "d") == 0;
            size_t n = is_d ? EACH : SW_DAY_READINGS_MAX - EACH;
            assert_int_equal(set.devices[i].n_readings, n);
            assert_int_equal(set.devices[i].readings[0].start_s, T0_S);
            assert_int_equal(set.devices[i].readings[n - 1].start_s,
                             T0_S + (int64_t)n - 1);
        }
        sw_day_set_fini(&set);
    }
    free(all);
    free(changed);
}

/* The newest is the one that began last, wherever it stands. */
static void test_last_said__is_the_same_in_a_run_or_not(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), at_s = 0;
    struct sw_device_id id = device_id("d");
    struct sw_reading minutes[20];
    bool changed[N_OF(minutes)];
    for (int i = 0; i < (int)N_OF(minutes); i++)
        minutes[i] = reading(T0_S + 60 * i, 60, 1, true);
    put(f, key, "d", reading(T0_S - 3600, 86400, 1, true));
    assert_int_equal(
        sw_store_put_readings(f->store, key, &id, minutes, N_OF(minutes), changed), 0);
    for (int is_folded = 0; is_folded < 2; is_folded++) {
        assert_int_equal(sw_store_last_reported(f->store, key, T0_S + 86400, &at_s), 0);
        assert_int_equal(at_s, T0_S + 60 * (int)N_OF(minutes));
        assert_int_equal(sw_store_last_reported(f->store, key, T0_S, &at_s), 0);
        assert_int_equal(at_s, T0_S - 3600 + 86400);
        assert_int_equal(sw_store_begin(f->store), 0);
        assert_int_equal(sw_recent_fold(f->store), 0);
        assert_int_equal(sw_store_commit(f->store), 0);
    }
}

static void put_run(struct fixture *f, int64_t key, const char *device, int64_t begin_s)
{
    struct sw_device_id id = device_id(device);
    struct sw_reading minutes[20];
    bool changed[N_OF(minutes)];
    for (int i = 0; i < (int)N_OF(minutes); i++)
        minutes[i] = reading(begin_s + 60 * i, 60, 1, true);
    assert_int_equal(
        sw_store_put_readings(f->store, key, &id, minutes, N_OF(minutes), changed), 0);
}

/* A run, or what is in none yet, of one period or another before that of others. */
static void test_last_said__is_found_in_any_period(void **state)
{
    enum { PERIODS = 6, PACKED_S = 20 * 60, SINGLE_S = 2 * 3600 };
    struct fixture *f = *state;
    int64_t other = add_patient(f->store, "other"), end_s = T0_S + 10 * 86400, at_s = 0;
    put_run(f, other, "o", T0_S + (PERIODS - 1) * SW_RUN_PERIOD_S);
    for (int packed = 0; packed < PERIODS; packed++)
        for (int single = -1; single < PERIODS; single++) {
            int64_t packed_s = T0_S + packed * SW_RUN_PERIOD_S;
            int64_t single_s = T0_S + single * SW_RUN_PERIOD_S + SINGLE_S;
            char id[16];
            snprintf(id, sizeof id, "p%d.%d", packed, single + 1);
            int64_t key = add_patient(f->store, id);
            put_run(f, key, "d", packed_s);
            if (single >= 0)
                put(f, key, "d", reading(single_s, 60, 1, true));
            bool is_single = single >= packed;
            assert_int_equal(sw_store_last_reported(f->store, key, end_s, &at_s), 0);
            assert_int_equal(at_s, is_single ? single_s + 60 : packed_s + PACKED_S);
        }
}

/* ---- how it is found ---- */

/* Every step of the plan is a search; a scan would grow with the years. */
static void check_searches(struct sw_store *store, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    char query[2048];
    snprintf(query, sizeof query, "EXPLAIN QUERY PLAN %s", sql);
    assert_int_equal(sqlite3_prepare_v2(store->db, query, -1, &stmt, NULL), SQLITE_OK);
    int n = 0;
    for (; sqlite3_step(stmt) == SQLITE_ROW; n++) {
        const char *detail = (const char *)sqlite3_column_text(stmt, 3);
        if (strncmp(detail, "SCAN", 4) == 0 && !strstr(detail, "CONSTANT ROW"))
            fail_msg("%s: %s", sql, detail);
        bool is_sorter = strstr(detail, "TEMP B-TREE") != NULL;
        bool may_sort = strstr(sql, "ORDER BY +") || strstr(sql, "EXCEPT");
        if (is_sorter && !may_sort)
            fail_msg("%s: %s", sql, detail);
    }
    assert_true(n > 0);
    sqlite3_finalize(stmt);
}

static void test_statements__search_and_do_not_scan(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[SW_SQLS] = {
#define X(name, text) [name] = text,
        SW_STATEMENTS(X)
#undef X
    };
    static const enum sw_sql hot[] = {
        SQL_FIND_PATIENT,     SQL_PLAN_ON,       SQL_EACH_PLAN,     SQL_FIND_DEVICE,
        SQL_EACH_AUDIT,       SQL_EACH_AUDIT_BY, SQL_EACH_AUDIT_OF, SQL_EACH_CONTACT,
        SQL_TOTAL_NEIGHBOURS, SQL_EACH_RUN,      SQL_REMOVE_RUN,    SQL_LAST_RUNS,
        SQL_EACH_START,       SQL_EACH_DEVICE,   SQL_LOAD_TOTALS,   SQL_LOAD_PAINS,
        SQL_PUT_DAY,          SQL_REMOVE_DAY,    SQL_EACH_DAY,      SQL_FIND_ALERT,
        SQL_NEXT_OUTBOUND,    SQL_OUTBOUND_DONE, SQL_GET_META,      SQL_LAST_PAINS,
        SQL_LAST_VALID_DAYS,  SQL_EACH_BATTERY,  SQL_EACH_OF_DAY,
    };
    for (size_t i = 0; i < N_OF(hot); i++)
        check_searches(f->store, texts[hot[i]]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_put_reading__says_whether_the_set_changed),
        TEST(test_put_reading__any_order_stores_the_same_set),
        TEST(test_put_reading__out_of_range_or_of_nobody_is_refused),
        TEST(test_put_reading__keeps_the_extremes_of_time),
        TEST(test_device_key__is_one_a_patient_and_id),
        TEST(test_put_total__touches_from_its_neighbour_to_its_neighbour),
        TEST(test_put_total__of_the_same_instant_the_larger_wins),
        TEST(test_put_total__refused_leaves_touched_alone),
        TEST(test_put_pain__of_the_same_instant_the_larger_wins),
        TEST(test_load_day__has_the_readings_that_overlap_it),
        TEST(test_load_day__has_the_totals_on_either_side),
        TEST(test_load_day__has_totals_that_only_bracket_it),
        TEST(test_load_day__has_the_scores_of_the_day_alone),
        TEST(test_load_day__of_another_patient_is_empty),
        TEST(test_load_day__is_what_the_definition_picks_from_drawn_sets),
        TEST(test_put_readings__are_the_set_whatever_becomes_of_rows_and_runs),
        TEST(test_view__shows_every_reading_once_at_its_newest_value),
        TEST(test_put_readings__one_by_one_become_runs_when_there_is_time),
        TEST(test_put_readings__one_by_one_become_runs_by_a_commit_in_the_end),
        TEST(test_commit__stays_when_the_runs_find_the_disk_full),
        TEST(test_commit__stays_when_the_runs_are_damaged_and_is_the_last),
        TEST(test_put_readings__rolled_back_were_never_there),
        TEST(test_put_readings__one_out_of_range_and_none_is_put),
        TEST(test_readers__see_what_another_connection_put_and_moved),
        TEST(test_damage__of_a_run_is_found_and_said),
        TEST(test_damage__of_the_runs_index_is_found_by_the_check),
        TEST(test_check__sees_one_moment_while_others_write),
        TEST(test_erasure__does_not_leave_readings_to_be_moved),
        TEST(test_erasure__leaves_the_others_of_a_commit),
        TEST(test_runs__are_made_without_a_device_removed_by_hand),
        TEST(test_load_day__counts_no_reading_twice),
        TEST(test_load_day__takes_the_first_of_too_many_wherever_they_lie),
        TEST(test_last_said__is_the_same_in_a_run_or_not),
        TEST(test_last_said__is_found_in_any_period),
        TEST(test_statements__search_and_do_not_scan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
