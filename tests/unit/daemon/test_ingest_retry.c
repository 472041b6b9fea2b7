/* test_ingest_retry.c -- refused messages taken once more: what they say is stored once, at
 * the time they came, whatever fails in between; what is refused again stays, unmarked.
 */
#include <errno.h>

#include "clinic_fixture.h"

#include "store/store_private.h"

enum {
    ROUNDS = 30,
    STEPS = 80, /* of a round */
    PATIENTS = 3,
    PAYLOAD_BYTES = 80,
};
static const int64_t NOON_S = 20522 * (int64_t)86400 + 43200;

static void take_at(struct clinic *c, const char *topic, const char *payload,
                    int64_t at_s)
{
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&c->ingest, &record, at_s), 0);
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

/* ---- the command line's hand: another connection ---- */

static struct sw_store *other_hand(struct clinic *c)
{
    struct sw_store *other;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_store_open(&other, c->path, SW_STORE_WRITE, why), 0);
    return other;
}

static void add_patient(struct clinic *c, const char *id)
{
    struct sw_store *other = other_hand(c);
    struct sw_patient patient = {.added_at_s = NOON_S};
    int64_t key;
    strcpy(patient.id.str, id);
    assert_true(sw_store_add_patient(other, &patient, &c->config.plan, &key) >= 0);
    sw_store_close(other);
}

static int mark(void *ctx, const struct sw_rejected *rejected)
{
    return sw_store_mark_rejected(ctx, rejected->id);
}

static void mark_all(struct clinic *c)
{
    struct sw_store *other = other_hand(c);
    assert_int_equal(sw_store_each_rejected(other, SW_REJECTED_MAX, mark, other), 0);
    sw_store_close(other);
}

/* What the gateway does when it finds the store changed. */
static int look(struct clinic *c)
{
    if (patients_is_behind(&c->patients))
        assert_int_equal(ingest_load(&c->ingest, TODAY), 0);
    return ingest_take_again(&c->ingest, NOON_S);
}

static void open_strict(struct clinic *c)
{
    open_clinic(c);
    c->config.auto_enroll = false;
}

static void test_retry__after_the_patient_was_added_is_as_if_just_received(void **state)
{
    (void)state;
    struct clinic c;
    open_strict(&c);
    take_at(&c, "clinic/t/patient/p1/steps", "{\"total\":100}", NOON_S - 7200);
    take_at(&c, "clinic/t/patient/p1/steps", "{\"total\":150}", NOON_S - 3600);
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"), 2);
    add_patient(&c, "p1");
    mark_all(&c);
    assert_int_equal(look(&c), 2);
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"), 0);
    assert_int_equal(number_of(&c, "SELECT steps FROM day"), 50);
    assert_int_equal(number_of(&c, "SELECT max(at_s) FROM total"), NOON_S - 3600);
    assert_int_equal(number_of(&c, "SELECT heard_at_s FROM patient"), NOON_S - 3600);
    assert_int_equal(c.health.messages, 2); /* they were counted when they came */
    assert_int_equal(c.health.rejected, 2);
    close_clinic(&c);
}

static void
test_retry__refused_again_keeps_its_place_and_is_not_tried_again(void **state)
{
    (void)state;
    struct clinic c;
    open_strict(&c);
    take_at(&c, "clinic/t/patient/p1/steps", "{\"start\":5,\"steps\":1}", NOON_S);
    take_at(&c, "clinic/t/patient/p2/steps", "{", NOON_S);
    assert_true(judge(&c, NOON_S, true));
    add_patient(&c, "p1");
    mark_all(&c);
    assert_int_equal(look(&c), 2);
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(look(&c), 0);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected WHERE id = 1"
                                   " AND refusal = 'too-old' AND NOT retry"),
                     1);
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected WHERE id = 2"
                                   " AND refusal = 'patient' AND NOT retry"),
                     1);
    assert_int_equal(c.health.rejected, 2);
    close_clinic(&c);
}

static void test_retry__a_retained_copy_is_still_not_being_heard(void **state)
{
    (void)state;
    struct clinic c;
    static const char topic[] = "clinic/t/patient/p1/steps";
    char payload[PAYLOAD_BYTES];
    int n = snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":9}",
                     (long long)NOON_S - 600);
    struct sw_inbox_record record = {.received_at_s = NOON_S,
                                     .retained = true,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = (size_t)n};
    open_strict(&c);
    assert_int_equal(ingest_take(&c.ingest, &record, NOON_S), 0);
    assert_true(judge(&c, NOON_S, true));
    add_patient(&c, "p1");
    mark_all(&c);
    assert_int_equal(look(&c), 1);
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(number_of(&c, "SELECT steps FROM day"), 9);
    assert_int_equal(number_of(&c, "SELECT heard_at_s FROM patient"), 0);
    close_clinic(&c);
}

