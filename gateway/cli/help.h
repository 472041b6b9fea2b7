/* help.h -- help, printed from the tables of commands, plan fields and rules. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

void cli_help(FILE *out);
/* n words follow the command's name. A plan's values are those of the patient among
 * them, or the defaults of the configuration at path, as far as these can be read. */
void cli_help_command(struct cli *cli, const struct cli_command *command,
                      const char *path, int n, char *const *words);
/* All commands that begin with this word: "patient". */
void cli_help_group(const char *word, FILE *out);

/* The options for the fields of a plan, as above. */
void cli_help_plan(struct cli *cli, const struct cli_command *command, const char *path,
                   int n, char *const *words);
void cli_help_option(const char *name, const char *value, const char *help, FILE *out);

/* The kinds of alerts: when each is raised, how urgent it is, and what closes it. */
void cli_help_kinds(FILE *out);

#endif
