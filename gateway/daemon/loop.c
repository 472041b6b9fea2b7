/* loop.c -- the gateway's loop, which connects inbox, store, session, clock and core.
 *
 * One turn reads as a table of contents, see turn(): wait, check the clock, handle
 * session events, take messages in, judge and commit, publish. ingest.c decodes
 * messages, commit.c judges and stores, commit_policy.c decides when. Another thread,
 * Paho's, appends to the inbox: see receiver.h.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "daemon/gateway.h"
#include "stepward/fault.h"

enum {
    MINUTE_MS = 60 * 1000,
    TICK_GRACE_MS = 2, /* clocks are read in whole ms: not before the minute */
    SYNC_GRACE_MS = GATEWAY_LOOK_MS, /* a commit that is due does it better */
    SYNC_RETRY_MS = 5000,
    TAKE_MAX = 16384, /* messages per turn, before everything else is checked */
    TAKE_MS = 1000, /* the same, however long one takes: the watchdog waits for 60 s */
    HOLD_BYTES = SW_INBOX_LIMIT / 2, /* so much waits for the clock to be trusted */
    COMPARE_RETRY_MS = 1000,         /* while what is under way takes all the room */
    DENIED_PUBLICATION = 1,          /* see denials() */
    MESSAGE_US = 4,                  /* about what taking one in costs */
    MISSED_LOGGED_S = 15 * 60,       /* shorter gaps are normal for a network */
};

/* Acknowledged messages must not go into a damaged database. An untrusted clock would
 * refuse good readings, and misdate those without a time of their own. In both cases
 * messages wait: for the clock, as long as the inbox has room. */
static bool holds_messages(const struct gateway *gateway)
{
    if (gateway->data.check.is_awaited)
        return true;
    return !gateway->clock.is_trusted &&
           sw_inbox_unread_bytes(gateway->data.inbox) < HOLD_BYTES;
}

/* ---- wait: until something happens, which a descriptor shows, or is due ---- */

/* All is well, and nothing is left for a next turn that has no time of its own.
 * Otherwise the gateway checks everything every second, so that what recovers, or is
 * put off, need not say when. */
static bool is_calm(const struct gateway *gateway)
{
    bool is_well = gateway->connection_log.up && gateway->health.problem[0] == '\0';
    bool knows_time = gateway->clock.is_trusted && gateway->clock_fd >= 0;
    return is_well && knows_time &&
           !commit_policy_has_failed(&gateway->commit_policy) &&
           !gateway->ingest.maybe_marked && !outbox_waits(&gateway->outbox) &&
           gateway->reconcile.state == RECONCILE_DONE &&
           !gateway->data.check.is_awaited &&
           !connection_log_waits(&gateway->connection_log) &&
           !gateway->other.status_due && !gateway->other.health_due &&
           !probe_waits(&gateway->probe);
}

static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* session_ms and pause_ms: < 0 means that no turn is needed. */
static int poll_ms(const struct gateway *gateway, int session_ms, int pause_ms,
                   int64_t now_ms)
{
    int64_t most_ms = is_calm(gateway) ? gateway->idle_ms : GATEWAY_LOOK_MS;
    /* Counted from the beginning of the turn, however long it took. */
    int64_t at_ms = gateway->now.monotonic_ms + gateway->idle_ms;
    at_ms = sooner(at_ms, now_ms + most_ms);
    at_ms = sooner(at_ms, gateway->next_tick_ms);
    at_ms = sooner(at_ms, gateway->store_watch.next_ms);
    at_ms = sooner(at_ms, gateway->next_today_ms);
    at_ms = sooner(at_ms, gateway->notify.next_ms);
    at_ms = sooner(at_ms, commit_policy_next_ms(&gateway->commit_policy));
    if (is_calm(gateway))
        at_ms = sooner(at_ms, retention_next_ms(&gateway->retention, gateway->config));
    if (session_ms >= 0)
        at_ms = sooner(at_ms, now_ms + session_ms);
    if (pause_ms >= 0)
        at_ms = sooner(at_ms, now_ms + pause_ms);
    return at_ms > now_ms ? (int)(at_ms - now_ms) : 0;
}