static void test_retry__of_many_is_a_batch_a_commit(void **state)
{
    (void)state;
    struct clinic c;
    char payload[PAYLOAD_BYTES];
    open_strict(&c);
    for (int i = 0; i < AGAIN_MAX + 5; i++) {
        snprintf(payload, sizeof payload, "{\"start\":%lld,\"seconds\":20,\"steps\":1}",
                 (long long)NOON_S - 40000 + 20 * i);
        take_at(&c, "clinic/t/patient/p1/steps", payload, NOON_S);
    }
    assert_true(judge(&c, NOON_S, true));
    add_patient(&c, "p1");
    mark_all(&c);
    assert_int_equal(look(&c), AGAIN_MAX);
    assert_int_equal(look(&c), 0); /* until they are stored */
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(look(&c), 5);
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(look(&c), 0);
    assert_int_equal(number_of(&c, "SELECT steps FROM day"), AGAIN_MAX + 5);
    close_clinic(&c);
}

/* ---- items of a message that are refused by themselves ---- */

#define AT_5H  "1773118800"
#define AT_6H  "1773122400"
#define FUTURE "1773150000"
/* Right: 40 + 7 steps. Wrong: an object, a time that comes, two numbers of a batch. */
static const char mixed[] =
    "[{\"start\":" AT_5H ",\"steps\":40,\"battery\":null},{\"steps\":5},"
    "{\"start\":" FUTURE ",\"steps\":60},"
    "{\"start\":" AT_6H ",\"steps\":[3,900,null,950,4]}]";

static void test_items__have_a_row_each_and_the_rest_is_taken(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    take_at(&c, "clinic/t/patient/p1/steps", mixed, NOON_S);
    assert_true(judge(&c, NOON_S, true));
    assert_int_equal(number_of(&c, "SELECT steps FROM day"), 47);
    assert_int_equal(c.health.messages, 1);
    assert_int_equal(c.health.readings, 3);
    assert_int_equal(c.health.rejected, 1); /* message, in part */
    assert_int_equal(
        number_of(&c,
                  "SELECT count(*) FROM rejected WHERE topic = CAST("
                  "'clinic/t/patient/p1/steps' AS BLOB) AND CASE refusal"
                  " WHEN 'no-time' THEN why = '[1]: steps without a start'"
                  "  AND payload = CAST('{\"steps\":5}' AS BLOB)"
                  " WHEN 'future' THEN why LIKE '[2].start: %is in the future, % ahead'"
                  " WHEN 'implausible' THEN why = '[3].steps[1]: 900 steps in 60 s "
                  "is implausible; and 1 more, up to [3].steps[3]' END"),
        3);
    /* The broker delivers again what a kill left unacknowledged, and commits may fail. */
    for (int i = 0; i < 2; i++) {
        struct sw_inbox_record record = {.received_at_s = NOON_S,
                                         .again = true,
                                         .topic = "clinic/t/patient/p1/steps",
                                         .topic_len = 25,
                                         .payload = mixed,
                                         .payload_len = strlen(mixed)};
        assert_int_equal(ingest_take(&c.ingest, &record, NOON_S), 0);
        assert_true(judge(&c, NOON_S, true));
    }
    assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"), 3);
    assert_int_equal(number_of(&c, "SELECT steps FROM day"), 47);
    assert_int_equal(c.health.messages, 1);
    close_clinic(&c);
}

static void test_items__are_taken_again_by_themselves(void **state)
{
    (void)state;
    struct clinic c;
    open_clinic(&c);
    take_at(&c, "clinic/t/patient/p1/steps", mixed, NOON_S);
    assert_true(judge(&c, NOON_S, true));
    for (int i = 0; i < 2; i++) { /* the mistakes stay, a row each; the time has come */
        mark_all(&c);
        if (patients_is_behind(&c.patients))
            assert_int_equal(ingest_load(&c.ingest, TODAY), 0);
        assert_true(ingest_take_again(&c.ingest, 1773160000) > 0);
        assert_true(judge(&c, NOON_S, true));
        assert_int_equal(number_of(&c, "SELECT count(*) FROM rejected"), 2);
        assert_int_equal(number_of(&c, "SELECT sum(steps) FROM day"), 107);
        assert_int_equal(number_of(&c, "SELECT count(DISTINCT refusal) FROM rejected"
                                       " WHERE refusal IN ('no-time', 'implausible')"),
                         2);
    }
    assert_int_equal(c.health.rejected, 1);
    close_clinic(&c);
}

