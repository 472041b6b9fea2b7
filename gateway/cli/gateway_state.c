/* gateway_state.c -- the gateway's state for commands: what fails is printed, and a
 * listing says whether it is current.
 * Adding a field to the rows of a listing is table.c's business. */
#include "cli/gateway_state.h"

#include <stdlib.h>
#include <string.h>

#include "cli/table.h"
#include "cli/text.h"
#include "stepward/wire.h"

int cli_gateway_inspect(struct cli *cli, struct sw_gateway_state *ret)
{
    *ret = (struct sw_gateway_state){.config = &cli->config, .now_s = cli->now_s};
    int r = sw_gateway_inspect(ret);
    return r < 0 ? cli_cannot_data(cli, "look at", "gateway.lock", r) : CLI_OK;
}

int cli_gateway_read(struct cli *cli, struct sw_gateway_state *gateway)
{
    int r = sw_gateway_read(gateway, cli->store);
    return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
}

void cli_gateway_local(const struct cli *cli, char why[static SW_GATEWAY_WHY_MAX])
{
    char *local = sw_local_times(&cli->zone, why, cli->now_s);
    if (local)
        snprintf(why, SW_GATEWAY_WHY_MAX, "%s", local);
    free(local);
}

/* ---- does it subscribe to this site? ---- */

/* The gateway may run with an older configuration, or with another one. */
int cli_gateway_require(struct cli *cli)
{
    struct sw_gateway_state gateway;
    char why[SW_GATEWAY_WHY_MAX], *heard = NULL;
    sw_topic_text ours;
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK)
        return code;
    if (!gateway.running) {
        sw_gateway_is_well(&gateway, why);
        cli_gateway_local(cli, why);
        return cli_fail(cli, "nothing sent: %s", why);
    }
    int r = sw_store_get_meta(cli->store, SW_META_FILTERS, &heard);
    if (r != 0)
        return r < 0 ? cli_store_failed(cli, r) : CLI_OK;
    sw_topic_filter(ours, cli->config.site, 0);
    bool is_ours = false;
    char *rest = heard;
    for (char *line; !is_ours && (line = strsep(&rest, "\n"));)
        is_ours = strcmp(line, ours) == 0;
    if (!is_ours)
        code = cli_fail(cli,
                        "nothing sent: the gateway listens to %s, and not to %s: "
                        "restart it if site was changed, or name its configuration "
                        "with -c",
                        heard, ours);
    free(heard);
    return code;
}

/* ---- are a listing's data current? ---- */

static void print_stale(struct cli *cli, int64_t since_s, const char *why)
{
    char when[CLI_WHEN_MAX] = "";
    bool is_known = since_s != SW_STALE_NEVER;
    const char *since = is_known ? " since " : "";
    if (is_known)
        cli_when_format(&cli->zone, since_s, cli->now_s, when);
    if (cli->format != CLI_TABLE) {
        cli_fail(cli, "out of date%s%s: %s", since, when, why);
        return;
    }
    char *shown = cli_shown(why, strlen(why), 0); /* it may contain a broker's words */
    if (shown)
        cli_heading(cli, "OUT OF DATE%s%s: %s", since, when, shown);
    free(shown);
}

/* *ret_since_s is 0 if the data are current, or SW_STALE_NEVER. */
static int read_freshness(struct cli *cli, int64_t until_s, int64_t *ret_since_s)
{
    struct sw_gateway_state gateway;
    char why[SW_GATEWAY_WHY_MAX];
    *ret_since_s = 0;
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK)
        return code;
    int r = sw_gateway_stale_since(&gateway, cli->store, until_s, ret_since_s, why);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (*ret_since_s == 0)
        return CLI_OK;
    cli_gateway_local(cli, why);
    print_stale(cli, *ret_since_s, why);
    return CLI_OK;
}

int64_t cli_end_of_day(const struct cli *cli, int32_t day)
{
    int64_t end_s = sw_day_begin(&cli->zone, day + 1);
    return end_s < cli->now_s ? end_s : cli->now_s;
}

int cli_print_freshness(struct cli *cli, int64_t until_s)
{
    int64_t since_s;
    return read_freshness(cli, until_s, &since_s);
}

int cli_note_freshness(struct cli *cli, int64_t until_s)
{
    cli->notes_freshness = true;
    return read_freshness(cli, until_s, &cli->stale_since_s);
}
