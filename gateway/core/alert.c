/* alert.c -- the life of an alert: opened, raised, closed, reopened, shelved.
 *
 * It is the same for all kinds. Each kind's rule judges from facts whether an alert is
 * due or over. Storing and publishing are the daemon's business.
 */
#include <string.h>

#include "stepward/rule.h"

bool sw_alert_is_open(const struct sw_alert *alert)
{
    return alert->state == SW_STATE_OPEN || alert->state == SW_STATE_ACKNOWLEDGED;
}

int64_t sw_alert_since_s(const struct sw_alert *alert)
{
    bool lasts = sw_rule(alert->kind)->traits & SW_RULE_LASTS;
    int64_t from_s = alert->span.from_s;
    return lasts && from_s > 0 && from_s < alert->opened_at_s ? from_s
                                                              : alert->opened_at_s;
}

void sw_alert_hold_back(struct sw_alert *alert)
{
    alert->over_budget = true;
    alert->rev = 0;
}

static bool was_ever_published(const struct sw_alert *alert)
{
    return alert->rev > 0 || !alert->over_budget;
}

bool sw_alert_is_held_back(const struct sw_alert *alert)
{
    return !was_ever_published(alert) && alert->level == SW_LEVEL_LOW;
}

static bool is_shelved(const struct sw_alert *alert, int64_t now_s)
{
    return now_s < alert->shelved_until_s;
}

static void take_evidence(struct sw_alert *alert, const struct sw_verdict *verdict)
{
    memcpy(alert->evidence, verdict->evidence, sizeof(alert->evidence));
    alert->level = verdict->level;
    alert->device = verdict->device;
    alert->span = verdict->span;
}

static void alert_open_alert(struct sw_alert *alert, enum sw_alert_kind kind,
                             int64_t now_s, const struct sw_verdict *verdict)
{
    /* The opening time is part of the id, so it must never repeat. */
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

/* The alert closed a moment ago, so its note and a shelving that still runs stay. */
static void reopen_alert(struct sw_alert *alert, int64_t now_s,
                         const struct sw_verdict *verdict)
{
    alert->state = SW_STATE_OPEN;
    alert->reason = SW_REASON_NONE;
    alert->closed_at_s = 0;
    if (!is_shelved(alert, now_s))
        alert->shelved_until_s = 0;
    take_evidence(alert, verdict);
}

static void close_alert(struct sw_alert *alert, const struct sw_verdict *verdict)
{
    alert->state = SW_STATE_CLOSED;
    alert->reason = verdict->reason;
    if (alert->reason == SW_REASON_LOST) /* the last evidence stays */
        return;
    memcpy(alert->evidence, verdict->evidence, sizeof(alert->evidence));
    alert->device = verdict->device;
    alert->span = verdict->span;
}

/* A rise reopens an acknowledged alert: it is worse than what the therapist saw. */
static void change_level(struct sw_alert *alert, const struct sw_verdict *verdict)
{
    if (verdict->level > alert->level)
        alert->state = SW_STATE_OPEN;
    take_evidence(alert, verdict);
}

/* A clock that was set back a little does not make this another alert. */
static bool is_same_again(const struct sw_facts *facts, enum sw_alert_kind kind,
                          const struct sw_alert *alert)
{
    int64_t ago_s = facts->now_s - alert->closed_at_s;
    bool closed_just_now = alert->state == SW_STATE_CLOSED && ago_s < SW_SAME_ALERT_S &&
                           ago_s > -SW_SAME_ALERT_S;
    bool is_of_a_day = sw_rule(kind)->traits & SW_RULE_OF_A_DAY;
    bool is_of_another_day = is_of_a_day && facts->alert_day[kind] != facts->today;
    return closed_just_now && !is_of_another_day;
}

static enum sw_alert_change raise(const struct sw_facts *facts, enum sw_alert_kind kind,
                                  struct sw_alert *alert,
                                  const struct sw_verdict *verdict)
{
    if (is_same_again(facts, kind, alert)) {
        reopen_alert(alert, facts->now_s, verdict);
        return SW_CHANGE_REOPENED;
    }
    alert_open_alert(alert, kind, facts->now_s, verdict);
    return SW_CHANGE_OPENED;
}

/* Apply one verdict to the alert of its kind; false if there is no transition. */
static bool step(const struct sw_facts *facts, enum sw_alert_kind kind,
                 struct sw_alert *alert, const struct sw_verdict *verdict,
                 enum sw_alert_change *ret_change)
{
    bool was_open = sw_alert_is_open(alert);
    bool shelving_ended =
        was_open && alert->shelved_until_s != 0 && !is_shelved(alert, facts->now_s);
    if (shelving_ended)
        alert->shelved_until_s = 0;

    if (!was_open && verdict->due) {
        *ret_change = raise(facts, kind, alert, verdict);
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

bool sw_alert_is_inhibited(enum sw_alert_kind kind,
                           const struct sw_alert alerts[static SW_ALERT_KINDS])
{
    unsigned inhibited_by = sw_rule(kind)->inhibited_by;
    for (int other = 0; other < SW_ALERT_KINDS; other++)
        if ((inhibited_by & SW_KIND_BIT(other)) && sw_alert_is_open(&alerts[other]))
            return true;
    return false;
}

/* The times of an alert never go back, even if the clock was set back a little. */
static int64_t time_of_change(const struct sw_alert *alert, int64_t now_s)
{
    int64_t last_s = alert->opened_at_s > alert->updated_at_s ? alert->opened_at_s
                                                              : alert->updated_at_s;
    return now_s > last_s ? now_s : last_s;
}

/* The rule's verdict, as far as it may act now: outside the wake window nothing opens
 * or rises, and nothing opens while it is inhibited. */
static struct sw_verdict alert_judge(const struct sw_facts *facts,
                                     enum sw_alert_kind kind,
                                     const struct sw_alert *alerts)
{
    bool is_open = sw_alert_is_open(&alerts[kind]);
    bool may_open = facts->in_window && !sw_alert_is_inhibited(kind, alerts);
    struct sw_verdict verdict =
        sw_rule(kind)->judge(facts, is_open ? &alerts[kind] : NULL);
    bool may_change = is_open ? facts->in_window : may_open;
    if (!may_change)
        verdict.due = false;
    return verdict;
}

/* The end of an alert is published only if the alert itself ever was. */
static bool is_worth_telling(const struct sw_alert *alert, enum sw_alert_change change,
                             int64_t now_s)
{
    if (change == SW_CHANGE_CLOSED)
        return was_ever_published(alert);
    return !is_shelved(alert, now_s) && !sw_alert_is_held_back(alert);
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
        struct sw_verdict verdict = alert_judge(facts, kind, alerts);
        enum sw_alert_change change;
        if (!step(facts, kind, alert, &verdict, &change))
            continue;
        bool publish = is_worth_telling(alert, change, facts->now_s);
        alert->updated_at_s = time_of_change(alert, facts->now_s);
        if (change == SW_CHANGE_CLOSED)
            alert->closed_at_s = alert->updated_at_s;
        alert->rev += publish;
        effects[n++] = (struct sw_alert_effect){kind, change, from, publish};
    }
    return n;
}

struct sw_verdict sw_verdict_over(const struct sw_alert *open,
                                  enum sw_alert_reason reason)
{
    struct sw_verdict verdict = {
        .reason = reason, .device = open->device, .span = open->span};
    memcpy(verdict.evidence, open->evidence, sizeof(verdict.evidence));
    return verdict;
}
