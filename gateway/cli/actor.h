/* actor.h -- who acts at this command line, for the record of what was done. */
#ifndef CLI_ACTOR_H
#define CLI_ACTOR_H

/* The login name behind sudo or without it; "stepward" if there is none. */
const char *cli_actor(void);

#endif
