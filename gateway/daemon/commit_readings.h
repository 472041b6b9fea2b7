/* commit_readings.h -- the part of a commit that stores what messages brought, and who
 * brought it. */
#ifndef DAEMON_COMMIT_READINGS_H
#define DAEMON_COMMIT_READINGS_H

#include "daemon/commit.h"
#include "daemon/evaluate.h"

/* Store all that is pending, in the open transaction, and compute the days anew that it
 * changes and that are not in memory. */
int commit_readings(const struct commit *commit, struct effects *effects);
/* Put the patient into the store if it was only enrolled here. */
int commit_enroll(const struct commit *commit, struct patient *patient,
                  struct effects *effects);
/* By which the store knows the patient, in this transaction; 0: it does not. */
int64_t commit_key_of(const struct patient *patient, const struct effects *effects);

#endif
