/* actor.h -- who acts, and the record of what was done. */
#ifndef CLI_ACTOR_H
#define CLI_ACTOR_H

#include "cli/cli.h"

/* The board's user, if the board runs the command; else the login name of the process's
 * user; for root and the gateway's user that of the person behind sudo, or "stepward" if
 * there is none. */
const char *cli_actor(const struct cli *cli);

/* Put a row into the audit, in the transaction of what it tells of: patient NULL: of
 * none; format NULL: no detail. CLI_FAILED after printing why not. */
__attribute__((format(printf, 4, 5))) int cli_audit(struct cli *cli,
                                                    enum sw_audit_act act,
                                                    const char *patient,
                                                    const char *format, ...);

/* The command shows the patient. */
void cli_look(struct cli *cli, const struct sw_patient *patient);
/* Put down in the audit whom it showed, once in a quarter of an hour. What cannot be put
 * down was shown all the same, and is complained of. For the command line: the board
 * puts down its own. */
void cli_note_looks(struct cli *cli);

#endif
