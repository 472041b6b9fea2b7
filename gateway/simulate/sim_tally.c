/* sim_tally.c -- what the broker has taken, by patient and civil day: what a test may
 * hold against the gateway's own sums. */
#include "simulate/sim_tally.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void sim_tally_init(struct sim_tally *tally, size_t n_patients, int32_t first_day)
{
    *tally = (struct sim_tally){.n_patients = n_patients, .first_day = first_day};
}

void sim_tally_fini(struct sim_tally *tally)
{
    free(tally->days);
    *tally = (struct sim_tally){0};
}

static int grow(struct sim_tally *tally, size_t n_days)
{
    if (n_days <= tally->n_days)
        return 0;
    struct sim_sum *days =
        reallocarray(tally->days, n_days, tally->n_patients * sizeof *days);
    if (!days)
        return -ENOMEM;
    size_t n_new = (n_days - tally->n_days) * tally->n_patients;
    memset(days + tally->n_days * tally->n_patients, 0, n_new * sizeof *days);
    tally->days = days;
    tally->n_days = n_days;
    return 0;
}

static struct sim_sum *sum_of(const struct sim_tally *tally, size_t patient,
                              int32_t day)
{
    return &tally->days[(size_t)(day - tally->first_day) * tally->n_patients + patient];
}

int sim_tally_add(struct sim_tally *tally, const struct sim_life *life,
                  const struct sim_batch *batch)
{
    int64_t last_s = batch->start_s + (batch->minutes - 1) * INT64_C(60);
    int32_t last_day = sw_day_of(life->zone, last_s);
    int r = grow(tally, (size_t)(last_day - tally->first_day) + 1);
    if (r < 0)
        return r;
    sum_of(tally, batch->patient, sw_day_of(life->zone, batch->start_s))->messages++;
    tally->total.messages++;
    for (int64_t at_s = batch->start_s; at_s <= last_s; at_s += 60) {
        struct sim_sum *sum =
            sum_of(tally, batch->patient, sw_day_of(life->zone, at_s));
        struct sim_minute minute = sim_life_minute(life, batch->patient, at_s);
        sum->readings++;
        sum->steps += minute.steps;
        tally->total.readings++;
        tally->total.steps += minute.steps;
    }
    return 0;
}

const struct sim_sum *sim_tally_get(const struct sim_tally *tally, size_t patient,
                                    int32_t day)
{
    bool is_reached =
        day >= tally->first_day && (size_t)(day - tally->first_day) < tally->n_days;
    return is_reached ? sum_of(tally, patient, day) : NULL;
}
