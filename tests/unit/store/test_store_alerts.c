/* Alerts as they stand and their log. */
#include "store_fixture.h"

static struct sw_alert rest_of(const char *patient, int64_t opened_at_s)
{
    struct sw_alert alert = {
        .patient = patient_id(patient),
        .therapist.str = "anna",
        .kind = SW_ALERT_REST,
        .level = SW_LEVEL_MEDIUM,
        .state = SW_STATE_OPEN,
        .rev = 3,
        .opened_at_s = opened_at_s,
        .updated_at_s = opened_at_s + 60,
        .shelved_until_s = opened_at_s + 7200,
        .by = "Anna \"A\"",
        .note = "wird später geprüft",
        .evidence = {125, -1, INT64_MAX},
        .device.str = "band-2",
        .over_budget = true,
        .span = {opened_at_s - 7500, opened_at_s},
    };
    return alert;
}

static struct sw_alert closed(struct sw_alert alert, int64_t at_s)
{
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_MOVED;
    alert.updated_at_s = alert.closed_at_s = at_s;
    return alert;
}

static int put(struct fixture *f, int64_t key, struct sw_alert alert)
{
    return sw_store_put_alert(f->store, key, &alert, SW_STATE_NONE, "gateway",
                              "raised");
}

static void check_equal(const struct sw_alert *a, const struct sw_alert *b)
{
    assert_string_equal(a->patient.str, b->patient.str);
    assert_string_equal(a->therapist.str, b->therapist.str);
    assert_int_equal(a->kind, b->kind);
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->state, b->state);
    assert_int_equal(a->reason, b->reason);
    assert_int_equal(a->rev, b->rev);
    assert_int_equal(a->opened_at_s, b->opened_at_s);
    assert_int_equal(a->updated_at_s, b->updated_at_s);
    assert_int_equal(a->closed_at_s, b->closed_at_s);
    assert_int_equal(a->shelved_until_s, b->shelved_until_s);
    assert_string_equal(a->by, b->by);
    assert_string_equal(a->note, b->note);
    assert_memory_equal(a->evidence, b->evidence, sizeof a->evidence);
    assert_string_equal(a->device.str, b->device.str);
    assert_int_equal(a->over_budget, b->over_budget);
    assert_int_equal(a->span.from_s, b->span.from_s);
    assert_int_equal(a->span.to_s, b->span.to_s);
}

static void test_alert__is_found_by_its_id_with_all_it_holds(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p017"), found_key = 0;
    struct sw_alert alert = rest_of("p017", 1774779300), found;
    assert_int_equal(put(f, key, alert), 0);
    reopen(f);
    assert_int_equal(
        sw_store_find_alert(f->store, "p017-rest-1774779300", &found_key, &found), 0);
    assert_int_equal(found_key, key);
    check_equal(&found, &alert);
}

static void test_alert__with_the_longest_texts_comes_back(void **state)
{
    struct fixture *f = *state;
    const char *uuid = "123e4567-e89b-12d3-a456-426614174000";
    char id[SW_ALERT_ID_MAX + 1];
    int64_t key = add_patient(f->store, uuid), found_key;
    struct sw_alert alert = rest_of(uuid, 99999999999), found;
    memset(alert.by, 'b', SW_ALERT_BY_MAX);
    memset(alert.note, 'n', SW_ALERT_NOTE_MAX);
    strcpy(alert.therapist.str, uuid);
    assert_int_equal(put(f, key, alert), 0);
    sw_alert_id_format(&alert, id);
    assert_int_equal(sw_store_find_alert(f->store, id, &found_key, &found), 0);
    check_equal(&found, &alert);
}

static void test_find_alert__says_none_and_leaves_ret_alone(void **state)
{
    struct fixture *f = *state;
    struct sw_alert found = {.rev = 9};
    int64_t key = 8;
    assert_int_equal(sw_store_find_alert(f->store, "p017-rest-1", &key, &found),
                     SW_STORE_NONE);
    assert_int_equal(key, 8);
    assert_int_equal(found.rev, 9);
}

