/* status_metrics.h -- `stepward status` as a program reads it that keeps curves of it. */
#ifndef CLI_STATUS_METRICS_H
#define CLI_STATUS_METRICS_H

#include "cli/gateway_state.h"

/* Print it in Prometheus' text format. problem: what keeps the gateway from its job, or
 * "". cli->store may be NULL: what is in the database is left out then. An exit code. */
int cli_print_metrics(struct cli *cli, const struct sw_gateway_state *gateway,
                      const char *problem);

#endif
