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
 * options.message runs in Paho's thread and returns only when the message is safe,
 * because its return acknowledges. Everything else happens in the thread that calls
 * tick and next. The session reconnects for ever with capped, jittered back-off on the
 * monotonic clock, and subscribes again at every connect. It is one client for the life
 * of the process.
 */
#ifndef STEPWARD_SESSION_H
#define STEPWARD_SESSION_H

#include "stepward/types.h"

/* Whether a broker's uri asks for TLS: "mqtts://" or "ssl://". A program WITHOUT_TLS
 * (see CMakeLists.txt) cannot connect to it. */
bool sw_uri_is_tls(const char *uri);

struct sw_session;

/* Whether the broker has sent a message before. What looks like a copy need not be one:
 * a broker may number its packets anew at each connect, and a device's counter may
 * stand still. So this decides what is counted, never what is kept. */
enum sw_session_copy {
    SW_COPY_NONE,
    SW_COPY_MAYBE,   /* it sent it to this process or an earlier one of this session */
    SW_COPY_OF_OURS, /* and this process took one with that packet id and content */
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
    /* .why names no key of the configuration when a connection fails: the caller did
     * not take its options from there, or has a remedy of its own. */
    bool has_own_remedy;
    int64_t session_expiry_s;
    /* A broker of MQTT 3.1.1 cannot tell what size it takes, so it is tried on this
     * topic, which nobody needs to hear. NULL: it is not tried. */
    const char *size_topic;
    const char *const *filters; /* subscribed at QoS 1 at every connect */
    size_t n_filters;
    size_t n_optional; /* so many of the last filters may be refused without an error */
    /* For each filter, whether retained messages are not wanted (MQTT 5); or NULL. */
    const bool *filters_live;
    /* For each filter, whether our own publications are not wanted back (MQTT 5); what of
     * them is retained comes all the same. Those at the end of the list go in a SUBSCRIBE
     * of their own. Or NULL. */
    const bool *filters_no_local;
    const char *const *stale_filters; /* unsubscribed at the first connect */
    size_t n_stale_filters;
    void (*message)(void *ctx, const char *topic, size_t topic_len, const char *payload,
                    size_t payload_len, bool retained,
                    enum sw_session_copy copy); /* in Paho's thread */
    void *ctx;
};

enum sw_session_event_kind {
    /* We are connected and subscribed; .session_present, .is_cut. Some filters may be
     * .refused, or .lowered to QoS 0, and .why names one. */
    SW_SESSION_UP,
    SW_SESSION_SUBSCRIBED, /* refused filters were asked for again; as with UP */
    /* The connection was lost, or an attempt failed; .why, .taken_over, .is_stuck. With
     * .too_large the broker hung up on the message that tried its size. */
    SW_SESSION_DOWN,
    SW_SESSION_DELIVERED, /* the broker acknowledged publication .cookie */
    /* Publication .cookie did not arrive: send it again. If the broker .refused it,
     * saying .why, send it again later; a refusal comes without a cookie, too. A
     * publication that is known to be .too_large for the broker was not even sent. */
    SW_SESSION_FAILED,
};
struct sw_session_event {
    enum sw_session_event_kind kind;
    bool session_present;
    bool taken_over; /* another client uses our client id, or .why suspects it */
    /* Paho would send again what the broker does not take any more, and be thrown out,
     * for ever. Only another process can do better. */
    bool is_stuck;
    bool refused, lowered, too_large;
    bool is_cut; /* the broker keeps the session for .kept_s, less than we asked */
    int64_t kept_s;
    uint64_t cookie;
    char why[SW_WHY_MAX];
};

/* The options' strings are copied. Negative errno with why on failure. */
int sw_session_new(struct sw_session **ret, const struct sw_session_options *options,
                   char why[static SW_WHY_MAX]);

/* Connect when it is time to. Returns the milliseconds until it wants to be called
 * again, or -1 for whenever an event comes. Call it in every turn of the loop: it makes
 * UP and DOWN, and does nothing while one of them is unread. */
int sw_session_tick(struct sw_session *session, int64_t monotonic_ms);
int sw_session_fd(const struct sw_session *session); /* readable when events wait */
bool sw_session_next(struct sw_session *session, struct sw_session_event *ret);
/* Subscribe once more with the next tick: what is retained then comes again, in front of
 * SUBSCRIBED. For rights that were given meanwhile. */
void sw_session_subscribe_again(struct sw_session *session);

enum { SW_SESSION_IN_FLIGHT_MAX = 64 }; /* publications whose fate was not yet read */

/* Queue a QoS 1 publication; expiry_s 0: it does not expire (as always below MQTT 5).
 * With a cookie other than 0 one DELIVERED or FAILED event follows. Never waits.
 * -ENOTCONN while down; -EAGAIN while SW_SESSION_IN_FLIGHT_MAX are in flight: read
 * events, then try again.
 *
 * If the broker kept the session, Paho sends what was under way when the connection
 * broke again before anything new, and its event comes after the next UP; if the broker
 * did not, FAILED comes before. Of one topic's retained publications only one is under
 * way at a time, and when it fails, those behind it fail too, so they are never seen
 * out of order.
 *
 * A publication that is known to be too large for the broker is not sent and FAILS at
 * once, because the broker would hang up on it at every connect. MQTT 5 tells the
 * limit. A broker of 3.1.1 is tried, when something is larger than all it took, with a
 * message of QoS 0, which Paho does not send again. If the broker hangs up twice, that
 * is the limit until the connection breaks for another reason. */
int sw_session_publish(struct sw_session *session, const char *topic,
                       const char *payload, size_t len, bool retain, uint32_t expiry_s,
                       uint64_t cookie);

/* The same with QoS 0 and not retained: it is sent once or not at all. A broker that
 * throws us out for it does not see it again (mosquitto 2.0.11 does so if
 * max_queued_messages is 0 and the right to write is missing). DELIVERED: it was
 * sent. */
int sw_session_publish_once(struct sw_session *session, const char *topic,
                            const char *payload, size_t len, uint32_t expiry_s,
                            uint64_t cookie);

/* How many publications the broker has not taken yet: what is queued now comes behind
 * them. */
size_t sw_session_under_way(const struct sw_session *session);

/* A connection that lasted so long has no other client with its id, and its broker does
 * not flap. */
enum { SW_SESSION_SETTLED_MS = 30 * 1000 };

/* Publish "offline" to the will topic, disconnect, and free. In MQTT 5 the broker
 * publishes the will once more when we are gone: a session that is subscribed to it
 * keeps it for its next process, in front of all that comes meanwhile. Waits at most
 * timeout_ms for the broker and a quarter of a second for Paho's threads. NULL is fine.
 * False: the broker or a message function did not return in time. Then the connection
 * is left to the end of the process, which must be near and by _exit(): no further
 * message is taken, the broker publishes the will, and what ctx points to is in use
 * until then. */
bool sw_session_free(struct sw_session *session, int timeout_ms);

#endif
