/* shown_tests.h -- test alerts that the broker retains, and when they are overdue.
 *
 *     shown_tests_on_word(&shown, notice, now_ms);     // any notice
 *     while ((topic = shown_tests_due(&shown, now_ms))) clear it;
 *     shown_tests_drop(&shown);                   // the connection is gone
 *
 * The command that raises a test alert also closes and clears it. If the command or the
 * gateway were killed meanwhile, the alert would stay on a therapist's phone for ever.
 * Therefore one that is still there when the gateway connects is overdue at once, and
 * any other after a while. Only the broker's messages show these alerts, so they
 * survive any loss of the store.
 */
#ifndef DAEMON_SHOWN_TESTS_H
#define DAEMON_SHOWN_TESTS_H

#include "daemon/notices.h"
#include "stepward/alert.h"
#include "stepward/wire.h"

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

void shown_tests_on_word(struct shown_tests *shown, const struct notice *notice,
                         int64_t now_ms);
/* The topic of a test alert that is overdue; NULL if none is. It becomes overdue again
 * after a while, until the broker reports that it is cleared. */
const char *shown_tests_due(struct shown_tests *shown, int64_t now_ms);
/* The next connect brings them again. */
void shown_tests_drop(struct shown_tests *shown);

#endif