static void wait_for_news(struct gateway *gateway)
{
    int64_t now_ms = sw_clock_monotonic_ms();
    struct commit_policy *policy = &gateway->commit_policy;
    int pause_ms = commit_policy_pause_ms(policy, sw_clock_monotonic_us());
    bool is_pausing = pause_ms > 0 && !gateway->more_wait;
    bool reads_inbox =
        !commit_policy_has_failed(policy) && !holds_messages(gateway) && !is_pausing;
    struct pollfd fds[] = {
        {.fd = gateway->signal_fd, .events = POLLIN},
        {.fd = gateway->clock_fd, .events = POLLIN},
        {.fd = sw_session_fd(gateway->session), .events = POLLIN},
        {.fd = reads_inbox ? sw_inbox_fd(gateway->data.inbox) : -1, .events = POLLIN},
        {.fd = check_fd(&gateway->data.check), .events = POLLIN},
        {.fd = gateway->receiver.notices.fd, .events = POLLIN},
        {.fd = sw_store_watch_fd(&gateway->store_watch), .events = POLLIN},
        {.fd = notify_fd(&gateway->notify), .events = POLLIN},
    };
    /* While no message could be kept, the broker keeps them: do not connect to fetch
     * them. */
    bool may_connect = gateway->connection_log.up || disk_takes(&gateway->disk, now_ms);
    int session_ms =
        may_connect ? sw_session_tick(gateway->session, now_ms) : GATEWAY_LOOK_MS;
    gateway->inbox_woke = gateway->inbox_woke && reads_inbox;
    poll(fds, sizeof(fds) / sizeof(fds[0]),
         poll_ms(gateway, session_ms, pause_ms, now_ms));
    if (fds[0].revents & POLLIN) {
        gateway->stopping = true;
        commit_policy_want(policy, COMMIT_SHUTDOWN, now_ms);
    }
    if (fds[1].revents & POLLIN)
        sw_clock_set_clear(gateway->clock_fd);
}

/* ---- the session ---- */

/* The broker is compared with the store once more, by and by, and what it refused or
 * lacks is published again. */
static void compare_later(struct gateway *gateway, int64_t from_ms)
{
    gateway->is_compare_due = true;
    gateway->compare_from_ms = from_ms;
}

static void loop_on_up(struct gateway *gateway, bool session_present, int64_t now_ms)
{
    subscriptions_remember(gateway->data.store, &gateway->subscriptions, false);
    probe_begin(&gateway->probe, now_ms);
    gateway->is_compare_due = gateway->compares_anew = false;
    int r =
        reconcile_start(&gateway->reconcile, gateway->session, session_present, now_ms);
    if (r < 0) /* too much is under way */
        compare_later(gateway, now_ms + COMPARE_RETRY_MS);
    if (!publish_status(gateway->session, gateway->config->site))
        gateway->other.status_due = true; /* see gateway_check_other() */
    gateway_publish_health(gateway, now_ms);
    gateway->outbox.maybe_more = true;
}

/* What the broker now keeps from us for want of rights: one bit per kind. The first is
 * DENIED_PUBLICATION. */
static unsigned denials(const struct incidents *incidents)
{
    static const enum sw_incident_kind kinds[] = {SW_INCIDENT_PUBLICATION_REFUSED,
                                                  SW_INCIDENT_DEAF, SW_INCIDENT_MUTE,
                                                  SW_INCIDENT_SUBSCRIPTION_REFUSED};
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        bits |= (unsigned)incidents_lasts(incidents, kinds[i]) << i;
    return bits;
}

/* Overviews and lists are published seldom, so that none was refused for a while says
 * nothing. */
static void note_what_waits(struct gateway *gateway)
{
    const struct incidents *incidents = &gateway->incidents;
    const struct overviews *overviews = &gateway->overviews;
    struct connection_log *log = &gateway->connection_log;
    log->refused_waits = incidents_lasts(incidents, SW_INCIDENT_PUBLICATION_REFUSED) &&
                         overviews_have_failed(overviews, OVERVIEW_REFUSED);
    log->too_large_waits = incidents_lasts(incidents, SW_INCIDENT_TOO_LARGE) &&
                           overviews_have_failed(overviews, OVERVIEW_TOO_LARGE);
}

