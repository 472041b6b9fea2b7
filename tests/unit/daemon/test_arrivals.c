/* test_arrivals.c -- arrivals as the gateway sees them: which count, and that what is
 * known of them is in the store. */
#include "clinic_fixture.h"

static const int64_t TEN_S = 20522 * (int64_t)86400 + 10 * 3600;

/* A minute that ended `late_min` minutes before now_s. */
static void come(struct clinic *c, int64_t now_s, int late_min, bool retained)
{
    static const char topic[] = "clinic/t/patient/p1/steps";
    char payload[100];
    snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":0}",
             (long long)now_s - 60 * (late_min + 1));
    struct sw_inbox_record record = {.received_at_s = now_s,
                                     .retained = retained,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, now_s), 0);
    judge(c, now_s, true);
}

/* One who is known, of a gateway that is connected since 08:00. */
static void open_known(struct clinic *c)
{
    open_clinic(c);
    online_spans_tick(&c->online_spans, TEN_S - 7200, true);
    come(c, TEN_S - 3600, 1, false);
    assert_int_equal(patients_find(&c->patients, "p1")->lateness.n, 0);
}

static struct sw_lateness stored(struct clinic *c)
{
    struct sw_lateness lateness;
    int64_t key = patients_find(&c->patients, "p1")->known.key;
    assert_int_equal(sw_store_get_lateness(c->store, key, &lateness), 0);
    return lateness;
}

static void test_arrival__is_stored_with_the_commit(void **state)
{
    (void)state;
    struct clinic c;
    open_known(&c);
    assert_int_equal(stored(&c).n, 0);
    come(&c, TEN_S, 25, false);
    come(&c, TEN_S + 3600, 40, false);
    struct sw_lateness lateness = stored(&c);
    assert_int_equal(lateness.n, 2);
    assert_int_equal(lateness.hour, TEN_S / 3600 + 1);
    assert_int_equal(lateness.age_min[0], 26);
    assert_int_equal(lateness.age_min[1], 41);
    assert_false(patients_find(&c.patients, "p1")->unstored.has_lateness);
    close_clinic(&c);
}

static void test_arrival__is_known_after_a_restart(void **state)
{
    (void)state;
    struct clinic c;
    open_known(&c);
    come(&c, TEN_S, 25, false);
    ingest_fini(&c.ingest);
    patients_fini(&c.patients);
    c.patients = (struct patients){.store = c.store, .zone = &utc};
    assert_int_equal(patients_load(&c.patients, TODAY), 0);
    const struct patient *patient = patients_find(&c.patients, "p1");
    assert_int_equal(patient->lateness.n, 1);
    assert_int_equal(patient->lateness.age_min[0], 26);
    close_clinic(&c);
}

static void test_arrival__counts_if_it_brings_a_newer_minute(void **state)
{
    (void)state;
    struct clinic c;
    open_known(&c);
    come(&c, TEN_S, 25, false);
    come(&c, TEN_S + 3600, 90, false);
    assert_int_equal(stored(&c).n, 1);
    close_clinic(&c);
}

/* What waited for the gateway did not come late, and a copy that the broker keeps says
 * nothing of when it was sent. */
static void test_arrival__counts_if_the_gateway_was_there_to_take_it(void **state)
{
    (void)state;
    struct clinic c;
    open_known(&c);
    online_spans_tick(&c.online_spans, TEN_S - 1200, false);
    online_spans_tick(&c.online_spans, TEN_S - 600, true);
    come(&c, TEN_S, 25, false);
    come(&c, TEN_S + 60, 12, true);
    assert_int_equal(stored(&c).n, 0);
    come(&c, TEN_S + 120, 5, false);
    assert_int_equal(stored(&c).n, 1);
    assert_int_equal(stored(&c).age_min[0], 6);
    close_clinic(&c);
}

static void test_arrival__counts_in_the_wake_window(void **state)
{
    (void)state;
    struct clinic c;
    open_known(&c);
    come(&c, TEN_S + 11 * 3600, 25, false); /* 21:00 */
    assert_int_equal(stored(&c).n, 0);
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrival__is_stored_with_the_commit),
        cmocka_unit_test(test_arrival__is_known_after_a_restart),
        cmocka_unit_test(test_arrival__counts_if_it_brings_a_newer_minute),
        cmocka_unit_test(test_arrival__counts_if_the_gateway_was_there_to_take_it),
        cmocka_unit_test(test_arrival__counts_in_the_wake_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
