/* herald.c -- the health, published from outside the gateway's own session.
 * When there is a reason to is the gateway's business. */
#include "daemon/herald.h"

#include <stdio.h>
#include <string.h>

#include "daemon/connection_log.h"
#include "daemon/publish.h"
#include "stepward/host.h"

enum { GOODBYE_MS = 500, CLIENT_ID_LEN = 256 };

static void start(struct herald *herald, const struct sw_config *config)
{
    char client_id[CLIENT_ID_LEN], why[SW_WHY_MAX];
    struct sw_session_options options = connection_log_options(config);
    snprintf(client_id, sizeof client_id, "%s-herald", options.client_id);
    options.client_id = client_id;
    options.clean = true;
    if (sw_session_new(&herald->session, &options, why) < 0)
        herald->session = NULL; /* the gateway's own session will say why */
}

static void hear(struct herald *herald)
{
    struct sw_session_event event;
    while (sw_session_next(herald->session, &event)) {
        if (event.kind == SW_SESSION_UP)
            herald->told[0] = '\0'; /* it may not have arrived */
        if (event.kind == SW_SESSION_UP || event.kind == SW_SESSION_DOWN)
            herald->is_up = event.kind == SW_SESSION_UP;
    }
}

void herald_tell(struct herald *herald, const struct sw_config *config,
                 const struct sw_health *health, int64_t now_ms)
{
    if (*config->broker.username || *config->broker.cert_file)
        return; /* its name is the gateway's: see herald.h */
    if (!herald->session)
        start(herald, config);
    if (!herald->session)
        return;
    sw_session_tick(herald->session, now_ms);
    hear(herald);
    bool is_news = strcmp(herald->told, health->problem) != 0;
    if (!herald->is_up || !is_news)
        return;
    publish_health(herald->session, config->site, health);
    memcpy(herald->told, health->problem, sizeof herald->told);
}

int herald_fd(const struct herald *herald)
{
    return herald->session ? sw_session_fd(herald->session) : -1;
}

void herald_stop(struct herald *herald)
{
    bool is_stuck = herald->is_stuck || !sw_session_free(herald->session, GOODBYE_MS);
    *herald = (struct herald){.is_stuck = is_stuck};
}
