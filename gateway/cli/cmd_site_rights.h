/* cmd_site_rights.h -- `site --rights`: who may read and write what at the broker. */
#ifndef CLI_CMD_SITE_RIGHTS_H
#define CLI_CMD_SITE_RIGHTS_H

#include "cli/cli.h"

/* The access list of the configured site, for mosquitto. An exit code. */
int cmd_site_rights(struct cli *cli);

#endif
