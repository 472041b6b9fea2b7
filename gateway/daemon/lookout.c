/* lookout.c -- looks at the store: at once when it rings, then less and less.
 * What is looked at, and what comes of it, is the gateway's business. */
#include "daemon/lookout.h"

#include <string.h>

#include "stepward/host.h"

static void go_blind(struct lookout *lookout, int r)
{
    sw_log(SW_LOG_NOTICE, "cannot watch the database (%s): looking at it every second",
           strerror(-r));
    lookout->has_bell = false;
    lookout->pause_ms = LOOKOUT_BLIND_MS;
}

void lookout_open(struct lookout *lookout, const char *path)
{
    *lookout = (struct lookout){.has_bell = true, .pause_ms = LOOKOUT_LEAST_MS};
    int r = sw_doorbell_init(&lookout->bell, path);
    if (r < 0)
        go_blind(lookout, r);
}

void lookout_close(struct lookout *lookout)
{
    if (lookout->has_bell)
        sw_doorbell_fini(&lookout->bell);
    lookout->has_bell = false;
}

int lookout_fd(const struct lookout *lookout)
{
    bool is_soon = lookout->pause_ms == LOOKOUT_LEAST_MS;
    return lookout->has_bell && !is_soon ? lookout->bell.fd : -1;
}

static int hear(struct lookout *lookout)
{
    int rings = lookout->has_bell ? sw_doorbell_answer(&lookout->bell) : 0;
    if (rings >= 0)
        return rings;
    lookout_close(lookout);
    go_blind(lookout, rings);
    return SW_RING_WRITTEN;
}

static int64_t longer(const struct lookout *lookout)
{
    int64_t pause_ms = 2 * lookout->pause_ms;
    return pause_ms < LOOKOUT_MOST_MS ? pause_ms : LOOKOUT_MOST_MS;
}

bool lookout_is_due(struct lookout *lookout, int64_t now_ms)
{
    int rings = hear(lookout);
    if (rings == 0 && now_ms < lookout->next_ms)
        return false;
    if (!lookout->has_bell)
        lookout->pause_ms = LOOKOUT_BLIND_MS;
    else
        lookout->pause_ms = rings != 0 ? LOOKOUT_LEAST_MS : longer(lookout);
    lookout->next_ms = now_ms + lookout->pause_ms;
    return true;
}

/* Another hand may have written in between: that is seen as soon as one that closes
 * what it wrote, as the command line does, and else a second later. */
void lookout_forget_own(struct lookout *lookout, int64_t now_ms)
{
    int rings = hear(lookout);
    bool is_other = rings & SW_RING_CLOSED;
    int64_t at_ms = is_other ? now_ms : now_ms + LOOKOUT_BLIND_MS;
    if (is_other)
        lookout->pause_ms = LOOKOUT_LEAST_MS;
    if (rings != 0 && at_ms < lookout->next_ms)
        lookout->next_ms = at_ms;
}
