/* What came without a time of its own, dated anew when its clock was wrong; and what is
 * still to come, which is the newest of nothing. */
#include "store_fixture.h"

enum { HOUR_S = 3600, MINUTE_S = 60, N = 50 };
static const int64_t NOW_S = 1774779300;
static const struct sw_boot_clock boot = {.key = 3, .boot = 77, .offset_ms = 5000};

static int64_t begin(struct fixture *f)
{
    assert_int_equal(sw_store_put_clock(f->store, &boot), 0);
    sw_store_use_clock(f->store, boot.key);
    return add_patient(f->store, "p1");
}

static void put_total(struct fixture *f, int64_t key, int64_t at_s, int64_t n,
                      enum sw_stamp stamp)
{
    struct sw_device_id device = device_id("band");
    struct sw_total total = {.at_s = at_s, .total = n, .stamp = stamp};
    struct sw_span touched;
    assert_int_equal(sw_store_put_total(f->store, key, &device, &total, &touched),
                     SW_STORE_CHANGED);
}

static void put_pain(struct fixture *f, int64_t key, int64_t at_s, double score,
                     enum sw_stamp stamp)
{
    struct sw_pain pain = {.at_s = at_s, .score = score, .stamp = stamp};
    assert_int_equal(sw_store_put_pain(f->store, key, &pain), SW_STORE_CHANGED);
}

static int put_battery(struct fixture *f, int64_t key, const char *device, int64_t at_s,
                       int32_t pct)
{
    struct sw_battery battery = {.device = device_id(device), .pct = pct, .at_s = at_s};
    battery.stamp = SW_STAMP_RECEIPT;
    return sw_store_put_battery(f->store, key, &battery);
}

static struct sw_redated redate(struct fixture *f, int64_t key, int64_t by_s,
                                struct sw_span *touched)
{
    struct sw_redating redating = {.clock = boot.key, .by_s = by_s, .now_s = NOW_S};
    struct sw_redated sum = {0};
    assert_int_equal(sw_store_redate(f->store, key, &redating, touched, &sum), 0);
    assert_int_equal(sw_store_redate_rest(f->store, &redating, &sum), 0);
    return sum;
}

static struct sw_day_set load_all(struct fixture *f, int64_t key)
{
    struct sw_day_set set = {0};
    assert_int_equal(sw_store_load_day(f->store, key, 0, 2 * NOW_S, &set), 0);
    return set;
}