static void test_put_alert__again_is_its_new_state_and_a_line_of_the_log(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_alert alert = rest_of("p1", 1000), found;
    char log[400];
    assert_int_equal(put(f, key, alert), 0);
    alert.state = SW_STATE_ACKNOWLEDGED;
    alert.rev = 4;
    alert.updated_at_s = 2000;
    alert.level = SW_LEVEL_LOW;
    strcpy(alert.therapist.str, "bert");
    alert.evidence[0] = 7;
    alert.span.to_s = 1;
    assert_int_equal(
        sw_store_put_alert(f->store, key, &alert, SW_STATE_OPEN, "anna", "I know"), 0);
    assert_int_equal(sw_store_find_alert(f->store, "p1-rest-1000", &key, &found), 0);
    check_equal(&found, &alert);
    text_of(
        f->store,
        "SELECT group_concat(alert || '|' || at_s || '|' || actor || '|' || from_state"
        " || '|' || to_state || '|' || why, char(10)) FROM"
        " (SELECT * FROM alert_log ORDER BY key)",
        log, sizeof log);
    char expected[400];
    snprintf(expected, sizeof expected,
             "p1-rest-1000|1060|gateway|%s|open|raised\n"
             "p1-rest-1000|2000|anna|open|acknowledged|I know",
             sw_alert_state_name(SW_STATE_NONE));
    assert_string_equal(log, expected);
}

static void test_put_alert__a_second_open_one_of_its_kind_is_refused(void **state)
{
    struct fixture *f = *state;
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    struct sw_alert silent = rest_of("p1", 1000);
    silent.kind = SW_ALERT_SILENT;
    assert_int_equal(put(f, p1, rest_of("p1", 1000)), 0);
    assert_int_equal(put(f, p1, rest_of("p1", 2000)), -EEXIST);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert_log"), 1);
    assert_int_equal(put(f, p1, silent), 0);
    assert_int_equal(put(f, p2, rest_of("p2", 1000)), 0);
    assert_int_equal(put(f, p1, closed(rest_of("p1", 1000), 1500)), 0);
    assert_int_equal(put(f, p1, rest_of("p1", 2000)), 0);
    assert_int_equal(sw_store_open_alerts(f->store), 3);
}

static void test_put_alert__of_nobody_leaves_no_trace(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(put(f, 55, rest_of("p1", 1000)), -ENOENT);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert_log"), 0);
}

static void test_open_alerts__counts_those_that_are_not_closed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(sw_store_open_alerts(f->store), 0);
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    struct sw_alert acknowledged = rest_of("p2", 1000);
    acknowledged.state = SW_STATE_ACKNOWLEDGED;
    put(f, p1, rest_of("p1", 1000));
    put(f, p2, acknowledged);
    assert_int_equal(sw_store_open_alerts(f->store), 2);
    put(f, p1, closed(rest_of("p1", 1000), 1500));
    assert_int_equal(sw_store_open_alerts(f->store), 1);
}

struct ids {
    struct fixture *f;
    char text[600];
    int n, stop_at;
};

static int gather(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct ids *ids = ctx;
    char id[SW_ALERT_ID_MAX + 1];
    assert_true(key > 0);
    sw_alert_id_format(alert, id);
    strcat(ids->text, id);
    strcat(ids->text, " ");
    return ++ids->n == ids->stop_at ? -99 : 0;
}

static void check_listed(struct fixture *f, struct sw_alert_filter filter,
                         const char *expected)
{
    struct ids ids = {0};
    assert_int_equal(sw_store_each_alert(f->store, &filter, gather, &ids), 0);
    assert_string_equal(ids.text, expected);
}

static void put_some(struct fixture *f)
{
    int64_t p1 = add_patient(f->store, "p1"), p2 = add_patient(f->store, "p2");
    struct sw_alert of_bert = rest_of("p2", 3000);
    strcpy(of_bert.therapist.str, "bert");
    put(f, p1, closed(rest_of("p1", 100), 150));
    put(f, p1, closed(rest_of("p1", 5000), 5600));
    put(f, p1, rest_of("p1", 4000));
    put(f, p2, closed(rest_of("p2", 2000), 5700));
    put(f, p2, of_bert);
}

