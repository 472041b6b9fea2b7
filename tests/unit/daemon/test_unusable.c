/* test_unusable.c -- a device that is heard, and nothing of what it sends can be taken:
 * which messages count, what ends it, and what a restart, a retry or another clock
 * leaves of it.
 */
#include "clinic_fixture.h"

#include "records/change.h"

static const int64_t MORNING_S = 20522 * (int64_t)86400 + 9 * 3600;
static const char STEPS[] = "clinic/t/patient/p1/steps";

enum { FAST_S = 12 * 60, SILENT_AFTER_S = 3600 };

static void open_with_p1(struct clinic *c)
{
    struct sw_patient p1 = {.id = {"p1"}, .added_at_s = MORNING_S};
    int64_t key;
    open_clinic(c);
    c->config.plan.silent_after_s = SILENT_AFTER_S;
    c->config.auto_enroll = false;
    assert_int_equal(sw_store_add_patient(c->store, &p1, &c->config.plan, &key), 0);
    assert_int_equal(ingest_load(&c->ingest, TODAY), 0);
}

static void take(struct clinic *c, int64_t at_s, const char *topic, const char *payload,
                 bool is_retained)
{
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .retained = is_retained,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, at_s), 0);
}

/* The minute that ended when it was sent, by a clock that is so fast. */
static void send_minute(struct clinic *c, int64_t at_s, int64_t fast_s)
{
    char payload[80];
    snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":5}",
             (long long)(at_s - 60 + fast_s));
    take(c, at_s, STEPS, payload, false);
}

static void pass(struct clinic *c, int64_t at_s)
{
    online_spans_tick(&c->online_spans, at_s, true);
    patients_mark_everyone(&c->patients);
    judge(c, at_s, true);
}

/* A minute each, from from_s to to_s, both included. */
static void refuse(struct clinic *c, int64_t from_s, int64_t to_s)
{
    for (int64_t at_s = from_s; at_s <= to_s; at_s += 60) {
        send_minute(c, at_s, FAST_S);
        pass(c, at_s);
    }
}

static struct sw_patient stored(struct clinic *c)
{
    struct sw_patient p1;
    assert_int_equal(sw_store_find_patient(c->store, (struct sw_patient_id){"p1"}, &p1),
                     0);
    return p1;
}

struct found {
    struct sw_alert alert;
    int n;
};

static int keep_alert(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct found *found = ctx;
    (void)key;
    found->alert = *alert;
    found->n++;
    return 0;
}

/* The one alert there is; .n 0: there is none. */
static struct found alerts(struct clinic *c)
{
    struct sw_alert_filter filter = {.closed_too = true};
    struct found found = {.n = 0};
    assert_int_equal(sw_store_each_alert(c->store, &filter, keep_alert, &found), 0);
    assert_true(found.n <= 1);
    return found;
}

static void check_state(struct clinic *c, enum sw_alert_state state)
{
    struct found found = alerts(c);
    assert_int_equal(found.n, 1);
    assert_int_equal(found.alert.kind, SW_ALERT_UNUSABLE);
    assert_int_equal(found.alert.state, state);
    if (state == SW_STATE_CLOSED)
        assert_int_equal(found.alert.reason, SW_REASON_USABLE);
}

static void restart(struct clinic *c)
{
    ingest_clear(&c->ingest);
    patients_fini(&c->patients);
    c->patients.store = c->store;
    c->patients.zone = &utc;
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
}

static void test_fast_clock__is_unusable_and_not_silent(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + SILENT_AFTER_S - 60);
    assert_int_equal(alerts(&c).n, 0);
    refuse(&c, MORNING_S + SILENT_AFTER_S, MORNING_S + SILENT_AFTER_S);
    check_state(&c, SW_STATE_OPEN);
    struct sw_alert alert = alerts(&c).alert;
    assert_int_equal(alert.level, SW_LEVEL_LOW);
    assert_int_equal(alert.evidence[0], 61);
    assert_int_equal(alert.evidence[1], SW_REFUSED_FUTURE);
    assert_int_equal(alert.evidence[2], 12);
    assert_int_equal(alert.span.from_s, MORNING_S);
    refuse(&c, MORNING_S + SILENT_AFTER_S + 60, MORNING_S + 3 * SILENT_AFTER_S);
    check_state(&c, SW_STATE_OPEN); /* and no other kind */
    close_clinic(&c);
}

