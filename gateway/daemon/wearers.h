/* wearers.h -- who wears which device, kept in memory: every message asks.
 */
#ifndef DAEMON_WEARERS_H
#define DAEMON_WEARERS_H

#include "stepward/store.h"

struct wearers {
    struct sw_wearer *items; /* by device, then by time */
    size_t n, cap;
};

/* Load again. *ret_changed: somebody wears something else than before. */
int wearers_load(struct wearers *wearers, struct sw_store *store, bool *ret_changed);
void wearers_fini(struct wearers *wearers);

/* The span at from_s; NULL if nobody was ever assigned the device before. It may have
 * nobody's key, and end before a reading that begins at from_s does. */
const struct sw_wearer *wearers_at(const struct wearers *wearers,
                                   const struct sw_device_id *device, int64_t from_s);

#endif
