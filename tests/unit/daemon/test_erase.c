/* test_erase.c -- a patient is erased while its readings are pending, commits fail and
 * the gateway is killed: the others' days are exact, and it is nowhere. */
#include <errno.h>

#include "clinic_fixture.h"

#include "records/erase.h"
#include "store/store_private.h"

enum {
    ROUNDS = 40,
    STEPS = 80, /* of a round */
    PATIENTS = 4,
    PAYLOAD_BYTES = 80,
};
static const int64_t NOON_S = 20522 * (int64_t)86400 + 43200;

static void take_at(struct clinic *c, const char *topic, const char *payload)
{
    struct sw_inbox_record record = {.received_at_s = NOON_S,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, NOON_S), 0);
}

static int64_t number_of(struct clinic *c, const char *sql)
{
    sqlite3_stmt *stmt;
    assert_int_equal(sqlite3_prepare_v2(c->store->db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return number;
}

static struct sw_store *other_hand(struct clinic *c)
{
    struct sw_store *other;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_store_open(&other, c->path, SW_STORE_WRITE, why), 0);
    return other;
}

static void erase(struct clinic *c, const char *id)
{
    struct sw_store *other = other_hand(c);
    struct sw_erasure erasure = {.site = c->config.site,
                                 .adapters = c->ingest.adapters,
                                 .now_s = NOON_S,
                                 .is_live = true,
                                 .by = "anna",
                                 .how = SW_AUDIT_COMMAND};
    strcpy(erasure.patient.str, id);
    assert_int_equal(sw_records_erase(other, &erasure), 0);
    sw_store_close(other);
}

/* Rows that name the patient, or are of no patient any more. */
static int64_t traces_of(struct clinic *c, const char *id)
{
    char sql[700];
    snprintf(sql, sizeof sql,
             "SELECT (SELECT count(*) FROM patient WHERE id = '%s')"
             " + (SELECT count(*) FROM day WHERE patient = '%s')"
             " + (SELECT count(*) FROM alert WHERE id LIKE '%s-%%')"
             " + (SELECT count(*) FROM alert_log WHERE alert LIKE '%s-%%')"
             " + (SELECT count(*) FROM outbox WHERE topic LIKE '%%/%s/%%'"
             " AND (payload <> '' OR about <> ''))"
             " + (SELECT count(*) FROM rejected WHERE topic LIKE '%%/%s/%%'"
             " AND length(payload) > 0)"
             " + (SELECT count(*) FROM device WHERE patient NOT IN"
             " (SELECT key FROM patient))",
             id, id, id, id, id, id);
    return number_of(c, sql);
}

static void test_erased__its_pending_readings_go_and_the_others_stay(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    take_at(&c, "clinic/t/patient/p1/steps", "{\"start\":1773136800,\"steps\":40}");
    take_at(&c, "clinic/t/patient/p2/steps", "{\"start\":1773136800,\"steps\":50}");
    assert_true(judge(&c, NOON_S, true));
    take_at(&c, "clinic/t/patient/p1/steps", "{\"start\":1773136860,\"steps\":40}");
    take_at(&c, "clinic/t/patient/p2/steps", "{\"start\":1773136860,\"steps\":50}");
    erase(&c, "p1");
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(traces_of(&c, "p1"), 0);
    assert_null(patients_find(&c.patients, "p1"));
    assert_int_equal(number_of(&c, "SELECT sum(steps) FROM day"), 100);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM outbox WHERE payload = ''"
                                   " AND topic = 'clinic/t/patient/p1/today'"),
                     1);
    close_clinic(&c);
}

static void test_erased__late_messages_are_refused_without_what_they_say(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    take_at(&c, "clinic/t/patient/p1/steps", "{\"start\":1773136800,\"steps\":40}");
    assert_true(judge(&c, NOON_S, true));
    erase(&c, "p1");
    assert_true(judge(&c, NOON_S, true)); /* it is noticed */
    take_at(&c, "clinic/t/patient/p1/steps", "{\"start\":1773136860,\"steps\":40}");
    take_at(&c, "clinic/t/patient/p1/pain", "{\"score\":8}");
    take_at(&c, "clinic/t/alerts/anna/p1/rest/set", "{\"action\":\"ack\"}");
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(traces_of(&c, "p1"), 0);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"
                                   " WHERE why = 'erased on 2026-03-10'"),
                     3);
    close_clinic(&c);
}

static void test_erased__its_alerts_are_cleared_at_the_broker(void **state)
{
    (void)state;
    struct clinic c;
    char payload[1000], *end = payload;
    open_clinic(&c);
    end += sprintf(end, "{\"start\":%lld,\"steps\":[0", (long long)NOON_S - 4200);
    for (int i = 1; i < 70; i++)
        end += sprintf(end, ",0");
    sprintf(end, "]}");
    take_at(&c, "clinic/t/patient/p1/steps", payload);
    assert_true(judge(&c, NOON_S, false));
    assert_int_equal(number_of(&c, "SELECT count(*) FROM alert"), 1);
    erase(&c, "p1");
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(traces_of(&c, "p1"), 0);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM outbox WHERE payload = ''"
                                   " AND topic IN ('clinic/t/digest/unassigned',"
                                   " 'clinic/t/alerts/unassigned/p1/rest')"),
                     2);
    close_clinic(&c);
}

