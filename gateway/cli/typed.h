/* typed.h -- commands in a text, as who reads it has to type them. */
#ifndef CLI_TYPED_H
#define CLI_TYPED_H

#include "cli/cli.h"

/* The text, with "`stepward …`" as "`sudo -u stepward stepward …`" if it was by sudo
 * that we were called, and who called is no member of the group that owns the data. The
 * caller frees; NULL without memory. */
char *cli_typed(const struct cli *cli, const char *text);

#endif
