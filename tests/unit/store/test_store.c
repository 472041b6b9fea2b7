/* Patients, plans, transactions, and two connections to one database. */
#include "store_fixture.h"

#include <signal.h>

/* ---- patients ---- */

static void test_add_patient__is_found_with_all_it_holds(void **state)
{
    struct fixture *f = *state;
    struct sw_patient patient = {.id = patient_id("p017"),
                                 .name = "Ägidius Müller",
                                 .added_at_s = 1774779300,
                                 .heard_at_s = 1774779400};
    struct sw_plan plan = sw_plan_default();
    struct sw_patient found = {0};
    int64_t key = 0;

    assert_int_equal(sw_store_add_patient(f->store, &patient, &plan, &key), 0);
    assert_true(key > 0);
    reopen(f);
    assert_int_equal(sw_store_find_patient(f->store, patient.id, &found), 0);
    assert_int_equal(found.key, key);
    assert_string_equal(found.id.str, "p017");
    assert_string_equal(found.name, "Ägidius Müller");
    assert_int_equal(found.added_at_s, 1774779300);
    assert_int_equal(found.heard_at_s, 1774779400);
}

static void test_add_patient__twice_leaves_the_first_alone(void **state)
{
    struct fixture *f = *state;
    struct sw_patient patient = {.id = patient_id("p1"), .name = "other"};
    struct sw_plan plan = sw_plan_default();
    struct sw_patient found = {0};
    int64_t key = 77;

    int64_t first = add_patient(f->store, "p1");
    plan.goal = 9999;
    assert_int_equal(sw_store_add_patient(f->store, &patient, &plan, &key),
                     SW_STORE_EXISTS);
    assert_int_equal(key, 77);
    assert_int_equal(sw_store_find_patient(f->store, patient.id, &found), 0);
    assert_int_equal(found.key, first);
    assert_string_equal(found.name, "");
    assert_int_equal(sw_store_plan_on(f->store, first, 0, &plan), 0);
    assert_int_equal(plan.goal, 0);
}

static void test_find_patient__says_none_and_leaves_ret_alone(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found = {.key = 5};
    assert_int_equal(sw_store_find_patient(f->store, patient_id("p1"), &found),
                     SW_STORE_NONE);
    assert_int_equal(found.key, 5);
}

static void test_patient_id__of_digits_stays_text(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    int64_t key = add_patient(f->store, "007");
    add_patient(f->store, "7");
    add_patient(f->store, "1e3");
    assert_int_equal(sw_store_find_patient(f->store, patient_id("007"), &found), 0);
    assert_string_equal(found.id.str, "007");
    assert_int_equal(found.key, key);
    assert_int_equal(sw_store_find_patient(f->store, patient_id("1000"), &found),
                     SW_STORE_NONE);
}

static void test_patient_id__of_full_length_fits(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    const char *uuid = "123e4567-e89b-12d3-a456-426614174000";
    add_patient(f->store, uuid);
    assert_int_equal(sw_store_find_patient(f->store, patient_id(uuid), &found), 0);
    assert_string_equal(found.id.str, uuid);
}

static void test_patient_key__is_never_given_twice(void **state)
{
    struct fixture *f = *state;
    int64_t first = add_patient(f->store, "p1");
    exec_sql(f->store, "DELETE FROM patient");
    assert_true(add_patient(f->store, "p2") > first);
}

static void test_rename__changes_the_name_alone(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    char too_long[SW_NAME_MAX + 2];
    int64_t key = add_patient(f->store, "p1");
    add_patient(f->store, "p2");

    memset(too_long, 'x', sizeof too_long);
    too_long[SW_NAME_MAX + 1] = '\0';
    assert_int_equal(sw_store_rename_patient(f->store, key, "Anna"), 0);
    assert_int_equal(sw_store_rename_patient(f->store, key, too_long), -EINVAL);
    assert_int_equal(sw_store_rename_patient(f->store, 999, "x"), SW_STORE_NONE);
    sw_store_find_patient(f->store, patient_id("p1"), &found);
    assert_string_equal(found.name, "Anna");
    assert_int_equal(found.added_at_s, 1000);
    sw_store_find_patient(f->store, patient_id("p2"), &found);
    assert_string_equal(found.name, "");
    too_long[SW_NAME_MAX] = '\0';
    assert_int_equal(sw_store_rename_patient(f->store, key, too_long), 0);
    sw_store_find_patient(f->store, patient_id("p1"), &found);
    assert_string_equal(found.name, too_long);
}

