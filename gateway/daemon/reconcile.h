/* reconcile.h -- make the alerts that the broker retains agree with the store, at every
 * connect.
 *
 *     reconcile_load(&reconcile, store, site, is_renewed);
 *     reconcile_start(&reconcile, session, session_present, now_ms); // connected
 *     reconcile_take(&reconcile, &notice);     // each retained alert, then our mark
 *     if (reconcile_is_ready(&reconcile, now_s))
 *         reconcile_finish(&reconcile, is_shared, now_s);
 *     reconcile_break_off(&reconcile);         // the connection is gone
 *
 * A broker that was killed comes back with what it retained a while ago, or with
 * nothing, whether it kept our session or not. Then the database decides: what the
 * broker lacks or has in an older version is published again, and work goes on
 * meanwhile. An alert that the database does not know belongs to another gateway, and
 * is left alone.
 *
 * A database that was restored or begun anew does not know what was published since. An
 * alert could stay open on a therapist's phone for ever, and a revision could be used
 * twice. In that case, unless another gateway of the site is there, alerts that the
 * database does not know are withdrawn, and a later revision of one that it knows is
 * taken over. Until this is done, no alert is judged or published. The database itself
 * records that it is not the one from before: backups carry that note, and so does a
 * database in which no gateway ever worked.
 *
 * Overviews and lists that are retained where they do not belong are cleared by the same
 * rule; those that do belong never come here, see overviews.h.
 */
#ifndef DAEMON_RECONCILE_H
#define DAEMON_RECONCILE_H

#include "daemon/notices.h"
#include "stepward/alert.h"
#include "stepward/session.h"
#include "stepward/store.h"
#include "stepward/wire.h"

enum {
    RECONCILE_ALERTS_MAX = 10000, /* that differ from the store; others are left */
    RECONCILE_WAIT_MS = 10 * 60 * 1000, /* for a broker that does not let us read */
};

enum reconcile_state {
    RECONCILE_DONE,
    RECONCILE_WANTED,    /* as soon as we are connected */
    RECONCILE_LISTENING, /* our mark has not come back yet */
    RECONCILE_COMPLETE,  /* every retained alert was received */
    RECONCILE_BLIND,     /* no mark came back in RECONCILE_WAIT_MS */
};
enum reconcile_loss {
    RECONCILE_KEPT,    /* the database is the one from before */
    RECONCILE_LOST,    /* it is not: no judging or publishing until this is done */
    RECONCILE_PUT_OFF, /* it is not, but another gateway was there: done later */
};

/* All zero except store and site: nothing is wanted before the next connect. */
struct reconcile {
    struct sw_store *store;
    const char *site;
    enum reconcile_state state;
    enum reconcile_loss loss;
    bool session_lost; /* the broker kept no session, or the site is new */
    int64_t started_ms;
    char mark[24];             /* it comes back after the alerts */
    struct sw_alert *retained; /* received ones that differ from the store */
    size_t n_retained, cap_retained;
    int64_t *same; /* open alerts not to be published: patient's key and kind */
    size_t n_same, cap_same;
    /* Topics below `board/` and `patients/` (patient "") of patients who are not whom
     * the gateway knows there. */
    struct stray_topic {
        struct sw_therapist_id therapist;
        struct sw_patient_id patient;
    } * strays;
    size_t n_strays, cap_strays;
    /* Of reconcile_finish(): */
    bool is_shared; /* another gateway of the site is there */
    int64_t now_s;
    size_t n_changed; /* alerts stored or to be published */
    size_t n_cleared; /* strays */
    size_t n_strange; /* open ones of another gateway; the first of them: */
    char strange[SW_ALERT_ID_MAX + 1];
    bool is_behind; /* the broker is: other retained topics may be old too */
};

/* is_renewed: the database is not the one from before. Returns 0 or a negative
 * errno. */
int reconcile_load(struct reconcile *reconcile, struct sw_store *store,
                   const char *site, bool is_renewed);
/* Nothing is to be judged or published before it is finished. */
bool reconcile_holds_back(const struct reconcile *reconcile);
/* Returns 0, or a negative errno: it could not be started, and is to be again. */
int reconcile_start(struct reconcile *reconcile, struct sw_session *session,
                    bool session_present, int64_t now_ms);
/* Subscribing again without need made the broker repeat its alerts: once reconciling is
 * done they are of no use, and are not kept. */
void reconcile_drop_repeated(struct reconcile *reconcile);
/* Returns 0, or a negative errno: the store cannot be read, or there is no memory. */
int reconcile_take(struct reconcile *reconcile, const struct notice *notice);
void reconcile_break_off(struct reconcile *reconcile);
bool reconcile_is_ready(const struct reconcile *reconcile, int64_t now_s);
/* Works in one transaction. If something changed, the alerts are to be read again.
 * Returns 0, or a negative errno: then nothing was changed, and it can be tried
 * again. */
int reconcile_finish(struct reconcile *reconcile, bool is_shared, int64_t now_s);
void reconcile_fini(struct reconcile *reconcile);

/* ---- test alerts ----
 *
 *     shown_tests_on_notice(&shown, notice, now_ms); // any notice
 *     while ((topic = shown_tests_due(&shown, now_ms))) clear it;
 *
 * The command that raises a test alert also closes and clears it. If the command or the
 * gateway were killed meanwhile, the alert would stay on a therapist's phone for ever.
 * Therefore one that is still there when the gateway connects is overdue at once, and
 * any other after a while. Only the broker's messages show these alerts, so they
 * survive any loss of the store. The next connect brings them again. */

enum {
    SHOWN_TESTS_MAX = 16, /* more wait for the next connect */
    /* The command is done with it before then. */
    SHOWN_TESTS_MS = (SW_TEST_ALERT_MAX_S + 5 * 60) * 1000,
    SHOWN_TESTS_RETRY_MS = 60 * 1000, /* the broker may refuse to clear it */
};

struct shown_tests {
    struct shown_test {
        sw_topic_text topic;
        int64_t until_ms;
    } items[SHOWN_TESTS_MAX];
    size_t n;
};

void shown_tests_on_notice(struct shown_tests *shown, const struct notice *notice,
                           int64_t now_ms);
/* The topic of a test alert that is overdue; NULL if none is. It becomes overdue again
 * after a while, until the broker reports that it is cleared. */
const char *shown_tests_due(struct shown_tests *shown, int64_t now_ms);

#endif