static void test_time_offline__does_not_count(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 30 * 60);
    online_spans_tick(&c.online_spans, MORNING_S + 31 * 60, false);
    send_minute(&c, MORNING_S + 2 * 3600, FAST_S); /* it waited at the broker */
    pass(&c, MORNING_S + 2 * 3600);
    refuse(&c, MORNING_S + 2 * 3600 + 60, MORNING_S + 2 * 3600 + 28 * 60);
    assert_int_equal(alerts(&c).n, 0);
    refuse(&c, MORNING_S + 2 * 3600 + 29 * 60, MORNING_S + 2 * 3600 + 31 * 60);
    check_state(&c, SW_STATE_OPEN);
    close_clinic(&c);
}

static void test_restart__forgets_nothing(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 40 * 60);
    assert_int_equal(stored(&c).refusing.n, 41);
    assert_int_equal(stored(&c).refusing.from_s, MORNING_S);
    assert_int_equal(stored(&c).refusing.to_s, MORNING_S + 40 * 60);
    assert_int_equal(stored(&c).refusing.refusal, SW_REFUSED_FUTURE);
    assert_int_equal(stored(&c).refusing.fast_s, FAST_S);
    restart(&c);
    refuse(&c, MORNING_S + 41 * 60, MORNING_S + 60 * 60);
    check_state(&c, SW_STATE_OPEN);
    assert_int_equal(alerts(&c).alert.evidence[0], 61);
    restart(&c);
    pass(&c, MORNING_S + 61 * 60);
    check_state(&c, SW_STATE_OPEN);
    close_clinic(&c);
}

static void test_rollback__counts_nothing_twice(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 600);
    restart(&c);
    send_minute(&c, MORNING_S + 540, FAST_S); /* the inbox was not trimmed */
    send_minute(&c, MORNING_S + 660, FAST_S);
    pass(&c, MORNING_S + 660);
    assert_int_equal(stored(&c).refusing.n, 12);
    close_clinic(&c);
}

static void test_taken__closes_it_at_once(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 3600);
    check_state(&c, SW_STATE_OPEN);
    send_minute(&c, MORNING_S + 3610, 0);
    assert_true(judge(&c, MORNING_S + 3610, false));
    check_state(&c, SW_STATE_CLOSED);
    assert_int_equal(alerts(&c).alert.evidence[0], 61);
    assert_int_equal(stored(&c).refusing.n, 0);
    close_clinic(&c);
}

static void test_partly_taken__is_usable(void **state)
{
    (void)state;
    struct clinic c;
    char payload[120];
    open_with_p1(&c);
    for (int64_t at_s = MORNING_S; at_s <= MORNING_S + 2 * 3600; at_s += 60) {
        snprintf(payload, sizeof payload,
                 "[{\"start\":%lld,\"steps\":\"x\"},{\"start\":%lld,\"steps\":60}]",
                 (long long)at_s - 60, (long long)at_s - 60);
        take(&c, at_s, STEPS, payload, false);
        pass(&c, at_s);
    }
    assert_int_equal(stored(&c).refusing.n, 0);
    assert_int_equal(alerts(&c).n, 0);
    close_clinic(&c);
}

static void test_no_data__is_heard_and_neither_refused_nor_taken(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 3600);
    take(&c, MORNING_S + 3660, STEPS, "{\"start\":1,\"steps\":null}", false);
    pass(&c, MORNING_S + 3660);
    check_state(&c, SW_STATE_OPEN);
    assert_int_equal(stored(&c).refusing.n, 61);
    close_clinic(&c);
}

static void test_retained__neither_counts_nor_ends_it(void **state)
{
    (void)state;
    struct clinic c;
    char payload[80];
    open_with_p1(&c);
    take(&c, MORNING_S, STEPS, "{", true);
    pass(&c, MORNING_S);
    assert_int_equal(stored(&c).refusing.n, 0);
    assert_int_equal(stored(&c).heard_at_s, 0);
    refuse(&c, MORNING_S, MORNING_S + 3600);
    snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":5}",
             (long long)MORNING_S);
    take(&c, MORNING_S + 3660, STEPS, payload, true);
    pass(&c, MORNING_S + 3660);
    check_state(&c, SW_STATE_OPEN);
    close_clinic(&c);
}

