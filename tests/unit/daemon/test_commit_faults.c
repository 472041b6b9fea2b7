/* test_commit_faults.c -- reads of the store that fail between judging and storing, and
 * another hand that writes between them: what was judged is stored and published all
 * the same, once.
 *
 * The linker puts the functions below between the gateway and its store: __real_X() is
 * the store's own X().
 */
#include <errno.h>

#include "clinic_fixture.h"

#include "store/store_private.h"

enum { NOTHING_FAILS = -1 };

/* ---- reads that fail when told to ---- */

static struct sw_store *faster; /* another hand, at every judging; NULL: none */
static int n_faster;            /* so often it was */
static int64_t fails_of;        /* the patient's key whose scores cannot be read */
static int loads_fail;          /* so many loads of the alerts, after one alert */
static int alerts_then_fail;    /* of the load that fails */

int __real_sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                                    struct sw_day_set *set);
int __wrap_sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                                    struct sw_day_set *set);
int __wrap_sw_store_load_last_pains(struct sw_store *store, int64_t patient_key,
                                    struct sw_day_set *set)
{
    if (patient_key == fails_of)
        return -EIO;
    if (faster && sw_store_put_meta(faster, "x", "another hand") == 0)
        n_faster++;
    return __real_sw_store_load_last_pains(store, patient_key, set);
}

typedef int each_alert_fn(void *ctx, int64_t patient_key, const struct sw_alert *alert);
int __real_sw_store_each_alert(struct sw_store *store,
                               const struct sw_alert_filter *filter,
                               each_alert_fn *each, void *ctx);
int __wrap_sw_store_each_alert(struct sw_store *store,
                               const struct sw_alert_filter *filter,
                               each_alert_fn *each, void *ctx);

struct breaking {
    each_alert_fn *each;
    void *ctx;
    int left;
};

static int break_off(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct breaking *breaking = ctx;
    return breaking->left-- > 0 ? breaking->each(breaking->ctx, patient_key, alert)
                                : -EIO;
}

int __wrap_sw_store_each_alert(struct sw_store *store,
                               const struct sw_alert_filter *filter,
                               each_alert_fn *each, void *ctx)
{
    struct breaking breaking = {each, ctx, alerts_then_fail};
    if (loads_fail == 0)
        return __real_sw_store_each_alert(store, filter, each, ctx);
    loads_fail--;
    int r = __real_sw_store_each_alert(store, filter, break_off, &breaking);
    return r < 0 ? r : -EIO;
}

/* ---- the scene: three patients at ten o'clock ---- */

static const int64_t NOW_S = 20522 * (int64_t)86400 + 10 * 3600;

struct scene {
    struct clinic clinic;
    struct patient *p1, *p2, *p3;
};

static void add_patient(struct sw_store *store, const char *id)
{
    struct sw_patient patient = {.added_at_s = DAY_S, .heard_at_s = NOW_S - 3600};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    strcpy(patient.id.str, id);
    strcpy(plan.therapist.str, "anna");
    plan.rest_limit_min = 60;
    assert_int_equal(sw_store_add_patient(store, &patient, &plan, &key), 0);
}

static int set_up(void **state)
{
    static struct scene s;
    struct clinic *c = &s.clinic;
    fails_of = NOTHING_FAILS;
    loads_fail = alerts_then_fail = n_faster = 0;
    faster = NULL;
    open_clinic(c);
    add_patient(c->store, "p1");
    add_patient(c->store, "p2");
    add_patient(c->store, "p3");
    assert_int_equal(patients_load(&c->patients, TODAY), 0);
    s.p1 = patients_find(&c->patients, "p1");
    s.p2 = patients_find(&c->patients, "p2");
    s.p3 = patients_find(&c->patients, "p3");
    *state = &s;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *s = *state;
    close_clinic(&s->clinic);
    return 0;
}

static void take(struct scene *s, int64_t at_s, const char *topic, const char *payload)
{
    struct sw_inbox_record record = {.received_at_s = at_s,
                                     .topic = topic,
                                     .topic_len = strlen(topic),
                                     .payload = payload,
                                     .payload_len = strlen(payload)};
    assert_int_equal(ingest_take(&s->clinic.ingest, &record, at_s), 0);
}

