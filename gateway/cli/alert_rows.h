/* alert_rows.h -- alerts as rows of a listing, for `alerts` and `patient show`. */
#ifndef CLI_ALERT_ROWS_H
#define CLI_ALERT_ROWS_H

#include "cli/listed.h"
#include "cli/table.h"

/* Print the alerts; in JSON each is its whole payload. In a listing of all patients for
 * people, lines get the numbers that `ack` takes, and the patients' names: with listed
 * NULL they do not. Returns an exit code. */
int cli_print_alerts(struct cli *cli, const struct sw_alert_filter *filter,
                     struct cli_listed *listed);

#endif
