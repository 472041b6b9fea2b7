/* sim_tally.h -- what the broker has taken, by patient and civil day. */
#ifndef SIMULATE_SIM_TALLY_H
#define SIMULATE_SIM_TALLY_H

#include "simulate/sim_feed.h"

struct sim_sum {
    int64_t messages, readings, steps;
};

struct sim_tally {
    struct sim_sum total;
    struct sim_sum *days; /* n_days rows of n_patients */
    size_t n_patients, n_days;
    int32_t first_day;
};

void sim_tally_init(struct sim_tally *tally, size_t n_patients, int32_t first_day);
void sim_tally_fini(struct sim_tally *tally);
/* A batch counts as a message of the day it begins on. -ENOMEM: not counted. */
int sim_tally_add(struct sim_tally *tally, const struct sim_life *life,
                  const struct sim_batch *batch);
/* NULL for a day not reached. */
const struct sim_sum *sim_tally_get(const struct sim_tally *tally, size_t patient,
                                    int32_t day);

#endif
