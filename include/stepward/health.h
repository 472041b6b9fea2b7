/* health.h -- what the gateway says about itself, published and in `stepward status`.
 */
#ifndef STEPWARD_HEALTH_H
#define STEPWARD_HEALTH_H

#include "stepward/types.h"

/* The gateway's counters since its database was made; names as in the contract. */
#define SW_HEALTH_COUNTERS(X)                                                          \
    X(messages, "messages received")                                                   \
    X(readings, "readings accepted")                                                   \
    X(rejected, "messages refused, whole or in part")                                  \
    X(inbox_pending, "messages in the inbox that are not yet in the database")         \
    X(commits, "transactions")                                                         \
    X(open_alerts, "alerts open or acknowledged")                                      \
    X(uptime_s, "seconds since the gateway started")
struct sw_health {
#define X(name, help) int64_t name;
    SW_HEALTH_COUNTERS(X)
#undef X
    char version[24];
    /* for `status` only, not published */
    bool connected;
    bool clock_trusted;
    int64_t written_at_s, last_message_at_s, last_commit_at_s;
    char problem[SW_WHY_MAX]; /* "" if all is well */
};

#endif
