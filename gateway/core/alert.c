/* alert.c -- the life of an alert: opened, raised, closed, reopened, shelved, and what a
 * therapist does with it.
 *
 * It is the same for all kinds. Each kind's rule judges from facts whether an alert is
 * due or over. Storing and publishing are the daemon's business.
 */
#include <string.h>

#include "core/digits.h"
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
    alert->device = verdict->device;
    alert->span = verdict->span;
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

/* Open the alert, or reopen one that closed a moment ago: its note stays, and so does
 * a shelving that still runs. */
static enum sw_alert_change raise(const struct sw_facts *facts, enum sw_alert_kind kind,
                                  struct sw_alert *alert,
                                  const struct sw_verdict *verdict)
{
    bool reopens = is_same_again(facts, kind, alert);
    /* The opening time is part of the id, so it must never repeat. */
    int64_t opened_at_s =
        facts->now_s > alert->opened_at_s ? facts->now_s : alert->opened_at_s + 1;
    if (!reopens)
        *alert = (struct sw_alert){
            .patient = alert->patient,
            .therapist = alert->therapist,
            .kind = kind,
            .opened_at_s = opened_at_s,
        };
    alert->state = SW_STATE_OPEN;
    alert->reason = SW_REASON_NONE;
    alert->closed_at_s = 0;
    if (!is_shelved(alert, facts->now_s))
        alert->shelved_until_s = 0;
    alert->level = verdict->level;
    take_evidence(alert, verdict);
    return reopens ? SW_CHANGE_REOPENED : SW_CHANGE_OPENED;
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
        alert->state = SW_STATE_CLOSED;
        alert->reason = verdict->reason;
        if (alert->reason != SW_REASON_LOST) /* else the last evidence stays */
            take_evidence(alert, verdict);
        *ret_change = SW_CHANGE_CLOSED;
        return true;
    }
    bool changes_level = was_open && verdict->due && verdict->level != alert->level;
    if (was_open && verdict->due)
        take_evidence(alert, verdict);
    *ret_change = changes_level ? SW_CHANGE_LEVEL : SW_CHANGE_UNSHELVED;
    if (!changes_level)
        return shelving_ended;
    /* A rise reopens an acknowledged alert: it is worse than what the therapist saw. */
    if (verdict->level > alert->level)
        alert->state = SW_STATE_OPEN;
    alert->level = verdict->level;
    return true;
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
        bool is_hidden =
            is_shelved(alert, facts->now_s) || sw_alert_is_held_back(alert);
        /* The end of an alert is published only if the alert itself ever was. */
        bool publish =
            change == SW_CHANGE_CLOSED ? was_ever_published(alert) : !is_hidden;
        /* Its times never go back, even if the clock was set back a little. */
        if (alert->updated_at_s < alert->opened_at_s)
            alert->updated_at_s = alert->opened_at_s;
        if (alert->updated_at_s < facts->now_s)
            alert->updated_at_s = facts->now_s;
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

/* ---- how often an alert may change ---- */

enum { ALL_S = SW_HOLDOFF_FREE * SW_HOLDOFF_EVERY_S };

bool sw_holdoff_allows(struct sw_holdoff *holdoff, int64_t now_s)
{
    if (holdoff->until_s > now_s + ALL_S) /* the clock was set back */
        holdoff->until_s = now_s;
    return holdoff->until_s <= now_s + ALL_S - SW_HOLDOFF_EVERY_S;
}

void sw_holdoff_note(struct sw_holdoff *holdoff, int64_t now_s)
{
    int64_t from_s = holdoff->until_s > now_s ? holdoff->until_s : now_s;
    int64_t until_s = from_s + SW_HOLDOFF_EVERY_S, latest_s = now_s + ALL_S;
    holdoff->until_s = until_s < latest_s ? until_s : latest_s;
}

/* ---- what a therapist does with an alert ----
 *
 * A repeated action changes nothing, so a message may be delivered twice. */

static const char *const action_names[SW_ACTIONS] = {"ack", "shelve", "unshelve",
                                                     "unack"};

static char *alert_put(char *end, const char *text)
{
    size_t len = strlen(text);
    memcpy(end, text, len + 1);
    return end + len;
}

