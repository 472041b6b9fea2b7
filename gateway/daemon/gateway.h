/* gateway.h -- the gateway's state, and the functions by which the files that know all
 * of it serve each other: gateway.c, loop.c, health.c, redate.c and reconcile.c.
 *
 * Everything except the receiver belongs to the loop's thread. Of times, now_s is wall
 * clock time and now_ms is monotonic.
 */
#ifndef DAEMON_GATEWAY_H
#define DAEMON_GATEWAY_H

#include "daemon/ask.h"
#include "daemon/commit.h"
#include "daemon/commit_policy.h"
#include "daemon/connection_log.h"
#include "daemon/data.h"
#include "daemon/incidents.h"
#include "daemon/ingest.h"
#include "daemon/notify.h"
#include "daemon/online_spans.h"
#include "daemon/overviews.h"
#include "daemon/patients.h"
#include "daemon/probe.h"
#include "daemon/publish.h"
#include "daemon/receive_clock.h"
#include "daemon/receiver.h"
#include "daemon/reconcile.h"
#include "daemon/retention.h"
#include "stepward/config.h"
#include "stepward/host.h"
#include "stepward/session.h"
#include "stepward/store_watch.h"

enum {
    GATEWAY_LOOK_MS = 1000,      /* check everything, while something is wrong */
    GATEWAY_IDLE_MS = 20 * 1000, /* otherwise, between turns: far from asleep */
};

/* Another gateway of this site. Retained messages may be our own from an earlier run, so
 * only what is published while we are subscribed, after our own mark, shows that it is
 * there. */
struct other {
    struct sw_health said; /* its last health, as decoded */
    bool is_known;
    int64_t since_s, heard_ms; /* 0: known only from a retained message */
    bool was_online;           /* the status was "online" before we connected */
    bool is_through;           /* our mark came back: what comes now is new */
    /* Our status and our health are to be published once more: the status, after
     * "offline" was published in our place, or if it could not be sent; the health, for
     * a gateway that connects. */
    bool status_due, health_due;
    int64_t status_ms, health_ms; /* when each was last published for that */
};
enum { OTHER_TEXT_MAX = 140 };

struct gateway {
    const struct sw_config *config;
    struct sw_adapters *adapters;
    struct sw_zone zone;
    struct data data;
    struct receiver receiver; /* the only part that Paho's thread gets */
    struct sw_session *session;
    struct patients patients;
    struct ingest ingest;
    struct commit commit;
    struct commit_policy commit_policy;
    struct outbox outbox;
    struct notify notify;
    struct overviews overviews;
    struct retention retention;
    struct subscriptions subscriptions;

    /* The connection, and what others publish on it. */
    struct connection_log connection_log;
    struct online_spans online_spans;
    struct dropped dropped;
    struct reconcile reconcile;
    struct shown_tests shown_tests;
    bool hears_status;       /* our own published status comes back to us */
    bool compares_anew;      /* once the broker answers the repeated subscription */
    bool is_compare_due;     /* once compare_from_ms has come */
    int64_t compare_from_ms; /* not again before then; 0: at any time */
    struct other other;      /* another gateway of the same site */
    char instance[SW_INSTANCE_LEN + 1];
    struct probe probe;
    struct asks asks;

    /* The gateway's health. */
    struct incidents incidents;
    struct sw_health health;
    struct disk_monitor disk;
    struct sw_store_watch store_watch;
    int64_t started_ms;

    /* Time. */
    struct receive_clock clock;
    struct sw_clock now;   /* of this turn */
    bool was_asleep;       /* between the last turn and this one */
    int64_t distrusted_ms; /* since when the clock is not trusted; 0: it is */
    int64_t redate_at_ms;  /* after a failure, redating is not retried before then */
    int signal_fd;
    int clock_fd;    /* see sw_clock_set_fd(); < 0: there is none */
    int64_t idle_ms; /* GATEWAY_IDLE_MS, or less for systemd's watchdog */
    int64_t next_tick_ms;
    int64_t
        next_today_ms; /* when a day or overview is to be published; INT64_MAX: none */

    /* The inbox. */
    int64_t taken_ms;      /* what came before then was read from it */
    int64_t safe_ms;       /* what came before then survives a power cut */
    int64_t sync_retry_ms; /* after a failure, it is not synced before then */
    int64_t n_news;        /* messages taken since the last round of judging */
    bool more_wait;        /* more messages wait than this turn took */
    /* The inbox was empty, and would have ended the wait, so what is in it came just
     * now. */
    bool inbox_woke;
    bool stopping;
};

/* ---- loop.c ---- */

int gateway_run(const struct sw_config *config); /* returns the exit code */
/* Another writer changed the store, or another day begins. */
void gateway_reload(struct gateway *gateway, int32_t today, int64_t now_ms);

/* ---- gateway.c ---- */

/* Returns -ECANCELED if it was asked to stop meanwhile. Call gateway_close() in any
 * case. */
int gateway_open(struct gateway *gateway, const struct sw_config *config);
/* There is damage that the check at the start did not find, or that came since. The
 * next start checks everything and moves the database aside. Trying again would not
 * repair it. */
_Noreturn void gateway_stop_as_damaged(struct gateway *gateway, const char *how);
void gateway_stop_if_damaged(struct gateway *gateway, int r); /* if r is -EUCLEAN */
/* If r < 0: log what failed, and go on, unless there is damage. */
void gateway_note_failure(struct gateway *gateway, int r, const char *what);
/* Close what is open, even after half a start. This may end the process, with that exit
 * code. */
void gateway_close(struct gateway *gateway, int code);

/* ---- redate.c ---- */

/* Reads gateway->now. Time online up to then is noted first. */
void gateway_check_clocks(struct gateway *gateway);

/* ---- reconcile.c ---- */

int gateway_take_notices(struct gateway *gateway); /* < 0: the gateway cannot go on */
void gateway_reconcile(struct gateway *gateway, int64_t now_s, int64_t now_ms);
/* Recall whether the last run left a mark in our session, and record that this run has
 * not yet: see connection_log.expects_mark. */
void gateway_recall_mark(struct gateway *gateway);
/* Recall whether the last run used the same client id and username as this one. */
void gateway_recall_login(struct gateway *gateway);
void gateway_note_login(struct gateway *gateway); /* it is connected by that name */
void gateway_note_mark(struct gateway *gateway);
void gateway_break_off(struct gateway *gateway); /* the connection is lost */
void gateway_clear_tests(struct gateway *gateway, int64_t now_ms); /* if overdue */

/* ---- health.c ---- */

void gateway_check_health(struct gateway *gateway, int64_t now_ms);
void gateway_publish_health(struct gateway *gateway, int64_t now_ms); /* to broker */
void gateway_publish_incidents(struct gateway *gateway,
                               int64_t now_ms); /* if there is news */

/* Any notice. */
void other_on_notice(struct other *other, const struct notice *notice,
                     const char *instance, int64_t now_s, int64_t now_ms);
void other_break_off(struct other *other); /* the connection is gone */
bool other_is_there(const struct other *other, int64_t now_ms); /* its alerts, too */
/* It may be there: a gateway that lost all data had better wait for its first
 * message. */
bool other_may_come(const struct other *other, int64_t asked_ms, int64_t now_ms);
/* "client id stepward-b, version 0.1.0, heard since 2026-…" */
void other_describe(const struct other *other, char out[static OTHER_TEXT_MAX]);
/* Answer it, and note it as an incident. */
void gateway_check_other(struct gateway *gateway, int64_t now_s, int64_t now_ms);

#endif
