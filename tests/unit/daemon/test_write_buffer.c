/* test_write_buffer.c -- whatever comes in whatever order, all of it is found again, in the
 * order in which it came; what follows each other is kept in little room.
 *
 * The seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include "draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "daemon/patients.h"
#include "daemon/write_buffer.h"

enum { PATIENTS = 3, DEVICES = 2, STRETCHES = 400, STRETCH_MAX = 80 };

struct clinic {
    struct patient patients[PATIENTS];
    struct write_buffer write_buffer;
    struct pending added[STRETCHES * STRETCH_MAX]; /* one by one */
    size_t n_added;
};

static uint64_t state_of_draw;

static int draw(int n) /* of [0, n); xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return (int)(state_of_draw % (uint64_t)n);
}

static void begin_draws(void)
{
    const char *given = getenv("STEPWARD_SEED");
    uint64_t seed = given ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    state_of_draw = seed * 2654435769U + 1;
    printf("STEPWARD_SEED=%" PRIu64 "\n", seed);
}

static void add(struct clinic *c, struct pending item)
{
    item.n = 1;
    assert_int_equal(write_buffer_add(&c->write_buffer, &item), 0);
    c->added[c->n_added++] = item;
}

static struct pending reading_of(struct patient *patient, int64_t start_s,
                                 int32_t steps)
{
    return (struct pending){.patient = patient,
                            .kind = PENDING_READING,
                            .device = {"a"},
                            .reading = {start_s, 60, steps, true}};
}

/* Mostly a batch, as they come; now and then what breaks one off. */
static void add_stretch(struct clinic *c)
{
    static const int32_t lengths_s[] = {1, 60, 60, 60, 900};
    struct pending item = reading_of(&c->patients[draw(PATIENTS)], draw(100000), 0);
    item.device.str[0] = (char)('a' + draw(DEVICES));
    item.reading.seconds = lengths_s[draw(5)];
    item.by_device = draw(8) == 0;
    item.has_battery = draw(4) == 0;
    item.battery_pct = item.has_battery ? (int8_t)draw(100) : 0;
    for (int n = 1 + draw(STRETCH_MAX - 1); n > 0; n--) {
        item.reading.steps = draw(100);
        item.reading.worn = draw(60) != 0;
        add(c, item);
        int periods = draw(10) == 0 ? draw(30) - 5 : 1;
        item.reading.start_s += (int64_t)periods * item.reading.seconds;
        item.reading.start_s += draw(50) == 0;
    }
    if (draw(5) == 0)
        add(c, (struct pending){.patient = item.patient,
                                .kind = PENDING_PAIN,
                                .pain = {.at_s = draw(1000)}});
}

static bool is_same(const struct pending *a, const struct sw_reading *reading,
                    const struct pending *b)
{
    bool is_like = a->patient == b->patient && a->kind == b->kind &&
                   a->by_device == b->by_device && a->has_battery == b->has_battery &&
                   a->battery_pct == b->battery_pct &&
                   strcmp(a->device.str, b->device.str) == 0;
    if (!is_like || a->kind == PENDING_PAIN)
        return is_like && a->pain.at_s == b->pain.at_s;
    return reading->start_s == b->reading.start_s &&
           reading->seconds == b->reading.seconds &&
           reading->steps == b->reading.steps && reading->worn == b->reading.worn;
}

/* What was added of the patient, from *next on, one by one. */
static const struct pending *next_added(const struct clinic *c,
                                        const struct patient *patient, size_t *next)
{
    while (*next < c->n_added && c->added[*next].patient != patient)
        ++*next;
    return *next < c->n_added ? &c->added[(*next)++] : NULL;
}

static void check_patient(const struct clinic *c, const struct patient *patient)
{
    const struct pending *item = write_buffer_of(&c->write_buffer, patient);
    size_t next = 0;
    for (; item; item = write_buffer_after(&c->write_buffer, item))
        for (uint32_t i = 0; i < item->n; i++) {
            struct sw_reading reading = {0};
            if (item->kind == PENDING_READING &&
                !write_buffer_reading(&c->write_buffer, item, i, &reading))
                continue;
            const struct pending *added = next_added(c, patient, &next);
            assert_non_null(added);
            assert_true(is_same(item, &reading, added));
        }
    assert_null(next_added(c, patient, &next));
}

static void check_all(const struct clinic *c)
{
    for (int i = 0; i < PATIENTS; i++)
        check_patient(c, &c->patients[i]);
}

static void test_pending__is_found_as_it_came(void **state)
{
    struct clinic *c = calloc(1, sizeof(*c));
    (void)state;
    assert_non_null(c);
    begin_draws();
    for (int i = 0; i < STRETCHES; i++)
        add_stretch(c);
    check_all(c);
    write_buffer_fini(&c->write_buffer);
    free(c);
}

static void forget_added_of(struct clinic *c, const struct patient *gone)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_added; i++)
        if (c->added[i].patient != gone)
            c->added[n++] = c->added[i];
    c->n_added = n;
}

static void test_pending__of_the_erased_goes_and_others_go_on(void **state)
{
    struct clinic *c = calloc(1, sizeof(*c));
    (void)state;
    assert_non_null(c);
    begin_draws();
    for (int i = 0; i < STRETCHES / 2; i++)
        add_stretch(c);
    add(c, reading_of(&c->patients[0], 600, 1));
    add(c, reading_of(&c->patients[0], 660, 2));
    for (int i = 0; i < 3; i++)
        add(c, reading_of(&c->patients[2], 600 + 60 * i, 3));
    c->patients[2].state = PATIENT_GONE;
    write_buffer_drop_gone(&c->write_buffer);
    forget_added_of(c, &c->patients[2]);
    c->patients[2].state = PATIENT_STORED;
    check_all(c);
    add(c, reading_of(&c->patients[0], 720, 4)); /* goes on where the last one ended */
    for (int i = 0; i < STRETCHES / 4; i++)
        add_stretch(c);
    check_all(c);
    write_buffer_fini(&c->write_buffer);
    free(c);
}

static void test_batch__takes_little_room(void **state)
{
    struct clinic *c = calloc(1, sizeof(*c));
    (void)state;
    assert_non_null(c);
    for (int i = 0; i < 1440; i++)
        if (i % 7 != 3) /* no data */
            add(c, reading_of(&c->patients[0], 60 * i, i % 90));
    assert_true(write_buffer_bytes(&c->write_buffer) < 1440 * 5);
    check_all(c);
    write_buffer_clear(&c->write_buffer);
    assert_null(write_buffer_of(&c->write_buffer, &c->patients[0]));
    assert_int_equal(write_buffer_bytes(&c->write_buffer), 0);
    write_buffer_fini(&c->write_buffer);
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pending__is_found_as_it_came),
        cmocka_unit_test(test_pending__of_the_erased_goes_and_others_go_on),
        cmocka_unit_test(test_batch__takes_little_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
