/* help.h -- help, printed from the table of commands. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "cli/cli.h"

void cli_help(FILE *out);
void cli_help_command(const struct cli_command *command, FILE *out);
/* All commands that begin with this word: "patient". */
void cli_help_group(const char *word, FILE *out);

/* What kinds of alerts there are: raised when, how urgent, closed by what. */
void cli_help_kinds(FILE *out);

#endif
