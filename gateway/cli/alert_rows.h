/* alert_rows.h -- alerts as rows of a listing, for `alerts` and `patient show`.
 *
 *     struct cli_table *table = cli_alert_table(cli);
 *     sw_store_each_alert(cli->store, &filter, cli_alert_row, table);
 */
#ifndef CLI_ALERT_ROWS_H
#define CLI_ALERT_ROWS_H

#include "cli/table.h"

struct cli_table *cli_alert_table(struct cli *cli);
/* ctx: the table, or NULL. In JSON a row is the alert's whole payload. */
int cli_alert_row(void *ctx, int64_t patient_key, const struct sw_alert *alert);

#endif
