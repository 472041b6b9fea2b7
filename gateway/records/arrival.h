/* arrival.h -- what was said of one patient, in the order in which it was received.
 *
 * Told for replaying: at_s is when the gateway received it, and what it could do to
 * alerts by itself was found out beforehand.
 */
#ifndef RECORDS_ARRIVAL_H
#define RECORDS_ARRIVAL_H

#include "stepward/civil.h"
#include "stepward/day.h"

enum sw_arrival_kind { SW_ARRIVED_READING, SW_ARRIVED_TOTAL, SW_ARRIVED_PAIN };
struct sw_arrival {
    int64_t at_s;
    int64_t device_key;
    enum sw_arrival_kind kind;
    int32_t battery; /* percent; -1: not said */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };

    /* By sw_arrivals_prepare(): */
    int64_t from_s, to_s; /* the time it speaks of; a counter's: since its last total */
    int64_t steps;        /* at most so many more for the day */
    bool is_odd;          /* may change what was said before, for the same device */
};
/* All zero is valid: none. */
struct sw_arrivals {
    struct sw_arrival *items;
    size_t n, cap;
};

/* 0 or -ENOMEM. */
int sw_arrivals_add(struct sw_arrivals *arrivals, const struct sw_arrival *arrival);
/* Everything in the set, as received when it ended. */
int sw_arrivals_add_set(struct sw_arrivals *arrivals, const struct sw_day_set *set);
/* Sort by time of receipt, and fill in what is derived. 0 or -ENOMEM. */
int sw_arrivals_prepare(struct sw_arrivals *arrivals);
/* Say the i-th to a set; returns what the set returns. */
int sw_arrival_say(const struct sw_arrival *arrival, struct sw_day_set *set);
void sw_arrivals_fini(struct sw_arrivals *arrivals); /* leaves it empty */

#endif
