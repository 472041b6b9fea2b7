/* publish.h -- what the gateway publishes: the store's outbox, one row at a time until it
 * is delivered; and what may be lost, or is soon replaced by the next: status, health,
 * days, nudges. Also the list of what it subscribes to.
 *
 * One row of the outbox in flight keeps revisions in order. One row per alert keeps
 * rows few, and lets others pass a row that the broker refuses.
 */
#ifndef DAEMON_PUBLISH_H
#define DAEMON_PUBLISH_H

#include "daemon/connection_log.h"
#include "daemon/patients.h"
#include "stepward/health.h"
#include "stepward/session.h"
#include "stepward/wire.h"

enum {
    OUTBOX_RETRY_MS = 15 * 1000,
    TODAY_EVERY_MS = 60 * 1000, /* a patient's day is published at most this often */
    /* Days and overviews come by the hundred, and an alert waits behind what is under
     * way: so few at a time. */
    PUBLISH_AT_ONCE = 8,
    PUBLISH_RETRY_MS = 20,      /* for one that could not be sent */
    NUDGE_EXPIRY_S = 10 * 60,   /* a buzz about an old rest helps nobody */
    SUBSCRIPTIONS_MAX = 128,    /* the configuration has at most 64 sources */
    SUBSCRIPTIONS_OPTIONAL = 1, /* how many of the last */
};

/* ---- the outbox ---- */

struct outbox {
    int64_t in_flight;   /* seq, 0: none */
    int64_t sent_to;     /* all rows up to this seq were delivered or refused */
    int64_t refused;     /* seq of the first refused row; 0: none */
    int64_t retry_at_ms; /* when refused rows are sent again */
    bool maybe_more;     /* the store may hold rows that were not sent */
    uint64_t epoch;      /* of the store, when it was last asked for rows */
    bool is_awaited;     /* somebody waits for delivery of what was sent last */
};

/* Send the next row if none is in flight. A reading of `stepward try` that nobody waits
 * for any more, because the command was killed, is dropped instead. Returns 0, or a
 * negative errno from the store. */
int outbox_pump(struct outbox *outbox, struct sw_store *store,
                struct sw_session *session, struct instant now);
/* Rows are left for a later pump, and no event will say when. */
bool outbox_waits(const struct outbox *outbox);
/* The session reports what became of the cookie's row. Returns the seq that was
 * delivered; 0 if none was. */
int64_t outbox_event(struct outbox *outbox, const struct sw_session_event *event,
                     int64_t now_ms);

/* ---- without the outbox ---- */

/* Whether one more of PUBLISH_AT_ONCE may be sent. */
bool publish_has_room(const struct sw_session *session);
/* "online". Returns false if it cannot be sent now. */
bool publish_status(struct sw_session *session, const char *site);
void publish_health(struct sw_session *session, const char *site,
                    const struct sw_health *health);
/* Publish nudges, and the days that changed and are due. A day that cannot be sent now
 * stays due; a nudge is dropped, because its moment has passed. Returns when to call it
 * again; INT64_MAX: once a day changes. */
int64_t publish_patients(struct sw_session *session, const char *site,
                         struct patients *patients, int64_t now_ms);

/* While the broker cannot be reached, the moment of these nudges passes. */
void publish_drop_nudges(struct patients *patients);

/* ---- subscriptions ---- */

/* The filters of this run, and those of the last run that are no longer wanted. The
 * last filter is SW_TOPIC_DROPPED, which not every broker has or lets us read. */
struct subscriptions {
    const char *filters[SUBSCRIPTIONS_MAX];
    bool live[SUBSCRIPTIONS_MAX];     /* see sw_topic_filter_is_live() */
    bool no_local[SUBSCRIPTIONS_MAX]; /* see sw_topic_filter_is_no_local() */
    size_t n_filters;
    const char *stale[SUBSCRIPTIONS_MAX];
    size_t n_stale;
    char *remembered;
    sw_topic_text texts[SUBSCRIPTIONS_MAX];
};
int subscriptions_init(struct subscriptions *subscriptions, struct sw_store *store,
                       const char *site, const struct sw_adapters *adapters);
void subscriptions_fini(struct subscriptions *subscriptions);
/* Store the filters of this run for the next one to compare: before the first connect
 * together with the stale ones, because a crash may come at any time; after it without
 * them. */
int subscriptions_remember(struct sw_store *store,
                           const struct subscriptions *subscriptions, bool with_stale);

#endif
