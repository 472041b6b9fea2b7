/* test_flood.c -- one patient's broken devices, and crowds of patients: what they may
 * cost has an end, which is said, and those who were there before are still heard. */
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "draw.h"

#include "daemon/ingest.h"

enum { TODAY = 20522 };
static const int64_t NOW_S = 20522 * (int64_t)86400 + 80000;

struct clinic {
    char folder[32], path[64];
    struct sw_config config;
    struct sw_store *store;
    struct patients patients;
    struct ingest ingest;
};

static void open_clinic(struct clinic *c)
{
    static char site[] = "t";
    char why[SW_WHY_MAX];
    *c = (struct clinic){.folder = "/tmp/stepward-XXXXXX"};
    assert_non_null(mkdtemp(c->folder));
    snprintf(c->path, sizeof(c->path), "%s/t.db", c->folder);
    assert_int_equal(sw_store_open(&c->store, c->path, SW_STORE_WRITE, why), 0);
    c->config = (struct sw_config){.site = site,
                                   .max_age_s = 31 * 86400,
                                   .max_future_s = 600,
                                   .auto_enroll = true,
                                   .plan = sw_plan_default()};
    c->patients.store = c->store;
    c->patients.zone = &utc;
    c->ingest = (struct ingest){
        .config = &c->config, .patients = &c->patients, .clock_trusted = true};
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
}

static void close_clinic(struct clinic *c)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char path[80];
    ingest_fini(&c->ingest);
    patients_fini(&c->patients);
    sw_store_close(c->store);
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s%s", c->path, suffixes[i]);
        unlink(path);
    }
    rmdir(c->folder);
}

static void add_patient(struct clinic *c, const char *id)
{
    struct sw_patient patient = {.added_at_s = NOW_S};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    snprintf(patient.id.str, sizeof(patient.id.str), "%s", id);
    assert_int_equal(sw_store_add_patient(c->store, &patient, &plan, &key), 0);
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
}

