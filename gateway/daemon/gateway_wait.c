/* gateway_wait.c -- what the loop waits for, and how long at most.
 *
 * What happens says so by a descriptor, and what is due has a time. A gateway that is
 * not as it should be looks at everything every second besides: what mends, or is put
 * off, need not say when. What is done about it is the turn's business.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/gateway_private.h"

enum { WATCHDOG_SHARE = 3 }; /* so many turns before systemd would end us */

void gateway_open_ears(struct gateway *gateway)
{
    char path[SW_DOORBELL_PATH_MAX];
    uint64_t watchdog_us = 0;
    snprintf(path, sizeof path, "%s/stepward.db", gateway->config->data_dir);
    lookout_open(&gateway->lookout, path);
    gateway->clock_fd = sw_clock_set_fd();
    if (gateway->clock_fd < 0)
        sw_log(SW_LOG_NOTICE,
               "cannot be told when the clock is set (%s): looking at it every second",
               strerror(-gateway->clock_fd));
    gateway->idle_ms = GATEWAY_IDLE_MS;
    if (sd_watchdog_enabled(0, &watchdog_us) > 0 &&
        watchdog_us / 1000 / WATCHDOG_SHARE < GATEWAY_IDLE_MS)
        gateway->idle_ms = (int64_t)(watchdog_us / 1000 / WATCHDOG_SHARE);
}

void gateway_close_ears(struct gateway *gateway)
{
    lookout_close(&gateway->lookout);
    if (gateway->clock_fd >= 0)
        close(gateway->clock_fd);
}

/* ---- how long ---- */

/* Nothing was left for a next turn that has no time of its own. */
static bool is_done(const struct gateway *gateway)
{
    return gateway->retry_at_ms == 0 && !gateway->ingest.maybe_marked &&
           !outbox_waits(&gateway->outbox) && !echo_is_awaited(&gateway->echo) &&
           !check_is_awaited(&gateway->data.check) &&
           !connection_log_waits(&gateway->connection_log) &&
           !other_waits(&gateway->other) && !probe_waits(&gateway->probe);
}

static bool is_calm(const struct gateway *gateway)
{
    bool is_well = gateway->connection_log.up && gateway->health.problem[0] == '\0';
    bool knows_time = gateway_is_clock_trusted(gateway) && gateway->clock_fd >= 0;
    return is_well && knows_time && is_done(gateway);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* From the beginning of the turn, however long that took. */
static int64_t next_turn_ms(const struct gateway *gateway, int64_t now_ms)
{
    int64_t most_ms = is_calm(gateway) ? gateway->idle_ms : GATEWAY_LOOK_MS;
    return sooner(gateway->now.monotonic_ms + gateway->idle_ms, now_ms + most_ms);
}

static int64_t commit_at_ms(const struct gateway *gateway)
{
    bool is_later = gateway->commit_at_ms < gateway->retry_at_ms;
    if (gateway->commit_at_ms == 0)
        return INT64_MAX;
    return is_later ? gateway->retry_at_ms : gateway->commit_at_ms;
}

/* session_ms and pause_ms: < 0: they need no turn. */
static int poll_ms(const struct gateway *gateway, int session_ms, int pause_ms,
                   int64_t now_ms)
{
    int64_t at_ms = sooner(next_turn_ms(gateway, now_ms), gateway->next_tick_ms);
    at_ms = sooner(at_ms, gateway->lookout.next_ms);
    at_ms = sooner(at_ms, gateway->next_today_ms);
    at_ms = sooner(at_ms, commit_at_ms(gateway));
    if (session_ms >= 0)
        at_ms = sooner(at_ms, now_ms + session_ms);
    if (pause_ms >= 0)
        at_ms = sooner(at_ms, now_ms + pause_ms);
    return at_ms > now_ms ? (int)(at_ms - now_ms) : 0;
}

/* ---- for what ---- */

/* While no message could be kept the broker keeps them: do not go and get them. */
static int tick_session(struct gateway *gateway, int64_t now_ms)
{
    bool may_connect = gateway->connection_log.up || disk_takes(&gateway->disk, now_ms);
    if (may_connect) {
        herald_stop(&gateway->herald);
        return sw_session_tick(gateway->session, now_ms);
    }
    if (gateway->health.problem[0] != '\0')
        herald_tell(&gateway->herald, gateway->config, &gateway->health, now_ms);
    return GATEWAY_LOOK_MS;
}

void gateway_wait(struct gateway *gateway, int64_t now_ms)
{
    int pause_ms = throttle_wait_ms(&gateway->throttle, sw_clock_monotonic_us());
    bool is_pausing = pause_ms > 0 && !gateway->more_wait;
    bool reads_inbox =
        gateway->retry_at_ms == 0 && !gateway_is_held(gateway) && !is_pausing;
    struct pollfd fds[] = {
        {.fd = gateway->signal_fd, .events = POLLIN},
        {.fd = gateway->clock_fd, .events = POLLIN},
        {.fd = sw_session_fd(gateway->session), .events = POLLIN},
        {.fd = reads_inbox ? sw_inbox_fd(gateway->data.inbox) : -1, .events = POLLIN},
        {.fd = check_fd(&gateway->data.check), .events = POLLIN},
        {.fd = gateway->echo_box.fd, .events = POLLIN},
        {.fd = lookout_fd(&gateway->lookout), .events = POLLIN},
    };
    int session_ms = tick_session(gateway, now_ms);
    gateway->inbox_woke = gateway->inbox_woke && reads_inbox;
    poll(fds, sizeof(fds) / sizeof(fds[0]),
         poll_ms(gateway, session_ms, pause_ms, now_ms));
    if (fds[0].revents & POLLIN)
        gateway->stopping = true;
    if (fds[1].revents & POLLIN)
        sw_clock_set_clear(gateway->clock_fd);
}