static void on_session(struct gateway *gateway, struct instant instant)
{
    struct commit_policy *policy = &gateway->commit_policy;
    struct sw_session_event event;
    unsigned denied = denials(&gateway->incidents);
    while (sw_session_next(gateway->session, &event)) {
        int64_t delivered = outbox_event(&gateway->outbox, &event, instant.now_ms);
        if (delivered != 0)
            FAULT_POINT(after_delivered);
        bool is_probe = probe_event(&gateway->probe, &event);
        asks_event(&gateway->asks, &event);
        overviews_event(&gateway->overviews, &event, instant.now_ms);
        if (!is_probe &&
            connection_log_event(&gateway->connection_log, &event, instant))
            commit_policy_want(policy, COMMIT_STATUS, instant.now_ms);
        if (event.is_stuck) /* the next process resends it, or holds it back */
            gateway_give_up(event.why, -EMSGSIZE);
        if (event.kind == SW_SESSION_DOWN) {
            gateway_break_off(gateway);
            dropped_away(&gateway->dropped, &gateway->online_spans);
        }
        if (event.kind == SW_SESSION_UP) {
            gateway_note_login(gateway);
            loop_on_up(gateway, event.session_present, instant.now_ms);
        }
        if (event.kind == SW_SESSION_SUBSCRIBED && gateway->compares_anew) {
            patients_republish_today(&gateway->patients);
            loop_on_up(gateway, true, instant.now_ms); /* nothing was lost since UP */
        } else if (event.kind == SW_SESSION_SUBSCRIBED) {
            reconcile_drop_repeated(&gateway->reconcile);
        }
        if (delivered != 0 && commit_note_delivered(&gateway->commit, delivered) >= 0)
            commit_policy_want(
                policy, gateway->outbox.is_awaited ? COMMIT_AWAITED : COMMIT_DELIVERED,
                instant.now_ms);
    }
    note_what_waits(gateway);
    connection_log_tick(&gateway->connection_log, instant);
    if (probe_tick(&gateway->probe, gateway->session, instant))
        commit_policy_want(policy, COMMIT_STATUS, instant.now_ms);
    /* A right was granted, so what was refused or not received until then is made good.
     * A topic that stays refused, and is seldom published, looks like a granted right
     * now and then: that alone is no reason to compare later on. */
    unsigned granted = denied & ~denials(&gateway->incidents);
    bool is_due = gateway->is_compare_due || granted != 0;
    gateway->is_compare_due |= (granted & ~(unsigned)DENIED_PUBLICATION) != 0;
    if (gateway->connection_log.up && is_due && !gateway->compares_anew &&
        instant.now_ms >= gateway->compare_from_ms) {
        compare_later(gateway, instant.now_ms + PROBE_EVERY_MS);
        reconcile_break_off(&gateway->reconcile);
        overviews_forget(&gateway->overviews);
        gateway->compares_anew = true;
        sw_session_subscribe_again(gateway->session);
    }
}

/* ---- the inbox ---- */

static int take_messages(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct commit_policy *policy = &gateway->commit_policy;
    struct ingest *ingest = &gateway->ingest;
    struct sw_inbox_record record;
    int r = 0;
    if (gateway->inbox_woke)
        gateway->safe_ms = now_ms;
    gateway->more_wait = false;
    if (holds_messages(gateway) || commit_policy_has_failed(policy))
        return 0;
    for (int i = 0; i < TAKE_MAX && !ingest_is_full(ingest); i++) {
        r = sw_inbox_read(gateway->data.inbox, &record);
        gateway->more_wait = r != 0;
        if (r == 0)
            gateway->taken_ms = now_ms;
        if (r <= 0)
            break;
        gateway->n_news++;
        receive_clock_date(&gateway->clock, &record, &gateway->now,
                           now_s + gateway->config->max_future_s);
        r = ingest_take(ingest, &record, now_s);
        gateway_stop_if_damaged(gateway, r);
        if (r < 0 || sw_clock_monotonic_ms() - now_ms >= TAKE_MS)
            break;
    }
    ingest_want_commit(ingest, policy, now_ms);
    return r < 0 ? r : 0;
}

