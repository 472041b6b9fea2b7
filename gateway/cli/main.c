/* main.c -- the program `stepward`: its streams, its terminal, its clock. */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "stepward/host.h"

int main(int argc, char **argv)
{
    struct cli cli = {.out = stdout, .err = stderr, .now_s = sw_clock_now_s()};
    signal(SIGXFSZ, SIG_IGN); /* a limit of file size is a full disk, no death */
    cli.color =
        cli_wants_color(isatty(STDOUT_FILENO), getenv("NO_COLOR"), getenv("TERM"));
    return cli_run(&cli, argc, argv);
}
