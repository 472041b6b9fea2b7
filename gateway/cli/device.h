/* device.h -- what the commands about devices share.
 */
#ifndef CLI_DEVICE_H
#define CLI_DEVICE_H

#include "cli/cli.h"

/* CLI_USAGE after saying that it is no id. */
int cli_device_id(struct cli *cli, const char *word, struct sw_device_id *ret);
/* The time --OPTION names, not after now; now if it is not given. It is YYYY-MM-DD, for
 * its beginning, YYYY-MM-DD HH:MM in the clinic's time, or RFC 3339 with an offset. */
int cli_since(struct cli *cli, const struct cli_args *args, const char *option,
              int64_t *ret_s);
/* Store it, in one transaction. patient_key 0: nobody wears it. */
int cli_assign(struct cli *cli, const struct sw_device_id *device, int64_t patient_key,
               int64_t from_s);

#endif
