/* herald.h -- while no message can be kept, say so to the broker.
 *
 * The gateway's own session would bring messages that it cannot keep, so it is not
 * connected then. The herald is a session without subscriptions, under the client id
 * with "-herald" behind, and publishes nothing but the health. Where the gateway has a
 * login there is none: a broker that takes names for client ids, as ours does, would
 * take it for the gateway and drop all that waits for that. Then gateway/status says
 * "offline", and `stepward status` on this machine why.
 *
 *     while (…)
 *         herald_tell(&herald, config, &health, now_ms);  // connects when it must
 *     herald_stop(&herald);
 */
#ifndef DAEMON_HERALD_H
#define DAEMON_HERALD_H

#include "stepward/config.h"
#include "stepward/health.h"
#include "stepward/session.h"

/* All zero: it has nothing to say. */
struct herald {
    struct sw_session *session;
    bool is_up;
    bool is_stuck; /* see sw_session_free(): only _exit() may follow */
    char told[SW_WHY_MAX];
};

void herald_tell(struct herald *herald, const struct sw_config *config,
                 const struct sw_health *health, int64_t now_ms);
int herald_fd(const struct herald *herald); /* -1: none; readable: tell again */
void herald_stop(struct herald *herald);

#endif
