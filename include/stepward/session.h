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

struct sw_session;

struct sw_session_options {
    const char *uri; /* mqtt://, mqtts://, tcp://, ssl://host:port */
    const char *client_id;
    int protocol;                               /* 5, or 4 for MQTT 3.1.1 */
    const char *username;                       /* "" : none */
    const char *password;                       /* "" : none */
    const char *ca_file, *cert_file, *key_file; /* "" : none */
    const char *will_topic; /* retained last will "offline"; NULL: none */
    bool clean;             /* true: no persistent session (simulated devices) */
    int64_t session_expiry_s;
    const char *const *filters; /* subscribed at QoS 1 at every connect */
    size_t n_filters;
    const char *const *stale_filters; /* unsubscribed at the first connect */
    size_t n_stale_filters;
    /* In Paho's thread. */
    void (*message)(void *ctx, const char *topic, size_t topic_len, const char *payload,
                    size_t payload_len, bool retained);
    void *ctx;
};

enum sw_session_event_kind {
    SW_SESSION_UP,        /* connected and subscribed; .session_present */
    SW_SESSION_DOWN,      /* lost, or an attempt failed; .why, .taken_over */
    SW_SESSION_DELIVERED, /* the broker acknowledged publication .cookie */
    SW_SESSION_FAILED,    /* publication .cookie was not accepted: send it again */
};
struct sw_session_event {
    enum sw_session_event_kind kind;
    bool session_present;
    bool taken_over; /* another client uses our client id */
    uint64_t cookie;
    char why[SW_WHY_MAX];
};

/* The options' strings are copied. Negative errno with why on failure. */
int sw_session_new(struct sw_session **ret, const struct sw_session_options *options,
                   char why[static SW_WHY_MAX]);

/* Connect when it is time to; returns milliseconds until it wants to be called again,
 * -1 for whenever an event comes. */
int sw_session_tick(struct sw_session *session, int64_t monotonic_ms);
int sw_session_fd(const struct sw_session *session); /* readable when events wait */
bool sw_session_next(struct sw_session *session, struct sw_session_event *ret);

/* Queue a QoS 1 publication; expiry_s 0: none (and ignored below MQTT 5). With a cookie
 * other than 0 a DELIVERED or FAILED event follows. -ENOTCONN while down. */
int sw_session_publish(struct sw_session *session, const char *topic,
                       const char *payload, size_t len, bool retain, uint32_t expiry_s,
                       uint64_t cookie);

/* Disconnect (publishing "offline" to the will topic first) and free; waits at most
 * timeout_ms for the broker. NULL is fine. */
void sw_session_free(struct sw_session *session, int timeout_ms);

#endif
