/* broker_drops.h -- what the broker dropped, for a client whose queue was full: some of it
 * it may have acknowledged, and some of QoS 0 that it never was to.
 *
 *     dropped_load(&dropped, store);
 *     dropped_away(&dropped, &watched);   // then, and whenever the connection is lost
 *     broker_drops_on_message(&dropped, bytes, len, &trouble, now_s); // the broker's counter
 *     dropped_store(&dropped, store);                    // in a commit
 *
 * mosquitto counts them for all its clients together, from its start on, and says so in
 * $SYS, where it is let: whose they were it tells its log alone. What was dropped while
 * we were away shows at the next connect, for the last count is kept in the store. A
 * broker that does not count them, or does not let us read it, is no trouble, and what
 * it drops is not known.
 */
#ifndef DAEMON_BROKER_DROPS_H
#define DAEMON_BROKER_DROPS_H

#include "daemon/incidents.h"
#include "daemon/online_spans.h"

struct dropped {
    bool is_known; /* the count is of this or an earlier run; else it was never told */
    bool is_first; /* of this connection is still to come */
    bool unstored;
    int64_t count;
    int64_t told_at_s;   /* in this connection */
    int64_t away_s;      /* since when we were not connected before that; 0: unknown */
    int64_t sum, from_s; /* of the incident that grows */
};

int dropped_load(struct dropped *dropped, struct sw_store *store);
void dropped_away(struct dropped *dropped, const struct online_spans *online_spans);
/* True if it is news. What is no count is nothing. */
bool broker_drops_on_message(struct dropped *dropped, const char *bytes, size_t len,
                             struct incidents *incidents, int64_t now_s);
int dropped_store(const struct dropped *dropped, struct sw_store *store);

#endif
