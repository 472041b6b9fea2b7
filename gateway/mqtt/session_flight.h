/* session_flight.h -- the publications on their way to the broker, at most 64.
 *
 *     sw_flights_add(&flights, &publication)            // the caller of publish
 *     while ((flight = sw_flights_launch(&flights, window, taken)))
 *         send it                                       // the session's thread
 *     sw_flights_land(&flights, flight, delivered)      // Paho's thread
 *     while (sw_flights_take(&flights, &landing)) …
 *
 * Every publication lands exactly once. Of one topic's retained publications only one
 * is under way at a time, and when it fails those queued behind it fail too: whatever
 * the library sends again after a reconnect, a receiver never sees them out of order.
 * One that is larger than the broker takes is refused here and never leaves: the broker
 * would hang up on it, each time the library sends it again.
 * No locks here: the link holds its own around every call.
 */
#ifndef MQTT_SESSION_FLIGHT_H
#define MQTT_SESSION_FLIGHT_H

#include "stepward/session.h"

enum { SW_FLIGHTS_MAX = SW_SESSION_IN_FLIGHT_MAX };

struct sw_link;

enum sw_flight_state {
    SW_FLIGHT_FREE,
    SW_FLIGHT_QUEUED,   /* ours still */
    SW_FLIGHT_LAUNCHED, /* the library's, until it says what became of it */
    SW_FLIGHT_LANDED,   /* delivered or failed, not yet told */
};

struct sw_flight {
    enum sw_flight_state state;
    struct sw_link *link; /* whose it is, for the library's callbacks */
    uint64_t order;       /* of publishing, then of landing */
    bool delivered;
    char *topic;
    char *payload;
    size_t len;
    size_t packet; /* the bytes of it with its topic and all, as the broker counts */
    bool retain;
    bool is_once; /* QoS 0 */
    uint32_t expiry_s;
    uint64_t cookie; /* 0: nobody wants to know, unless it was refused */
    /* Why the broker does not take it; "": it did not say no. */
    char refusal[SW_WHY_MAX];
    bool is_too_large; /* that is why */
};

struct sw_landing {
    uint64_t cookie;
    bool delivered;
    char refusal[SW_WHY_MAX]; /* "": none */
    bool is_too_large;
};

struct sw_flights {
    struct sw_flight items[SW_FLIGHTS_MAX];
    uint64_t last_order;
    uint64_t landings; /* so far: progress, for who watches for a stall */
    size_t n_launched, n_queued;
};

/* The bytes of a publication's packet. */
size_t sw_flight_packet(const struct sw_flight *publication, bool is_v5);
/* Takes copies; with a refusal it lands at once. -EAGAIN: SW_FLIGHTS_MAX are queued,
 * under way or not yet taken. */
int sw_flights_add(struct sw_flights *flights, const struct sw_flight *publication);
/* The first that may leave with at most `window` under way and is of at most `taken`
 * bytes; NULL for none. */
struct sw_flight *sw_flights_launch(struct sw_flights *flights, size_t window,
                                    size_t taken);
/* The bytes of the first that only its size keeps from leaving; 0: there is none. */
size_t sw_flights_untried(struct sw_flights *flights, size_t taken);
/* The bytes of the largest that is under way; 0: none is. */
size_t sw_flights_largest(const struct sw_flights *flights);
void sw_flights_land(struct sw_flights *flights, struct sw_flight *flight,
                     bool delivered);
void sw_flights_fail_queued(struct sw_flights *flights);
/* The next that landed and had a cookie or was refused. */
bool sw_flights_take(struct sw_flights *flights, struct sw_landing *ret);
void sw_flights_fini(struct sw_flights *flights);

#endif
