/* alert.h -- which facts deserve a therapist's attention, and how alerts come and go.
 *
 *     struct sw_facts facts = {.now_s = …, …};       // everything judging may use
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

/* In the order in which they are judged: kinds that inhibit others come first. */
#define SW_KINDS(X)                                                                    \
    X(SILENT, silent)                                                                  \
    X(UNUSABLE, unusable)                                                              \
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

/* Why an alert closed: the kinds that the reason can close, and when. */
#define SW_CLOSE_REASONS(X)                                                            \
    X(MOVED, "moved")           /* rest: an active minute */                           \
    X(WINDOW_END, "window_end") /* rest: the wake window ended */                      \
    X(HEARD, "heard")           /* silent: a message */                                \
    X(USABLE, "usable")         /* unusable: something was taken */                    \
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
    SW_SAME_ALERT_S = 10 * 60, /* if due again so soon, the closed alert reopens */

    SW_SILENT_MEDIUM_S = 2 * 24 * 3600, /* of all time connected, not only wake time */
    SW_UNWORN_MIN = 180,                /* known to be unworn, not unknown */
    SW_LOW_DAYS = 3,
    SW_SCORE_UNIT = 1000, /* scores are kept in thousandths: exact, as sent */
    SW_PAIN_BAD = 7 * SW_SCORE_UNIT,
    SW_PAIN_RISE = 2 * SW_SCORE_UNIT, /* above the median of the scores before */
    SW_PAIN_PAST_S = 7 * 24 * 3600,   /* scores this far back make the median */
    SW_PAIN_SCORES_MIN = 3,           /* fewer make no median */
    SW_BATTERY_LOW_PCT = 20,
    SW_BATTERY_CHARGED_PCT = 30,
    SW_BATTERY_STALE_S = 7 * 24 * 3600, /* so old, the device is not in use */
    SW_NUDGE_EVERY_MIN = 30,
};
#define SW_EVIDENCE_NONE INT64_MIN /* null in the payload */

/* The word that stands in place of a kind in a test alert, which only shows whether
 * alerts arrive. Nothing of a test alert is stored except its publication. */
#define SW_ALERT_TEST "test"
enum { SW_TEST_ALERT_MAX_S = 10 * 60 }; /* it is shown at most this long */

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
    int32_t rev;         /* grows with every publication; 0: never published */
    int64_t opened_at_s; /* never twice the same for a patient and kind */
    int64_t updated_at_s;
    int64_t closed_at_s;     /* 0: not closed */
    int64_t shelved_until_s; /* 0: not shelved */
    bool over_budget;        /* when it opened; see sw_alert_hold_back() */
    char by[SW_ALERT_BY_MAX + 1], note[SW_ALERT_NOTE_MAX + 1];
    int64_t evidence[SW_EVIDENCE_MAX]; /* named by the rule */
    struct sw_device_id device;        /* battery: whose; else "" */
    /* What the alert rests on. rest: the rest as last judged; unworn: the stretch that
     * raised it; silent: from the last message on; unusable: from the first refused
     * message to the newest; pain: from the score that raised it to the newest; other
     * kinds: none. */
    struct sw_span span;
};

/* ---- facts ---- */

/* A stretch of minutes in the wake window that say "not worn". It ends with a
 * known minute or reaches the newest one; unknown minutes within it are skipped.
 * All zero: none. */
struct sw_unworn {
    struct sw_span span;
    int32_t unworn_min;
    int64_t worn_at_s; /* the known minute that ended it; 0: it has not ended */
};

struct sw_valid_day {
    int32_t day;
    int64_t steps;
    int32_t floor; /* of the plan in force that day; 0: no floor */
};

/* All zero is valid: nothing is known and nothing is due. sw_facts_from_day() fills
 * what today's minutes say; records/facts.h fills the rest. */
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
    int64_t again_at_s;        /* start of the next minute with data; 0: none */
    struct sw_span alert_rest; /* the longest rest that overlaps the open alert's */
    int64_t active_after_s;    /* first active minute after alert_rest; 0: none */

    int64_t heard_at_s;    /* last message, or when the patient was added */
    int64_t silent_wake_s; /* wake time connected since heard_at_s */
    int64_t silent_s;      /* all time connected since heard_at_s */

    struct sw_refusing refusing;
    int64_t refusing_wake_s; /* wake time connected from its first to its newest */

    struct sw_unworn unworn;       /* up to today's newest known or unworn minute */
    struct sw_unworn alert_unworn; /* the open alert's stretch, as known now */
    int64_t over_steps; /* steps of the day of an open `over`, if before today */

    struct sw_valid_day valid_days[SW_LOW_DAYS]; /* before today, the newest first */
    int32_t n_valid_days;

    int64_t score_at_s;      /* of the newest pain score; 0: none */
    int32_t score;           /* in thousandths, like all scores here */
    bool flare;              /* the newest score reports a flare */
    int32_t n_scores_before; /* number of scores in the SW_PAIN_PAST_S before it */
    int32_t score_median;    /* of those; 0 if there are none */

    int64_t battery_newest_s;           /* of the newest level; 0: none */
    int32_t battery_pct;                /* of the emptiest device that is in use */
    struct sw_device_id battery_device; /* that device */
    bool alert_battery_is_known;        /* the open alert's device is in use */
    int32_t alert_battery_pct;          /* if so, that device's level */
};

