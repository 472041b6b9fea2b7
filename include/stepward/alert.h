/* alert.h -- what is worth a therapist's attention, judged from facts.
 *
 *     struct sw_facts facts = { .now_s = …, … };        // all that judging may look at
 *     struct sw_alert alerts[SW_ALERT_KINDS] = {0};     // a patient's open ones by
 * kind struct sw_alert_effect effects[SW_ALERT_KINDS]; size_t n =
 * sw_alerts_judge(&facts, alerts, effects);
 *     // store and publish effects[0..n): each names the kind and what became of it
 *
 * A kind is one row of the table in core/alert.c and one pure function. Nothing here
 * reads a clock, stores or sends.
 */
#ifndef STEPWARD_ALERT_H
#define STEPWARD_ALERT_H

#include "stepward/day.h"
#include "stepward/plan.h"
#include "stepward/types.h"

enum sw_alert_kind { /* in the order they are judged: what inhibits comes first */
                     SW_ALERT_SILENT,
                     SW_ALERT_REST,
                     SW_ALERT_KINDS,
};
enum sw_alert_level { SW_LEVEL_LOW, SW_LEVEL_MEDIUM };
enum sw_alert_state {
    SW_STATE_NONE,
    SW_STATE_OPEN,
    SW_STATE_ACKNOWLEDGED,
    SW_STATE_CLOSED
};
enum sw_alert_reason {
    SW_REASON_NONE,
    SW_REASON_MOVED,      /* rest: an active minute */
    SW_REASON_WINDOW_END, /* rest: the wake window ended */
    SW_REASON_WITHDRAWN,  /* rest: late data made it shorter */
    SW_REASON_HEARD,      /* silent: a message */
    SW_REASONS,
};

enum {
    SW_ALERT_ID_MAX = SW_ID_MAX + 1 + 8 + 1 + 12, /* patient-kind-seconds */
    SW_ALERT_BY_MAX = 60,
    SW_ALERT_NOTE_MAX = 400,
    SW_EVIDENCE_MAX = 3,
    SW_REST_FRESH_MIN = 15,             /* older data says nothing about now */
    SW_SILENT_MEDIUM_S = 2 * 24 * 3600, /* watched, not only wake, time */
    SW_NUDGE_EVERY_MIN = 30,
};

/* [from_s, to_s), both 0 if there is none. */
struct sw_span {
    int64_t from_s, to_s;
};

struct sw_alert {
    struct sw_patient_id patient;
    struct sw_therapist_id therapist;
    enum sw_alert_kind kind;
    enum sw_alert_level level;
    enum sw_alert_state state; /* SW_STATE_NONE: there is no such alert */
    enum sw_alert_reason reason;
    int32_t rev;         /* grows with every publication, from 1 */
    int64_t opened_at_s; /* never twice the same for a patient and kind */
    int64_t updated_at_s;
    int64_t closed_at_s;     /* 0: not closed */
    int64_t shelved_until_s; /* 0: not shelved */
    char by[SW_ALERT_BY_MAX + 1], note[SW_ALERT_NOTE_MAX + 1];
    int64_t evidence[SW_EVIDENCE_MAX]; /* named by sw_alert_evidence_name() */
    struct sw_span span; /* rest: the rest as last judged; silent: since last heard */
};

struct sw_facts {
    int64_t now_s;
    bool clock_trusted;                /* false: nothing is judged */
    bool in_window;                    /* now_s is in the patient's wake window */
    int32_t today;                     /* day of now_s */
    int32_t alert_day[SW_ALERT_KINDS]; /* day an open alert was opened */
    struct sw_plan plan;               /* in force today */
    int64_t steps;                     /* today */
    struct sw_span running;    /* the rest that reaches the newest known minute */
    int64_t newest_known_s;    /* start of today's newest known minute; 0: none */
    int64_t again_at_s;        /* when today's next known minute begins; 0: none */
    struct sw_span alert_rest; /* the longest rest that overlaps the open alert's */
    int64_t active_after_s;    /* first active minute after alert_rest; 0: none */
    int64_t heard_at_s;        /* last message, or when the patient was added */
    int64_t silent_wake_s;     /* wake time watched (connected) since heard_at_s */
    int64_t silent_s;          /* all time watched since heard_at_s */
};

/* Fill running, newest_known_s, alert_rest, active_after_s and steps from today's
 * minutes that have begun by now_s; open_rest is the span of the open rest alert. A
 * device whose clock is ahead sends minutes that have not begun: again_at_s says when
 * to look at the same day again. */
