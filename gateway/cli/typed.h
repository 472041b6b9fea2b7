/* typed.h -- commands in a text, as the reader has to type them. */
#ifndef CLI_TYPED_H
#define CLI_TYPED_H

#include "cli/cli.h"

/* The text, with "`stepward …`" as "`sudo -u stepward stepward …`" if we were called by
 * sudo, and the caller is not a member of the group that owns the data. The caller
 * frees it; NULL: out of memory. */
char *cli_typed(const struct cli *cli, const char *text);

#endif
