/* connection_log.h -- what the gateway knows and says about its connection to the broker.
 *
 *     connection_log_event(&log, &event, instant);   // up, down, refused
 *     connection_log_tick(&log, instant);            // every turn: what is over, what is due
 *
 * A broker may come and go for days: the log gets a line of every change as long as
 * they are few, then the newest once a minute. Connecting is the session's business.
 */
#ifndef DAEMON_CONNECTION_LOG_H
#define DAEMON_CONNECTION_LOG_H

#include "daemon/incidents.h"
#include "daemon/online_spans.h"
#include "stepward/config.h"
#include "stepward/session.h"

/* The cookies of what is sent to see whether it comes back; no row of the outbox has
 * such a number. */
#define CONNECTION_LOG_PROBE_COOKIE (UINT64_C(1) << 63)

enum {
    CONNECTION_LOG_LINES_MAX = 10,                  /* at once... */
    CONNECTION_LOG_LINE_EVERY_MS = 60 * 1000,       /* ...then one so often */
    CONNECTION_LOG_STILL_EVERY_MS = 60 * 60 * 1000, /* the same failure is said again */
    /* Health is published every minute, refused alerts are tried again more often: so
     * long without a refusal, and they are taken. */
    CONNECTION_LOG_TAKEN_MS = 90 * 1000,
};

struct connection_log {
    const struct sw_config *config;
    struct incidents *incidents;
    const struct online_spans *online_spans;
    bool up;
    int64_t up_at_ms, refused_at_ms, too_large_at_ms;
    bool is_alert_noted; /* what is told to be too large is one of the outbox's */
    /* Of the newest loss of the session, which is noted at once and logged seldom. */
    int64_t away_s; /* since when we were not connected before this connection */
    int64_t missing_from_s, missing_logged_ms;
    bool missing_unlogged;
    bool expects_mark;     /* see connection_log_expect_mark() */
    bool is_renamed;       /* the last run had another client id or username */
    int64_t still_at_ms;   /* when the reason was last said */
    char line[SW_WHY_MAX]; /* waits to be said; "": none */
    unsigned n_left_out;   /* lines that were replaced by newer ones */
    int lines;             /* that may be said now */
    int64_t lines_at_ms;   /* when they last became more */
};

struct instant {
    int64_t now_s, now_ms; /* the wall's, the monotonic */
};

/* The broker's part of a session's options; the strings are the configuration's. */
struct sw_session_options connection_log_options(const struct sw_config *config);
void connection_log_init(struct connection_log *connection_log,
                         const struct sw_config *config, struct incidents *incidents,
                         const struct online_spans *online_spans);
/* The last run ended with a word for us in our own session at the broker, its last
 * will. It is the first that comes of the session, if that is what it was: */
void connection_log_expect_mark(struct connection_log *connection_log);
void connection_log_on_mark(struct connection_log *connection_log);
/* All that waited in it has come. True if what `status` says has changed. */
bool connection_log_miss_mark(struct connection_log *connection_log,
                              struct instant instant);
/* True if what `status` says has changed. */
bool connection_log_event(struct connection_log *connection_log,
                          const struct sw_session_event *event, struct instant instant);
void connection_log_tick(struct connection_log *connection_log, struct instant instant);
bool connection_log_waits(
    const struct connection_log *connection_log); /* something is to be said, later */

/* ---- what the broker dropped ----
 *
 * It drops messages for a client whose queue is full: some that it may have
 * acknowledged, and some of QoS 0, which it never does.
 *
 *     dropped_load(&dropped, store);
 *     dropped_away(&dropped, &watched);   // then, and whenever the connection is lost
 *     broker_drops_on_message(&dropped, bytes, len, &trouble, now_s); // the broker's counter
 *     dropped_store(&dropped, store);                    // in a commit
 *
 * mosquitto counts them for all its clients together, from its start on, and says so in
 * $SYS, where it is let: whose they were it tells its log alone. What was dropped while
 * we were away shows at the next connect, for the last count is kept in the store. A
 * broker that does not count them, or does not let us read it, is no trouble, and what
 * it drops is not known.
 */
struct dropped {
    bool is_known; /* the count is of this or an earlier run; else it was never told */
    bool is_first; /* of this connection is still to come */
    bool unstored;
    int64_t count;
    int64_t told_at_s;   /* in this connection */
    int64_t away_s;      /* since when we were not connected before that; 0: unknown */
    int64_t sum, from_s; /* of the incident that grows */
};

int dropped_load(struct dropped *dropped, struct sw_store *store);
void dropped_away(struct dropped *dropped, const struct online_spans *online_spans);
/* True if it is news. What is no count is nothing. */
bool broker_drops_on_message(struct dropped *dropped, const char *bytes, size_t len,
                             struct incidents *incidents, int64_t now_s);
int dropped_store(const struct dropped *dropped, struct sw_store *store);

#endif
