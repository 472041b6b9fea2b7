/* gateway.c -- the loop, which knows inbox, store, session, clock and core.
 *
 * One turn reads as a table of contents: wait, look at the clock, hear the session,
 * take in messages, judge and commit, publish. What has more to it than the order of
 * things is in the gateway_*.c of that name; they share gateway_private.h, and nobody
 * else does. Paho's thread only appends to the inbox, and to the box of echoes.
 */
#include "daemon/gateway.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>

#include "daemon/gateway_private.h"
#include "stepward/fault.h"

enum {
    MINUTE_MS = 60 * 1000,
    TICK_GRACE_MS = 2, /* clocks are read in whole ones: not before the minute */
    TICK_PATIENCE_MS = 50 * 1000, /* no commit for the minute alone before then */
};

static void check_integrity(struct gateway *gateway, int64_t now_ms)
{
    int r = check_tick(&gateway->data.check, now_ms);
    if (r == -EUCLEAN)
        gateway_stop_as_damaged(gateway, gateway->data.check.why);
    if (r == CHECK_SOUND)
        patients_mark_everyone(&gateway->patients);
}

static void on_up(struct gateway *gateway, bool session_present, int64_t now_ms)
{
    subscriptions_remember(gateway->data.store, &gateway->subscriptions, false);
    probe_begin(&gateway->probe, now_ms);
    echo_ask(&gateway->echo, gateway->session, gateway->config->site, session_present,
             now_ms);
    publish_status(gateway->session, gateway->config->site);
    gateway_publish_health(gateway, now_ms);
    gateway->outbox.maybe_more = true;
}

static void on_session(struct gateway *gateway, struct instant instant)
{
    struct sw_session_event event;
    while (sw_session_next(gateway->session, &event)) {
        int64_t delivered = outbox_event(&gateway->outbox, &event, instant.now_ms);
        if (delivered != 0)
            FAULT_POINT(after_delivered);
        bool is_probe = probe_event(&gateway->probe, &event);
        if (!is_probe &&
            connection_log_event(&gateway->connection_log, &event, instant))
            gateway_want_commit_by_interval(gateway, instant.now_ms);
        if (event.is_stuck) /* the next process sends it again, or holds it back */
            gateway_give_up(event.why, -EMSGSIZE);
        if (event.kind == SW_SESSION_DOWN) {
            gateway_break_off_echo(gateway);
            dropped_away(&gateway->dropped, &gateway->online_spans);
        }
        if (event.kind == SW_SESSION_UP)
            on_up(gateway, event.session_present, instant.now_ms);
        if (delivered != 0 && commit_note_delivered(&gateway->commit, delivered) >= 0)
            gateway_want_commit(gateway, instant.now_ms,
                                gateway->outbox.is_awaited ? 0 : MINUTE_MS);
    }
    connection_log_tick(&gateway->connection_log, instant);
    if (probe_tick(&gateway->probe, gateway->session, instant))
        gateway_want_commit_by_interval(gateway, instant.now_ms);
}

/* Once a minute, on the wall clock's minute while that can be believed. */
static void tick(struct gateway *gateway, int64_t now_ms)
{
    bool is_first = gateway->next_tick_ms == 0; /* who asks for the status shall know */
    gateway->next_tick_ms =
        now_ms + MINUTE_MS - gateway->now.wall_ms % MINUTE_MS + TICK_GRACE_MS;
    patients_mark_everyone(&gateway->patients);
    disk_check_space(&gateway->disk, sw_clock_now_s());
    gateway_publish_health(gateway, now_ms);
    gateway->commit.minute_due = true;
    if (is_first)
        gateway_want_commit_by_interval(gateway, now_ms);
    else /* health and watched time go with what messages bring, if any come */
        gateway_want_commit(gateway, now_ms, TICK_PATIENCE_MS);
}

static void check_store(struct gateway *gateway, int64_t now_ms)
{
    if (patients_is_behind(&gateway->patients))
        gateway_reload(gateway, gateway->patients.today, now_ms);
    else if (gateway->commit.epoch != gateway->patients.epoch)
        gateway_want_commit(gateway, now_ms, 0); /* it was loaded for a message */
}