/* Refused messages to be tried again, with the same trusted clock that new ones
 * need. */
static int take_again(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    bool may_take = gateway->clock.is_trusted && !holds_messages(gateway) &&
                    !commit_policy_has_failed(&gateway->commit_policy);
    int r = may_take ? ingest_take_again(&gateway->ingest, now_s) : 0;
    gateway_stop_if_damaged(gateway, r);
    if (r > 0)
        commit_policy_want(&gateway->commit_policy, COMMIT_RETRIED, now_ms);
    return r;
}

/* Messages that are not committed in time, because of a clock or a disk, are synced in
 * the inbox. Usually the commit comes first, and this costs nothing. */
static void sync_inbox(struct gateway *gateway, int64_t now_ms)
{
    int64_t patience_ms = gateway->config->commit_interval_s * 1000 + SYNC_GRACE_MS;
    bool is_empty = sw_inbox_pending(gateway->data.inbox) == 0;
    bool is_due =
        now_ms - gateway->safe_ms >= patience_ms && now_ms >= gateway->sync_retry_ms;
    gateway->inbox_woke = is_empty; /* if the loop waits for it */
    if (!is_empty && !is_due)
        return;
    int r = is_empty ? 0 : sw_inbox_sync(gateway->data.inbox);
    if (r < 0) {
        sw_log(SW_LOG_WARNING, "cannot sync the inbox: %s", strerror(-r));
        gateway->sync_retry_ms = now_ms + SYNC_RETRY_MS;
        return;
    }
    gateway->safe_ms = now_ms;
}

/* ---- what is due now and then ---- */

static void check_integrity(struct gateway *gateway, int64_t now_ms)
{
    int r = check_tick(&gateway->data.check, now_ms);
    if (r == -EUCLEAN)
        gateway_stop_as_damaged(gateway, gateway->data.check.why);
    if (r != CHECK_SOUND)
        return;
    atomic_store(&gateway->receiver.is_checking, false);
    patients_mark_everyone(&gateway->patients);
}

/* Silence is counted only in time in which messages could be received, not while the
 * gateway was off, or without broker or clock. */
static void watch(struct gateway *gateway, int64_t now_s)
{
    struct online_spans *online = &gateway->online_spans;
    bool watches =
        gateway->connection_log.up && gateway->clock.is_trusted && !gateway->was_asleep;
    int64_t missed_s = watches ? online_spans_missed_s(online, now_s) : 0;
    char since[SW_INSTANT_LEN + 1];
    if (missed_s >= MISSED_LOGGED_S) {
        sw_instant_format(online_until_s(online), since);
        sw_log(SW_LOG_NOTICE,
               "nobody watched for %lld h %lld min, since %s: no alert is raised for "
               "that time",
               (long long)(missed_s / 3600), (long long)(missed_s % 3600 / 60), since);
    }
    online_spans_tick(online, now_s, watches);
    if (watches)
        asks_tick(&gateway->asks, gateway->config, &gateway->zone, gateway->session,
                  now_s);
}

/* Once a minute, on the wall clock's minute while the clock is trusted. */
static void tick(struct gateway *gateway, int64_t now_ms)
{
    bool is_first = gateway->next_tick_ms == 0; /* so `stepward status` knows early */
    gateway->next_tick_ms =
        now_ms + MINUTE_MS - gateway->now.wall_ms % MINUTE_MS + TICK_GRACE_MS;
    patients_mark_everyone(&gateway->patients);
    overviews_pass(&gateway->overviews, gateway->now.wall_ms / 1000);
    disk_check_space(&gateway->disk, sw_clock_now_s());
    gateway_publish_health(gateway, now_ms);
    gateway->commit.minute_due = true;
    commit_policy_want(&gateway->commit_policy,
                       is_first ? COMMIT_STATUS : COMMIT_MINUTE, now_ms);
}

void gateway_reload(struct gateway *gateway, int32_t today, int64_t now_ms)
{
    commit_check_digests(&gateway->commit);
    int r = ingest_load(&gateway->ingest, today);
    gateway_note_failure(gateway, r, "cannot read the database");
    gateway->outbox.maybe_more = true;
    commit_policy_want(&gateway->commit_policy, COMMIT_STORE_CHANGED, now_ms);
}

