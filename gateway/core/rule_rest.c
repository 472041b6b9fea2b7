/* rule_rest.c -- resting too long: the alert, the nudge, and the facts that both use.
 *
 * The rest that counts is the one that reaches the newest known minute of today. An
 * open alert remembers its rest; what late data make of that rest decides how it ends.
 */
#include "stepward/rule.h"

enum {
    rest_urgency = 1,
    rest_traits = SW_RULE_OF_A_DAY | SW_RULE_LASTS | SW_RULE_TELLS_LATE,
    rest_inhibited_by = SW_KIND_BIT(SW_ALERT_SILENT) | SW_KIND_BIT(SW_ALERT_UNUSABLE) |
                        SW_KIND_BIT(SW_ALERT_UNWORN),
    MINUTE_S = 60,
};

static const struct sw_rule_text rest_text = {
    "resting for `rest_limit` or longer, up to a minute that is at most `fresh` old; "
    "not while `silent`, `unusable` or `unworn` is open",
    "low; medium from twice `rest_limit`",
    "an active minute (`moved`), the end of the wake window (`window_end`)",
};

static const struct sw_evidence rest_evidence[] = {
    {"rest_min", SW_MINUTES}, {"limit_min", SW_MINUTES}, {"steps", SW_STEPS}, {0}};

static const struct sw_rule_words rest_words = {
    "resting",
    "resting {rest_min}, limit {limit_min}",
    "{patient} has been resting for {rest_min} (limit {limit_min}). {steps} today.",
    {{SW_REASON_WINDOW_END,
      "The wake window ended after {patient} had rested for {rest_min}."},
     {SW_REASON_MOVED, "{patient} moved again after {rest_min} of rest."},
     {SW_REASON_WITHDRAWN,
      SW_TAKEN_AWAY "{patient} rested for {rest_min} (limit {limit_min})."}},
};

/* ---- facts ---- */

static int32_t span_min(struct sw_span span)
{
    return (int32_t)((span.to_s - span.from_s) / MINUTE_S);
}

static struct sw_span rest_span(const struct sw_day *day, struct sw_rest rest)
{
    return (struct sw_span){day->begin_s + (int64_t)rest.from * MINUTE_S,
                            day->begin_s + (int64_t)(rest.to + 1) * MINUTE_S};
}

void sw_facts_from_day(struct sw_facts *facts, const struct sw_day *day,
                       struct sw_span open_rest)
{
    struct sw_rest rest;
    int32_t n = sw_day_begun_min(day, facts->now_s), newest = n - 1, ahead = n;
    while (newest >= 0 && !(day->minutes[newest].in_window &&
                            sw_minute_is_known(&day->minutes[newest])))
        newest--;
    while (ahead < day->n_minutes && day->minutes[ahead].class == SW_MINUTE_UNKNOWN)
        ahead++;

    facts->steps = day->row.steps;
    facts->is_valid = day->row.valid;
    facts->running = facts->alert_rest = (struct sw_span){0};
    facts->again_at_s = facts->active_after_s = 0;
    facts->newest_known_s = newest < 0 ? 0 : day->begin_s + (int64_t)newest * MINUTE_S;
    if (ahead < day->n_minutes)
        facts->again_at_s = day->begin_s + (int64_t)ahead * MINUTE_S;
    for (int32_t from = 0; sw_day_next_rest(day, from, &rest); from = rest.to + 1) {
        bool has_begun = rest.from <= newest;
        if (!has_begun)
            break;
        rest.to = rest.to < newest ? rest.to : newest;
        struct sw_span span = rest_span(day, rest);
        bool overlaps = span.from_s < open_rest.to_s && open_rest.from_s < span.to_s;
        if (rest.to == newest)
            facts->running = span;
        if (overlaps && span_min(span) > span_min(facts->alert_rest))
            facts->alert_rest = span;
    }
    if (facts->alert_rest.to_s == 0)
        return;
    int64_t i = (facts->alert_rest.to_s - day->begin_s) / MINUTE_S;
    while (i < n &&
           !(day->minutes[i].in_window && day->minutes[i].class == SW_MINUTE_ACTIVE))
        i++;
    facts->active_after_s = i < n ? day->begin_s + i * MINUTE_S : 0;
}

/* ---- judging ---- */

int32_t sw_rest_now_min(const struct sw_facts *facts)
{
    bool is_fresh = facts->now_s / MINUTE_S - facts->newest_known_s / MINUTE_S <=
                    facts->plan.fresh_min;
    return is_fresh ? span_min(facts->running) : 0;
}

static struct sw_verdict rest_verdict(const struct sw_facts *facts, struct sw_span span)
{
    int32_t limit_min = facts->plan.rest_limit_min;
    int32_t rest_min = span_min(span);
    return (struct sw_verdict){
        .due = rest_min >= limit_min,
        .level = rest_min >= 2 * limit_min ? SW_LEVEL_MEDIUM : SW_LEVEL_LOW,
        .evidence = {rest_min, limit_min, facts->steps},
        .span = span,
    };
}

static struct sw_verdict rest_judge_open(const struct sw_facts *facts,
                                         const struct sw_alert *open)
{
    bool window_is_over =
        !facts->in_window || facts->today != facts->alert_day[SW_ALERT_REST];
    struct sw_verdict verdict = rest_verdict(facts, facts->alert_rest);
    if (window_is_over) {
        verdict = sw_verdict_over(open, SW_REASON_WINDOW_END);
    } else if (!verdict.due) {
        verdict.reason = SW_REASON_WITHDRAWN;
    } else if (facts->active_after_s != 0) {
        verdict.reason = SW_REASON_MOVED;
    }
    return verdict;
}

