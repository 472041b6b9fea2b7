/* user.h -- what the commands about the board's users share. */
#ifndef CLI_USER_H
#define CLI_USER_H

#include "cli/cli.h"
#include "stepward/users.h"

/* Open web.db, and the store, in which the audit is. To change something, users are
 * opened by SW_STORE_WRITE; to look, by SW_STORE_READ, and *ret is NULL if there never
 * was one. */
int cli_open_users(struct cli *cli, enum sw_store_mode mode, struct sw_users **ret);
/* Print that web.db failed; returns CLI_FAILED. */
int cli_users_failed(struct cli *cli, const struct sw_users *users, int error);
int cli_no_such_user(struct cli *cli, const char *id); /* CLI_FAILED */

/* Print a link to the board for a therapist, who is added to its users if need be. Of one
 * who has a password already nothing is done. */
int cli_invite_therapist(struct cli *cli, const char *id);

/* A change of users with its row in the audit, which is put first: what cannot be written
 * down is not done. The work returns 0 or what sw_users_… do. */
struct cli_user_act {
    struct sw_users *users;
    const char *id;
    enum sw_audit_act act;
    const char *detail; /* after the user's id; NULL: none */
    int (*work)(struct sw_users *users, void *ctx);
    void *ctx;
};
/* CLI_OK; CLI_FAILED after printing why not. With ret_r a positive return of the work is
 * the caller's to print; without, SW_STORE_NONE means that there is no such user. */
int cli_act_on_user(struct cli *cli, const struct cli_user_act *act, int *ret_r);

#endif
