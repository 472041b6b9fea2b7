/* alert.h -- what is worth a therapist's attention, judged from facts.
 *
 *     struct sw_facts facts = {.now_s = …, …};       // all that judging may look at
 *     struct sw_alert alerts[SW_ALERT_KINDS] = {0};  // a patient's last of each kind
 *     struct sw_alert_effect effects[SW_ALERT_KINDS];
 *     size_t n = sw_alerts_judge(&facts, alerts, effects);
 *     // store and publish effects[0..n): each names the kind and what became of it
 *
 * Each kind has its rule, see rule.h. Nothing here reads a clock, stores or sends.
 */
#ifndef STEPWARD_ALERT_H
#define STEPWARD_ALERT_H

#include "stepward/day.h"
#include "stepward/plan.h"
#include "stepward/types.h"

/* In the order in which they are judged: what inhibits comes first. */
#define SW_KINDS(X)                                                                    \
    X(SILENT, silent)                                                                  \
    X(UNWORN, unworn)                                                                  \
    X(REST, rest)                                                                      \
    X(LOW, low)                                                                        \
    X(OVER, over)                                                                      \
    X(PAIN, pain)                                                                      \
    X(BATTERY, battery)
enum sw_alert_kind {
#define X(name, word) SW_ALERT_##name,
    SW_KINDS(X)
#undef X
        SW_ALERT_KINDS,
};
enum sw_alert_level { SW_LEVEL_LOW, SW_LEVEL_MEDIUM };
enum sw_alert_state {
    SW_STATE_NONE,
    SW_STATE_OPEN,
    SW_STATE_ACKNOWLEDGED,
    SW_STATE_CLOSED
};

/* Why an alert is over: the kinds it can end, and when. */
#define SW_CLOSE_REASONS(X)                                                            \
    X(MOVED, "moved")           /* rest: an active minute */                           \
    X(WINDOW_END, "window_end") /* rest: the wake window ended */                      \
    X(HEARD, "heard")           /* silent: a message */                                \
    X(WORN, "worn")             /* unworn: a known minute */                           \
    X(RECOVERED, "recovered")   /* low: a valid day at or over the floor */            \
    X(DAY_END, "day_end")       /* over: the day ended */                              \
    X(EASED, "eased")           /* pain: a later score that is no reason for one */    \
    X(CHARGED, "charged")       /* battery: enough of it again */                      \
    X(WITHDRAWN, "withdrawn") /* late data, another plan or a device that was        \
                                 * given away take its reason away */ \
    X(LOST, "lost")           /* what it rested on was lost with the gateway's data: \
                                 * nobody can say whether it is over */
enum sw_alert_reason {
    SW_REASON_NONE,
#define X(name, word) SW_REASON_##name,
    SW_CLOSE_REASONS(X)
#undef X
        SW_REASONS,
};

enum {
    SW_KIND_NAME_MAX = 8,
    SW_ALERT_ID_MAX =
        SW_ID_MAX + 1 + SW_KIND_NAME_MAX + 1 + 12, /* patient-kind-seconds */
    SW_ALERT_BY_MAX = 60,
    SW_ALERT_NOTE_MAX = 400,
    SW_EVIDENCE_MAX = 3,
    SW_SAME_ALERT_S = 10 * 60, /* back sooner after it closed: the same alert */

    SW_REST_FRESH_MIN = 15,             /* older data says nothing about now */
    SW_SILENT_MEDIUM_S = 2 * 24 * 3600, /* watched, not only wake, time */
    SW_UNWORN_MIN = 180,                /* known to be off, not only unknown */
    SW_LOW_DAYS = 3,
    SW_SCORE_UNIT = 1000, /* scores are counted in thousandths: exact, as sent */
    SW_PAIN_BAD = 7 * SW_SCORE_UNIT,
    SW_PAIN_RISE = 2 * SW_SCORE_UNIT, /* above the median of the scores before */
    SW_PAIN_PAST_S = 7 * 24 * 3600,   /* so long before the newest one */
    SW_PAIN_SCORES_MIN = 3,           /* fewer make no median */
    SW_BATTERY_LOW_PCT = 20,
    SW_BATTERY_CHARGED_PCT = 30,
    SW_BATTERY_STALE_S = 7 * 24 * 3600, /* behind the patient's newest: not in use */
    SW_NUDGE_EVERY_MIN = 30,
};
#define SW_EVIDENCE_NONE INT64_MIN /* null in the payload */

