/* sim_session.c -- a connection to the configured broker, beside the gateway's. */
#include "simulate/sim_session.h"

#include <unistd.h>

int sim_session_open(struct cli *cli, const char *name, const struct sim_login *login,
                     struct sw_session **ret)
{
    char client_id[48], why[SW_WHY_MAX];
    const struct sw_config *config = &cli->config;
    struct sw_session_options options = {
        .uri = config->broker.uri,
        .client_id = client_id,
        .protocol = config->broker.protocol,
        .username = login ? login->username : config->broker.username,
        .password = login ? login->password : config->broker.password,
        .ca_file = config->broker.ca_file,
        /* a broker may know the gateway by its certificate: it is no other's */
        .cert_file = login ? "" : config->broker.cert_file,
        .key_file = login ? "" : config->broker.key_file,
        .clean = true,
        .has_own_remedy = true,
    };
    snprintf(client_id, sizeof client_id, "stepward-%s-%d", name, (int)getpid());
    if (sw_session_new(ret, &options, why) < 0)
        return cli_fail(cli, "%s", why);
    return CLI_OK;
}

int sim_session_cannot(struct cli *cli, const char *reason)
{
    return cli_fail(cli,
                    "%s: %s: start the broker, or mend broker.uri, username and "
                    "password_file in %s",
                    cli->config.broker.uri, reason, cli->config.path);
}
