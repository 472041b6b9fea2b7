/* test_patient.c -- `patient add|set|show|list`: plans from days on, and what follows;
 * and what `patient erase` would erase. */
#include "cli_fixture.h"

#include <sqlite3.h>

#include "records/records.h"

static int set_up(void **state)
{
    *state = malloc(sizeof(struct clinic));
    clinic_init(*state);
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static struct sw_plan plan_on(struct clinic *clinic, const char *id, int32_t day)
{
    struct sw_plan plan;
    assert_int_equal(
        sw_store_plan_on(clinic_store(clinic), patient_key(clinic, id), day, &plan), 0);
    return plan;
}

static int32_t today_of(const struct clinic *clinic)
{
    return sw_day_of(&clinic->zone, NOW_S);
}

static void test_add__works_before_the_gateway_ever_ran(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "007", "--name", "Jürgen",
                         "--rest-limit", "2h", "--wake", "09:00-20:00"),
                     CLI_OK);
    assert_string_equal(clinic->out, "added 007\n");
    struct sw_patient patient;
    assert_int_equal(
        sw_store_find_patient(clinic_store(clinic), patient_id("007"), &patient), 0);
    assert_string_equal(patient.name, "Jürgen");
    assert_int_equal(patient.added_at_s, NOW_S);
    struct sw_plan plan = plan_on(clinic, "007", 0);
    assert_string_equal(plan.therapist.str, "anna"); /* of the configuration */
    assert_int_equal(plan.goal, 6000);
    assert_int_equal(plan.rest_limit_min, 120);
    assert_int_equal(plan.wake_from_min, 9 * 60);
    assert_int_equal(plan.wake_to_min, 20 * 60);
}

static void test_add__an_existing_patient_stays_as_it_is(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--goal", "5000"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--goal", "1"), CLI_FAILED);
    assert_says(clinic->err, "p1 exists already");
    assert_int_equal(plan_on(clinic, "p1", 0).goal, 5000);
}

static void test_add__what_cannot_be_is_refused(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "a b"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient", "add", ""), CLI_USAGE);
    assert_int_equal(
        RUN(clinic, "patient", "add", "1234567890123456789012345678901234567"),
        CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--rest-limit", "9h"),
                     CLI_USAGE);
    assert_says(clinic->err, "--rest-limit 9h: ");
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "a\nb"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--floor", "6001"), CLI_USAGE);
    assert_says(clinic->err, "floor 6001 is above the goal, 6000: change both");
    assert_int_equal(RUN(clinic, "patient", "add"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient", "list"), CLI_FAILED);
    assert_says(clinic->err, "no database in "); /* nothing was made on the way */
}

/* The broker tells logins by name alone. */
static void
test_names__a_patient_is_no_therapist_and_no_therapist_a_patient(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--therapist", "ben"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "ben"), CLI_FAILED);
    assert_says(clinic->err, "ben is a therapist, and the broker tells logins by name: "
                             "choose another id for the patient");
    assert_int_equal(RUN(clinic, "patient", "add", "anna"), CLI_FAILED); /* of the
                                     configuration */
    assert_int_equal(RUN(clinic, "patient", "add", "p2", "--therapist", "p1"),
                     CLI_FAILED);
    assert_says(clinic->err, "p1 is a patient, and the broker tells logins by name: "
                             "choose another id for the therapist");
    assert_int_equal(RUN(clinic, "patient", "add", "p2", "--therapist", "p2"),
                     CLI_FAILED);
    assert_int_equal(RUN(clinic, "patient", "add", "p2"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "set", "p2", "--therapist", "p1"),
                     CLI_FAILED);
    assert_says(clinic->err, "p1 is a patient");
    assert_int_equal(RUN(clinic, "patient", "set", "p2", "--therapist", "p2"),
                     CLI_FAILED);
    assert_string_equal(plan_on(clinic, "p2", 0).therapist.str, "anna");
    /* Who was ben's patient moves on: ben stays a therapist's name while the plan of
     * then names him; and who was erased may still have a login. */
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--therapist", "anna"),
                     CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "ben"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "patient", "erase", "p1", "--yes"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "set", "p2", "--therapist", "p1"),
                     CLI_FAILED);
    assert_says(clinic->err, "p1 is a patient who was erased");
    assert_int_equal(RUN(clinic, "patient", "add", "ben"), CLI_OK);
    char backups[128];
    clinic_path(clinic, "backup", backups);
    rmdir(backups); /* the erasure looked there */
}

