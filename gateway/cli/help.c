/* help.c -- help, printed from the tables of commands, plan fields and rules.
 * The man pages say more; a test compares them with the same tables. */
#include "cli/help.h"

#include <string.h>

#include "cli/patient.h"
#include "cli/plan_fields.h"
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

static void list_kinds(FILE *out)
{
    fputs("\nkinds of alerts (`stepward alerts --help` says when each is raised):\n ",
          out);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        fprintf(out, " %s", sw_alert_kind_name((enum sw_alert_kind)kind));
    fputc('\n', out);
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
    list_kinds(out);
    fputs(
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

void cli_help_option(const char *name, const char *value, const char *help, FILE *out)
{
    int n = fprintf(out, "  --%s%s%s", name, value ? " " : "", value ? value : "");
    if (n > OPTION_WIDTH)
        n = fprintf(out, "\n") - 1;
    fprintf(out, "%*s", OPTION_WIDTH + 2 - n, "");
    cli_print_wrapped(out, help, LINE_WIDTH, OPTION_WIDTH + 2);
}

void cli_help_command(struct cli *cli, const struct cli_command *command,
                      const char *path, int n, char *const *words)
{
    FILE *out = cli->out;
    fprintf(out, "usage: stepward %s%s%s [options]\n\n%s\n\noptions:\n", command->name,
            *command->words ? " " : "", command->words, command->help);
    for (const struct cli_option *option = command->options; option->name; option++)
        cli_help_option(option->name, option->value, option->help, out);
    cli_help_option("help", NULL, "print this", out);
    if (command->takes_plan)
        cli_help_plan(cli, command, path, n, words);
    if (command->more_help)
        command->more_help(out);
    if (command->note)
        fprintf(out, "\n%s\n", command->note);
    fprintf(out, "\nexample:\n  %s\n", command->example);
}

/* ---- the options for the fields of a plan ---- */

/* Each option shows what holds if it is left out: the patient's value where a patient
 * is named, else the default for new patients. Help works without a configuration and
 * without a database, too. */

/* The values that are printed behind the fields of a plan. */
struct plan_values {
    struct sw_plan plan;
    const char *word; /* "default"; NULL: nothing is known */
};

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

/* The first word that is no option. A word behind an option may be its value, and is
 * then no patient. */
static const char *patient_among(int n, char *const *words)
{
    for (int i = 0; i < n; i++)
        if (words[i][0] != '-')
            return words[i];
    return NULL;
}

static void look_up_plan(struct cli *cli, const struct cli_command *command,
                         const char *path, const char *patient, struct plan_values *ret)
{
    char why[SW_WHY_MAX];
    bool is_new = strcmp(command->name, "patient add") == 0;
    *ret = (struct plan_values){sw_plan_default(), is_new ? "default" : NULL};
    if (sw_config_load(&cli->config, path, SW_CONFIG_OF_OTHERS, why) < 0)
        return;
    ret->plan = cli->config.plan;
    if (!is_new && patient && sw_zone_load(&cli->zone, cli->config.timezone) == 0) {
        ret->word = help_load_patient(cli, patient, &ret->plan) ? "now" : NULL;
        sw_zone_fini(&cli->zone);
    }
    sw_config_fini(&cli->config);
}

void cli_help_plan(struct cli *cli, const struct cli_command *command, const char *path,
                   int n, char *const *words)
{
    const struct sw_plan_field *field;
    struct plan_values values;
    char name[CLI_PLAN_NAME_MAX], value[SW_PLAN_TEXT_MAX], help[SW_WHY_MAX];
    const char *patient = patient_among(n, words);
    look_up_plan(cli, command, path, patient, &values);
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

/* ---- the kinds of alerts ---- */

/* README has this table too, and a test compares them. */

/* Text as a terminal shows it: without the marks of `code`. */
static void put_plain(char out[static TEXT_MAX], const char *text)
{
    size_t n = 0;
    for (; *text && n < TEXT_MAX - 1; text++)
        if (*text != '`')
            out[n++] = *text;
    out[n] = '\0';
}

/* A paragraph under its label. */
static void print_wrapped(const char *label, const char *text, FILE *out)
{
    char plain[TEXT_MAX], *rest = plain;
    put_plain(plain, text);
    size_t column = INDENT + strlen(label);
    fprintf(out, "%*s%s", INDENT, "", label);
    for (char *word; (word = strsep(&rest, " "));) {
        if (column + 1 + strlen(word) > LINE_WIDTH) {
            fprintf(out, "\n%*s", INDENT - 1, "");
            column = INDENT - 1;
        }
        fprintf(out, " %s", word);
        column += 1 + strlen(word);
    }
    fputc('\n', out);
}

void cli_help_kinds(FILE *out)
{
    fputs("\nkinds of alerts:\n", out);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        const struct sw_rule *rule = sw_rule((enum sw_alert_kind)kind);
        char level[TEXT_MAX];
        put_plain(level, rule->text->level);
        fprintf(out, "  %-*s%s\n", INDENT - 2, rule->name, level);
        print_wrapped("raised:", rule->text->raised, out);
        print_wrapped("closes:", rule->text->closes, out);
    }
}
