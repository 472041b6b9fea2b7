/* gateway_private.h -- the gateway's state, and what its files do for each other.
 *
 * All of it belongs to the loop's thread, but for what gateway_on_message() touches:
 * see gateway_receive.c. Of times, now_s is the wall's, now_ms the monotonic.
 */
#ifndef DAEMON_GATEWAY_PRIVATE_H
#define DAEMON_GATEWAY_PRIVATE_H

#include "daemon/broker_drops.h"
#include "daemon/commit.h"
#include "daemon/connection_log.h"
#include "daemon/data.h"
#include "daemon/disk_monitor.h"
#include "daemon/echo.h"
#include "daemon/echo_box.h"
#include "daemon/herald.h"
#include "daemon/incidents.h"
#include "daemon/ingest.h"
#include "daemon/lookout.h"
#include "daemon/online_spans.h"
#include "daemon/other_gateway.h"
#include "daemon/outbox.h"
#include "daemon/patients.h"
#include "daemon/probe.h"
#include "daemon/publish.h"
#include "daemon/receive_clock.h"
#include "daemon/shown_tests.h"
#include "daemon/throttle.h"
#include "stepward/host.h"
#include "stepward/session.h"

enum {
    GATEWAY_LOOK_MS = 1000,        /* at everything, while it is not as it should be */
    GATEWAY_IDLE_MS = 20 * 1000,   /* else, from turn to turn: far from being asleep */
    GATEWAY_ASLEEP_MS = 60 * 1000, /* between two turns: we did not watch */
    GATEWAY_RETRY_MS = 5000,       /* after a commit that failed */
};

struct gateway {
    const struct sw_config *config;
    struct sw_adapters *adapters; /* never changes: Paho's thread reads it too */
    struct sw_zone zone;
    struct data data;
    struct sw_session *session;
    struct patients patients;
    struct ingest ingest;
    struct online_spans online_spans;
    struct incidents incidents;
    struct connection_log connection_log;
    struct dropped dropped;
    struct commit commit;
    struct outbox outbox;
    struct subscriptions subscriptions;
    struct echo echo;
    struct echo_box echo_box;
    struct shown_tests shown_tests;
    bool hears_status;  /* what we publish as our status comes to us */
    struct other other; /* gateway of the same site */
    char instance[SW_INSTANCE_LEN + 1];
    struct probe probe;
    struct sw_health health;
    struct receive_clock keeper;
    struct sw_clock now; /* of this turn */
    int64_t
        distrusted_ms; /* monotonic: since when the clock is not trusted; 0: it is */
    struct disk disk;
    struct herald herald;
    struct lookout lookout;
    bool told_retained; /* Paho's thread's: that it ignores a retained action */
    int signal_fd;
    int clock_fd; /* see sw_clock_set_fd(); < 0: there is none */
    int64_t started_ms, next_tick_ms;
    int64_t idle_ms;       /* GATEWAY_IDLE_MS, or less for systemd's watchdog */
    int64_t next_today_ms; /* a day is to be published then; INT64_MAX: none */
    int64_t taken_ms;      /* what came before then was taken from the inbox */
    int64_t safe_ms;       /* what came before then survives a power cut */
    int64_t commit_at_ms;  /* 0: nothing waits to be committed */
    int64_t retry_at_ms;   /* after a failure; 0: none */
    int64_t redate_at_ms;  /* so too, of dating anew */
    struct throttle throttle;
    int64_t n_news; /* messages that were taken since the last round of judging */
    bool more_wait; /* in the inbox, beyond those of this turn */
    /* It was empty, and would have ended the wait: what is in it came just now. */
    bool inbox_woke;
    bool was_asleep; /* between the last turn and this one */
    bool stopping;
};

/* ---- gateway_open.c ---- */

/* -ECANCELED: told to end meanwhile. gateway_close() it in any case. */
int gateway_open(struct gateway *gateway);

/* ---- gateway_wait.c ---- */

void gateway_open_ears(struct gateway *gateway); /* with the store open */
void gateway_close_ears(struct gateway *gateway);
/* Until something happens or is due; the first of every turn. */
void gateway_wait(struct gateway *gateway, int64_t now_ms);

/* ---- gateway_receive.c ---- */

/* The session's. Returning acknowledges: it returns when the message is safe, or ends
 * the process. */
void gateway_on_message(void *ctx, const char *topic, size_t topic_len,
                        const char *payload, size_t payload_len, bool retained,
                        enum sw_session_copy copy);

/* ---- gateway_clock.c ---- */

bool gateway_is_clock_trusted(const struct gateway *gateway);
/* gateway->now is read here; what was watched until now is noted first. */
void gateway_check_clocks(struct gateway *gateway);
/* Asked before the tick that ends it. */
void gateway_log_missed(const struct online_spans *online_spans, int64_t now_s);

/* ---- gateway_take.c ---- */

bool gateway_is_held(const struct gateway *gateway); /* nothing is taken now */
/* < 0: the gateway cannot go on. */
int gateway_take_messages(struct gateway *gateway, int64_t now_s, int64_t now_ms);
int gateway_take_again(struct gateway *gateway, int64_t now_s, int64_t now_ms);
void gateway_sync_what_waits(struct gateway *gateway, int64_t now_ms);

/* ---- gateway_echo.c ---- */

int gateway_hear_echo(struct gateway *gateway); /* < 0: the gateway cannot go on */
void gateway_settle_echo(struct gateway *gateway, int64_t now_s, int64_t now_ms);
/* Whether the last run left a mark in our session, and that this one will have: see
 * connection_log_expect_mark(). */
void gateway_recall_mark(struct gateway *gateway);
void gateway_note_mark(struct gateway *gateway);
void gateway_break_off_echo(struct gateway *gateway); /* the connection is lost */
void gateway_check_other(struct gateway *gateway, int64_t now_s, int64_t now_ms);
void gateway_clear_tests(struct gateway *gateway, int64_t now_ms); /* those overdue */

/* ---- gateway_judge.c ---- */

/* In so long at the latest, or by the configured interval. */
void gateway_want_commit(struct gateway *gateway, int64_t now_ms, int64_t in_ms);
void gateway_want_commit_by_interval(struct gateway *gateway, int64_t now_ms);
/* Another hand changed the store, or another day begins. */
void gateway_reload(struct gateway *gateway, int32_t today, int64_t now_ms);
void gateway_judge_and_commit(struct gateway *gateway, int64_t now_s, int64_t now_ms);

/* ---- gateway_health.c ---- */

void gateway_sign_health(struct gateway *gateway); /* with who we are */
void gateway_check_health(struct gateway *gateway, int64_t now_ms);
void gateway_publish_health(struct gateway *gateway, int64_t now_ms); /* the broker */
void gateway_publish_incidents(struct gateway *gateway,
                               int64_t now_ms); /* if it is news */
void gateway_keep_health(struct gateway *gateway, int64_t now_s, int64_t now_ms);

/* ---- gateway_end.c ---- */

/* Any thread. What was not acknowledged the broker delivers to the next start. */
_Noreturn void gateway_give_up(const char *what, int r);
/* Damage that the check at the start did not find, or that came since: the next start
 * looks at everything and moves the database aside. Trying again would not mend it. */
_Noreturn void gateway_stop_as_damaged(struct gateway *gateway, const char *how);
void gateway_stop_if_damaged(struct gateway *gateway, int r); /* if r is -EUCLEAN */
/* Close what is open, be it all or not; may end the process, with that code. */
void gateway_close(struct gateway *gateway, int code);

#endif
