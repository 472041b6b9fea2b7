/* life.h -- one patient's life in front of the core, watched at every step.
 *
 *     struct life *life = life_new(&zone, day);
 *     life_say(life, &said, false); life_pass(life, 3600); life_restart(life); …
 *     life_end(life);
 *
 * Does with the core what the gateway does, and after each event asserts that the day
 * is the model's, that every alert did what the contract says and nothing else, and
 * that judging again changes nothing. Which events come is the caller's business.
 */
#ifndef TEST_LIFE_H
#define TEST_LIFE_H

#include "model.h"

enum { LIFE_SPANS_MAX = 96 };

/* What the receivers of an alert were told last. */
struct life_told {
    enum sw_alert_state state;
    enum sw_alert_level level;
    int32_t rev;
};

struct life {
    const struct sw_zone *zone;
    struct sw_plan plan;
    struct said said[MODEL_SAID_MAX];
    size_t n_said;

    int64_t now_s, newest_s; /* newest_s: the latest that was believed */
    int64_t added_at_s, heard_at_s;
    struct sw_refusing refusing;
    struct sw_span online_spans[LIFE_SPANS_MAX];
    size_t n_online;
    bool trusted, online;
    bool is_over_budget; /* the therapist was told of enough: new low ones are not */

    struct sw_day_set set; /* of today, as the gateway keeps it */
    int32_t today;
    struct sw_day day, model;
    bool is_stale; /* the model is older than what was said */

    struct sw_alert alerts[SW_ALERT_KINDS];
    struct life_told told[SW_ALERT_KINDS];
    int64_t last_opened_s[SW_ALERT_KINDS];
    struct sw_nudge nudge;
};

/* At ten in the morning of the day, with the default plan; the zone stays the caller's.
 */
struct life *life_new(const struct sw_zone *zone, int32_t day);
void life_end(struct life *life); /* after the last checks; frees it */

void life_pass(struct life *life, int64_t seconds);
/* What a decoder would refuse (too old, in the future, implausible) is only counted. */
void life_say(struct life *life, const struct said *said, bool retained);
void life_plan(struct life *life, const struct sw_plan *plan);
void life_online(struct life *life, bool online);
/* A step makes the clock doubtful; it is believed again when it is not behind. */
void life_step_clock(struct life *life, int64_t seconds);
void life_trust(struct life *life);
/* What a therapist does; twice is once. */
void life_act(struct life *life, enum sw_alert_kind kind,
              const struct sw_action *action);
void life_restart(struct life *life); /* what is not stored is forgotten */

#endif
