/* online_spans.h -- the time in which the gateway was connected and trusted its clock.
 *
 * Silence is counted only in this time: what nobody could receive is not silence.
 */
#ifndef DAEMON_ONLINE_SPANS_H
#define DAEMON_ONLINE_SPANS_H

#include "records/facts.h"
#include "stepward/store.h"

enum {
    ONLINE_SPANS_MAX = 256,
    ONLINE_SPANS_GAP_S = 60, /* the broker keeps messages over a shorter break */
};

struct online_spans {
    /* Oldest first; the last may be growing. */
    struct sw_span spans[ONLINE_SPANS_MAX];
    size_t n;
    bool growing;
    bool unstored;
    int64_t cut_s; /* the store may hold later spans than that; 0: none */
    /* The time until the clock was trusted, to explain why nobody watched. to_s 0: none
     * that is yet to be stored. */
    struct sw_span distrusted;
};

int online_spans_load(struct online_spans *online, struct sw_store *store);
int online_spans_store(struct online_spans *online, struct sw_store *store);

/* Call at least every minute, with whether the gateway is watching. */
void online_spans_tick(struct online_spans *online, int64_t now_s, bool watching);

/* Call before a tick that watches. Returns for how long nobody watched; 0 if somebody
 * does, or nobody ever did. */
int64_t online_spans_missed_s(const struct online_spans *online, int64_t now_s);

/* The clock was put back: time counted beyond now_s is wrong. */
void online_spans_cut(struct online_spans *online, int64_t now_s);

/* The clock is trusted since now_s, after for_s seconds in which it was not. */
void online_spans_distrusted(struct online_spans *online, int64_t now_s, int64_t for_s);

/* The end of the newest span; 0 if there is none. */
int64_t online_until_s(const struct online_spans *online);

/* The spans that sw_spans_seconds() and similar functions add up. */
static inline struct sw_spans online_spans_all(const struct online_spans *online)
{
    return (struct sw_spans){online->spans, online->n};
}

#endif
