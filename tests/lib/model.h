/* model.h -- the slow obvious model of a day and of its alerts, to hold the core
 * against.
 *
 *     struct said all[] = {{.kind = SAID_READING, .device = 1, .reading = …}, …};
 *     model_day(&expected, &zone, day, &plan, all, n);
 *     model_differs(&computed, &expected, why)
 *
 * It keeps everything that was ever said in a list, and lets each of it ask every
 * second. Only the calendar (civil.h) is the core's own: that has tests of its own.
 */
#ifndef TEST_MODEL_H
#define TEST_MODEL_H

#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/day.h"

enum {
    MODEL_DEVICES = 3, /* devices are numbered 1..MODEL_DEVICES */
    MODEL_SAID_MAX = 240,
};

enum said_kind { SAID_READING, SAID_TOTAL, SAID_PAIN };
struct said {
    enum said_kind kind;
    int32_t device;
    struct sw_reading reading;
    struct sw_total total;
    struct sw_pain pain;
};

struct sw_device_id model_device_id(int32_t device);
/* Tell the core what was said; returns what it returns. Of pains only the day's. */
int said_to_set(struct sw_day_set *set, const struct said *said);
/* What the store would load for [begin_s, end_s), and no more. */
void said_load(struct sw_day_set *set, int64_t begin_s, int64_t end_s,
               const struct said *all, size_t n);

void model_day(struct sw_day *ret, const struct sw_zone *zone, int32_t day,
               const struct sw_plan *plan, const struct said *all, size_t n);
/* True, and why says where, if the two days are not the same bit for bit. */
bool model_differs(const struct sw_day *day, const struct sw_day *model,
                   char why[static SW_WHY_MAX]);

/* All rests of the wake window in order; returns how many. */
size_t model_rests(const struct sw_day *day, struct sw_rest rests[SW_DAY_MINUTES_MAX]);

/* What one judgement should make of an alert, reading only what the contract names. */
struct model_moment {
    const struct sw_day *day; /* today's minutes that have begun, by the model */
    const struct sw_plan *plan;
    int64_t now_s;
    int32_t today;
    int32_t opened_day[SW_ALERT_KINDS]; /* of the open alert */
    bool clock_trusted, in_window;
    int64_t heard_at_s, silent_wake_s, silent_s;
    int64_t n_refused, refused_wake_s; /* since something was taken */
    const struct said *said;           /* all that was ever said */
    size_t n_said;
};
struct model_verdict {
    bool is_open_question;     /* the kind has no model: only its life is watched */
    enum sw_alert_state state; /* NONE: none is open, and none was closed now */
    enum sw_alert_reason reason;
    enum sw_alert_level level; /* of an open one */
    int64_t rest_min;          /* rest: the evidence of one that opens or is open */
};
/* Minutes of the rest that reaches the newest known minute, 0 if that is not fresh. */
int64_t model_rest_now_min(const struct model_moment *moment);
/* inhibited: `silent`, `unusable` or `unworn` is open. */
struct model_verdict model_alert(const struct model_moment *moment,
                                 enum sw_alert_kind kind, const struct sw_alert *before,
                                 bool inhibited);

#endif
