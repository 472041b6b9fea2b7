/* retention.c -- when what is older than `keep` says is removed: once a day, a step a
 * second, and each step a bounded transaction, so that no message and no alert waits
 * longer than for one of them. What a step removes is the store's business. */
#include "daemon/retention.h"

enum {
    DAY_S = 86400,
    STEP_MS = 1000,
    FIRST_MS = 10 * 1000,     /* after a start there is other work */
    LOOK_MS = 60 * 60 * 1000, /* whether another day has begun; and after a failure */
};

static int64_t kept_s(const struct sw_config *config, enum sw_keep what)
{
    switch (what) {
    case SW_KEEP_READINGS:
        return config->keep.readings_s;
    case SW_KEEP_ALERTS:
        return config->keep.alerts_s;
    default:
        return config->keep.audit_s;
    }
}

int64_t retention_next_ms(const struct retention *retention,
                          const struct sw_config *config)
{
    bool removes = false;
    for (int what = 0; what < SW_KEEPS; what++)
        removes = removes || kept_s(config, (enum sw_keep)what) > 0;
    return removes ? retention->next_ms : INT64_MAX;
}

static void log_removed(const struct retention *retention,
                        const struct sw_config *config)
{
    static const char *const names[SW_KEEPS] = {
        [SW_KEEP_READINGS] = "readings",
        [SW_KEEP_ALERTS] = "alerts and contacts",
        [SW_KEEP_AUDIT] = "rows of the audit",
    };
    for (int what = 0; what < SW_KEEPS; what++)
        if (retention->has_removed[what])
            sw_log(SW_LOG_NOTICE, "%s older than %lld days were removed", names[what],
                   (long long)kept_s(config, (enum sw_keep)what) / DAY_S);
}

/* The next kind, or the end for today. */
static void go_on(struct retention *retention, const struct sw_config *config)
{
    if (retention->what + 1 < SW_KEEPS) {
        retention->what++;
        return;
    }
    log_removed(retention, config);
    retention->is_done = true;
}

int retention_tick(struct retention *retention, const struct sw_config *config,
                   const struct sw_zone *zone, struct sw_store *store, int64_t now_s,
                   int64_t now_ms)
{
    if (now_ms < retention_next_ms(retention, config))
        return 0;
    int32_t today = sw_day_of(zone, now_s);
    if (retention->next_ms == 0) {
        retention->next_ms = now_ms + FIRST_MS;
        return 0;
    }
    if (today != retention->today)
        *retention = (struct retention){.today = today};
    if (retention->is_done) {
        retention->next_ms = now_ms + LOOK_MS;
        return 0;
    }
    int64_t days = kept_s(config, retention->what) / DAY_S;
    int64_t from_s = sw_day_begin(zone, today - (int32_t)days);
    int r = days == 0 ? 0 : sw_store_remove_older(store, retention->what, from_s);
    retention->next_ms = now_ms + (r < 0 ? LOOK_MS : STEP_MS);
    if (r > 0)
        retention->has_removed[retention->what] = true;
    else if (r == 0)
        go_on(retention, config);
    return r < 0 ? r : 0;
}
