/* connection_log.h -- what the gateway knows and logs about its connection to the
 * broker.
 *
 *     connection_log_event(&log, &event, instant);   // up, down, refused
 *     connection_log_tick(&log, instant);            // every turn: what is due
 *
 * A broker may come and go for days. The log gets a line for every change while changes
 * are few, and after that the newest one once a minute. Connecting is the session's
 * business.
 */
#ifndef DAEMON_CONNECTION_LOG_H
#define DAEMON_CONNECTION_LOG_H

#include "daemon/incidents.h"
#include "daemon/online_spans.h"
#include "stepward/config.h"
#include "stepward/session.h"

/* The cookies of probes, which are sent to see whether they come back. No row of the
 * outbox has such a number. */
#define CONNECTION_LOG_PROBE_COOKIE (UINT64_C(1) << 63)

enum {
    CONNECTION_LOG_LINES_MAX = 10,                  /* at once... */
    CONNECTION_LOG_LINE_EVERY_MS = 60 * 1000,       /* ...then one per minute */
    CONNECTION_LOG_STILL_EVERY_MS = 60 * 60 * 1000, /* for the same failure */
    /* Health is published every minute, and refused alerts are retried more often.
     * After this long without a refusal, and if nothing waits, the broker takes them. */
    CONNECTION_LOG_TAKEN_MS = 90 * 1000,
};

struct connection_log {
    const struct sw_config *config;
    struct incidents *incidents;
    const struct online_spans *online_spans;
    bool up;
    int64_t up_at_ms, refused_at_ms, too_large_at_ms;
    /* What was refused, or is too large, waits to be tried again now and then: until it
     * is delivered, no time without a refusal says that the broker takes it. */
    bool refused_waits, too_large_waits;
    struct too_large {
        uint64_t newest;        /* of the outbox's round that goes on, the newest... */
        unsigned n;             /* ...and how many so far */
        unsigned n_noted;       /* 0: what is noted is not from the outbox */
        char first[SW_WHY_MAX]; /* why, of the round's first */
    } too_large;
    /* About the newest loss of the session, which is noted at once but logged
     * seldom. */
    int64_t away_s; /* when we were last connected before this connection */
    int64_t missing_from_s, missing_logged_ms;
    bool missing_unlogged;
    /* The last run left a message for us in our own session at the broker: its last
     * will. If the session was kept, that is the first message of the session to
     * come. */
    bool expects_mark;
    bool is_renamed;       /* the last run had another client id or username */
    int64_t still_at_ms;   /* when the reason was last logged */
    char line[SW_WHY_MAX]; /* waits to be logged; "": none */
    unsigned n_left_out;   /* lines that were replaced by newer ones */
    int lines;             /* how many may be logged now */
    int64_t lines_at_ms;   /* when that number last grew */
};

struct instant {
    int64_t now_s, now_ms; /* wall clock, monotonic clock */
};

void connection_log_init(struct connection_log *log, const struct sw_config *config,
                         struct incidents *incidents,
                         const struct online_spans *online_spans);
/* Everything that waited in the session has come. Returns true if what `status` shows
 * has changed. */
bool connection_log_miss_mark(struct connection_log *log, struct instant instant);
/* Returns true if what `status` shows has changed. */
bool connection_log_event(struct connection_log *log,
                          const struct sw_session_event *event, struct instant instant);
void connection_log_tick(struct connection_log *log, struct instant instant);
bool connection_log_waits(
    const struct connection_log *log); /* a line is yet to be logged */

/* ---- what the broker dropped ----
 *
 * The broker drops messages for a client whose queue is full: some that it may have
 * acknowledged, and some of QoS 0, which it never acknowledges.
 *
 *     dropped_load(&dropped, store);
 *     dropped_away(&dropped, &online_spans); // then, and at each loss of connection
 *     broker_drops_on_message(&dropped, bytes, len, &incidents, now_s); // its count
 *     dropped_store(&dropped, store);        // in a commit
 *
 * mosquitto counts them since its start, for all its clients together, and publishes
 * the count in $SYS if its access list permits. Only its log says whose they were.
 * Messages dropped while we were away show at the next connect, because the last count
 * is kept in the store. A broker that does not count them, or does not let us read the
 * count, is not an incident; what it drops stays unknown.
 */
struct dropped {
    bool is_known; /* this or an earlier run received a count */
    bool is_first; /* the first count of this connection is still to come */
    bool unstored;
    int64_t count;
    int64_t told_at_s;   /* in this connection */
    int64_t away_s;      /* when we were last connected before that; 0: unknown */
    int64_t sum, from_s; /* of the incident that grows */
};

int dropped_load(struct dropped *dropped, struct sw_store *store);
void dropped_away(struct dropped *dropped, const struct online_spans *online_spans);
/* Returns true if it is news. Bytes that are not a count are ignored. */
bool broker_drops_on_message(struct dropped *dropped, const char *bytes, size_t len,
                             struct incidents *incidents, int64_t now_s);
int dropped_store(const struct dropped *dropped, struct sw_store *store);

#endif