void sw_facts_from_day(struct sw_facts *facts, const struct sw_day *day,
                       struct sw_span open_rest);

enum sw_alert_change {
    SW_CHANGE_OPENED,
    SW_CHANGE_LEVEL, /* the level changed; a rise re-opens an acknowledged alert */
    SW_CHANGE_CLOSED,
    SW_CHANGE_UNSHELVED, /* the shelving ended and it is still open */
    SW_CHANGES,
};
struct sw_alert_effect {
    enum sw_alert_kind kind; /* the new state is alerts[kind] */
    enum sw_alert_change change;
    enum sw_alert_state from; /* state before */
    bool publish;             /* false while shelved */
};

/* Judge every kind once; alerts[] is updated in place, .patient and .therapist are the
 * caller's to fill. A closed alert stays in alerts[] until the next one of its kind
 * opens. Returns the number of effects. */
size_t sw_alerts_judge(const struct sw_facts *facts,
                       struct sw_alert alerts[static SW_ALERT_KINDS],
                       struct sw_alert_effect effects[static SW_ALERT_KINDS]);

bool sw_alert_is_open(const struct sw_alert *alert); /* open or acknowledged */

/* ---- what a therapist does with an open alert ---- */

enum sw_action_kind {
    SW_ACTION_ACK,      /* seen, and looked after: by whom, with a note */
    SW_ACTION_SHELVE,   /* publish nothing for some minutes; judging goes on */
    SW_ACTION_UNSHELVE, /* publish again, from now on */
    SW_ACTIONS,
};
enum {
    SW_SHELVE_MAX_MIN =
        7 * 24 * 60, /* what is not wanted for longer is a plan's fault */
    SW_ACT_OUTDATED_MAX_S = 120,
};
struct sw_action {
    enum sw_action_kind kind;
    char by[SW_ALERT_BY_MAX + 1];
    char note[SW_ALERT_NOTE_MAX + 1]; /* kept with the alert by SW_ACTION_ACK */
    int32_t minutes;                  /* SW_ACTION_SHELVE: 1..SW_SHELVE_MAX_MIN */
};
enum sw_act {
    SW_ACT_DONE,        /* store it, and publish it if so told */
    SW_ACT_NOTHING_NEW, /* as it was already; so the next two */
    SW_ACT_CLOSED,
    SW_ACT_CHANGED, /* after at_s, so that who acts has not seen it as it is */
};
/* Act on the alert at the time at_s. Only SW_ACT_DONE changes it and *ret_publish:
 * false while the alert is shelved. */
enum sw_act sw_alert_act(struct sw_alert *alert, const struct sw_action *action,
                         int64_t at_s, bool *ret_publish);
const char *sw_act_text(enum sw_act act); /* one line for who acted; static */
const char *sw_action_name(enum sw_action_kind kind);
bool sw_action_parse(const char *name, enum sw_action_kind *ret);

/* Minutes of rest to nudge about, 0 for none: at nudge_after and every 30 min more.
 * *last is what the wearer was last nudged about; the caller keeps it, 0 at first. */
struct sw_nudge {
    int64_t rest_from_s;
    int32_t steps_done; /* milestones passed in this rest */
};
int32_t sw_nudge_due(const struct sw_facts *facts, struct sw_nudge *last);

/* Words of the payloads and the database; parse returns false for any other word. */
const char *sw_alert_kind_name(enum sw_alert_kind kind);
const char *sw_alert_kind_help(enum sw_alert_kind kind); /* one line for a therapist */
const char *sw_alert_level_name(enum sw_alert_level level);
const char *sw_alert_state_name(enum sw_alert_state state);
const char *sw_alert_reason_name(enum sw_alert_reason reason); /* "" for none */
const char *sw_alert_change_name(enum sw_alert_change change);
/* NULL past the last number of this kind. */
const char *sw_alert_evidence_name(enum sw_alert_kind kind, size_t i);
bool sw_alert_kind_parse(const char *name, enum sw_alert_kind *ret);
bool sw_alert_level_parse(const char *name, enum sw_alert_level *ret);
bool sw_alert_state_parse(const char *name, enum sw_alert_state *ret);
bool sw_alert_reason_parse(const char *name, enum sw_alert_reason *ret);

/* "p017-rest-1774779300" */
void sw_alert_id_format(const struct sw_alert *alert,
                        char out[static SW_ALERT_ID_MAX + 1]);

#endif
