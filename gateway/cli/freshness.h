/* freshness.h -- whether what a listing shows is of now: a gateway that stands still
 * looks like a quiet day.
 *
 *     code = cli_open_store(cli, SW_STORE_READ);
 *     if (code == CLI_OK)
 *         code = cli_note_freshness(cli, cli->now_s); // before the table is made
 */
#ifndef CLI_FRESHNESS_H
#define CLI_FRESHNESS_H

#include "cli/cli.h"

/* The listing is of all until then: now, or the end of a day. Is the gateway's data
 * not, a line above the table says so, since when, and what to do; for CSV and JSON it
 * goes to standard error, and each row of theirs has a last field "stale_since": empty
 * if the row is of now, else a time, or "never" where no gateway has ever watched. */
int cli_note_freshness(struct cli *cli, int64_t until_s);
/* Of a day that is over all was known at its end; else now. */
int64_t cli_end_of_day(const struct cli *cli, int32_t day);
/* The line alone, for listings whose fields are fixed. */
int cli_print_freshness(struct cli *cli, int64_t until_s);

#endif