static void publish_all(struct gateway *gateway, int64_t now_ms)
{
    gateway->next_today_ms = INT64_MAX;
    if (!gateway->connection_log.up) {
        publish_drop_nudges(&gateway->patients);
        gateway->ingest.actions.n_answers = 0; /* who asked cannot be reached either */
        return;
    }
    int r = 0;
    if (!echo_holds_back(&gateway->echo) && !check_is_awaited(&gateway->data.check))
        r = outbox_pump(&gateway->outbox, gateway->data.store, gateway->session,
                        now_ms);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0)
        sw_log(SW_LOG_WARNING, "cannot read the outbox: %s",
               sw_store_why(gateway->data.store, r));
    gateway_clear_tests(gateway, now_ms);
    actions_publish(&gateway->ingest.actions, gateway->session, gateway->config->site);
    gateway->next_today_ms = publish_patients(gateway->session, gateway->config->site,
                                              &gateway->patients, now_ms);
}

static void turn(struct gateway *gateway)
{
    gateway_wait(gateway, sw_clock_monotonic_ms());
    gateway_check_clocks(gateway);
    int64_t now_ms = gateway->now.monotonic_ms, now_s = gateway->now.wall_ms / 1000;
    on_session(gateway, (struct instant){now_s, now_ms});
    check_integrity(gateway, now_ms);
    bool watches = gateway->connection_log.up && gateway_is_clock_trusted(gateway) &&
                   !gateway->was_asleep;
    if (watches)
        gateway_log_missed(&gateway->online_spans, now_s);
    online_spans_tick(&gateway->online_spans, now_s, watches);
    int r = gateway_take_messages(gateway, now_s, now_ms);
    if (r >= 0)
        r = gateway_take_again(gateway, now_s, now_ms);
    if (r >= 0)
        r = gateway_hear_echo(gateway);
    if (r < 0)
        gateway_give_up("cannot take in messages", r);
    if (now_ms >= gateway->next_tick_ms)
        tick(gateway, now_ms);
    if (lookout_is_due(&gateway->lookout, now_ms))
        check_store(gateway, now_ms);
    gateway_settle_echo(gateway, now_s, now_ms);
    gateway_judge_and_commit(gateway, now_s, now_ms);
    /* a commit takes its time: by a newer clock */
    gateway_sync_what_waits(gateway, sw_clock_monotonic_ms());
    disk_check_inbox(&gateway->disk, now_s);
    gateway_check_other(gateway, now_s, now_ms);
    gateway_publish_incidents(gateway, now_ms);
    publish_all(gateway, now_ms);
    lookout_forget_own(&gateway->lookout, sw_clock_monotonic_ms());
    sd_notify(0, "WATCHDOG=1");
    sw_lock_beat(gateway->data.lock_fd, sw_clock_monotonic_ms());
}

static void log_sources(const struct gateway *gateway)
{
    sw_topic_text filter;
    for (size_t i = 0; sw_adapters_filter(gateway->adapters, i, filter); i++)
        sw_log(SW_LOG_NOTICE, "source %s listens to %s",
               gateway->config->sources[i].name, filter);
}

int gateway_run(const struct sw_config *config)
{
    struct gateway *gateway = calloc(1, sizeof(*gateway));
    if (!gateway)
        return 1;
    gateway->config = config;
    uint64_t instance;
    arc4random_buf(&instance, sizeof instance);
    snprintf(gateway->instance, sizeof gateway->instance, "%016" PRIx64, instance);
    gateway_sign_health(gateway);
    gateway->data = (struct data){
        .config = config, .incidents = &gateway->incidents, .lock_fd = -1};
    gateway->signal_fd = gateway->clock_fd = -1;
    disk_init(&gateway->disk, &gateway->data);
    gateway->started_ms = sw_clock_monotonic_ms();
    receive_clock_init(&gateway->keeper);
    gateway->now = sw_clock_read();
    int r = gateway_open(gateway);
    if (r >= 0) {
        sw_log(SW_LOG_NOTICE, "stepward-gateway %s: site %s, %zu patient%s, %s",
               STEPWARD_VERSION, config->site, gateway->patients.n,
               sw_plural((int64_t)gateway->patients.n), config->data_dir);
        log_sources(gateway);
        sd_notify(0, "READY=1\nSTATUS=");
    }
    while (r >= 0 && !gateway->stopping)
        turn(gateway);
    if (r >= 0)
        sd_notify(0, "STOPPING=1");
    int code = r < 0 && r != -ECANCELED ? 1 : 0;
    gateway_close(gateway, code);
    free(gateway);
    return code;
}
