/* cmd_simulate.c -- publishes the days of made-up patients, in the program that talks
 * to the broker. That is a program of its own because loading the MQTT and TLS libraries
 * takes longer than all that other commands do. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "util/file.h"

#define PROGRAM "stepward-simulate"

const struct cli_option cmd_simulate_options[] = {
    {"patients", "N", "how many: sim-001, sim-002, ... (default 5)"},
    {"days", "N",
     "send the past N days first, and today so far (default 7; a day less than max_age "
     "at most)"},
    {"rate", "N", "messages a second; 0: as fast as the broker takes them (default 0)"},
    {"seed", "N", "other lives; the same seed and time give the same (default 1)"},
    {"no-live", NULL, "stop when the past is sent"},
    {"for", "DURATION", "stop after such a time, like 90s or 15m"},
    {"user", "NAME", "log in so; needed where the gateway has a login of its own"},
    {"password-file", "FILE", "of that login: its first line"},
    {"format", "table|csv|json", "also list what was sent, by patient and day"},
    {0},
};

/* It is in the folder of this program, wherever that is. */
int cli_become_helper(struct cli *cli)
{
    char path[SW_PATH_BYTES_MAX] = PROGRAM;
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - sizeof PROGRAM);
    if (n >= 0) {
        path[n] = '\0';
        strcpy(strrchr(path, '/') + 1, PROGRAM);
        execv(path, cli->argv);
    }
    return cli_fail(cli, "cannot run %s: %s", path, strerror(errno));
}

int cmd_simulate(struct cli *cli, int argc, char **argv)
{
    return cli->simulate ? cli->simulate(cli, argc, argv) : cli_become_helper(cli);
}
