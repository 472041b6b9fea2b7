/* test_commit.c -- ingest, patients and commit together, in virtual time, without a broker.
 */
#include "clinic_fixture.h"

static void say(struct clinic *c, int64_t at_s, const char *payload)
{
    static const char topic[] = "clinic/t/patient/p1/steps";
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, at_s), 0);
}

/* So many still minutes up to at_s. */
static void rest(struct clinic *c, int64_t at_s, int minutes)
{
    char payload[4000];
    int n = snprintf(payload, sizeof(payload), "{\"start\":%lld,\"steps\":[0",
                     (long long)(at_s - minutes * 60));
    for (int i = 1; i < minutes; i++)
        n += snprintf(payload + n, sizeof(payload) - (size_t)n, ",0");
    snprintf(payload + n, sizeof(payload) - (size_t)n, "]}");
    say(c, at_s, payload);
}

static int keep_alert(void *ctx, int64_t key, const struct sw_alert *alert)
{
    (void)key;
    *(struct sw_alert *)ctx = *alert;
    return 0;
}

static struct sw_alert stored_alert(struct sw_store *store)
{
    struct sw_alert alert = {0};
    struct sw_alert_filter all = {.closed_too = true};
    assert_int_equal(sw_store_each_alert(store, &all, keep_alert, &alert), 0);
    return alert;
}

static int keep_row(void *ctx, const struct sw_day_row *row)
{
    *(struct sw_day_row *)ctx = *row;
    return 0;
}

static struct sw_day_row stored_row(struct clinic *c, int32_t day)
{
    struct sw_day_row row = {0};
    assert_int_equal(sw_store_each_day(c->store, NULL, day, day, keep_row, &row), 0);
    return row;
}

static void test_alert__commits_at_once_with_its_readings_and_publication(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_outbound out;
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    rest(&c, now_s, 59);
    assert_false(judge(&c, now_s, false)); /* nothing to tell: it may wait */
    rest(&c, now_s, 60);
    assert_true(judge(&c, now_s, false));
    assert_int_equal(stored_alert(c.store).state, SW_STATE_OPEN);
    assert_int_equal(stored_row(&c, TODAY).still_min, 60);
    assert_int_equal(sw_store_next_outbound(c.store, 0, &out), 0);
    assert_string_equal(out.topic, "clinic/t/alerts/unassigned/p1/rest");
    free(out.payload);
    for (int minute = 1; minute < 5; minute++) { /* ticks without news change nothing */
        c.patients.all[0]->judge = JUDGE_SOON;
        assert_false(judge(&c, now_s + minute * 60, false));
    }
    close_clinic(&c);
}

/* A backlog: nothing in it is of now, but for what is fresh, or belongs to it. */
static void test_readings__that_are_old_are_judged_with_the_commit(void **state)
{
    (void)state;
    struct clinic c;
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    rest(&c, now_s - 7200, 1);
    assert_false(judge(&c, now_s, false)); /* whoever is new is looked at */
    rest(&c, now_s - 3600, 90);
    assert_false(judge(&c, now_s, false));
    struct patient *patient = c.patients.all[0];
    assert_int_equal(patient->day.row.still_min, 0);
    assert_true(judge(&c, now_s, true));
    assert_int_equal(stored_row(&c, TODAY).still_min, 60); /* of the wake window */
    rest(&c, now_s, 1);
    assert_false(judge(&c, now_s, false));
    assert_int_equal(patient->day.row.still_min, 61);
    rest(&c, now_s - 60, 59); /* old ones, but the rest goes on to now */
    assert_true(judge(&c, now_s, false));
    assert_int_equal(stored_alert(c.store).state, SW_STATE_OPEN);
    close_clinic(&c);
}