static void test_put_heard__is_stored_as_given(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(sw_store_put_heard(f->store, key, 5000, SW_STAMP_RECEIPT), 0);
    assert_int_equal(sw_store_put_heard(f->store, key, 4000, SW_STAMP_RECEIPT), 0);
    assert_int_equal(sw_store_put_heard(f->store, key + 1, 6000, SW_STAMP_RECEIPT),
                     SW_STORE_NONE);
    sw_store_find_patient(f->store, patient_id("p1"), &found);
    assert_int_equal(found.heard_at_s, 4000);
}

struct ids {
    struct sw_store *store;
    char text[200];
    size_t n, stop_at;
};

static int gather_id(void *ctx, const struct sw_patient *patient)
{
    struct ids *ids = ctx;
    strcat(ids->text, patient->id.str);
    strcat(ids->text, " ");
    return ++ids->n == ids->stop_at ? -4242 : 0;
}

static void test_each_patient__comes_in_order_of_id(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {0};
    static const char *const added[] = {"b", "B", "a", "10", "9", "_", "-"};
    for (size_t i = 0; i < N_OF(added); i++)
        add_patient(f->store, added[i]);
    assert_int_equal(sw_store_each_patient(f->store, gather_id, &ids), 0);
    assert_string_equal(ids.text, "- 10 9 B _ a b ");
}

static void test_each_patient__stops_at_the_first_return_and_returns_it(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {.stop_at = 2};
    add_patient(f->store, "a");
    add_patient(f->store, "b");
    add_patient(f->store, "c");
    assert_int_equal(sw_store_each_patient(f->store, gather_id, &ids), -4242);
    assert_string_equal(ids.text, "a b ");
}

/* Nests the same loop, and changes what it walks over. */
static int gather_nested(void *ctx, const struct sw_patient *patient)
{
    struct ids *outer = ctx;
    struct ids inner = {0};
    gather_id(outer, patient);
    assert_int_equal(sw_store_each_patient(outer->store, gather_id, &inner), 0);
    assert_string_equal(inner.text, "a b c ");
    assert_int_equal(
        sw_store_put_heard(outer->store, patient->key, 1, SW_STAMP_RECEIPT), 0);
    assert_int_equal(sw_store_rename_patient(outer->store, patient->key, "n"), 0);
    return 0;
}

static void test_each_patient__may_call_the_store_again(void **state)
{
    struct fixture *f = *state;
    struct ids ids = {.store = f->store};
    add_patient(f->store, "a");
    add_patient(f->store, "b");
    add_patient(f->store, "c");
    assert_int_equal(sw_store_each_patient(f->store, gather_nested, &ids), 0);
    assert_string_equal(ids.text, "a b c ");
    assert_int_equal(number_of(f->store, "SELECT sum(heard_at_s) FROM patient"), 3);
}

/* ---- plans ---- */

static struct sw_plan plan_with_goal(int32_t goal)
{
    struct sw_plan plan = sw_plan_default();
    plan.goal = goal;
    return plan;
}

static int32_t goal_on(struct sw_store *store, int64_t key, int32_t day)
{
    struct sw_plan plan;
    assert_int_equal(sw_store_plan_on(store, key, day, &plan), 0);
    return plan.goal;
}

static void test_plan__every_field_comes_back(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_plan got, put = {
                            .therapist.str = "anna",
                            .wake_from_min = 1,
                            .wake_to_min = 1440,
                            .rest_limit_min = 480,
                            .nudge_after_min = 2,
                            .break_steps = 10000,
                            .goal = 1000000,
                            .floor = 3,
                            .ceiling = 4,
                            .silent_after_s = 2592000,
                            .fresh_min = 120,
                        };
    assert_int_equal(sw_store_put_plan(f->store, key, 20000, &put), 0);
    reopen(f);
    assert_int_equal(sw_store_plan_on(f->store, key, 20000, &got), 0);
    assert_true(sw_plan_equal(&put, &got));
}

