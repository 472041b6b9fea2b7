/* rule_unworn.c -- a device that is not worn: hours of minutes that say so.
 *
 * Unknown minutes neither count nor interrupt: only a known minute is a sign of wear.
 * An open alert remembers the stretch that raised it. What late data make of that
 * stretch, and the first known minute after it, decide how it ends. A night does not
 * end it: it stays open until the device is worn.
 */
#include "stepward/rule.h"

enum {
    unworn_urgency = 6,
    unworn_traits = SW_RULE_LASTS,
    unworn_inhibited_by = 0,
    MINUTE_S = 60,
};

static const struct sw_rule_text unworn_text = {
    "the newest 180 minutes or more of today's wake window say \"not worn\"; minutes "
    "without data are passed over",
    "low",
    "a worn reading (`worn`)",
};

static const struct sw_evidence unworn_evidence[] = {
    {"unworn_min", SW_MINUTES}, {"limit_min", SW_MINUTES}, {0}};

static const struct sw_rule_words unworn_words = {
    "device not worn",
    "device not worn for {unworn_min}",
    "{patient}'s device has not been worn for {unworn_min} of wake time (limit "
    "{limit_min}).",
    {{SW_REASON_WORN,
      "{patient}'s device is worn again after {unworn_min} of wake time."},
     {SW_REASON_WITHDRAWN, SW_TAKEN_AWAY
      "{patient}'s device was not worn for {unworn_min} (limit {limit_min})."}},
};

/* ---- facts ---- */

/* The unworn stretch before minute `end`. */
static struct sw_unworn stretch_before(const struct sw_day *day, int32_t end)
{
    struct sw_unworn found = {.unworn_min = 0};
    for (int32_t i = end - 1; i >= 0; i--) {
        const struct sw_minute *minute = &day->minutes[i];
        if (!minute->in_window || minute->class == SW_MINUTE_UNKNOWN)
            continue;
        if (sw_minute_is_known(minute))
            break;
        int64_t at_s = day->begin_s + (int64_t)i * MINUTE_S;
        if (found.unworn_min++ == 0)
            found.span.to_s = at_s + MINUTE_S;
        found.span.from_s = at_s;
    }
    return found;
}

struct sw_unworn sw_unworn_of(const struct sw_day *day, int64_t now_s, int64_t from_s)
{
    int32_t n = sw_day_begun_min(day, now_s);
    bool is_ahead = from_s >= day->begin_s + (int64_t)n * MINUTE_S;
    int32_t end = is_ahead ? n : (int32_t)((from_s - day->begin_s) / MINUTE_S);
    if (end < 0)
        end = 0;
    while (end < n && !sw_minute_is_known(&day->minutes[end]))
        end++;
    struct sw_unworn found = stretch_before(day, end);
    if (end < n)
        found.worn_at_s = day->begin_s + (int64_t)end * MINUTE_S;
    return found;
}

/* ---- judging ---- */

static struct sw_verdict unworn_judge(const struct sw_facts *facts,
                                      const struct sw_alert *open)
{
    const struct sw_unworn *stretch = open ? &facts->alert_unworn : &facts->unworn;
    struct sw_verdict verdict = {
        .due = stretch->unworn_min >= SW_UNWORN_MIN,
        .level = SW_LEVEL_LOW,
        .evidence = {stretch->unworn_min, SW_UNWORN_MIN},
        .span = stretch->span,
    };
    if (!open)
        return verdict;
    verdict.span = open->span; /* only what comes after it can end the alert */
    if (!verdict.due)
        verdict.reason = SW_REASON_WITHDRAWN;
    else if (facts->alert_unworn.worn_at_s != 0)
        verdict.reason = SW_REASON_WORN;
    return verdict;
}

static int64_t unworn_bound_s(const struct sw_outlook *outlook,
                              const struct sw_alert *open)
{
    bool may_open = outlook->may_open & SW_KIND_BIT(SW_ALERT_UNWORN);
    bool matters =
        open ? outlook->is_worn : may_open && outlook->unworn_min >= SW_UNWORN_MIN;
    return matters ? outlook->at_s : SW_NEVER;
}

static void unworn_why_not(const struct sw_judged_day *day,
                           struct sw_sentence *sentence)
{
    sw_sentence_number(sentence, "most", SW_MINUTES, day->most[SW_ALERT_UNWORN]);
    sw_sentence_number(sentence, "limit", SW_MINUTES, SW_UNWORN_MIN);
    sw_sentence_add(sentence, "at most {most} not worn in a row, limit {limit}");
}

SW_RULE(unworn);