/* Nothing tells any more whose the topic was, but who held the message is known. */
static void test_erased__what_it_held_goes_though_the_source_is_gone(void **state)
{
    (void)state;
    struct clinic c;
    struct sw_rejected rejected = {.at_s = NOON_S,
                                   .refusal = SW_REFUSED_JSON,
                                   .why = "no JSON",
                                   .topic = "band/b1",
                                   .payload = "?",
                                   .payload_len = 1};
    static const char *const holders[] = {"p1", "p2", "p11"};
    struct sw_adapters *adapters = NULL;
    open_clinic(&c);
    for (size_t i = 0; i < sizeof holders / sizeof *holders; i++) {
        strcpy(rejected.patient.str, holders[i]);
        assert_int_equal(
            sw_store_put_rejected(c.store, &rejected, strlen(rejected.topic)), 0);
    }
    strcpy(rejected.patient.str, "");
    assert_int_equal(sw_store_put_rejected(c.store, &rejected, strlen("band/b1")), 0);
    assert_int_equal(sw_adapters_new(&adapters, NULL, 0), 0);
    c.ingest.adapters = adapters;
    erase(&c, "p1");
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"), 3);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"
                                   " WHERE holder = CAST('p1' AS BLOB)"),
                     0);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected_share"
                                   " WHERE holder = CAST('p1' AS BLOB)"),
                     0);
    assert_int_equal(number_of(&c, "SELECT sum(n) FROM rejected_total"), 3);
    close_clinic(&c);
    sw_adapters_free(adapters);
}

/* ---- any order of events ---- */

struct life {
    struct clinic clinic;
    struct {
        int patient;
        char payload[PAYLOAD_BYTES];
    } inbox[STEPS];
    int n_inbox, n_sent;
    int64_t steps[PATIENTS];
    bool erased[PATIENTS];
};

static void take_message(struct life *life, int i)
{
    char topic[64];
    snprintf(topic, sizeof topic, "clinic/t/patient/p%d/%s", life->inbox[i].patient,
             strstr(life->inbox[i].payload, "score") ? "pain" : "steps");
    take_at(&life->clinic, topic, life->inbox[i].payload);
}

static void receive(struct life *life)
{
    int i = life->n_inbox++, patient = rand() % PATIENTS, steps = rand() % 200;
    bool is_score = rand() % 8 == 0;
    life->inbox[i].patient = patient;
    if (is_score)
        strcpy(life->inbox[i].payload, "{\"score\":9}");
    else
        snprintf(life->inbox[i].payload, PAYLOAD_BYTES,
                 "{\"start\":%lld,\"steps\":%d,\"battery\":%d}",
                 (long long)(DAY_S - 43200 + 600 * life->n_sent), steps, rand() % 101);
    life->n_sent++;
    life->steps[patient] += is_score ? 0 : steps;
    take_message(life, i);
}

static void store(struct life *life)
{
    judge(&life->clinic, NOON_S, true);
    life->n_inbox = 0;
}

static void fail_to_store(struct life *life)
{
    struct clinic *c = &life->clinic;
    struct sw_store *other = other_hand(c);
    struct eval_time eval_time = {NOON_S, true, &c->online_spans};
    bool committed;
    assert_int_equal(sw_store_begin(other), 0);
    sqlite3_busy_timeout(c->store->db, 0);
    assert_int_equal(commit_attempt(&c->commit, &eval_time, true, &committed), -EBUSY);
    sw_store_close(other);
}

static void start_again(struct life *life)
{
    struct clinic *c = &life->clinic;
    ingest_fini(&c->ingest);
    patients_fini(&c->patients);
    c->patients = (struct patients){.store = c->store, .zone = &utc, .now_s = NOON_S};
    c->ingest = (struct ingest){
        .config = &c->config, .patients = &c->patients, .clock_trusted = true};
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
    for (int i = 0; i < life->n_inbox; i++)
        take_message(life, i);
}

static void erase_someone(struct life *life)
{
    char id[16];
    int patient = rand() % (PATIENTS - 1); /* one is left in peace */
    snprintf(id, sizeof id, "p%d", patient);
    erase(&life->clinic, id);
    life->erased[patient] = true;
}

static void do_something(struct life *life)
{
    switch (rand() % 20) {
    case 0:
        erase_someone(life);
        break;
    case 1:
        if (patients_is_behind(&life->clinic.patients))
            assert_int_equal(ingest_load(&life->clinic.ingest, TODAY), 0);
        break;
    case 2:
    case 3:
        store(life);
        break;
    case 4:
        fail_to_store(life);
        break;
    case 5:
        start_again(life);
        break;
    default:
        receive(life);
    }
}

static void test_erased__in_any_order_it_is_nowhere_and_the_others_exact(void **state)
{
    (void)state;
    char id[16], sql[100];
    for (int round = 0; round < ROUNDS; round++) {
        struct life life = {.n_sent = 0};
        srand((unsigned)round + 1);
        open_clinic(&life.clinic);
        for (int i = 0; i < STEPS; i++)
            do_something(&life);
        store(&life);
        for (int i = 0; i < PATIENTS; i++) {
            snprintf(id, sizeof id, "p%d", i);
            snprintf(sql, sizeof sql,
                     "SELECT coalesce(sum(steps), 0) FROM day WHERE patient = '%s'",
                     id);
            if (life.erased[i])
                assert_int_equal(traces_of(&life.clinic, id), 0);
            else
                assert_int_equal(number_of(&life.clinic, sql), life.steps[i]);
        }
        close_clinic(&life.clinic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_erased__its_pending_readings_go_and_the_others_stay),
        cmocka_unit_test(test_erased__late_messages_are_refused_without_what_they_say),
        cmocka_unit_test(test_erased__its_alerts_are_cleared_at_the_broker),
        cmocka_unit_test(test_erased__what_it_held_goes_though_the_source_is_gone),
        cmocka_unit_test(test_erased__in_any_order_it_is_nowhere_and_the_others_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
