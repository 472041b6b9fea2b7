/* test_site.c -- `site` prints the topics of the configured site, and no others. */
#include "cli_fixture.h"

static int set_up(void **state)
{
    struct clinic *clinic = malloc(sizeof *clinic);
    assert_non_null(clinic);
    clinic_init(clinic);
    *state = clinic;
    return 0;
}

static int tear_down(void **state)
{
    clinic_fini(*state);
    free(*state);
    return 0;
}

static void configure(struct clinic *clinic, const char *site, const char *more)
{
    FILE *file = fopen(clinic->config, "w");
    assert_non_null(file);
    fprintf(file,
            "site = \"%s\"\n"
            "timezone = \"Europe/Berlin\"\n"
            "data_dir = \"%s/data\"\n"
            "%s\n",
            site, clinic->folder, more);
    assert_int_equal(fclose(file), 0);
}

static void assert_fits(const char *text)
{
    for (; *text; text += strcspn(text, "\n") + 1)
        if (strcspn(text, "\n") > 80)
            fail_msg("wider than 80 columns: %.*s", (int)strcspn(text, "\n"), text);
}

static void test_site__without_a_database_has_placeholders(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "site"), CLI_OK);
    assert_says(clinic->out, "clinic/main/patient/<patient>/steps ");
    assert_says(clinic->out, "clinic/main/alerts/<therapist>/<patient>/<kind>/set ");
    assert_says(clinic->out, "\nbroker: mqtt://localhost:1883 ");
    assert_fits(clinic->out);
    assert_int_equal(RUN(clinic, "site", "p017"), CLI_OK);
    assert_says(clinic->out, "clinic/main/patient/p017/steps ");
    assert_says(clinic->out, "clinic/main/alerts/<therapist>/p017/<kind> ");
    assert_says(clinic->out, "p017 is no patient yet: `stepward patient add p017`\n");
    assert_fits(clinic->out);
}

static void test_site__is_the_configured_one(void **state)
{
    struct clinic *clinic = *state;
    configure(clinic, "praxis-nord",
              "broker { uri = \"mqtts://broker.example:8883\" }");
    assert_int_equal(RUN(clinic, "site", "p017"), CLI_OK);
    assert_says(clinic->out, "clinic/praxis-nord/patient/p017/pain ");
    assert_says(clinic->out, "\nbroker: mqtts://broker.example:8883\n");
    assert_silent_about(clinic->out, "clinic/main");
    assert_fits(clinic->out);
}

static void test_site__of_a_patient_has_the_therapist_of_today(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "patient", "add", "p017"), CLI_OK);
    assert_int_equal(RUN(clinic, "patient", "set", "p017", "--therapist", "ben",
                         "--from", "2026-10-26"),
                     CLI_OK);
    assert_int_equal(RUN(clinic, "site", "p017", "--kind", "rest"), CLI_OK);
    assert_says(clinic->out, "clinic/main/alerts/anna/p017/rest/set ");
    assert_says(clinic->out, "clinic/main/digest/anna ");
    assert_silent_about(clinic->out, "no patient yet");
    clinic->now_s += 24 * 3600;
    assert_int_equal(RUN(clinic, "site", "p017"), CLI_OK);
    assert_says(clinic->out, "clinic/main/digest/ben ");
}

static void test_site__names_the_sources_filters(void **state)
{
    struct clinic *clinic = *state;
    configure(clinic, "main",
              "source band { topic = \"home/+/BT/{device}\" total = \"/steps\" }");
    assert_int_equal(RUN(clinic, "site"), CLI_OK);
    assert_says(clinic->out, "\nhome/+/BT/+ ");
    assert_says(clinic->out, " source band\n");
    assert_int_equal(RUN(clinic, "site", "--format", "csv"), CLI_OK);
    assert_says(clinic->out, "\nband,home/+/BT/+,device,source band\n");
}

static void test_site__in_csv_and_json_every_topic_has_its_name(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "site", "p1", "--format", "csv"), CLI_OK);
    assert_golden(clinic->out, "site.csv");
    assert_int_equal(RUN(clinic, "site", "p1", "--format", "json"), CLI_OK);
    assert_golden(clinic->out, "site.json");
}

static void assert_topic(struct clinic *clinic, const char *name, const char *topic)
{
    char line[128];
    snprintf(line, sizeof line, "%s\n", topic);
    assert_int_equal(RUN(clinic, "site", "p017", "--topic", name), CLI_OK);
    assert_string_equal(clinic->out, line);
}

