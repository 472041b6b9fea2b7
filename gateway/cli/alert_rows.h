/* alert_rows.h -- alerts as rows of a listing, for `alerts` and `patient show`.
 *
 *     struct cli_alert_rows rows = {.listed = cli_listed_new(cli)};
 *     …open the store…
 *     cli_alert_rows_begin(cli, &rows);
 *     sw_store_each_alert(cli->store, &filter, cli_alert_row, &rows);
 *     return cli_table_end(rows.table, "no open alerts");
 */
#ifndef CLI_ALERT_ROWS_H
#define CLI_ALERT_ROWS_H

#include "cli/listed.h"
#include "cli/table.h"

enum { CLI_ALERT_COLUMNS_MAX = 16 };
struct cli_alert_rows {
    struct cli_table *table;
    struct cli_column columns[CLI_ALERT_COLUMNS_MAX]; /* of the table */
    /* In a listing of all patients for people, lines get the numbers that `ack` takes,
     * and the patients' names. NULL: they do not. */
    struct cli_listed *listed;
};
void cli_alert_rows_begin(struct cli *cli, struct cli_alert_rows *rows);
/* ctx is the rows. In JSON a row is the alert's whole payload. */
int cli_alert_row(void *ctx, int64_t patient_key, const struct sw_alert *alert);

#endif
