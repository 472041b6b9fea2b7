/* counter.h -- what a counter's totals say of the time between them.
 * Private to the core: minutes.c shares the differences out like readings. */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include "stepward/day.h"

/* A reading, or a counter's difference: steps in [a_s, b_s). */
struct stretch {
    int64_t a_s, b_s, steps;
    bool worn;
};

/* The walk over a device's totals; counter_fini() frees what counter_init() took. */
struct counter {
    const struct sw_device_set *device;
    const struct sw_zone *zone;
    size_t at;           /* the total whose difference is next */
    uint64_t work;       /* passes through the innermost loop */
    uint32_t *made_good; /* of each total the next that is no slip; NULL: none slips */
};

int counter_init(struct counter *counter, const struct sw_device_set *device,
                 const struct sw_zone *zone); /* 0 or -ENOMEM */
void counter_fini(struct counter *counter);
/* The next difference that says something, in order of its start; false: no more. */
bool counter_next(struct counter *counter, struct stretch *ret);

#endif
