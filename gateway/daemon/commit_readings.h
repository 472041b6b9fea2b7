/* commit_readings.h -- the part of a commit that stores what messages brought, and the
 * patients they came from. */
#ifndef DAEMON_COMMIT_READINGS_H
#define DAEMON_COMMIT_READINGS_H

#include "daemon/commit.h"
#include "daemon/evaluate.h"

/* Store everything that is pending, in the open transaction. Recompute the days that
 * this changes and that are not in memory. */
int commit_readings(const struct commit *commit, struct effects *effects);
/* Add the patient to the store if only this process has enrolled it so far. */
int commit_enroll(const struct commit *commit, struct patient *patient,
                  struct effects *effects);
/* The key by which the store knows the patient in this transaction; 0 if it does
 * not. */
int64_t commit_key_of(const struct patient *patient, const struct effects *effects);

#endif
