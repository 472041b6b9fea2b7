/* test_digest_schedule.c -- each therapist's digest is stored for sending once a civil day, at
 * the end of the last wake window, in virtual time.
 */
#include "clinic_fixture.h"

#include "records/digest.h"
#include "records/erase.h"

static const int64_t EVENING_S = 20522 * (int64_t)86400 + 21 * 3600;

static void add_patient(struct clinic *c, const char *id, const char *therapist,
                        int32_t wake_to_min)
{
    struct sw_patient patient = {.added_at_s = DAY_S, .heard_at_s = DAY_S};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    snprintf(patient.id.str, sizeof(patient.id.str), "%s", id);
    snprintf(plan.therapist.str, sizeof(plan.therapist.str), "%s", therapist);
    plan.wake_to_min = wake_to_min;
    assert_int_equal(sw_store_add_patient(c->store, &patient, &plan, &key), 0);
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
    commit_check_digests(&c->commit);
}

/* The days of the digests that wait to be sent, "anna 2026-03-10 ", and they are sent.
 */
static const char *sent(struct clinic *c)
{
    static char text[200];
    struct sw_outbound out;
    size_t n = 0;
    text[0] = '\0';
    while (sw_store_next_outbound(c->store, 0, &out) == 0) {
        const char *id = strstr(out.topic, "/digest/"), *day;
        bool is_text = strstr(out.topic, "/text") != NULL; /* beside the payload */
        if (id && !is_text) {
            day = strstr(out.payload, "\"day\":\"") + 7;
            n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %.10s ", id + 8, day);
        }
        free(out.payload);
        assert_int_equal(sw_store_outbound_done(c->store, out.seq), 0);
    }
    return text;
}

static void restart(struct clinic *c, int64_t now_s)
{
    patients_fini(&c->patients);
    c->patients = (struct patients){.store = c->store, .zone = &utc, .now_s = now_s};
    assert_int_equal(patients_load(&c->patients, sw_day_of(&utc, now_s)), 0);
    commit_check_digests(&c->commit);
}

static void test_digest__is_sent_when_the_last_window_ends_and_once(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 18 * 60);
    add_patient(&c, "p2", "anna", 21 * 60);
    add_patient(&c, "p3", "ben", 20 * 60);
    judge(&c, EVENING_S - 3601, false);
    assert_string_equal(sent(&c), "");
    assert_true(judge(&c, EVENING_S - 3600, false)); /* nothing else asks for it */
    assert_string_equal(sent(&c), "ben 2026-03-10 ");
    assert_false(judge(&c, EVENING_S - 1, false));
    assert_true(judge(&c, EVENING_S, false));
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    for (int minute = 0; minute < 179; minute += 10)
        assert_false(judge(&c, EVENING_S + minute * 60, false));
    restart(&c, EVENING_S + 600);
    assert_false(judge(&c, EVENING_S + 600, false));
    assert_string_equal(sent(&c), "");
    close_clinic(&c);
}

static void test_digest__that_nobody_could_send_is_sent_at_the_next_start(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 21 * 60);
    restart(&c, EVENING_S + 7200);
    assert_true(judge(&c, EVENING_S + 7200, false));
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    restart(&c, EVENING_S + 86400 + 12 * 3600); /* the next evening nobody was there */
    assert_true(judge(&c, EVENING_S + 86400 + 12 * 3600, false));
    assert_string_equal(sent(&c), "anna 2026-03-11 ");
    restart(&c, EVENING_S + 9 * 86400); /* today's alone, not eight of them */
    assert_true(judge(&c, EVENING_S + 9 * 86400, false));
    assert_string_equal(sent(&c), "anna 2026-03-19 ");
    close_clinic(&c);
}

static void test_digest__of_a_window_until_midnight_is_that_of_its_day(void **state)
{
    (void)state;
    struct clinic c;
    int64_t midnight_s = DAY_S + 86400;
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 24 * 60);
    judge(&c, midnight_s - 1, true);
    assert_string_equal(sent(&c), "");
    restart(&c, midnight_s);
    assert_true(judge(&c, midnight_s, false));
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    assert_false(judge(&c, midnight_s + 60, false));
    close_clinic(&c);
}

