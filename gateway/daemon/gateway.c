/* gateway.c -- open the gateway, with waiting where that may help, and close it: on
 * request, because of damage, or because it must.
 *
 * In what state files may be found, and what is done about it, is the business of
 * data.c and recovery.c. The session connects in the first turn of the loop. By the end,
 * everything that was acknowledged is in the inbox or in the store, so that no end can
 * lose it. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "daemon/gateway.h"
#include "records/site.h"
#include "util/file.h"

enum {
    WAIT_EXTEND_S = 5 * 60, /* of the start, while the disk recovers */
    RETRY_MS = 5000,
    VERIFY_S = 60 * 60, /* all of a large database and its indexes, on a card */
    WATCHDOG_SHARE = 3, /* this many turns before systemd would kill us */
    GOODBYE_MS = 2000,
};

static void log_waiting(struct gateway *gateway, const char *why, int r)
{
    int room = SW_WHY_MAX - 3 - (int)strlen(disk_remedy(r));
    incidents_begin(&gateway->incidents, SW_INCIDENT_CANNOT_STORE, sw_clock_now_s(),
                    "%.*s: %s", room, why, disk_remedy(r));
    incidents_fill_health(&gateway->incidents, sw_clock_now_s(), &gateway->health);
    struct sw_lock_state starting = {.is_known = true, .is_starting = true};
    data_note(&gateway->data, &gateway->health, &starting, sw_clock_monotonic_ms());
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=%s", WAIT_EXTEND_S * 1000000LL,
               gateway->health.problem);
}

/* Wait until it is time to try again. Returns true if the gateway was asked to stop. */
static bool wait_to_retry(const struct gateway *gateway)
{
    struct pollfd signal = {.fd = gateway->signal_fd, .events = POLLIN};
    int64_t now_ms = sw_clock_monotonic_ms(), until_ms = now_ms + RETRY_MS;
    for (; now_ms < until_ms && !signal.revents; now_ms = sw_clock_monotonic_ms()) {
        sw_lock_beat(gateway->data.lock_fd, now_ms);
        poll(&signal, 1, GATEWAY_LOOK_MS);
    }
    return signal.revents != 0;
}

/* A gateway that ended because of a full disk would only be restarted again and again.
 * It waits here instead, reports that, and goes on when the disk recovers. It does not
 * connect, so that the broker keeps the messages: its last will says "offline", and the
 * note in the lock file says why. Returns -ECANCELED if it was asked to stop. */
static int open_patiently(struct gateway *gateway,
                          int (*open_it)(struct data *data, char *why))
{
    char why[SW_WHY_MAX] = "";
    int r;
    while (disk_may_mend(r = open_it(&gateway->data, why))) {
        log_waiting(gateway, why, r);
        if (wait_to_retry(gateway))
            return -ECANCELED;
    }
    if (r < 0)
        sw_log(SW_LOG_ERROR, "%s", why);
    return r;
}

/* ---- what the last run left in the store ---- */

/* The health that is stored is of an earlier run, but for its counters. */
static void sign_health(struct gateway *gateway)
{
    struct sw_health *health = &gateway->health;
    snprintf(health->client_id, sizeof health->client_id, "%s",
             gateway->config->broker.client_id);
    snprintf(health->instance, sizeof health->instance, "%s", gateway->instance);
    snprintf(health->version, sizeof health->version, "%s", STEPWARD_VERSION);
    health->connected = false;
    health->written_at_s = 0; /* not yet by this run */
}

static int load_memory(struct gateway *gateway)
{
    struct sw_store *store = gateway->data.store;
    struct sw_health stored;
    struct sw_boot_clock last;
    int64_t now_s = sw_clock_now_s();
    int r = sw_store_get_health(store, &stored);
    if (r < 0)
        return r;
    if (r == 0)
        gateway->health = stored;
    sign_health(gateway);
    r = sw_store_last_clock(store, &last);
    if (r < 0)
        return r;
    receive_clock_resume(&gateway->clock, r == 0 ? &last : NULL, &gateway->now);
    sw_store_use_clock(store, gateway->clock.clock.key);
    r = online_spans_load(&gateway->online_spans, store);
    if (r >= 0)
        r = incidents_load(&gateway->incidents, store, now_s);
    if (r >= 0)
        r = dropped_load(&gateway->dropped, store);
    if (r < 0)
        return r;
    dropped_away(&gateway->dropped, &gateway->online_spans);
    sw_store_ignore_notes(store);
    gateway->patients = (struct patients){.store = store,
                                          .zone = &gateway->zone,
                                          .now_s = now_s,
                                          .beat = {.lock_fd = gateway->data.lock_fd}};
    return patients_load(&gateway->patients, sw_day_of(&gateway->zone, now_s));
}

