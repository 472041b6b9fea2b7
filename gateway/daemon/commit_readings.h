/* commit_readings.h -- the part of a commit that stores what messages brought. */
#ifndef DAEMON_COMMIT_READINGS_H
#define DAEMON_COMMIT_READINGS_H

#include "daemon/commit.h"

/* Store all that is pending in the intake, in the open transaction, and compute the
 * days anew that it changes and that are not in memory. */
int pending_store(struct commit *commit);

#endif
