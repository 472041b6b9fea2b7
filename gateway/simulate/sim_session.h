/* sim_session.h -- a connection to the configured broker, beside the gateway's:
 * whatever simulates or tries a device is a client of its own and leaves no session
 * behind.
 */
#ifndef SIMULATE_SIM_SESSION_H
#define SIMULATE_SIM_SESSION_H

#include "cli/cli.h"
#include "stepward/session.h"

struct sim_login {
    const char *username, *password;
};

/* Whether the gateway has a login. Nobody else may use it: a broker that takes the user
 * name for the client id, as ours does, would push the gateway off and end its
 * session. */
bool sim_gateway_has_login(const struct cli *cli);
/* Read the login of --user and --password-file (user NULL: none). The caller frees
 * *ret_password. Call it before the store is opened, which may give up root's rights.
 * Returns an exit code. */
int sim_login_read(struct cli *cli, const char *user, const char *password_file,
                   struct sim_login *ret, char **ret_password);
/* Open a session with the client id "stepward-NAME-PID"; without a login (NULL) it has
 * no user name. CLI_FAILED after saying why not. */
int sim_session_open(struct cli *cli, const char *name, const struct sim_login *login,
                     struct sw_session **ret);
/* Say that there was no connection and what to do about it. Returns CLI_FAILED. */
int sim_session_cannot(struct cli *cli, const char *reason);

#endif
