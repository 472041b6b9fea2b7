/* sim_life.c -- the lives of made-up patients, as pure functions.
 * What is sent of them, and when, is sim_feed.c's business. */
#include "simulate/sim_life.h"

#include <stdio.h>

enum {
    WALK_BEFORE_REST_S = 10 * 60, /* so that the rest has a beginning */
    REST_OVER_LIMIT_S = 20 * 60,
    REST_AFTER_S = 45 * 60, /* live, somebody gets up at last */
    BARE_S = 4 * 3600,      /* unworn alerts want 3 h */
    SILENT_OVER_LIMIT_S = 2 * 3600,
    NAP_FROM_MIN = 13 * 60, /* some days the band comes off for a nap */
    NAP_TO_MIN = 14 * 60 + 30,
    WAKE_HOUR = 7,
    SLEEP_HOUR = 22,
};

/* How patients of one kind spend an hour awake: perhaps one walk, and a few steps. */
static const struct habit {
    const char *name;
    uint32_t walk_pct; /* of the hours have a walk */
    uint32_t walk_min, walk_more_min;
    uint32_t cadence, cadence_more; /* steps a minute while walking */
    uint32_t fidget_pct;            /* of the other minutes have a few steps */
} habits[SIM_KINDS] = {
    [SIM_WALKER] = {"walker", 45, 5, 12, 80, 30, 10},
    [SIM_RESTER] = {"rester", 15, 3, 6, 70, 20, 2},
    [SIM_BARE] = {"bare", 50, 4, 8, 75, 25, 8},
    [SIM_SILENT] = {"silent", 55, 4, 10, 75, 25, 8},
    [SIM_EAGER] = {"eager", 75, 8, 10, 100, 30, 15},
};

enum { FIDGET_STEPS = 20, JITTER_STEPS = 15 };
_Static_assert(130 + JITTER_STEPS <= SW_STEPS_PER_MIN_MAX, "nobody is implausible");

/* splitmix64, from Steele, Lea and Flood, 2014: well mixed for its size. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/* The when-th throw of a die with n sides, different for each patient and question. */
static uint32_t throw_die(const struct sim_life *life, size_t patient, int64_t when,
                          uint64_t question, uint32_t n)
{
    uint64_t x = mix(life->seed);
    x = mix(x ^ (uint64_t)patient);
    x = mix(x ^ (uint64_t)when);
    return (uint32_t)(mix(x ^ question) % n);
}

struct sim_life sim_life_new(uint64_t seed, const struct sw_zone *zone,
                             const struct sw_plan *plan, int64_t now_s)
{
    return (struct sim_life){
        .seed = seed,
        .zone = zone,
        .anchor_s = now_s,
        .rest_s = (int64_t)plan->rest_limit_min * 60 + REST_OVER_LIMIT_S,
        .silent_s = (int64_t)plan->silent_after_s + SILENT_OVER_LIMIT_S,
    };
}

enum sim_kind sim_kind(size_t patient)
{
    return (enum sim_kind)(patient % SIM_KINDS);
}

const char *sim_kind_name(enum sim_kind kind)
{
    return habits[kind].name;
}

struct sw_patient_id sim_patient_id(size_t patient)
{
    struct sw_patient_id id;
    snprintf(id.str, sizeof id.str, "sim-%03zu", patient + 1);
    return id;
}

enum question {
    HAS_WALK,
    WALK_FROM,
    WALK_LENGTH,
    CADENCE,
    JITTER,
    FIDGETS,
    FIDGET,
    NAP
};

/* The steps of an ordinary minute, by the day and the minute of it in civil time. */
static int32_t usual_steps(const struct sim_life *life, size_t patient, int32_t day,
                           int32_t minute)
{
    const struct habit *habit = &habits[sim_kind(patient)];
    int64_t hour = (int64_t)day * 24 + minute / 60,
            instant = (int64_t)day * 1440 + minute;
    uint32_t in_hour = (uint32_t)minute % 60;
    bool is_awake = minute >= WAKE_HOUR * 60 && minute < SLEEP_HOUR * 60;
    if (!is_awake)
        return 0;
    uint32_t from = throw_die(life, patient, hour, WALK_FROM, 40);
    uint32_t length = habit->walk_min +
                      throw_die(life, patient, hour, WALK_LENGTH, habit->walk_more_min);
    bool is_walk = throw_die(life, patient, hour, HAS_WALK, 100) < habit->walk_pct &&
                   in_hour >= from && in_hour < from + length;
    if (is_walk)
        return (int32_t)(habit->cadence +
                         throw_die(life, patient, hour, CADENCE, habit->cadence_more) +
                         throw_die(life, patient, instant, JITTER, JITTER_STEPS));
    bool is_fidget =
        throw_die(life, patient, instant, FIDGETS, 100) < habit->fidget_pct;
    return is_fidget
               ? 1 + (int32_t)throw_die(life, patient, instant, FIDGET, FIDGET_STEPS)
               : 0;
}

struct sim_minute sim_life_minute(const struct sim_life *life, size_t patient,
                                  int64_t at_s)
{
    int32_t day = sw_day_of(life->zone, at_s);
    int32_t of_day = sw_local_minute(life->zone, at_s);
    int64_t rest_from_s = life->anchor_s - life->rest_s;
    struct sim_minute minute = {.is_sent = true,
                                .worn = true,
                                .steps = usual_steps(life, patient, day, of_day)};
    switch (sim_kind(patient)) {
    case SIM_RESTER:
        if (at_s >= rest_from_s && at_s < life->anchor_s + REST_AFTER_S)
            minute.steps = 0;
        else if (at_s < rest_from_s && at_s >= rest_from_s - WALK_BEFORE_REST_S)
            minute.steps = (int32_t)habits[SIM_RESTER].cadence;
        break;
    case SIM_BARE: {
        bool is_nap = of_day >= NAP_FROM_MIN && of_day < NAP_TO_MIN &&
                      throw_die(life, patient, day, NAP, 2) == 0;
        if (is_nap || at_s >= life->anchor_s - BARE_S)
            minute = (struct sim_minute){.is_sent = true};
        break;
    }
    case SIM_SILENT:
        minute.is_sent = at_s < life->anchor_s - life->silent_s;
        break;
    case SIM_WALKER:
    case SIM_EAGER:
    case SIM_KINDS:
        break;
    }
    return minute;
}
