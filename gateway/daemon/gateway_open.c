/* gateway_open.c -- the start: everything is opened in order, and waited for where
 * waiting may help.
 *
 * In what state files may be found, and what is done about it, is data.c's business;
 * closing is gateway_end.c's. The session connects with the first turn of the loop.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>

#include "daemon/gateway_private.h"
#include "records/site.h"

enum {
    WAIT_EXTEND_S = 5 * 60, /* of the start, while the disk mends */
    VERIFY_S = 60 * 60,     /* all of a large database and its indexes, on a card */
};

static void log_waiting(struct gateway *gateway, const char *why, int r)
{
    int room = SW_WHY_MAX - 3 - (int)strlen(disk_remedy(r));
    incidents_begin(&gateway->incidents, SW_INCIDENT_CANNOT_STORE, sw_clock_now_s(),
                    "%.*s: %s", room, why, disk_remedy(r));
    incidents_fill_health(&gateway->incidents, sw_clock_now_s(), &gateway->health);
    struct sw_lock_state starting = {.is_sent_day = true, .is_starting = true};
    data_note(&gateway->data, &gateway->health, &starting, sw_clock_monotonic_ms());
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=%s", WAIT_EXTEND_S * 1000000LL,
               gateway->health.problem);
}

/* Until it is time to try again; true: it was told to end. */
static bool wait_with_herald(struct gateway *gateway)
{
    struct pollfd fds[] = {{.fd = gateway->signal_fd, .events = POLLIN},
                           {.fd = -1, .events = POLLIN}};
    int64_t now_ms = sw_clock_monotonic_ms(), until_ms = now_ms + GATEWAY_RETRY_MS;
    while (now_ms < until_ms && !fds[0].revents) {
        herald_tell(&gateway->herald, gateway->config, &gateway->health, now_ms);
        sw_lock_beat(gateway->data.lock_fd, now_ms);
        fds[1].fd = herald_fd(&gateway->herald);
        poll(fds, 2, GATEWAY_LOOK_MS);
        now_ms = sw_clock_monotonic_ms();
    }
    return fds[0].revents != 0;
}

/* A gateway that died of a full disk would only be started again, and again: wait here,
 * say so, and go on when it mends. -ECANCELED: told to end. */
static int open_patiently(struct gateway *gateway,
                          int (*open_it)(struct data *data, char *why))
{
    char why[SW_WHY_MAX] = "";
    int r;
    while (disk_may_mend(r = open_it(&gateway->data, why))) {
        log_waiting(gateway, why, r);
        if (wait_with_herald(gateway))
            return -ECANCELED;
    }
    if (r < 0)
        sw_log(SW_LOG_ERROR, "%s", why);
    return r;
}

static int load_clock(struct gateway *gateway)
{
    struct sw_boot_clock last;
    int r = sw_store_last_clock(gateway->data.store, &last);
    if (r < 0)
        return r;
    receive_clock_resume(&gateway->keeper, r == 0 ? &last : NULL, &gateway->now);
    sw_store_use_clock(gateway->data.store, gateway->keeper.clock.key);
    return 0;
}

static int load_memory(struct gateway *gateway)
{
    struct sw_health stored;
    int r = sw_store_get_health(gateway->data.store, &stored);
    if (r < 0)
        return r;
    if (r == 0)
        gateway->health = stored;
    r = load_clock(gateway);
    if (r < 0)
        return r;
    gateway_sign_health(gateway);
    gateway->health.connected = false;
    gateway->health.written_at_s = 0; /* by this run, not yet */
    snprintf(gateway->health.version, sizeof(gateway->health.version), "%s",
             STEPWARD_VERSION);
    r = online_spans_load(&gateway->online_spans, gateway->data.store);
    if (r >= 0)
        r = incidents_load(&gateway->incidents, gateway->data.store, sw_clock_now_s());
    if (r >= 0)
        r = dropped_load(&gateway->dropped, gateway->data.store);
    dropped_away(&gateway->dropped, &gateway->online_spans);
    if (r < 0)
        return r;
    int64_t now_s = sw_clock_now_s();
    gateway->patients = (struct patients){.store = gateway->data.store,
                                          .zone = &gateway->zone,
                                          .now_s = now_s,
                                          .beat = {.lock_fd = gateway->data.lock_fd}};
    return patients_load(&gateway->patients, sw_day_of(&gateway->zone, now_s));
}

