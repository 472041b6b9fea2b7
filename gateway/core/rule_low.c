/* rule_low.c -- too few steps, day after day: the last valid days all under the floor.
 *
 * Each day is compared with the floor of its own plan. Today counts in the patient's
 * favour as soon as it is valid and at the floor. It never counts against the patient,
 * since it is not over. Which days are valid is day.c's business.
 */
#include "stepward/rule.h"

enum {
    low_urgency = 2,
    low_traits = 0,
    low_inhibited_by = 0,
};

static const struct sw_rule_text low_text = {
    "the last 3 valid days before today were all under the `floor` of their plan, and "
    "today has not reached it",
    "medium",
    "a valid day at or over it, also today (`recovered`)",
};

static const struct sw_evidence low_evidence[] = {
    {"steps", SW_STEPS}, {"floor", SW_COUNT}, {0}};

static const struct sw_rule_words low_words = {
    "days under the floor",
    "under the floor of {floor} for 3 days",
    "{patient} took at most {steps} a day on the last 3 valid days (floor {floor}).",
    {{SW_REASON_RECOVERED, "{patient} is back at {steps} a day (floor {floor})."},
     {SW_REASON_WITHDRAWN,
      SW_TAKEN_AWAY "{patient}'s last 3 valid days are not all low."}},
};

/* The newest day that is not under its floor; NULL if all are. */
static const struct sw_valid_day *newest_reached(const struct sw_facts *facts)
{
    for (int32_t i = 0; i < facts->n_valid_days; i++)
        if (facts->valid_days[i].steps >= facts->valid_days[i].floor)
            return &facts->valid_days[i];
    return NULL;
}

static struct sw_verdict low_over(enum sw_alert_reason reason, int64_t steps,
                                  int32_t floor)
{
    return (struct sw_verdict){.reason = reason, .evidence = {steps, floor}};
}

/* The days that raised the alert lie before the day on which it opened. */
static struct sw_verdict low_judge_end(const struct sw_facts *facts,
                                       const struct sw_alert *open, bool reached_today)
{
    const struct sw_valid_day *reached = newest_reached(facts);
    if (facts->plan.floor > 0 && reached_today)
        return low_over(SW_REASON_RECOVERED, facts->steps, facts->plan.floor);
    if (facts->plan.floor == 0 || !reached)
        return sw_verdict_over(open, SW_REASON_WITHDRAWN);
    bool is_later = reached->day >= facts->alert_day[SW_ALERT_LOW];
    return low_over(is_later ? SW_REASON_RECOVERED : SW_REASON_WITHDRAWN,
                    reached->steps, reached->floor);
}

static struct sw_verdict low_judge(const struct sw_facts *facts,
                                   const struct sw_alert *open)
{
    bool reached_today = facts->is_valid && facts->steps >= facts->plan.floor;
    bool all_under = facts->n_valid_days == SW_LOW_DAYS && !newest_reached(facts);
    bool is_due = facts->plan.floor > 0 && all_under && !reached_today;
    int64_t most = 0;
    if (open && !is_due)
        return low_judge_end(facts, open, reached_today);
    for (int32_t i = 0; i < facts->n_valid_days; i++)
        if (facts->valid_days[i].steps > most)
            most = facts->valid_days[i].steps;
    return (struct sw_verdict){
        .due = is_due,
        .level = SW_LEVEL_MEDIUM,
        .evidence = {most, facts->valid_days[0].floor},
    };
}

static int64_t low_bound_s(const struct sw_outlook *outlook,
                           const struct sw_alert *open)
{
    bool may_end = open && outlook->steps >= outlook->facts->plan.floor &&
                   outlook->known_min >= outlook->valid_min;
    return may_end ? outlook->at_s : SW_NEVER;
}

static void low_why_not(const struct sw_judged_day *day, struct sw_sentence *sentence)
{
    static const char *const names[SW_LOW_DAYS][3] = {{"date1", "steps1", "floor1"},
                                                      {"date2", "steps2", "floor2"},
                                                      {"date3", "steps3", "floor3"}};
    if (day->plan.floor == 0) {
        sw_sentence_add(sentence, "the plan has no floor");
        return;
    }
    for (int32_t i = 0; i < day->last.n_valid_days; i++) {
        const struct sw_valid_day *valid = &day->last.valid_days[i];
        sw_sentence_number(sentence, names[i][0], SW_DATE, valid->day);
        sw_sentence_number(sentence, names[i][1], SW_COUNT, valid->steps);
        sw_sentence_number(sentence, names[i][2], SW_COUNT, valid->floor);
    }
    if (day->last.n_valid_days == 0)
        sw_sentence_add(sentence, "no valid day before,");
    else
        sw_sentence_add(sentence, "last valid days before:"
                                  "[ {date1} {steps1} (floor {floor1}),]"
                                  "[ {date2} {steps2} (floor {floor2}),]"
                                  "[ {date3} {steps3} (floor {floor3}),]");
    sw_sentence_add(sentence, " an alert needs 3 of them, all under their floor");
}

SW_RULE(low);
