/* online_spans.h -- the time in which the gateway was connected and believed its clock.
 *
 * Silence is counted in this time alone: what nobody could hear is not silence.
 */
#ifndef DAEMON_ONLINE_SPANS_H
#define DAEMON_ONLINE_SPANS_H

#include "records/facts.h"
#include "stepward/store.h"

enum {
    ONLINE_SPANS_SPANS_MAX = 256,
    ONLINE_SPANS_GAP_S =
        60, /* a shorter break: the broker kept what was sent meanwhile */
};

struct online_spans {
    struct sw_span
        spans[ONLINE_SPANS_SPANS_MAX]; /* oldest first; the last may be growing */
    size_t n;
    bool growing;
    bool unstored;
    int64_t cut_s; /* the store may hold later ones than that; 0: it does not */
    /* Until the clock was trusted, for explaining why nobody watched; to_s 0: none that
     * is not stored. */
    struct sw_span distrusted;
};

int online_spans_load(struct online_spans *online_spans, struct sw_store *store);
int online_spans_store(struct online_spans *online_spans, struct sw_store *store);

/* Say at least every minute whether the gateway is watching. */
void online_spans_tick(struct online_spans *online_spans, int64_t now_s, bool watching);

/* Asked before a tick that watches: for how long nobody did; 0 if somebody does, or
 * nobody ever did. */
int64_t online_spans_missed_s(const struct online_spans *online_spans, int64_t now_s);

/* The clock was put back: what was counted of the time to come is not true. */
void online_spans_cut(struct online_spans *online_spans, int64_t now_s);

/* The clock is trusted since now_s, after so long a time in which it was not. */
void online_spans_distrusted(struct online_spans *online_spans, int64_t now_s,
                             int64_t for_s);

/* The end of the newest span; 0: there is none. */
int64_t online_until_s(const struct online_spans *online_spans);

/* They are what sw_spans_seconds() and its like sum up. */
static inline struct sw_spans
online_spans_spans(const struct online_spans *online_spans)
{
    return (struct sw_spans){online_spans->spans, online_spans->n};
}

#endif
