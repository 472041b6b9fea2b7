/* shown_tests.h -- test alerts that the broker retains, and when they are overdue.
 *
 *     shown_tests_on_word(&shown, notice, now_ms);     // any
 *     while ((topic = shown_tests_due(&shown, now_ms))) clear it;
 *     shown_tests_drop(&shown);                   // the connection is gone
 *
 * The command that raises one closes and clears it. If that was killed meanwhile, or
 * the gateway, it would stay on a therapist's phone for ever: so one that is still
 * there when the gateway connects is overdue at once, any other after a while. What the
 * broker says is all that is known of them, so it survives whatever the store does not.
 */
#ifndef DAEMON_SHOWN_TESTS_H
#define DAEMON_SHOWN_TESTS_H

#include "daemon/notices.h"
#include "stepward/alert.h"
#include "stepward/wire.h"

enum {
    SHOWN_TESTS_MAX = 16, /* more wait for the next connect */
    /* The command has done with it before. */
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
/* The topic of one that is overdue, NULL: none. It is overdue again after a while,
 * until the broker has told that it is cleared. */
const char *shown_tests_due(struct shown_tests *shown, int64_t now_ms);
/* The next connect tells of them again. */
void shown_tests_drop(struct shown_tests *shown);

#endif
