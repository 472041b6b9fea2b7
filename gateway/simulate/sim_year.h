/* sim_year.h -- what kind of day each day of a made-up patient's year is.
 *
 *     struct sim_day today = sim_year_day(&life, patient, day);
 *     if (today.is_flare) …
 *
 * A year before the start of the simulation the patient has begun to move more, or
 * less. Since then there were weekends, now and then a boom and two days of bust, a
 * holiday for which the band was left at home, a flare, and at last a new band. The days
 * before a year ago are like those of a year ago, and the last two weeks have no
 * surprises, so that what an alert is about is the kind's own story.
 */
#ifndef SIMULATE_SIM_YEAR_H
#define SIMULATE_SIM_YEAR_H

#include "simulate/sim_life.h"

enum sim_question { /* what a die is thrown for */
                    SIM_HAS_WALK,
                    SIM_WALK_FROM,
                    SIM_WALK_LENGTH,
                    SIM_CADENCE,
                    SIM_JITTER,
                    SIM_FIDGETS,
                    SIM_FIDGET,
                    SIM_NAP,
                    SIM_STROLLS,
                    SIM_STROLL_AT,
                    SIM_WAKE,
                    SIM_SLEEP,
                    SIM_GOOD_WEEK,
                    SIM_GOOD_DAY,
                    SIM_BOOMS,
                    SIM_BOOM_DAY,
                    SIM_FLARE,
                    SIM_HOLIDAY,
                    SIM_NEW_BAND,
                    SIM_BARE_NIGHT,
                    SIM_CHARGE_EVERY,
                    SIM_CHARGE_DAY,
                    SIM_CHARGE_AT,
                    SIM_CHARGE_LENGTH,
                    SIM_FORGETS,
                    SIM_HAS_GAP,
                    SIM_GAP_FROM,
                    SIM_GAP_LENGTH,
                    SIM_SAYS_PAIN,
                    SIM_PAIN_AT,
                    SIM_PAIN_SCORE,
                    SIM_PAIN_DAY,
};

/* The when-th throw of a die with n sides, different for each patient and question. */
uint32_t sim_die(const struct sim_life *life, size_t patient, int64_t when,
                 enum sim_question question, uint32_t n);

struct sim_day {
    int32_t load_pct; /* of what the kind's habit is now */
    int32_t wake_min, sleep_min;
    int32_t worn_from_min, worn_to_min;     /* 0 and 1440: also at night */
    int32_t charge_from_min, charge_to_min; /* equal: the band is not charged */
    /* Nothing comes of minutes before mute_until_min, nor of those between the others. */
    int32_t mute_until_min, mute_from_min, mute_to_min;
    int32_t holiday_day; /* 0: it is none, 1: the first */
    bool is_weekend, is_flare, is_boom, is_bust;
};
struct sim_day sim_year_day(const struct sim_life *life, size_t patient, int32_t day);

/* The first day with the new band. On this day the old one lies on a table, and says
 * so. */
int32_t sim_year_new_band(const struct sim_life *life, size_t patient);
/* Percent, of the band in use. */
int32_t sim_year_battery(const struct sim_life *life, size_t patient, int32_t day,
                         int32_t minute);
/* The nth score of the day, from 0 on; false: there is none. */
bool sim_year_pain(const struct sim_life *life, size_t patient, int32_t day, int nth,
                   struct sw_pain *ret);

#endif
