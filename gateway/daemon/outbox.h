/* outbox.h -- send what the store wants published, one at a time, until it is
 * delivered.
 *
 * One publication in flight keeps revisions in order; a row an alert keeps them few,
 * and lets others pass one that the broker refuses.
 */
#ifndef DAEMON_OUTBOX_H
#define DAEMON_OUTBOX_H

#include "stepward/session.h"
#include "stepward/store.h"

struct outbox {
    int64_t in_flight;   /* seq, 0: none */
    int64_t sent_to;     /* all rows up to this seq were delivered or refused */
    int64_t refused;     /* the first of those that were refused; 0: none */
    int64_t retry_at_ms; /* them */
    bool maybe_more;     /* the store may hold rows that were not sent */
    uint64_t epoch;      /* of the store, when that was last asked */
    bool is_awaited;     /* somebody waits until what was sent last is delivered */
};

enum { OUTBOX_RETRY_MS = 15 * 1000 };

/* Send the next row if none is in flight. 0, or a negative errno of the store. */
int outbox_pump(struct outbox *outbox, struct sw_store *store,
                struct sw_session *session, int64_t now_ms);
/* Rows are left for a later pump, and no event will tell when. */
bool outbox_waits(const struct outbox *outbox);
/* The session says what became of cookie; returns the seq that was delivered, 0: none.
 */
int64_t outbox_event(struct outbox *outbox, const struct sw_session_event *event,
                     int64_t now_ms);

#endif
