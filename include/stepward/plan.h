/* plan.h -- a patient's plan, and the text of its fields.
 *
 * One table serves the configuration's `plan` section, `stepward patient set`, listings
 * and help; sw_plan_field() walks it.
 */
#ifndef STEPWARD_PLAN_H
#define STEPWARD_PLAN_H

#include "stepward/types.h"

enum {
    SW_STEPS_A_DAY_MAX = 1000000,
    SW_PLAN_FRESH_MIN_MIN = 5,
    SW_PLAN_FRESH_MAX_MIN = 120
};
struct sw_plan {
    struct sw_therapist_id therapist;
    int32_t wake_from_min;   /* local minute of the day, 0..1439 */
    int32_t wake_to_min;     /* first minute after the window, wake_from_min+1..1440 */
    int32_t rest_limit_min;  /* 30..480 */
    int32_t nudge_after_min; /* 0 = off, else 1..480 */
    int32_t break_steps;     /* 1..10000: steps in 5 minutes that break a rest */
    int32_t goal;            /* steps a day, 0 = none, at most SW_STEPS_A_DAY_MAX */
    int32_t floor;
    int32_t ceiling;
    int32_t silent_after_s; /* seconds of wake time, 60 s to 30 days */
    int32_t fresh_min;      /* SW_PLAN_FRESH_MIN_MIN to _MAX_MIN: how old the newest
                               known minute may be for a rest to be seen */
};

/* The contract's defaults: unassigned, 08:00-21:00, rest 3h, nudge 60m, 30 steps, no
 * goal, floor or ceiling, silent 4h, fresh 15m. */
struct sw_plan sw_plan_default(void);

enum sw_plan_type { SW_PLAN_ID, SW_PLAN_WINDOW, SW_PLAN_DURATION, SW_PLAN_NUMBER };

struct sw_plan_field {
    const char *key;  /* "rest_limit" */
    const char *help; /* one line, with unit, range and default */
    enum sw_plan_type type;
};

/* The i-th field in the contract's order, NULL after the last. */
const struct sw_plan_field *sw_plan_field(size_t i);

/* Set one field from text ("2h", "08:00-21:00", "6000"). On false the plan is unchanged
 * and `why` names what is accepted. */
bool sw_plan_set(struct sw_plan *plan, const char *key, const char *value,
                 char why[static SW_WHY_MAX]);

enum { SW_PLAN_TEXT_MAX = 48 };
/* The field's value as text that sw_plan_set() reads back; false for an unknown key. */
bool sw_plan_get(const struct sw_plan *plan, const char *key,
                 char out[static SW_PLAN_TEXT_MAX]);

/* The key of a field that contradicts the goal or another limit, such as a floor above
 * the goal; NULL if there is none. why: "5000 is above the goal, 4000". */
const char *sw_plan_contradiction(const struct sw_plan *plan,
                                  char why[static SW_WHY_MAX]);

bool sw_plan_equal(const struct sw_plan *a, const struct sw_plan *b);

/* "90s", "15m", "2h", "31d" or "0" to seconds; at most 100 years. */
bool sw_duration_parse(const char *str, int64_t *ret_seconds);
/* The shortest such text: 5400 is "90m", 7200 is "2h". */
enum { SW_DURATION_TEXT_MAX = 24 };
void sw_duration_format(int64_t seconds, char out[static SW_DURATION_TEXT_MAX]);

/* A whole number in [min, max], in plain digits. */
bool sw_number_parse(const char *str, int64_t min, int64_t max, int64_t *ret_number);

#endif
