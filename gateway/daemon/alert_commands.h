/* alert_commands.h -- what therapists' apps ask of alerts, until it is stored or answered.
 *
 * An action is checked when its message is taken in, and applied again by every attempt
 * to commit: an attempt that fails, or that finds another hand in the store, starts
 * from the alerts as stored.
 */
#ifndef DAEMON_ALERT_COMMANDS_H
#define DAEMON_ALERT_COMMANDS_H

#include "daemon/patients.h"
#include "stepward/inbox.h"
#include "stepward/session.h"
#include "stepward/wire.h"

enum {
    ACTIONS_MAX = 256, /* then it is time to commit */
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

/* Take a message of SW_TOPIC_ALERT_SET. SW_ACCEPTED, -ENOMEM, or a refusal: why says
 * what was wrong; who asked is told less, see alert_commands.c. */
int actions_take(struct actions *actions, struct patients *patients,
                 const struct sw_topic *topic, const struct sw_inbox_record *record,
                 char why[static SW_WHY_MAX]);
/* So of SW_TOPIC_SET_UNKNOWN. */
int actions_refuse_kind(struct actions *actions, const struct sw_topic *topic,
                        char why[static SW_WHY_MAX]);
void actions_answer(struct actions *actions, const struct sw_topic *topic,
                    const char *why);
/* What came of an action that was not done: of patients and alerts that may be another
 * therapist's, or nobody's, always the same. */
void actions_answer_outcome(struct actions *actions, const struct sw_topic *topic,
                            enum sw_alert_outcome act);
/* Send the answers; what cannot be sent now is dropped: who asked is gone too. */
void actions_publish(struct actions *actions, struct sw_session *session,
                     const char *site);
void actions_drop_gone(struct actions *actions); /* of patients that were erased */
void actions_clear(struct actions *actions);     /* all of them are stored */
void actions_fini(struct actions *actions);

#endif
