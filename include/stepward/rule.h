/* rule.h -- the rule of a kind of alert: all that there is about it.
 *
 * A rule is one file of the core. It defines these parts by its own word, and ends with
 * SW_RULE(word), which does not compile as long as a part is missing:
 *
 *     enum {
 *         rest_urgency = 1,
 *         rest_traits = SW_RULE_OF_A_DAY | SW_RULE_LASTS,
 *         rest_inhibited_by = SW_KIND_BIT(SW_ALERT_SILENT),
 *     };
 *     static const struct sw_rule_text rest_text = {raised, level, closes};
 *     static const struct sw_rule_words rest_words = {about, open, {{reason, closed}}};
 *     static const struct sw_evidence rest_evidence[] = {{"rest_min", SW_MINUTES}, {0}};
 *     static struct sw_verdict rest_judge(facts, open) { … }
 *     static int64_t rest_bound_s(outlook, open) { … }
 *     static void rest_why_not(day, sentence) { … }
 *     SW_RULE(rest);
 *
 * That file and a line in SW_KINDS of alert.h are a new kind of alert. Judging, replays,
 * lists, messages, payloads, digests, help and explanations walk the rules.
 */
#ifndef STEPWARD_RULE_H
#define STEPWARD_RULE_H

#include "stepward/alert.h"

/* ---- sentences ---- */

/* What a number is: how sentences and payloads write it. */
enum sw_unit {
    SW_COUNT,     /* 1,204 */
    SW_LIMIT,     /* the same; 0 is "none any more" */
    SW_STEPS,     /* 1,204 steps */
    SW_MINUTES,   /* 2 h 5 min */
    SW_PERCENT,   /* 15 % */
    SW_SCORE,     /* of pain, in SW_SCORE_UNITs: 7.5 */
    SW_FLAG,      /* its name; 0 is unknown */
    SW_TEXT,      /* .text; "" is unknown */
    SW_CLOCK,     /* an instant: 10:15 */
    SW_CLOCK_END, /* the same; midnight is 24:00 */
    SW_DATE,      /* a civil day: 2026-03-29 */
};

struct sw_number {
    const char *name;
    enum sw_unit unit;
    int64_t value; /* SW_EVIDENCE_NONE: unknown */
    const char *text;
};

/* Words in which {name} stands for the number of that name; what is in [brackets] is
 * left out where a number in it is unknown. The wire writes it out. */
enum { SW_SENTENCE_WORDS_MAX = 6, SW_SENTENCE_NUMBERS_MAX = 12 };
struct sw_sentence {
    const char *words[SW_SENTENCE_WORDS_MAX];
    size_t n_words;
    struct sw_number numbers[SW_SENTENCE_NUMBERS_MAX];
    size_t n_numbers;
    bool is_grouped; /* 1,204 rather than 1204 */
};
void sw_sentence_add(struct sw_sentence *sentence, const char *words);
void sw_sentence_number(struct sw_sentence *sentence, const char *name,
                        enum sw_unit unit, int64_t value);
void sw_sentence_text(struct sw_sentence *sentence, const char *name, const char *text);

/* ---- judging ---- */

struct sw_verdict {
    bool due;                    /* there is reason for an alert of this kind now */
    enum sw_alert_level level;   /* how urgent, if due */
    enum sw_alert_reason reason; /* why an open one is over; SW_REASON_NONE: it isn't */
    int64_t evidence[SW_EVIDENCE_MAX];
    struct sw_device_id device;
    struct sw_span span;
};

/* An open alert is over, and what it said stays as it was. */
struct sw_verdict sw_verdict_over(const struct sw_alert *open,
                                  enum sw_alert_reason reason);

/* ---- the bound for a replay ---- */

#define SW_NEVER INT64_MAX

/* What may be known by at_s at the most, if a patient was last judged at facts->now_s.
 * Whatever a device says of a time of which it said nothing before can only add to a
 * minute, from unknown to unworn to still to active, and to its steps; what may do
 * anything else is judged when it is received, and no rule is asked. */
struct sw_outlook {
    const struct sw_facts *facts; /* as last judged */
    unsigned may_open;            /* SW_KIND_BITs of those that may open now */
    int64_t at_s;       /* when the newest was received; SW_NEVER: nothing was */
    int64_t heard_at_s; /* the last message */
    int64_t steps;      /* today; this and the next two at the most */
    int64_t known_min;
    int64_t unworn_min;    /* in a row */
    int64_t valid_min;     /* so many known ones make a valid day */
    int64_t still_from_s;  /* a rest that is not over began then or later */
    bool is_apart;         /* no still minute joins the newest known one */
    bool is_settled;       /* the begin of the running rest is */
    bool is_worn, is_pain; /* the newest is, or may be */
    int32_t battery_pct;   /* it says; -1: it does not */
    /* Whether the newest may make a minute active: it takes a look at an hour. */
    bool (*may_be_active)(const struct sw_outlook *outlook);
    const void *ctx;
};

