/* Table `day`: the contract's columns, and what comes back of a row. */
#include "store_fixture.h"

enum { DAY = 20522 /* 2026-03-10 */ };

static struct sw_day_row full_row(void)
{
    return (struct sw_day_row){
        .day = DAY,
        .steps = 3178,
        .active_min = 30,
        .still_min = 740,
        .unworn_min = 6,
        .unknown_min = 4,
        .coverage_pct = 98,
        .longest_rest_min = 400,
        .longest_rest_from = 9 * 60 + 40,
        .rests_60 = 3,
        .active_hours = 2,
        .brisk_min = 20,
        .valid = true,
        .goal = 6000,
        .goal_pct = 52,
        .n_pains = 3,
        .pain_max = 7.5,
        .pain_mean = 5.25,
    };
}

struct rows {
    struct sw_day_row row[16];
    size_t n, stop_at;
};

static int gather(void *ctx, const struct sw_day_row *row)
{
    struct rows *rows = ctx;
    rows->row[rows->n++] = *row;
    return rows->n == rows->stop_at ? 17 : 0;
}

static struct rows rows_of(struct sw_store *store, const char *patient, int32_t from,
                           int32_t to)
{
    struct rows rows = {0};
    struct sw_patient_id id = patient_id(patient ? patient : "");
    assert_int_equal(
        sw_store_each_day(store, patient ? &id : NULL, from, to, gather, &rows), 0);
    return rows;
}

static void test_day__comes_back_as_it_was_put(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row put = full_row();
    int64_t key = add_patient(f->store, "007");
    assert_int_equal(sw_store_put_day(f->store, key, DAY, &put), 0);
    reopen(f);
    struct rows rows = rows_of(f->store, "007", DAY, DAY);
    struct sw_day_row got = rows.row[0];
    assert_int_equal(rows.n, 1);
    assert_string_equal(got.patient.str, "007");
    assert_int_equal(got.day, DAY);
    assert_int_equal(got.steps, 3178);
    assert_int_equal(got.active_min, 30);
    assert_int_equal(got.still_min, 740);
    assert_int_equal(got.unworn_min, 6);
    assert_int_equal(got.unknown_min, 4);
    assert_int_equal(got.coverage_pct, 98);
    assert_int_equal(got.longest_rest_min, 400);
    assert_int_equal(got.longest_rest_from, 580);
    assert_int_equal(got.rests_60, 3);
    assert_int_equal(got.active_hours, 2);
    assert_int_equal(got.brisk_min, 20);
    assert_true(got.valid);
    assert_int_equal(got.goal, 6000);
    assert_int_equal(got.goal_pct, 52);
    assert_int_equal(got.n_pains, 1);
    assert_true(got.pain_max == 7.5);
    assert_true(got.pain_mean == (double)5.2); /* an i386 calculates with more */
}

static void test_day__has_the_contract_s_columns_in_their_order(void **state)
{
    struct fixture *f = *state;
    char names[400];
    text_of(f->store, "SELECT group_concat(name) FROM pragma_table_info('day')", names,
            sizeof names);
    assert_string_equal(
        names, "patient,day,steps,active_min,still_min,unworn_min,unknown_min,"
               "coverage_pct,longest_rest_min,longest_rest_from,rests_60,active_hours,"
               "brisk_min,valid,goal,goal_pct,pain_max,pain_mean");
}

static void test_day__is_stored_as_people_read_it(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    char text[400];
    sw_store_put_day(f->store, add_patient(f->store, "p1"), DAY, &row);
    text_of(f->store,
            "SELECT concat FROM (SELECT patient || ' ' || day || ' ' ||"
            " longest_rest_from || ' ' || valid || ' ' || goal || ' ' || pain_max ||"
            " ' ' || pain_mean AS concat FROM day)",
            text, sizeof text);
    assert_string_equal(text, "p1 2026-03-10 09:40 1 6000 7.5 5.2");
}

static void test_day__without_rest_goal_or_scores_has_empty_fields(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    row.longest_rest_min = 0;
    row.longest_rest_from = -1;
    row.goal = 0;
    row.n_pains = 0;
    row.valid = false;
    sw_store_put_day(f->store, add_patient(f->store, "p1"), DAY, &row);
    assert_int_equal(number_of(f->store, "SELECT goal IS NULL AND goal_pct IS NULL AND"
                                         " pain_max IS NULL AND pain_mean IS NULL AND"
                                         " longest_rest_from = '' FROM day"),
                     1);
    struct rows rows = rows_of(f->store, "p1", DAY, DAY);
    assert_int_equal(rows.row[0].longest_rest_from, -1);
    assert_int_equal(rows.row[0].goal, 0);
    assert_int_equal(rows.row[0].goal_pct, 0);
    assert_int_equal(rows.row[0].n_pains, 0);
    assert_false(rows.row[0].valid);
}

