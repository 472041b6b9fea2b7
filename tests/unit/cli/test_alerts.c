/* test_alerts.c -- `alerts`, `ack` and `today` on stored alerts. */
#include "cli_fixture.h"

#include "records/records.h"

static void fill(struct clinic *clinic)
{
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--name", "Jürgen"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p2", "--therapist", "ben"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p3"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "add", "p4"), CLI_OK);

    struct sw_alert rest = make_alert("p1", SW_ALERT_REST, NOW_S - 3600);
    struct sw_alert medium = make_alert("p2", SW_ALERT_REST, NOW_S - 1800);
    medium.level = SW_LEVEL_MEDIUM;
    strcpy(medium.therapist.str, "ben");
    struct sw_alert closed = make_alert("p1", SW_ALERT_SILENT, NOW_S - 5 * 86400);
    closed.state = SW_STATE_CLOSED;
    closed.reason = SW_REASON_HEARD;
    closed.closed_at_s = closed.updated_at_s = NOW_S - 5 * 86400 + 600;
    strcpy(closed.by, "anna");
    strcpy(closed.note, "said \"later\", \033[31mhung up");
    struct sw_alert old = make_alert("p3", SW_ALERT_SILENT, NOW_S - 30 * 86400);
    old.state = SW_STATE_CLOSED;
    old.reason = SW_REASON_HEARD;
    old.closed_at_s = old.updated_at_s = old.opened_at_s + 60;
    put_alert(clinic, &rest);
    put_alert(clinic, &medium);
    put_alert(clinic, &closed);
    put_alert(clinic, &old);
    put_reading(clinic, "p4", TODAY_S + 10 * 3600, 42, true);
    assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone,
                                        patient_key(clinic, "p4"),
                                        sw_day_of(&clinic->zone, NOW_S)),
                     0);
}

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    clinic_init(clinic);
    fill(clinic);
    clinic_gateway_is_well(clinic);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void alert_id(const struct sw_alert *alert, char out[SW_ALERT_ID_MAX + 1])
{
    sw_alert_id_format(alert, out);
}

static void test_alerts__csv_is_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--all", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "alerts.csv");
}

static void test_alerts__json_is_the_whole_payload_and_stable(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--all", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "alerts.json");
    assert_silent_about(clinic->out, "\033");
}

static void test_alerts__open_ones_alone_unless_all_are_asked(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_says(clinic->out, "p1-rest-");
    assert_silent_about(clinic->out, "silent");
    assert_int_equal(RUN(clinic, "alerts", "--all"), CLI_OK);
    assert_says(clinic->out, "open, and closed since 2026-10-19, Europe/Berlin\n");
    assert_says(clinic->out, "p1-silent-");
    assert_silent_about(clinic->out, "p3-silent-");
    assert_int_equal(RUN(clinic, "alerts", "--all", "--days", "31"), CLI_OK);
    assert_says(clinic->out, "p3-silent-");
}

static void test_alerts__filters_narrow_them(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--patient", "p2"), CLI_OK);
    assert_says(clinic->out, "p2-rest-");
    assert_silent_about(clinic->out, "p1-rest-");
    assert_int_equal(RUN(clinic, "alerts", "--therapist", "anna"), CLI_OK);
    assert_says(clinic->out, "p1-rest-");
    assert_silent_about(clinic->out, "p2-rest-");
    assert_int_equal(RUN(clinic, "alerts", "--patient", "p3"), CLI_OK);
    assert_string_equal(clinic->out, "no open alerts\n");
    assert_int_equal(RUN(clinic, "alerts", "--patient", "p9"), CLI_FAILED);
    assert_int_equal(RUN(clinic, "alerts", "--therapist", "a/b"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "alerts", "p1"), CLI_USAGE);
}

/* Two letters swapped must not look like a clinic where all is well. */
static void test_therapist__a_mistyped_one_is_no_therapist_without_alerts(void **state)
{
    struct clinic *clinic = *state;
    static const char *const commands[] = {"alerts", "today", "digest"};
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        assert_int_equal(RUN(clinic, commands[i], "--therapist", "ana"), CLI_FAILED);
        assert_string_equal(clinic->err,
                            "stepward: no therapist ana: did you mean anna?\n");
        assert_int_equal(RUN(clinic, commands[i], "--therapist", "zacharias"),
                         CLI_FAILED);
        assert_says(clinic->err, "no therapist zacharias: ");
        assert_int_equal(RUN(clinic, commands[i], "--therapist", "a b"), CLI_USAGE);
        assert_int_equal(RUN(clinic, commands[i], "--therapist", "ben"), CLI_OK);
    }
    assert_int_equal(RUN(clinic, "alerts", "--stats", "--therapist", "ana"),
                     CLI_FAILED);
}

