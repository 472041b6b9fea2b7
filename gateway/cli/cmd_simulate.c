/* cmd_simulate.c -- publishes the days of made-up patients, in the program that talks
 * to the broker. */
#include "cli/helper.h"

const struct cli_option cmd_simulate_options[] = {
    {"patients", "N", "how many: sim-001, sim-002, ... (default 5)"},
    {"days", "N", "send the past N days first, and today so far (default 7)"},
    {"rate", "N", "messages a second; 0: as fast as the broker takes them (default 0)"},
    {"seed", "N", "other lives; the same seed and time give the same (default 1)"},
    {"no-live", NULL, "stop when the past is sent"},
    {"for", "DURATION", "stop after such a time, like 90s or 15m"},
    {"user", "NAME", "log in so; needed where the gateway has a login of its own"},
    {"password-file", "FILE", "of that login: its first line"},
    {"format", "table|csv|json", "also list what was sent, by patient and day"},
    {0},
};

int cmd_simulate(struct cli *cli, int argc, char **argv)
{
    return cli->simulate ? cli->simulate(cli, argc, argv) : cli_become_helper(cli);
}
