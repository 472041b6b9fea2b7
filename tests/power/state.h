/* state.h -- open a data folder as the gateway does when the power is back, and list
 * what is in it:
 *
 *     reading|PATIENT|DEVICE|START|SECONDS  steps      total|PATIENT|DEVICE|AT  total
 *     pain|PATIENT|AT                       message|…  refused, or in the inbox
 *     alert|ID  revision      acknowledged|ID      patient|ID      goal|ID  steps
 */
#ifndef TEST_STATE_H
#define TEST_STATE_H

#include <stdbool.h>

#include "facts.h"
#include "stepward/config.h"

struct state {
    struct facts facts;
    bool inbox_damaged;
    long doubled; /* readings that nobody sent, and steps that days count without one */
    char why[SW_WHY_MAX]; /* if it cannot be opened, or what is damaged */
};

/* False if the gateway would not start, or not with this database. received: the
 * readings that there can be. */
bool state_open(struct state *state, const struct sw_config *config,
                struct facts *received);
void state_fini(struct state *state);

#endif
