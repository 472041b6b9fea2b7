/* test_epoch.c -- what another hand stored is noticed by each who depends on it, also
 * when a message had the gateway notice it first. */
#include "clinic_fixture.h"

#include "daemon/publish.h"

static const int64_t NOON_S = 20522 * (int64_t)86400 + 12 * 3600;
static const int64_t EVENING_S = 20522 * (int64_t)86400 + 21 * 3600;

static struct sw_store *other_hand(const struct clinic *c)
{
    struct sw_store *other;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_store_open(&other, c->path, SW_STORE_WRITE, why), 0);
    return other;
}

static void add_patient(const struct clinic *c, const char *id, const char *therapist)
{
    struct sw_store *other = other_hand(c);
    struct sw_patient patient = {.added_at_s = DAY_S, .heard_at_s = DAY_S};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    strcpy(patient.id.str, id);
    strcpy(plan.therapist.str, therapist);
    assert_int_equal(sw_store_add_patient(other, &patient, &plan, &key), 0);
    sw_store_close(other);
}

static void say(struct clinic *c, int64_t at_s)
{
    static const char topic[] = "clinic/t/patient/p1/steps";
    char payload[64];
    snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":5}",
             (long long)at_s - 60);
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, at_s), 0);
}

static int count_digests(struct clinic *c)
{
    struct sw_outbound out = {.seq = 0};
    int n = 0;
    while (sw_store_next_outbound(c->store, out.seq, &out) == 0) {
        n += strstr(out.topic, "/digest/") && !strstr(out.topic, "/text");
        free(out.payload);
    }
    return n;
}

static void test_message__of_a_patient_just_added_does_not_cost_the_digest(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    c.config.auto_enroll = false;
    assert_false(judge(&c, NOON_S, false)); /* looked up: nobody has a digest today */
    add_patient(&c, "p1", "anna");
    say(&c, NOON_S);
    assert_int_equal(c.ingest.n_refused, 0);
    assert_true(judge(&c, NOON_S + 10, true));
    assert_int_equal(count_digests(&c), 0);
    assert_true(judge(&c, EVENING_S, false));
    assert_int_equal(count_digests(&c), 1);
    close_clinic(&c);
}

static void test_message__first_leaves_what_else_came_to_be_committed(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    c.config.auto_enroll = false;
    assert_true(judge(&c, NOON_S, true));
    add_patient(&c, "p1", "anna");
    say(&c, NOON_S);
    assert_false(patients_is_behind(&c.patients)); /* the message had it loaded */
    assert_true(c.commit.epoch != c.patients.epoch);
    assert_true(judge(&c, NOON_S, true));
    assert_true(c.commit.epoch == c.patients.epoch);
    close_clinic(&c);
}

static void test_outbox__is_asked_again_whoever_noticed_first(void **state)
{
    (void)state;
    struct clinic c;
    struct outbox outbox = {.maybe_more = true};
    char why[SW_WHY_MAX];
    struct sw_session *session;
    struct sw_session_options options = {.uri = "mqtt://127.0.0.1:9",
                                         .client_id = "test",
                                         .protocol = 5,
                                         .username = "",
                                         .password = "",
                                         .ca_file = "",
                                         .cert_file = "",
                                         .key_file = ""};
    open_clinic(&c);
    assert_int_equal(sw_session_new(&session, &options, why), 0);
    assert_int_equal(outbox_pump(&outbox, c.store, session, (struct instant){0}), 0);
    assert_false(outbox_waits(&outbox)); /* it is empty */
    struct sw_store *other = other_hand(&c);
    assert_int_equal(sw_store_put_outbound(other, "clinic/t/x", "", "x"), 0);
    sw_store_close(other);
    assert_true(patients_is_behind(&c.patients));
    assert_int_equal(ingest_load(&c.ingest, TODAY), 0);
    assert_int_equal(outbox_pump(&outbox, c.store, session, (struct instant){0}), 0);
    assert_true(outbox_waits(&outbox)); /* for a connection */
    sw_session_free(session, 10000);
    close_clinic(&c);
}

/* Somebody killed `stepward try` while the broker was away. */
static void test_outbox__drops_a_reading_nobody_waits_for(void **state)
{
    (void)state;
    struct clinic c;
    struct outbox outbox = {.maybe_more = true};
    struct sw_outbound row;
    char why[SW_WHY_MAX], about[SW_ALERT_ID_MAX + 1];
    struct sw_session *session;
    struct sw_session_options options = {.uri = "mqtt://127.0.0.1:9",
                                         .client_id = "test",
                                         .protocol = 5,
                                         .username = "",
                                         .password = "",
                                         .ca_file = "",
                                         .cert_file = "",
                                         .key_file = ""};
    open_clinic(&c);
    assert_int_equal(sw_session_new(&session, &options, why), 0);
    sw_try_about(about, 1234, 1000);
    assert_int_equal(
        sw_store_put_outbound(c.store, "clinic/t/patient/p1/steps", about, "{}"), 0);
    assert_int_equal(outbox_pump(&outbox, c.store, session, (struct instant){1000, 0}),
                     0);
    assert_int_equal(sw_store_next_outbound(c.store, 0, &row), 0);
    assert_string_equal(row.about, about);
    free(row.payload);
    outbox.maybe_more = true;
    assert_int_equal(outbox_pump(&outbox, c.store, session, (struct instant){1001, 0}),
                     0);
    assert_int_equal(sw_store_next_outbound(c.store, 0, &row), SW_STORE_NONE);
    sw_session_free(session, 10000);
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_message__of_a_patient_just_added_does_not_cost_the_digest),
        cmocka_unit_test(test_message__first_leaves_what_else_came_to_be_committed),
        cmocka_unit_test(test_outbox__is_asked_again_whoever_noticed_first),
        cmocka_unit_test(test_outbox__drops_a_reading_nobody_waits_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
