/* model_alert.c -- what the contract's table of alerts says of one moment, by the
 * letter. The life of an alert (rev, times, publications) is watched by life.c. */
#include "model.h"

static bool is_known(const struct sw_minute *minute)
{
    return minute->class == SW_MINUTE_STILL || minute->class == SW_MINUTE_ACTIVE;
}

static bool is_open(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_OPEN || alert->state == SW_STATE_ACKNOWLEDGED;
}

static int64_t minute_s(const struct sw_day *day, int32_t i)
{
    return day->begin_s + 60 * (int64_t)i;
}

/* The newest known minute of the window that has begun; -1: none. */
static int32_t newest_known(const struct model_moment *moment)
{
    const struct sw_day *day = moment->day;
    int32_t newest = -1;
    for (int32_t i = 0; i < day->n_minutes; i++)
        if (minute_s(day, i) <= moment->now_s && day->minutes[i].in_window &&
            is_known(&day->minutes[i]))
            newest = i;
    return newest;
}

int64_t model_rest_now_min(const struct model_moment *moment)
{
    static struct sw_rest rests[SW_DAY_MINUTES_MAX];
    int32_t newest = newest_known(moment);
    if (newest < 0 || moment->now_s / 60 - minute_s(moment->day, newest) / 60 >
                          moment->plan->fresh_min)
        return 0;
    for (size_t i = 0, n = model_rests(moment->day, rests); i < n; i++)
        if (rests[i].from <= newest && newest <= rests[i].to)
            return newest - rests[i].from + 1;
    return 0;
}

static enum sw_alert_level rest_level(const struct model_moment *moment, int64_t min)
{
    return min >= 2 * moment->plan->rest_limit_min ? SW_LEVEL_MEDIUM : SW_LEVEL_LOW;
}

/* The longest rest that overlaps the alert's, the earliest if equal. */
static bool rest_of_alert(const struct sw_day *day, struct sw_span span,
                          struct sw_rest *ret)
{
    static struct sw_rest rests[SW_DAY_MINUTES_MAX];
    int32_t longest = 0;
    for (size_t i = 0, n = model_rests(day, rests); i < n; i++) {
        int32_t length = rests[i].to - rests[i].from + 1;
        bool overlaps = minute_s(day, rests[i].from) < span.to_s &&
                        minute_s(day, rests[i].to + 1) > span.from_s;
        if (!overlaps || length <= longest)
            continue;
        longest = length;
        *ret = rests[i];
    }
    return longest > 0;
}

static bool has_active_after(const struct sw_day *day, int32_t from)
{
    for (int32_t i = from; i < day->n_minutes; i++)
        if (day->minutes[i].in_window && day->minutes[i].class == SW_MINUTE_ACTIVE)
            return true;
    return false;
}

static struct model_verdict closed(enum sw_alert_reason reason)
{
    return (struct model_verdict){.state = SW_STATE_CLOSED, .reason = reason};
}

static struct model_verdict open_rest(const struct model_moment *moment,
                                      const struct sw_alert *before)
{
    struct sw_rest rest;
    if (!moment->in_window || moment->opened_day[SW_ALERT_REST] != moment->today)
        return closed(SW_REASON_WINDOW_END);
    if (!rest_of_alert(moment->day, before->span, &rest) ||
        rest.to - rest.from + 1 < moment->plan->rest_limit_min)
        return closed(SW_REASON_WITHDRAWN);
    if (has_active_after(moment->day, rest.to + 1))
        return closed(SW_REASON_MOVED);
    int64_t min = rest.to - rest.from + 1;
    return (struct model_verdict){
        .state = SW_STATE_OPEN, .level = rest_level(moment, min), .rest_min = min};
}