static void test_topic__is_printed_alone(void **state)
{
    struct clinic *clinic = *state;
    assert_topic(clinic, "steps", "clinic/main/patient/p017/steps");
    assert_topic(clinic, "alerts", "clinic/main/alerts/+/p017/+"); /* nobody knows */
    assert_int_equal(RUN(clinic, "patient", "add", "p017"), CLI_OK);
    assert_topic(clinic, "steps", "clinic/main/patient/p017/steps");
    assert_topic(clinic, "pain", "clinic/main/patient/p017/pain");
    assert_topic(clinic, "today", "clinic/main/patient/p017/today");
    assert_topic(clinic, "nudge", "clinic/main/patient/p017/nudge");
    assert_topic(clinic, "alerts", "clinic/main/alerts/anna/p017/+");
    assert_topic(clinic, "set", "clinic/main/alerts/anna/p017/+/set");
    assert_topic(clinic, "board", "clinic/main/board/anna/p017");
    assert_topic(clinic, "patients", "clinic/main/patients/anna");
    assert_topic(clinic, "digest", "clinic/main/digest/anna");
    assert_topic(clinic, "status", "clinic/main/gateway/status");
    assert_topic(clinic, "health", "clinic/main/gateway/health");
    assert_int_equal(RUN(clinic, "site", "p017", "--topic", "set", "--kind", "rest"),
                     CLI_OK);
    assert_string_equal(clinic->out, "clinic/main/alerts/anna/p017/rest/set\n");
    assert_int_equal(RUN(clinic, "site", "--topic", "alerts"), CLI_OK);
    assert_string_equal(clinic->out, "clinic/main/alerts/+/+/+\n");
}

static void test_usage__what_there_is_not_is_refused(void **state)
{
    struct clinic *clinic = *state;
    assert_int_equal(RUN(clinic, "site", "p017", "--topic", "step"), CLI_USAGE);
    assert_says(clinic->err, "it is one of steps, pain, today, nudge, alerts, set, "
                             "board, patients, digest, status, health");
    assert_int_equal(RUN(clinic, "site", "--kind", "nap"), CLI_USAGE);
    assert_says(clinic->err, "no such kind");
    assert_int_equal(RUN(clinic, "site", "p 17"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "site", "p1", "p2"), CLI_USAGE);
    assert_int_equal(RUN(clinic, "site", "--topic", "steps", "--format", "csv"),
                     CLI_USAGE);
    assert_string_equal(clinic->out, "");
}

static void put_file(const struct clinic *clinic, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", clinic->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

static void remove_file(const struct clinic *clinic, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", clinic->folder, name);
    assert_int_equal(remove(path), 0);
}

static void test_rights__a_new_therapist_is_missed_in_a_list_in_force(void **state)
{
    static const char missed[] = "the broker's access list does not name carla yet";
    struct clinic *clinic = *state;
    char path[128], settings[160];
    snprintf(path, sizeof path, "%s/conf.d", clinic->folder);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(RUN(clinic, "patient", "add", "p1", "--therapist", "carla"), 0);
    assert_silent_about(clinic->out, missed); /* no settings of ours */
    snprintf(settings, sizeof settings, "#acl_file %s/list\n", clinic->folder);
    put_file(clinic, "conf.d/stepward.conf", settings);
    put_file(clinic, "list",
             "user anna\ntopic write clinic/main/alerts/anna/+/+/set\n");
    assert_int_equal(RUN(clinic, "patient", "add", "p2", "--therapist", "carla"), 0);
    assert_silent_about(clinic->out, missed); /* not in force */
    put_file(clinic, "conf.d/stepward.conf", settings + 1);
    assert_int_equal(RUN(clinic, "patient", "add", "p3", "--therapist", "carla"), 0);
    assert_says(clinic->out, "added p3\n");
    assert_says(clinic->out, missed);
    assert_says(clinic->out, "`sudo scripts/install`");
    assert_int_equal(RUN(clinic, "patient", "set", "p3", "--therapist", "anna"), 0);
    assert_silent_about(clinic->out, "access list");
    assert_int_equal(RUN(clinic, "patient", "set", "p3", "--therapist", "carla"), 0);
    assert_says(clinic->out, missed);
    remove_file(clinic, "list");
    assert_int_equal(RUN(clinic, "patient", "add", "p4", "--therapist", "carla"), 0);
    assert_silent_about(clinic->out, missed); /* not for us to read */
    remove_file(clinic, "conf.d/stepward.conf");
    remove_file(clinic, "conf.d");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_site__without_a_database_has_placeholders),
        TEST(test_site__is_the_configured_one),
        TEST(test_site__of_a_patient_has_the_therapist_of_today),
        TEST(test_site__names_the_sources_filters),
        TEST(test_site__in_csv_and_json_every_topic_has_its_name),
        TEST(test_topic__is_printed_alone),
        TEST(test_rights__a_new_therapist_is_missed_in_a_list_in_force),
        TEST(test_usage__what_there_is_not_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
