/* shutdown.h -- the end that any thread may come to. How the loop ends its work is in
 * gateway.h. */
#ifndef DAEMON_SHUTDOWN_H
#define DAEMON_SHUTDOWN_H

/* The broker delivers what was not acknowledged to the next start. */
_Noreturn void gateway_give_up(const char *what, int r);

#endif