static void test_set__the_plan_changes_from_today_on(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(
        RUN(clinic, "patient", "set", "p1", "--goal", "8000", "--name", "Jo"), CLI_OK);
    assert_int_equal(plan_on(clinic, "p1", today_of(clinic) - 1).goal, 6000);
    assert_int_equal(plan_on(clinic, "p1", today_of(clinic)).goal, 8000);
    assert_string_equal(plan_on(clinic, "p1", today_of(clinic)).therapist.str, "anna");
    assert_int_equal(RUN(clinic, "patient", "show", "p1"), CLI_OK);
    assert_says(clinic->out, "p1, Jo, added");
}

static void test_set__stored_days_follow_the_plan_of_their_day(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    int64_t key = patient_key(clinic, "p1");
    for (int i = 0; i < 2; i++) {
        put_reading(clinic, "p1", TODAY_S + 10 * 3600 - i * 86400, 60, true);
        assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone, key,
                                            today_of(clinic) - i),
                         0);
    }
    assert_int_equal(
        RUN(clinic, "patient", "set", "p1", "--goal", "120", "--from", "2026-10-25"),
        CLI_OK);
    assert_int_equal(RUN(clinic, "summary", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, ",6000,1,,\n");
    assert_says(clinic->out, ",120,50,,\n");
}

static void test_set__a_past_day_is_a_correction_and_says_so(void **state)
{
    struct clinic *clinic = *state;
    int32_t yesterday = today_of(clinic) - 1;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(
        RUN(clinic, "patient", "set", "p1", "--goal", "8000", "--from", "yesterday"),
        CLI_OK);
    assert_string_equal(clinic->out,
                        "changed p1\n  goal 6000 -> 8000, from 2026-10-24\n"
                        "the days since 2026-10-24 are computed anew; alerts that "
                        "are over stay as they were\n");
    assert_int_equal(plan_on(clinic, "p1", yesterday - 1).goal, 6000);
    assert_int_equal(plan_on(clinic, "p1", yesterday).goal, 8000);
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--goal", "7000"), CLI_OK);
    assert_string_equal(clinic->out,
                        "changed p1\n  goal 8000 -> 7000, from 2026-10-25\n");
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--goal", "7000", "--wake",
                         "07:00-21:00", "--name", "Ada"),
                     CLI_OK);
    assert_string_equal(clinic->out,
                        "changed p1\n  name Ada\n"
                        "  wake 08:00-21:00 -> 07:00-21:00, from 2026-10-25\n"
                        "  goal was 7000 already\n");
}

/* A field follows a change into later plans until it was changed there itself. */
static void test_set__later_plans_keep_what_they_changed_themselves(void **state)
{
    struct clinic *clinic = *state;
    int32_t day = today_of(clinic);
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(
        RUN(clinic, "patient", "set", "p1", "--goal", "9000", "--from", "2026-12-01"),
        CLI_OK);
    assert_int_equal(
        RUN(clinic, "patient", "set", "p1", "--goal", "7000", "--rest-limit", "90m"),
        CLI_OK);
    assert_string_equal(clinic->out,
                        "changed p1\n  rest_limit 3h -> 90m, from 2026-10-25\n"
                        "  goal 6000 -> 7000, from 2026-10-25, then 9000 by the plan "
                        "of 2026-12-01\n");
    assert_int_equal(plan_on(clinic, "p1", day - 1).goal, 6000);
    assert_int_equal(plan_on(clinic, "p1", day).goal, 7000);
    assert_int_equal(plan_on(clinic, "p1", day).rest_limit_min, 90);
    assert_int_equal(plan_on(clinic, "p1", day + 60).goal, 9000);
    assert_int_equal(plan_on(clinic, "p1", day + 60).rest_limit_min, 90);
    assert_int_equal(RUN(clinic, "patient", "show", "p1", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, ",2026-12-01,");
}

static char *outbound_on(struct clinic *clinic, const char *topic)
{
    struct sw_outbound outbound = {.seq = 0};
    while (sw_store_next_outbound(clinic_store(clinic), outbound.seq, &outbound) == 0) {
        if (strcmp(outbound.topic, topic) == 0)
            return outbound.payload;
        free(outbound.payload);
    }
    fail_msg("nothing to publish on %s", topic);
    return NULL;
}

static void test_set__open_alerts_move_to_the_new_therapist(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S - 60), stored;
    char id[SW_ALERT_ID_MAX + 1];
    int64_t key;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    put_alert(clinic, &alert);
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--therapist", "ben"), CLI_OK);
    char *cleared = outbound_on(clinic, "clinic/main/alerts/anna/p1/rest");
    char *moved = outbound_on(clinic, "clinic/main/alerts/ben/p1/rest");
    assert_string_equal(cleared, "");
    assert_says(moved, "\"therapist\":\"ben\"");
    assert_says(moved, "\"rev\":2");
    sw_alert_id_format(&alert, id);
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), id, &key, &stored), 0);
    assert_string_equal(stored.therapist.str, "ben");
    assert_int_equal(stored.state, SW_STATE_OPEN);
    free(cleared);
    free(moved);
}

