/* minutes.h -- what one device reports for each minute of a day.
 * Private to the core: minutes.c fills it, day.c merges the devices and classifies. */
#ifndef CORE_MINUTES_H
#define CORE_MINUTES_H

#include "stepward/day.h"

struct device_minute {
    int32_t steps;
    uint8_t firm_s; /* seconds won by firm readings, worn or not */
    uint8_t worn_s; /* seconds won by firm worn readings */
    bool sustained; /* a firm worn winner lasts over 5 min and added break_steps */
};

struct device_block {
    int64_t steps;
    int64_t longest_s; /* the longest reading that won seconds in it; 0: none did */
};

/* All zero: there is no data for any minute. */
struct minute_sheet {
    const struct sw_device_set *device; /* whose it is, set by day.c */
    int32_t from, to;                   /* there is data for minutes [from, to) only */
    struct device_minute minutes[SW_DAY_MINUTES_MAX];
    struct device_block blocks[SW_DAY_BLOCKS_MAX];
    uint64_t work; /* passes through the innermost loops, for a test to bound */
};

/* Fill the sheet, which must be all zero, for the n minutes of the day that begins at
 * begin_s. *touched is set if any data of the device lies in the day. 0 or -ENOMEM. */
int device_minutes(const struct sw_device_set *device, const struct sw_zone *zone,
                   int64_t begin_s, int32_t n, int32_t break_steps,
                   struct minute_sheet *ret, bool *touched);

#endif
