/* publish_queue.h -- the publications on their way to the broker, at most 64.
 *
 *     sw_publish_queue_add(&queue, &publication)             // the caller of publish
 *     while ((entry = sw_publish_queue_send(&queue, window, taken)))
 *         send it                                            // the session's thread
 *     sw_publish_queue_complete(&queue, entry, delivered)    // Paho's thread
 *     while (sw_publish_queue_take(&queue, &completion)) …
 *
 * Every publication completes exactly once. Of one topic's retained publications only
 * one is under way at a time, and when it fails, those queued behind it fail too. So a
 * receiver never sees them out of order, whatever Paho sends again after a reconnect. A
 * publication that is larger than the broker takes is refused here and never leaves,
 * because the broker would hang up on it each time Paho sends it again. The queue takes
 * no locks: the link holds its own around every call.
 */
#ifndef MQTT_PUBLISH_QUEUE_H
#define MQTT_PUBLISH_QUEUE_H

#include "stepward/session.h"

enum { SW_PUBLISHES_MAX = SW_SESSION_IN_FLIGHT_MAX };

struct sw_paho;

enum sw_publish_state {
    SW_PUBLISH_FREE,
    SW_PUBLISH_QUEUED,   /* ours still */
    SW_PUBLISH_SENT,     /* Paho's, until it says what became of it */
    SW_PUBLISH_COMPLETE, /* delivered or failed, and nobody was told yet */
};

struct sw_publish {
    enum sw_publish_state state;
    struct sw_paho *link; /* whose it is, for Paho's callbacks */
    uint64_t order;       /* of publishing, then of completing */
    bool delivered;
    const char *topic;
    const char *payload;
    size_t len;
    char *copies;  /* our own copies of both; NULL: they are the caller's */
    size_t packet; /* bytes of the whole packet, as the broker counts them */
    bool retain;
    bool is_once; /* QoS 0 */
    uint32_t expiry_s;
    uint64_t cookie; /* 0: nobody wants to know of it unless it was refused */
    /* Why the broker does not take it; "": it did not say no. */
    char refusal[SW_WHY_MAX];
    bool is_too_large; /* that is why */
};

struct sw_completion {
    uint64_t cookie;
    bool delivered;
    char refusal[SW_WHY_MAX]; /* "": none */
    bool is_too_large;
};

struct sw_publish_queue {
    struct sw_publish items[SW_PUBLISHES_MAX];
    uint64_t last_order;
    uint64_t completions; /* so far: a stall shows in them */
    size_t n_sent, n_queued;
};

/* The bytes of a publication's packet. */
size_t sw_publish_packet(const struct sw_publish *publication, bool is_v5);
/* Takes copies. A publication with a refusal completes at once. -EAGAIN: SW_PUBLISHES_MAX
 * are queued, under way or not yet taken. */
int sw_publish_queue_add(struct sw_publish_queue *queue,
                         const struct sw_publish *publication);
/* The first publication of at most `taken` bytes that may leave while at most `window`
 * are under way; NULL for none. */
struct sw_publish *sw_publish_queue_send(struct sw_publish_queue *queue, size_t window,
                                         size_t taken);
/* The bytes of the first publication that only its size keeps from leaving; 0: none. */
size_t sw_publish_queue_untried(struct sw_publish_queue *queue, size_t taken);
/* The bytes of the largest publication under way; 0: there is none. */
size_t sw_publish_queue_largest(const struct sw_publish_queue *queue);
void sw_publish_queue_complete(struct sw_publish_queue *queue, struct sw_publish *entry,
                               bool delivered);
void sw_publish_queue_fail_queued(struct sw_publish_queue *queue);
/* Take the next that completed and had a cookie or was refused. */
bool sw_publish_queue_take(struct sw_publish_queue *queue, struct sw_completion *ret);
void sw_publish_queue_fini(struct sw_publish_queue *queue);

#endif
