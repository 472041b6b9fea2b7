/* test_incidents.c -- what happens to the gateway is said once and remembered. */
#include <stdio.h>
#include <unistd.h>

#include "draw.h"

#include "daemon/incidents.h"

static const int64_t T = 20522 * (int64_t)86400;

static void begin_full(struct incidents *incidents, int64_t now_s)
{
    incidents_begin(incidents, SW_INCIDENT_CANNOT_STORE, now_s, "the disk is full");
}

static void end_full(struct incidents *incidents, int64_t now_s)
{
    incidents_end(incidents, SW_INCIDENT_CANNOT_STORE, now_s, "written again");
}

static void
test_trouble__is_a_problem_while_it_lasts_and_an_incident_after(void **state)
{
    (void)state;
    struct incidents incidents = {0};
    struct sw_health health = {0};
    begin_full(&incidents, T);
    incidents_fill_health(&incidents, T + 5, &health);
    assert_string_equal(health.problem, "the disk is full");
    assert_string_equal(health.incident, "");
    end_full(&incidents, T + 60);
    incidents_fill_health(&incidents, T + 61, &health);
    assert_string_equal(health.problem, "");
    assert_string_equal(health.incident, "2026-03-10T00:00:00Z the disk is full");
    incidents_fill_health(&incidents, T + SW_INCIDENT_SHOWN_S, &health);
    assert_string_equal(health.incident, "");
}

static void test_trouble__begun_again_while_it_lasts_is_the_same(void **state)
{
    (void)state;
    struct incidents incidents = {0};
    begin_full(&incidents, T);
    incidents_committed(&incidents);
    begin_full(&incidents, T + 5);
    assert_int_equal(incidents.last[SW_INCIDENT_CANNOT_STORE].at_s, T);
    assert_false(incidents.unstored[SW_INCIDENT_CANNOT_STORE]);
    end_full(&incidents, T + 6);
    begin_full(&incidents, T + 7);
    assert_int_equal(incidents.last[SW_INCIDENT_CANNOT_STORE].at_s, T + 7);
}

static void test_trouble__the_worst_that_lasts_is_the_problem(void **state)
{
    (void)state;
    struct incidents incidents = {0};
    struct sw_health health = {0};
    incidents_begin(&incidents, SW_INCIDENT_CLIENT_ID_TAKEN, T, "taken");
    begin_full(&incidents, T + 1);
    incidents_fill_health(&incidents, T + 2, &health);
    assert_string_equal(health.problem, "the disk is full");
}

/* What was wrong with the last connection lasts: only a new one can tell. */
static void test_trouble__of_a_connection_is_no_reason_why_there_is_none(void **state)
{
    (void)state;
    static const enum sw_incident_kind kinds[] = {SW_INCIDENT_SITE_SHARED,
                                                  SW_INCIDENT_MUTE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct incidents incidents = {0};
        struct sw_health health = {0};
        incidents_begin(&incidents, kinds[i], T, "of the connection");
        incidents_fill_health(&incidents, T + 1, &health);
        assert_string_equal(health.problem, "of the connection");
        strcpy(incidents.offline, "cannot connect: refused");
        incidents_fill_health(&incidents, T + 2, &health);
        assert_string_equal(health.problem, "cannot connect: refused");
        incidents.offline[0] = '\0';
        incidents_fill_health(&incidents, T + 3, &health);
        assert_string_equal(health.problem, "of the connection");
    }
}

static void
test_trouble__noted_in_a_row_is_one_incident_with_the_last_text(void **state)
{
    (void)state;
    struct incidents incidents = {0};
    const struct sw_incident *last = &incidents.last[SW_INCIDENT_SESSION_LOST];
    incidents_note(&incidents, SW_INCIDENT_SESSION_LOST, T, "from 1 to 2");
    incidents_note(&incidents, SW_INCIDENT_SESSION_LOST, T + 9, "from 1 to 3");
    assert_int_equal(last->at_s, T);
    assert_string_equal(last->text, "from 1 to 3");
    incidents_note(&incidents, SW_INCIDENT_SESSION_LOST, T + INCIDENTS_SAME_S,
                   "from 4 to 5");
    assert_int_equal(last->at_s, T + INCIDENTS_SAME_S);
}

static int keep(void *ctx, const struct sw_incident *incident)
{
    *(struct sw_incident *)ctx = *incident;
    return 0;
}

static void
test_trouble__what_lasted_at_the_end_of_a_run_is_over_in_the_next(void **state)
{
    (void)state;
    struct incidents before = {0}, after = {0};
    struct sw_incident stored = {0};
    struct sw_store *store;
    char folder[] = "/tmp/stepward-XXXXXX", path[64], why[SW_WHY_MAX];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/t.db", folder);
    assert_int_equal(sw_store_open(&store, path, SW_STORE_WRITE, why), 0);
    begin_full(&before, T);
    assert_int_equal(incidents_store(&before, store), 0);
    assert_int_equal(incidents_load(&after, store, T + 100), 0);
    assert_false(incidents_lasts(&after, SW_INCIDENT_CANNOT_STORE));
    assert_int_equal(incidents_store(&after, store), 0);
    assert_int_equal(sw_store_each_incident(store, 0, keep, &stored), 0);
    assert_int_equal(stored.at_s, T);
    assert_int_equal(stored.over_at_s, T + 100);
    sw_store_close(store);
    unlink(path);
    rmdir(folder);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_trouble__is_a_problem_while_it_lasts_and_an_incident_after),
        cmocka_unit_test(test_trouble__begun_again_while_it_lasts_is_the_same),
        cmocka_unit_test(test_trouble__the_worst_that_lasts_is_the_problem),
        cmocka_unit_test(test_trouble__of_a_connection_is_no_reason_why_there_is_none),
        cmocka_unit_test(
            test_trouble__noted_in_a_row_is_one_incident_with_the_last_text),
        cmocka_unit_test(
            test_trouble__what_lasted_at_the_end_of_a_run_is_over_in_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
