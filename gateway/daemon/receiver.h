/* receiver.h -- everything that Paho's thread may touch: it makes a message safe, then
 * the broker may drop it.
 *
 *     r = receiver_init(&receiver, site, instance);
 *     receiver.adapters = …; receiver.inbox = …;   // before there is a session
 *     options.message = receiver_on_message;
 *     options.ctx = &receiver;                     // that thread gets nothing else
 *
 * What a message means is the loop's business.
 */
#ifndef DAEMON_RECEIVER_H
#define DAEMON_RECEIVER_H

#include <stdatomic.h>

#include "daemon/notices.h"
#include "daemon/probe.h"
#include "stepward/inbox.h"
#include "stepward/session.h"
#include "stepward/source.h"

struct receiver {
    /* Set before there is a session, and never changed after that. */
    const char *site;
    const char *instance; /* identifies our own health */
    const struct sw_adapters *adapters;
    uint32_t boot;          /* of the machine */
    struct sw_inbox *inbox; /* made for use by two threads */

    /* Used by both threads. */
    struct notices notices;
    struct probe_ears ears;
    _Atomic int64_t offset_ms; /* see receive_clock_stamp(); the loop writes it */
    atomic_bool is_checking;   /* the database is; the loop writes it */
    /* Result of the last append or try: 0 (it is safe), SW_INBOX_FULL, or a negative
     * errno. */
    atomic_int appended;

    /* Used by Paho's thread alone. */
    bool told_retained; /* logged that a retained action is ignored */
};

int receiver_init(struct receiver *receiver, const char *site, const char *instance);
void receiver_fini(struct receiver *receiver); /* after the session; or all zero */

/* End the process, from any thread. The broker delivers what was not acknowledged to
 * the next start. */
_Noreturn void gateway_give_up(const char *what, int r);

/* The session's callback. Its return acknowledges the message, so it returns when the
 * message is safe, or ends the process. */
void receiver_on_message(void *receiver, const char *topic, size_t topic_len,
                         const char *payload, size_t payload_len, bool retained,
                         enum sw_session_copy copy);

#endif