/* Minutes of so many steps each, up to at_s. */
static void walk(struct scene *s, const char *patient, int64_t at_s, int minutes,
                 int steps)
{
    char topic[64], payload[1000];
    int n = snprintf(payload, sizeof payload, "{\"start\":%lld,\"steps\":[%d",
                     (long long)(at_s - minutes * 60), steps);
    for (int i = 1; i < minutes; i++)
        n += snprintf(payload + n, sizeof payload - (size_t)n, ",%d", steps);
    snprintf(payload + n, sizeof payload - (size_t)n, "]}");
    snprintf(topic, sizeof topic, "clinic/t/patient/%s/steps", patient);
    take(s, at_s, topic, payload);
}

static int attempt(struct scene *s, int64_t now_s)
{
    struct eval_time eval_time = {now_s, true, &s->clinic.online_spans};
    bool committed;
    return commit_attempt(&s->clinic.commit, &eval_time, false, &committed);
}

static int append(void *ctx, int64_t key, const struct sw_alert *alert)
{
    char *text = ctx;
    (void)key;
    sprintf(text + strlen(text), "%s %s r%d ", alert->patient.str,
            sw_alert_state_name(alert->state), alert->rev);
    return 0;
}

/* "p1 open r1 " of each in the store, the last one first. */
static const char *stored(struct scene *s)
{
    static char text[400];
    struct sw_alert_filter all = {.closed_too = true};
    text[0] = '\0';
    assert_int_equal(__real_sw_store_each_alert(s->clinic.store, &all, append, text),
                     0);
    return text;
}

/* The states that wait to be published: "p1:open ". */
static const char *published(struct scene *s)
{
    static char text[400];
    struct sw_outbound out = {.seq = 0};
    text[0] = '\0';
    while (sw_store_next_outbound(s->clinic.store, out.seq, &out) == 0) {
        const char *state = strstr(out.payload, "\"state\":\"") + 9;
        const char *patient = strstr(out.payload, "\"patient\":\"") + 11;
        sprintf(text + strlen(text), "%.2s:%.*s ", patient,
                (int)(strchr(state, '"') - state), state);
        free(out.payload);
    }
    return text;
}

static void test_read_failure__of_a_later_patient_keeps_an_opening(void **state)
{
    struct scene *s = *state;
    walk(s, "p1", NOW_S, 60, 0);
    fails_of = s->p2->known.key;
    assert_int_equal(attempt(s, NOW_S), -EIO);
    assert_string_equal(stored(s), "");
    fails_of = NOTHING_FAILS;
    assert_int_equal(attempt(s, NOW_S + 5), 0);
    assert_string_equal(stored(s), "p1 open r1 ");
    assert_string_equal(published(s), "p1:open ");
}

static void test_read_failure__of_a_later_patient_keeps_an_end(void **state)
{
    struct scene *s = *state;
    walk(s, "p1", NOW_S, 60, 0);
    assert_int_equal(attempt(s, NOW_S), 0);
    walk(s, "p1", NOW_S + 120, 2, 90);
    s->p2->stale = STALE_ALL;
    s->p2->judge = JUDGE_SOON;
    fails_of = s->p2->known.key;
    for (int i = 0; i < 3; i++)
        assert_int_equal(attempt(s, NOW_S + 120 + i), -EIO);
    assert_string_equal(stored(s), "p1 open r1 ");
    fails_of = NOTHING_FAILS;
    assert_int_equal(attempt(s, NOW_S + 125), 0);
    assert_string_equal(stored(s), "p1 closed r2 ");
    assert_string_equal(published(s), "p1:closed ");
    assert_int_equal(attempt(s, NOW_S + 126), 0);
    assert_string_equal(stored(s), "p1 closed r2 ");
}

