/* plan.c -- a plan's defaults, and the text of its fields in one table.
 *
 * Which plan is in force on which day is the store's business.
 */
#include "stepward/plan.h"

#include <assert.h>
#include <string.h>

#include "core/digits.h"
#include "stepward/civil.h"

enum {
    MINUTE_S = 60,
    HOUR_S = 3600,
    DAY_S = 86400,
};
static const int64_t DURATION_MAX_S = (int64_t)36525 * DAY_S; /* 100 years */

struct sw_plan sw_plan_default(void)
{
    return (struct sw_plan){
        .therapist = {"unassigned"},
        .wake_from_min = 8 * 60,
        .wake_to_min = 21 * 60,
        .rest_limit_min = 180,
        .nudge_after_min = 60,
        .break_steps = 30,
        .silent_after_s = 4 * HOUR_S,
        .fresh_min = 15,
    };
}

/* ---- texts of single values ---- */

bool sw_number_parse(const char *str, int64_t min, int64_t max, int64_t *ret_number)
{
    size_t len = strlen(str);
    int64_t value = 0;
    if (len < 1 || len > 18)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (str[i] < '0' || str[i] > '9')
            return false;
        value = value * 10 + (str[i] - '0');
    }
    if (value < min || value > max)
        return false;
    *ret_number = value;
    return true;
}

static int64_t unit_s(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return MINUTE_S;
    case 'h':
        return HOUR_S;
    case 'd':
        return DAY_S;
    default:
        return 0;
    }
}

bool sw_duration_parse(const char *str, int64_t *ret_seconds)
{
    char digits[12];
    size_t len = strlen(str);
    int64_t number;
    if (strcmp(str, "0") == 0) {
        *ret_seconds = 0;
        return true;
    }
    if (len < 2 || len > sizeof(digits))
        return false;
    memcpy(digits, str, len - 1);
    digits[len - 1] = '\0';
    int64_t unit = unit_s(str[len - 1]);
    if (unit == 0 || !sw_number_parse(digits, 0, DURATION_MAX_S / unit, &number))
        return false;
    *ret_seconds = number * unit;
    return true;
}

void sw_duration_format(int64_t seconds, char out[static SW_DURATION_TEXT_MAX])
{
    static const char units[] = "dhms";
    const char *unit = units;
    if (seconds == 0) {
        memcpy(out, "0", 2);
        return;
    }
    while (seconds % unit_s(*unit) != 0)
        unit++;
    size_t n = sw_digits_put(out, seconds / unit_s(*unit), 1);
    out[n] = *unit;
    out[n + 1] = '\0';
}

/* "08:00"; "24:00" is the end of the day. */
static bool plan_parse_hhmm(const char *str, int32_t *ret_minute)
{
    int32_t hour, minute;
    if (str[2] != ':' || !sw_digits_get(str, 2, &hour) ||
        !sw_digits_get(str + 3, 2, &minute))
        return false;
    if (minute > 59 || hour * 60 + minute > 1440)
        return false;
    *ret_minute = hour * 60 + minute;
    return true;
}

static bool parse_window(const char *str, int32_t *ret_from, int32_t *ret_to)
{
    int32_t from, to;
    if (strlen(str) != 11 || str[5] != '-' || !plan_parse_hhmm(str, &from) ||
        !plan_parse_hhmm(str + 6, &to) || from >= to)
        return false;
    *ret_from = from;
    *ret_to = to;
    return true;
}

/* ---- the table of fields ---- */

#define OFFSET(member) offsetof(struct sw_plan, member)

struct field {
    struct sw_plan_field public;
    size_t offset;    /* of an int32_t; not used for therapist and wake */
    int64_t min, max; /* in units; 0 is allowed too if zero_is_off */
    int64_t unit;     /* durations: seconds in one unit of the member */
    bool zero_is_off;
    const char *accepts;
};