static void test_plan__holds_from_its_day_until_the_next(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    int64_t other = add_patient(f->store, "p2");
    struct sw_plan plan = plan_with_goal(300);
    sw_store_put_plan(f->store, key, 300, &plan);
    plan = plan_with_goal(200);
    sw_store_put_plan(f->store, key, 200, &plan);
    assert_int_equal(goal_on(f->store, key, INT32_MIN), 0);
    assert_int_equal(goal_on(f->store, key, 0), 0);
    assert_int_equal(goal_on(f->store, key, 199), 0);
    assert_int_equal(goal_on(f->store, key, 200), 200);
    assert_int_equal(goal_on(f->store, key, 299), 200);
    assert_int_equal(goal_on(f->store, key, 300), 300);
    assert_int_equal(goal_on(f->store, key, INT32_MAX), 300);
    assert_int_equal(goal_on(f->store, other, 300), 0);
}

static void test_plan__the_earliest_also_holds_before_its_day(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_plan plan = plan_with_goal(500);
    sw_store_put_plan(f->store, key, 500, &plan);
    exec_sql(f->store, "DELETE FROM plan WHERE from_day = 0");
    assert_int_equal(goal_on(f->store, key, 3), 500);
}

static void test_plan__of_the_same_day_replaces(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct sw_plan plan = plan_with_goal(1);
    sw_store_put_plan(f->store, key, 100, &plan);
    plan = plan_with_goal(2);
    sw_store_put_plan(f->store, key, 100, &plan);
    assert_int_equal(goal_on(f->store, key, 100), 2);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM plan"), 2);
}

static void test_plan__of_nobody_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sw_plan plan = plan_with_goal(7);
    assert_int_equal(sw_store_put_plan(f->store, 12345, 0, &plan), -ENOENT);
    assert_true(strlen(sw_store_error(f->store)) > 0);
    assert_int_equal(sw_store_plan_on(f->store, 12345, 0, &plan), SW_STORE_NONE);
    assert_int_equal(plan.goal, 7);
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(sw_store_put_plan(f->store, key, -1, &plan), -EINVAL);
}

struct days {
    int32_t from_day[8], goal[8];
    size_t n;
};

static int gather_plan(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct days *days = ctx;
    days->from_day[days->n] = from_day;
    days->goal[days->n++] = plan->goal;
    return 0;
}

static void test_each_plan__comes_in_order_of_day_from_0(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    struct days days = {0};
    static const int32_t put[] = {300, 20000, 100};
    add_patient(f->store, "p2");
    for (size_t i = 0; i < N_OF(put); i++) {
        struct sw_plan plan = plan_with_goal(put[i]);
        sw_store_put_plan(f->store, key, put[i], &plan);
    }
    assert_int_equal(sw_store_each_plan(f->store, key, gather_plan, &days), 0);
    assert_int_equal(days.n, 4);
    static const int32_t expected[] = {0, 100, 300, 20000};
    assert_memory_equal(days.from_day, expected, sizeof expected);
    assert_memory_equal(days.goal, expected, sizeof expected);
}

struct raise {
    struct sw_store *store;
    int64_t key;
    int n;
};

static int raise_goal(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct raise *raise = ctx;
    struct sw_plan higher = *plan;
    higher.goal++;
    raise->n++;
    return sw_store_put_plan(raise->store, raise->key, from_day, &higher);
}

static void test_each_plan__may_put_the_plans_it_walks_over(void **state)
{
    struct fixture *f = *state;
    struct sw_plan plan = plan_with_goal(10);
    struct raise raise = {.store = f->store, .key = add_patient(f->store, "p1")};
    sw_store_put_plan(f->store, raise.key, 100, &plan);
    assert_int_equal(sw_store_each_plan(f->store, raise.key, raise_goal, &raise), 0);
    assert_int_equal(raise.n, 2);
    assert_int_equal(goal_on(f->store, raise.key, 0), 1);
    assert_int_equal(goal_on(f->store, raise.key, 100), 11);
}

/* ---- transactions ---- */

static void test_rollback__leaves_nothing_of_all_it_spans(void **state)
{
    struct fixture *f = *state;
    struct sw_device_id device = device_id("band");
    struct sw_reading reading = {.start_s = 60, .seconds = 60, .steps = 1, .worn = 1};
    int64_t key = add_patient(f->store, "p1");

    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_put_reading(f->store, key, &device, &reading), 1);
    add_patient(f->store, "p2");
    sw_store_rollback(f->store);
    assert_int_equal(count_readings(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM device"), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM patient"), 1);
    /* the device's number was forgotten too */
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_put_reading(f->store, key, &device, &reading), 1);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(count_readings(f->store), 1);
}

