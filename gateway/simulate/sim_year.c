/* sim_year.c -- the days of a made-up patient's year, as pure functions of the seed, the
 * patient and the day. The minutes of a day are sim_life.c's business. */
#include "simulate/sim_year.h"

enum {
    YEAR_DAYS = 365,
    CALM_DAYS = 14, /* the last ones, without surprises */
    /* Days before today; so many sides has the die that says when. */
    NEW_BAND_AGO = 24,
    NEW_BAND_DIE = 30,
    FLARE_AGO = 65,
    FLARE_DIE = 55,
    FLARE_DAYS = 14,
    RECOVERY_DAYS = 14,
    HOLIDAY_AGO = 150,
    HOLIDAY_DIE = 60,
    HOLIDAY_DAYS = 10,
    /* of the usual load, in percent */
    FLARE_LOAD = 42,
    BUST_LOAD = 45,
    FORGETS_ONE_OF = 5, /* times that the band should be charged */
    GAP_ONE_OF = 35,    /* days */
    CHARGE_AT_PCT = 28, /* above the alert's limit */
    EMPTY_PCT = 3,
};

/* How the year of one kind goes. Pain is in halves, as scores are given here. */
static const struct course {
    int32_t year_ago_pct; /* of today's load */
    int32_t weekend_pct;  /* of a weekday's load */
    int32_t boom_load;    /* in percent of the usual one */
    uint32_t boom_pct;    /* of the weeks have one */
    uint32_t bare_night_pct;
    int32_t pain_year_ago, pain_now;
} courses[SIM_KINDS] = {
    [SIM_WALKER] = {45, 70, 220, 28, 30, 8, 4},
    [SIM_RESTER] = {330, 80, 200, 8, 70, 5, 8},
    [SIM_BARE] = {75, 85, 190, 15, 90, 7, 5},
    [SIM_SILENT] = {65, 70, 200, 20, 45, 9, 6},
    [SIM_EAGER] = {85, 112, 145, 45, 10, 6, 6},
};

/* splitmix64, from Steele, Lea and Flood, 2014: well mixed for its size. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

uint32_t sim_die(const struct sim_life *life, size_t patient, int64_t when,
                 enum sim_question question, uint32_t n)
{
    uint64_t x = mix(life->seed);
    x = mix(x ^ (uint64_t)patient);
    x = mix(x ^ (uint64_t)when);
    return (uint32_t)(mix(x ^ (uint64_t)question) % n);
}

static int32_t die(const struct sim_life *life, size_t patient, int64_t when,
                   enum sim_question question, int32_t n)
{
    return (int32_t)sim_die(life, patient, when, question, (uint32_t)n);
}

static const struct course *course_of(size_t patient)
{
    return &courses[sim_kind(patient)];
}

/* Live, the days after the start are like it. */
static int32_t days_ago(const struct sim_life *life, int32_t day)
{
    return day < life->anchor_day ? life->anchor_day - day : 0;
}

/* From what it was a year ago to what it is now. */
static int32_t sim_trend(int32_t year_ago, int32_t now, int32_t ago)
{
    int32_t left = ago < YEAR_DAYS ? ago : YEAR_DAYS;
    return now + (year_ago - now) * left / YEAR_DAYS;
}

/* ---- what happens in a year ---- */

int32_t sim_year_new_band(const struct sim_life *life, size_t patient)
{
    return life->anchor_day - NEW_BAND_AGO -
           die(life, patient, 0, SIM_NEW_BAND, NEW_BAND_DIE);
}

/* The days since the flare began: 0 on its first. */
static int32_t flare_day(const struct sim_life *life, size_t patient, int32_t day)
{
    return day - life->anchor_day + FLARE_AGO +
           die(life, patient, 0, SIM_FLARE, FLARE_DIE);
}

static int32_t holiday_day(const struct sim_life *life, size_t patient, int32_t day)
{
    int32_t nth = day - life->anchor_day + HOLIDAY_AGO +
                  die(life, patient, 0, SIM_HOLIDAY, HOLIDAY_DIE);
    return nth >= 0 && nth < HOLIDAY_DAYS ? nth + 1 : 0;
}

