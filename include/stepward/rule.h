/* rule.h -- the rule of a kind of alert: everything that concerns this kind alone.
 *
 * A rule is one file of the core. It defines these parts, prefixed with the kind's
 * word, and ends with SW_RULE(word), which does not compile while a part is missing:
 *
 *     enum {
 *         rest_urgency = 1,
 *         rest_traits = SW_RULE_OF_A_DAY | SW_RULE_LASTS,
 *         rest_inhibited_by = SW_KIND_BIT(SW_ALERT_SILENT),
 *     };
 *     static const struct sw_rule_text rest_text = {raised, level, closes};
 *     static const struct sw_rule_words rest_words = {about, brief, open,
 *                                                     {{reason, closed}}};
 *     static const struct sw_evidence rest_evidence[] = {
 *         {"rest_min", SW_MINUTES}, {0}};
 *     static struct sw_verdict rest_judge(facts, open) { … }
 *     static int64_t rest_bound_s(outlook, open) { … }
 *     static void rest_why_not(day, sentence) { … }
 *     SW_RULE(rest);
 *
 * That file and a line in SW_KINDS of alert.h make a new kind of alert. Judging,
 * replays, lists, messages, payloads, digests, help and explanations walk the rules.
 */
#ifndef STEPWARD_RULE_H
#define STEPWARD_RULE_H

#include "stepward/alert.h"

/* ---- sentences ---- */

/* What a number means, and so how sentences and payloads write it. */
enum sw_unit {
    SW_COUNT,   /* 1,204 */
    SW_LIMIT,   /* the same; 0 is written "none any more" */
    SW_STEPS,   /* 1,204 steps */
    SW_MINUTES, /* 2 h 5 min */
    SW_PERCENT, /* 15 % */
    SW_SCORE,   /* of pain, in SW_SCORE_UNITs: 7.5 */
    SW_FLAG,    /* written as its name; 0 is unknown */
    SW_REFUSAL, /* enum sw_refusal: its code in payloads, its remedy in sentences */
    SW_FAST_MINUTES, /* 12 min fast; below 0: 412 days slow */
    SW_TEXT,         /* .text; "" is unknown */
    SW_CLOCK,        /* an instant: 10:15 */
    SW_CLOCK_END,    /* the same, with midnight as 24:00 */
    SW_DATE,         /* a civil day: 2026-03-29 */
};

struct sw_number {
    const char *name;
    enum sw_unit unit;
    int64_t value; /* SW_EVIDENCE_NONE: unknown */
    const char *text;
};

/* A sentence in parts: {name} in the words stands for the number of that name, and
 * text in [brackets] is left out where a number in it is unknown. The wire library
 * writes it out. */
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
    enum sw_alert_reason reason; /* why an open alert ends; NONE: it does not */
    int64_t evidence[SW_EVIDENCE_MAX];
    struct sw_device_id device;
    struct sw_span span;
};

/* The verdict that an open alert is over, with its evidence left as it was. */
struct sw_verdict sw_verdict_over(const struct sw_alert *open,
                                  enum sw_alert_reason reason);

/* ---- the bound for a replay ---- */

#define SW_NEVER INT64_MAX

/* The most that can be known by at_s if a patient was last judged at facts->now_s. Data
 * about a time without earlier data can only add to a minute, from unknown to unworn to
 * still to active, and to its steps. Data that may do anything else is judged as soon
 * as it is received, without asking a rule. */
struct sw_outlook {
    const struct sw_facts *facts; /* as last judged */
    unsigned may_open;            /* SW_KIND_BITs of the kinds that may open now */
    int64_t at_s;                 /* when the newest data came; SW_NEVER: none came */
    int64_t heard_at_s;           /* of the last message */
    int64_t steps;                /* today; at most, like the next two */
    int64_t known_min;
    int64_t unworn_min;    /* in a row */
    int64_t valid_min;     /* known minutes that make a valid day */
    int64_t still_from_s;  /* a rest that is not over began then or later */
    bool is_apart;         /* no still minute can join the newest known one */
    bool is_settled;       /* the running rest's beginning will not change */
    bool is_worn, is_pain; /* the newest data is, or may be */
    int32_t battery_pct;   /* of the newest data; -1: it has none */
    bool may_end_rest; /* an open `rest`: the newest data may make a minute active */
};

/* ---- a day in hindsight ---- */

/* A past day judged again minute by minute, as if its data had come at once. */
struct sw_judged_day {
    const struct sw_day *day;
    struct sw_plan plan;
    struct sw_facts last;         /* as of the last judgement */
    int64_t most[SW_ALERT_KINDS]; /* the largest first evidence */
    unsigned opened;              /* SW_KIND_BITs of alerts that opened... */
    unsigned inhibited;           /* ...or were due while another inhibited them... */
    unsigned due, due_apart; /* ...or when alerts open, and when none does: outside the
                              * wake window, or by a clock that is not trusted */
    /* The longest part of the span in which nothing was judged, empty if there is none.
     * *ret_why becomes the reason: "the gateway was not connected". */
    struct sw_span (*unjudged)(const struct sw_judged_day *day, struct sw_span span,
                               const char **ret_why);
    const void *ctx;
};

/* ---- the rule ---- */

enum sw_rule_trait {
    SW_RULE_OF_A_DAY = 1,     /* it ends with its day; another day has another alert */
    SW_RULE_LASTS = 2,        /* what it is about began before it opened, at its span */
    SW_RULE_NAMES_DEVICE = 4, /* its evidence names the device */
    SW_RULE_OF_MESSAGES = 8,  /* that messages come counts, not what is in them */
    SW_RULE_PAST_UNKNOWN =
        16,                  /* its input is not stored, so a replay cannot judge it */
    SW_RULE_TELLS_LATE = 32, /* why_not itself mentions that data came late */
};
#define SW_KIND_BIT(kind) (1u << (kind))

struct sw_evidence {
    const char *name; /* in payloads and sentences; NULL ends the list */
    enum sw_unit unit;
};

/* A row of the table that README and help print; `code` is marked as it is here. */
struct sw_rule_text {
    const char *raised, *level, *closes;
};

/* Sentences may name the numbers of the evidence, {patient} and {device}. */
struct sw_rule_words {
    const char *about; /* its word in lists */
    const char *brief; /* of an open alert, beside the patient's name */
    const char *open;
    /* The first entry serves every reason without an entry of its own. */
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
    int urgency;           /* rank among alerts of a level; 0 is first */
    unsigned traits;       /* enum sw_rule_trait */
    unsigned inhibited_by; /* SW_KIND_BITs of the kinds that keep it from opening */
    const struct sw_rule_text *text;
    const struct sw_rule_words *words;
    const struct sw_evidence *evidence; /* at most SW_EVIDENCE_MAX of them */
    /* open is the open alert of this kind, NULL if there is none. A verdict that is
     * neither due nor over leaves an open alert as it is. */
    struct sw_verdict (*judge)(const struct sw_facts *facts,
                               const struct sw_alert *open);
    /* The earliest time at which a judgement may open, close or raise the alert: at_s
     * because of the newest data, later because of the clock alone, or SW_NEVER. A
     * bound that is too early does no harm. */
    int64_t (*bound_s)(const struct sw_outlook *outlook, const struct sw_alert *open);
    /* Explain why there was no such alert on that day. */
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

/* How many of this unit's numbers make one whole in payloads. */
static inline int32_t sw_unit_parts(enum sw_unit unit)
{
    return unit == SW_SCORE ? SW_SCORE_UNIT : 1;
}

#endif