static void test_each_alert__has_open_ones_first_then_the_newest(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    check_listed(f, (struct sw_alert_filter){0}, "p1-rest-4000 p2-rest-3000 ");
    check_listed(f, (struct sw_alert_filter){.closed_too = true},
                 "p1-rest-4000 p2-rest-3000 p1-rest-5000 p2-rest-2000 p1-rest-100 ");
}

static void test_each_alert__leaves_out_what_the_filter_does_not_ask_for(void **state)
{
    struct fixture *f = *state;
    put_some(f);
    struct sw_alert_filter filter = {.closed_too = true, .updated_from_s = 5700};
    check_listed(f, filter, "p1-rest-4000 p2-rest-3000 p2-rest-2000 ");
    filter.closed_too = false;
    check_listed(f, filter, "p1-rest-4000 p2-rest-3000 ");
    filter = (struct sw_alert_filter){.patient = patient_id("p2"), .closed_too = true};
    check_listed(f, filter, "p2-rest-3000 p2-rest-2000 ");
    strcpy(filter.therapist.str, "bert");
    check_listed(f, filter, "p2-rest-3000 ");
    filter.patient = patient_id("");
    check_listed(f, filter, "p2-rest-3000 ");
    filter.patient = patient_id("p1");
    check_listed(f, filter, "");
    filter.patient = patient_id("nobody");
    check_listed(f, filter, "");
}

static void test_each_alert__stops_at_the_first_return_and_returns_it(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {.stop_at = 1};
    put_some(f);
    assert_int_equal(
        sw_store_each_alert(f->store, &(struct sw_alert_filter){0}, gather, &ids), -99);
    assert_string_equal(ids.text, "p1-rest-4000 ");
}

static void test_each_open_alert__has_all_that_are_open(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {.n = 0}, stopped = {.stop_at = 1};
    put_some(f);
    assert_int_equal(sw_store_each_open_alert(f->store, gather, &ids), 0);
    assert_int_equal(ids.n, 2); /* in no order */
    assert_non_null(strstr(ids.text, "p1-rest-4000 "));
    assert_non_null(strstr(ids.text, "p2-rest-3000 "));
    assert_int_equal(sw_store_each_open_alert(f->store, gather, &stopped), -99);
    assert_int_equal(stopped.n, 1);
}

/* Closes each alert it is shown, as the end of the wake window does. */
static int close_it(void *ctx, int64_t key, const struct sw_alert *alert)
{
    struct ids *ids = ctx;
    if (++ids->n > 20)
        return -ELOOP;
    return put(ids->f, key, closed(*alert, 9000));
}

static void test_each_alert__may_close_what_it_walks_over(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {.f = f};
    struct sw_alert_filter filter = {.closed_too = true};
    put_some(f);
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_each_alert(f->store, &filter, close_it, &ids), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(ids.n, 5);
    assert_int_equal(sw_store_open_alerts(f->store), 0);
}

static void test_alert__of_a_later_version_is_not_damage(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {0};
    struct sw_alert found;
    int64_t key;
    put_some(f);
    exec_sql(f->store, "UPDATE alert SET kind = 'levitating' WHERE patient = 1");
    assert_int_equal(
        sw_store_each_alert(f->store, &(struct sw_alert_filter){0}, gather, &ids),
        -EPROTO);
    assert_non_null(strstr(sw_store_error(f->store), "p1-rest-4000"));
    assert_int_equal(sw_store_find_alert(f->store, "p1-rest-4000", &key, &found),
                     -EPROTO);
}

/* ---- how much of the log is kept ---- */

static void step_to(struct fixture *f, int64_t key, struct sw_alert *alert,
                    enum sw_alert_state to, const char *why)
{
    enum sw_alert_state from = alert->state;
    alert->state = to;
    alert->updated_at_s++;
    assert_int_equal(sw_store_put_alert(f->store, key, alert, from, "anna", why), 0);
}

static int keep_life(void *ctx, const struct sw_alert_life *life)
{
    *(struct sw_alert_life *)ctx = *life;
    return 0;
}

