/* stops.c -- the signals that ask a command to stop, read where it waits. */
#include "cli/stops.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

int cli_stops_begin(struct cli *cli, struct cli_stops *ret)
{
    sigset_t stops;
    struct sigaction hangup;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigaddset(&stops, SIGPIPE); /* the reader of our output is gone */
    sigaction(SIGHUP, NULL, &hangup);
    if (hangup.sa_handler != SIG_IGN) /* what nohup runs goes on */
        sigaddset(&stops, SIGHUP);
    ret->fd = signalfd(-1, &stops, SFD_CLOEXEC | SFD_NONBLOCK);
    if (ret->fd < 0)
        return cli_fail(cli, "cannot watch signals: %s", strerror(errno));
    sigprocmask(SIG_BLOCK, &stops, &ret->before);
    return CLI_OK;
}

bool cli_stops_came(const struct cli_stops *stops, int wait_ms)
{
    struct pollfd fd = {.fd = stops->fd, .events = POLLIN};
    struct signalfd_siginfo info;
    return poll(&fd, 1, wait_ms) > 0 && read(stops->fd, &info, sizeof info) > 0;
}

void cli_stops_end(const struct cli_stops *stops)
{
    close(stops->fd);
    sigprocmask(SIG_SETMASK, &stops->before, NULL);
}