static const struct field fields[] = {
    {{"therapist", "who gets the alerts", SW_PLAN_ID},
     .accepts = "1 to 36 of A-Z a-z 0-9 _ . -"},
    {{"wake", "the wake window, local time", SW_PLAN_WINDOW},
     .accepts = "HH:MM-HH:MM within one day, as in 08:00-21:00 (the end may be 24:00)"},
    {{"rest_limit", "longest rest, 30m to 8h", SW_PLAN_DURATION},
     .offset = OFFSET(rest_limit_min),
     .min = 30,
     .max = 480,
     .unit = MINUTE_S,
     .accepts = "whole minutes from 30m to 8h"},
    {{"nudge_after", "rest after which the wearer is nudged, 0 = off",
      SW_PLAN_DURATION},
     .offset = OFFSET(nudge_after_min),
     .min = 1,
     .max = 480,
     .unit = MINUTE_S,
     .zero_is_off = true,
     .accepts = "whole minutes from 1m to 8h, or 0 for none"},
    {{"break_steps", "steps in 5 minutes that end a rest", SW_PLAN_NUMBER},
     .offset = OFFSET(break_steps),
     .min = 1,
     .max = 10000,
     .accepts = "a whole number from 1 to 10000"},
    {{"goal", "steps a day to reach, 0 = none", SW_PLAN_NUMBER},
     .offset = OFFSET(goal),
     .max = SW_STEPS_A_DAY_MAX,
     .accepts = "a whole number from 0 to 1000000"},
    {{"floor", "steps a day that are too few below, 0 = none", SW_PLAN_NUMBER},
     .offset = OFFSET(floor),
     .max = SW_STEPS_A_DAY_MAX,
     .accepts = "a whole number from 0 to 1000000"},
    {{"ceiling", "steps a day that are too many above, 0 = none", SW_PLAN_NUMBER},
     .offset = OFFSET(ceiling),
     .max = SW_STEPS_A_DAY_MAX,
     .accepts = "a whole number from 0 to 1000000"},
    {{"silent_after", "wake time without a usable message, 1m to 30d",
      SW_PLAN_DURATION},
     .offset = OFFSET(silent_after_s),
     .min = 60,
     .max = 30 * DAY_S,
     .unit = 1,
     .accepts = "a duration from 60s to 30d, as in 90m or 4h"},
    {{"fresh", "how late data may come for a rest to be seen, 5m to 2h",
      SW_PLAN_DURATION},
     .offset = OFFSET(fresh_min),
     .min = SW_PLAN_FRESH_MIN_MIN,
     .max = SW_PLAN_FRESH_MAX_MIN,
     .unit = MINUTE_S,
     .accepts = "whole minutes from 5m to 2h"},
};
enum { N_FIELDS = sizeof(fields) / sizeof(fields[0]) };

const struct sw_plan_field *sw_plan_field(size_t i)
{
    return i < N_FIELDS ? &fields[i].public : NULL;
}

static const struct field *find_field(const char *key)
{
    for (size_t i = 0; i < N_FIELDS; i++)
        if (strcmp(fields[i].public.key, key) == 0)
            return &fields[i];
    return NULL;
}

static int32_t *member(struct sw_plan *plan, const struct field *field)
{
    return (int32_t *)(void *)((char *)plan + field->offset);
}

static bool set_duration(struct sw_plan *plan, const struct field *field,
                         const char *value)
{
    int64_t seconds;
    if (!sw_duration_parse(value, &seconds) || seconds % field->unit != 0)
        return false;
    int64_t units = seconds / field->unit;
    bool is_off = units == 0 && field->zero_is_off;
    if (!is_off && (units < field->min || units > field->max))
        return false;
    *member(plan, field) = (int32_t)units;
    return true;
}

