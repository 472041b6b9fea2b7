/* alert_action.c -- what a therapist does with an alert: acknowledge, shelve, unshelve.
 *
 * A repeated action changes nothing, so a message may be delivered twice. Storing and
 * publishing are the caller's business.
 */
#include <string.h>

#include "core/digits.h"
#include "stepward/alert.h"

static const char *const action_names[SW_ACTIONS] = {"ack", "shelve", "unshelve"};

const char *sw_action_name(enum sw_action_kind kind)
{
    return action_names[kind];
}

static char *alert_action_put(char *end, const char *text)
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
        end = alert_action_put(end, sw_action_name(action->kind));
        if (action->kind == SW_ACTION_SHELVE) {
            end = alert_action_put(end, " ");
            end += sw_digits_put(end, action->minutes, 1);
            end = alert_action_put(end, " min");
        }
        end = alert_action_put(end, has_note ? ": " : "");
    }
    alert_action_put(end, action->note);
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

/* A second acknowledgement without a note changes nothing, whoever sends it: the first
 * person looks after the alert. */
static bool acknowledge(struct sw_alert *alert, const struct sw_action *action)
{
    bool was_acknowledged = alert->state == SW_STATE_ACKNOWLEDGED;
    bool is_same =
        strcmp(alert->by, action->by) == 0 && strcmp(alert->note, action->note) == 0;
    if (was_acknowledged && (is_same || action->note[0] == '\0'))
        return false;
    alert->state = SW_STATE_ACKNOWLEDGED;
    memcpy(alert->by, action->by, sizeof alert->by);
    memcpy(alert->note, action->note, sizeof alert->note);
    return true;
}

static bool shelve_until(struct sw_alert *alert, int64_t until_s)
{
    bool is_known = alert->shelved_until_s == until_s;
    alert->shelved_until_s = until_s;
    return !is_known;
}

/* Apply the action; false if it changes nothing. */
static bool alert_action_apply(struct sw_alert *alert, const struct sw_action *action,
                               int64_t at_s)
{
    switch (action->kind) {
    case SW_ACTION_ACK:
        return acknowledge(alert, action);
    case SW_ACTION_SHELVE:
        return shelve_until(alert, at_s + action->minutes * INT64_C(60));
    default:
        return shelve_until(alert, 0);
    }
}

/* The therapist acted on the alert as it was at at_s, so a later rise is not
 * acknowledged with it. The limit keeps a clock that was set back from refusing every
 * action. */
static bool is_outdated(const struct sw_alert *alert, int64_t at_s)
{
    return at_s < alert->updated_at_s &&
           alert->updated_at_s - at_s <= SW_OUTDATED_MAX_S;
}

static bool alert_action_is_meant(const struct sw_alert *alert,
                                  const struct sw_action *action)
{
    char id[SW_ALERT_ID_MAX + 1];
    sw_alert_id_format(alert, id);
    return action->id[0] == '\0' || strcmp(action->id, id) == 0;
}

enum sw_alert_outcome sw_alert_apply(struct sw_alert *alert,
                                     const struct sw_action *action, int64_t at_s,
                                     bool *ret_publish)
{
    struct sw_alert next = *alert;
    if (!sw_alert_is_open(alert))
        return SW_OUTCOME_CLOSED;
    if (!alert_action_is_meant(alert, action))
        return SW_OUTCOME_OTHER;
    if (!alert_action_apply(&next, action, at_s))
        return SW_OUTCOME_NOTHING_NEW;
    if (is_outdated(alert, at_s))
        return SW_OUTCOME_CHANGED;
    bool publish = next.shelved_until_s <= at_s;
    next.rev += publish;
    if (at_s > next.updated_at_s)
        next.updated_at_s = at_s;
    *alert = next;
    *ret_publish = publish;
    return SW_OUTCOME_DONE;
}