static void test_day__a_rest_from_midnight_is_not_none(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    row.longest_rest_from = 0;
    sw_store_put_day(f->store, add_patient(f->store, "p1"), DAY, &row);
    assert_int_equal(rows_of(f->store, "p1", DAY, DAY).row[0].longest_rest_from, 0);
}

static void test_day__mean_is_rounded_as_it_is_printed(void **state)
{
    struct fixture *f = *state;
    int64_t key = add_patient(f->store, "p1");
    static const double means[] = {0, 0.05, 0.15, 0.25, 0.35, 3.45, 6.65, 9.95, 10};
    for (size_t i = 0; i < N_OF(means); i++) {
        struct sw_day_row row = full_row();
        char printed[16], stored[16];
        row.pain_mean = means[i];
        assert_int_equal(sw_store_put_day(f->store, key, DAY, &row), 0);
        snprintf(printed, sizeof printed, "%.1f", means[i]);
        text_of(f->store, "SELECT pain_mean FROM day", stored, sizeof stored);
        assert_string_equal(stored, printed);
        double got = rows_of(f->store, "p1", DAY, DAY).row[0].pain_mean;
        assert_true(got == strtod(printed, NULL));
    }
}

static void test_day__put_again_replaces_and_null_removes(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    int64_t key = add_patient(f->store, "p1"), other = add_patient(f->store, "p2");
    sw_store_put_day(f->store, key, DAY, &row);
    sw_store_put_day(f->store, other, DAY, &row);
    row.steps = 4000;
    row.goal = 0;
    assert_int_equal(sw_store_put_day(f->store, key, DAY, &row), 0);
    assert_int_equal(rows_of(f->store, "p1", DAY, DAY).row[0].steps, 4000);
    assert_int_equal(rows_of(f->store, "p1", DAY, DAY).row[0].goal, 0);
    assert_int_equal(rows_of(f->store, "p2", DAY, DAY).row[0].steps, 3178);
    assert_int_equal(sw_store_put_day(f->store, key, DAY, NULL), 0);
    assert_int_equal(sw_store_put_day(f->store, key, DAY, NULL), 0);
    assert_int_equal(rows_of(f->store, "p1", DAY, DAY).n, 0);
    assert_int_equal(rows_of(f->store, "p2", DAY, DAY).n, 1);
}

/* Otherwise every commit would rewrite today's rows on the card. */
static void test_day__put_unchanged_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    int64_t key = add_patient(f->store, "p1");
    sw_store_put_day(f->store, key, DAY, &row);
    int64_t before = sqlite3_total_changes(f->store->db);
    assert_int_equal(sw_store_put_day(f->store, key, DAY, &row), 0);
    row.n_pains = 0;
    row.goal = 0;
    assert_int_equal(sqlite3_total_changes(f->store->db), before);
    assert_int_equal(sw_store_put_day(f->store, key, DAY, &row), 0);
    assert_int_equal(sqlite3_total_changes(f->store->db), before + 1);
    assert_int_equal(sw_store_put_day(f->store, key, DAY, &row), 0);
    assert_int_equal(sqlite3_total_changes(f->store->db), before + 1);
}

static void test_day__of_nobody_or_no_date_is_refused(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    int64_t key = add_patient(f->store, "p1");
    assert_int_equal(sw_store_put_day(f->store, key + 1, DAY, &row), -EINVAL);
    assert_int_equal(sw_store_put_day(f->store, key, -1, &row), -EINVAL);
    assert_int_equal(sw_store_put_day(f->store, key, 84006, &row), -EINVAL);
    assert_int_equal(sw_store_put_day(f->store, key, INT32_MAX, NULL), -EINVAL);
    assert_int_equal(sw_store_put_day(f->store, key, 0, &row), 0);
    assert_int_equal(sw_store_put_day(f->store, key, 84005, &row), 0);
    struct rows rows = rows_of(f->store, NULL, INT32_MIN, INT32_MAX);
    assert_int_equal(rows.n, 2);
    assert_int_equal(rows.row[0].day, 0);
    assert_int_equal(rows.row[1].day, 84005);
}

static void test_day__keeps_the_extremes(void **state)
{
    struct fixture *f = *state;
    struct sw_day_row row = full_row();
    row.steps = INT64_MAX;
    row.goal = 1;
    row.goal_pct = INT64_MAX;
    row.brisk_min = INT32_MAX;
    sw_store_put_day(f->store, add_patient(f->store, "p1"), DAY, &row);
    struct sw_day_row got = rows_of(f->store, "p1", DAY, DAY).row[0];
    assert_int_equal(got.steps, INT64_MAX);
    assert_int_equal(got.goal_pct, INT64_MAX);
    assert_int_equal(got.brisk_min, INT32_MAX);
}

