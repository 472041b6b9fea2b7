/* main.c -- the program `stepward-simulate`, which `stepward` runs for the commands
 * that talk to the broker. */
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/table.h"
#include "simulate/simulate.h"
#include "stepward/host.h"

int main(int argc, char **argv)
{
    struct cli cli = {.out = stdout,
                      .err = stderr,
                      .now_s = sw_clock_now_s(),
                      .simulate = sim_command,
                      .try_reading = try_reading};
    umask(S_IRWXO);           /* as in stepward */
    signal(SIGXFSZ, SIG_IGN); /* as in stepward */
    cli.color =
        cli_wants_color(isatty(STDOUT_FILENO), getenv("NO_COLOR"), getenv("TERM"));
    return cli_run(&cli, argc, argv);
}
