/* uplink.h -- what the gateway knows and says about its connection to the broker.
 *
 *     uplink_event(&uplink, &event, moment);   // up, down, refused
 *     uplink_tick(&uplink, moment);            // every turn: what is over, what is due
 *
 * A broker may come and go for days: the log gets a line of every change as long as
 * they are few, then the newest once a minute. Connecting is the session's business.
 */
#ifndef DAEMON_UPLINK_H
#define DAEMON_UPLINK_H

#include "daemon/trouble.h"
#include "daemon/watched.h"
#include "stepward/config.h"
#include "stepward/session.h"

/* The cookies of what is sent to see whether it comes back; no row of the outbox has
 * such a number. */
#define UPLINK_PROBE_COOKIE (UINT64_C(1) << 63)

enum {
    UPLINK_LINES_MAX = 10,                  /* at once... */
    UPLINK_LINE_EVERY_MS = 60 * 1000,       /* ...then one so often */
    UPLINK_STILL_EVERY_MS = 60 * 60 * 1000, /* the same failure is said again */
    /* Health is published every minute, refused alerts are tried again more often: so
     * long without a refusal, and they are taken. */
    UPLINK_TAKEN_MS = 90 * 1000,
};

struct uplink {
    const struct sw_config *config;
    struct trouble *trouble;
    const struct watched *watched;
    bool up;
    int64_t up_at_ms, refused_at_ms, too_large_at_ms;
    bool is_alert_told; /* what is told to be too large is one of the outbox's */
    /* Of the newest loss of the session, which is noted at once and logged seldom. */
    int64_t away_s; /* since when we were not connected before this connection */
    int64_t missing_from_s, missing_said_ms;
    bool missing_unsaid;
    bool expects_mark;     /* see uplink_expect_mark() */
    int64_t still_at_ms;   /* when the reason was last said */
    char line[SW_WHY_MAX]; /* waits to be said; "": none */
    unsigned n_left_out;   /* lines that were replaced by newer ones */
    int lines;             /* that may be said now */
    int64_t lines_at_ms;   /* when they last became more */
};

struct moment {
    int64_t now_s, now_ms; /* the wall's, the monotonic */
};

/* The broker's part of a session's options; the strings are the configuration's. */
struct sw_session_options uplink_options(const struct sw_config *config);
void uplink_init(struct uplink *uplink, const struct sw_config *config,
                 struct trouble *trouble, const struct watched *watched);
/* The last run ended with a word for us in our own session at the broker, its last
 * will. It is the first that comes of the session, if that is what it was: */
void uplink_expect_mark(struct uplink *uplink);
void uplink_hear_mark(struct uplink *uplink);
/* All that waited in it has come. True if what `status` says has changed. */
bool uplink_miss_mark(struct uplink *uplink, struct moment moment);
/* True if what `status` says has changed. */
bool uplink_event(struct uplink *uplink, const struct sw_session_event *event,
                  struct moment moment);
void uplink_tick(struct uplink *uplink, struct moment moment);
bool uplink_waits(const struct uplink *uplink); /* something is to be said, later */

#endif
