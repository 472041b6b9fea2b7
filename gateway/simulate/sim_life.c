/* sim_life.c -- the lives of made-up patients, as pure functions.
 * What kind of day a day is, is sim_year.c's business; what is sent, and when, is
 * sim_feed.c's. */
#include "simulate/sim_life.h"

#include <stdio.h>

#include "simulate/sim_year.h"

enum {
    WALK_BEFORE_REST_S = 10 * 60, /* so that the rest has a beginning */
    REST_OVER_LIMIT_S = 20 * 60,
    REST_AFTER_S = 45 * 60, /* live, somebody gets up at last */
    BARE_S = 4 * 3600,      /* unworn alerts want 3 h */
    SILENT_OVER_LIMIT_S = 2 * 3600,
    NAP_FROM_MIN = 13 * 60, /* some days the band comes off for a nap */
    NAP_TO_MIN = 14 * 60 + 30,
    HOLIDAY_EMPTY_DAY = 3, /* at home the band says for so long that nobody wears it */
    WALK_PCT_MAX = 90,     /* beyond, walks are longer instead */
    WALK_MIN_MAX = 40,
    OLD_BAND_PCT = 45, /* when it was laid aside */
};

/* How patients of one kind spend an hour awake: perhaps one walk, and a few steps. Most
 * days have a stroll besides. */
static const struct habit {
    const char *name;
    uint32_t walk_pct; /* of the hours have a walk */
    uint32_t walk_min, walk_more_min;
    uint32_t cadence, cadence_more; /* steps a minute while walking */
    uint32_t fidget_pct;            /* of the other minutes have a few steps */
    uint32_t stroll_min;
} habits[SIM_KINDS] = {
    [SIM_WALKER] = {"walker", 78, 3, 7, 80, 30, 10, 20},
    [SIM_RESTER] = {"rester", 25, 2, 4, 70, 20, 2, 0},
    [SIM_BARE] = {"bare", 70, 3, 6, 75, 25, 8, 14},
    [SIM_SILENT] = {"silent", 75, 3, 7, 75, 25, 8, 18},
    [SIM_EAGER] = {"eager", 120, 4, 8, 100, 30, 15, 30},
};

enum { FIDGET_STEPS = 20, JITTER_STEPS = 15 };
_Static_assert(130 + JITTER_STEPS <= SW_STEPS_PER_MIN_MAX, "nobody is implausible");

/* How likely a walk is in each hour of the day, in percent of an ordinary one. */
static const uint8_t hour_pct[2][24] = {
    {[6] = 40, 90, 140, 110, 130, 120, 100, 75, 85, 110, 130, 140, 110, 80, 50, 25},
    {[7] = 40, 60, 100, 140, 140, 110, 75, 90, 130, 120, 90, 90, 70, 60, 35, 15},
};

