/* stops.h -- the signals that ask a command to stop, which it reads where it waits, so
 * that it can tidy up first.
 *
 *     struct cli_stops stops;
 *     code = cli_stops_begin(cli, &stops);
 *     while (… && !cli_stops_came(&stops, 100))   // or poll stops.fd with others
 *         …
 *     cli_stops_end(&stops);                      // tidy up before
 */
#ifndef CLI_STOPS_H
#define CLI_STOPS_H

#include <signal.h>

#include "cli/cli.h"

struct cli_stops {
    int fd; /* becomes readable with a signal */
    sigset_t before;
};

/* Block the signals; CLI_FAILED after printing that they cannot be watched. */
int cli_stops_begin(struct cli *cli, struct cli_stops *ret);
/* Wait so long at most; true if one came. */
bool cli_stops_came(const struct cli_stops *stops, int wait_ms);
/* Signals end the program again; those that came and were not read do so now. */
void cli_stops_end(const struct cli_stops *stops);

#endif
