/* action.c -- check what is asked of an alert; answer when it cannot be done.
 * Applying and storing is commit.c's business. */
#include "daemon/action.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/array.h"
#include "util/line.h"

void actions_answer(struct actions *actions, const struct sw_topic *topic,
                    const char *why)
{
    if (actions->n_answers == ANSWERS_MAX)
        return;
    struct answer *answer = &actions->answers[actions->n_answers++];
    answer->topic = *topic;
    snprintf(answer->why, sizeof answer->why, "%s", why);
}

static int refuse(char *why, const char *text)
{
    snprintf(why, SW_WHY_MAX, "%s", text);
    return SW_REFUSED_ACTION;
}

/* What would come of it now; nothing is changed yet. */
static int check(const struct asked *asked, char why[static SW_WHY_MAX], bool *ret_new)
{
    const struct sw_alert *kept = asked->patient->alerts;
    struct sw_alert alert = {.rev = 0};
    bool publish;
    if (kept)
        alert = kept[asked->topic.kind];
    bool is_theirs = strcmp(alert.therapist.str, asked->topic.therapist.str) == 0;
    if (sw_alert_is_open(&alert) && !is_theirs)
        return refuse(why, "the alert belongs to another therapist");
    enum sw_act act = sw_alert_act(&alert, &asked->action, asked->at_s, &publish);
    *ret_new = act == SW_ACT_DONE;
    if (act == SW_ACT_DONE || act == SW_ACT_NOTHING_NEW)
        return SW_ACCEPTED;
    return refuse(why, sw_act_text(act));
}

static int decode(struct ward *ward, const struct sw_topic *topic,
                  const struct sw_inbox_record *record, struct asked *ret,
                  char why[static SW_WHY_MAX])
{
    *ret = (struct asked){.topic = *topic, .at_s = record->received_at_s};
    ret->patient = ward_find(ward, topic->patient.str);
    if (record->retained)
        return refuse(why, "a retained action would be repeated: publish it without "
                           "the retain flag");
    if (!ret->patient)
        return refuse(why, "unknown patient");
    return sw_decode_set(record->payload, record->payload_len, topic->therapist,
                         &ret->action, why);
}

int actions_take(struct actions *actions, struct ward *ward,
                 const struct sw_topic *topic, const struct sw_inbox_record *record,
                 char why[static SW_WHY_MAX])
{
    struct asked asked;
    bool is_new = false;
    int r = decode(ward, topic, record, &asked, why);
    if (r == SW_ACCEPTED)
        r = check(&asked, why, &is_new);
    if (r > 0)
        actions_answer(actions, topic, why);
    if (r != SW_ACCEPTED || !is_new)
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
        if (!actions->asked[i].patient->gone)
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
