/* probe.h -- does what is published come through the broker, to us and to therapists?
 *
 * A broker may grant a subscription and deliver nothing, or take a publication and drop
 * it without a word: an access list without the right, a size limit, a dot in a topic
 * that it takes for a level. Therefore, at every connect and every ten minutes, a
 * message goes to a topic of each filter that we subscribe to, including the alerts',
 * and must come back:
 *
 *     probe_begin(&probe, now_ms);             // connected
 *     probe_on_message(&ears, site, …)         // Paho's thread: true: it is a probe
 *     probe_event(&probe, &event)              // true: it is about a probe
 *     probe_tick(&probe, session, instant);    // every turn, connected or not
 *
 * A probe that does not come back in time is an incident until it does. Probes use QoS
 * 0, because the library would resend others to a broker that disconnects us for them.
 * A probe is about no patient, is not retained, and expires after ten minutes. It is
 * recognised by its topic, or on a source's topic by its payload, and never reaches the
 * inbox: it is not stored, counted or refused.
 */
#ifndef DAEMON_PROBE_H
#define DAEMON_PROBE_H

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/connection_log.h"
#include "daemon/incidents.h"
#include "daemon/publish.h"
#include "stepward/session.h"

enum {
    PROBES_MAX = 2 * SUBSCRIPTIONS_MAX, /* of our own filters also one with a dot */
    PROBE_EVERY_MS = 10 * 60 * 1000,
    PROBE_AGAIN_MS = 60 * 1000, /* while something did not come back */
    /* After the broker disconnected us because of a probe, as mosquitto 2.0.11 does
     * where max_queued_messages is 0 and a right is missing. */
    PROBE_SHY_MS = 60 * 60 * 1000,
    PROBE_BREAKS_MAX = 2, /* in a row: a single one may have another cause */
    PROBE_WAIT_MS = 30 * 1000,
    /* A probe is overdue this long after another came back on the same connection,
     * since the broker keeps their order. */
    PROBE_BEHIND_MS = 10 * 1000,
    /* What the broker held for us comes before a probe, and may be much. While messages
     * pour in, the wait starts over, for at most this long. */
    PROBE_BUSY_MOST_MS = 10 * 60 * 1000,
    PROBE_BUSY_PER_S = 50, /* messages: more than 3000 patients send */
    /* The probe of alerts is as long as an alert with a long note. */
    PROBE_ALERT_BYTES = 1024,
};

/* What Paho's thread touches. */
struct probe_ears {
    pthread_mutex_t lock;
    uint64_t nonce; /* of this round; 0: none */
    bool back[PROBES_MAX];
    atomic_uint_fast64_t n_others; /* messages so far that were not probes */
    atomic_bool is_jammed;         /* the inbox is full: nothing can come back */
};

struct probe {
    const char *site;
    const struct subscriptions *subscriptions;
    const struct patients *patients;
    struct incidents *incidents;
    struct probe_ears *ears; /* the receiver's */
    bool back[PROBES_MAX];   /* as last read from ears */
    bool too_large[PROBES_MAX];
    bool is_up;
    bool is_out;       /* a round is out, and not all of it is back */
    bool is_judged;    /* what did not come back is an incident by now */
    bool was_busy;     /* in this round */
    bool is_first_due; /* the fate of the round's first is not known */
    unsigned n_breaks; /* connections lost during a round, in a row */
    size_t n_sent;     /* of the round */
    int64_t begun_ms;  /* the connect, or the end of the previous round */
    int64_t sent_ms, next_ms;
    int64_t counted_ms; /* when messages were last counted... */
    uint64_t n_counted; /* ...and how many there were */
};

void probe_init(struct probe *probe, const char *site,
                const struct subscriptions *subscriptions,
                const struct patients *patients, struct incidents *incidents,
                struct probe_ears *ears);
void probe_begin(struct probe *probe, int64_t now_ms);
void probe_ears_init(struct probe_ears *ears);
void probe_ears_fini(struct probe_ears *ears);
/* Called in Paho's thread. True if it is a probe, ours or another gateway's. */
bool probe_on_message(struct probe_ears *ears, const char *site, const char *topic,
                      size_t topic_len, const char *payload, size_t payload_len);
bool probe_event(struct probe *probe, const struct sw_session_event *event);
/* Returns true if what `status` shows has changed. session: NULL in tests that do not
 * send. */
bool probe_tick(struct probe *probe, struct sw_session *session,
                struct instant instant);
bool probe_waits(const struct probe *probe); /* for replies */

#endif
