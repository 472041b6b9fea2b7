/* ask.h -- requests to devices that must be asked for their steps, as `ask` of a source
 * says.
 *
 *     asks_tick(&asks, config, zone, session, now_s); // every turn, while connected
 *
 * The spans that are asked for follow each other without a gap. The first of a run
 * begins with the civil day: what was asked before the start, and counted since then, is
 * said once more, and a longer reading adds only what is left of its sum.
 */
#ifndef DAEMON_ASK_H
#define DAEMON_ASK_H

#include "stepward/alert.h"
#include "stepward/civil.h"
#include "stepward/config.h"
#include "stepward/session.h"

/* All zero: nothing was asked yet. */
struct asks {
    int64_t until_s[SW_SOURCES_MAX]; /* of each source: the end of the span asked for */
};

void asks_tick(struct asks *asks, const struct sw_config *config,
               const struct sw_zone *zone, struct sw_session *session, int64_t now_s);
/* The span of a source's next request, in whole minutes; false: it is not due. */
bool asks_next(const struct sw_ask *ask, const struct sw_zone *zone, int64_t until_s,
               int64_t now_s, struct sw_span *ret);
/* The payload with the span in it, NULL without memory; the caller frees it. */
char *asks_payload(const struct sw_ask *ask, struct sw_span span);

#endif
