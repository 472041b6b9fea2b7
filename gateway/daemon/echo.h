/* echo.h -- after damage: what the broker still says of alerts, heard once and settled.
 *
 * A database that was restored or begun anew does not know what was published since. An
 * alert could stay open on a therapist's phone for ever, and a revision be used twice.
 * So the gateway listens to its own retained alerts once. Until it heard them all, no
 * alert is judged or published:
 *
 *     echo_load(&echo, store, is_renewed);     // lasts until it was settled
 *     sw_topic_alerts(filter, site)            // to be subscribed while it is awaited
 *     echo_ask(&echo, session, site, now_ms);  // at every connect: sends the end mark
 *     echo_take(&echo, store, &record);        // a retained alert
 *     echo_end(&echo);                         // the mark came back behind them
 *     if (echo.is_complete)
 *         echo_settle(&echo, store, site, now_s);
 */
#ifndef DAEMON_ECHO_H
#define DAEMON_ECHO_H

#include "stepward/inbox.h"
#include "stepward/session.h"
#include "stepward/store.h"

enum {
    ECHO_MAX = 10000,              /* that differ from the store; more are left alone */
    ECHO_WAIT_MS = 10 * 60 * 1000, /* a broker that does not let us read them */
};

struct echo {
    bool is_awaited, is_complete;
    int64_t asked_ms; /* 0: not yet */
    struct sw_alert *heard;
    size_t n_heard, cap_heard;
};

/* begin: the database is not the one of before. */
int echo_load(struct echo *echo, struct sw_store *store, bool begin);
void echo_ask(struct echo *echo, struct sw_session *session, const char *site,
              int64_t now_ms);
/* 0, or a negative errno: the store cannot be asked, or no memory. */
int echo_take(struct echo *echo, struct sw_store *store,
              const struct sw_inbox_record *record);
void echo_end(struct echo *echo);
/* Nothing came back for ECHO_WAIT_MS: what was heard must do. */
bool echo_is_overdue(const struct echo *echo, int64_t now_ms);
/* In one transaction: the store takes over newer revisions, and alerts it does not know
 * are closed at the broker as withdrawn. After it, read the alerts again. */
int echo_settle(struct echo *echo, struct sw_store *store, const char *site,
                int64_t now_s);
void echo_fini(struct echo *echo);

#endif