static void test_rollback__of_nothing_is_harmless(void **state)
{
    struct fixture *f = *state;
    sw_store_rollback(f->store);
    add_patient(f->store, "p1");
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM patient"), 1);
}

static void test_commit__without_begin_is_refused(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(sw_store_commit(f->store), -EINVAL);
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_begin(f->store), -EINVAL);
    add_patient(f->store, "p1");
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM patient"), 1);
}

static void test_close__ends_an_open_transaction(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(sw_store_begin(f->store), 0);
    add_patient(f->store, "p1");
    reopen(f);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM patient"), 0);
}

/* Until the file is full, everything; then nothing of that transaction. */
static void test_full_disk__rolls_the_transaction_back_and_says_so(void **state)
{
    struct fixture *f = *state;
    struct sw_device_id device = device_id("band");
    struct sw_reading reading = {.seconds = 60, .steps = 1, .worn = true};
    int64_t key = add_patient(f->store, "p1");
    int64_t pages = number_of(f->store, "PRAGMA page_count");
    char limit[64];
    int r = 0;

    snprintf(limit, sizeof limit, "PRAGMA max_page_count = %lld",
             (long long)(pages + 5));
    exec_sql(f->store, limit);
    assert_int_equal(sw_store_begin(f->store), 0);
    for (int i = 0; i < 10000 && r >= 0; i++) {
        reading.start_s = 60 * i;
        r = sw_store_put_reading(f->store, key, &device, &reading);
    }
    assert_int_equal(r, -ENOSPC);
    assert_string_equal(sw_store_error(f->store), "database or disk is full");
    assert_int_equal(sw_store_commit(f->store), -ECANCELED);
    assert_int_equal(count_readings(f->store), 0);
    exec_sql(f->store, "PRAGMA max_page_count = 100000");
    assert_int_equal(sw_store_put_reading(f->store, key, &device, &reading), 1);
}

static void test_lost_transaction__takes_no_more_writes(void **state)
{
    struct fixture *f = *state;
    struct sw_patient patient = {.id = patient_id("p2")};
    struct sw_plan plan = sw_plan_default();
    int64_t key;
    assert_int_equal(sw_store_begin(f->store), 0);
    add_patient(f->store, "p1");
    exec_sql(f->store, "ROLLBACK"); /* as SQLite does when the disk is full */
    assert_int_equal(sw_store_add_patient(f->store, &patient, &plan, &key), -ECANCELED);
    assert_int_equal(sw_store_commit(f->store), -ECANCELED);
    assert_int_equal(number_of(f->store, "SELECT count(*) FROM patient"), 0);
    assert_int_equal(sw_store_add_patient(f->store, &patient, &plan, &key), 0);
}

static void test_why__is_about_what_failed_and_never_empty(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    assert_string_equal(sw_store_why(f->store, -ENOMEM), strerror(ENOMEM));
    sqlite3_busy_timeout(f->store->db, 0);
    assert_int_equal(sw_store_begin(other), 0);
    assert_int_equal(sw_store_begin(f->store), -EBUSY);
    assert_string_equal(sw_store_why(f->store, -EBUSY), "database is locked");
    assert_string_equal(sw_store_why(f->store, -ENOMEM), strerror(ENOMEM));
    sw_store_close(other);
}

/* ---- two connections ---- */

static void test_epoch__grows_with_another_s_commit_alone(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    uint64_t epoch = sw_store_poll(f->store), other_epoch = sw_store_poll(other);
    add_patient(f->store, "mine");
    assert_int_equal(sw_store_poll(f->store), epoch);
    assert_true(sw_store_poll(other) > other_epoch);
    add_patient(other, "theirs");
    assert_int_equal(sw_store_epoch(f->store), epoch); /* nobody has looked yet */
    assert_true(sw_store_poll(f->store) > epoch);
    epoch = sw_store_epoch(f->store);
    sw_store_begin(other);
    add_patient(other, "rolled-back");
    assert_int_equal(sw_store_poll(f->store), epoch);
    sw_store_rollback(other);
    assert_int_equal(sw_store_poll(f->store), epoch);
    sw_store_close(other);
}