static void check_store(struct gateway *gateway, int64_t now_ms)
{
    bool is_loaded =
        gateway->commit.epoch != gateway->patients.epoch; /* for a message */
    if (patients_is_behind(&gateway->patients))
        gateway_reload(gateway, gateway->patients.today, now_ms);
    else if (is_loaded)
        commit_policy_want(&gateway->commit_policy, COMMIT_STORE_CHANGED, now_ms);
}

/* ---- judge and commit ---- */

static void commit_succeeded(struct gateway *gateway, int64_t now_s)
{
    incidents_end(&gateway->incidents, SW_INCIDENT_CANNOT_STORE, now_s,
                  "the database is written again");
    commit_policy_done(&gateway->commit_policy);
    if (gateway->safe_ms < gateway->taken_ms)
        gateway->safe_ms = gateway->taken_ms;
    gateway->outbox.maybe_more = gateway->notify.maybe_more = true;
    sw_inbox_trim(gateway->data.inbox);
    FAULT_POINT(after_trim);
}

static void judge_and_commit(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    struct commit_policy *policy = &gateway->commit_policy;
    bool is_trusted = gateway->clock.is_trusted;
    int32_t today = sw_day_of(&gateway->zone, now_s);
    bool is_new_day = is_trusted && today != gateway->patients.today, committed;
    bool is_checking = gateway->data.check.is_awaited;
    if (is_new_day &&
        !is_checking) /* else it would be due in every turn of the check */
        commit_policy_want(policy, COMMIT_NEW_DAY, now_ms);
    enum commit_reason why = commit_policy_due(policy, now_ms);
    if (is_checking && why != COMMIT_NONE) { /* write what `stepward status` needs */
        gateway_check_health(gateway, now_ms);
        gateway->health.written_at_s = now_s;
        gateway_stop_if_damaged(
            gateway, sw_store_put_health(gateway->data.store, &gateway->health));
        commit_policy_done(policy);
    }
    if (is_checking)
        return;
    if (!commit_policy_may_judge(policy, sw_clock_monotonic_us(), why))
        return;
    /* What waits belongs to the day that is over: it is stored, then judged by the next
     * day. */
    struct eval_time eval_time = {
        now_s, is_trusted && !is_new_day && !reconcile_holds_back(&gateway->reconcile),
        &gateway->online_spans};
    gateway_check_health(gateway, now_ms);
    gateway->commit.minute_due |= why == COMMIT_SHUTDOWN;
    int64_t began_us = sw_clock_thread_us();
    int r =
        commit_attempt(&gateway->commit, &eval_time, why != COMMIT_NONE, &committed);
    int64_t judging_us = committed ? 0 : sw_clock_thread_us() - began_us;
    if (gateway->n_news > 0) /* a commit's own time does not count */
        commit_policy_judged(policy, sw_clock_monotonic_us(),
                             judging_us + gateway->n_news * MESSAGE_US);
    gateway->n_news = 0;
    if (r < 0) {
        gateway_stop_if_damaged(gateway, r);
        incidents_begin(&gateway->incidents, SW_INCIDENT_CANNOT_STORE, now_s,
                        "cannot write the database: %.100s: %s",
                        sw_store_why(gateway->data.store, r), disk_remedy(r));
        /* The commit may have waited for long, so read the clock again. */
        commit_policy_failed(policy, sw_clock_monotonic_ms());
        return;
    }
    if (committed)
        commit_succeeded(gateway, now_s);
    if (is_new_day)
        gateway_reload(gateway, today, now_ms);
}

/* ---- publish ---- */

/* What therapists' apps show follows the alerts, and what the broker retains is known. */
static bool may_publish_overviews(const struct gateway *gateway, int64_t now_ms)
{
    const struct reconcile *reconcile = &gateway->reconcile;
    bool is_compared = reconcile->state == RECONCILE_DONE ||
                       now_ms - reconcile->started_ms >= OVERVIEWS_WAIT_MS;
    return gateway->clock.is_trusted && !gateway->data.check.is_awaited &&
           !gateway->compares_anew && !reconcile_holds_back(reconcile) && is_compared &&
           gateway->outbox.in_flight == 0 && !gateway->outbox.maybe_more;
}