static void test_readings__pending_at_midnight_are_stored_in_their_day(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    say(&c, DAY_S + 86390, "{\"start\":1773187080,\"seconds\":60,\"steps\":40}");
    say(&c, DAY_S + 86390, "{\"start\":1773187170,\"seconds\":60,\"steps\":60}");
    assert_true(judge(&c, DAY_S + 86401, true));
    assert_int_equal(patients_load(&c.patients, TODAY + 1), 0);
    assert_true(judge(&c, DAY_S + 86402, true));
    assert_int_equal(stored_row(&c, TODAY).steps, 40 + 30);
    assert_int_equal(stored_row(&c, TODAY + 1).steps, 30);
    close_clinic(&c);
}

static void test_readings__that_change_no_number_make_a_row_all_the_same(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_patient p1 = {.id = {"p1"}};
    int64_t now_s = DAY_S + 10 * 3600, key;
    open_clinic(&c);
    assert_int_equal(sw_store_add_patient(c.store, &p1, &c.config.plan, &key), 0);
    assert_int_equal(patients_load(&c.patients, TODAY), 0);
    assert_true(judge(&c, now_s, true)); /* the day without readings is computed */
    assert_string_equal(stored_row(&c, TODAY).patient.str, "");
    say(&c, now_s, "{\"start\":1773100800,\"steps\":0}"); /* midnight */
    assert_true(judge(&c, now_s, true));
    assert_string_equal(stored_row(&c, TODAY).patient.str, "p1");
    close_clinic(&c);
}

static void test_acknowledgement__by_another_hand_is_kept(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_store *other;
    char why[SW_WHY_MAX];
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    rest(&c, now_s, 70);
    assert_true(judge(&c, now_s, false));
    assert_int_equal(sw_store_open(&other, c.path, SW_STORE_WRITE, why), 0);
    struct sw_alert alert = stored_alert(other);
    alert.state = SW_STATE_ACKNOWLEDGED;
    alert.rev++;
    assert_int_equal(sw_store_put_alert(other, c.patients.all[0]->known.key, &alert,
                                        SW_STATE_OPEN, "anna", "ack"),
                     0);
    sw_store_close(other);
    rest(&c, now_s + 60, 1); /* the commit finds the change and takes it in */
    assert_true(judge(&c, now_s + 60, true));
    assert_int_equal(c.patients.all[0]->alerts[SW_ALERT_REST].state,
                     SW_STATE_ACKNOWLEDGED);
    assert_int_equal(stored_alert(c.store).state, SW_STATE_ACKNOWLEDGED);
    rest(&c, now_s + 50 * 60, 50); /* twice the limit: worse than what was seen */
    assert_true(judge(&c, now_s + 50 * 60, false));
    alert = stored_alert(c.store);
    assert_int_equal(alert.state, SW_STATE_OPEN);
    assert_int_equal(alert.level, SW_LEVEL_MEDIUM);
    assert_int_equal(alert.rev, 3);
    close_clinic(&c);
}

static void test_restart__continues_the_open_alert(void **state)
{
    (void)state;
    struct clinic c;
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    rest(&c, now_s, 70);
    assert_true(judge(&c, now_s, false));
    int64_t opened_at_s = stored_alert(c.store).opened_at_s;
    patients_fini(&c.patients); /* what was in memory is gone */
    c.patients = (struct patients){.store = c.store, .zone = &utc, .now_s = now_s};
    assert_int_equal(patients_load(&c.patients, TODAY), 0);
    assert_false(judge(&c, now_s + 30, false));
    say(&c, now_s + 120, "{\"start\":1773136860,\"steps\":90}");
    assert_true(judge(&c, now_s + 120, false));
    struct sw_alert alert = stored_alert(c.store);
    assert_int_equal(alert.opened_at_s, opened_at_s);
    assert_int_equal(alert.reason, SW_REASON_MOVED);
    close_clinic(&c);
}