/* Fill running, newest_known_s, again_at_s, alert_rest, active_after_s, steps and
 * is_valid from today's minutes that have begun by now_s; open_rest is the span
 * of the open rest alert. A device whose clock is ahead sends minutes that have
 * not begun: again_at_s says when to fill the facts from the same day again, with
 * its unworn stretches. */
void sw_facts_from_day(struct sw_facts *facts, const struct sw_day *day,
                       struct sw_span open_rest);

/* The minutes of the rest that reaches now; 0 if the newest known minute is active or
 * older than the plan's `fresh`. It needs now_s, plan, running and newest_known_s. */
int32_t sw_rest_now_min(const struct sw_facts *facts);

/* The stretch ended by the day's first known minute from from_s on. If there is no such
 * minute, the stretch that reaches the newest minute begun by now_s. */
struct sw_unworn sw_unworn_of(const struct sw_day *day, int64_t now_s, int64_t from_s);

/* Fill what concerns scores from the scores, sorted by time: the newest and those of
 * the SW_PAIN_PAST_S before it; older ones are ignored. */
void sw_facts_from_pains(struct sw_facts *facts, const struct sw_pain *pains, size_t n);

struct sw_battery {
    struct sw_device_id device;
    int32_t pct;
    int64_t at_s; /* of the reading that brought it; above 0 */
    enum sw_stamp stamp;
};
/* Fill what concerns batteries: clear first, then add the newest level of each device,
 * the newest first. open is the open battery alert, NULL if there is none. */
void sw_facts_clear_batteries(struct sw_facts *facts);
void sw_facts_add_battery(struct sw_facts *facts, const struct sw_battery *battery,
                          const struct sw_alert *open);

/* ---- judging ---- */

enum sw_alert_change {
    SW_CHANGE_OPENED,
    SW_CHANGE_REOPENED, /* closed less than SW_SAME_ALERT_S ago: the same alert */
    SW_CHANGE_LEVEL,    /* the level changed; a rise reopens an acknowledged alert */
    SW_CHANGE_CLOSED,
    SW_CHANGE_UNSHELVED, /* the shelving ended while the alert was still open */
    SW_CHANGES,
};
struct sw_alert_effect {
    enum sw_alert_kind kind; /* alerts[kind] has the new state */
    enum sw_alert_change change;
    enum sw_alert_state from; /* state before */
    bool publish;             /* false while the alert is shelved or held back */
};

/* Judge every kind once and update alerts[] in place; the caller fills .patient and
 * .therapist. Alerts open and rise only inside the wake window, and close whenever
 * there is cause. A closed alert stays in alerts[] until the next alert of its kind
 * opens; if its reason returns within SW_SAME_ALERT_S, the closed alert itself reopens.
 * So after a restart alerts[] must also hold alerts closed within that time. Returns
 * the number of effects, at most one per kind. */
size_t sw_alerts_judge(const struct sw_facts *facts,
                       struct sw_alert alerts[static SW_ALERT_KINDS],
                       struct sw_alert_effect effects[static SW_ALERT_KINDS]);

bool sw_alert_is_open(const struct sw_alert *alert); /* open or acknowledged */
/* True while an open alert among alerts[] keeps this kind from opening. */
bool sw_alert_is_inhibited(enum sw_alert_kind kind,
                           const struct sw_alert alerts[static SW_ALERT_KINDS]);

/* When the rest, the silence or the time without the device began; for other kinds, or
 * if that is not known, when the alert opened. */
int64_t sw_alert_since_s(const struct sw_alert *alert);

/* Take back the publication of an alert of level low that has just opened beyond its
 * therapist's budget for the day. From then on it is published only when its level
 * rises, when somebody acts on it, and when it ends after that. */
void sw_alert_hold_back(struct sw_alert *alert);
bool sw_alert_is_held_back(const struct sw_alert *alert);

