/* cmd_simulate.c -- publish the days of made-up patients: in a program of its own.
 *
 * It alone talks to the broker. To load the MQTT and TLS libraries for it would take
 * all other commands longer than what they do. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"

#define PROGRAM "stepward-simulate"

enum { PATH_BYTES_MAX = 4096 };

const struct cli_option cmd_simulate_options[] = {
    {"patients", "N", "how many: sim-001, sim-002, ... (default 5)"},
    {"days", "N", "send the past N days first, and today so far (default 7)"},
    {"rate", "N", "messages a second; 0: as fast as the broker takes them (default 0)"},
    {"seed", "N", "other lives; the same seed and time give the same (default 1)"},
    {"no-live", NULL, "stop when the past is sent"},
    {"for", "DURATION", "stop after such a time, like 90s or 15m"},
    {"format", "table|csv|json", "also list what was sent, by patient and day"},
    {0},
};

/* Beside this program, wherever it was put. */
static int find_program(char out[static PATH_BYTES_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, PATH_BYTES_MAX - sizeof PROGRAM);
    if (n < 0)
        return -errno;
    out[n] = '\0';
    strcpy(strrchr(out, '/') + 1, PROGRAM);
    return 0;
}

int cmd_simulate(struct cli *cli, int argc, char **argv)
{
    char path[PATH_BYTES_MAX] = PROGRAM;
    if (cli->simulate)
        return cli->simulate(cli, argc, argv);
    int r = find_program(path);
    if (r == 0) {
        execv(path, cli->argv);
        r = -errno;
    }
    return cli_fail(cli, "cannot run %s: %s", path, strerror(-r));
}
