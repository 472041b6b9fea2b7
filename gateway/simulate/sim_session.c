/* sim_session.c -- a connection to the configured broker, beside the gateway's. */
#include "simulate/simulate.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "stepward/host.h"

int sim_login_read(struct cli *cli, const char *user, const char *password_file,
                   struct sim_login *ret)
{
    const struct sw_config *config = &cli->config;
    *ret = (struct sim_login){.username = user};
    if (!user)
        return CLI_OK;
    if (strcmp(user, config->broker.username) == 0)
        return cli_usage(cli,
                         "--user %s: that is the gateway's own login, which would be "
                         "pushed off the broker: leave it out",
                         user);
    if (password_file && access(password_file, R_OK) < 0)
        return cli_fail(cli, "--password-file %s: %s", password_file, strerror(errno));
    if (password_file && sw_password_read(&ret->password, password_file) < 0)
        return cli_fail(cli,
                        "--password-file %s: the first line takes 1 to %d "
                        "characters",
                        password_file, SW_PASSWORD_MAX);
    return CLI_OK;
}

int sim_session_open(struct cli *cli, const char *name, const struct sim_login *login,
                     struct sw_session **ret)
{
    char client_id[48], why[SW_WHY_MAX];
    const struct sw_config *config = &cli->config;
    struct sw_session_options options = {
        .uri = config->broker.uri,
        .client_id = client_id,
        .protocol = config->broker.protocol,
        .username = login->username ? login->username : "",
        .password = login->password ? login->password : "",
        .ca_file = config->broker.ca_file,
        /* The certificate is the gateway's alone: the broker may know it by that. */
        .cert_file = "",
        .key_file = "",
        .clean = true,
        .has_own_remedy = true,
    };
    snprintf(client_id, sizeof client_id, "stepward-%s-%d", name, (int)getpid());
    if (sw_session_new(ret, &options, why) < 0)
        return cli_fail(cli, "%s", why);
    return CLI_OK;
}
