/* retention.h -- what is older than `keep` says is removed while nothing else waits.
 *
 *     at_ms = sooner(at_ms, retention_next_ms(&gateway->retention));
 *     …
 *     if (is_calm(gateway))
 *         r = retention_tick(&gateway->retention, config, &zone, store, instant);
 *
 * All zero is a valid beginning.
 */
#ifndef DAEMON_RETENTION_H
#define DAEMON_RETENTION_H

#include "stepward/config.h"
#include "stepward/host.h"
#include "stepward/store.h"

struct retention {
    enum sw_keep what; /* is being removed */
    bool is_done;      /* for `today` */
    bool has_removed[SW_KEEPS];
    int32_t today;
    int64_t next_ms; /* no step before then */
};

/* When the next step is due; INT64_MAX: everything is kept for ever. */
int64_t retention_next_ms(const struct retention *retention,
                          const struct sw_config *config);
/* Take a step if one is due. 0, or a negative errno of the store; then it is tried again
 * in an hour. */
int retention_tick(struct retention *retention, const struct sw_config *config,
                   const struct sw_zone *zone, struct sw_store *store, int64_t now_s,
                   int64_t now_ms);

#endif