/* Looking takes the news away from nobody. */
static int put_look(struct sw_store *store)
{
    struct sw_audit look = {.at_s = 1792936800,
                            .who = "anna",
                            .how = SW_AUDIT_BOARD,
                            .act = SW_AUDIT_LOOKED,
                            .patient = "p1"};
    return sw_store_put_audit(store, &look);
}

static void test_epoch__notes_of_others_are_no_news_to_who_ignores_them(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    struct sw_contact contact = {.at_s = 1792936800, .who = "anna"};
    int64_t key = add_patient(f->store, "p1");
    sw_store_ignore_notes(f->store);
    uint64_t epoch = sw_store_poll(f->store);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(put_look(other), 0);
        assert_int_equal(sw_store_poll(f->store), epoch);
    }
    assert_int_equal(sw_store_begin(other), 0);
    assert_int_equal(sw_store_put_contact(other, key, &contact), 0);
    assert_int_equal(put_look(other), 0);
    assert_int_equal(sw_store_commit(other), 0);
    assert_int_equal(sw_store_poll(f->store), epoch);
    /* An act with its note, then a look, before anybody asks. */
    assert_int_equal(sw_store_begin(other), 0);
    assert_int_equal(sw_store_rename_patient(other, key, "Ada"), 0);
    assert_int_equal(put_look(other), 0);
    assert_int_equal(sw_store_commit(other), 0);
    assert_int_equal(put_look(other), 0);
    assert_true(sw_store_poll(f->store) > epoch);
    epoch = sw_store_epoch(f->store);
    /* Its own notes do not hide what somebody changes without a note or a count. */
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(put_look(f->store), 0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(sw_store_poll(f->store), epoch);
    assert_int_equal(sw_store_rename_patient(other, key, "Ben"), 0);
    assert_true(sw_store_poll(f->store) > epoch);
    sw_store_close(other);
}

static void test_epoch__is_seen_by_each_reader_for_itself(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    uint64_t seen_by_one = sw_store_poll(f->store), seen_by_two = seen_by_one;
    add_patient(other, "theirs");
    assert_true(sw_store_poll(f->store) != seen_by_one);
    seen_by_one = sw_store_epoch(f->store);
    assert_true(sw_store_poll(f->store) == seen_by_one);
    assert_true(sw_store_poll(f->store) != seen_by_two);
    sw_store_close(other);
}

static void test_reader__sees_only_what_was_committed(void **state)
{
    struct fixture *f = *state;
    struct sw_store *reader = open_again(f, SW_STORE_READ);
    struct sw_patient found;
    sw_store_begin(f->store);
    add_patient(f->store, "p1");
    assert_int_equal(sw_store_find_patient(reader, patient_id("p1"), &found),
                     SW_STORE_NONE);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(sw_store_find_patient(reader, patient_id("p1"), &found), 0);
    sw_store_close(reader);
}

static void test_second_writer__is_told_that_it_is_busy(void **state)
{
    struct fixture *f = *state;
    struct sw_store *other = open_again(f, SW_STORE_WRITE);
    sqlite3_busy_timeout(other->db, 20);
    assert_int_equal(sw_store_begin(f->store), 0);
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(sw_store_begin(other), -EBUSY);
    assert_int_equal(sw_store_put_heard(other, key, 1, SW_STAMP_RECEIPT), -EBUSY);
    assert_int_equal(sw_store_put_meta(other, "a", "b"), -EBUSY);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(sw_store_put_heard(other, key, 7, SW_STAMP_RECEIPT), 0);
    sw_store_close(other);
    struct sw_patient found;
    assert_int_equal(sw_store_find_patient(f->store, patient_id("p1"), &found), 0);
    assert_int_equal(found.heard_at_s, 7);
}

enum { ROUNDS = 40, READINGS_A_ROUND = 20 };

static void write_rounds(struct sw_store *store, int64_t key, const char *name)
{
    struct sw_device_id device = device_id(name);
    for (int round = 0; round < ROUNDS; round++) {
        assert_int_equal(sw_store_begin(store), 0);
        for (int i = 0; i < READINGS_A_ROUND; i++) {
            struct sw_reading reading = {.start_s = 60 * (round * READINGS_A_ROUND + i),
                                         .seconds = 60};
            assert_int_equal(sw_store_put_reading(store, key, &device, &reading), 1);
        }
        assert_int_equal(sw_store_commit(store), 0);
    }
}

