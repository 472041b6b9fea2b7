/* help.c -- help, printed from the tables of commands, plan fields and rules.
 * The man pages say more; a test compares them with the same tables. */
#include <string.h>

#include "cli/cli.h"
#include "cli/text.h"
#include "cli/window.h"
#include "stepward/host.h"
#include "stepward/rule.h"

enum {
    NAME_WIDTH = 14,
    OPTION_WIDTH = 26,
    LINE_WIDTH = 80,
    INDENT = 11,
    TEXT_MAX = 400
};

static void list_commands(const char *prefix, FILE *out)
{
    const struct cli_command *command;
    for (size_t i = 0; (command = cli_command(i)); i++)
        if (strncmp(command->name, prefix, strlen(prefix)) == 0) {
            fprintf(out, "  %-*s ", NAME_WIDTH, command->name);
            cli_print_wrapped(out, command->help, LINE_WIDTH, NAME_WIDTH + 3);
        }
}

void cli_help(FILE *out)
{
    fputs(
        "usage: stepward [-c FILE] COMMAND ...\n"
        "\n"
        "Stepward follows the steps of a clinic's patients and supports a therapist's\n"
        "plan. It is not an emergency or diagnostic device.\n"
        "\n"
        "commands:\n",
        out);
    list_commands("", out);
    fprintf(out, "  %-*s %s\n", NAME_WIDTH, "help",
            "what a command does, and its options");
    fputs("\nkinds of alerts (`stepward alerts --help` says when each is raised):\n ",
          out);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        fprintf(out, " %s", sw_alert_kind_name((enum sw_alert_kind)kind));
    fputs(
        "\n"
        "\n"
        "Listings take --format table, csv or json. In CSV a text that begins with = + "
        "-\n"
        "or @ has a ' before it, so that no spreadsheet takes it for a formula.\n"
        "\n"
        "  -c FILE, --config FILE  the configuration (default $STEPWARD_CONFIG, then\n"
        "                          /etc/stepward/stepward.conf)\n"
        "  --version               print the version\n"
        "  --help                  print this; stepward help COMMAND says more\n"
        "\n"
        "exit codes: 0 done, 1 it failed, 2 wrong usage or configuration\n",
        out);
}

void cli_help_group(const char *word, FILE *out)
{
    fprintf(out, "usage: stepward %s COMMAND ...\n\ncommands:\n", word);
    list_commands(word, out);
}

static void help_option(const char *name, const char *value, const char *help,
                        FILE *out)
{
    int n = fprintf(out, "  --%s%s%s", name, value ? " " : "", value ? value : "");
    if (n > OPTION_WIDTH)
        n = fprintf(out, "\n") - 1;
    fprintf(out, "%*s", OPTION_WIDTH + 2 - n, "");
    cli_print_wrapped(out, help, LINE_WIDTH, OPTION_WIDTH + 2);
}

/* ---- the options for the fields of a plan ---- */

static bool help_load_patient(struct cli *cli, const char *word, struct sw_plan *ret)
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

/* Each option shows what holds if it is left out: "default" for new patients, or "now"
 * where a patient is named. Help works without a configuration and without a database,
 * too: then NULL is returned, and nothing is shown. */
static const char *look_up_plan(struct cli *cli, const char *path, const char *patient,
                                struct sw_plan *ret)
{
    char why[SW_WHY_MAX];
    const char *word =
        strcmp(cli->command->name, "patient add") == 0 ? "default" : NULL;
    *ret = sw_plan_default();
    if (sw_config_load(&cli->config, path, SW_CONFIG_OF_OTHERS, why) < 0)
        return word;
    *ret = cli->config.plan;
    if (!word && patient && sw_zone_load(&cli->zone, cli->config.timezone) == 0) {
        word = help_load_patient(cli, patient, ret) ? "now" : NULL;
        sw_zone_fini(&cli->zone);
    }
    sw_config_fini(&cli->config);
    return word;
}

static void help_plan(struct cli *cli, const char *path, int n, char *const *words)
{
    static const char *const values[] = {
        [SW_PLAN_ID] = "ID",
        [SW_PLAN_WINDOW] = "HH:MM-HH:MM",
        [SW_PLAN_DURATION] = "DURATION",
        [SW_PLAN_NUMBER] = "N",
    };
    const struct sw_plan_field *field;
    struct sw_plan plan;
    char name[CLI_PLAN_NAME_MAX], text[SW_PLAN_TEXT_MAX], help[SW_WHY_MAX];
    int i = 0; /* a word behind an option may be its value, and is then no patient */
    while (i < n && words[i][0] == '-')
        i++;
    const char *patient = i < n ? words[i] : NULL;
    const char *word = look_up_plan(cli, path, patient, &plan);
    bool is_of_patient = word && strcmp(word, "now") == 0;
    fprintf(cli->out, "\nthe plan%s%s:\n", is_of_patient ? " of " : "",
            is_of_patient ? patient : "");
    for (size_t j = 0; (field = sw_plan_field(j)); j++) {
        cli_plan_option_name(field, name);
        sw_plan_get(&plan, field->key, text);
        if (word)
            snprintf(help, sizeof help, "%s (%s %s)", field->help, word, text);
        else
            snprintf(help, sizeof help, "%s", field->help);
        help_option(name, values[field->type], help, cli->out);
    }
}

void cli_help_command(struct cli *cli, const char *path, int n, char *const *words)
{
    const struct cli_command *command = cli->command;
    FILE *out = cli->out;
    fprintf(out, "usage: stepward %s%s%s [options]\n\n%s\n\noptions:\n", command->name,
            command->words ? " " : "", command->words ? command->words : "",
            command->help);
    for (const struct cli_option *option = command->options; option->name; option++)
        help_option(option->name, option->value, option->help, out);
    help_option("help", NULL, "print this", out);
    if (command->takes_plan)
        help_plan(cli, path, n, words);
    if (command->more_help)
        command->more_help(out);
    if (command->note)
        fprintf(out, "\n%s\n", command->note);
    fprintf(out, "\nexample:\n  %s\n", command->example);
}

/* ---- the kinds of alerts ---- */

/* README has this table too, and a test compares them. */

/* A line without the marks of `code`, wrapped under where its label begins. */
static void help_kind(const char *margin, const char *label, const char *text,
                      FILE *out)
{
    char line[TEXT_MAX];
    size_t n = (size_t)snprintf(line, sizeof line, "%s", label);
    for (; *text && n < TEXT_MAX - 1; text++)
        if (*text != '`')
            line[n++] = *text;
    line[n] = '\0';
    fprintf(out, "  %-*s", INDENT - 2, margin);
    cli_print_wrapped(out, line, LINE_WIDTH, INDENT);
}

void cli_help_kinds(FILE *out)
{
    fputs("\nkinds of alerts:\n", out);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        const struct sw_rule *rule = sw_rule((enum sw_alert_kind)kind);
        help_kind(rule->name, "", rule->text->level, out);
        help_kind("", "raised: ", rule->text->raised, out);
        help_kind("", "closes: ", rule->text->closes, out);
    }
}