/* At most one in a week, and none in a flare or while that is getting better. */
static bool is_boom(const struct sim_life *life, size_t patient, int32_t day)
{
    int32_t week = sw_week_begin(day), flare = flare_day(life, patient, day);
    bool is_ill = flare >= -2 && flare < FLARE_DAYS + RECOVERY_DAYS;
    if (is_ill || days_ago(life, day) < CALM_DAYS)
        return false;
    return sim_die(life, patient, week, SIM_BOOMS, 100) <
               course_of(patient)->boom_pct &&
           day - week == die(life, patient, week, SIM_BOOM_DAY, 7);
}

static int32_t usual_load(const struct sim_life *life, size_t patient, int32_t day,
                          bool is_weekend)
{
    const struct course *course = course_of(patient);
    int32_t load = sim_trend(course->year_ago_pct, 100, days_ago(life, day));
    load =
        load * (92 + die(life, patient, sw_week_begin(day), SIM_GOOD_WEEK, 17)) / 100;
    load = load * (76 + die(life, patient, day, SIM_GOOD_DAY, 49)) / 100;
    return is_weekend ? load * course->weekend_pct / 100 : load;
}

static void set_load(const struct sim_life *life, size_t patient, int32_t day,
                     struct sim_day *today)
{
    int32_t flare = flare_day(life, patient, day), recovery = flare - FLARE_DAYS;
    int32_t of_usual = 100;
    today->is_flare = flare >= 0 && flare < FLARE_DAYS;
    today->is_boom = is_boom(life, patient, day);
    today->is_bust = !today->is_boom && (is_boom(life, patient, day - 1) ||
                                         is_boom(life, patient, day - 2));
    if (today->is_flare)
        of_usual = FLARE_LOAD;
    else if (recovery >= 0 && recovery < RECOVERY_DAYS)
        of_usual = FLARE_LOAD + (100 - FLARE_LOAD) * recovery / RECOVERY_DAYS;
    else if (today->is_boom)
        of_usual = course_of(patient)->boom_load;
    else if (today->is_bust)
        of_usual = BUST_LOAD;
    today->load_pct =
        usual_load(life, patient, day, today->is_weekend) * of_usual / 100;
}

/* ---- the band ---- */

static bool is_bare_night(const struct sim_life *life, size_t patient, int32_t day)
{
    return sim_die(life, patient, day, SIM_BARE_NIGHT, 100) <
           course_of(patient)->bare_night_pct;
}

static int32_t charge_every(const struct sim_life *life, size_t patient)
{
    return 4 + die(life, patient, 0, SIM_CHARGE_EVERY, 3);
}

/* The days since the band should last have been charged: 0 on the day itself. */
static int32_t charged_ago(const struct sim_life *life, size_t patient, int32_t day)
{
    int32_t every = charge_every(life, patient);
    return (day + die(life, patient, 0, SIM_CHARGE_DAY, every)) % every;
}

static int32_t charge_min(const struct sim_life *life, size_t patient, int32_t day)
{
    return 18 * 60 + 30 + die(life, patient, day, SIM_CHARGE_AT, 90);
}

/* The evening it should have been charged: it runs empty, and is back in the morning. */
static bool is_forgotten(const struct sim_life *life, size_t patient, int32_t day)
{
    return charged_ago(life, patient, day) == 0 && days_ago(life, day) >= CALM_DAYS &&
           die(life, patient, day, SIM_FORGETS, FORGETS_ONE_OF) == 0;
}

static void set_gaps(const struct sim_life *life, size_t patient, int32_t day,
                     struct sim_day *today)
{
    if (is_forgotten(life, patient, day - 1))
        today->mute_until_min = today->wake_min + 40;
    if (is_forgotten(life, patient, day)) {
        today->mute_from_min = charge_min(life, patient, day);
        today->mute_to_min = 1440;
    } else if (charged_ago(life, patient, day) == 0) {
        today->charge_from_min = charge_min(life, patient, day);
        today->charge_to_min = today->charge_from_min + 30 +
                               die(life, patient, day, SIM_CHARGE_LENGTH, 25);
    } else if (days_ago(life, day) >= CALM_DAYS &&
               die(life, patient, day, SIM_HAS_GAP, GAP_ONE_OF) == 0) {
        today->mute_from_min = 10 * 60 + die(life, patient, day, SIM_GAP_FROM, 300);
        today->mute_to_min =
            today->mute_from_min + 90 + die(life, patient, day, SIM_GAP_LENGTH, 150);
    }
}