/* True if it was taken, all of it. */
static bool say(struct clinic *c, const char *patient, const char *payload)
{
    char topic[80];
    int n = snprintf(topic, sizeof(topic), "clinic/t/patient/%s/steps", patient);
    struct sw_inbox_record record = {.received_at_s = NOW_S,
                                     .topic = topic,
                                     .topic_len = (size_t)n,
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    int64_t rejected = c->ingest.rejected;
    assert_int_equal(ingest_take(&c->ingest, &record, NOW_S), 0);
    return c->ingest.rejected == rejected;
}

static bool say_as(struct clinic *c, const char *patient, int device, int days_ago)
{
    char payload[120];
    snprintf(payload, sizeof(payload),
             "{\"start\":%lld,\"steps\":1,\"device\":\"d%d\"}",
             (long long)NOW_S - 3600 - days_ago * 86400, device);
    return say(c, patient, payload);
}

static const struct refused *last_refused(const struct clinic *c)
{
    assert_true(c->ingest.n_refused > 0);
    return &c->ingest.refused[c->ingest.n_refused - 1];
}

static void check_devices_end(struct clinic *c, const char *patient, int days_ago)
{
    for (int i = 0; i < SW_DEVICES_MAX; i++)
        assert_true(say_as(c, patient, i, days_ago));
    assert_false(say_as(c, patient, SW_DEVICES_MAX, days_ago));
    assert_int_equal(last_refused(c)->row.refusal, SW_REFUSED_FLOOD);
    assert_non_null(strstr(last_refused(c)->why, "256 devices"));
    assert_true(say_as(c, patient, 5, days_ago));
    assert_true(say_as(c, "other", 0, 0));
    /* What stands behind it in a message is taken. */
    char payload[200];
    int64_t start_s = NOW_S - 7200 - (int64_t)days_ago * 86400;
    snprintf(payload, sizeof payload,
             "[{\"start\":%" PRId64 ",\"steps\":1,\"device\":\"d%d\"},"
             "{\"start\":%" PRId64 ",\"steps\":1,\"device\":\"d5\"}]",
             start_s, SW_DEVICES_MAX, start_s);
    int64_t readings = c->ingest.readings;
    assert_false(say(c, patient, payload));
    assert_int_equal(c->ingest.readings, readings + 1);
    assert_non_null(strstr(last_refused(c)->why, "[0]: over "));
}

static void test_devices__beyond_256_of_a_patient_are_refused(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    check_devices_end(&c, "enrolled", 0); /* not in the store yet */
    add_patient(&c, "stored");
    check_devices_end(&c, "stored", 3); /* whatever day it is about */
    close_clinic(&c);
}

/* So many one-second readings from the `from`-th second of today on. */
static bool say_seconds(struct clinic *c, const char *device, int from, int n)
{
    static char payload[4000];
    int len = snprintf(payload, sizeof(payload),
                       "{\"device\":\"%s\",\"start\":%lld,\"seconds\":1,\"steps\":[",
                       device, (long long)TODAY * 86400 + from);
    for (int i = 0; i < n; i++)
        len += snprintf(payload + len, sizeof(payload) - (size_t)len, i ? ",0" : "0");
    snprintf(payload + len, sizeof(payload) - (size_t)len, "]}");
    return say(c, "p1", payload);
}

static void test_readings__beyond_a_days_worth_are_refused(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    int n = 0;
    for (; n + 1000 <= 70000; n += 1000)
        assert_true(say_seconds(&c, "a", n, 1000));
    for (; n + 1000 <= SW_DAY_READINGS_MAX; n += 1000)
        assert_true(say_seconds(&c, "b", n - 70000, 1000));
    assert_false(say_seconds(&c, "b", n - 70000, 1));
    assert_int_equal(last_refused(&c)->row.refusal, SW_REFUSED_FLOOD);
    assert_int_equal(c.ingest.readings, SW_DAY_READINGS_MAX);
    assert_true(say_as(&c, "other", 0, 0));
    /* Others need the room in memory: that it is full is known without looking. */
    day_cache_drop(&c.patients, patients_find(&c.patients, "p1"));
    assert_false(say_seconds(&c, "b", n - 70000, 1));
    assert_int_equal(last_refused(&c)->row.refusal, SW_REFUSED_FLOOD);
    assert_true(patients_find(&c.patients, "p1")->day.state != DAY_LOADED);
    close_clinic(&c);
}

/* The first loads the day; the rest of what comes waits for a look at it. */
static void test_readings__of_a_day_that_is_not_in_memory_wait_for_a_look(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    assert_true(say_seconds(&c, "a", 0, 100));
    struct patient *patient = patients_find(&c.patients, "p1");
    day_cache_drop(&c.patients, patient);
    patient->judge = JUDGE_NOT;
    patient->day.is_changed = false;
    assert_true(say_seconds(&c, "a", 50, 100)); /* fifty of them again */
    assert_true(patient->day.state != DAY_LOADED);
    assert_true(patient->judge != JUDGE_NOT && patient->day.is_changed);
    assert_int_equal(day_cache_need(&c.patients, patient), 0);
    assert_int_equal(patient->day.set.devices[0].n_readings, 150);
    assert_int_equal(c.ingest.readings, 200);
    close_clinic(&c);
}

static void test_crowd__is_enrolled_up_to_a_bound_that_is_said(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    for (int i = 0; i < PATIENTS_MAX; i++) {
        struct sw_patient_id id;
        snprintf(id.str, sizeof(id.str), "p%05d", i);
        assert_non_null(patients_enroll(&c.patients, id, NOW_S, &c.config.plan));
    }
    assert_false(say_as(&c, "one-more", 0, 0));
    assert_int_equal(last_refused(&c)->row.refusal, SW_REFUSED_PATIENT);
    assert_non_null(strstr(last_refused(&c)->why, "too many"));
    assert_true(say_as(&c, "p00007", 0, 0));
    add_patient(&c, "one-more"); /* by hand: the bound is for strangers */
    assert_true(say_as(&c, "one-more", 0, 0));
    close_clinic(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_devices__beyond_256_of_a_patient_are_refused),
        cmocka_unit_test(test_readings__beyond_a_days_worth_are_refused),
        cmocka_unit_test(test_readings__of_a_day_that_is_not_in_memory_wait_for_a_look),
        cmocka_unit_test(test_crowd__is_enrolled_up_to_a_bound_that_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
