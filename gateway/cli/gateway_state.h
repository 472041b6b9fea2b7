/* gateway_state.h -- whether the gateway does its job, and what keeps it from it.
 *
 *     struct cli_gateway gateway;
 *     code = cli_gateway_inspect(cli, &gateway);    // needs no database
 *     code = cli_gateway_read(cli, &gateway);       // what it last stored about itself
 *     if (!cli_gateway_is_well(cli, &gateway, why)) // one line, with the remedy
 */
#ifndef CLI_GATEWAY_STATE_H
#define CLI_GATEWAY_STATE_H

#include "cli/cli.h"
#include "stepward/lock.h"

struct cli_gateway {
    struct sw_health health; /* connected, clock_trusted and problem: of now... */
    bool has_health, running;
    bool is_of_this_run;      /* ...and the others: of the gateway that runs */
    int64_t was_current_s;    /* when it was current, as stored; 0: it was not */
    int64_t hung_since_s;     /* it runs, but does nothing; 0: it does, or starts */
    struct sw_lock_note note; /* of a gateway that runs, newer than health */
    int64_t disk_free_bytes;  /* where data_dir is; -1: unknown */
    bool disk_is_read_only;
};

enum { CLI_GATEWAY_WHY_MAX = 4 * SW_WHY_MAX }; /* a problem, with a file or a uri */

/* The commands to type, as in README.md. */
#define CLI_START_GATEWAY   "`sudo systemctl enable --now stepward-gateway`"
#define CLI_RESTART_GATEWAY "`sudo systemctl restart stepward-gateway`"

/* CLI_FAILED after printing why it cannot be known. */
int cli_gateway_inspect(struct cli *cli, struct cli_gateway *ret);
int cli_gateway_read(struct cli *cli, struct cli_gateway *gateway); /* cli->store */

/* False with the reason and the remedy, the root cause first; instants in it are in
 * UTC, for cli_cell_quoted(). */
bool cli_gateway_is_well(const struct cli *cli, const struct cli_gateway *gateway,
                         char why[static CLI_GATEWAY_WHY_MAX]);
/* The same, as far as it is known when the database cannot be opened. */
bool cli_gateway_may_be_well(const struct cli *cli, const struct cli_gateway *gateway,
                             char why[static CLI_GATEWAY_WHY_MAX]);

/* Whether it runs with the configuration as it was before it was changed. */
bool cli_gateway_is_outdated(const struct cli *cli, const struct cli_gateway *gateway);

/* Turn the instants in why into local time, for people. */
void cli_gateway_local(const struct cli *cli, char why[static CLI_GATEWAY_WHY_MAX]);

/* For what only a running gateway can take, with the store open: CLI_OK if one runs
 * that subscribes to the configured site, else CLI_FAILED after printing that nothing
 * was sent, and why. */
int cli_gateway_require(struct cli *cli);

/* ---- whether the data of a listing are current: a gateway that stands still looks
 * like a quiet day ----
 *
 *     code = cli_open_store(cli, SW_STORE_READ);
 *     if (code == CLI_OK)
 *         code = cli_note_freshness(cli, cli->now_s); // before the table is made
 */

/* The listing covers all until then: now, or the end of a day. If the gateway's data do
 * not, a line above the table says so, since when, and what to do. With CSV and JSON it
 * goes to standard error, and each row has a last field "stale_since": empty if the row
 * is current, else a time, or "never" if no gateway was ever online. */
int cli_note_freshness(struct cli *cli, int64_t until_s);
/* The end of the day if it is over, since all was known by then; else now. */
int64_t cli_end_of_day(const struct cli *cli, int32_t day);
/* Print the line alone, for listings whose fields are fixed. */
int cli_print_freshness(struct cli *cli, int64_t until_s);

#endif