struct sim_day sim_year_day(const struct sim_life *life, size_t patient, int32_t day)
{
    struct sim_day today = {
        .is_weekend = day - sw_week_begin(day) >= 5,
        .holiday_day = holiday_day(life, patient, day),
        .worn_to_min = 1440,
    };
    today.wake_min = (today.is_weekend ? 7 * 60 + 50 : 6 * 60 + 50) +
                     die(life, patient, day, SIM_WAKE, 40);
    today.sleep_min = 21 * 60 + 45 + die(life, patient, day, SIM_SLEEP, 60);
    if (is_bare_night(life, patient, day - 1))
        today.worn_from_min = today.wake_min;
    if (is_bare_night(life, patient, day))
        today.worn_to_min = today.sleep_min;
    set_load(life, patient, day, &today);
    set_gaps(life, patient, day, &today);
    return today;
}

int32_t sim_year_battery(const struct sim_life *life, size_t patient, int32_t day,
                         int32_t minute)
{
    int32_t every = charge_every(life, patient);
    int32_t ago = charged_ago(life, patient, day), full_min = 20 * 60 + 30;
    if (ago == 0 && minute < charge_min(life, patient, day))
        ago = every;
    bool runs_empty = is_forgotten(life, patient, day - ago + every);
    int32_t end_pct = runs_empty ? EMPTY_PCT : CHARGE_AT_PCT;
    int32_t since_min = ago * 1440 + minute - full_min, of_min = every * 1440;
    if (since_min < 0)
        since_min = 0;
    return 100 - (100 - end_pct) * since_min / of_min;
}

/* ---- pain ---- */

/* In halves. It follows what was done the day before, and more than that the flare. */
static int32_t pain_of(const struct sim_life *life, size_t patient, int32_t day,
                       int nth, const struct sim_day *today)
{
    const struct course *course = course_of(patient);
    struct sim_day yesterday = sim_year_day(life, patient, day - 1);
    int32_t flare = flare_day(life, patient, day), recovery = flare - FLARE_DAYS;
    int32_t usual =
        sim_trend(course->pain_year_ago, course->pain_now, days_ago(life, day));
    int32_t pain = usual - 1 + die(life, patient, day * 2 + nth, SIM_PAIN_SCORE, 3);
    if (days_ago(life, day) >= CALM_DAYS)
        pain += die(life, patient, day, SIM_PAIN_DAY, 3) - 1;
    if (today->is_flare)
        return pain - usual + 14 - 3 * flare / FLARE_DAYS + nth;
    if (recovery >= 0 && recovery < RECOVERY_DAYS)
        pain += (12 - usual) * (RECOVERY_DAYS - recovery) / (RECOVERY_DAYS + 2);
    else if (yesterday.is_boom)
        pain += 4;
    else if (today->is_bust)
        pain += 2;
    else if (yesterday.load_pct > usual_load(life, patient, day, false))
        pain += 1;
    return pain;
}

bool sim_year_pain(const struct sim_life *life, size_t patient, int32_t day, int nth,
                   struct sw_pain *ret)
{
    struct sim_day today = sim_year_day(life, patient, day);
    int32_t of_ten = today.is_flare ? 10 : today.holiday_day > 0 ? 3 : 7;
    if (nth > (today.is_flare ? 1 : 0) ||
        die(life, patient, day, SIM_SAYS_PAIN, 10) >= of_ten)
        return false;
    int32_t minute = (nth == 0 ? 8 * 60 + 30 : 19 * 60) +
                     die(life, patient, day * 2 + nth, SIM_PAIN_AT, 100);
    int32_t halves = pain_of(life, patient, day, nth, &today);
    *ret = (struct sw_pain){
        .at_s = sw_minute_begin(life->zone, day, minute),
        .score = halves / 2.0,
        .flare = today.is_flare && nth == 0,
    };
    return true;
}
