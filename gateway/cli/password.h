/* password.h -- asks for a new password. */
#ifndef CLI_PASSWORD_H
#define CLI_PASSWORD_H

#include "cli/cli.h"
#include "stepward/users.h"

enum { CLI_PASSWORD_SIZE = SW_PASSWORD_BYTES_MAX + 1 };

/* On a terminal: ask twice, without echo; else take the first line of standard input.
 * CLI_FAILED or CLI_USAGE after printing what is wrong. The caller clears *out. */
int cli_ask_password(struct cli *cli, const char *user,
                     char out[static CLI_PASSWORD_SIZE]);

#endif
