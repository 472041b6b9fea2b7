/* therapist.h -- the word after --therapist, and the broker's access list. */
#ifndef CLI_THERAPIST_H
#define CLI_THERAPIST_H

#include "cli/cli.h"

/* CLI_USAGE after printing that it is no id. */
int cli_therapist_id(struct cli *cli, const char *word, struct sw_therapist_id *ret);
/* CLI_FAILED after printing that no plan and no alert names the therapist: a mistyped
 * one must not look like one whose patients are well. Needs the store. */
int cli_find_therapist(struct cli *cli, const char *word);

/* Print a hint if the list that is in force at this machine's broker does not name the
 * therapist. Nothing is printed if the list cannot be read. */
void cli_rights_hint(struct cli *cli, const char *therapist);

#endif