static bool set_field(struct sw_plan *plan, const struct field *field,
                      const char *value)
{
    int64_t number;
    switch (field->public.type) {
    case SW_PLAN_ID:
        if (!sw_id_is_valid(value, strlen(value)))
            return false;
        memset(&plan->therapist, 0, sizeof(plan->therapist));
        memcpy(plan->therapist.str, value, strlen(value));
        return true;
    case SW_PLAN_WINDOW:
        return parse_window(value, &plan->wake_from_min, &plan->wake_to_min);
    case SW_PLAN_DURATION:
        return set_duration(plan, field, value);
    case SW_PLAN_NUMBER:
        if (!sw_number_parse(value, field->min, field->max, &number))
            return false;
        *member(plan, field) = (int32_t)number;
        return true;
    }
    return false;
}

static void append(char why[static SW_WHY_MAX], const char *text)
{
    size_t len = strlen(why), more = strlen(text);
    if (more > SW_WHY_MAX - 1 - len)
        more = SW_WHY_MAX - 1 - len;
    memcpy(why + len, text, more);
    why[len + more] = '\0';
}

bool sw_plan_set(struct sw_plan *plan, const char *key, const char *value,
                 char why[static SW_WHY_MAX])
{
    const struct field *field = find_field(key);
    why[0] = '\0';
    if (!field) {
        append(why, "a plan has no such field");
        return false;
    }
    if (set_field(plan, field, value))
        return true;
    append(why, field->public.key);
    append(why, " takes ");
    append(why, field->accepts);
    return false;
}

bool sw_plan_get(const struct sw_plan *plan, const char *key,
                 char out[static SW_PLAN_TEXT_MAX])
{
    const struct field *field = find_field(key);
    if (!field)
        return false;
    int32_t value;
    memcpy(&value, (const char *)plan + field->offset, sizeof(value));
    switch (field->public.type) {
    case SW_PLAN_ID:
        memcpy(out, plan->therapist.str, sizeof(plan->therapist.str));
        break;
    case SW_PLAN_WINDOW:
        sw_hhmm_format(plan->wake_from_min, out);
        out[5] = '-';
        sw_hhmm_format(plan->wake_to_min, out + 6);
        break;
    case SW_PLAN_DURATION:
        sw_duration_format(value * field->unit, out);
        break;
    case SW_PLAN_NUMBER:
        out[sw_digits_put(out, value, 1)] = '\0';
        break;
    }
    return true;
}

static void append_number(char why[static SW_WHY_MAX], int32_t number)
{
    char digits[SW_PLAN_TEXT_MAX];
    digits[sw_digits_put(digits, number, 1)] = '\0';
    append(why, digits);
}

/* A day that meets the goal is neither low nor over, and no day is both. */
const char *sw_plan_contradiction(const struct sw_plan *plan,
                                  char why[static SW_WHY_MAX])
{
    const struct {
        bool is_wrong;
        const char *key, *words;
        int32_t value, other;
    } faults[] = {
        {plan->floor > plan->goal && plan->goal > 0, "floor", " is above the goal, ",
         plan->floor, plan->goal},
        {plan->floor > plan->ceiling && plan->ceiling > 0, "floor",
         " is above the ceiling, ", plan->floor, plan->ceiling},
        {plan->ceiling < plan->goal && plan->ceiling > 0, "ceiling",
         " is below the goal, ", plan->ceiling, plan->goal},
    };
    why[0] = '\0';
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        if (!faults[i].is_wrong)
            continue;
        append_number(why, faults[i].value);
        append(why, faults[i].words);
        append_number(why, faults[i].other);
        return faults[i].key;
    }
    return NULL;
}

bool sw_plan_equal(const struct sw_plan *a, const struct sw_plan *b)
{
    return strcmp(a->therapist.str, b->therapist.str) == 0 &&
           a->wake_from_min == b->wake_from_min && a->wake_to_min == b->wake_to_min &&
           a->rest_limit_min == b->rest_limit_min &&
           a->nudge_after_min == b->nudge_after_min &&
           a->break_steps == b->break_steps && a->goal == b->goal &&
           a->floor == b->floor && a->ceiling == b->ceiling &&
           a->silent_after_s == b->silent_after_s && a->fresh_min == b->fresh_min;
}
