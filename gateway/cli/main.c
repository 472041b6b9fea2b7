/* main.c -- the program `stepward`: its streams, its terminal, its clock. */
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "stepward/host.h"

int main(int argc, char **argv)
{
    struct winsize size = {.ws_col = 0};
    bool is_terminal = isatty(STDOUT_FILENO) != 0;
    struct cli cli = {.out = stdout, .err = stderr, .now_s = sw_clock_now_s()};
    umask(S_IRWXO);           /* the database is for its group too */
    signal(SIGXFSZ, SIG_IGN); /* a file size limit is a full disk, no death */
    cli.color = cli_wants_color(is_terminal, getenv("NO_COLOR"), getenv("TERM"));
    if (is_terminal)
        ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    cli.width = cli_terminal_width(is_terminal, size.ws_col, getenv("COLUMNS"));
    return cli_run(&cli, argc, argv);
}
