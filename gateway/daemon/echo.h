/* echo.h -- what the broker still says of alerts: heard at every connect, and settled.
 *
 * A broker that was killed comes back with what it retained a while ago, or with
 * nothing, whether it kept our session or not. The database has the last word then, and
 * work goes on meanwhile; what it does not know is another gateway's, and left alone. A
 * database that was restored or begun anew does not know what was published since: an
 * alert could stay open on a therapist's phone for ever, and a revision be used twice.
 * Then the broker has the last word, unless another gateway of the site is there, and
 * until it was heard no alert is judged or published. That a database is not the one of
 * before stands in itself until this is done: backups carry the mark, and so does one
 * in which no gateway ever worked.
 *
 *     echo_load(&echo, store, is_renewed); // then it goes on until it is settled
 *     echo_ask(&echo, session, site, session_present, now_ms);
 *                                          // at every connect: sends the end mark
 *     echo_take(&echo, store, word);       // a retained alert, or the mark behind them
 *     if (echo_may_settle(&echo, now_s))
 *         echo_settle(&echo, store, site, now_s, &found);
 *     echo_break_off(&echo);               // the connection is gone
 */
#ifndef DAEMON_ECHO_H
#define DAEMON_ECHO_H

#include "daemon/echo_box.h"
#include "stepward/session.h"
#include "stepward/store.h"

enum {
    ECHO_MAX = 10000,              /* that differ from the store; more are left alone */
    ECHO_WAIT_MS = 10 * 60 * 1000, /* a broker that does not let us read them */
    ECHO_SECOND_S = 2,             /* see echo_may_settle() */
};

enum echo_cause { ECHO_NONE, ECHO_CONNECTED, ECHO_RENEWED };

struct echo {
    enum echo_cause cause;
    /* Another gateway of the site is there: what the store does not know is its. After
     * data were lost this is then done at a later connect, once it is gone. */
    bool is_shared, is_put_off;
    bool is_complete, gave_up, session_lost;
    int64_t asked_ms; /* 0: not yet */
    uint64_t mark;    /* that was sent last */
    struct sw_alert *heard;
    size_t n_heard, cap_heard;
    /* Open ones that are retained as they are stored: patient's key and kind. */
    int64_t *same;
    size_t n_same, cap_same;
};

/* begin: the database is not the one of before. */
int echo_load(struct echo *echo, struct sw_store *store, bool begin);
bool echo_is_awaited(const struct echo *echo);
/* Nothing is to be judged or published before it is settled. */
bool echo_holds_back(const struct echo *echo);
void echo_ask(struct echo *echo, struct sw_session *session, const char *site,
              bool session_present, int64_t now_ms);
/* A mark of an earlier connect says nothing. 0, or a negative errno: the store cannot
 * be asked, or no memory. */
int echo_take(struct echo *echo, struct sw_store *store, const struct echo_word *word);
/* What was heard is no longer true; the next connect begins anew. */
void echo_break_off(struct echo *echo);
/* Nothing came back for ECHO_WAIT_MS: what was heard must do. True once. */
bool echo_gives_up(struct echo *echo, int64_t now_ms);
/* Everything was heard. An id holds the second of the opening: while one that was heard
 * opened in this very second, an alert that opens next could have it too. */
bool echo_may_settle(const struct echo *echo, int64_t now_s);
struct echo_found {
    size_t n;         /* what was changed in the store, or is to be published */
    size_t n_strange; /* open ones that are left alone: another gateway's; the first: */
    char strange[SW_ALERT_ID_MAX + 1];
    bool is_behind; /* the broker: what else it retains may be old too */
};
/* In one transaction: see echo_settle.c. If it found something, read the alerts again.
 */
int echo_settle(struct echo *echo, struct sw_store *store, const char *site,
                int64_t now_s, struct echo_found *ret);
void echo_fini(struct echo *echo);

/* For echo_settle.c: what the store says of the alert. 0, SW_STORE_NONE, negative
 * errno. */
int echo_find(struct sw_store *store, const struct sw_alert *alert, int64_t *ret_key,
              struct sw_alert *ret);
/* It is retained as it is stored. 0 or -ENOMEM. */
int echo_note_same(struct echo *echo, int64_t patient_key,
                   const struct sw_alert *stored);
bool echo_is_same(const struct echo *echo, int64_t patient_key,
                  enum sw_alert_kind kind);
/* It is settled: the next start asks nothing; or, put off, it asks and holds nothing
 * back. */
int echo_forget(struct sw_store *store, bool is_put_off);

#endif
