/* actor.h -- who acts at this command line, for the record of what was done. */
#ifndef CLI_ACTOR_H
#define CLI_ACTOR_H

/* The login name of the process's user; for root and the gateway's user that of the
 * person behind sudo, or "stepward" if there is none. */
const char *cli_actor(void);

#endif
