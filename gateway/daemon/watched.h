/* watched.h -- the time in which the gateway was connected and believed its clock.
 *
 * Silence is counted in this time alone: what nobody could hear is not silence.
 */
#ifndef DAEMON_WATCHED_H
#define DAEMON_WATCHED_H

#include "records/facts.h"
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
    /* Until the clock was trusted, for explaining why nobody watched; to_s 0: none that
     * is not stored. */
    struct sw_span distrusted;
};

int watched_load(struct watched *watched, struct sw_store *store);
int watched_store(struct watched *watched, struct sw_store *store);

/* Say at least every minute whether the gateway is watching. */
void watched_tick(struct watched *watched, int64_t now_s, bool watching);

/* Asked before a tick that watches: for how long nobody did; 0 if somebody does, or
 * nobody ever did. */
int64_t watched_missed_s(const struct watched *watched, int64_t now_s);

/* The clock was put back: what was counted of the time to come is not true. */
void watched_cut(struct watched *watched, int64_t now_s);

/* The clock is trusted since now_s, after so long a time in which it was not. */
void watched_distrusted(struct watched *watched, int64_t now_s, int64_t for_s);

/* The end of the newest span; 0: there is none. */
int64_t watched_until(const struct watched *watched);

/* They are what sw_spans_seconds() and its like sum up. */
static inline struct sw_spans watched_spans(const struct watched *watched)
{
    return (struct sw_spans){watched->spans, watched->n};
}

#endif
