/* received.h -- one patient's data in the order in which it was received, for a replay.
 *
 * at_s is when the gateway received the data. What the data can do to alerts by itself
 * is derived beforehand.
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
    int32_t battery; /* percent; -1: not sent */
    union {
        struct sw_reading reading;
        struct sw_total total;
        struct sw_pain pain;
    };

    /* By sw_received_list_prepare(): */
    int64_t from_s, to_s; /* the time it covers; a total: since the last one */
    int64_t steps;        /* adds at most so many to the day */
    bool is_odd;          /* may change what earlier data said */
};
/* All zero is a valid empty list. */
struct sw_received_list {
    struct sw_received *items;
    size_t n, cap;
};

/* 0 or -ENOMEM. */
int sw_received_list_add(struct sw_received_list *received_list,
                         const struct sw_received *received);
/* Add everything in the set, as received when it ended. 0 or -ENOMEM. */
int sw_received_list_add_set(struct sw_received_list *received_list,
                             const struct sw_day_set *set);
/* Sort by time of receipt and fill in the derived fields. 0 or -ENOMEM. */
int sw_received_list_prepare(struct sw_received_list *received_list);
/* Add the data to a set; returns what the set returns. */
int sw_received_apply(const struct sw_received *received, struct sw_day_set *set);
/* Leaves it empty. */
void sw_received_list_fini(struct sw_received_list *received_list);

#endif