/* ---- what else is opened ---- */

static int catch_signals(struct gateway *gateway)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    signal(SIGXFSZ, SIG_IGN);           /* a file size limit acts like a full disk */
    sigprocmask(SIG_BLOCK, &set, NULL); /* before Paho starts its threads */
    gateway->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    return gateway->signal_fd < 0 ? -errno : 0;
}

/* What the loop waits for, besides parts with a descriptor of their own. */
static void open_watches(struct gateway *gateway)
{
    char path[SW_PATH_BYTES_MAX];
    uint64_t watchdog_us = 0;
    snprintf(path, sizeof path, "%s/stepward.db", gateway->config->data_dir);
    int r = sw_store_watch_init(&gateway->store_watch, path);
    if (r < 0)
        sw_log(SW_LOG_NOTICE,
               "cannot watch the database (%s): looking at it every second",
               strerror(-r));
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

/* Under the new site everything is published as to a broker that has lost it. */
static int move_site(struct gateway *gateway)
{
    bool is_moved = false;
    int r = sw_records_move_site(gateway->data.store, gateway->config->site, &is_moved);
    gateway_note_failure(gateway, r, "cannot leave the former site");
    if (is_moved) {
        gateway->reconcile.session_lost = true;
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
    sw_topic_gateway(size, config->site, "size");
    struct subscriptions *subscriptions = &gateway->subscriptions;
    int r = subscriptions_init(subscriptions, gateway->data.store, config->site,
                               gateway->adapters);
    if (r >= 0)
        r = subscriptions_remember(gateway->data.store, subscriptions, true);
    if (disk_may_mend(r)) /* it is stored once we are connected */
        r = 0;
    if (r < 0)
        return r;
    struct sw_session_options options = {
        .uri = config->broker.uri,
        .client_id = config->broker.client_id,
        .protocol = config->broker.protocol,
        .username = config->broker.username,
        .password = config->broker.password,
        .ca_file = config->broker.ca_file,
        .cert_file = config->broker.cert_file,
        .key_file = config->broker.key_file,
        .session_expiry_s = config->max_age_s,
        .will_topic = will,
        .size_topic = size,
        .filters = subscriptions->filters,
        .n_filters = subscriptions->n_filters,
        .n_optional = SUBSCRIPTIONS_OPTIONAL,
        .filters_live = subscriptions->live,
        .filters_no_local = subscriptions->no_local,
        .stale_filters = subscriptions->stale,
        .n_stale_filters = subscriptions->n_stale,
        .message = receiver_on_message,
        .ctx = &gateway->receiver,
    };
    gateway->receiver.adapters = gateway->adapters;
    gateway->receiver.inbox = gateway->data.inbox;
    atomic_store(&gateway->receiver.is_checking, gateway->data.check.is_awaited);
    r = sw_session_new(&gateway->session, &options, why);
    if (r < 0)
        sw_log(SW_LOG_ERROR, "%s: %s", config->broker.uri, why);
    return r;
}

/* All is open: the parts learn of each other, and what the last run left for them. */
static void join_parts(struct gateway *gateway)
{
    const struct sw_config *config = gateway->config;
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
                                      .keeper = &gateway->clock};
    gateway->commit_policy.interval_ms = config->commit_interval_s * 1000;
    gateway->outbox.maybe_more = true;
    gateway->overviews = (struct overviews){
        .site = config->site, .patients = &gateway->patients, .lists_due = true};
    connection_log_init(&gateway->connection_log, config, &gateway->incidents,
                        &gateway->online_spans);
    gateway_recall_mark(gateway);
    gateway_recall_login(gateway);
    probe_init(&gateway->probe, config->site, &gateway->subscriptions,
               &gateway->patients, &gateway->incidents, &gateway->receiver.ears);
}

static int open_all(struct gateway *gateway)
{
    const struct sw_config *config = gateway->config;
    int r = sw_zone_load(&gateway->zone, config->timezone);
    if (r >= 0)
        r = sw_zone_be_local(config->timezone);
    if (r < 0) {
        sw_log(SW_LOG_ERROR, "cannot load the time zone %s", config->timezone);
        return r;
    }
    r = catch_signals(gateway);
    if (r >= 0)
        r = receiver_init(&gateway->receiver, config->site, gateway->instance);
    if (r >= 0)
        r = open_patiently(gateway, data_lock);
    if (r < 0)
        return r;
    if (gateway->data.note.suspect)
        sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%lld\nSTATUS=checking all of the database",
                   VERIFY_S * 1000000LL);
    r = open_patiently(gateway, data_open_store);
    if (r >= 0)
        r = load_memory(gateway);
    gateway_stop_if_damaged(gateway, r);
    if (r < 0)
        return r;
    open_watches(gateway);
    r = open_patiently(gateway, data_open_inbox);
    if (r < 0)
        return r;
    /* Store incidents at once: a crash before the first commit would lose the record of
     * damage. If that fails now, the first commit does it. */
    incidents_store(&gateway->incidents, gateway->data.store);
    r = move_site(gateway);
    if (r < 0)
        return r;
    reconcile_load(&gateway->reconcile, gateway->data.store, config->site,
                   gateway->data.is_renewed);
    r = sw_adapters_new(&gateway->adapters, config->sources, config->n_sources);
    if (r < 0)
        return r;
    join_parts(gateway);
    r = notify_init(&gateway->notify, config, &gateway->zone, gateway->data.store,
                    &gateway->incidents);
    return r < 0 ? r : open_session(gateway);
}

