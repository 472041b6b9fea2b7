/* helper.h -- the program for the commands that talk to the broker. */
#ifndef CLI_HELPER_H
#define CLI_HELPER_H

#include "cli/cli.h"

/* Run it with the same command line, in place of this program; returns CLI_FAILED,
 * after printing why, if it cannot be run. */
int cli_become_helper(struct cli *cli);

#endif
