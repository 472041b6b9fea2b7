/* gateway.h -- the daemon: everything wired together, and its loop. */
#ifndef DAEMON_GATEWAY_H
#define DAEMON_GATEWAY_H

#include "stepward/config.h"

/* Run until SIGTERM or SIGINT. Returns the exit code. */
int gateway_run(const struct sw_config *config);

#endif