/* One that has no patient any more, and still an alert. */
static void test_therapist__of_an_alert_alone_is_known(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p3", SW_ALERT_REST, NOW_S - 60);
    strcpy(alert.therapist.str, "carl");
    put_alert(clinic, &alert);
    assert_int_equal(RUN(clinic, "alerts", "--therapist", "carl"), CLI_OK);
    assert_says(clinic->out, "p3-rest-");
}

static void test_history__tells_who_when_from_to_and_why(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S - 3600);
    char id[SW_ALERT_ID_MAX + 1];
    alert_id(&alert, id);
    assert_int_equal(RUN(clinic, "ack", id, "--by", "Änne", "--note", "called her"),
                     CLI_OK);
    clinic->now_s += 60;
    assert_int_equal(
        RUN(clinic, "shelve", id, "--for", "2h", "--by", "ben", "--note", "dentist"),
        CLI_OK);
    clinic->now_s += 60;
    assert_int_equal(RUN(clinic, "unshelve", id, "--by", "ben"), CLI_OK);
    alert.state = SW_STATE_CLOSED;
    alert.reason = SW_REASON_MOVED;
    alert.closed_at_s = alert.updated_at_s = clinic->now_s + 60;
    assert_int_equal(sw_store_put_alert(clinic_store(clinic), patient_key(clinic, "p1"),
                                        &alert, SW_STATE_ACKNOWLEDGED, "gateway",
                                        "moved"),
                     0);
    assert_int_equal(RUN(clinic, "alerts", "--history", id, "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "alerts_history.csv");
    assert_int_equal(RUN(clinic, "alerts", "--history", id, "--format", "json"),
                     CLI_OK);
    assert_golden(clinic->out, "alerts_history.json");
    assert_int_equal(RUN(clinic, "alerts", "--history", id), CLI_OK);
    assert_says(clinic->out, "of therapist anna: p1 moved again after 2 h 5 min");
}

static void test_history__of_one_alert_alone(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "alerts", "--history", "p1-rest-1"), CLI_FAILED);
    assert_says(clinic->err, "no alert p1-rest-1: see `stepward alerts --all`");
    assert_int_equal(RUN(clinic, "alerts", "--history", "x", "--all"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "alerts", "--history", "x", "--stats"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "alerts", "--history"), CLI_USAGE);
}

static void test_today__most_urgent_first_one_line_a_patient(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "today.csv");
    const char *medium = strstr(clinic->out, "\np2,"),
               *low = strstr(clinic->out, "\np1,");
    const char *no_data = strstr(clinic->out, "\np3,"),
               *well = strstr(clinic->out, "\np4,");
    assert_true(medium && low && no_data && well);
    assert_true(medium < low && low < no_data && no_data < well);
}

/* Where it cannot stay, it is printed once. */
static void test_today__watched_it_has_the_day(void **state)
{
    struct clinic *clinic = *state;
    for (int minute = 8 * 60; minute < 16 * 60; minute++) /* 25 hours: from 08:00 on */
        put_reading(clinic, "p4", TODAY_S + 3600 + minute * 60,
                    minute / 20 % 4 == 1 ? 20 : 0,
                    minute < 11 * 60 || minute > 12 * 60);
    assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone,
                                        patient_key(clinic, "p4"),
                                        sw_day_of(&clinic->zone, NOW_S)),
                     0);
    GOLDEN_TABLE(clinic, "today_watch.80.txt", "today", "--watch");
    assert_int_equal(RUN(clinic, "today", "--watch", "--format", "json"), CLI_USAGE);
    assert_says(clinic->err, "--watch");
}

static void test_today__table_says_which_day_and_hour(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_says(clinic->out, "2026-10-25 15:00, Europe/Berlin\n");
    assert_says(clinic->out, "resting since 12:25 (medium)");
    assert_says(clinic->out, "no data today");
    assert_says(clinic->out, "Jürgen");
    assert_int_equal(RUN(clinic, "today", "--therapist", "ben"), CLI_OK);
    assert_says(clinic->out, "p2");
    assert_silent_about(clinic->out, "p1");
}

