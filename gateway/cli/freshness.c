/* freshness.c -- whether a listing's data are current, above it and in its rows.
 * What the gateway is doing is gateway_state.c's business; adding a field to a row is
 * table.c's. */
#include "cli/freshness.h"

#include <stdlib.h>
#include <string.h>

#include "cli/gateway_state.h"
#include "cli/table.h"
#include "cli/text.h"

/* The end of the newest online span that the gateway stored; 0: there is none. */
static int read_online_until(struct cli *cli, int64_t *ret_s)
{
    struct sw_span last;
    size_t n = 0;
    int r = sw_store_get_online(cli->store, &last, 1, &n);
    *ret_s = r >= 0 && n > 0 ? last.to_s : 0;
    return r;
}

static bool freshness_is_current(const struct cli_gateway *gateway)
{
    const struct sw_lock_state *state = &gateway->note.state;
    if (!gateway->running || gateway->hung_since_s != 0)
        return false;
    if (state->is_known)
        return state->is_current;
    return gateway->health.connected && gateway->health.clock_trusted;
}

/* A running gateway's lock is newer than the database, which is written every minute
 * and with what messages bring. */
static int find_since(struct cli *cli, const struct cli_gateway *gateway,
                      int64_t *ret_s)
{
    const struct sw_lock_state *state = &gateway->note.state;
    *ret_s = 0;
    if (gateway->running && !state->is_current)
        *ret_s = state->since_s;
    else if (gateway->running)
        *ret_s = gateway->hung_since_s;
    int r = *ret_s != 0 ? 0 : read_online_until(cli, ret_s);
    if (*ret_s < gateway->was_current_s && !gateway->running)
        *ret_s = gateway->was_current_s;
    return r;
}

static void print_stale(struct cli *cli, int64_t since_s, const char *why)
{
    char when[CLI_WHEN_MAX] = "";
    bool for_people = cli->format == CLI_TABLE;
    char *shown = cli_shown(why, strlen(why), 0); /* it may contain a broker's words */
    if (since_s != 0)
        cli_when_format(&cli->zone, since_s, cli->now_s, when);
    if (shown && for_people)
        cli_heading(cli, "NOT OF NOW%s%s: %s", *when ? ", but of " : "", when, shown);
    else if (shown)
        cli_fail(cli, "not of now%s%s: %s", *when ? ", but of " : "", when, shown);
    free(shown);
}

/* *ret_since_s is 0 if the data are current, or CLI_STALE_NEVER. */
static int read_freshness(struct cli *cli, int64_t until_s, int64_t *ret_since_s)
{
    struct cli_gateway gateway;
    char why[CLI_GATEWAY_WHY_MAX];
    int64_t since_s = 0;
    *ret_since_s = 0;
    int code = cli_gateway_inspect(cli, &gateway);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code != CLI_OK || freshness_is_current(&gateway))
        return code;
    int r = find_since(cli, &gateway, &since_s);
    if (r < 0)
        return cli_store_failed(cli, r);
    bool is_over = until_s < cli->now_s;
    if (is_over && since_s >= until_s) /* all data were there by then */
        return CLI_OK;
    if (cli_gateway_is_well(cli, &gateway, why))
        snprintf(why, sizeof why, "the gateway cannot take in what comes just now");
    cli_gateway_local(cli, why);
    print_stale(cli, since_s, why);
    *ret_since_s = since_s != 0 ? since_s : CLI_STALE_NEVER;
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
