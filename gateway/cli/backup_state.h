/* backup_state.h -- whether a card that dies tonight would take more than two days
 * along.
 */
#ifndef CLI_BACKUP_STATE_H
#define CLI_BACKUP_STATE_H

#include "cli/gateway_state.h"

/* False with the reason and the remedy, as cli_gateway_is_well(): the last backup
 * failed, or none was made for 48 hours, in a clinic that is older than that. The store
 * is open.
 */
bool cli_backups_are_well(struct cli *cli, char why[static CLI_GATEWAY_WHY_MAX]);

#endif