static void put_three_days(struct sw_store *store, const char *patient)
{
    struct sw_day_row row = full_row();
    int64_t key = add_patient(store, patient);
    for (int32_t day = DAY + 2; day >= DAY; day--)
        assert_int_equal(sw_store_put_day(store, key, day, &row), 0);
}

static void test_each_day__comes_by_patient_then_day(void **state)
{
    struct fixture *f = *state;
    put_three_days(f->store, "b");
    put_three_days(f->store, "a");
    add_patient(f->store, "c");
    struct rows rows = rows_of(f->store, NULL, DAY + 1, DAY + 9);
    assert_int_equal(rows.n, 4);
    for (size_t i = 0; i < rows.n; i++) {
        assert_string_equal(rows.row[i].patient.str, i < 2 ? "a" : "b");
        assert_int_equal(rows.row[i].day, DAY + 1 + (int)(i % 2));
    }
    rows = rows_of(f->store, "b", 0, DAY + 1);
    assert_int_equal(rows.n, 2);
    assert_string_equal(rows.row[0].patient.str, "b");
    assert_int_equal(rows.row[0].day, DAY);
    assert_int_equal(rows_of(f->store, "nobody", 0, INT32_MAX).n, 0);
    assert_int_equal(rows_of(f->store, NULL, DAY + 1, DAY).n, 0);
    assert_int_equal(rows_of(f->store, NULL, INT32_MIN, -1).n, 0);
}

static void test_each_day__of_one_day_comes_by_patient(void **state)
{
    struct fixture *f = *state;
    put_three_days(f->store, "b");
    put_three_days(f->store, "a");
    struct rows rows = rows_of(f->store, NULL, DAY + 1, DAY + 1);
    assert_int_equal(rows.n, 2);
    for (size_t i = 0; i < rows.n; i++) {
        assert_string_equal(rows.row[i].patient.str, i < 1 ? "a" : "b");
        assert_int_equal(rows.row[i].day, DAY + 1);
    }
}

static void test_each_day__stops_at_the_first_return_and_returns_it(void **state)
{
    struct fixture *f = *state;
    struct rows rows = {.stop_at = 2};
    put_three_days(f->store, "a");
    assert_int_equal(sw_store_each_day(f->store, NULL, DAY, DAY + 2, gather, &rows),
                     17);
    assert_int_equal(rows.n, 2);
}

struct refresh {
    struct sw_store *store;
    int64_t key;
    int n;
};

static int put_while_walking(void *ctx, const struct sw_day_row *row)
{
    struct refresh *refresh = ctx;
    struct sw_day_row changed = *row;
    changed.steps = row->steps + 1;
    if (++refresh->n > 3)
        return -ELOOP;
    return sw_store_put_day(refresh->store, refresh->key, row->day, &changed);
}

static void test_each_day__may_put_the_days_it_walks_over(void **state)
{
    struct fixture *f = *state;
    put_three_days(f->store, "a");
    struct refresh refresh = {.store = f->store};
    struct sw_patient patient;
    sw_store_find_patient(f->store, patient_id("a"), &patient);
    refresh.key = patient.key;
    assert_int_equal(sw_store_begin(f->store), 0);
    assert_int_equal(sw_store_each_day(f->store, &patient.id, DAY, DAY + 2,
                                       put_while_walking, &refresh),
                     0);
    assert_int_equal(sw_store_commit(f->store), 0);
    assert_int_equal(refresh.n, 3);
    struct rows rows = rows_of(f->store, "a", DAY, DAY + 2);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(rows.row[i].steps, 3179);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(test_day__comes_back_as_it_was_put),
        TEST(test_day__has_the_contract_s_columns_in_their_order),
        TEST(test_day__is_stored_as_people_read_it),
        TEST(test_day__without_rest_goal_or_scores_has_empty_fields),
        TEST(test_day__a_rest_from_midnight_is_not_none),
        TEST(test_day__mean_is_rounded_as_it_is_printed),
        TEST(test_day__put_again_replaces_and_null_removes),
        TEST(test_day__put_unchanged_writes_nothing),
        TEST(test_day__of_nobody_or_no_date_is_refused),
        TEST(test_day__keeps_the_extremes),
        TEST(test_each_day__comes_by_patient_then_day),
        TEST(test_each_day__of_one_day_comes_by_patient),
        TEST(test_each_day__stops_at_the_first_return_and_returns_it),
        TEST(test_each_day__may_put_the_days_it_walks_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
