/* outbox.h -- send what the store wants published, one row at a time, until it is
 * delivered.
 *
 * One publication in flight keeps revisions in order. One row per alert keeps rows few,
 * and lets others pass a row that the broker refuses.
 */
#ifndef DAEMON_OUTBOX_H
#define DAEMON_OUTBOX_H

#include "stepward/session.h"
#include "stepward/store.h"

struct outbox {
    int64_t in_flight;   /* seq, 0: none */
    int64_t sent_to;     /* all rows up to this seq were delivered or refused */
    int64_t refused;     /* seq of the first refused row; 0: none */
    int64_t retry_at_ms; /* when refused rows are sent again */
    bool maybe_more;     /* the store may hold rows that were not sent */
    uint64_t epoch;      /* of the store, when it was last asked for rows */
    bool is_awaited;     /* somebody waits for delivery of what was sent last */
};

enum { OUTBOX_RETRY_MS = 15 * 1000 };

/* Send the next row if none is in flight. Returns 0, or a negative errno from the
 * store. */
int outbox_pump(struct outbox *outbox, struct sw_store *store,
                struct sw_session *session, int64_t now_ms);
/* Rows are left for a later pump, and no event will say when. */
bool outbox_waits(const struct outbox *outbox);
/* The session reports what became of the cookie's row. Returns the seq that was
 * delivered; 0 if none was. */
int64_t outbox_event(struct outbox *outbox, const struct sw_session_event *event,
                     int64_t now_ms);

#endif
