/* sim_command.h -- `stepward simulate`, where it is done. */
#ifndef SIMULATE_SIM_COMMAND_H
#define SIMULATE_SIM_COMMAND_H

#include "cli/cli.h"

int sim_command(struct cli *cli, int argc, char **argv);

#endif
