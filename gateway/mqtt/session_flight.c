/* session_flight.c -- the publications on their way to the broker.
 *
 * Which may leave, and in which order their fates are told. Sending them is the link's
 * business, sending a failed one again the caller's. */
#include "mqtt/session_flight.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VARINT_STEP = 128 }; /* a byte of a length in MQTT holds so many values */

/* The lowest order of a state, NULL for none. */
static struct sw_flight *first_of(struct sw_flights *flights,
                                  enum sw_flight_state state)
{
    struct sw_flight *first = NULL;
    for (size_t i = 0; i < SW_FLIGHTS_MAX; i++) {
        struct sw_flight *flight = &flights->items[i];
        bool is_earlier = !first || flight->order < first->order;
        if (flight->state == state && is_earlier)
            first = flight;
    }
    return first;
}

static bool is_same_topic(const struct sw_flight *a, const struct sw_flight *b)
{
    return a->retain && b->retain && strcmp(a->topic, b->topic) == 0;
}

/* One that waits for its size to be tried must not be passed by a later one. */
static bool may_leave(struct sw_flights *flights, const struct sw_flight *flight)
{
    for (size_t i = 0; i < SW_FLIGHTS_MAX && flight->retain; i++) {
        const struct sw_flight *other = &flights->items[i];
        bool is_before =
            other->state == SW_FLIGHT_LAUNCHED ||
            (other->state == SW_FLIGHT_QUEUED && other->order < flight->order);
        if (is_before && is_same_topic(other, flight))
            return false;
    }
    return true;
}

static size_t varint_len(size_t value)
{
    size_t n = 1;
    for (; value >= VARINT_STEP; value /= VARINT_STEP)
        n++;
    return n;
}

size_t sw_flight_packet(const struct sw_flight *publication, bool is_v5)
{
    enum { ID = 2, TOPIC_LEN = 2, EXPIRY = 5, NO_PROPERTIES = 1 };
    size_t length = TOPIC_LEN + strlen(publication->topic) + ID + publication->len;
    if (is_v5)
        length += NO_PROPERTIES + (size_t)(publication->expiry_s > 0 ? EXPIRY : 0);
    return 1 + varint_len(length) + length;
}

static void land(struct sw_flights *flights, struct sw_flight *flight, bool delivered)
{
    if (flight->state == SW_FLIGHT_QUEUED)
        flights->n_queued--;
    else
        flights->n_launched--;
    flights->landings++;
    flight->state = SW_FLIGHT_LANDED;
    flight->order = ++flights->last_order;
    flight->delivered = delivered;
}

static void clear(struct sw_flight *flight)
{
    free(flight->topic);
    free(flight->payload);
    *flight = (struct sw_flight){0};
}

int sw_flights_add(struct sw_flights *flights, const struct sw_flight *publication)
{
    struct sw_flight *flight = first_of(flights, SW_FLIGHT_FREE);
    if (!flight)
        return -EAGAIN;
    *flight = *publication;
    flight->topic = strdup(publication->topic);
    flight->payload = malloc(publication->len + 1); /* never malloc(0) */
    if (!flight->topic || !flight->payload) {
        clear(flight);
        return -ENOMEM;
    }
    if (publication->len > 0)
        memcpy(flight->payload, publication->payload, publication->len);
    flight->state = SW_FLIGHT_QUEUED;
    flight->order = ++flights->last_order;
    flights->n_queued++;
    if (*flight->refusal)
        land(flights, flight, false);
    return 0;
}

/* Queued, by order, and not more than `taken` bytes; or more than that. */
static struct sw_flight *first_queued(struct sw_flights *flights, size_t taken,
                                      bool is_larger)
{
    struct sw_flight *first = NULL;
    for (size_t i = 0; i < SW_FLIGHTS_MAX; i++) {
        struct sw_flight *flight = &flights->items[i];
        bool is_earlier = !first || flight->order < first->order;
        bool is_wanted =
            flight->state == SW_FLIGHT_QUEUED && (flight->packet > taken) == is_larger;
        if (is_wanted && is_earlier && may_leave(flights, flight))
            first = flight;
    }
    return first;
}

struct sw_flight *sw_flights_launch(struct sw_flights *flights, size_t window,
                                    size_t taken)
{
    if (flights->n_queued == 0 || flights->n_launched >= window)
        return NULL;
    struct sw_flight *flight = first_queued(flights, taken, false);
    if (flight) {
        flight->state = SW_FLIGHT_LAUNCHED;
        flights->n_queued--;
        flights->n_launched++;
    }
    return flight;
}

size_t sw_flights_untried(struct sw_flights *flights, size_t taken)
{
    if (flights->n_queued == 0)
        return 0;
    struct sw_flight *flight = first_queued(flights, taken, true);
    return flight ? flight->packet : 0;
}

size_t sw_flights_largest(const struct sw_flights *flights)
{
    size_t largest = 0;
    for (size_t i = 0; i < SW_FLIGHTS_MAX; i++) {
        const struct sw_flight *flight = &flights->items[i];
        if (flight->state == SW_FLIGHT_LAUNCHED && flight->packet > largest)
            largest = flight->packet;
    }
    return largest;
}

void sw_flights_land(struct sw_flights *flights, struct sw_flight *flight,
                     bool delivered)
{
    if (flight->state != SW_FLIGHT_LAUNCHED)
        return; /* the library told a fate twice */
    land(flights, flight, delivered);
    for (size_t i = 0; i < SW_FLIGHTS_MAX && !delivered; i++) {
        struct sw_flight *behind = &flights->items[i];
        if (behind->state == SW_FLIGHT_QUEUED && is_same_topic(behind, flight))
            land(flights, behind, false);
    }
    if (flight->cookie == 0 && !*flight->refusal)
        clear(flight);
}

void sw_flights_fail_queued(struct sw_flights *flights)
{
    struct sw_flight *flight;
    while ((flight = first_of(flights, SW_FLIGHT_QUEUED)))
        land(flights, flight, false);
}

static void tell(const struct sw_flight *flight, struct sw_landing *ret)
{
    *ret = (struct sw_landing){.cookie = flight->cookie,
                               .delivered = flight->delivered,
                               .is_too_large = flight->is_too_large};
    memcpy(ret->refusal, flight->refusal, sizeof ret->refusal);
}

bool sw_flights_take(struct sw_flights *flights, struct sw_landing *ret)
{
    struct sw_flight *flight;
    while ((flight = first_of(flights, SW_FLIGHT_LANDED))) {
        bool is_wanted = flight->cookie != 0 || *flight->refusal;
        if (is_wanted)
            tell(flight, ret);
        clear(flight);
        if (is_wanted)
            return true;
    }
    return false;
}

void sw_flights_fini(struct sw_flights *flights)
{
    for (size_t i = 0; i < SW_FLIGHTS_MAX; i++)
        clear(&flights->items[i]);
    *flights = (struct sw_flights){0};
}
