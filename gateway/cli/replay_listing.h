/* replay_listing.h -- the listings of `stepward replay`, one for each value of --by. Each
 * prints rows and returns an exit code. */
#ifndef CLI_REPLAY_LISTING_H
#define CLI_REPLAY_LISTING_H

#include "cli/cli.h"
#include "records/comparison.h"

int replay_print_alerts(struct cli *cli, const struct sw_comparison *comparison);
int replay_print_events(struct cli *cli, const struct sw_comparison *comparison);
int replay_print_patients(struct cli *cli, const struct sw_comparison *comparison);
int replay_print_therapists(struct cli *cli, const struct sw_comparison *comparison);

#endif
