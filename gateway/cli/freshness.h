/* freshness.h -- whether the data of a listing are current: a gateway that stands still
 * looks like a quiet day.
 *
 *     code = cli_open_store(cli, SW_STORE_READ);
 *     if (code == CLI_OK)
 *         code = cli_note_freshness(cli, cli->now_s); // before the table is made
 */
#ifndef CLI_FRESHNESS_H
#define CLI_FRESHNESS_H

#include "cli/cli.h"

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