/* ---- a day in hindsight ---- */

/* A day judged again, every minute of it, as if its data had come at once. */
struct sw_judged_day {
    const struct sw_day *day;
    struct sw_plan plan;
    struct sw_facts last;         /* as judged last */
    int64_t most[SW_ALERT_KINDS]; /* of the first evidence */
    unsigned opened;              /* SW_KIND_BITs: alerts opened... */
    unsigned inhibited;           /* ...or were due while another forbade it */
    /* The longest part of the span in which nothing was judged, empty if there is none;
     * and why: "the gateway was not connected". */
    struct sw_span (*unjudged)(const struct sw_judged_day *day, struct sw_span span,
                               const char **ret_why);
    const void *ctx;
};

/* ---- the rule ---- */

enum sw_rule_trait {
    SW_RULE_OF_A_DAY = 1,     /* it ends with its day: another day's is another alert */
    SW_RULE_LASTS = 2,        /* it began before the alert opened: its span says when */
    SW_RULE_NAMES_DEVICE = 4, /* so does its evidence */
    SW_RULE_OF_MESSAGES = 8,  /* that they came counts, not what they tell */
    SW_RULE_PAST_UNKNOWN =
        16,                  /* what it looks at is not stored: no replay tells of it */
    SW_RULE_TELLS_LATE = 32, /* why_not says by itself that data came late */
};
#define SW_KIND_BIT(kind) (1u << (kind))

struct sw_evidence {
    const char *name; /* in the payload, and in sentences; NULL: no more of them */
    enum sw_unit unit;
};

/* A row of the table that README and help print. `code` is marked as here. */
struct sw_rule_text {
    const char *raised, *level, *closes;
};

/* Sentences name numbers of the evidence, {patient} and {device}. */
struct sw_rule_words {
    const char *about; /* what a list says of it: "resting" */
    const char *open;
    /* The first is for every reason that has none of its own. */
    struct {
        enum sw_alert_reason reason;
        const char *words;
    } closed[3];
};
#define SW_TAKEN_AWAY                                                                  \
    "Late data, another plan or a device given away took the reason away: as known "   \
    "now, "

struct sw_rule {
    const char *name;
    int urgency;           /* 0 comes first among alerts of a level */
    unsigned traits;       /* enum sw_rule_trait */
    unsigned inhibited_by; /* SW_KIND_BITs: while one is open, this one does not open */
    const struct sw_rule_text *text;
    const struct sw_rule_words *words;
    const struct sw_evidence *evidence; /* SW_EVIDENCE_MAX of them at most */
    /* open is the open alert of the kind, NULL if there is none. Neither due nor over
     * leaves an open alert as it is. */
    struct sw_verdict (*judge)(const struct sw_facts *facts,
                               const struct sw_alert *open);
    /* When a judgement may open, close or raise it at the earliest: at_s for what came
     * last, later by the clock alone, or SW_NEVER. Too early does no harm. */
    int64_t (*bound_s)(const struct sw_outlook *outlook, const struct sw_alert *open);
    /* Why there was none on that day. */
    void (*why_not)(const struct sw_judged_day *day, struct sw_sentence *sentence);
};

#define SW_RULE(word)                                                                  \
    _Static_assert(sizeof(#word) - 1 <= SW_KIND_NAME_MAX, "ids have no room for it");  \
    _Static_assert(sizeof(word##_evidence) <=                                          \
                       sizeof(struct sw_evidence[SW_EVIDENCE_MAX + 1]),                \
                   "an alert has no room for it");                                     \
    const struct sw_rule sw_rule_##word = {                                            \
        .name = #word,                                                                 \
        .urgency = word##_urgency,                                                     \
        .traits = word##_traits,                                                       \
        .inhibited_by = word##_inhibited_by,                                           \
        .text = &word##_text,                                                          \
        .words = &word##_words,                                                        \
        .evidence = word##_evidence,                                                   \
        .judge = word##_judge,                                                         \
        .bound_s = word##_bound_s,                                                     \
        .why_not = word##_why_not,                                                     \
    }

#define X(name, word) extern const struct sw_rule sw_rule_##word;
SW_KINDS(X)
#undef X

const struct sw_rule *sw_rule(enum sw_alert_kind kind);

/* A number of this unit stands for so many of a whole, in payloads. */
static inline int32_t sw_unit_parts(enum sw_unit unit)
{
    return unit == SW_SCORE ? SW_SCORE_UNIT : 1;
}

#endif
