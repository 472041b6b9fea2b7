/* counter.h -- the steps between a counter's totals.
 * Private to the core: minutes.c distributes the differences like readings. */
#ifndef CORE_COUNTER_H
#define CORE_COUNTER_H

#include "stepward/day.h"

/* A reading, or a counter's difference: steps in [a_s, b_s). */
struct stretch {
    int64_t a_s, b_s, steps;
    bool worn;
};

/* Walks over a device's totals. */
struct counter {
    const struct sw_device_set *device;
    const struct sw_zone *zone;
    size_t at;           /* the total whose difference is next */
    uint64_t work;       /* passes through the innermost loop */
    uint32_t *made_good; /* for each total the next that is no slip; NULL: no slips;
                          * the caller frees it */
};

int counter_init(struct counter *counter, const struct sw_device_set *device,
                 const struct sw_zone *zone); /* 0 or -ENOMEM */
/* The next usable difference, in order of its start; false: there are no more. */
bool counter_next(struct counter *counter, struct stretch *ret);

#endif