static struct sw_verdict rest_judge(const struct sw_facts *facts,
                                    const struct sw_alert *open)
{
    if (open)
        return rest_judge_open(facts, open);
    if (sw_rest_now_min(facts) == 0)
        return (struct sw_verdict){0};
    return rest_verdict(facts, facts->running);
}

static int64_t rest_bound_s(const struct sw_outlook *outlook,
                            const struct sw_alert *open)
{
    const struct sw_facts *facts = outlook->facts;
    int64_t limit_s = (int64_t)facts->plan.rest_limit_min * MINUTE_S;
    bool may_open = outlook->may_open & SW_KIND_BIT(SW_ALERT_REST);
    if (outlook->at_s == SW_NEVER)
        return SW_NEVER;
    int64_t due_s = outlook->still_from_s + limit_s;
    if (open) { /* it may reach its next level, at twice the limit */
        bool is_another =
            outlook->is_settled && facts->running.from_s != open->span.from_s;
        bool stays = open->level == SW_LEVEL_MEDIUM || outlook->is_apart || is_another;
        due_s = stays ? SW_NEVER : open->span.from_s + 2 * limit_s;
    }
    bool may_be_long = may_open && outlook->at_s + 2 * MINUTE_S > due_s;
    bool matters = may_be_long || (open && outlook->may_end_rest);
    return matters ? outlook->at_s : SW_NEVER;
}

/* ---- why there was no alert ---- */

/* The most still minutes in a row outside the wake window. */
static int32_t rest_outside_min(const struct sw_day *day)
{
    int32_t longest = 0, n = 0;
    for (int32_t i = 0; i < day->n_minutes; i++) {
        bool is_it =
            !day->minutes[i].in_window && day->minutes[i].class == SW_MINUTE_STILL;
        n = is_it ? n + 1 : 0;
        longest = n > longest ? n : longest;
    }
    return longest;
}

static void rest_why_not_long(const struct sw_judged_day *day,
                              struct sw_sentence *sentence)
{
    const struct sw_day_row *row = &day->day->row;
    int32_t outside_min = rest_outside_min(day->day);
    bool knows_window = row->active_min + row->still_min > 0;
    sw_sentence_number(sentence, "outside", SW_MINUTES, outside_min);
    if (knows_window)
        sw_sentence_add(sentence, "longest rest {length}[ from {from}], limit {limit}");
    else
        sw_sentence_add(sentence, "no data of the wake window that tell rest from "
                                  "movement, limit {limit}");
    if (outside_min >= day->plan.rest_limit_min)
        sw_sentence_add(sentence, "; {outside} of stillness were outside the wake "
                                  "window");
}

static void rest_why_not(const struct sw_judged_day *day, struct sw_sentence *sentence)
{
    const char *why = "";
    struct sw_span longest = {0}; /* the earliest if there are several */
    struct sw_rest rest;
    int32_t limit_min = day->plan.rest_limit_min;
    for (int32_t from = 0; sw_day_next_rest(day->day, from, &rest); from = rest.to + 1)
        if (span_min(rest_span(day->day, rest)) > span_min(longest))
            longest = rest_span(day->day, rest);
    sw_sentence_number(sentence, "length", SW_MINUTES, day->day->row.longest_rest_min);
    sw_sentence_number(sentence, "limit", SW_MINUTES, limit_min);
    sw_sentence_number(sentence, "from", SW_CLOCK,
                       longest.to_s ? longest.from_s : SW_EVIDENCE_NONE);
    if (day->day->row.longest_rest_min < limit_min) {
        rest_why_not_long(day, sentence);
        return;
    }
    longest.from_s += (int64_t)limit_min * MINUTE_S;
    struct sw_span away = day->unjudged(day, longest, &why);
    sw_sentence_text(sentence, "why", why);
    sw_sentence_number(sentence, "away_from", SW_CLOCK, away.from_s);
    sw_sentence_number(sentence, "away_to", SW_CLOCK_END, away.to_s);
    sw_sentence_number(sentence, "fresh", SW_COUNT, day->plan.fresh_min);
    sw_sentence_add(sentence, "rest of {length}");
    if (day->inhibited & SW_KIND_BIT(SW_ALERT_REST))
        sw_sentence_add(sentence,
                        ", but not raised because silent, unusable or unworn was open");
    else if (away.to_s - away.from_s > MINUTE_S)
        sw_sentence_add(sentence, ", but {why} from {away_from} to {away_to}");
    else if (day->opened & SW_KIND_BIT(SW_ALERT_REST))
        sw_sentence_add(sentence, ": its readings must have come late, an alert needs "
                                  "a newest minute of at most {fresh} min ago");
    else
        sw_sentence_add(sentence, ", but its newest minute was older than {fresh} min");
}

SW_RULE(rest);

/* ---- the nudge ---- */

int32_t sw_nudge_due(const struct sw_facts *facts, struct sw_nudge *last)
{
    int32_t after_min = facts->plan.nudge_after_min;
    int32_t rest_min = sw_rest_now_min(facts);
    bool is_another_rest = facts->running.from_s != last->rest_from_s;
    if (after_min == 0 || !facts->clock_trusted || !facts->in_window)
        return 0;
    if (rest_min < after_min) {
        /* A rest that late data shortened may reach its first milestone again. */
        last->steps_done = is_another_rest ? 0 : last->steps_done;
        last->rest_from_s = facts->running.from_s;
        return 0;
    }
    int32_t milestones = 1 + (rest_min - after_min) / SW_NUDGE_EVERY_MIN;
    bool is_news = is_another_rest || milestones > last->steps_done;
    last->rest_from_s = facts->running.from_s;
    last->steps_done = milestones;
    return is_news ? rest_min : 0;
}
