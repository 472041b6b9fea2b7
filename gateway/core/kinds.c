/* kinds.c -- the table of the kinds of alerts, and the words of their payloads.
 *
 * A kind is a row here and a function in a file of its own. The table is also what
 * README and help print.
 */
#include <assert.h>
#include <string.h>

#include "core/digits.h"
#include "core/judge.h"

static const struct sw_kind kinds[SW_ALERT_KINDS] = {
    [SW_ALERT_SILENT] =
        {
            .text = {"silent",
                     "no message for `silent_after` of wake time in which the gateway "
                     "was connected",
                     "low; medium from 2 days", "a message (`heard`)"},
            .evidence = {"silent_min", "limit_min"},
            .judge = sw_judge_silent,
        },
    [SW_ALERT_UNWORN] =
        {
            .text = {"unworn",
                     "the newest 180 minutes or more of today's wake window say \"not "
                     "worn\"; minutes without data are passed over",
                     "low", "a worn reading (`worn`)"},
            .evidence = {"unworn_min", "limit_min"},
            .judge = sw_judge_unworn,
        },
    [SW_ALERT_REST] =
        {
            .text = {"rest",
                     "resting for `rest_limit` or longer, up to a minute that is at "
                     "most 15 minutes old; not while `silent` or `unworn` is open",
                     "low; medium from twice `rest_limit`",
                     "an active minute (`moved`), the end of the wake window "
                     "(`window_end`)"},
            .evidence = {"rest_min", "limit_min", "steps"},
            .inhibited_by = SW_KIND_BIT(SW_ALERT_SILENT) | SW_KIND_BIT(SW_ALERT_UNWORN),
            .is_of_a_day = true,
            .judge = sw_judge_rest,
        },
    [SW_ALERT_LOW] =
        {
            .text = {"low",
                     "the last 3 valid days before today were all under the `floor` of "
                     "their plan, and today has not reached it",
                     "medium", "a valid day at or over it, also today (`recovered`)"},
            .evidence = {"steps", "floor"},
            .judge = sw_judge_low,
        },
    [SW_ALERT_OVER] =
        {
            .text = {"over", "more steps today than `ceiling`", "low",
                     "the end of the day (`day_end`)"},
            .evidence = {"steps", "ceiling"},
            .is_of_a_day = true,
            .judge = sw_judge_over,
        },
    [SW_ALERT_PAIN] =
        {
            .text = {"pain",
                     "the newest score is 7 or more, or 2 or more above the median of "
                     "the 7 days before it (of 3 scores or more), or says flare",
                     "medium", "a later score that is not (`eased`)"},
            .evidence = {"score", "median", "flare"},
            .units = {SW_SCORE_UNIT, SW_SCORE_UNIT},
            .judge = sw_judge_pain,
        },
    [SW_ALERT_BATTERY] =
        {
            .text = {"battery",
                     "the battery of the patient's emptiest device is at 20 % or less",
                     "low", "30 % or more (`charged`)"},
            .evidence = {"battery_pct", "limit_pct"},
            .judge = sw_judge_battery,
        },
};

const struct sw_kind *sw_kind(enum sw_alert_kind kind)
{
    return &kinds[kind];
}

static const char *const level_names[] = {"low", "medium"};
static const char *const state_names[] = {"none", "open", "acknowledged", "closed"};
static const char *const reason_names[] = {[SW_REASON_NONE] = "",
#define X(name, word) [SW_REASON_##name] = word,
                                           SW_CLOSE_REASONS(X)
#undef X
};
static const char *const change_names[] = {"opened", "reopened", "level", "closed",
                                           "unshelved"};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* The index of name, or n. */
static size_t find_word(const char *const *words, size_t n, const char *name)
{
    size_t i = 0;
    while (i < n && strcmp(words[i], name) != 0)
        i++;
    return i;
}

const char *sw_alert_kind_name(enum sw_alert_kind kind)
{
    return kinds[kind].text.name;
}
struct sw_kind_text sw_alert_kind_text(enum sw_alert_kind kind)
{
    return kinds[kind].text;
}
const char *sw_alert_level_name(enum sw_alert_level level)
{
    return level_names[level];
}
const char *sw_alert_state_name(enum sw_alert_state state)
{
    return state_names[state];
}
const char *sw_alert_reason_name(enum sw_alert_reason reason)
{
    return reason_names[reason];
}
const char *sw_alert_change_name(enum sw_alert_change change)
{
    return change_names[change];
}

const char *sw_alert_change_why(enum sw_alert_change change,
                                const struct sw_alert *alert)
{
    static const char *const levels[] = {"level low", "level medium"};
    if (change == SW_CHANGE_CLOSED)
        return reason_names[alert->reason];
    return change == SW_CHANGE_LEVEL ? levels[alert->level] : change_names[change];
}

const char *sw_alert_evidence_name(enum sw_alert_kind kind, size_t i)
{
    return i < SW_EVIDENCE_MAX ? kinds[kind].evidence[i] : NULL;
}

int32_t sw_alert_evidence_unit(enum sw_alert_kind kind, size_t i)
{
    return kinds[kind].units[i] ? kinds[kind].units[i] : 1;
}

bool sw_alert_kind_parse(const char *name, enum sw_alert_kind *ret)
{
    for (int i = 0; i < SW_ALERT_KINDS; i++) {
        if (strcmp(kinds[i].text.name, name) == 0) {
            *ret = (enum sw_alert_kind)i;
            return true;
        }
    }
    return false;
}

bool sw_alert_level_parse(const char *name, enum sw_alert_level *ret)
{
    size_t i = find_word(level_names, COUNT(level_names), name);
    if (i == COUNT(level_names))
        return false;
    *ret = (enum sw_alert_level)i;
    return true;
}

bool sw_alert_state_parse(const char *name, enum sw_alert_state *ret)
{
    size_t i = find_word(state_names, COUNT(state_names), name);
    if (i == COUNT(state_names))
        return false;
    *ret = (enum sw_alert_state)i;
    return true;
}

bool sw_alert_reason_parse(const char *name, enum sw_alert_reason *ret)
{
    size_t i = find_word(reason_names, COUNT(reason_names), name);
    if (i == COUNT(reason_names))
        return false;
    *ret = (enum sw_alert_reason)i;
    return true;
}

void sw_alert_id_format(const struct sw_alert *alert,
                        char out[static SW_ALERT_ID_MAX + 1])
{
    size_t n = strlen(alert->patient.str);
    memcpy(out, alert->patient.str, n);
    out[n++] = '-';
    size_t len = strlen(kinds[alert->kind].text.name);
    memcpy(out + n, kinds[alert->kind].text.name, len);
    n += len;
    out[n++] = '-';
    /* 12 digits reach the year 33658 */
    int64_t opened_at_s = alert->opened_at_s % 1000000000000;
    n += sw_digits_put(out + n, opened_at_s < 0 ? 0 : opened_at_s, 1);
    out[n] = '\0';
    assert(n <= SW_ALERT_ID_MAX);
}