/* Stands where the word of a kind does, of an alert that is none: it only shows whether
 * alerts arrive. Nothing of it is stored but what is to be published. */
#define SW_ALERT_TEST "test"
enum { SW_TEST_ALERT_MAX_S = 10 * 60 }; /* it is shown so long at most */

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
    int32_t rev;         /* grows with every publication; 0: there was none */
    int64_t opened_at_s; /* never twice the same for a patient and kind */
    int64_t updated_at_s;
    int64_t closed_at_s;     /* 0: not closed */
    int64_t shelved_until_s; /* 0: not shelved */
    bool over_budget;        /* when it opened; see sw_alert_hold_back() */
    char by[SW_ALERT_BY_MAX + 1], note[SW_ALERT_NOTE_MAX + 1];
    int64_t evidence[SW_EVIDENCE_MAX]; /* named by the rule */
    struct sw_device_id device;        /* battery: whose; else "" */
    /* What it rests on. rest: the rest as last judged; unworn: the stretch that raised
     * it; silent: since last heard; pain: from the score that raised it to the newest;
     * others: none. */
    struct sw_span span;
};

/* ---- facts ---- */

/* Minutes of the wake window that say "not worn", up to a known one or the newest;
 * unknown ones among them are skipped. All zero: none. */
struct sw_unworn {
    struct sw_span span;
    int32_t unworn_min;
    int64_t worn_at_s; /* the known minute that ended the stretch; 0: none did */
};

struct sw_valid_day {
    int32_t day;
    int64_t steps;
    int32_t floor; /* of the plan in force that day; 0: none was */
};

/* All zero is valid: nothing is known, nothing is due. Who fills what is not today's
 * minutes, and when, is the daemon's business. */
struct sw_facts {
    int64_t now_s;
    bool clock_trusted;                /* false: nothing is judged */
    bool in_window;                    /* now_s is in the patient's wake window */
    int32_t today;                     /* day of now_s */
    int32_t alert_day[SW_ALERT_KINDS]; /* day the last alert was opened */
    struct sw_plan plan;               /* in force today */
    int64_t steps;                     /* today */
    bool is_valid;                     /* today, by now */

    struct sw_span running;    /* the rest that reaches the newest known minute */
    int64_t newest_known_s;    /* start of today's newest known minute; 0: none */
    int64_t again_at_s;        /* when the next minute with data begins; 0: none */
    struct sw_span alert_rest; /* the longest rest that overlaps the open alert's */
    int64_t active_after_s;    /* first active minute after alert_rest; 0: none */

    int64_t heard_at_s;    /* last message, or when the patient was added */
    int64_t silent_wake_s; /* wake time watched (connected) since heard_at_s */
    int64_t silent_s;      /* all time watched since heard_at_s */

    struct sw_unworn unworn;       /* up to today's newest known or unworn minute */
    struct sw_unworn alert_unworn; /* what the open alert's stretch looks like now */
    int64_t over_steps; /* of the day of an open `over`, if that is before today */

    struct sw_valid_day valid_days[SW_LOW_DAYS]; /* before today, the newest first */
    int32_t n_valid_days;

    int64_t score_at_s;      /* of the newest pain score; 0: none */
    int32_t score;           /* in thousandths, as are all scores here */
    bool flare;              /* it says so */
    int32_t n_scores_before; /* in the SW_PAIN_PAST_S before it */
    int32_t score_median;    /* of those; 0 if there are none */

