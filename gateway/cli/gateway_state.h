/* gateway_state.h -- the gateway's state for commands: errors are printed, and a listing
 * says whether it is current. What the state is, is records/gateway_state.h's business.
 */
#ifndef CLI_GATEWAY_STATE_H
#define CLI_GATEWAY_STATE_H

#include "cli/cli.h"
#include "records/gateway_state.h"

/* CLI_FAILED after printing why it cannot be known. */
int cli_gateway_inspect(struct cli *cli, struct sw_gateway_state *ret);
int cli_gateway_read(struct cli *cli,
                     struct sw_gateway_state *gateway); /* cli->store */

/* Turn the instants in why into local time, for people. */
void cli_gateway_local(const struct cli *cli, char why[static SW_GATEWAY_WHY_MAX]);

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
