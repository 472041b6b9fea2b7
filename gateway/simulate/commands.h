/* commands.h -- the commands of `stepward` that talk to the broker, where they are
 * done.
 */
#ifndef SIMULATE_COMMANDS_H
#define SIMULATE_COMMANDS_H

#include "cli/cli.h"
#include "cli/try.h"

/* `stepward simulate` */
int sim_command(struct cli *cli, int argc, char **argv);
/* `stepward try`: publish one reading as a device does, and watch the database until it
 * is stored or refused. CLI_OK only if it is stored. */
int try_reading(struct cli *cli, const struct cli_try *wishes);

#endif