    int64_t battery_newest_s;           /* of the newest level; 0: none */
    int32_t battery_pct;                /* of the emptiest device that is in use */
    struct sw_device_id battery_device; /* that device */
    bool alert_battery_is_known;        /* the open alert's device is in use */
    int32_t alert_battery_pct;          /* then: its level */
};

/* Fill running, newest_known_s, alert_rest, active_after_s, steps and is_valid from
 * today's minutes that have begun by now_s; open_rest is the span of the open rest
 * alert. A device whose clock is ahead sends minutes that have not begun: again_at_s
 * says when to look at the same day again, at these and at its unworn stretches. */
void sw_facts_from_day(struct sw_facts *facts, const struct sw_day *day,
                       struct sw_span open_rest);

/* The stretch that the day's first known minute from from_s on ended; if there is no
 * such minute, the one that reaches the newest minute begun by now_s. */
struct sw_unworn sw_unworn_of(const struct sw_day *day, int64_t now_s, int64_t from_s);

/* Fill what is about scores from all scores of the SW_PAIN_PAST_S before the newest and
 * that one, sorted by time; older ones are passed over. */
void sw_facts_from_pains(struct sw_facts *facts, const struct sw_pain *pains, size_t n);

struct sw_battery {
    struct sw_device_id device;
    int32_t pct;
    int64_t at_s; /* of the reading it came with; above 0 */
    enum sw_stamp stamp;
};
/* Fill what is about batteries from the newest level of each device, the newest first.
 * open is the open alert, NULL if there is none. Begin with clear. */
void sw_facts_clear_batteries(struct sw_facts *facts);
void sw_facts_add_battery(struct sw_facts *facts, const struct sw_battery *battery,
                          const struct sw_alert *open);

/* ---- judging ---- */

enum sw_alert_change {
    SW_CHANGE_OPENED,
    SW_CHANGE_REOPENED, /* closed less than SW_SAME_ALERT_S ago: the same alert */
    SW_CHANGE_LEVEL,    /* the level changed; a rise re-opens an acknowledged alert */
    SW_CHANGE_CLOSED,
    SW_CHANGE_UNSHELVED, /* the shelving ended and it is still open */
    SW_CHANGES,
};
struct sw_alert_effect {
    enum sw_alert_kind kind; /* the new state is alerts[kind] */
    enum sw_alert_change change;
    enum sw_alert_state from; /* state before */
    bool publish;             /* false while shelved or held back */
};

/* Judge every kind once; alerts[] is updated in place, .patient and .therapist are the
 * caller's to fill. Alerts open and rise inside the wake window alone; they close when
 * there is cause. A closed alert stays in alerts[] until the next one of its kind
 * opens, which is itself if it comes back within SW_SAME_ALERT_S: so after a restart
 * the last one closed since then belongs there too. Returns the number of effects, at
 * most one a kind. */
size_t sw_alerts_judge(const struct sw_facts *facts,
                       struct sw_alert alerts[static SW_ALERT_KINDS],
                       struct sw_alert_effect effects[static SW_ALERT_KINDS]);

bool sw_alert_is_open(const struct sw_alert *alert); /* open or acknowledged */
/* While one of these is open that forbids it, this kind does not open. */
bool sw_alert_is_inhibited(enum sw_alert_kind kind,
                           const struct sw_alert alerts[static SW_ALERT_KINDS]);

/* When that began which the alert is about: the rest, the silence, the time without the
 * device; of other kinds, or where it is not known, when the alert opened. */
int64_t sw_alert_since_s(const struct sw_alert *alert);

/* An alert that just opened, of level low, is one more than its therapist's budget for
 * the day: its publication is taken back. From then on it is told of only when its
 * level rises or somebody acts on it, and when it then ends. */
void sw_alert_hold_back(struct sw_alert *alert);
bool sw_alert_is_held_back(const struct sw_alert *alert);

