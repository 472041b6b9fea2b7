/* cmd_alerts_stats.h -- `alerts --stats`: how many alerts therapists get, by week. */
#ifndef CLI_CMD_ALERTS_STATS_H
#define CLI_CMD_ALERTS_STATS_H

#include "cli/cli.h"

/* Of one therapist, or of all ("" in therapist), in the last days, today included. */
int cli_alerts_stats(struct cli *cli, const struct sw_therapist_id *therapist,
                     int32_t days);

#endif
