/* help_plan.c -- the options for the fields of a plan, with what holds if they are left
 * out: the patient's values where one is named, else the defaults for new patients.
 * Help is there without a configuration and without a database, too. */
#include <string.h>

#include "cli/help.h"
#include "cli/patient.h"
#include "cli/plan_options.h"
#include "cli/window.h"
#include "stepward/host.h"

/* What is said of the plan behind each field. */
struct values {
    struct sw_plan plan;
    const char *word; /* "default"; NULL: nothing is known */
};

static bool load_patient(struct cli *cli, const char *word, struct sw_plan *ret)
{
    char why[SW_WHY_MAX];
    struct sw_patient patient;
    struct sw_patient_id id = {""};
    if (!sw_id_is_valid(word, strlen(word)))
        return false;
    strcpy(id.str, word);
    bool is_there = cli_reach_store(cli, SW_STORE_READ, why) == 0 &&
                    sw_store_find_patient(cli->store, id, &patient) == 0 &&
                    sw_store_plan_on(cli->store, patient.key, cli_today(cli), ret) == 0;
    sw_store_close(cli->store);
    cli->store = NULL;
    return is_there;
}

/* The first word that is no option; one behind an option may be its value, and is then
 * no patient. */
static const char *patient_among(int n, char *const *words)
{
    for (int i = 0; i < n; i++)
        if (words[i][0] != '-')
            return words[i];
    return NULL;
}

static void read_values(struct cli *cli, const struct cli_command *command,
                        const char *path, const char *patient, struct values *ret)
{
    char why[SW_WHY_MAX];
    bool is_new = strcmp(command->name, "patient add") == 0;
    *ret = (struct values){sw_plan_default(), is_new ? "default" : NULL};
    if (sw_config_load(&cli->config, path, SW_CONFIG_OF_OTHERS, why) < 0)
        return;
    ret->plan = cli->config.plan;
    if (!is_new && patient && sw_zone_load(&cli->zone, cli->config.timezone) == 0) {
        ret->word = load_patient(cli, patient, &ret->plan) ? "now" : NULL;
        sw_zone_fini(&cli->zone);
    }
    sw_config_fini(&cli->config);
}

void cli_help_plan(struct cli *cli, const struct cli_command *command, const char *path,
                   int n, char *const *words)
{
    const struct sw_plan_field *field;
    struct values values;
    char name[CLI_PLAN_NAME_MAX], value[SW_PLAN_TEXT_MAX], help[SW_WHY_MAX];
    const char *patient = patient_among(n, words);
    read_values(cli, command, path, patient, &values);
    bool is_of_patient = values.word && strcmp(values.word, "now") == 0;
    fprintf(cli->out, "\nthe plan%s%s:\n", is_of_patient ? " of " : "",
            is_of_patient ? patient : "");
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        cli_plan_option_name(field, name);
        sw_plan_get(&values.plan, field->key, value);
        if (values.word)
            snprintf(help, sizeof help, "%s (%s %s)", field->help, values.word, value);
        else
            snprintf(help, sizeof help, "%s", field->help);
        cli_help_option(name, cli_plan_value_name(field), help, cli->out);
    }
}
