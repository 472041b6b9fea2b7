/* gateway_state.h -- whether the gateway does its job, what keeps it from it, and
 * whether what is stored is current.
 *
 *     struct sw_gateway_state gateway = {.config = &config, .now_s = now_s};
 *     r = sw_gateway_inspect(&gateway);               // needs no database
 *     r = sw_gateway_read(&gateway, store);           // what it last stored about itself
 *     if (!sw_gateway_is_well(&gateway, why))         // one line, with the remedy
 */
#ifndef RECORDS_GATEWAY_STATE_H
#define RECORDS_GATEWAY_STATE_H

#include "stepward/config.h"
#include "stepward/lock.h"
#include "stepward/store.h"

struct sw_gateway_state {
    const struct sw_config *config;
    int64_t now_s;
    struct sw_health health; /* connected, clock_trusted and problem: of now... */
    bool has_health, running;
    bool is_of_this_run;      /* ...and the others: of the gateway that runs */
    int64_t was_current_s;    /* when it was current, as stored; 0: it was not */
    int64_t hung_since_s;     /* it runs, but does nothing; 0: it does, or starts */
    struct sw_lock_note note; /* of a gateway that runs, newer than health */
    int64_t disk_free_bytes;  /* where data_dir is; -1: unknown */
    bool disk_is_read_only;
};

enum { SW_GATEWAY_WHY_MAX = 4 * SW_WHY_MAX }; /* a problem, with a file or a uri */

/* The commands to type, as in README.md. */
#define SW_START_GATEWAY   "`sudo systemctl enable --now stepward-gateway`"
#define SW_RESTART_GATEWAY "`sudo systemctl restart stepward-gateway`"

/* 0, or the errno of data_dir/gateway.lock; and 0, or that of the store. */
int sw_gateway_inspect(struct sw_gateway_state *gateway);
int sw_gateway_read(struct sw_gateway_state *gateway, struct sw_store *store);

/* False with the reason and the remedy, the root cause first; instants in it are in
 * UTC. */
bool sw_gateway_is_well(const struct sw_gateway_state *gateway,
                        char why[static SW_GATEWAY_WHY_MAX]);
/* The same, as far as it is known when the database cannot be opened. */
bool sw_gateway_may_be_well(const struct sw_gateway_state *gateway,
                            char why[static SW_GATEWAY_WHY_MAX]);

/* Whether it runs with the configuration as it was before it was changed. */
bool sw_gateway_is_outdated(const struct sw_gateway_state *gateway);

/* A gateway that stands still looks like a quiet day. *ret_since_s: since when what is
 * stored of the time before until_s is not current; 0: it is; SW_STALE_NEVER: no data
 * were ever current. `why` says what keeps it so. 0 or the store's errno. */
enum { SW_STALE_NEVER = -1 };
int sw_gateway_stale_since(const struct sw_gateway_state *gateway,
                           struct sw_store *store, int64_t until_s,
                           int64_t *ret_since_s, char why[static SW_GATEWAY_WHY_MAX]);

#endif
