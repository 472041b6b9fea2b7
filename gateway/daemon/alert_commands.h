/* alert_commands.h -- the actions on alerts that therapists' apps request, until each
 * is stored or answered.
 *
 * An action is checked when its message is taken in, and is applied again by every
 * commit attempt: an attempt that fails, or that finds the store changed by another
 * writer, starts from the alerts as stored.
 */
#ifndef DAEMON_ALERT_COMMANDS_H
#define DAEMON_ALERT_COMMANDS_H

#include "daemon/patients.h"
#include "stepward/inbox.h"
#include "stepward/session.h"
#include "stepward/wire.h"

enum {
    ACTIONS_MAX = 256, /* when reached, a commit is due */
    ANSWERS_MAX = 64,  /* waiting to be sent; more is a flood */
    ANSWER_EXPIRY_S = 10 * 60,
};

struct asked {
    struct patient *patient;
    struct sw_topic topic;
    struct sw_action action;
    int64_t at_s;
    bool done; /* stored, or found to change nothing */
};
struct answer {
    struct sw_topic topic;
    char why[SW_WHY_MAX];
};
struct actions {
    struct asked *asked;
    size_t n_asked, cap_asked;
    struct answer answers[ANSWERS_MAX];
    size_t n_answers;
};

/* Take a message of SW_TOPIC_ALERT_SET. Returns SW_ACCEPTED, -ENOMEM, or a refusal: why
 * then says what was wrong. The requester gets a vaguer answer, see
 * alert_commands.c. */
int actions_take(struct actions *actions, struct patients *patients,
                 const struct sw_topic *topic, const struct sw_inbox_record *record,
                 char why[static SW_WHY_MAX]);
/* The same for SW_TOPIC_SET_UNKNOWN. */
int actions_refuse_kind(struct actions *actions, const struct sw_topic *topic,
                        char why[static SW_WHY_MAX]);
/* The alert as it will be once all actions before this one are done. A new one need not
 * be among the others yet. */
struct sw_alert actions_look_ahead(const struct actions *actions,
                                   const struct asked *asked);
void actions_answer(struct actions *actions, const struct sw_topic *topic,
                    const char *why);
/* Answer an action that was not done. If the patient or alert may be another
 * therapist's, or does not exist, the answer is always the same. */
void actions_answer_outcome(struct actions *actions, const struct sw_topic *topic,
                            enum sw_alert_outcome outcome);
/* Send the answers. An answer that cannot be sent now is dropped, because the requester
 * is out of reach too. */
void actions_publish(struct actions *actions, struct sw_session *session,
                     const char *site);
void actions_drop_gone(struct actions *actions); /* drop those of erased patients */
void actions_clear(struct actions *actions);     /* all of them are stored */
void actions_fini(struct actions *actions);

#endif