static struct model_verdict rest(const struct model_moment *moment,
                                 const struct sw_alert *before, bool inhibited)
{
    if (is_open(before))
        return open_rest(moment, before);
    int64_t min = model_rest_now_min(moment);
    bool due = moment->in_window && !inhibited && min > 0 &&
               min >= moment->plan->rest_limit_min;
    if (!due)
        return (struct model_verdict){0};
    return (struct model_verdict){
        .state = SW_STATE_OPEN, .level = rest_level(moment, min), .rest_min = min};
}

static struct model_verdict silent(const struct model_moment *moment,
                                   const struct sw_alert *before)
{
    bool due = moment->silent_wake_s >= moment->plan->silent_after_s;
    enum sw_alert_level level =
        moment->silent_s >= 2 * 86400 ? SW_LEVEL_MEDIUM : SW_LEVEL_LOW;
    if (is_open(before)) {
        if (moment->heard_at_s > before->span.from_s)
            return closed(SW_REASON_HEARD);
        bool may_change = due && moment->in_window;
        return (struct model_verdict){.state = SW_STATE_OPEN,
                                      .level = may_change ? level : before->level};
    }
    if (!due || !moment->in_window)
        return (struct model_verdict){0};
    return (struct model_verdict){.state = SW_STATE_OPEN, .level = level};
}

static struct model_verdict unusable(const struct model_moment *moment,
                                     const struct sw_alert *before)
{
    bool due =
        moment->n_refused > 0 && moment->refused_wake_s >= moment->plan->silent_after_s;
    if (is_open(before) && moment->n_refused == 0)
        return closed(SW_REASON_USABLE);
    if (!is_open(before) && !(due && moment->in_window))
        return (struct model_verdict){0};
    return (struct model_verdict){.state = SW_STATE_OPEN, .level = SW_LEVEL_LOW};
}

static struct model_verdict over(const struct model_moment *moment,
                                 const struct sw_alert *before)
{
    int32_t ceiling = moment->plan->ceiling;
    bool due = ceiling > 0 && moment->day->row.steps > ceiling;
    if (is_open(before) && moment->opened_day[SW_ALERT_OVER] != moment->today)
        return (struct model_verdict){.is_open_question = true}; /* the store knows */
    if (is_open(before) && !due)
        return closed(SW_REASON_WITHDRAWN);
    if (!is_open(before) && !(due && moment->in_window))
        return (struct model_verdict){0};
    return (struct model_verdict){.state = SW_STATE_OPEN, .level = SW_LEVEL_LOW};
}

/* Unworn minutes of the window, in a row, before minute `end`; unknown ones are passed
 * over. */
static int32_t unworn_before(const struct sw_day *day, int32_t end)
{
    int32_t run = 0;
    for (int32_t i = 0; i < end; i++) {
        if (!day->minutes[i].in_window)
            continue;
        if (is_known(&day->minutes[i]))
            run = 0;
        run += day->minutes[i].class == SW_MINUTE_UNWORN;
    }
    return run;
}

/* The first minute that shows wear, at from_s or later; the number of minutes: none. */
static int32_t worn_from(const struct sw_day *day, int64_t from_s)
{
    for (int32_t i = 0; i < day->n_minutes; i++)
        if (minute_s(day, i) >= from_s && is_known(&day->minutes[i]))
            return i;
    return day->n_minutes;
}

/* Of an alert of an earlier day it is known that it was due then; life_judge.c. */
static struct model_verdict unworn(const struct model_moment *moment,
                                   const struct sw_alert *before)
{
    const struct sw_day *day = moment->day;
    const struct model_verdict open = {.state = SW_STATE_OPEN, .level = SW_LEVEL_LOW};
    if (!is_open(before)) {
        bool due = moment->in_window && unworn_before(day, day->n_minutes) >= 180;
        return due ? open : (struct model_verdict){0};
    }
    int32_t worn = worn_from(day, before->span.to_s);
    bool is_of_today = before->span.to_s > day->begin_s;
    if (is_of_today && unworn_before(day, worn) < 180)
        return closed(SW_REASON_WITHDRAWN);
    return worn < day->n_minutes ? closed(SW_REASON_WORN) : open;
}