/* ---- how often it may change ----
 *
 * An app or a device that says one thing and then the other would turn an alert around
 * as fast as it can send. So of one patient and kind SW_HOLDOFF_FREE changes may come
 * at any speed, and each makes room for another SW_HOLDOFF_EVERY_S later: in h hours no
 * more than SW_HOLDOFF_FREE + h * 3600 / SW_HOLDOFF_EVERY_S are stored and published.
 * What would be one more is not judged yet; the alert stays as it was told, and what it
 * inhibits does not open. It is judged again with every commit and every minute: a
 * state that lasts is told a minute or two later, and what was told last is right or
 * still to be followed by another.
 *
 * In the same way what therapists' apps ask of a patient's alerts, and a patient's
 * scores of pain, are counted, each by itself: none of it is held off, but beyond those
 * it is no reason to commit at once, and waits as other messages do.
 */
enum { SW_HOLDOFF_FREE = 6, SW_HOLDOFF_EVERY_S = 60 };
struct sw_holdoff {  /* all zero: nothing came yet */
    int64_t until_s; /* if nothing comes, as many as ever may come from then on */
};
bool sw_holdoff_allows(struct sw_holdoff *holdoff, int64_t now_s);
void sw_holdoff_note(struct sw_holdoff *holdoff, int64_t now_s); /* it came */

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
    SW_OUTDATED_MAX_S = 120,
};
struct sw_action {
    enum sw_action_kind kind;
    char id[SW_ALERT_ID_MAX + 1]; /* of this alert and no other; "": of any */
    char by[SW_ALERT_BY_MAX + 1];
    char note[SW_ALERT_NOTE_MAX + 1]; /* kept with the alert by SW_ACTION_ACK */
    int32_t minutes;                  /* SW_ACTION_SHELVE: 1..SW_SHELVE_MAX_MIN */
};
enum sw_alert_outcome {
    SW_OUTCOME_DONE,        /* store it, and publish it if so told */
    SW_OUTCOME_NOTHING_NEW, /* as it was already; so the next three */
    SW_OUTCOME_CLOSED,
    SW_OUTCOME_OTHER,   /* it is not the alert of the action's id */
    SW_OUTCOME_CHANGED, /* after at_s, so that who acts has not seen it as it is */
};
/* Act on the alert at the time at_s. Only SW_OUTCOME_DONE changes it and *ret_publish:
 * false while the alert is shelved. */
enum sw_alert_outcome sw_alert_apply(struct sw_alert *alert,
                                     const struct sw_action *action, int64_t at_s,
                                     bool *ret_publish);
const char *
sw_alert_outcome_text(enum sw_alert_outcome act); /* one line for who acted; static */
/* What the log says: "called her", "shelve 120 min: at the dentist". */
enum { SW_ACTION_WHY_MAX = SW_ALERT_NOTE_MAX + 32 };
void sw_action_why(const struct sw_action *action, char out[static SW_ACTION_WHY_MAX]);
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
const char *sw_alert_level_name(enum sw_alert_level level);
const char *sw_alert_state_name(enum sw_alert_state state);
const char *sw_alert_reason_name(enum sw_alert_reason reason); /* "" for none */
const char *sw_alert_change_name(enum sw_alert_change change);
/* What the log says of it: "opened", "level medium", "moved"; static. */
const char *sw_alert_change_why(enum sw_alert_change change,
                                const struct sw_alert *alert);
bool sw_alert_kind_parse(const char *name, enum sw_alert_kind *ret);
bool sw_alert_level_parse(const char *name, enum sw_alert_level *ret);
bool sw_alert_state_parse(const char *name, enum sw_alert_state *ret);
bool sw_alert_reason_parse(const char *name, enum sw_alert_reason *ret);

/* "p017-rest-1774779300" */
void sw_alert_id_format(const struct sw_alert *alert,
                        char out[static SW_ALERT_ID_MAX + 1]);

#endif
