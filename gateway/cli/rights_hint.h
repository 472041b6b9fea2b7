/* rights_hint.h -- whether the broker's access list names a therapist. */
#ifndef CLI_RIGHTS_HINT_H
#define CLI_RIGHTS_HINT_H

#include "cli/cli.h"

/* Print a hint if the list that is in force at this machine's broker does not name the
 * therapist. Nothing is printed if the list cannot be read. */
void cli_rights_hint(struct cli *cli, const char *therapist);

#endif
