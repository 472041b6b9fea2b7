/* sim_life.h -- the lives of made-up patients, minute by minute.
 *
 *     struct sim_life life = sim_life_new(seed, &zone, &plan, now_s);
 *     struct sim_minute minute = sim_life_minute(&life, patient, at_s);
 *
 * A pure function of the seed, the patient's number, the minute's civil time and the
 * instant the simulation was started. Over the year before it each kind gets better or
 * worse (see sim_year.h), and just before it each kind's story comes to its point:
 * someone has rested too long, someone's device fell silent.
 */
#ifndef SIMULATE_SIM_LIFE_H
#define SIMULATE_SIM_LIFE_H

#include "stepward/civil.h"
#include "stepward/plan.h"
#include "stepward/types.h"

enum sim_kind { /* of patient i: i % SIM_KINDS */
                SIM_WALKER,
                SIM_RESTER, /* rests for longer than the plan's limit, until now */
                SIM_BARE,   /* took the band off hours ago; it says so */
                SIM_SILENT, /* whose device was last heard from hours ago */
                SIM_EAGER,  /* does too much */
                SIM_KINDS,
};

struct sim_life {
    uint64_t seed;
    const struct sw_zone *zone;
    int64_t anchor_s; /* when the simulation was started */
    int32_t anchor_day;
    int64_t rest_s;   /* the rester's rest until then */
    int64_t silent_s; /* the silent one's silence */
};

struct sim_minute {
    bool is_sent; /* false: the device says nothing about it */
    bool worn;
    int32_t steps;
};

struct sim_life sim_life_new(uint64_t seed, const struct sw_zone *zone,
                             const struct sw_plan *plan, int64_t now_s);
enum sim_kind sim_kind(size_t patient);
const char *sim_kind_name(enum sim_kind kind);
struct sw_patient_id sim_patient_id(size_t patient); /* "sim-001" is number 0 */
struct sim_minute sim_life_minute(const struct sim_life *life, size_t patient,
                                  int64_t at_s);

/* A patient has had two bands; minutes are said by the one in use. For a day the first
 * lies beside the second, and says that nobody wears it. */
enum { SIM_BANDS = 2, SIM_PAINS_A_DAY_MAX = 2 };
struct sim_minute sim_life_band(const struct sim_life *life, size_t patient, int band,
                                int64_t at_s);
struct sw_device_id sim_band_id(size_t patient, int band); /* "band-001-1" is band 0 */
int32_t sim_life_battery(const struct sim_life *life, size_t patient, int band,
                         int64_t at_s); /* percent */
/* A score that is given in that time, an hour of one day or less; false: none is. */
bool sim_life_pain(const struct sim_life *life, size_t patient, int64_t from_s,
                   int64_t to_s, struct sw_pain *ret);

#endif