static void test_most_items__give_the_reason(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    take(&c, MORNING_S, STEPS,
         "[{\"start\":5,\"steps\":1},{\"total\":[]},"
         "{\"start\":1773133200,\"steps\":[999,999,-1]}]",
         false);
    pass(&c, MORNING_S);
    assert_int_equal(stored(&c).refusing.refusal, SW_REFUSED_IMPLAUSIBLE);
    assert_int_equal(stored(&c).refusing.fast_s, 0);
    take(&c, MORNING_S + 60, STEPS, "{\"at\":1735689600,\"total\":3}", false);
    pass(&c, MORNING_S + 60);
    assert_int_equal(stored(&c).refusing.n, 2);
    assert_int_equal(stored(&c).refusing.refusal, SW_REFUSED_TOO_OLD);
    assert_int_equal(stored(&c).refusing.fast_s, 1735689600 - MORNING_S - 60);
    close_clinic(&c);
}

static void test_pain__does_not_show_that_the_counter_can_be_read(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 3600);
    take(&c, MORNING_S + 3660, "clinic/t/patient/p1/pain", "{\"score\":2}", false);
    take(&c, MORNING_S + 3660, "clinic/t/patient/p1/pain", "{\"score\":20}", false);
    pass(&c, MORNING_S + 3660);
    check_state(&c, SW_STATE_OPEN);
    assert_int_equal(stored(&c).refusing.n, 61);
    close_clinic(&c);
}

static int mark(void *ctx, const struct sw_rejected *rejected)
{
    return sw_store_mark_rejected(ctx, rejected->id);
}

static void test_retry__of_what_is_taken_then_is_usable(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 3600);
    check_state(&c, SW_STATE_OPEN);
    assert_int_equal(sw_store_each_rejected(c.store, SW_REJECTED_MAX, mark, c.store),
                     0);
    c.ingest.maybe_marked = true;
    assert_int_equal(ingest_take_again(&c.ingest, MORNING_S + 3600), 61);
    pass(&c, MORNING_S + 3660);
    check_state(&c, SW_STATE_CLOSED);
    close_clinic(&c);
}

static void test_retry__of_what_is_refused_again_counts_nothing(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    take(&c, MORNING_S, STEPS, "{", false);
    pass(&c, MORNING_S);
    assert_int_equal(sw_store_each_rejected(c.store, SW_REJECTED_MAX, mark, c.store),
                     0);
    c.ingest.maybe_marked = true;
    assert_int_equal(ingest_take_again(&c.ingest, MORNING_S + 60), 1);
    pass(&c, MORNING_S + 60);
    assert_int_equal(stored(&c).refusing.n, 1);
    close_clinic(&c);
}

static void test_redated__it_is_measured_anew_and_stays_open(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S, MORNING_S + 50 * 60);
    ingest_redate(&c.ingest, 7200);
    assert_int_equal(ingest_load(&c.ingest, TODAY), 0);
    int64_t now_s = MORNING_S + 7200 + 51 * 60;
    refuse(&c, now_s, now_s + 50 * 60);
    assert_int_equal(alerts(&c).n, 0);
    refuse(&c, now_s + 51 * 60, now_s + 59 * 60);
    check_state(&c, SW_STATE_OPEN);
    ingest_redate(&c.ingest, -600);
    assert_int_equal(ingest_load(&c.ingest, TODAY), 0);
    pass(&c, now_s + 60 * 60);
    check_state(&c, SW_STATE_OPEN);
    close_clinic(&c);
}

static void test_clock_was_ahead__it_is_measured_from_now(void **state)
{
    (void)state;
    struct clinic c;
    open_with_p1(&c);
    refuse(&c, MORNING_S + 7200, MORNING_S + 7200 + 600);
    pass(&c, MORNING_S); /* put back by two hours */
    assert_int_equal(stored(&c).refusing.to_s, MORNING_S);
    assert_int_equal(stored(&c).refusing.from_s, MORNING_S);
    assert_int_equal(stored(&c).refusing.n, 11);
    send_minute(&c, MORNING_S + 60, FAST_S);
    pass(&c, MORNING_S + 60);
    assert_int_equal(stored(&c).refusing.n, 12);
    close_clinic(&c);
}

/* Nobody stores a patient for what was refused, but for an alert. */
static void test_enrolled_by_itself__is_stored_with_its_alert(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    c.config.plan.silent_after_s = SILENT_AFTER_S;
    refuse(&c, MORNING_S, MORNING_S + 3600);
    check_state(&c, SW_STATE_OPEN);
    assert_int_equal(stored(&c).refusing.n, 61);
    assert_int_equal(stored(&c).heard_at_s, MORNING_S + 3600);
    close_clinic(&c);
}

