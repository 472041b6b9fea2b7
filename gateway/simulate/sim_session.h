/* sim_session.h -- a connection to the configured broker, beside the gateway's: what
 * simulates or tries a device is a client of its own, and leaves no session behind.
 */
#ifndef SIMULATE_SIM_SESSION_H
#define SIMULATE_SIM_SESSION_H

#include "cli/cli.h"
#include "stepward/session.h"

struct sim_login {
    const char *username, *password;
};

/* login: NULL for the gateway's own. The client id is "stepward-NAME-PID". CLI_FAILED
 * after saying why not. */
int sim_session_open(struct cli *cli, const char *name, const struct sim_login *login,
                     struct sw_session **ret);
/* It did not come to a connection: says so, with what to do; returns CLI_FAILED. */
int sim_session_cannot(struct cli *cli, const char *reason);

#endif
