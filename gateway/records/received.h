/* received.h -- what was said of one patient, in the order in which it was received.
 *
 * Told for replaying: at_s is when the gateway received it, and what it could do to
 * alerts by itself was found out beforehand.
 */
#ifndef RECORDS_RECEIVED_H
#define RECORDS_RECEIVED_H

#include "stepward/civil.h"
#include "stepward/day.h"

enum sw_received_kind { SW_RECEIVED_READING, SW_RECEIVED_TOTAL, SW_RECEIVED_PAIN };
struct sw_received {
    int64_t at_s;
    int64_t device_key;
    enum sw_received_kind kind;
    int32_t battery; /* percent; -1: not said */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };

    /* By sw_received_list_prepare(): */
    int64_t from_s, to_s; /* the time it speaks of; a counter's: since its last total */
    int64_t steps;        /* at most so many more for the day */
    bool is_odd;          /* may change what was said before, for the same device */
};
/* All zero is valid: none. */
struct sw_received_list {
    struct sw_received *items;
    size_t n, cap;
};

/* 0 or -ENOMEM. */
int sw_received_list_add(struct sw_received_list *received_list,
                         const struct sw_received *received);
/* Everything in the set, as received when it ended. */
int sw_received_list_add_set(struct sw_received_list *received_list,
                             const struct sw_day_set *set);
/* Sort by time of receipt, and fill in what is derived. 0 or -ENOMEM. */
int sw_received_list_prepare(struct sw_received_list *received_list);
/* Say the i-th to a set; returns what the set returns. */
int sw_received_apply(const struct sw_received *received, struct sw_day_set *set);
void sw_received_list_fini(
    struct sw_received_list *received_list); /* leaves it empty */

#endif
