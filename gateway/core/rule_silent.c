/* rule_silent.c -- a device that fell silent: no message for so much wake time.
 *
 * Only time in which the gateway was connected counts; adding it up is
 * records/facts.c's business. A retained copy is not a message.
 */
#include "stepward/rule.h"

enum {
    silent_urgency = 4,
    silent_traits = SW_RULE_LASTS | SW_RULE_OF_MESSAGES,
    silent_inhibited_by = 0,
};

static const struct sw_rule_text silent_text = {
    "no message for `silent_after` of wake time in which the gateway was connected",
    "low; medium from 2 days",
    "a message (`heard`)",
};

static const struct sw_evidence silent_evidence[] = {
    {"silent_min", SW_MINUTES}, {"limit_min", SW_MINUTES}, {0}};

static const struct sw_rule_words silent_words = {
    "device silent",
    "device silent for {silent_min} of wake time",
    "{patient}'s device has sent nothing for {silent_min} of wake time (limit "
    "{limit_min}).",
    {{SW_REASON_HEARD,
      "{patient}'s device is heard again after {silent_min} of wake time."}},
};

static struct sw_verdict silent_judge(const struct sw_facts *facts,
                                      const struct sw_alert *open)
{
    struct sw_verdict verdict = {
        .due = facts->silent_wake_s >= facts->plan.silent_after_s,
        .level = facts->silent_s >= SW_SILENT_MEDIUM_S ? SW_LEVEL_MEDIUM : SW_LEVEL_LOW,
        .evidence = {facts->silent_wake_s / 60, facts->plan.silent_after_s / 60},
        .span = {facts->heard_at_s, facts->now_s},
    };
    bool was_heard_since = open && facts->heard_at_s > open->span.from_s;
    if (was_heard_since) /* the evidence stays that of the silence */
        return sw_verdict_over(open, SW_REASON_HEARD);
    return verdict;
}

/* Any message ends it; without one the clock alone may open or raise it. */
static int64_t silent_bound_s(const struct sw_outlook *outlook,
                              const struct sw_alert *open)
{
    const struct sw_facts *facts = outlook->facts;
    int64_t after_s = facts->plan.silent_after_s, now_s = facts->now_s;
    int64_t to_medium_s = SW_SILENT_MEDIUM_S - facts->silent_s;
    if (open && (outlook->at_s != SW_NEVER || open->level == SW_LEVEL_MEDIUM))
        return outlook->at_s;
    if (open)
        return now_s + to_medium_s;
    if (now_s - outlook->heard_at_s < after_s)
        return outlook->heard_at_s + after_s;
    if (facts->silent_wake_s >= after_s) /* it is due, but not in the window */
        return SW_NEVER;
    return now_s + after_s - facts->silent_wake_s;
}

static void silent_why_not(const struct sw_judged_day *day,
                           struct sw_sentence *sentence)
{
    sw_sentence_number(sentence, "most", SW_MINUTES, day->most[SW_ALERT_SILENT]);
    sw_sentence_number(sentence, "limit", SW_MINUTES, day->plan.silent_after_s / 60);
    sw_sentence_add(sentence, "at most {most} of wake time without a message while "
                              "connected, limit {limit}");
}

SW_RULE(silent);