/* ---- how often an alert may change ----
 *
 * An app or device that keeps contradicting itself would flip an alert as fast as it
 * can send. So SW_HOLDOFF_FREE changes of one patient and kind may come at any speed,
 * and each makes room for another SW_HOLDOFF_EVERY_S later: in h hours no more than
 * SW_HOLDOFF_FREE + h * 3600 / SW_HOLDOFF_EVERY_S are stored and published. A change
 * beyond that is not judged yet: the alert stays as it was published, and kinds that
 * the change would inhibit do not open. It is judged again with every commit and every
 * minute. So a state that lasts is published a minute or two late, and the last
 * published state is either right or about to be followed by another.
 *
 * Requests of therapists' apps about a patient's alerts, and a patient's pain scores,
 * are counted in the same way, each separately. None of them is held off, but beyond
 * the limit they no longer cause an immediate commit and wait as other messages do.
 */
enum { SW_HOLDOFF_FREE = 6, SW_HOLDOFF_EVERY_S = 60 };
struct sw_holdoff {  /* all zero: nothing has come yet */
    int64_t until_s; /* if nothing comes, the full number is free again from then on */
};
bool sw_holdoff_allows(struct sw_holdoff *holdoff, int64_t now_s);
void sw_holdoff_note(struct sw_holdoff *holdoff, int64_t now_s); /* count one */

/* ---- what a therapist does with an open alert ---- */

enum sw_action_kind {
    SW_ACTION_ACK,      /* seen and taken care of: by whom, with a note */
    SW_ACTION_SHELVE,   /* publish nothing for some minutes; judging goes on */
    SW_ACTION_UNSHELVE, /* publish again, from now on */
    SW_ACTION_UNACK,    /* nobody looks after it, after all */
    SW_ACTIONS,
};
enum {
    SW_SHELVE_MAX_MIN =
        7 * 24 * 60, /* who wants longer silence should change the plan */
    SW_OUTDATED_MAX_S = 120,
};
struct sw_action {
    enum sw_action_kind kind;
    char id[SW_ALERT_ID_MAX + 1]; /* only this alert; "": any */
    char by[SW_ALERT_BY_MAX + 1];
    char note[SW_ALERT_NOTE_MAX + 1]; /* SW_ACTION_ACK keeps it with the alert */
    int32_t minutes;                  /* SW_ACTION_SHELVE: 1..SW_SHELVE_MAX_MIN */
};
enum sw_alert_outcome {
    SW_OUTCOME_DONE,        /* store it, and publish it if *ret_publish */
    SW_OUTCOME_NOTHING_NEW, /* no change, as in the next three cases */
    SW_OUTCOME_CLOSED,
    SW_OUTCOME_OTHER,   /* the action's id names another alert */
    SW_OUTCOME_CHANGED, /* the alert changed after at_s, unseen by who acts */
};
/* Apply the action, made at at_s, to the alert. Only SW_OUTCOME_DONE changes
 * the alert and *ret_publish, which is false while the alert is shelved. A
 * change up to SW_OUTDATED_MAX_S after at_s counts as unseen; a longer distance
 * is a clock put back. */
enum sw_alert_outcome sw_alert_apply(struct sw_alert *alert,
                                     const struct sw_action *action, int64_t at_s,
                                     bool *ret_publish);
const char *
sw_alert_outcome_text(enum sw_alert_outcome act); /* one line to show; static */
/* The text for the alert's log: "called her", "shelve 120 min: at the dentist". */
enum { SW_ACTION_WHY_MAX = SW_ALERT_NOTE_MAX + 32 };
void sw_action_why(const struct sw_action *action, char out[static SW_ACTION_WHY_MAX]);
bool sw_action_parse(const char *name, enum sw_action_kind *ret);

/* Minutes of rest to nudge the wearer about, 0 for none: due at nudge_after and every
 * SW_NUDGE_EVERY_MIN after it. *last is the latest nudge; the caller keeps it, all zero
 * at first. */
struct sw_nudge {
    int64_t rest_from_s;
    int32_t steps_done; /* milestones passed in this rest */
};
int32_t sw_nudge_due(const struct sw_facts *facts, struct sw_nudge *last);

/* Words used in payloads and in the database; parse returns false for
 * any other word. */
const char *sw_alert_kind_name(enum sw_alert_kind kind);
const char *sw_alert_level_name(enum sw_alert_level level);
const char *sw_alert_state_name(enum sw_alert_state state);
const char *sw_alert_reason_name(enum sw_alert_reason reason); /* "" for none */
const char *sw_alert_change_name(enum sw_alert_change change);
/* The log's word for the change: "opened", "level medium", "moved"; static. */
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