static void test_device_ahead__its_rest_is_told_when_it_is_due(void **state)
{
    (void)state;
    struct clinic c;
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    rest(&c, now_s, 50);
    c.config.max_future_s = 900;
    rest(&c, now_s + 600, 12); /* its clock is ten minutes ahead */
    assert_false(judge(&c, now_s, false));
    for (int minute = 1; minute < 9; minute++) { /* no news comes: time passes */
        c.patients.all[0]->judge = JUDGE_SOON;
        assert_false(judge(&c, now_s + minute * 60, false));
    }
    c.patients.all[0]->judge = JUDGE_SOON;
    assert_true(judge(&c, now_s + 9 * 60, false));
    assert_int_equal(stored_alert(c.store).evidence[0], 60);
    close_clinic(&c);
}

static void test_clock_put_back__minutes_that_have_not_begun_do_not_count(void **state)
{
    (void)state;
    struct clinic c;
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    rest(&c, now_s, 59);
    assert_true(judge(&c, now_s, true));
    c.patients.all[0]->judge = JUDGE_SOON;
    assert_false(judge(&c, now_s - 1800, false));
    assert_int_equal(c.patients.all[0]->facts.newest_known_s, now_s - 1800);
    c.patients.all[0]->judge = JUDGE_SOON;
    assert_false(judge(&c, now_s, false));
    assert_int_equal(c.patients.all[0]->facts.newest_known_s, now_s - 60);
    close_clinic(&c);
}

static void test_new_patient__devices_that_take_turns_stay_two(void **state)
{
    (void)state;
    struct clinic c;
    char payload[80];
    int64_t now_s = DAY_S + 10 * 3600;
    open_clinic(&c);
    for (int i = 0; i < 20; i++) { /* the same minutes: the patient took them once */
        for (const char *device = "ab"; *device; device++) {
            snprintf(payload, sizeof(payload),
                     "{\"start\":%lld,\"steps\":[10],\"device\":\"%c\"}",
                     (long long)(now_s - 3600 + i * 60), *device);
            say(&c, now_s, payload);
        }
    }
    assert_int_equal(c.patients.all[0]->day.set.n_devices, 2);
    assert_true(judge(&c, now_s, true));
    assert_int_equal(stored_row(&c, TODAY).steps, 200);
    assert_int_equal(c.patients.all[0]->day.row.steps, 200);
    close_clinic(&c);
}

static void
test_clock_was_ahead__silence_is_counted_from_now_not_from_then(void **state)
{
    (void)state;
    struct clinic c;
    int64_t now_s = DAY_S + 10 * 3600, ahead_s = now_s + 30 * 86400;
    open_clinic(&c);
    say(&c, ahead_s, "{\"start\":1775728000,\"steps\":0}");
    assert_true(judge(&c, ahead_s, true));
    struct patient *patient = c.patients.all[0];
    assert_int_equal(patient->known.heard_at_s, ahead_s);
    patient->judge = JUDGE_SOON;
    assert_true(judge(&c, now_s, true)); /* put back by a month */
    assert_int_equal(patient->known.heard_at_s, now_s);
    online_spans_tick(&c.online_spans, now_s, true);
    for (int64_t s = now_s; s < now_s + 4 * 3600; s += 60) {
        online_spans_tick(&c.online_spans, s, true);
        patient->judge = JUDGE_SOON;
        assert_false(judge(&c, s, false));
    }
    online_spans_tick(&c.online_spans, now_s + 4 * 3600, true);
    patient->judge = JUDGE_SOON;
    assert_true(judge(&c, now_s + 4 * 3600, false));
    assert_int_equal(stored_alert(c.store).kind, SW_ALERT_SILENT);
    close_clinic(&c);
}

static void reopen_patients(struct clinic *c)
{
    ingest_clear(&c->ingest);
    patients_fini(&c->patients);
    c->patients.store = c->store;
    c->patients.zone = &utc;
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
}

/* When it was heard would else be stored with the minute, which a kill may forestall.
 */
