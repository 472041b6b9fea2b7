/* test_day_cache.c -- more patients than there is room for their days in memory: what is
 * left out and loaded again changes nothing, and the room is kept to.
 *
 * Hours and minutes again, by drawn patients in drawn order, judged and committed at
 * drawn moments. The seed is printed; STEPWARD_SEED=N draws the same again.
 */
#include "clinic_fixture.h"

#include <inttypes.h>
#include <time.h>

#include "records/records.h"

enum {
    PATIENTS = 120,
    HOURS = 12,
    MESSAGES = 4 * PATIENTS * HOURS,
    NOW_S_OF_DAY = 20 * 3600,
    SET_BYTES_MAX = 64 * 1024, /* of one, which may be over the limit alone */
};

static uint64_t state_of_draw;

static int draw(int n) /* of [0, n); xorshift64 */
{
    state_of_draw ^= state_of_draw << 13;
    state_of_draw ^= state_of_draw >> 7;
    state_of_draw ^= state_of_draw << 17;
    return (int)(state_of_draw % (uint64_t)n);
}

static int64_t steps_of_minute(int patient, int minute)
{
    return (patient * 7 + minute * 13) % 60 < 40 ? 0 : (patient + minute) % 90;
}

/* n minutes of the patient, from a minute of the wake window on. */
static void say(struct clinic *c, int patient, int first, int minutes)
{
    char topic[64], payload[600];
    int n = snprintf(topic, sizeof(topic), "clinic/t/patient/p%03d/steps", patient);
    int len = snprintf(payload, sizeof(payload), "{\"start\":%" PRId64 ",\"steps\":[",
                       DAY_S + 8 * 3600 + first * 60);
    for (int i = 0; i < minutes; i++)
        len += snprintf(payload + len, sizeof(payload) - (size_t)len, "%s%" PRId64,
                        i ? "," : "", steps_of_minute(patient, first + i));
    len += snprintf(payload + len, sizeof(payload) - (size_t)len, "]}");
    struct sw_inbox_record record = {.received_at_s = DAY_S + NOW_S_OF_DAY,
                                     .topic = topic,
                                     .topic_len = (size_t)n,
                                     .payload = payload,
                                     .payload_len = (size_t)len};
    assert_int_equal(ingest_take(&c->ingest, &record, record.received_at_s), 0);
    assert_int_equal(c->ingest.n_refused, 0);
}

static int keep_row(void *ctx, const struct sw_day_row *row)
{
    memcpy(ctx, row, sizeof(*row));
    return 0;
}

static struct sw_day_row row_of(struct clinic *c, const struct patient *patient)
{
    struct sw_day_row row = {0};
    int r =
        sw_store_each_day(c->store, &patient->known.id, TODAY, TODAY, keep_row, &row);
    assert_int_equal(r, 0);
    return row;
}

static void check_row(struct clinic *c, int index)
{
    char id[8];
    int64_t steps = 0;
    snprintf(id, sizeof(id), "p%03d", index);
    struct patient *patient = patients_find(&c->patients, id);
    assert_non_null(patient);
    struct sw_day_row by_gateway = row_of(c, patient);
    for (int minute = 0; minute < HOURS * 60; minute++)
        steps += steps_of_minute(index, minute);
    assert_int_equal(by_gateway.steps, steps);
    assert_int_equal(sw_records_refresh(c->store, &utc, patient->known.key, TODAY), 0);
    struct sw_day_row by_store = row_of(c, patient);
    assert_memory_equal(&by_gateway, &by_store, sizeof(by_store));
}

static void pass_turns(struct clinic *c)
{
    for (int i = 0; i < MESSAGES; i++) {
        bool is_single = draw(4) == 0;
        if (is_single)
            say(c, draw(PATIENTS), draw(HOURS * 60), 1);
        else
            say(c, draw(PATIENTS), 60 * draw(HOURS), 60);
        if (draw(50) == 0)
            judge(c, DAY_S + NOW_S_OF_DAY, false);
        if (draw(400) == 0)
            judge(c, DAY_S + NOW_S_OF_DAY, true);
        assert_true(c->patients.set_bytes <= DAY_CACHE_BYTES_MAX + SET_BYTES_MAX);
    }
}

static void test_days__left_out_and_loaded_again_are_the_same(void **state)
{
    (void)state;
    struct clinic c;
    int n_in_memory = 0;
    open_clinic(&c);
    pass_turns(&c);
    for (int patient = 0; patient < PATIENTS; patient++) /* what was not drawn */
        for (int hour = 0; hour < HOURS; hour++)
            say(&c, patient, 60 * hour, 60);
    judge(&c, DAY_S + NOW_S_OF_DAY, true);
    for (size_t i = 0; i < c.patients.n; i++)
        n_in_memory += c.patients.all[i]->day.state == DAY_LOADED;
    assert_true(n_in_memory < PATIENTS); /* else this shows nothing */
    for (int patient = 0; patient < PATIENTS; patient++)
        check_row(&c, patient);
    close_clinic(&c);
}

int main(void)
{
    const char *seed = getenv("STEPWARD_SEED");
    state_of_draw = (seed ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL)) | 1;
    printf("seed %" PRIu64 "\n", state_of_draw);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days__left_out_and_loaded_again_are_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
