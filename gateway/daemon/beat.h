/* beat.h -- who computes for minutes within one turn of the loop tells that the gateway
 * is alive all the same: the lock file's beat for `stepward status`, and systemd.
 *
 *     beat(&ward->beat); // as often as is convenient
 */
#ifndef DAEMON_BEAT_H
#define DAEMON_BEAT_H

#include <stdint.h>

struct beat {
    int lock_fd;   /* 0: there is none */
    int64_t at_ms; /* of the last */
};

/* Once a second at most: a call more costs nothing. */
void beat(struct beat *beat);

#endif
