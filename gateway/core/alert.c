/* alert.c -- the kinds of alerts, and the life of one.
 *
 * A kind is one row of the table and one pure function that says, from facts, whether
 * the kind is due, over, or neither. The life (open, level, closed, shelved) is the
 * same for all. Storing and publishing are the daemon's business.
 */
#include "stepward/alert.h"

#include <assert.h>
#include <string.h>

#include "core/digits.h"
#include "core/judge.h"

struct kind {
    const char *name, *help;
    const char *evidence[SW_EVIDENCE_MAX];
    unsigned
        inhibited_by; /* bits of kinds that, while open, keep this one from opening */
    sw_judge_fn judge;
};

#define BIT(kind) (1u << (kind))

static const struct kind kinds[SW_ALERT_KINDS] = {
    [SW_ALERT_SILENT] = {"silent",
                         "no message for silent_after of wake time",
                         {"silent_min", "limit_min"},
                         0,
                         sw_judge_silent},
    [SW_ALERT_REST] = {"rest",
                       "resting for rest_limit or longer",
                       {"rest_min", "limit_min", "steps"},
                       BIT(SW_ALERT_SILENT),
                       sw_judge_rest},
};

bool sw_alert_is_open(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_OPEN || alert->state == SW_STATE_ACKNOWLEDGED;
}

static bool is_shelved(const struct sw_alert *alert, int64_t now_s)
{
    return now_s < alert->shelved_until_s;
}

static void take_evidence(struct sw_alert *alert, const struct sw_verdict *verdict)
{
    memcpy(alert->evidence, verdict->evidence, sizeof(alert->evidence));
    alert->level = verdict->level;
    alert->span = verdict->span;
}

static void open_alert(struct sw_alert *alert, enum sw_alert_kind kind, int64_t now_s,
                       const struct sw_verdict *verdict)
{
    /* The opening time is part of the id: never the same twice. */
    int64_t opened_at_s = now_s > alert->opened_at_s ? now_s : alert->opened_at_s + 1;
    *alert = (struct sw_alert){
        .patient = alert->patient,
        .therapist = alert->therapist,
        .kind = kind,
        .state = SW_STATE_OPEN,
        .opened_at_s = opened_at_s,
    };
    take_evidence(alert, verdict);
}

static void close_alert(struct sw_alert *alert, const struct sw_verdict *verdict)
{
    alert->state = SW_STATE_CLOSED;
    alert->reason = verdict->reason;
    memcpy(alert->evidence, verdict->evidence, sizeof(alert->evidence));
    alert->span = verdict->span;
}

/* A rise re-opens what was acknowledged: it is worse than what was seen then. */
static void change_level(struct sw_alert *alert, const struct sw_verdict *verdict)
{
    if (verdict->level > alert->level)
        alert->state = SW_STATE_OPEN;
    take_evidence(alert, verdict);
}

/* Let one verdict act on the alert of its kind; false if nothing is to be told. */
static bool step(struct sw_alert *alert, enum sw_alert_kind kind, int64_t now_s,
                 const struct sw_verdict *verdict, enum sw_alert_change *ret_change)
{
    bool was_open = sw_alert_is_open(alert);
    bool shelving_ended =
        was_open && alert->shelved_until_s != 0 && !is_shelved(alert, now_s);
    if (shelving_ended)
        alert->shelved_until_s = 0;

    if (!was_open && verdict->due) {
        open_alert(alert, kind, now_s, verdict);
        *ret_change = SW_CHANGE_OPENED;
        return true;
    }
    if (was_open && verdict->reason != SW_REASON_NONE) {
        close_alert(alert, verdict);
        *ret_change = SW_CHANGE_CLOSED;
        return true;
    }
    if (was_open && verdict->due && verdict->level != alert->level) {
        change_level(alert, verdict);
        *ret_change = SW_CHANGE_LEVEL;
        return true;
    }
    if (was_open && verdict->due)
        take_evidence(alert, verdict);
    *ret_change = SW_CHANGE_UNSHELVED;
    return shelving_ended;
}

static bool is_inhibited(enum sw_alert_kind kind, const struct sw_alert *alerts)
{
    for (int other = 0; other < SW_ALERT_KINDS; other++)
        if ((kinds[kind].inhibited_by & BIT(other)) && sw_alert_is_open(&alerts[other]))
            return true;
    return false;
}

/* A clock that was put back a little does not turn an alert's life around. */
static int64_t time_of_change(const struct sw_alert *alert, int64_t now_s)
{
    int64_t last_s = alert->opened_at_s > alert->updated_at_s ? alert->opened_at_s
                                                              : alert->updated_at_s;
    return now_s > last_s ? now_s : last_s;
}

size_t sw_alerts_judge(const struct sw_facts *facts,
                       struct sw_alert alerts[static SW_ALERT_KINDS],
                       struct sw_alert_effect effects[static SW_ALERT_KINDS])
{
    size_t n = 0;
    if (!facts->clock_trusted)
        return 0;
    for (int i = 0; i < SW_ALERT_KINDS; i++) {
        enum sw_alert_kind kind = (enum sw_alert_kind)i;
        struct sw_alert *alert = &alerts[kind];
        enum sw_alert_state from = alert->state;
        bool is_open = sw_alert_is_open(alert);
        struct sw_verdict verdict = kinds[kind].judge(facts, is_open ? alert : NULL);
        enum sw_alert_change change;
        bool may_open = facts->in_window && !is_inhibited(kind, alerts);
        bool may_change = is_open ? facts->in_window : may_open;
        if (!may_change)
            verdict.due = false;
        if (!step(alert, kind, facts->now_s, &verdict, &change))
            continue;
        bool publish = !is_shelved(alert, facts->now_s) || change == SW_CHANGE_CLOSED;
        alert->updated_at_s = time_of_change(alert, facts->now_s);
        if (change == SW_CHANGE_CLOSED)
            alert->closed_at_s = alert->updated_at_s;
        alert->rev += publish;
        effects[n++] = (struct sw_alert_effect){kind, change, from, publish};
    }
    return n;
}

/* ---- words ---- */

static const char *const level_names[] = {"low", "medium"};
static const char *const state_names[] = {"none", "open", "acknowledged", "closed"};
static const char *const reason_names[] = {
    [SW_REASON_NONE] = "",
    [SW_REASON_MOVED] = "moved",
    [SW_REASON_WINDOW_END] = "window_end",
    [SW_REASON_WITHDRAWN] = "withdrawn",
    [SW_REASON_HEARD] = "heard",
};
static const char *const change_names[] = {"opened", "level", "closed", "unshelved"};

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
    return kinds[kind].name;
}
const char *sw_alert_kind_help(enum sw_alert_kind kind)
{
    return kinds[kind].help;
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

const char *sw_alert_evidence_name(enum sw_alert_kind kind, size_t i)
{
    return i < SW_EVIDENCE_MAX ? kinds[kind].evidence[i] : NULL;
}

bool sw_alert_kind_parse(const char *name, enum sw_alert_kind *ret)
{
    for (int i = 0; i < SW_ALERT_KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
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
    size_t len = strlen(kinds[alert->kind].name);
    memcpy(out + n, kinds[alert->kind].name, len);
    n += len;
    out[n++] = '-';
    /* 12 digits reach the year 33658 */
    int64_t opened_at_s = alert->opened_at_s % 1000000000000;
    n += sw_digits_put(out + n, opened_at_s < 0 ? 0 : opened_at_s, 1);
    out[n] = '\0';
    assert(n <= SW_ALERT_ID_MAX);
}