/* ---- devices of a source ---- */

static char log_name[] = "log", log_topic[] = "log", pick[] = "/d", steps[] = "/s",
            at[] = "/t", none[] = "", band[] = "band", band_topic[] = "band/{device}";

static void assign(struct clinic *c, const char *device)
{
    struct sw_device_id id = {{0}};
    strcpy(id.str, device);
    assert_int_equal(sw_store_begin(c->store), 0);
    assert_int_equal(sw_records_assign(c->store, &utc, &id, stored(c).key, DAY_S), 0);
    assert_int_equal(sw_store_commit(c->store), 0);
    assert_int_equal(ingest_load(&c->ingest, TODAY), 0);
}

static void test_device__of_nobody_does_not_count(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_adapters *adapters;
    struct sw_source sources[] = {
        {.name = band, .topic = band_topic, .device = none},
        {.name = log_name, .topic = log_topic, .device = pick},
    };
    open_with_p1(&c);
    for (size_t i = 0; i < 2; i++) {
        struct sw_source *source = &sources[i];
        source->steps = steps;
        source->has_steps = true;
        source->at = at;
        source->total = source->start = source->from = source->to = none;
        source->worn = source->battery = none;
    }
    assert_int_equal(sw_adapters_new(&adapters, sources, 2), 0);
    c.config.sources = sources;
    c.config.n_sources = 2;
    c.ingest.adapters = adapters;
    const char *const from_topic = "{\"s\":5,\"t\":5}";
    const char *const in_payload = "{\"d\":\"clip\",\"s\":5,\"t\":5}";
    take(&c, MORNING_S, "band/b1", from_topic, false);
    take(&c, MORNING_S, "log", in_payload, false);
    pass(&c, MORNING_S);
    assert_int_equal(stored(&c).refusing.n, 0);
    assign(&c, "b1");
    assign(&c, "clip");
    take(&c, MORNING_S + 1, "band/b2", from_topic, false);
    take(&c, MORNING_S + 1, "band/b1", from_topic, false);
    take(&c, MORNING_S + 2, "log", in_payload, false);
    take(&c, MORNING_S + 2, "log", "{\"d\":\"else\",\"s\":5,\"t\":5}", false);
    pass(&c, MORNING_S + 2);
    assert_int_equal(stored(&c).refusing.n, 2);
    assert_int_equal(stored(&c).refusing.refusal, SW_REFUSED_TOO_OLD);
    assert_int_equal(stored(&c).heard_at_s, MORNING_S + 2);
    take(&c, MORNING_S + 3, "band/b1", "{\"s\"", false);
    take(&c, MORNING_S + 3, "log", "{\"d\":\"clip\"", false); /* whose, it cannot say */
    pass(&c, MORNING_S + 3);
    assert_int_equal(stored(&c).refusing.n, 3);
    assert_int_equal(stored(&c).refusing.refusal, SW_REFUSED_JSON);
    close_clinic(&c);
    sw_adapters_free(adapters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_clock__is_unusable_and_not_silent),
        cmocka_unit_test(test_time_offline__does_not_count),
        cmocka_unit_test(test_restart__forgets_nothing),
        cmocka_unit_test(test_rollback__counts_nothing_twice),
        cmocka_unit_test(test_taken__closes_it_at_once),
        cmocka_unit_test(test_partly_taken__is_usable),
        cmocka_unit_test(test_no_data__is_heard_and_neither_refused_nor_taken),
        cmocka_unit_test(test_retained__neither_counts_nor_ends_it),
        cmocka_unit_test(test_most_items__give_the_reason),
        cmocka_unit_test(test_pain__does_not_show_that_the_counter_can_be_read),
        cmocka_unit_test(test_retry__of_what_is_taken_then_is_usable),
        cmocka_unit_test(test_retry__of_what_is_refused_again_counts_nothing),
        cmocka_unit_test(test_redated__it_is_measured_anew_and_stays_open),
        cmocka_unit_test(test_clock_was_ahead__it_is_measured_from_now),
        cmocka_unit_test(test_enrolled_by_itself__is_stored_with_its_alert),
        cmocka_unit_test(test_device__of_nobody_does_not_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
