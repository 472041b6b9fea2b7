/* helper.c -- what talks to the broker is done in a program of its own: to load the
 * MQTT and TLS libraries would take all other commands longer than what they do. */
#include "cli/helper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"

#define PROGRAM "stepward-simulate"

/* Beside this program, wherever it was put. */
static int find_program(char out[static SW_PATH_BYTES_MAX])
{
    ssize_t n = readlink("/proc/self/exe", out, SW_PATH_BYTES_MAX - sizeof PROGRAM);
    if (n < 0)
        return -errno;
    out[n] = '\0';
    strcpy(strrchr(out, '/') + 1, PROGRAM);
    return 0;
}

int cli_become_helper(struct cli *cli)
{
    char path[SW_PATH_BYTES_MAX] = PROGRAM;
    int r = find_program(path);
    if (r == 0) {
        execv(path, cli->argv);
        r = -errno;
    }
    return cli_fail(cli, "cannot run %s: %s", path, strerror(-r));
}
