/* main.c -- the program `stepward-simulate`, which `stepward` runs for the commands
 * that talk to the broker. */
#include "simulate/simulate.h"

int main(int argc, char **argv)
{
    struct cli cli = {.simulate = sim_command, .try_reading = try_reading};
    return cli_main(&cli, argc, argv);
}
