/* session_flight.c -- the publications on their way to the broker.
 *
 * Which may leave, and in which order their fates are told. Sending them is the link's
 * business, sending a failed one again the caller's. */
#include "session_flight.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The lowest order of a state that passes the test, NULL for none. */
static struct sw_flight *
first_of(struct sw_flights *flights, enum sw_flight_state state,
         bool (*test)(struct sw_flights *flights, const struct sw_flight *flight))
{
    struct sw_flight *first = NULL;
    for (size_t i = 0; i < SW_FLIGHTS_MAX; i++) {
        struct sw_flight *flight = &flights->items[i];
        bool is_earlier = !first || flight->order < first->order;
        if (flight->state == state && is_earlier && (!test || test(flights, flight)))
            first = flight;
    }
    return first;
}

static bool is_same_topic(const struct sw_flight *a, const struct sw_flight *b)
{
    return a->retain && b->retain && strcmp(a->topic, b->topic) == 0;
}

static bool may_leave(struct sw_flights *flights, const struct sw_flight *flight)
{
    for (size_t i = 0; i < SW_FLIGHTS_MAX && flight->retain; i++) {
        const struct sw_flight *other = &flights->items[i];
        if (other->state == SW_FLIGHT_LAUNCHED && is_same_topic(other, flight))
            return false;
    }
    return true;
}

static void clear(struct sw_flight *flight)
{
    free(flight->topic);
    free(flight->payload);
    *flight = (struct sw_flight){0};
}

int sw_flights_add(struct sw_flights *flights, const struct sw_flight *publication)
{
    struct sw_flight *flight = first_of(flights, SW_FLIGHT_FREE, NULL);
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
    return 0;
}

struct sw_flight *sw_flights_launch(struct sw_flights *flights, size_t window)
{
    if (flights->n_queued == 0 || flights->n_launched >= window)
        return NULL;
    struct sw_flight *flight = first_of(flights, SW_FLIGHT_QUEUED, may_leave);
    if (flight) {
        flight->state = SW_FLIGHT_LAUNCHED;
        flights->n_queued--;
        flights->n_launched++;
    }
    return flight;
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
    if (flight->cookie == 0 && !flight->refusal)
        clear(flight);
}

void sw_flights_fail_queued(struct sw_flights *flights)
{
    struct sw_flight *flight;
    while ((flight = first_of(flights, SW_FLIGHT_QUEUED, NULL)))
        land(flights, flight, false);
}

static void tell(const struct sw_flight *flight, struct sw_landing *ret)
{
    *ret =
        (struct sw_landing){.cookie = flight->cookie, .delivered = flight->delivered};
    if (flight->refusal)
        snprintf(ret->refusal, sizeof ret->refusal,
                 "the broker refused what was published to %.100s: %s", flight->topic,
                 flight->refusal);
}

bool sw_flights_take(struct sw_flights *flights, struct sw_landing *ret)
{
    struct sw_flight *flight;
    while ((flight = first_of(flights, SW_FLIGHT_LANDED, NULL))) {
        bool is_wanted = flight->cookie != 0 || flight->refusal;
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