static void test_clock__the_last_one_is_found_as_it_was_put(void **state)
{
    struct fixture *f = *state;
    struct sw_boot_clock clock = boot, found;
    assert_int_equal(sw_store_last_clock(f->store, &found), SW_STORE_NONE);
    assert_int_equal(sw_store_put_clock(f->store, &clock), 0);
    clock = (struct sw_boot_clock){.key = 4,
                                   .boot = UINT32_MAX,
                                   .offset_ms = -1,
                                   .since_ms = 2,
                                   .seen_ms = 3,
                                   .has_before = true,
                                   .offset_before_ms = -9,
                                   .reported_at_s = NOW_S};
    assert_int_equal(sw_store_put_clock(f->store, &clock), 0);
    assert_int_equal(sw_store_last_clock(f->store, &found), 0);
    assert_int_equal(found.key, 4);
    assert_true(found.boot == UINT32_MAX);
    assert_int_equal(found.offset_ms, -1);
    assert_int_equal(found.since_ms, 2);
    assert_int_equal(found.seen_ms, 3);
    assert_true(found.has_before);
    assert_int_equal(found.offset_before_ms, -9);
    assert_int_equal(found.reported_at_s, NOW_S);
    clock.key = 500; /* the boots of years ago are forgotten */
    assert_int_equal(sw_store_put_clock(f->store, &clock), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM clock"), 1);
}

/* Each total lands where another one stood, and nothing is lost on the way. */
static void test_redate__moves_what_its_clock_dated_and_back(void **state)
{
    struct fixture *f = *state;
    int64_t key = begin(f);
    struct sw_span touched;
    for (int64_t i = 0; i < N; i++)
        put_total(f, key, NOW_S - i * MINUTE_S, 1000 - i, SW_STAMP_RECEIPT);
    put_total(f, key, NOW_S - 10 * HOUR_S, 7, SW_STAMP_OWN);
    put_total(f, key, NOW_S - 9 * HOUR_S, 8, SW_STAMP_UNSURE);
    put_pain(f, key, NOW_S - 5, 3, SW_STAMP_RECEIPT);
    put_pain(f, key, NOW_S - 6, 4, SW_STAMP_OWN);
    put_battery(f, key, "band", NOW_S - 7, 50);
    assert_int_equal(sw_store_put_heard(f->store, key, NOW_S - 8, SW_STAMP_RECEIPT), 0);
    struct sw_day_set before = load_all(f, key);
    for (int64_t by_s = -MINUTE_S; by_s <= MINUTE_S; by_s += 2 * MINUTE_S) {
        struct sw_redated sum = redate(f, key, by_s, &touched);
        assert_int_equal(sum.totals, N);
        assert_int_equal(sum.pains, 1);
        assert_int_equal(sum.batteries, 1);
        assert_int_equal(sum.heard, 1);
        assert_int_equal(sum.dropped, 0);
        assert_int_equal(touched.from_s, NOW_S - 9 * HOUR_S); /* the total before */
        assert_int_equal(touched.to_s, NOW_S);
        if (by_s > 0)
            continue;
        struct sw_patient patient;
        sw_store_find_patient(f->store, patient_id("p1"), &patient);
        assert_int_equal(patient.heard_at_s, NOW_S - 8 - MINUTE_S);
        assert_int_equal(number_of(f->store, "SELECT battery_at_s FROM device"),
                         NOW_S - 7 - MINUTE_S);
        assert_int_equal(number_of(f->store, "SELECT min(at_s) FROM pain"),
                         NOW_S - 5 - MINUTE_S);
        assert_int_equal(number_of(f->store, "SELECT max(at_s) FROM total"),
                         NOW_S - MINUTE_S);
    }
    struct sw_day_set after = load_all(f, key);
    assert_int_equal(after.devices[0].n_totals, N + 2);
    for (size_t i = 0; i < N + 2; i++) {
        const struct sw_total *was = &before.devices[0].totals[i];
        const struct sw_total *is = &after.devices[0].totals[i];
        assert_int_equal(is->at_s, was->at_s);
        assert_int_equal(is->total, was->total);
        assert_int_equal(is->stamp, was->stamp);
    }
    assert_int_equal(after.n_pains, 2);
    sw_day_set_fini(&before);
    sw_day_set_fini(&after);
}

static void test_redate__onto_a_total_with_its_own_time_loses_neither(void **state)
{
    struct fixture *f = *state;
    int64_t key = begin(f);
    struct sw_span touched;
    put_total(f, key, NOW_S - HOUR_S, 100, SW_STAMP_OWN);
    put_total(f, key, NOW_S, 90, SW_STAMP_RECEIPT);
    redate(f, key, -HOUR_S, &touched);
    struct sw_day_set set = load_all(f, key);
    assert_int_equal(set.devices[0].n_totals, 1);
    assert_int_equal(set.devices[0].totals[0].total, 100);
    sw_day_set_fini(&set);
    redate(f, key, HOUR_S, &touched);
    set = load_all(f, key);
    assert_int_equal(set.devices[0].n_totals, 2);
    assert_int_equal(set.devices[0].totals[1].total, 90);
    sw_day_set_fini(&set);
}

static void put_open(struct fixture *f, int64_t key, enum sw_alert_kind kind,
                     int64_t span_s)
{
    struct sw_alert alert = {.patient = patient_id("p1"),
                             .kind = kind,
                             .state = SW_STATE_OPEN,
                             .opened_at_s = NOW_S + kind,
                             .updated_at_s = NOW_S + 9 * HOUR_S,
                             .shelved_until_s = NOW_S + 11 * HOUR_S,
                             .span = {span_s, span_s + MINUTE_S}};
    assert_int_equal(sw_store_put_alert(f->store, key, &alert, SW_STATE_NONE, "", ""),
                     0);
}

static int64_t span_of(struct fixture *f, const char *kind)
{
    char sql[100];
    snprintf(sql, sizeof sql, "SELECT span_from_s FROM alert WHERE kind = '%s'", kind);
    return number_of(f->store, sql);
}

/* Else they would end for a reason that there is not, or be shelved for hours. */
static void test_redate__open_alerts_go_along_with_what_they_rest_on(void **state)
{
    struct fixture *f = *state;
    int64_t key = begin(f), wrong_s = NOW_S + 10 * HOUR_S;
    struct sw_span touched;
    sw_store_put_heard(f->store, key, wrong_s, SW_STAMP_RECEIPT);
    put_pain(f, key, wrong_s, 9, SW_STAMP_RECEIPT);
    put_total(f, key, wrong_s + 30, 100, SW_STAMP_RECEIPT);
    put_open(f, key, SW_ALERT_SILENT, wrong_s);
    put_open(f, key, SW_ALERT_PAIN, wrong_s);
    put_open(f, key, SW_ALERT_REST, wrong_s);
    put_open(f, key, SW_ALERT_UNWORN, wrong_s); /* counters are always worn */
    redate(f, key, -10 * HOUR_S, &touched);
    assert_int_equal(span_of(f, "silent"), NOW_S);
    assert_int_equal(span_of(f, "pain"), NOW_S);
    assert_int_equal(span_of(f, "rest"), NOW_S);
    assert_int_equal(span_of(f, "unworn"), wrong_s);
    assert_int_equal(number_of(f->store, "SELECT max(shelved_until_s) FROM alert"),
                     NOW_S + HOUR_S);
}

static void test_redate__refused_messages_and_incidents_too(void **state)
{
    struct fixture *f = *state;
    int64_t key = begin(f);
    struct sw_span touched;
    struct sw_rejected row = {.at_s = NOW_S + HOUR_S,
                              .refusal = SW_REFUSED_TOO_OLD,
                              .why = "",
                              .topic = "t",
                              .payload = "x",
                              .payload_len = 1,
                              .stamp = SW_STAMP_RECEIPT};
    struct sw_incident ahead = {.kind = SW_INCIDENT_SESSION_LOST,
                                .at_s = NOW_S + HOUR_S,
                                .over_at_s = NOW_S + HOUR_S,
                                .text = "x"},
                       before = ahead;
    before.at_s = before.over_at_s = NOW_S - 9;
    sw_store_put_rejected(f->store, &row, 1);
    row.refusal = SW_REFUSED_JSON;
    sw_store_put_rejected(f->store, &row, 1);
    row.stamp = SW_STAMP_UNSURE; /* taken from another boot's inbox */
    row.refusal = SW_REFUSED_FUTURE;
    sw_store_put_rejected(f->store, &row, 1);
    sw_store_put_incident(f->store, &ahead);
    sw_store_put_incident(f->store, &before);
    assert_int_equal(redate(f, key, -HOUR_S, &touched).refused, 1);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM rejected WHERE retry"),
                     1);
    assert_int_equal(number_of(f->store, "SELECT min(at_s) FROM rejected"), NOW_S);
    assert_int_equal(number_of(f->store, "SELECT max(at_s) FROM rejected"),
                     NOW_S + HOUR_S);
    assert_int_equal(number_of(f->store, "SELECT max(at_s) FROM incident"), NOW_S);
    assert_int_equal(number_of(f->store, "SELECT max(over_at_s) FROM incident"), NOW_S);
    assert_int_equal(number_of(f->store, "SELECT min(at_s) FROM incident"), NOW_S - 9);
    assert_int_equal(sw_store_drop_incident(f->store, SW_INCIDENT_SESSION_LOST, NOW_S),
                     0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM incident"), 1);
}

static void test_redate__drops_what_is_to_come_where_nobody_knows_the_time(void **state)
{
    struct fixture *f = *state;
    int64_t key = begin(f);
    struct sw_span touched;
    struct sw_redated sum = {0};
    struct sw_redating redating = {
        .clock = boot.key, .drops = true, .now_s = NOW_S, .newest_s = NOW_S + 600};
    for (int64_t at_s = NOW_S + 600; at_s <= NOW_S + 601; at_s++) {
        put_total(f, key, at_s, at_s, SW_STAMP_RECEIPT);
        put_pain(f, key, at_s, 1, SW_STAMP_RECEIPT);
    }
    put_total(f, key, NOW_S + HOUR_S, 1, SW_STAMP_OWN);
    put_battery(f, key, "band", NOW_S + 601, 9);
    sw_store_put_heard(f->store, key, NOW_S + 601, SW_STAMP_RECEIPT);
    assert_int_equal(sw_store_redate(f->store, key, &redating, &touched, &sum), 0);
    assert_int_equal(sum.dropped, 3);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM total"), 2);
    assert_int_equal(number_of(f->store, "SELECT max(at_s) FROM pain"), NOW_S + 600);
    assert_int_equal(number_of(f->store, "SELECT battery_at_s FROM device"), 0);
    assert_int_equal(number_of(f->store, "SELECT heard_at_s FROM patient"), NOW_S);
    assert_int_equal(touched.to_s, NOW_S + HOUR_S); /* counted up to there */
}

static int count_level(void *ctx, const struct sw_battery *battery)
{
    int32_t *pct = ctx;
    *pct = battery->pct;
    return 0;
}

/* Whose time it is: a device's clock may be years ahead, too. */
static void test_look_until__what_is_to_come_is_the_newest_of_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t key = begin(f), said_s = 0, come_s = 0, later_s = NOW_S + 10 * HOUR_S;
    int32_t pct = -1;
    put_total(f, key, NOW_S, 100, SW_STAMP_RECEIPT);
    put_total(f, key, later_s, 5, SW_STAMP_OWN);
    put_pain(f, key, NOW_S, 9, SW_STAMP_RECEIPT);
    put_pain(f, key, later_s, 2, SW_STAMP_OWN);
    put_battery(f, key, "band", later_s, 80);
    sw_store_limit_newest(f->store, NOW_S + 600);

    struct sw_day_set set = {0};
    assert_int_equal(sw_store_load_last_pains(f->store, key, &set), 0);
    assert_int_equal(set.n_pains, 1);
    assert_true(set.pains[0].score == 9);
    sw_day_set_fini(&set);
    assert_int_equal(sw_store_next_to_come(f->store, &come_s), 0);
    assert_int_equal(come_s, later_s);
    set = load_all(f, key);
    assert_int_equal(set.n_pains, 1);
    assert_int_equal(set.devices[0].n_totals, 1);
    assert_int_equal(set.devices[0].totals[0].total, 100);
    sw_day_set_fini(&set);
    assert_int_equal(sw_store_last_reported(f->store, key, INT64_MAX, &said_s), 0);
    assert_int_equal(said_s, NOW_S);
    assert_int_equal(sw_store_each_battery(f->store, key, count_level, &pct), 0);
    assert_int_equal(pct, -1);
    assert_int_equal(put_battery(f, key, "band", NOW_S, 10), SW_STORE_CHANGED);
    assert_int_equal(sw_store_each_battery(f->store, key, count_level, &pct), 0);
    assert_int_equal(pct, 10);

    sw_store_limit_newest(f->store, later_s); /* its time has come */
    assert_int_equal(sw_store_load_last_pains(f->store, key, &set), 0);
    assert_int_equal(set.n_pains, 2);
    sw_day_set_fini(&set);
    set = load_all(f, key);
    assert_int_equal(set.n_pains, 2);
    sw_day_set_fini(&set);
    assert_int_equal(sw_store_next_to_come(f->store, &come_s), SW_STORE_NONE);
    put_battery(f, key, "other", later_s + 1, 80);
    assert_int_equal(sw_store_next_to_come(f->store, &come_s), 0);
    assert_int_equal(come_s, later_s + 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_clock__the_last_one_is_found_as_it_was_put),
        TEST(test_redate__moves_what_its_clock_dated_and_back),
        TEST(test_redate__onto_a_total_with_its_own_time_loses_neither),
        TEST(test_redate__open_alerts_go_along_with_what_they_rest_on),
        TEST(test_redate__refused_messages_and_incidents_too),
        TEST(test_redate__drops_what_is_to_come_where_nobody_knows_the_time),
        TEST(test_look_until__what_is_to_come_is_the_newest_of_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
