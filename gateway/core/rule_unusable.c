/* rule_unusable.c -- a device that is heard, but of whose messages nothing can be taken.
 *
 * Which messages these are is daemon/ingest.c's business. The newest one says why, and by
 * how much the device's clock is wrong. Only time in which the gateway was connected
 * counts, between the first and the newest of them, so a single message is no reason.
 */
#include "stepward/rule.h"

enum {
    unusable_urgency = 5,
    unusable_traits = SW_RULE_LASTS | SW_RULE_PAST_UNKNOWN,
    unusable_inhibited_by = 0,
    MINUTE_S = 60,
};

static const struct sw_rule_text unusable_text = {
    "messages came for `silent_after` of wake time in which the gateway was connected, "
    "and nothing in them could be taken",
    "low",
    "something is taken (`usable`)",
};

static const struct sw_evidence unusable_evidence[] = {{"messages", SW_COUNT},
                                                       {"refusal", SW_REFUSAL},
                                                       {"fast_min", SW_FAST_MINUTES},
                                                       {0}};

static const struct sw_rule_words unusable_words = {
    "data unusable",
    "nothing usable in {messages} messages[, its clock is {fast_min}]",
    "{messages} messages came from {patient}'s device, and nothing in them could be "
    "taken[; its clock is {fast_min}][: {refusal}].",
    {{SW_REASON_USABLE,
      "What {patient}'s device sends can be taken again; before that, nothing in "
      "{messages} messages could be."}},
};

/* To the nearest minute; a clock that is right to half a minute is not the reason. */
static int64_t unusable_fast_min(const struct sw_refusing *refusing)
{
    int64_t half_s = refusing->fast_s < 0 ? -MINUTE_S / 2 : MINUTE_S / 2;
    int64_t fast_min = (refusing->fast_s + half_s) / MINUTE_S;
    return fast_min != 0 ? fast_min : SW_EVIDENCE_NONE;
}

static struct sw_verdict unusable_judge(const struct sw_facts *facts,
                                        const struct sw_alert *open)
{
    const struct sw_refusing *refusing = &facts->refusing;
    if (open && refusing->n == 0) /* the evidence stays that of what was refused */
        return sw_verdict_over(open, SW_REASON_USABLE);
    return (struct sw_verdict){
        .due = refusing->n > 0 && facts->refusing_wake_s >= facts->plan.silent_after_s,
        .level = SW_LEVEL_LOW,
        .evidence = {refusing->n, refusing->refusal, unusable_fast_min(refusing)},
        .span = {refusing->from_s, refusing->to_s},
    };
}

/* A replay knows of no refused message, so it leaves this kind out. */
static int64_t unusable_bound_s(const struct sw_outlook *outlook,
                                const struct sw_alert *open)
{
    (void)outlook;
    (void)open;
    return SW_NEVER;
}

static void unusable_why_not(const struct sw_judged_day *day,
                             struct sw_sentence *sentence)
{
    (void)day;
    sw_sentence_add(sentence, "how long messages of that day were refused is not "
                              "stored; `stepward rejected` has the newest of them");
}

SW_RULE(unusable);