/* Opened in the opposite order of their urgency. */
static void put_one_of_each_kind(struct clinic *clinic)
{
    static const enum sw_alert_kind by_urgency[] = {
        SW_ALERT_PAIN,   SW_ALERT_REST,     SW_ALERT_LOW,    SW_ALERT_OVER,
        SW_ALERT_SILENT, SW_ALERT_UNUSABLE, SW_ALERT_UNWORN, SW_ALERT_BATTERY};
    for (int i = SW_ALERT_KINDS - 1; i >= 0; i--) {
        char id[16];
        snprintf(id, sizeof id, "k%d", SW_ALERT_KINDS - i);
        assert_int_equal(RUN(clinic, "patient", "add", id), CLI_OK);
        struct sw_alert alert = make_alert(id, by_urgency[i], NOW_S - 7200 - 60 * i);
        put_alert(clinic, &alert);
    }
}

static void test_today__of_one_level_the_patient_comes_before_the_device(void **state)
{
    struct clinic *clinic = *state;
    static const char *const order[] = {"\nk8,,anna,pain since",
                                        "\nk7,,anna,resting since",
                                        "\np1,Jürgen,anna,resting",
                                        "\nk6,,anna,days under the floor since",
                                        "\nk5,,anna,over the ceiling since",
                                        "\nk4,,anna,device silent since",
                                        "\nk3,,anna,data unusable since",
                                        "\nk2,,anna,device not worn since",
                                        "\nk1,,anna,battery low since"};
    put_one_of_each_kind(clinic);
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    const char *at = strstr(clinic->out, "\np2,"); /* medium */
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        assert_non_null(at);
        at = strstr(at, order[i]);
    }
    assert_non_null(at);
}

static void test_today__a_line_tells_the_most_urgent_alert_first(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert battery = make_alert("p1", SW_ALERT_BATTERY, NOW_S - 7200);
    struct sw_alert low = make_alert("p1", SW_ALERT_LOW, NOW_S - 60);
    low.level = SW_LEVEL_MEDIUM;
    put_alert(clinic, &battery);
    put_alert(clinic, &low);
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    assert_says(clinic->out,
                "p1,Jürgen,anna,days under the floor since 14:59 (medium); "
                "resting since 11:55 (low); battery low since 13:00 (low)");
}

/* As in the payload: what is no number is null. */
static void test_export__evidence_that_there_is_none_of_is_null(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert pain = make_alert("p3", SW_ALERT_PAIN, NOW_S - 60);
    pain.evidence[0] = 850;
    pain.evidence[1] = SW_EVIDENCE_NONE;
    pain.evidence[2] = 1;
    put_alert(clinic, &pain);
    assert_int_equal(RUN(clinic, "patient", "export", "p3"), CLI_OK);
    assert_says(clinic->out, "\"evidence\":[850,null,1]");
}

static void test_list__a_narrow_terminal_shows_what_is_shelved(void **state)
{
    struct clinic *clinic = *state;
    clinic->width = 80;
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_null(strstr(clinic->out, "shelved"));
    assert_int_equal(RUN(clinic, "shelve", "p2", "--for", "2h"), CLI_OK);
    assert_int_equal(RUN(clinic, "alerts"), CLI_OK);
    assert_says(clinic->out, "17:00");
    clinic->width = 0;
}

static void test_tables__fit_a_terminal_of_80_columns(void **state)
{
    struct clinic *clinic = *state;
    put_one_of_each_kind(clinic);
    assert_int_equal(RUN(clinic, "patient", "set", "k3", "--name",
                         "Anna-Maria Sonnenschein", "--therapist", "frau.dr.meyer"),
                     CLI_OK);
    GOLDEN_TABLE(clinic, "alerts.80.txt", "alerts", "--all");
    GOLDEN_TABLE(clinic, "today.80.txt", "today");
    GOLDEN_TABLE(clinic, "patients.80.txt", "patient", "list");
    GOLDEN_TABLE(clinic, "patient.80.txt", "patient", "show", "p1");
    GOLDEN_TABLE(clinic, "digest.80.txt", "digest");
}