int gateway_open(struct gateway *gateway, const struct sw_config *config)
{
    sw_topic_text filter;
    uint64_t instance;
    arc4random_buf(&instance, sizeof instance);
    snprintf(gateway->instance, sizeof gateway->instance, "%016" PRIx64, instance);
    gateway->config = config;
    sign_health(gateway);
    gateway->data = (struct data){
        .config = config, .incidents = &gateway->incidents, .lock_fd = -1};
    gateway->signal_fd = gateway->clock_fd = gateway->store_watch.fd = -1;
    gateway->notify.epoll_fd = -1;
    gateway->disk = (struct disk_monitor){.data = &gateway->data,
                                          .appended = &gateway->receiver.appended};
    gateway->started_ms = sw_clock_monotonic_ms();
    receive_clock_init(&gateway->clock);
    gateway->now = sw_clock_read();
    int r = open_all(gateway);
    if (r < 0)
        return r;
    sw_log(SW_LOG_NOTICE, "stepward-gateway %s: site %s, %zu patient%s, %s",
           STEPWARD_VERSION, config->site, gateway->patients.n,
           sw_plural((int64_t)gateway->patients.n), config->data_dir);
    for (size_t i = 0; sw_adapters_filter(gateway->adapters, i, filter); i++)
        sw_log(SW_LOG_NOTICE, "source %s listens to %s", config->sources[i].name,
               filter);
    sd_notify(0, "READY=1\nSTATUS=");
    return r;
}

/* ---- the end ---- */

void gateway_stop_as_damaged(struct gateway *gateway, const char *how)
{
    sw_log(SW_LOG_ERROR,
           "the database is damaged (%s): stopping, and the next start moves it aside",
           how);
    struct sw_lock_note *note = &gateway->data.note;
    note->suspect = true; /* the next start checks all of it */
    snprintf(note->problem, sizeof note->problem, "%s",
             "the database is damaged: `sudo systemctl restart stepward-gateway`");
    sw_lock_write(gateway->data.lock_fd, note);
    _exit(1);
}

void gateway_stop_if_damaged(struct gateway *gateway, int r)
{
    if (r == -EUCLEAN)
        gateway_stop_as_damaged(gateway, sw_store_why(gateway->data.store, r));
}

void gateway_note_failure(struct gateway *gateway, int r, const char *what)
{
    gateway_stop_if_damaged(gateway, r);
    if (r < 0)
        sw_log(SW_LOG_WARNING, "%s: %s", what, sw_store_why(gateway->data.store, r));
}

void gateway_close(struct gateway *gateway, int code)
{
    bool is_open = gateway->session != NULL;
    notify_fini(&gateway->notify);
    if (!sw_session_free(gateway->session, GOODBYE_MS)) {
        /* The session stays until the process ends, and its threads still use the inbox
         * and all of the receiver, so freeing these is left to the kernel. */
        sw_log(SW_LOG_NOTICE,
               "%s did not answer the disconnect: ending without its answer",
               gateway->config->broker.uri);
        sw_store_close(gateway->data.store);
        _exit(code);
    }
    if (is_open)
        gateway_note_mark(gateway);
    subscriptions_fini(&gateway->subscriptions);
    reconcile_fini(&gateway->reconcile);
    overviews_fini(&gateway->overviews);
    receiver_fini(&gateway->receiver);
    commit_fini(&gateway->commit);
    ingest_fini(&gateway->ingest);
    patients_fini(&gateway->patients);
    data_close(&gateway->data);
    sw_adapters_free(gateway->adapters);
    sw_zone_fini(&gateway->zone);
    sw_store_watch_fini(&gateway->store_watch);
    if (gateway->clock_fd >= 0)
        close(gateway->clock_fd);
    if (gateway->signal_fd >= 0)
        close(gateway->signal_fd);
}