static void test_read_failure__keeps_what_a_therapist_did(void **state)
{
    struct scene *s = *state;
    static const char topic[] = "clinic/t/alerts/anna/p1/rest/set";
    walk(s, "p1", NOW_S, 60, 0);
    assert_int_equal(attempt(s, NOW_S), 0);
    take(s, NOW_S + 10, topic, "{\"action\":\"ack\",\"by\":\"Anna\"}");
    s->p2->stale = STALE_ALL;
    s->p2->judge = JUDGE_SOON;
    fails_of = s->p2->known.key;
    assert_int_equal(attempt(s, NOW_S + 10), -EIO);
    fails_of = NOTHING_FAILS;
    assert_int_equal(attempt(s, NOW_S + 15), 0);
    assert_string_equal(stored(s), "p1 acknowledged r2 ");
    assert_string_equal(published(s), "p1:acknowledged ");
    assert_int_equal(s->clinic.ingest.actions.n_answers, 0);
}

static void note_elsewhere(struct scene *s)
{
    struct sw_store *other;
    char why[SW_WHY_MAX];
    assert_int_equal(sw_store_open(&other, s->clinic.path, SW_STORE_WRITE, why), 0);
    assert_int_equal(sw_store_put_meta(other, "x", "another hand"), 0);
    sw_store_close(other);
}

/* Another hand wrote, and what it wrote cannot be read at first. */
static void test_load_failure__is_made_good_before_anything_is_judged(void **state)
{
    struct scene *s = *state;
    walk(s, "p1", NOW_S, 60, 0);
    walk(s, "p2", NOW_S, 60, 0);
    assert_int_equal(attempt(s, NOW_S), 0);
    assert_string_equal(stored(s), "p1 open r1 p2 open r1 ");
    note_elsewhere(s);
    walk(s, "p1", NOW_S + 120, 2, 90);
    loads_fail = 3;
    alerts_then_fail = 1;
    for (int i = 0; i < 3; i++)
        assert_int_equal(attempt(s, NOW_S + 120 + i), -EIO);
    assert_int_equal(loads_fail, 0);
    assert_non_null(
        sw_open_alert(s->p1->alerts, SW_ALERT_REST)); /* nobody's is forgotten */
    assert_non_null(sw_open_alert(s->p2->alerts, SW_ALERT_REST));
    assert_int_equal(attempt(s, NOW_S + 125), 0);
    assert_string_equal(stored(s), "p2 open r1 p1 closed r2 ");
    assert_false(patients_is_behind(&s->clinic.patients));
}

static void
test_load_failure__is_remembered_where_nothing_else_tells_of_it(void **state)
{
    struct scene *s = *state;
    walk(s, "p1", NOW_S, 60, 0);
    assert_int_equal(attempt(s, NOW_S), 0);
    /* Our own hand changed the store, as it does when the broker knew more. */
    struct sw_alert alert = s->p1->alerts[SW_ALERT_REST];
    alert.rev = 7;
    assert_int_equal(sw_store_put_alert(s->clinic.store, s->p1->known.key, &alert,
                                        SW_STATE_OPEN, "gateway",
                                        "as the broker has it"),
                     0);
    loads_fail = 1;
    assert_int_equal(ingest_load(&s->clinic.ingest, TODAY), -EIO);
    walk(s, "p1", NOW_S + 120, 2, 90);
    assert_int_equal(attempt(s, NOW_S + 120), 0);
    assert_string_equal(stored(s), "p1 closed r8 ");
}

static void test_other_hand__is_faster_once_however_often_it_writes(void **state)
{
    struct scene *s = *state;
    char why[SW_WHY_MAX];
    walk(s, "p1", NOW_S, 60, 0);
    assert_int_equal(sw_store_open(&faster, s->clinic.path, SW_STORE_WRITE, why), 0);
    sqlite3_busy_timeout(faster->db, 0); /* it does not wait for the lock */
    assert_int_equal(attempt(s, NOW_S), 0);
    sw_store_close(faster);
    faster = NULL;
    assert_true(n_faster > 0);
    assert_string_equal(stored(s), "p1 open r1 ");
    assert_string_equal(published(s), "p1:open ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_read_failure__of_a_later_patient_keeps_an_opening),
        TEST(test_read_failure__of_a_later_patient_keeps_an_end),
        TEST(test_read_failure__keeps_what_a_therapist_did),
        TEST(test_load_failure__is_made_good_before_anything_is_judged),
        TEST(test_load_failure__is_remembered_where_nothing_else_tells_of_it),
        TEST(test_other_hand__is_faster_once_however_often_it_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
