/* overviews.h -- what therapists' apps show: an overview of each patient, and for each
 * therapist the list of their patients, which follows when all of them are there.
 *
 *     overviews_on_notice(&overviews, &notice);    // of what the broker retains
 *     overviews_event(&overviews, &event, now_ms); // of the session
 *     overviews_pass(&overviews, now_s);           // every minute
 *     overviews_publish(&overviews, session, instant); // every turn
 *     overviews_forget(&overviews);                // the connection is gone
 *
 * Nothing of it is stored: an overview is made of what is in memory, and is published if
 * it says something else than what the broker retains, which a sum shows. So a connect
 * costs what has changed. What is retained of others than our patients is reconcile.c's
 * business, and what a former therapist's topic holds is cleared through the outbox.
 */
#ifndef DAEMON_OVERVIEWS_H
#define DAEMON_OVERVIEWS_H

#include "daemon/notices.h"
#include "daemon/patients.h"
#include "daemon/publish.h"
#include "stepward/session.h"

/* The cookies of overviews and of lists: no row of the outbox, request or probe has
 * one. */
#define OVERVIEW_COOKIE (UINT64_C(1) << 61)
#define LIST_COOKIE     (UINT64_C(1) << 60)

enum {
    OVERVIEW_EVERY_MS = TODAY_EVERY_MS, /* at most so often, but for news of alerts */
    /* For a broker that does not say what it retains. */
    OVERVIEWS_WAIT_MS = 30 * 1000,
};

/* A list that the broker may retain. */
struct patient_list {
    struct sw_therapist_id therapist;
    uint64_t sum; /* of what was published on this connection; 0: nothing was */
    size_t n;     /* patients, when lists were last made */
    enum overview_failure failure;
    int64_t at_ms; /* when it was last published; 0: never */
};

/* Of those that failed one is tried at a time, and the others once it is delivered. */
struct overview_retry {
    int64_t at_ms; /* the next */
    bool is_out;   /* it is not known what became of the last */
};

struct overviews { /* all zero except site and patients */
    const char *site;
    struct patients *patients;
    struct patient_list *lists;
    size_t n_lists, cap_lists;
    bool lists_due;
    struct overview_retry retry, list_retry;
};

/* True if the notice is of no use to others: what is retained belongs there. */
bool overviews_on_notice(struct overviews *overviews, const struct notice *notice);
void overviews_forget(struct overviews *overviews);
void overviews_event(struct overviews *overviews, const struct sw_session_event *event,
                     int64_t now_ms);
/* Whether one that failed so is yet to be delivered. */
bool overviews_have_failed(const struct overviews *overviews,
                           enum overview_failure failure);
/* Time alone changes an overview, too: a rest is no longer fresh, another half hour has
 * begun. */
void overviews_pass(struct overviews *overviews, int64_t now_s);
/* Publish the overviews that changed and are due, then the lists. Returns when to call it
 * again; INT64_MAX: once something changes. */
int64_t overviews_publish(struct overviews *overviews, struct sw_session *session,
                          int64_t now_s, int64_t now_ms);
void overviews_fini(struct overviews *overviews);

#endif