struct sim_life sim_life_new(uint64_t seed, const struct sw_zone *zone,
                             const struct sw_plan *plan, int64_t now_s)
{
    return (struct sim_life){
        .seed = seed,
        .zone = zone,
        .anchor_s = now_s,
        .anchor_day = sw_day_of(zone, now_s),
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

/* ---- an ordinary minute ---- */

static bool is_stroll(const struct sim_life *life, size_t patient, int32_t day,
                      int32_t minute, const struct sim_day *today)
{
    int32_t usual_min = today->is_weekend ? 10 * 60 + 20 : 16 * 60 + 30;
    int32_t from = usual_min + (int32_t)sim_die(life, patient, 0, SIM_STROLL_AT, 50) +
                   (int32_t)sim_die(life, patient, day, SIM_STROLL_AT, 30);
    int32_t length = (int32_t)habits[sim_kind(patient)].stroll_min;
    length = length * (today->load_pct + 50) / 150;
    return minute >= from && minute < from + length &&
           sim_die(life, patient, day, SIM_STROLLS, 100) < (today->is_flare ? 35 : 80);
}

static bool is_walk(const struct sim_life *life, size_t patient, int32_t day,
                    int32_t minute, const struct sim_day *today)
{
    const struct habit *habit = &habits[sim_kind(patient)];
    int32_t of_day = minute / 60;
    int64_t hour = (int64_t)day * 24 + of_day;
    uint32_t in_hour = (uint32_t)minute % 60;
    uint32_t from = sim_die(life, patient, hour, SIM_WALK_FROM, 40);
    uint32_t length = habit->walk_min + sim_die(life, patient, hour, SIM_WALK_LENGTH,
                                                habit->walk_more_min);
    uint32_t pct = habit->walk_pct * hour_pct[today->is_weekend][of_day] / 100 *
                   (uint32_t)today->load_pct / 100;
    if (pct > WALK_PCT_MAX)
        length = length * pct / WALK_PCT_MAX;
    if (length > WALK_MIN_MAX)
        length = WALK_MIN_MAX;
    return in_hour >= from && in_hour < from + length &&
           sim_die(life, patient, hour, SIM_HAS_WALK, 100) < pct;
}

static int32_t usual_steps(const struct sim_life *life, size_t patient, int32_t day,
                           int32_t minute, const struct sim_day *today)
{
    const struct habit *habit = &habits[sim_kind(patient)];
    int64_t hour = (int64_t)day * 24 + minute / 60,
            instant = (int64_t)day * 1440 + minute;
    uint32_t fidget_pct = habit->fidget_pct * (uint32_t)today->load_pct / 100;
    if (minute < today->wake_min || minute >= today->sleep_min)
        return 0;
    if (is_stroll(life, patient, day, minute, today) ||
        is_walk(life, patient, day, minute, today))
        return (
            int32_t)(habit->cadence +
                     sim_die(life, patient, hour, SIM_CADENCE, habit->cadence_more) +
                     sim_die(life, patient, instant, SIM_JITTER, JITTER_STEPS));
    bool is_fidget = sim_die(life, patient, instant, SIM_FIDGETS, 100) < fidget_pct;
    return is_fidget
               ? 1 + (int32_t)sim_die(life, patient, instant, SIM_FIDGET, FIDGET_STEPS)
               : 0;
}

static bool is_within(int32_t minute, int32_t from, int32_t to)
{
    return minute >= from && minute < to;
}

static struct sim_minute usual_minute(const struct sim_life *life, size_t patient,
                                      int32_t day, int32_t minute)
{
    struct sim_day today = sim_year_day(life, patient, day);
    bool is_mute = minute < today.mute_until_min ||
                   is_within(minute, today.mute_from_min, today.mute_to_min);
    bool is_off = today.holiday_day > 0 || minute < today.worn_from_min ||
                  minute >= today.worn_to_min ||
                  is_within(minute, today.charge_from_min, today.charge_to_min);
    if (is_mute || today.holiday_day > HOLIDAY_EMPTY_DAY)
        return (struct sim_minute){.is_sent = false};
    if (is_off)
        return (struct sim_minute){.is_sent = true};
    return (struct sim_minute){
        .is_sent = true,
        .worn = true,
        .steps = usual_steps(life, patient, day, minute, &today),
    };
}

/* ---- the stories ---- */

struct sim_minute sim_life_minute(const struct sim_life *life, size_t patient,
                                  int64_t at_s)
{
    int32_t day = sw_day_of(life->zone, at_s);
    int32_t of_day = sw_local_minute(life->zone, at_s);
    int64_t rest_from_s = life->anchor_s - life->rest_s;
    struct sim_minute minute = usual_minute(life, patient, day, of_day);
    switch (sim_kind(patient)) {
    case SIM_RESTER:
        if (at_s >= rest_from_s && at_s < life->anchor_s + REST_AFTER_S)
            minute = (struct sim_minute){.is_sent = true, .worn = true};
        else if (at_s < rest_from_s && at_s >= rest_from_s - WALK_BEFORE_REST_S)
            minute = (struct sim_minute){.is_sent = true,
                                         .worn = true,
                                         .steps = (int32_t)habits[SIM_RESTER].cadence};
        break;
    case SIM_BARE: {
        bool is_nap = is_within(of_day, NAP_FROM_MIN, NAP_TO_MIN) &&
                      sim_die(life, patient, day, SIM_NAP, 2) == 0;
        bool is_bare = at_s >= life->anchor_s - BARE_S;
        if (is_bare || (is_nap && minute.is_sent))
            minute = (struct sim_minute){.is_sent = true};
        break;
    }
    case SIM_SILENT:
        minute.is_sent = minute.is_sent && at_s < life->anchor_s - life->silent_s;
        break;
    case SIM_WALKER:
    case SIM_EAGER:
    case SIM_KINDS:
        break;
    }
    return minute;
}

/* ---- what says it ---- */

struct sim_minute sim_life_band(const struct sim_life *life, size_t patient, int band,
                                int64_t at_s)
{
    int32_t first_new = sim_year_new_band(life, patient),
            day = sw_day_of(life->zone, at_s);
    int in_use = day >= first_new;
    if (band == in_use)
        return sim_life_minute(life, patient, at_s);
    return (struct sim_minute){.is_sent = band == 0 && day == first_new};
}

struct sw_device_id sim_band_id(size_t patient, int band)
{
    struct sw_device_id id;
    snprintf(id.str, sizeof id.str, "band-%03zu-%d", patient + 1, band + 1);
    return id;
}

int32_t sim_life_battery(const struct sim_life *life, size_t patient, int band,
                         int64_t at_s)
{
    int32_t day = sw_day_of(life->zone, at_s),
            minute = sw_local_minute(life->zone, at_s);
    bool is_old = band == 0 && day == sim_year_new_band(life, patient);
    return is_old ? OLD_BAND_PCT : sim_year_battery(life, patient, day, minute);
}

bool sim_life_pain(const struct sim_life *life, size_t patient, int64_t from_s,
                   int64_t to_s, struct sw_pain *ret)
{
    int32_t day = sw_day_of(life->zone, from_s);
    for (int nth = 0; nth < SIM_PAINS_A_DAY_MAX; nth++)
        if (sim_year_pain(life, patient, day, nth, ret) && ret->at_s >= from_s &&
            ret->at_s < to_s)
            return sim_kind(patient) != SIM_SILENT ||
                   ret->at_s < life->anchor_s - life->silent_s;
    return false;
}