/* A score of pain alone makes a row of the day: of its steps nothing is known. */
static void test_today__no_steps_are_known_where_nothing_was_counted(void **state)
{
    struct clinic *clinic = *state;
    struct sw_pain pain = {.at_s = NOW_S - 60, .score = 3};
    assert_true(
        sw_store_put_pain(clinic_store(clinic), patient_key(clinic, "p3"), &pain) >= 0);
    assert_int_equal(sw_records_refresh(clinic_store(clinic), &clinic->zone,
                                        patient_key(clinic, "p3"),
                                        sw_day_of(&clinic->zone, NOW_S)),
                     0);
    assert_int_equal(RUN(clinic, "today", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "p3,,anna,no data today,,,,,");
    assert_int_equal(RUN(clinic, "summary", "p3", "--day", "today", "--format", "csv"),
                     CLI_OK);
    assert_says(clinic->out, "p3,2026-10-25,0,0,0,0,780,"); /* the contract's number */
    GOLDEN_TABLE(clinic, "summary.80.txt", "summary", "--day", "today");
}

static void test_ack__state_and_publication_are_stored_together(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert alert = make_alert("p1", SW_ALERT_REST, NOW_S - 3600), stored;
    struct sw_outbound outbound;
    int64_t key;
    char id[SW_ALERT_ID_MAX + 1];
    alert_id(&alert, id);
    assert_int_equal(
        RUN(clinic, "ack", id, "--by", "Änne", "--note", "called, is well"), CLI_OK);
    assert_int_equal(sw_store_find_alert(clinic_store(clinic), id, &key, &stored), 0);
    assert_int_equal(stored.state, SW_STATE_ACKNOWLEDGED);
    assert_int_equal(stored.rev, 2);
    assert_int_equal(stored.updated_at_s, NOW_S);
    assert_string_equal(stored.by, "Änne");
    assert_string_equal(stored.note, "called, is well");
    assert_int_equal(sw_store_next_outbound(clinic_store(clinic), 0, &outbound), 0);
    assert_string_equal(outbound.topic, "clinic/main/alerts/anna/p1/rest");
    assert_says(outbound.payload, "\"state\":\"acknowledged\"");
    assert_says(outbound.payload, "\"rev\":2");
    free(outbound.payload);
    assert_int_equal(RUN(clinic, "today"), CLI_OK);
    assert_says(clinic->out, "(low, acknowledged)");
}

static void test_ack__what_cannot_be_acknowledged_is_refused(void **state)
{
    struct clinic *clinic = *state;
    struct sw_alert closed = make_alert("p1", SW_ALERT_SILENT, NOW_S - 5 * 86400);
    char id[SW_ALERT_ID_MAX + 1], long_text[SW_ALERT_NOTE_MAX + 2];
    alert_id(&closed, id);
    assert_int_equal(RUN(clinic, "ack", id), CLI_FAILED);
    assert_says(clinic->err, "is closed already (heard)");
    assert_int_equal(RUN(clinic, "ack", "p1-rest-1"), CLI_FAILED);
    assert_says(clinic->err, "see `stepward alerts`");
    assert_int_equal(RUN(clinic, "ack"), CLI_USAGE);
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    assert_int_equal(RUN(clinic, "ack", id, "--note", long_text), CLI_USAGE);
    assert_int_equal(RUN(clinic, "ack", id, "--by", "a\033b"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "ack", id, "--by", ""), CLI_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_alerts__csv_is_stable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_alerts__json_is_the_whole_payload_and_stable, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_alerts__open_ones_alone_unless_all_are_asked, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_alerts__filters_narrow_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_therapist__a_mistyped_one_is_no_therapist_without_alerts, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(test_therapist__of_an_alert_alone_is_known,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_history__tells_who_when_from_to_and_why,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_history__of_one_alert_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(
            test_today__most_urgent_first_one_line_a_patient, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_today__of_one_level_the_patient_comes_before_the_device, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_today__a_line_tells_the_most_urgent_alert_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_today__watched_it_has_the_day, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_today__table_says_which_day_and_hour,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_export__evidence_that_there_is_none_of_is_null, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_tables__fit_a_terminal_of_80_columns,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_list__a_narrow_terminal_shows_what_is_shelved, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_today__no_steps_are_known_where_nothing_was_counted, set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_ack__state_and_publication_are_stored_together, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_ack__what_cannot_be_acknowledged_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
