/* helper.c -- runs the program that talks to the broker. It is separate because loading
 * the MQTT and TLS libraries takes longer than all that other commands do. */
#include "cli/helper.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "util/file.h"

#define PROGRAM "stepward-simulate"

/* It is in the folder of this program, wherever that is. */
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