/* ---- any order of events, failing commits and kills among them ---- */

/* What the inbox holds: messages taken since the last commit. */
struct life {
    struct clinic clinic;
    struct {
        int patient;
        char payload[PAYLOAD_BYTES];
    } inbox[STEPS];
    int n_inbox;
    int n_sent;
    int n_wrong; /* of them, with an item that is refused by itself */
    int64_t steps[PATIENTS];
};

static void take_message(struct life *life, int i)
{
    char topic[64];
    snprintf(topic, sizeof topic, "clinic/t/patient/p%d/steps", life->inbox[i].patient);
    take_at(&life->clinic, topic, life->inbox[i].payload, NOON_S);
}

static void receive(struct life *life)
{
    int i = life->n_inbox++, patient = rand() % PATIENTS, steps = rand() % 200;
    life->inbox[i].patient = patient;
    bool is_wrong = rand() % 3 == 0;
    snprintf(life->inbox[i].payload, PAYLOAD_BYTES, "%s{\"start\":%lld,\"steps\":%d}%s",
             is_wrong ? "[{}," : "", (long long)(DAY_S + 60 * life->n_sent++), steps,
             is_wrong ? "]" : "");
    life->n_wrong += is_wrong;
    life->steps[patient] += steps;
    take_message(life, i);
}

static void store(struct life *life)
{
    assert_true(judge(&life->clinic, NOON_S, true));
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

/* `kill -9`, and a new start: the inbox is read again. */
static void start_again(struct life *life)
{
    struct clinic *c = &life->clinic;
    ingest_fini(&c->ingest);
    patients_fini(&c->patients);
    c->patients = (struct patients){.store = c->store, .zone = &utc, .now_s = NOON_S};
    c->ingest = (struct ingest){.config = &c->config,
                                .patients = &c->patients,
                                .clock_trusted = true,
                                .maybe_marked = true};
    assert_int_equal(sw_store_get_health(c->store, &c->health) < 0, 0);
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
    for (int i = 0; i < life->n_inbox; i++)
        take_message(life, i);
}

static void add_someone(struct life *life, int patient)
{
    char id[16];
    snprintf(id, sizeof id, "p%d", patient);
    add_patient(&life->clinic, id);
}

static void do_something(struct life *life)
{
    switch (rand() % 16) {
    case 0:
        add_someone(life, rand() % PATIENTS);
        break;
    case 1:
        mark_all(&life->clinic);
        break;
    case 2:
    case 3:
        look(&life->clinic);
        break;
    case 4:
        store(life);
        break;
    case 5:
        fail_to_store(life);
        break;
    case 6:
        start_again(life);
        break;
    default:
        receive(life);
    }
}

static void mend_everything(struct life *life)
{
    for (int i = 0; i < PATIENTS; i++)
        add_someone(life, i);
    store(life);
    mark_all(&life->clinic);
    look(&life->clinic);
    store(life);
}

static void test_retry__in_any_order_stores_each_reading_once(void **state)
{
    (void)state;
    char sql[80];
    for (int round = 0; round < ROUNDS; round++) {
        struct life life = {.n_sent = 0};
        srand((unsigned)round + 1);
        open_strict(&life.clinic);
        for (int i = 0; i < STEPS; i++)
            do_something(&life);
        mend_everything(&life);
        assert_int_equal(number_of(&life.clinic, "SELECT count(*) FROM rejected"),
                         life.n_wrong);
        assert_int_equal(life.clinic.health.messages, life.n_sent);
        for (int i = 0; i < PATIENTS; i++) {
            snprintf(sql, sizeof sql,
                     "SELECT coalesce(sum(steps), 0) FROM day WHERE patient = 'p%d'",
                     i);
            assert_int_equal(number_of(&life.clinic, sql), life.steps[i]);
        }
        close_clinic(&life.clinic);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_retry__after_the_patient_was_added_is_as_if_just_received),
        cmocka_unit_test(
            test_retry__refused_again_keeps_its_place_and_is_not_tried_again),
        cmocka_unit_test(test_retry__a_retained_copy_is_still_not_being_heard),
        cmocka_unit_test(test_retry__of_many_is_a_batch_a_commit),
        cmocka_unit_test(test_items__have_a_row_each_and_the_rest_is_taken),
        cmocka_unit_test(test_items__are_taken_again_by_themselves),
        cmocka_unit_test(test_retry__in_any_order_stores_each_reading_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
