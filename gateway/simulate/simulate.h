/* simulate.h -- the commands of `stepward` that talk to the broker, where they are done,
 * and their connection to it. Whatever simulates or tries a device is a client of its
 * own, beside the gateway, and leaves no session behind.
 */
#ifndef SIMULATE_SIMULATE_H
#define SIMULATE_SIMULATE_H

#include "cli/try.h"
#include "stepward/session.h"

/* `stepward simulate` */
int sim_command(struct cli *cli, int argc, char **argv);
/* `stepward try`: publish one reading as a device does, and watch the database until it
 * is stored or refused. CLI_OK only if it is stored. */
int try_reading(struct cli *cli, const struct cli_try *wishes);

struct sim_login {
    const char *username; /* NULL: none */
    char *password;       /* NULL: none; the caller frees it */
};

/* Read the login of --user and --password-file; each may be NULL. The gateway's own is
 * refused, which nobody else may use: a broker that takes the user name for the client
 * id, as ours does, would push the gateway off and end its session. Call it before the
 * store is opened, which may give up root's rights. Returns an exit code. */
int sim_login_read(struct cli *cli, const char *user, const char *password_file,
                   struct sim_login *ret);
/* Open a session with the client id "stepward-NAME-PID". CLI_FAILED after saying why
 * not. */
int sim_session_open(struct cli *cli, const char *name, const struct sim_login *login,
                     struct sw_session **ret);

#endif
