/* alert_commands.c -- check requested actions on alerts, and answer when one cannot be
 * done.
 *
 * Whoever may write to a `…/set` topic need not be the patient's therapist, and
 * must not learn whose patient it is, nor who has which alert. Therefore the answer is
 * the same whether there is no such patient, the patient is another therapist's, or no
 * alert of theirs, or a different one, is open. The clinic finds the real reason among
 * the refused messages. Applying and storing actions is commit.c's business. */
#include "daemon/alert_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/line.h"

static const char NO_SUCH_ALERT[] =
    "no such alert is open for you: look at what its topic shows";

void actions_answer(struct actions *actions, const struct sw_topic *topic,
                    const char *why)
{
    if (actions->n_answers == ANSWERS_MAX)
        return;
    struct answer *answer = &actions->answers[actions->n_answers++];
    answer->topic = *topic;
    snprintf(answer->why, sizeof answer->why, "%s", why);
}

void actions_answer_outcome(struct actions *actions, const struct sw_topic *topic,
                            enum sw_alert_outcome outcome)
{
    actions_answer(actions, topic,
                   outcome == SW_OUTCOME_CHANGED ? sw_alert_outcome_text(outcome)
                                                 : NO_SUCH_ALERT);
}

static int refuse(char *why, const char *text)
{
    snprintf(why, SW_WHY_MAX, "%s", text);
    return SW_REFUSED_ACTION;
}

struct sw_alert actions_look_ahead(const struct actions *actions,
                                   const struct asked *asked)
{
    const struct sw_alert *kept = asked->patient->alerts;
    struct sw_alert alert =
        kept ? kept[asked->topic.kind] : (struct sw_alert){.rev = 0};
    for (size_t i = 0; i < actions->n_asked && &actions->asked[i] != asked; i++) {
        const struct asked *before = &actions->asked[i];
        bool is_of_it = before->patient == asked->patient &&
                        before->topic.kind == asked->topic.kind && !before->done;
        bool publish;
        if (is_of_it)
            sw_alert_apply(&alert, &before->action, before->at_s, &publish);
    }
    return alert;
}

/* Find out what would come of the action; nothing is changed yet. */
static int alert_commands_check(const struct actions *actions,
                                const struct asked *asked, char why[static SW_WHY_MAX],
                                enum sw_alert_outcome *ret_outcome)
{
    bool publish;
    *ret_outcome = SW_OUTCOME_CLOSED;
    if (!asked->patient)
        return refuse(why, "unknown patient");
    struct sw_alert alert = actions_look_ahead(actions, asked);
    bool is_theirs = strcmp(alert.therapist.str, asked->topic.therapist.str) == 0;
    if (sw_alert_is_open(&alert) && !is_theirs)
        return refuse(why, "the alert belongs to another therapist");
    *ret_outcome = sw_alert_apply(&alert, &asked->action, asked->at_s, &publish);
    if (*ret_outcome == SW_OUTCOME_DONE || *ret_outcome == SW_OUTCOME_NOTHING_NEW)
        return SW_ACCEPTED;
    return refuse(why, sw_alert_outcome_text(*ret_outcome));
}

int actions_take(struct actions *actions, struct patients *patients,
                 const struct sw_topic *topic, const struct sw_inbox_record *record,
                 char why[static SW_WHY_MAX])
{
    struct asked asked = {.topic = *topic,
                          .patient = patients_find(patients, topic->patient.str),
                          .at_s = record->received_at_s};
    enum sw_alert_outcome outcome;
    int r = record->retained
                ? refuse(why, "a retained action would be repeated: publish it without "
                              "the retain flag")
                : sw_decode_set(record->payload, record->payload_len, topic->therapist,
                                &asked.action, why);
    if (r != SW_ACCEPTED) { /* the message itself is wrong, whatever it is about */
        if (r > 0)
            actions_answer(actions, topic, why);
        return r;
    }
    r = alert_commands_check(actions, &asked, why, &outcome);
    if (r > 0)
        actions_answer_outcome(actions, topic, outcome);
    if (r != SW_ACCEPTED || outcome != SW_OUTCOME_DONE)
        return r;
    r = GROW(actions->asked, actions->n_asked, actions->cap_asked);
    if (r >= 0)
        actions->asked[actions->n_asked++] = asked;
    return r;
}

int actions_refuse_kind(struct actions *actions, const struct sw_topic *topic,
                        char why[static SW_WHY_MAX])
{
    struct sw_line line = sw_line(why, SW_WHY_MAX);
    sw_line_add(&line, "%s is no kind of alert; there are", topic->word);
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++)
        sw_line_add(&line, "%s %s", kind > 0 ? "," : "",
                    sw_alert_kind_name((enum sw_alert_kind)kind));
    actions_answer(actions, topic, why);
    return SW_REFUSED_ACTION;
}

void actions_publish(struct actions *actions, struct sw_session *session,
                     const char *site)
{
    sw_topic_text topic;
    for (size_t i = 0; i < actions->n_answers; i++) {
        char *payload = sw_encode_set_error(actions->answers[i].why);
        sw_topic_set_error(topic, site, &actions->answers[i].topic);
        if (payload)
            sw_session_publish(session, topic, payload, strlen(payload), false,
                               ANSWER_EXPIRY_S, 0);
        free(payload);
    }
    actions->n_answers = 0;
}

void actions_drop_gone(struct actions *actions)
{
    size_t n = 0;
    for (size_t i = 0; i < actions->n_asked; i++)
        if (actions->asked[i].patient->state != PATIENT_GONE)
            actions->asked[n++] = actions->asked[i];
    actions->n_asked = n;
}

void actions_clear(struct actions *actions)
{
    actions->n_asked = 0;
}

void actions_fini(struct actions *actions)
{
    free(actions->asked);
    *actions = (struct actions){0};
}