static void test_set__a_later_therapist_leaves_todays_alert_alone(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S - 60);
    struct sw_outbound outbound;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    put_alert(clinic, &alert);
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--therapist", "ben", "--from",
                         "2026-10-26"),
                     CLI_OK);
    assert_int_equal(sw_store_next_outbound(clinic_store(clinic), 0, &outbound),
                     SW_STORE_NONE);
}

static void test_set__nothing_changes_when_something_is_wrong(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    assert_int_equal(
        RUN(clinic, "patient", "set", "p1", "--name", "Jo", "--goal", "-1"), CLI_USAGE);
    struct sw_patient patient;
    assert_int_equal(
        sw_store_find_patient(clinic_store(clinic), patient_id("p1"), &patient), 0);
    assert_string_equal(patient.name, "");
    assert_int_equal(RUN(clinic, "patient", "set", "p1"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--from", "today"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "patient", "set", "p9", "--goal", "1"), CLI_FAILED);
    assert_says(clinic->err, "no patient p9");
}

static void test_set__does_not_make_a_database(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "set", "p1", "--goal", "1"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "patient", "list"), CLI_FAILED);
    assert_says(clinic->err, "stepward patient add");
}

static void test_list__is_in_order_of_id_with_plans(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p2", "--goal", "0"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "Jürgen"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "list", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "patients.csv");
    assert_int_equal(RUN(clinic, "patient", "list", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "patients.json");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
/* Another program removes the patient's data behind the command's first statement about
 * readings: SQLite reports each statement that ends. */
static char traced[128]; /* the database; "" when it is done */

static int on_statement(unsigned what, void *ctx, void *statement, void *took_ns)
{
    sqlite3 *db;
    (void)what, (void)ctx, (void)took_ns;
    if (!*traced || !strstr(sqlite3_sql(statement), "FROM readings_run"))
        return 0;
    assert_int_equal(sqlite3_open(traced, &db), SQLITE_OK);
    traced[0] = '\0';
    assert_int_equal(sqlite3_exec(db,
                                  "DELETE FROM readings_run; DELETE FROM recent;"
                                  " DELETE FROM device; DELETE FROM alert;"
                                  " DELETE FROM contact",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    return 0;
}

static int trace_database(sqlite3 *db, char **error, const void *api)
{
    (void)error, (void)api;
    return sqlite3_trace_v2(db, SQLITE_TRACE_PROFILE, on_statement, NULL);
}

static void test_erase__says_what_would_go_as_of_one_moment(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p1"), CLI_OK);
    for (int32_t minute = 0; minute < 200; minute++)
        put_reading(clinic, "p1", TODAY_S + minute * 60, 10, true);
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S - 3600);
    put_alert(clinic, &alert);
    assert_int_equal(RUN(clinic, "contact", "p1", "--outcome", "called"), CLI_OK);
    clinic_path(clinic, "stepward.db", traced);
    assert_int_equal(sqlite3_auto_extension((void (*)(void))trace_database), SQLITE_OK);
    assert_int_equal(RUN(clinic, "patient", "erase", "p1"), CLI_USAGE);
    sqlite3_reset_auto_extension();
    assert_string_equal(traced, "");
    assert_says(clinic->err, "p1 has 200 readings, 0 days, 1 alert and 1 contact, and "
                             "there ");
    assert_int_equal(RUN(clinic, "patient", "erase", "p1"), CLI_USAGE);
    assert_says(clinic->err, "p1 has 0 readings, 0 days, 0 alerts and 0 contacts, and "
                             "there ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_add__works_before_the_gateway_ever_ran),
        TEST(test_add__an_existing_patient_stays_as_it_is),
        TEST(test_add__what_cannot_be_is_refused),
        TEST(test_names__a_patient_is_no_therapist_and_no_therapist_a_patient),
        TEST(test_set__the_plan_changes_from_today_on),
        TEST(test_set__stored_days_follow_the_plan_of_their_day),
        TEST(test_set__a_past_day_is_a_correction_and_says_so),
        TEST(test_set__later_plans_keep_what_they_changed_themselves),
        TEST(test_set__open_alerts_move_to_the_new_therapist),
        TEST(test_set__a_later_therapist_leaves_todays_alert_alone),
        TEST(test_set__nothing_changes_when_something_is_wrong),
        TEST(test_set__does_not_make_a_database),
        TEST(test_list__is_in_order_of_id_with_plans),
        TEST(test_erase__says_what_would_go_as_of_one_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
