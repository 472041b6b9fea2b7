/* cmd_alerts_history.h -- `alerts --history ID`: what became of one alert. */
#ifndef CLI_CMD_ALERTS_HISTORY_H
#define CLI_CMD_ALERTS_HISTORY_H

#include "cli/cli.h"

int cli_alerts_history(struct cli *cli, const char *id);

#endif
