/* help.c -- help, printed from the table of commands.
 * The man pages say more; a test compares them with the same table. */
#include "cli/help.h"

#include <string.h>

#include "cli/text.h"

enum { NAME_WIDTH = 14, OPTION_WIDTH = 26, LINE_WIDTH = 80 };

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
