/* watched.h -- the time in which the gateway was connected and believed its clock.
 *
 * Silence is counted in this time alone: what nobody could hear is not silence.
 */
#ifndef DAEMON_WATCHED_H
#define DAEMON_WATCHED_H

#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/store.h"

enum {
    WATCHED_SPANS_MAX = 256,
    WATCHED_GAP_S = 60, /* a shorter break: the broker kept what was sent meanwhile */
};

struct watched {
    struct sw_span spans[WATCHED_SPANS_MAX]; /* oldest first; the last may be growing */
    size_t n;
    bool growing;
    bool unstored;
    int64_t cut_s; /* the store may hold later ones than that; 0: it does not */
};

int watched_load(struct watched *watched, struct sw_store *store);
int watched_store(struct watched *watched, struct sw_store *store);

/* Say at least every minute whether the gateway is watching. */
void watched_tick(struct watched *watched, int64_t now_s, bool watching);

/* The clock was put back: what was counted of the time to come is not true. */
void watched_cut(struct watched *watched, int64_t now_s);

/* The end of the newest span; 0: there is none. */
int64_t watched_until(const struct watched *watched);

/* Watched seconds of [from_s, to_s): all of them, and those in the wake window. */
int64_t watched_seconds(const struct watched *watched, int64_t from_s, int64_t to_s);
int64_t watched_wake_seconds(const struct watched *watched, const struct sw_zone *zone,
                             const struct sw_plan *plan, int64_t from_s, int64_t to_s);

#endif