static void test_digest__of_a_new_patient_s_first_day_is_the_first(void **state)
{
    (void)state;
    struct clinic c;
    static const char topic[] = "clinic/t/patient/p9/steps";
    static const char payload[] = "{\"start\":1773169200,\"steps\":0}";
    struct sw_inbox_record record = {.received_at_s = DAY_S + 19 * 3600,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    open_clinic(&c);
    assert_false(
        judge(&c, record.received_at_s, false)); /* no patients, no therapist */
    assert_int_equal(ingest_take(&c.ingest, &record, record.received_at_s), 0);
    assert_true(judge(&c, record.received_at_s + 10, true));
    assert_string_equal(sent(&c), "");
    assert_true(judge(&c, EVENING_S, false));
    assert_string_equal(sent(&c), "unassigned 2026-03-10 ");
    close_clinic(&c);
}

/* The patient is erased in the evening; the broker's copy, which tells of it, is
 * cleared. */
static void test_digest__of_whom_a_patient_is_erased_is_told_again(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_erasure erasure = {.site = "t",
                                 .now_s = EVENING_S + 600,
                                 .is_live = true,
                                 .by = "anna",
                                 .how = SW_AUDIT_COMMAND};
    struct sw_outbound out;
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 21 * 60);
    add_patient(&c, "p2", "anna", 21 * 60);
    judge(&c, EVENING_S, false);
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    strcpy(erasure.patient.str, "p1");
    assert_int_equal(sw_records_erase(c.store, &erasure), 0);
    commit_check_digests(&c.commit);
    assert_true(judge(&c, EVENING_S + 660, false));
    int64_t seq = 0;
    while (sw_store_next_outbound(c.store, seq, &out) == 0 &&
           !strstr(out.topic, "/digest/anna")) {
        seq = out.seq;
        free(out.payload);
    }
    assert_non_null(strstr(out.payload, "\"day\":\"2026-03-10\""));
    assert_non_null(strstr(out.payload, "\"patients\":1,"));
    assert_null(strstr(out.payload, "p1"));
    free(out.payload);
    sent(&c);
    assert_false(judge(&c, EVENING_S + 720, false));
    close_clinic(&c);
}

static void
test_digest__waits_for_a_trusted_clock_and_forgives_a_wrong_one(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 21 * 60);
    struct eval_time untrusted = {EVENING_S, false, &c.online_spans};
    bool committed;
    assert_int_equal(commit_attempt(&c.commit, &untrusted, false, &committed), 0);
    assert_false(committed);
    restart(&c, EVENING_S + 30 * 86400); /* a month ahead, and trusted */
    assert_true(judge(&c, EVENING_S + 30 * 86400, false));
    assert_string_equal(sent(&c), "anna 2026-04-09 ");
    restart(&c, EVENING_S);
    assert_true(judge(&c, EVENING_S, false));
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    close_clinic(&c);
}

static void test_digest__of_a_commit_that_failed_is_sent_by_the_next(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_store *other;
    char why[SW_WHY_MAX];
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 21 * 60);
    assert_false(judge(&c, EVENING_S - 60, false));
    assert_int_equal(sw_store_open(&other, c.path, SW_STORE_WRITE, why), 0);
    assert_int_equal(sw_store_put_meta(other, "x", "another hand"), 0);
    sw_store_close(other);
    assert_true(judge(&c, EVENING_S, false)); /* the second attempt */
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    assert_false(judge(&c, EVENING_S + 1, false));
    close_clinic(&c);
}

static void test_digest__follows_a_window_that_another_hand_changed(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_store *other;
    struct sw_plan plan = sw_plan_default();
    char why[SW_WHY_MAX];
    open_clinic(&c);
    add_patient(&c, "p1", "anna", 21 * 60);
    assert_false(judge(&c, EVENING_S - 7200, false));
    strcpy(plan.therapist.str, "anna");
    plan.wake_to_min = 20 * 60;
    assert_int_equal(sw_store_open(&other, c.path, SW_STORE_WRITE, why), 0);
    assert_int_equal(
        sw_store_put_plan(other, c.patients.all[0]->known.key, TODAY, &plan), 0);
    sw_store_close(other);
    assert_true(judge(&c, EVENING_S - 7100, true)); /* the commit finds the change */
    assert_true(judge(&c, EVENING_S - 3600, false));
    assert_string_equal(sent(&c), "anna 2026-03-10 ");
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_digest__is_sent_when_the_last_window_ends_and_once),
        cmocka_unit_test(test_digest__that_nobody_could_send_is_sent_at_the_next_start),
        cmocka_unit_test(test_digest__of_a_window_until_midnight_is_that_of_its_day),
        cmocka_unit_test(test_digest__of_a_new_patient_s_first_day_is_the_first),
        cmocka_unit_test(test_digest__of_whom_a_patient_is_erased_is_told_again),
        cmocka_unit_test(
            test_digest__waits_for_a_trusted_clock_and_forgives_a_wrong_one),
        cmocka_unit_test(test_digest__follows_a_window_that_another_hand_changed),
        cmocka_unit_test(test_digest__of_a_commit_that_failed_is_sent_by_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
