/* day.h -- from a patient's set of readings to minutes, and from minutes to the day.
 *
 *     struct sw_day_set set = {0};                     // all zero: no readings
 *     sw_day_set_add_reading(&set, device_key, &reading); // any order, any repetition
 *     struct sw_day *day = malloc(sizeof *day);        // 14 KB: not for small stacks
 *     r = sw_day_compute(day, &zone, day_number, &plan, &set);
 *     day->row.longest_rest_min …
 *     sw_day_set_fini(&set);
 *
 * The result is a pure function of the set: bit for bit the same for any order of
 * adding. A set for one day holds the readings that overlap it and, for each counter,
 * also the last total before the day and the first at or after its end; the same holds
 * for the instants at which the counter changed hands (SW_TOTAL_BREAK).
 */
#ifndef STEPWARD_DAY_H
#define STEPWARD_DAY_H

#include "stepward/civil.h"
#include "stepward/plan.h"
#include "stepward/types.h"

enum {
    SW_REST_BRIDGE_MIN = 10,  /* unworn or unknown minutes in a row within a rest */
    SW_ACTIVE_WINDOW_MIN = 5, /* break_steps within so many consecutive minutes */
    SW_BLOCK_MIN =
        60, /* minutes per block from the day's first; a block has one device's steps */
    SW_ACTIVE_HOUR_STEPS = 250, /* Fitbit's "hourly activity" reminder */
    SW_BRISK_STEPS = 100,       /* moderate cadence: Tudor-Locke et al., 2018 */
    SW_VALID_MIN = 600, /* 10 h of wear make a valid day: Troiano et al., 2008 */
};

/* Everything one device sent, sorted: readings by start, then length;
 * totals by time. */
struct sw_device_set {
    int64_t device_key;
    struct sw_device_id device; /* "" also if it was not named */
    struct sw_reading *readings;
    size_t n_readings, cap_readings;
    struct sw_total *totals;
    size_t n_totals, cap_totals;
};

struct sw_day_set {
    struct sw_device_set *devices; /* sorted by key */
    size_t n_devices, cap_devices;
    struct sw_pain *pains; /* sorted by time */
    size_t n_pains, cap_pains;
};

/* Add to the set. 1: the set changed; 0: it did not, because the value is known or the
 * stored value of the same span wins; -ENOMEM: nothing changed. */
int sw_day_set_add_reading(struct sw_day_set *set, int64_t device_key,
                           const struct sw_reading *reading);
int sw_day_set_add_total(struct sw_day_set *set, int64_t device_key,
                         const struct sw_total *total);
int sw_day_set_add_pain(struct sw_day_set *set, const struct sw_pain *pain);
/* Give the device its id: of two devices that report as much, the smaller id counts. 0
 * or -ENOMEM. */
int sw_day_set_name_device(struct sw_day_set *set, int64_t device_key,
                           const struct sw_device_id *device);
/* NULL: the device is not in the set. */
const struct sw_device_set *sw_day_set_find(const struct sw_day_set *set,
                                            int64_t device_key);
void sw_day_set_fini(struct sw_day_set *set);          /* leaves it empty */
size_t sw_day_set_bytes(const struct sw_day_set *set); /* bytes of heap the set holds */

enum sw_minute_class {
    SW_MINUTE_UNKNOWN,
    SW_MINUTE_UNWORN,
    SW_MINUTE_STILL,
    SW_MINUTE_ACTIVE,
};
const char *sw_minute_class_name(enum sw_minute_class c); /* "still"; static */

struct sw_minute {
    int32_t steps;
    uint8_t class;  /* enum sw_minute_class */
    bool in_window; /* of the wake window */
    bool is_part;   /* unknown: a reading that begins or ends in it covers too little */
};
static inline bool sw_minute_is_known(const struct sw_minute *minute)
{
    return minute->class == SW_MINUTE_STILL || minute->class == SW_MINUTE_ACTIVE;
}

/* A row of table `day`; the names and their order are the CSV header. */
struct sw_day_row {
    struct sw_patient_id patient;
    int32_t day;
    int64_t steps;
    int32_t active_min, still_min, unworn_min, unknown_min;
    int32_t coverage_pct;
    int32_t longest_rest_min;
    int32_t longest_rest_from; /* local minute of the day; -1: no rest */
    int32_t rests_60;
    int32_t active_hours;
    int32_t brisk_min;
    bool valid;
    int32_t goal; /* 0: none; then goal_pct is empty too */
    int64_t goal_pct;
    int32_t n_pains; /* 0: pain_max and pain_mean are empty */
    double pain_max, pain_mean;
};

