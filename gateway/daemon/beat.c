/* beat.c -- the beat within a long turn. That of each turn is gateway.c's, what to make
 * of one that is missing the command's and systemd's business. */
#include "daemon/beat.h"

#include <systemd/sd-daemon.h>

#include "stepward/host.h"
#include "stepward/lock.h"

enum { EVERY_MS = 1000 };

void beat(struct beat *beat)
{
    int64_t now_ms = sw_clock_monotonic_ms();
    if (beat->at_ms != 0 && now_ms - beat->at_ms < EVERY_MS)
        return;
    beat->at_ms = now_ms;
    sd_notify(0, "WATCHDOG=1");
    if (beat->lock_fd > 0)
        sw_lock_beat(beat->lock_fd, now_ms);
}