static void
test_log__of_one_alert_keeps_the_newest_and_its_acknowledgements(void **state)
{
    struct fixture *f = *state;
    struct sw_alert alert = rest_of("p1", 1000);
    struct sw_alert_life life = {0};
    struct sw_therapist_id anyone = {""};
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(put(f, key, alert), 0);
    step_to(f, key, &alert, SW_STATE_OPEN, "before");
    step_to(f, key, &alert, SW_STATE_ACKNOWLEDGED, "first");
    int64_t first_s = alert.updated_at_s;
    for (int i = 0; i < 300; i++) {
        step_to(f, key, &alert, SW_STATE_OPEN, "flips");
        step_to(f, key, &alert, SW_STATE_ACKNOWLEDGED, "last");
    }
    int64_t last_s = alert.updated_at_s;
    for (int i = 0; i < 2 * SW_STORE_LOG_OF_ALERT; i++)
        step_to(f, key, &alert, SW_STATE_ACKNOWLEDGED, "a colleague's");
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert_log"),
                     SW_STORE_LOG_OF_ALERT + 3);
    assert_int_equal(
        number_of(f->store, "SELECT count(*) FROM alert_log WHERE why = 'raised'"), 1);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert_log"
                                         " WHERE why IN ('before', 'flips')"),
                     0);
    assert_int_equal(sw_store_each_life(f->store, &anyone, (struct sw_span){0, 9000},
                                        keep_life, &life),
                     0);
    assert_int_equal(life.first_ack_s, first_s);
    assert_int_equal(life.last_ack_s, last_s);
}

static void
test_log__of_a_kind_keeps_the_newest_and_older_acknowledgements(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1"), other = add_patient(f->store, "p2");
    struct sw_alert alert = rest_of("p2", 1000);
    int n = SW_STORE_LOG_OF_KIND / 2, more = 100;
    assert_int_equal(put(f, other, alert), 0);
    assert_int_equal(sw_store_begin(f->store), 0);
    for (int i = 0; i < n + more; i++) { /* each opened, acknowledged and closed */
        alert = rest_of("p1", 10000 + 1000 * i);
        assert_int_equal(put(f, key, alert), 0);
        step_to(f, key, &alert, SW_STATE_ACKNOWLEDGED, "seen");
        step_to(f, key, &alert, SW_STATE_CLOSED, "moved");
    }
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM alert"), 1 + n + more);
    assert_int_equal(
        number_of(f->store, "SELECT count(*) FROM alert_log WHERE why = 'seen'"),
        n + more);
    int64_t kept = number_of(f->store, "SELECT count(*) FROM alert_log"
                                       " WHERE alert LIKE 'p1-%'");
    int64_t older = number_of(f->store, "SELECT count(*) FROM alert_log WHERE why ="
                                        " 'seen' AND key < (SELECT min(key) FROM"
                                        " alert_log WHERE why = 'moved')");
    assert_in_range(kept - older, SW_STORE_LOG_OF_KIND - 3, SW_STORE_LOG_OF_KIND + 3);
    assert_int_equal(
        number_of(f->store, "SELECT count(*) FROM alert_log WHERE alert LIKE 'p2-%'"),
        1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_alert__is_found_by_its_id_with_all_it_holds),
        TEST(test_alert__with_the_longest_texts_comes_back),
        TEST(test_find_alert__says_none_and_leaves_ret_alone),
        TEST(test_put_alert__again_is_its_new_state_and_a_line_of_the_log),
        TEST(test_put_alert__a_second_open_one_of_its_kind_is_refused),
        TEST(test_put_alert__of_nobody_leaves_no_trace),
        TEST(test_open_alerts__counts_those_that_are_not_closed),
        TEST(test_each_alert__has_open_ones_first_then_the_newest),
        TEST(test_each_alert__leaves_out_what_the_filter_does_not_ask_for),
        TEST(test_each_alert__stops_at_the_first_return_and_returns_it),
        TEST(test_each_open_alert__has_all_that_are_open),
        TEST(test_each_alert__may_close_what_it_walks_over),
        TEST(test_alert__of_a_later_version_is_not_damage),
        TEST(test_log__of_one_alert_keeps_the_newest_and_its_acknowledgements),
        TEST(test_log__of_a_kind_keeps_the_newest_and_older_acknowledgements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