static void test_restart__does_not_bring_back_a_silence_that_ended(void **state)
{
    (void)state;
    struct clinic c;
    int64_t now_s = DAY_S + 9 * 3600;
    open_clinic(&c);
    say(&c, now_s, "{\"start\":1773128400,\"steps\":40}");
    assert_true(judge(&c, now_s, true));
    for (int64_t until_s = now_s + 4 * 3600; now_s <= until_s; now_s += 60)
        online_spans_tick(&c.online_spans, now_s, true);
    c.patients.all[0]->judge = JUDGE_SOON;
    assert_true(judge(&c, now_s, false));
    assert_int_equal(stored_alert(c.store).state, SW_STATE_OPEN);
    say(&c, now_s + 5, "{\"start\":1773142800,\"steps\":40}");
    assert_true(judge(&c, now_s + 5, false));
    assert_int_equal(stored_alert(c.store).state, SW_STATE_CLOSED);
    reopen_patients(
        &c); /* as after a kill: what was taken was committed, and is trimmed */
    assert_false(judge(&c, now_s + 30, false));
    assert_int_equal(stored_alert(c.store).state, SW_STATE_CLOSED);
    close_clinic(&c);
}

static int count_alert(void *ctx, int64_t key, const struct sw_alert *alert)
{
    (void)key;
    (void)alert;
    ++*(int *)ctx;
    return 0;
}

static void test_clock_put_back__an_id_is_not_given_twice(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_alert_filter all = {.closed_too = true};
    int64_t now_s = DAY_S + 12 * 3600;
    int n = 0;
    open_clinic(&c);
    rest(&c, now_s, 60);
    assert_true(judge(&c, now_s, false));
    say(&c, now_s + 3720, "{\"start\":1773144060,\"steps\":90}"); /* they move */
    assert_true(judge(&c, now_s + 3720, false));
    patients_fini(&c.patients); /* a restart, and the clock shows an hour before */
    c.patients = (struct patients){.store = c.store, .zone = &utc, .now_s = now_s};
    assert_int_equal(patients_load(&c.patients, TODAY), 0);
    rest(&c, now_s - 3600, 60);
    say(&c, now_s, "{\"start\":1773143940,\"steps\":0}");
    assert_true(judge(&c, now_s, false)); /* the same second again */
    assert_int_equal(sw_store_each_alert(c.store, &all, count_alert, &n), 0);
    assert_int_equal(n, 2);
    close_clinic(&c);
}

static void test_refused__are_kept_and_counted(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    say(&c, DAY_S, "{");
    say(&c, DAY_S, "{\"start\":1773136860,\"steps\":\"five\"}");
    assert_true(judge(&c, DAY_S, true));
    assert_int_equal(c.health.messages, 2);
    assert_int_equal(c.health.rejected, 2);
    assert_int_equal(c.health.readings, 0);
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alert__commits_at_once_with_its_readings_and_publication),
        cmocka_unit_test(test_readings__that_are_old_are_judged_with_the_commit),
        cmocka_unit_test(test_readings__pending_at_midnight_are_stored_in_their_day),
        cmocka_unit_test(test_readings__that_change_no_number_make_a_row_all_the_same),
        cmocka_unit_test(test_acknowledgement__by_another_hand_is_kept),
        cmocka_unit_test(test_restart__continues_the_open_alert),
        cmocka_unit_test(test_device_ahead__its_rest_is_told_when_it_is_due),
        cmocka_unit_test(test_clock_put_back__minutes_that_have_not_begun_do_not_count),
        cmocka_unit_test(test_new_patient__devices_that_take_turns_stay_two),
        cmocka_unit_test(
            test_clock_was_ahead__silence_is_counted_from_now_not_from_then),
        cmocka_unit_test(test_restart__does_not_bring_back_a_silence_that_ended),
        cmocka_unit_test(test_clock_put_back__an_id_is_not_given_twice),
        cmocka_unit_test(test_refused__are_kept_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
