/* device_assignments.h -- who wears which device, kept in memory because every message
 * asks.
 */
#ifndef DAEMON_DEVICE_ASSIGNMENTS_H
#define DAEMON_DEVICE_ASSIGNMENTS_H

#include "stepward/store.h"

struct device_assignments {
    struct sw_assignment *items; /* by device, then by time */
    size_t n, cap;
};

/* Load again. *ret_changed: some device is worn by somebody else than before. */
int device_assignments_load(struct device_assignments *device_assignments,
                            struct sw_store *store, bool *ret_changed);
void device_assignments_fini(struct device_assignments *device_assignments);

/* The assignment at from_s; NULL if the device was not assigned to anybody before then.
 * It may have nobody's key, and may end before a reading that begins at from_s does. */
const struct sw_assignment *
device_assignments_at(const struct device_assignments *device_assignments,
                      const struct sw_device_id *device, int64_t from_s);

#endif