/* In hundredths, the larger of what was said of one instant; -1: nothing was. */
static int32_t score_at(const struct model_moment *moment, int64_t at_s,
                        bool *ret_flare)
{
    int32_t largest = -1;
    *ret_flare = false;
    for (size_t i = 0; i < moment->n_said; i++) {
        const struct said *said = &moment->said[i];
        if (said->kind != SAID_PAIN || said->pain.at_s != at_s)
            continue;
        int32_t score = (int32_t)(said->pain.score * 100 + 0.5);
        largest = score > largest ? score : largest;
        *ret_flare = *ret_flare || said->pain.flare;
    }
    return largest;
}

/* Whether the i-th speaks of an instant that none before it speaks of. */
static bool is_first_of_instant(const struct model_moment *moment, size_t i)
{
    for (size_t j = 0; j < i; j++)
        if (moment->said[j].kind == SAID_PAIN &&
            moment->said[j].pain.at_s == moment->said[i].pain.at_s)
            return false;
    return moment->said[i].kind == SAID_PAIN;
}

/* Scores of the week before at_s, one an instant, sorted; returns how many. */
static size_t week_before(const struct model_moment *moment, int64_t at_s,
                          int32_t sorted[MODEL_SAID_MAX])
{
    size_t n = 0;
    bool flare;
    for (size_t i = 0; i < moment->n_said; i++) {
        int64_t t = moment->said[i].pain.at_s;
        if (!is_first_of_instant(moment, i) || t >= at_s || t < at_s - 7 * 86400)
            continue;
        int32_t score = score_at(moment, t, &flare);
        size_t place = n++;
        for (; place > 0 && sorted[place - 1] > score; place--)
            sorted[place] = sorted[place - 1];
        sorted[place] = score;
    }
    return n;
}

static int64_t newest_score_s(const struct model_moment *moment)
{
    int64_t newest_s = INT64_MIN;
    for (size_t i = 0; i < moment->n_said; i++)
        if (moment->said[i].kind == SAID_PAIN && moment->said[i].pain.at_s > newest_s)
            newest_s = moment->said[i].pain.at_s;
    return newest_s;
}

static bool is_painful(const struct model_moment *moment, int64_t at_s)
{
    int32_t sorted[MODEL_SAID_MAX];
    bool flare;
    int32_t score = score_at(moment, at_s, &flare);
    size_t n = week_before(moment, at_s, sorted);
    bool is_high = score >= 700;
    bool is_above_usual =
        n >= 3 && 2 * score - sorted[(n - 1) / 2] - sorted[n / 2] >= 2 * 200;
    return is_high || is_above_usual || flare;
}

static struct model_verdict pain(const struct model_moment *moment,
                                 const struct sw_alert *before)
{
    int64_t at_s = newest_score_s(moment);
    bool due = at_s != INT64_MIN && is_painful(moment, at_s);
    if (is_open(before) && !due)
        return closed(at_s > before->span.from_s ? SW_REASON_EASED
                                                 : SW_REASON_WITHDRAWN);
    if (!is_open(before) && !(due && moment->in_window))
        return (struct model_verdict){0};
    return (struct model_verdict){.state = SW_STATE_OPEN, .level = SW_LEVEL_MEDIUM};
}

struct model_verdict model_alert(const struct model_moment *moment,
                                 enum sw_alert_kind kind, const struct sw_alert *before,
                                 bool inhibited)
{
    switch (kind) {
    case SW_ALERT_REST:
        return rest(moment, before, inhibited);
    case SW_ALERT_SILENT:
        return silent(moment, before);
    case SW_ALERT_UNUSABLE:
        return unusable(moment, before);
    case SW_ALERT_OVER:
        return over(moment, before);
    case SW_ALERT_UNWORN:
        return unworn(moment, before);
    case SW_ALERT_PAIN:
        return pain(moment, before);
    default: /* what they look at is nothing that is said here */
        return (struct model_verdict){0};
    }
}
