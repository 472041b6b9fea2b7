/* session.h -- the persistent MQTT session with the broker (Paho MQTTAsync).
 *
 *     struct sw_session *session;
 *     sw_session_new(&session, &options, why);
 *     for (;;) {
 *         timeout = sw_session_tick(session, monotonic_ms); // connects, backs off
 *         poll(sw_session_fd(session), …, timeout);
 *         while (sw_session_next(session, &event)) …        // up, down, delivered
 *     }
 *
 * options.message runs in Paho's thread and returns only when the message is safe: its
 * return acknowledges. Everything else happens in the thread that calls tick and next.
 * Reconnects for ever with capped, jittered back-off on the monotonic clock; subscribes
 * again at every connect. One client for the life of the process.
 */
#ifndef STEPWARD_SESSION_H
#define STEPWARD_SESSION_H

#include "stepward/types.h"

/* Whether a broker's uri asks for TLS, "mqtts://" or "ssl://": a program WITHOUT_TLS,
 * see CMakeLists.txt, cannot connect to it. */
bool sw_uri_is_tls(const char *uri);

struct sw_session;

/* Whether the broker has sent a message before. What seems to be a copy need not be
 * one: a broker may number its packets anew at each connect, and what a device counts
 * may stand still. So this decides on what is counted, never on what is kept. */
enum sw_session_copy {
    SW_COPY_NONE,
    SW_COPY_MAYBE,   /* it has, to this process or an earlier one of this session */
    SW_COPY_OF_OURS, /* and this process took one of that packet id and content */
};

#define SW_SESSION_WILL "offline"
struct sw_session_options {
    const char *uri; /* mqtt://, mqtts://, tcp://, ssl://host:port */
    const char *client_id;
    int protocol;                               /* 5, or 4 for MQTT 3.1.1 */
    const char *username;                       /* "" : none */
    const char *password;                       /* "" : none */
    const char *ca_file, *cert_file, *key_file; /* "" : none */
    const char *will_topic; /* retained last will SW_SESSION_WILL; NULL: none */
    bool clean;             /* true: no persistent session (simulated devices) */
    /* Why a connection failed names no key of the configuration: who asks gave others,
     * or says so. */
    bool has_own_remedy;
    int64_t session_expiry_s;
    /* Where a broker of MQTT 3.1.1, which cannot tell, is tried for what size it takes:
     * nobody needs to hear it. NULL: it is not. */
    const char *size_topic;
    const char *const *filters; /* subscribed at QoS 1 at every connect */
    size_t n_filters;
    size_t n_optional; /* the last of them: it is no error if they are refused */
    /* For each filter, or NULL: what is retained is not wanted (MQTT 5). */
    const bool *filters_live;
    const char *const *stale_filters; /* unsubscribed at the first connect */
    size_t n_stale_filters;
    void (*message)(void *ctx, const char *topic, size_t topic_len, const char *payload,
                    size_t payload_len, bool retained,
                    enum sw_session_copy copy); /* in Paho's thread */
    void *ctx;
};

enum sw_session_event_kind {
    /* Connected and subscribed; .session_present, .is_cut. Some filters may be
     * .refused, or .lowered to QoS 0: .why names one. */
    SW_SESSION_UP,
    SW_SESSION_SUBSCRIBED, /* what was refused was asked for again; as it is now */
    /* Lost, or an attempt failed; .why, .taken_over, .is_stuck. With .too_large the broker
     * hung up on what tried its size. */
    SW_SESSION_DOWN,
    SW_SESSION_DELIVERED, /* the broker acknowledged publication .cookie */
    /* Publication .cookie did not arrive: send it again; or .refused by the broker,
     * which says .why: again later. A refusal is told without a cookie too. What the
     * broker is known to be .too_large for was not even sent. */
    SW_SESSION_FAILED,
};
struct sw_session_event {
    enum sw_session_event_kind kind;
    bool session_present;
    bool taken_over; /* another client uses our client id, or .why suspects it */
    /* The library would send again what the broker does not take any more, and be
     * thrown out, for ever: only another process can do better. */
    bool is_stuck;
    bool refused, lowered, too_large;
    bool is_cut; /* the broker keeps the session for .kept_s, less than was asked */
    int64_t kept_s;
    uint64_t cookie;
    char why[SW_WHY_MAX];
};

/* The options' strings are copied. Negative errno with why on failure. */
int sw_session_new(struct sw_session **ret, const struct sw_session_options *options,
                   char why[static SW_WHY_MAX]);

/* Connect when it is time to; returns milliseconds until it wants to be called again,
 * -1 for whenever an event comes. Call it in every turn of the loop: it makes UP and
 * DOWN, and it does nothing while one of them is unread. */
int sw_session_tick(struct sw_session *session, int64_t monotonic_ms);
int sw_session_fd(const struct sw_session *session); /* readable when events wait */
bool sw_session_next(struct sw_session *session, struct sw_session_event *ret);
/* Subscribe once more with the next tick: what is retained then comes again, in front of
 * SUBSCRIBED. For rights that were given meanwhile. */
void sw_session_subscribe_again(struct sw_session *session);

enum { SW_SESSION_IN_FLIGHT_MAX = 64 }; /* publications whose fate was not yet read */

/* Queue a QoS 1 publication; expiry_s 0: none (and ignored below MQTT 5). With a cookie
 * other than 0 one DELIVERED or FAILED event follows. Never waits. -ENOTCONN while
 * down; -EAGAIN while SW_SESSION_IN_FLIGHT_MAX are in flight: read events, then try
 * again.
 *
 * What was under way when the connection broke is sent again by the library before
 * anything new if the broker kept the session, and its event comes after the next UP;
 * if it did not, FAILED comes before. Of one topic's retained publications only one is
 * under way at a time, and when it fails those behind it fail too, so they are never
 * seen out of order.
 *
 * What the broker is known not to take for its size is not sent and FAILS at once: it
 * would hang up, and again at every connect. MQTT 5 tells the limit. A broker of 3.1.1
 * is tried with a message of QoS 0, which the library does not send again, when
 * something is larger than all it took; if it hangs up twice, that is the limit until
 * the connection breaks for another reason. */
int sw_session_publish(struct sw_session *session, const char *topic,
                       const char *payload, size_t len, bool retain, uint32_t expiry_s,
                       uint64_t cookie);

/* The same with QoS 0, not retained: it is sent once, or not at all. A broker that
 * throws us out for it (mosquitto 2.0.11 does where max_queued_messages is 0 and the
 * right to write is missing) does not see it again. DELIVERED: it was sent. */
int sw_session_publish_once(struct sw_session *session, const char *topic,
                            const char *payload, size_t len, uint32_t expiry_s,
                            uint64_t cookie);

/* A connection that lasted so long is no twin's and not a flapping broker's. */
enum { SW_SESSION_SETTLED_MS = 30 * 1000 };

/* Disconnect (publishing "offline" to the will topic first) and free. In MQTT 5 the
 * broker publishes the will once more, when we are gone: a session that is subscribed
 * to it keeps it for its next process, in front of all that comes meanwhile. Waits at
 * most timeout_ms for the broker and a quarter of a second for the library's threads.
 * NULL is fine. False: the broker or a message function did not return in time. Then
 * the connection is left to the end of the process, which must be near and by _exit():
 * no further message is taken, the broker publishes the will, and what ctx points to is
 * in use until then. */
bool sw_session_free(struct sw_session *session, int timeout_ms);

#endif