static int catch_signals(struct gateway *gateway)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGXFSZ, SIG_IGN); /* a limit of file size is a full disk, no death */
    sigprocmask(SIG_BLOCK, &set, NULL); /* before Paho starts its threads */
    gateway->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return gateway->signal_fd < 0 ? -errno : 0;
}

static int open_store(struct gateway *gateway)
{
    if (gateway->data.note.suspect)
        sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=checking all of the database",
                   VERIFY_S * 1000000LL);
    return open_patiently(gateway, data_open_store);
}

/* Below the new site all is told as to a broker that has lost it. */
static int move_site(struct gateway *gateway)
{
    bool is_moved = false;
    int r = sw_records_move_site(gateway->data.store, gateway->config->site, &is_moved);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0)
        sw_log(SW_LOG_WARNING, "cannot leave the former site: %s",
               sw_store_error(gateway->data.store));
    if (is_moved) {
        gateway->echo.session_lost = true;
        sw_log(SW_LOG_NOTICE,
               "the site is %s now: what was published below the former one is cleared",
               gateway->config->site);
    }
    return disk_may_mend(r) ? 0 : r; /* then the next start does it */
}

static int open_session(struct gateway *gateway)
{
    const struct sw_config *config = gateway->config;
    sw_topic_text will, size;
    char why[SW_WHY_MAX];
    sw_topic_gateway(will, config->site, "status");
    struct subscriptions *subscriptions = &gateway->subscriptions;
    int r = subscriptions_init(subscriptions, gateway->data.store, config->site,
                               gateway->adapters);
    if (r >= 0)
        r = subscriptions_remember(gateway->data.store, subscriptions, true);
    if (disk_may_mend(r)) /* it is remembered as soon as we are connected */
        r = 0;
    if (r < 0)
        return r;
    struct sw_session_options options = connection_log_options(config);
    options.will_topic = will;
    sw_topic_gateway(size, config->site, "size");
    options.size_topic = size;
    options.session_expiry_s = config->max_age_s;
    options.filters = subscriptions->filters;
    options.n_filters = subscriptions->n_filters;
    options.n_optional = SUBSCRIPTIONS_OPTIONAL;
    options.filters_live = subscriptions->live;
    options.stale_filters = subscriptions->stale;
    options.n_stale_filters = subscriptions->n_stale;
    options.message = gateway_on_message;
    options.ctx = gateway;
    r = sw_session_new(&gateway->session, &options, why);
    if (r < 0)
        sw_log(SW_LOG_ERROR, "%s: %s", config->broker.uri, why);
    return r;
}

int gateway_open(struct gateway *gateway)
{
    const struct sw_config *config = gateway->config;
    int r = sw_zone_load(&gateway->zone, config->timezone);
    if (r < 0)
        return r;
    r = catch_signals(gateway);
    if (r >= 0)
        r = echo_box_init(&gateway->echo_box);
    if (r >= 0)
        r = open_patiently(gateway, data_lock);
    if (r >= 0)
        r = open_store(gateway);
    if (r >= 0)
        r = load_memory(gateway);
    gateway_stop_if_damaged(gateway, r);
    if (r >= 0)
        gateway_open_ears(gateway);
    if (r >= 0)
        r = open_patiently(gateway, data_open_inbox);
    /* At once: a crash before the first commit would forget the damage. If it cannot be
     * now, that commit does. */
    if (r >= 0)
        incidents_store(&gateway->incidents, gateway->data.store);
    if (r >= 0)
        r = move_site(gateway);
    if (r >= 0)
        echo_load(&gateway->echo, gateway->data.store, gateway->data.is_renewed);
    if (r >= 0)
        r = sw_adapters_new(&gateway->adapters, config->sources, config->n_sources);
    gateway->ingest = (struct ingest){.config = config,
                                      .adapters = gateway->adapters,
                                      .patients = &gateway->patients,
                                      .maybe_marked = true};
    gateway->commit = (struct commit){.config = config,
                                      .patients = &gateway->patients,
                                      .ingest = &gateway->ingest,
                                      .online_spans = &gateway->online_spans,
                                      .incidents = &gateway->incidents,
                                      .dropped = &gateway->dropped,
                                      .health = &gateway->health,
                                      .keeper = &gateway->keeper};
    connection_log_init(&gateway->connection_log, config, &gateway->incidents,
                        &gateway->online_spans);
    if (r >= 0)
        gateway_recall_mark(gateway);
    gateway->outbox.maybe_more = true;
    probe_init(&gateway->probe, config->site, &gateway->subscriptions,
               &gateway->patients, &gateway->incidents);
    if (r >= 0)
        r = open_session(gateway);
    return r;
}