/* True if the steps are known: 0 steps of a day without data are no count. */
bool sw_day_row_knows_steps(const struct sw_day_row *row);

struct sw_day {
    struct sw_day_row row; /* .patient is left to the caller */
    int64_t begin_s;
    int32_t n_minutes;          /* 0..SW_DAY_MINUTES_MAX */
    int32_t data_from, data_to; /* no reading touches a minute outside [from, to) */
    bool touched;               /* a reading or a score touches it, so it has a row */
    struct sw_minute minutes[SW_DAY_MINUTES_MAX];
};

/* 0, or -ENOMEM with *ret undefined. */
int sw_day_compute(struct sw_day *ret, const struct sw_zone *zone, int32_t day,
                   const struct sw_plan *plan, const struct sw_day_set *set);

enum { SW_DAY_BLOCKS_MAX = SW_DAY_MINUTES_MAX / SW_BLOCK_MIN };
/* Whose steps a day has, block by block: block i is the minutes from i * SW_BLOCK_MIN
 * on. */
struct sw_day_devices {
    size_t n; /* devices that have data for the day; with one, the blocks are its own */
    struct {
        bool is_known;              /* a device has data for the block */
        struct sw_device_id device; /* "" also if it was not named */
    } blocks[SW_DAY_BLOCKS_MAX];
};
/* The devices of the day that sw_day_compute() computes of the same arguments, whose
 * cost it has once more. 0, or -ENOMEM with *ret undefined. */
int sw_day_devices(struct sw_day_devices *ret, const struct sw_zone *zone, int32_t day,
                   const struct sw_plan *plan, const struct sw_day_set *set);

/* How many minutes of the day have begun by now_s. */
int32_t sw_day_begun_min(const struct sw_day *day, int64_t now_s);

/* A rest: minutes [from, to] of the day, the first and the last of them still. */
struct sw_rest {
    int32_t from, to;
};
/* The first rest that ends at or after minute `from`; false if there is none. To walk
 * all rests of the wake window, call with from = 0, then with ret->to + 1. */
bool sw_day_next_rest(const struct sw_day *day, int32_t from, struct sw_rest *ret);
static inline int32_t sw_rest_min(struct sw_rest rest)
{
    return rest.to - rest.from + 1;
}

enum {
    SW_STRIP_CELL_MIN = 30,
    SW_STRIP_MAX = SW_DAY_MINUTES_MAX / SW_STRIP_CELL_MIN,
};
/* The wake window as text, a letter for each half hour of it: a active, s still, u not
 * worn, - unknown, . yet to come at now_s. The last may stand for less than half an
 * hour. */
void sw_day_strip(const struct sw_day *day, int64_t now_s,
                  char out[static SW_STRIP_MAX + 1]);
/* How many half hours of the window have begun by now_s, which is in that day;
 * *ret_next_s becomes when the next does, 0: none does. */
int32_t sw_strip_begun(const struct sw_zone *zone, const struct sw_plan *plan,
                       int32_t day, int64_t now_s, int64_t *ret_next_s);
/* Time passed and no data came: half hours that were to come and have begun are
 * unknown. */
void sw_strip_pass(char strip[static SW_STRIP_MAX + 1], int32_t n_begun);

/* The classes of a wake window's minutes, for callers that keep many days: the strip of
 * a later moment follows from them without the readings. */
enum { SW_MINUTE_OUTSIDE = SW_MINUTE_ACTIVE + 1 }; /* in the midst, but not of it */
struct sw_window {
    int64_t begin_s; /* of its first minute */
    int32_t n;
    uint8_t classes[]; /* enum sw_minute_class or SW_MINUTE_OUTSIDE */
};
struct sw_window *
sw_window_new(const struct sw_day *day); /* free() it; NULL: -ENOMEM */
int32_t sw_window_past_min(const struct sw_window *window,
                           int64_t now_s); /* its minutes that are over */
void sw_window_strip(const struct sw_window *window, int64_t now_s,
                     char out[static SW_STRIP_MAX + 1]); /* as sw_day_strip() */

/* By how many minutes b's clock is ahead of a's (below 0: behind), from the steps of the
 * same day by two devices, each computed alone. 0: they agree, or it cannot be told:
 * they need 4 hours in common, and half an hour of them with steps. */
int32_t sw_day_shift_min(const struct sw_day *a, const struct sw_day *b);

#endif