static void test_two_processes__write_in_turn_and_lose_nothing(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    sw_store_close(f->store); /* a connection does not survive a fork */
    f->store = NULL;
    pid_t child = fork();
    assert_true(child >= 0);
    struct sw_store *store = open_again(f, SW_STORE_WRITE);
    write_rounds(store, key, child == 0 ? "child" : "parent");
    sw_store_close(store);
    if (child == 0)
        _exit(0);
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    f->store = open_again(f, SW_STORE_CHECK);
    assert_int_equal(count_readings(f->store), 2 * ROUNDS * READINGS_A_ROUND);
}

static void write_and_die(const struct fixture *f)
{
    struct sw_store *store = open_again(f, SW_STORE_WRITE);
    assert_int_equal(sw_store_begin(store), 0);
    add_patient(store, "committed");
    assert_int_equal(sw_store_commit(store), 0);
    assert_int_equal(sw_store_begin(store), 0);
    add_patient(store, "open");
    kill(getpid(), SIGKILL);
}

static void test_kill_9__keeps_what_was_committed_and_nothing_else(void **state)
{
    struct fixture *f = *state;
    struct sw_patient found;
    int status = 0;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        write_and_die(f);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    f->store = open_again(f, SW_STORE_CHECK);
    assert_int_equal(sw_store_find_patient(f->store, patient_id("committed"), &found),
                     0);
    assert_int_equal(sw_store_find_patient(f->store, patient_id("open"), &found),
                     SW_STORE_NONE);
}

static void test_bytes__is_the_size_of_the_file_and_its_log(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    reopen(f); /* folds the WAL into the file */
    assert_int_equal(stat(f->path, &st), 0);
    assert_true(st.st_size > 4096);
    assert_int_equal(sw_store_bytes(f->store), st.st_size);
    assert_int_equal(sw_store_put_meta(f->store, "x", "y"), 0);
    assert_true(sw_store_bytes(f->store) > st.st_size);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_add_patient__is_found_with_all_it_holds),
        TEST(test_add_patient__twice_leaves_the_first_alone),
        TEST(test_find_patient__says_none_and_leaves_ret_alone),
        TEST(test_patient_id__of_digits_stays_text),
        TEST(test_patient_id__of_full_length_fits),
        TEST(test_patient_key__is_never_given_twice),
        TEST(test_rename__changes_the_name_alone),
        TEST(test_put_heard__is_stored_as_given),
        TEST(test_each_patient__comes_in_order_of_id),
        TEST(test_each_patient__stops_at_the_first_return_and_returns_it),
        TEST(test_each_patient__may_call_the_store_again),
        TEST(test_plan__every_field_comes_back),
        TEST(test_plan__holds_from_its_day_until_the_next),
        TEST(test_plan__the_earliest_also_holds_before_its_day),
        TEST(test_plan__of_the_same_day_replaces),
        TEST(test_plan__of_nobody_is_refused),
        TEST(test_each_plan__comes_in_order_of_day_from_0),
        TEST(test_each_plan__may_put_the_plans_it_walks_over),
        TEST(test_rollback__leaves_nothing_of_all_it_spans),
        TEST(test_rollback__of_nothing_is_harmless),
        TEST(test_commit__without_begin_is_refused),
        TEST(test_close__ends_an_open_transaction),
        TEST(test_full_disk__rolls_the_transaction_back_and_says_so),
        TEST(test_lost_transaction__takes_no_more_writes),
        TEST(test_why__is_about_what_failed_and_never_empty),
        TEST(test_epoch__grows_with_another_s_commit_alone),
        TEST(test_epoch__notes_of_others_are_no_news_to_who_ignores_them),
        TEST(test_epoch__is_seen_by_each_reader_for_itself),
        TEST(test_reader__sees_only_what_was_committed),
        TEST(test_second_writer__is_told_that_it_is_busy),
        TEST(test_two_processes__write_in_turn_and_lose_nothing),
        TEST_FOLDER(test_kill_9__keeps_what_was_committed_and_nothing_else),
        TEST(test_bytes__is_the_size_of_the_file_and_its_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
