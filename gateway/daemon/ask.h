/* ask.h -- requests to devices that must be asked for their steps, as `ask` of a source
 * says.
 *
 *     asks_event(&asks, &event);                      // of the session
 *     asks_tick(&asks, config, zone, session, now_s); // every turn, while connected
 *
 * The spans that are asked for follow each other without a gap: one counts as asked for
 * when the broker has the request, and is part of the next one if it did not get there.
 * The first of a run begins with the civil day: what was asked before the start, and
 * counted since then, is said once more, and a longer reading adds only what is left of
 * its sum.
 */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/config.h"
#include "stepward/session.h"

/* The cookies of requests: neither a row of the outbox nor a probe has one. */
#define ASK_COOKIE (UINT64_C(1) << 62)

/* All zero: nothing was asked yet. */
struct asks {
    struct asked_span {
        int64_t until_s;  /* the end of the span that the broker was given */
        int64_t tried_s;  /* and of the one that was sent last */
        bool is_out;      /* it is not known what became of that */
    } of[SW_SOURCES_MAX]; /* the sources */
};

/* Whether source i is to be asked now, and for which span. One that failed is tried again
 * in the next minute. */
bool asks_due(const struct asks *asks, size_t i, const struct sw_ask *ask,
              const struct sw_zone *zone, int64_t now_s, struct sw_span *ret);
void asks_sent(struct asks *asks, size_t i, struct sw_span span);
void asks_event(struct asks *asks, const struct sw_session_event *event);
void asks_tick(struct asks *asks, const struct sw_config *config,
               const struct sw_zone *zone, struct sw_session *session, int64_t now_s);
/* The span of a source's next request, in whole minutes; false: it is not due. */
bool asks_next(const struct sw_ask *ask, const struct sw_zone *zone, int64_t until_s,
               int64_t now_s, struct sw_span *ret);
/* The payload with the span in it, NULL without memory; the caller frees it. */
char *asks_payload(const struct sw_ask *ask, struct sw_span span);

#endif