static void publish_all(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    const char *site = gateway->config->site;
    int r = 0;
    gateway->next_today_ms = INT64_MAX;
    if (!gateway->connection_log.up) {
        publish_drop_nudges(&gateway->patients);
        gateway->ingest.actions.n_answers = 0; /* requesters cannot be reached either */
        return;
    }
    if (!reconcile_holds_back(&gateway->reconcile) && !gateway->data.check.is_awaited)
        r = outbox_pump(&gateway->outbox, gateway->data.store, gateway->session,
                        (struct instant){now_s, now_ms});
    gateway_note_failure(gateway, r, "cannot read the outbox");
    gateway_clear_tests(gateway, now_ms);
    actions_publish(&gateway->ingest.actions, gateway->session, site);
    gateway->next_today_ms =
        publish_patients(gateway->session, site, &gateway->patients, now_ms);
    if (may_publish_overviews(gateway, now_ms))
        gateway->next_today_ms = sooner(
            gateway->next_today_ms,
            overviews_publish(&gateway->overviews, gateway->session, now_s, now_ms));
}

/* Old data go when nobody waits: what is due to be committed or published comes first. */
static void remove_old(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    bool is_due = now_ms >= retention_next_ms(&gateway->retention, gateway->config);
    if (!is_due || !is_calm(gateway) || gateway->more_wait)
        return;
    int r = retention_tick(&gateway->retention, gateway->config, &gateway->zone,
                           gateway->data.store, now_s, now_ms);
    gateway_note_failure(gateway, r, "cannot remove what is older than `keep` says");
}

/* By the clinic's own programs, whether the broker is there or not. */
static void notify_all(struct gateway *gateway, int64_t now_s, int64_t now_ms)
{
    if (gateway->data.check.is_awaited)
        return;
    int r = notify_turn(&gateway->notify, (struct instant){now_s, now_ms},
                        gateway->clock.is_trusted);
    gateway_note_failure(gateway, r, "cannot read what programs are to be told");
}

/* ---- the turn ---- */

static void turn(struct gateway *gateway)
{
    wait_for_news(gateway);
    gateway_check_clocks(gateway);
    int64_t now_ms = gateway->now.monotonic_ms, now_s = gateway->now.wall_ms / 1000;
    on_session(gateway, (struct instant){now_s, now_ms});
    check_integrity(gateway, now_ms);
    watch(gateway, now_s);
    int r = take_messages(gateway, now_s, now_ms);
    if (r >= 0)
        r = take_again(gateway, now_s, now_ms);
    if (r >= 0)
        r = gateway_take_notices(gateway);
    if (r < 0)
        gateway_give_up("cannot take in messages", r);
    if (now_ms >= gateway->next_tick_ms)
        tick(gateway, now_ms);
    if (sw_store_watch_is_due(&gateway->store_watch, now_ms))
        check_store(gateway, now_ms);
    gateway_reconcile(gateway, now_s, now_ms);
    judge_and_commit(gateway, now_s, now_ms);
    sync_inbox(gateway, sw_clock_monotonic_ms()); /* a commit takes time */
    disk_check_inbox(&gateway->disk, now_s);
    gateway_check_other(gateway, now_s, now_ms);
    notify_all(gateway, now_s, now_ms);
    gateway_publish_incidents(gateway, now_ms);
    publish_all(gateway, now_s, now_ms);
    remove_old(gateway, now_s, now_ms);
    sw_store_tidy(gateway->data.store); /* no alert waits for it */
    sd_notify(0, "WATCHDOG=1");
    sw_lock_beat(gateway->data.lock_fd, sw_clock_monotonic_ms());
}

int gateway_run(const struct sw_config *config)
{
    struct gateway *gateway = calloc(1, sizeof(*gateway));
    if (!gateway)
        return 1;
    int r = gateway_open(gateway, config);
    while (r >= 0 && !gateway->stopping)
        turn(gateway);
    if (r >= 0)
        sd_notify(0, "STOPPING=1");
    int code = r < 0 && r != -ECANCELED ? 1 : 0;
    gateway_close(gateway, code);
    free(gateway);
    return code;
}
