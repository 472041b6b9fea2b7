/* rule_over.c -- more steps today than the plan's ceiling.
 *
 * The alert is about one day and ends with it. Before that, only late data (a finer
 * reading with fewer steps) or another plan can end it.
 */
#include "stepward/rule.h"

enum {
    over_urgency = 3,
    over_traits = SW_RULE_OF_A_DAY,
    over_inhibited_by = 0,
};

static const struct sw_rule_text over_text = {
    "more steps today than `ceiling`",
    "low",
    "the end of the day (`day_end`)",
};

static const struct sw_evidence over_evidence[] = {
    {"steps", SW_STEPS}, {"ceiling", SW_LIMIT}, {0}};

static const struct sw_rule_words over_words = {
    "over the ceiling",
    "{steps} today, ceiling {ceiling}",
    "{patient} took {steps} today (ceiling {ceiling}).",
    {{SW_REASON_DAY_END, "The day ended; {patient} took {steps} (ceiling {ceiling})."},
     {SW_REASON_WITHDRAWN,
      SW_TAKEN_AWAY "{patient} took {steps} that day (ceiling {ceiling})."}},
};

static struct sw_verdict over_judge(const struct sw_facts *facts,
                                    const struct sw_alert *open)
{
    int32_t ceiling = facts->plan.ceiling;
    bool day_is_over = open && facts->today != facts->alert_day[SW_ALERT_OVER];
    if (day_is_over) { /* its own day decides, with the ceiling of that day */
        bool was_over = facts->over_steps > open->evidence[1];
        return (struct sw_verdict){
            .reason = was_over ? SW_REASON_DAY_END : SW_REASON_WITHDRAWN,
            .evidence = {facts->over_steps, open->evidence[1]},
        };
    }
    struct sw_verdict verdict = {
        .due = ceiling > 0 && facts->steps > ceiling,
        .level = SW_LEVEL_LOW,
        .evidence = {facts->steps, ceiling},
    };
    if (open && !verdict.due)
        verdict.reason = SW_REASON_WITHDRAWN;
    return verdict;
}

static int64_t over_bound_s(const struct sw_outlook *outlook,
                            const struct sw_alert *open)
{
    int32_t ceiling = outlook->facts->plan.ceiling;
    bool may_open = outlook->may_open & SW_KIND_BIT(SW_ALERT_OVER);
    bool opens = may_open && !open && ceiling > 0 && outlook->steps > ceiling;
    return opens ? outlook->at_s : SW_NEVER;
}

static void over_why_not(const struct sw_judged_day *day, struct sw_sentence *sentence)
{
    const struct sw_day_row *row = &day->day->row;
    int32_t ceiling = day->plan.ceiling;
    bool was_outside =
        row->steps > ceiling && !(day->opened & SW_KIND_BIT(SW_ALERT_OVER));
    sw_sentence_number(sentence, "steps", SW_STEPS, row->steps);
    sw_sentence_number(sentence, "ceiling", SW_COUNT, ceiling);
    if (ceiling == 0)
        sw_sentence_add(sentence, "the plan has no ceiling");
    else if (!sw_day_row_knows_steps(row))
        sw_sentence_add(sentence, "no data about steps, ceiling {ceiling}");
    else if (was_outside)
        sw_sentence_add(sentence, "{steps}, ceiling {ceiling}, passed outside the wake "
                                  "window");
    else
        sw_sentence_add(sentence, "{steps}, ceiling {ceiling}");
}

SW_RULE(over);
