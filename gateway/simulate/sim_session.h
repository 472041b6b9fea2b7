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

/* Whether the gateway has a login. Nobody else uses it: a broker that takes a client's
 * name for its id, as ours does, would push the gateway off, and end its session. */
bool sim_gateway_has_login(const struct cli *cli);
/* The login of --user and --password-file, NULL: none; *ret_password is what the caller
 * frees. Before the store is opened: that may give up root's rights. An exit code. */
int sim_login_read(struct cli *cli, const char *user, const char *password_file,
                   struct sim_login *ret, char **ret_password);
/* login: NULL for a client without a name. The client id is "stepward-NAME-PID".
 * CLI_FAILED after saying why not. */
int sim_session_open(struct cli *cli, const char *name, const struct sim_login *login,
                     struct sw_session **ret);
/* It did not come to a connection: says so, with what to do; returns CLI_FAILED. */
int sim_session_cannot(struct cli *cli, const char *reason);

#endif
