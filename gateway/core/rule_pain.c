/* rule_pain.c -- a pain score that someone should know about.
 *
 * The newest score counts if it is high in itself, well above the patient's own median
 * of the week before, or reported as a flare. Late scores can become the newest or move
 * the median; the alert then ends as eased, or as withdrawn. If the score that raised
 * the alert is no longer there, nobody can say how it ends.
 */
#include "stepward/rule.h"

enum {
    pain_urgency = 0,
    pain_traits = 0,
    pain_inhibited_by = 0,
    STEP = 10, /* a hundredth: no app asks for finer scores */
    STEPS = 10 * SW_SCORE_UNIT / STEP + 1, /* 0.00 to 10.00 */
};

static const struct sw_rule_text pain_text = {
    "the newest score is 7 or more, or 2 or more above the median of the 7 days before "
    "it (of 3 scores or more), or says flare",
    "medium",
    "a later score that is not (`eased`)",
};

static const struct sw_evidence pain_evidence[] = {
    {"score", SW_SCORE}, {"median", SW_SCORE}, {"flare", SW_FLAG}, {0}};

static const struct sw_rule_words pain_words = {
    "pain",
    "[{flare}, ]pain {score}[, usually {median}]",
    "{patient} reports [a {flare}, ]pain of {score}[ (usually {median})].",
    {{SW_REASON_EASED, "{patient}'s pain has eased to {score}[ (usually {median})]."},
     {SW_REASON_WITHDRAWN, "With the scores known now, {patient}'s pain of {score} is "
                           "not unusual[ (usually {median})]."}},
};

/* ---- facts ---- */

static int32_t step_of(double score)
{
    return (int32_t)(score * SW_SCORE_UNIT / STEP + 0.5);
}

/* The k-th smallest score, from 0; counts[] holds how many scores each step has. */
static int32_t pain_kth(const int32_t counts[static STEPS], int32_t k)
{
    int32_t step = 0;
    while (k >= counts[step])
        k -= counts[step++];
    return step * STEP;
}

void sw_facts_from_pains(struct sw_facts *facts, const struct sw_pain *pains, size_t n)
{
    int32_t counts[STEPS] = {0};
    const struct sw_pain none = {.at_s = 0};
    const struct sw_pain *newest = n > 0 ? &pains[n - 1] : &none;
    facts->score_at_s = newest->at_s;
    facts->score = step_of(newest->score) * STEP;
    facts->flare = newest->flare;
    facts->n_scores_before = 0;
    for (size_t i = 0; i + 1 < n; i++) {
        if (pains[i].at_s < newest->at_s - SW_PAIN_PAST_S)
            continue;
        counts[step_of(pains[i].score)]++;
        facts->n_scores_before++;
    }
    int32_t n_before = facts->n_scores_before;
    facts->score_median = 0;
    if (n_before > 0)
        facts->score_median =
            (pain_kth(counts, (n_before - 1) / 2) + pain_kth(counts, n_before / 2)) / 2;
}

/* ---- judging ---- */

static struct sw_verdict pain_judge(const struct sw_facts *facts,
                                    const struct sw_alert *open)
{
    bool has_median = facts->n_scores_before >= SW_PAIN_SCORES_MIN;
    bool has_risen = has_median && facts->score - facts->score_median >= SW_PAIN_RISE;
    struct sw_verdict verdict = {
        .due = facts->score_at_s != 0 &&
               (facts->score >= SW_PAIN_BAD || has_risen || facts->flare),
        .level = SW_LEVEL_MEDIUM,
        .evidence = {facts->score, has_median ? facts->score_median : SW_EVIDENCE_NONE,
                     facts->flare},
        .span = {open ? open->span.from_s : facts->score_at_s, facts->score_at_s},
    };
    bool is_unfounded = open && facts->score_at_s < open->span.from_s;
    if (is_unfounded && !verdict.due) /* late scores remove none */
        return sw_verdict_over(open, SW_REASON_LOST);
    if (open && !verdict.due)
        verdict.reason = facts->score_at_s > open->span.from_s ? SW_REASON_EASED
                                                               : SW_REASON_WITHDRAWN;
    return verdict;
}

static int64_t pain_bound_s(const struct sw_outlook *outlook,
                            const struct sw_alert *open)
{
    (void)open;
    return outlook->is_pain ? outlook->at_s : SW_NEVER;
}

static void pain_why_not(const struct sw_judged_day *day, struct sw_sentence *sentence)
{
    const struct sw_facts *facts = &day->last;
    bool has_median = facts->n_scores_before >= SW_PAIN_SCORES_MIN;
    if (facts->score_at_s == 0) {
        sw_sentence_add(sentence, "no score");
        return;
    }
    sw_sentence_number(sentence, "score", SW_SCORE, facts->score);
    sw_sentence_number(sentence, "limit", SW_SCORE, SW_PAIN_BAD);
    sw_sentence_number(sentence, "rise", SW_SCORE, SW_PAIN_RISE);
    sw_sentence_number(sentence, "median", SW_SCORE,
                       has_median ? facts->score_median : SW_EVIDENCE_NONE);
    sw_sentence_add(sentence, "newest score {score}, limit {limit}[ or {rise} above "
                              "the median of the 7 days before it, {median}]");
}

SW_RULE(pain);