/* An acknowledgement with a note need not be named, since the change of state shows it.
 * A shelving does not change the state, so the text must name it. */
void sw_action_why(const struct sw_action *action, char out[static SW_ACTION_WHY_MAX])
{
    bool has_note = action->note[0] != '\0';
    char *end = out;
    if (action->kind != SW_ACTION_ACK || !has_note) {
        end = alert_put(end, action_names[action->kind]);
        if (action->kind == SW_ACTION_SHELVE) {
            end = alert_put(end, " ");
            end += sw_digits_put(end, action->minutes, 1);
            end = alert_put(end, " min");
        }
        end = alert_put(end, has_note ? ": " : "");
    }
    alert_put(end, action->note);
}

bool sw_action_parse(const char *name, enum sw_action_kind *ret)
{
    for (int kind = 0; kind < SW_ACTIONS; kind++) {
        if (strcmp(action_names[kind], name) != 0)
            continue;
        *ret = (enum sw_action_kind)kind;
        return true;
    }
    return false;
}

const char *sw_alert_outcome_text(enum sw_alert_outcome act)
{
    static const char *const texts[] = {
        [SW_OUTCOME_DONE] = "done",
        [SW_OUTCOME_NOTHING_NEW] = "it was so already",
        [SW_OUTCOME_CLOSED] = "there is no such alert open",
        [SW_OUTCOME_OTHER] = "the alert of this id is not the one that is open",
        [SW_OUTCOME_CHANGED] = "the alert changed meanwhile: look at it again",
    };
    return texts[act];
}

/* Apply the action; false if it changes nothing. */
static bool alert_act(struct sw_alert *alert, const struct sw_action *action,
                      int64_t at_s)
{
    bool shelves = action->kind == SW_ACTION_SHELVE;
    int64_t until_s = shelves ? at_s + action->minutes * INT64_C(60) : 0;
    bool was_acknowledged = alert->state == SW_STATE_ACKNOWLEDGED;
    if (shelves || action->kind == SW_ACTION_UNSHELVE) {
        bool is_news = alert->shelved_until_s != until_s;
        alert->shelved_until_s = until_s;
        return is_news;
    }
    if (action->kind == SW_ACTION_UNACK) {
        if (was_acknowledged) {
            alert->state = SW_STATE_OPEN;
            alert->by[0] = alert->note[0] = '\0';
        }
        return was_acknowledged;
    }
    bool is_same =
        strcmp(alert->by, action->by) == 0 && strcmp(alert->note, action->note) == 0;
    /* A second acknowledgement without a note changes nothing, whoever sends it: the
     * first person looks after the alert. */
    if (was_acknowledged && (is_same || action->note[0] == '\0'))
        return false;
    alert->state = SW_STATE_ACKNOWLEDGED;
    memcpy(alert->by, action->by, sizeof alert->by);
    memcpy(alert->note, action->note, sizeof alert->note);
    return true;
}

enum sw_alert_outcome sw_alert_apply(struct sw_alert *alert,
                                     const struct sw_action *action, int64_t at_s,
                                     bool *ret_publish)
{
    char id[SW_ALERT_ID_MAX + 1];
    struct sw_alert next = *alert;
    if (!sw_alert_is_open(alert))
        return SW_OUTCOME_CLOSED;
    sw_alert_id_format(alert, id);
    if (action->id[0] != '\0' && strcmp(action->id, id) != 0)
        return SW_OUTCOME_OTHER;
    if (!alert_act(&next, action, at_s))
        return SW_OUTCOME_NOTHING_NEW;
    /* The therapist acted on the alert as it was at at_s, so a later rise is not
     * acknowledged with it. The limit keeps a clock that was set back from refusing
     * every action. */
    int64_t unseen_s = alert->updated_at_s - at_s;
    if (unseen_s > 0 && unseen_s <= SW_OUTDATED_MAX_S)
        return SW_OUTCOME_CHANGED;
    bool publish = next.shelved_until_s <= at_s;
    next.rev += publish;
    if (at_s > next.updated_at_s)
        next.updated_at_s = at_s;
    *alert = next;
    *ret_publish = publish;
    return SW_OUTCOME_DONE;
}
