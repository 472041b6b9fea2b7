/* connection_log.c -- the connection to the broker in words: log, incidents, health. */
#include "daemon/connection_log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/overviews.h"
#include "stepward/civil.h"
#include "stepward/host.h"
#include "stepward/wire.h"

void connection_log_init(struct connection_log *log, const struct sw_config *config,
                         struct incidents *incidents,
                         const struct online_spans *online_spans)
{
    *log = (struct connection_log){.config = config,
                                   .incidents = incidents,
                                   .online_spans = online_spans,
                                   .lines = CONNECTION_LOG_LINES_MAX};
}

/* ---- a bounded number of lines, the newest never lost ---- */

static void flush_line(struct connection_log *log, int64_t now_ms)
{
    int64_t n_earned = (now_ms - log->lines_at_ms) / CONNECTION_LOG_LINE_EVERY_MS;
    if (n_earned > 0) {
        bool is_few = n_earned < CONNECTION_LOG_LINES_MAX - log->lines;
        log->lines = is_few ? log->lines + (int)n_earned : CONNECTION_LOG_LINES_MAX;
        log->lines_at_ms = now_ms;
    }
    if (log->line[0] == '\0' || log->lines == 0)
        return;
    log->lines--;
    if (log->n_left_out > 0)
        sw_log(SW_LOG_WARNING, "%s (it came and went; lines left out: %u)", log->line,
               log->n_left_out);
    else
        sw_log(log->up ? SW_LOG_NOTICE : SW_LOG_WARNING, "%s", log->line);
    log->line[0] = '\0';
    log->n_left_out = 0;
}

__attribute__((format(printf, 3, 4))) static void
log_line(struct connection_log *log, int64_t now_ms, const char *format, ...)
{
    va_list args;
    log->n_left_out += log->line[0] != '\0';
    va_start(args, format);
    vsnprintf(log->line, sizeof log->line, format, args);
    va_end(args);
    flush_line(log, now_ms);
}

/* ---- up ---- */

/* The loss is noted after every flap, so that the gateway's own end cannot lose it. Of
 * a series of flaps only the last text is logged. */
static void log_missing(struct connection_log *log, struct instant instant)
{
    bool is_early =
        log->missing_logged_ms != 0 &&
        instant.now_ms - log->missing_logged_ms < CONNECTION_LOG_LINE_EVERY_MS;
    if (!log->missing_unlogged || is_early)
        return;
    sw_log(SW_LOG_ERROR, "%s", log->incidents->last[SW_INCIDENT_SESSION_LOST].text);
    log->missing_logged_ms = instant.now_ms;
    log->missing_unlogged = false;
}

/* The broker dropped our session, or another client used our name. The messages that
 * the broker should have kept for us meanwhile are lost too. A repeat within a short
 * time is one incident, which keeps the beginning of the first gap. */
static void note_missing(struct connection_log *log, const char *how,
                         struct instant instant)
{
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    bool is_same =
        incidents_grows(log->incidents, SW_INCIDENT_SESSION_LOST, instant.now_s);
    if (!is_same || log->missing_from_s == 0)
        log->missing_from_s = log->away_s;
    if (log->missing_from_s == 0) /* it never knew us */
        return;
    sw_instant_format(log->missing_from_s, from);
    sw_instant_format(instant.now_s, to);
    incidents_grow(log->incidents, SW_INCIDENT_SESSION_LOST, instant.now_s, false,
                   "%s %.60s: messages sent from %s to %s may be missing", how,
                   log->config->broker.client_id, from, to);
    log->missing_unlogged = true;
    log_missing(log, instant);
}

/* Whoever changed the name knows that the broker has a new session for it. */
static void note_renamed(const struct connection_log *log, struct instant instant)
{
    char from[SW_INSTANT_LEN + 1] = "", to[SW_INSTANT_LEN + 1];
    if (log->away_s == 0)
        return;
    sw_instant_format(log->away_s, from);
    sw_instant_format(instant.now_s, to);
    sw_log(
        SW_LOG_NOTICE,
        "client_id or username was changed, and the broker has no session by the new "
        "name yet: messages sent from %s to %s may be missing",
        from, to);
}

bool connection_log_miss_mark(struct connection_log *log, struct instant instant)
{
    bool is_missed = log->expects_mark;
    log->expects_mark = false;
    if (is_missed)
        note_missing(log,
                     "another client, or the end of a killed broker, emptied the "
                     "session of",
                     instant);
    return is_missed;
}

static void connection_log_on_up(struct connection_log *log,
                                 const struct sw_session_event *event,
                                 struct instant instant)
{
    enum { MINUTE_S = 60, LONG_S = 2 * 24 * 3600, HOUR_S = 3600 };
    bool is_long = event->kept_s >= LONG_S;
    if (event->is_cut) /* the broker may drop our session sooner than we asked */
        incidents_begin(log->incidents, SW_INCIDENT_SESSION_CUT, instant.now_s,
                        "the broker keeps messages for the gateway only %" PRId64
                        " %s, and %" PRId64
                        " h are asked for: what is sent in a longer "
                        "absence is lost",
                        event->kept_s / (is_long ? HOUR_S : MINUTE_S),
                        is_long ? "h" : "min", log->config->max_age_s / HOUR_S);
    else
        incidents_end(log->incidents, SW_INCIDENT_SESSION_CUT, instant.now_s,
                      "the broker keeps messages for the gateway as long as asked");
    log->up = true;
    log->up_at_ms = instant.now_ms;
    log->away_s = online_until_s(log->online_spans);
    log->incidents->offline[0] = '\0';
    log_line(log, instant.now_ms, "connected to %s", log->config->broker.uri);
    if (!event->session_present) {
        log->expects_mark = false;
        if (log->is_renamed)
            note_renamed(log, instant);
        else
            note_missing(log, "the broker kept no session for", instant);
    }
    log->is_renamed = false;
}

/* The broker's access list does not permit it. */
static const char *rights_remedy(const struct sw_session_event *event)
{
    bool is_denied = strcasestr(event->why, "not authorized") ||
                     strcasestr(event->why, "not authorised");
    return is_denied ? ": its access list: `sudo scripts/install`" : "";
}

/* The other subscriptions work: one refusal is no reason to do without them. */
static bool on_subscribed(struct connection_log *log,
                          const struct sw_session_event *event, struct instant instant)
{
    if (event->refused)
        incidents_begin(log->incidents, SW_INCIDENT_SUBSCRIPTION_REFUSED, instant.now_s,
                        "%.155s%s", event->why, rights_remedy(event));
    else
        incidents_end(log->incidents, SW_INCIDENT_SUBSCRIPTION_REFUSED, instant.now_s,
                      "the broker grants all subscriptions");
    if (event->lowered && !event->refused)
        incidents_begin(log->incidents, SW_INCIDENT_QOS_LOWERED, instant.now_s, "%s",
                        event->why);
    else if (!event->refused)
        incidents_end(log->incidents, SW_INCIDENT_QOS_LOWERED, instant.now_s,
                      "the broker grants QoS 1");
    return true;
}

/* ---- down ---- */

static bool on_down(struct connection_log *log, const struct sw_session_event *event,
                    struct instant instant)
{
    bool was_up = log->up;
    bool is_news = was_up || strcmp(log->incidents->offline, event->why) != 0;
    bool is_due = instant.now_ms - log->still_at_ms >= CONNECTION_LOG_STILL_EVERY_MS;
    log->up = false;
    memcpy(log->incidents->offline, event->why, sizeof log->incidents->offline);
    if (event->taken_over)
        incidents_begin(log->incidents, SW_INCIDENT_CLIENT_ID_TAKEN, instant.now_s,
                        "%s", event->why);
    if (!event->taken_over && (is_news || is_due)) {
        log->still_at_ms = instant.now_ms;
        log_line(log, instant.now_ms, "not connected to %s: %s",
                 log->config->broker.uri, event->why);
    }
    return is_news;
}

/* ---- what the broker does not take ---- */

static bool on_refused(struct connection_log *log, const struct sw_session_event *event,
                       struct instant instant)
{
    bool is_news = !incidents_lasts(log->incidents, SW_INCIDENT_PUBLICATION_REFUSED);
    log->refused_at_ms = instant.now_ms;
    if (is_news) /* the first of many: all say the same */
        incidents_begin(log->incidents, SW_INCIDENT_PUBLICATION_REFUSED, instant.now_s,
                        "%.155s%s", event->why, rights_remedy(event));
    return is_news;
}

/* The first of many is noted, of alerts and digests rather than anything else, with the
 * number of the others. The outbox sends these again in rounds, each in the order of
 * their cookies, so the last round tells how many there still are. */
static bool on_too_large(struct connection_log *log,
                         const struct sw_session_event *event, struct instant instant)
{
    struct too_large *round = &log->too_large;
    bool lasts = incidents_lasts(log->incidents, SW_INCIDENT_TOO_LARGE);
    bool is_alert = event->cookie != 0 && event->cookie < LIST_COOKIE;
    bool is_fewer = false;
    log->too_large_at_ms = instant.now_ms;
    if (!lasts)
        *round = (struct too_large){.n = 0};
    if (!is_alert) {
        if (!lasts)
            incidents_begin(log->incidents, SW_INCIDENT_TOO_LARGE, instant.now_s, "%s",
                            event->why);
        return !lasts;
    }
    if (event->cookie <= round->newest || round->n == 0) { /* another round begins */
        is_fewer = round->n < round->n_noted;
        round->n_noted = round->n;
        round->n = 0;
        memcpy(round->first, event->why, sizeof round->first);
    }
    round->newest = event->cookie;
    round->n++;
    bool is_more = round->n > round->n_noted;
    if (!is_more && !is_fewer)
        return false;
    if (is_more)
        round->n_noted = round->n;
    if (round->n_noted == 1)
        incidents_begin(log->incidents, SW_INCIDENT_TOO_LARGE, instant.now_s, "%s",
                        round->first);
    else
        incidents_begin(log->incidents, SW_INCIDENT_TOO_LARGE, instant.now_s,
                        "%.165s; %u more %s too large", round->first,
                        round->n_noted - 1, round->n_noted == 2 ? "is" : "are");
    return true;
}

static bool on_failed(struct connection_log *log, struct sw_session_event event,
                      struct instant instant)
{
    char why[SW_WHY_MAX];
    memcpy(why, event.why, sizeof why);
    sw_topic_omit_patients(why, event.why, sizeof event.why);
    if (event.too_large)
        return on_too_large(log, &event, instant);
    return event.refused && on_refused(log, &event, instant);
}

bool connection_log_event(struct connection_log *log,
                          const struct sw_session_event *event, struct instant instant)
{
    switch (event->kind) {
    case SW_SESSION_UP:
        connection_log_on_up(log, event, instant);
        return on_subscribed(log, event, instant);
    case SW_SESSION_SUBSCRIBED:
        return on_subscribed(log, event, instant);
    case SW_SESSION_DOWN:
        return on_down(log, event, instant);
    case SW_SESSION_FAILED:
        return on_failed(log, *event, instant);
    case SW_SESSION_DELIVERED:
        break;
    }
    return false;
}

void connection_log_tick(struct connection_log *log, struct instant instant)
{
    int64_t up_ms = log->up ? instant.now_ms - log->up_at_ms : 0;
    int64_t taken_ms = instant.now_ms - CONNECTION_LOG_TAKEN_MS;
    bool is_long = up_ms >= CONNECTION_LOG_TAKEN_MS;
    bool is_taken = is_long && !log->refused_waits && log->refused_at_ms <= taken_ms;
    bool fits = is_long && !log->too_large_waits && log->too_large_at_ms <= taken_ms;
    flush_line(log, instant.now_ms);
    log_missing(log, instant);
    if (up_ms >= SW_SESSION_SETTLED_MS)
        incidents_end(log->incidents, SW_INCIDENT_CLIENT_ID_TAKEN, instant.now_s,
                      "no other client uses the client id %s any more",
                      log->config->broker.client_id);
    if (is_taken)
        incidents_end(log->incidents, SW_INCIDENT_PUBLICATION_REFUSED, instant.now_s,
                      "the broker takes what is published again");
    if (fits)
        incidents_end(log->incidents, SW_INCIDENT_TOO_LARGE, instant.now_s,
                      "nothing is too large for the broker any more");
}

bool connection_log_waits(const struct connection_log *log)
{
    return log->line[0] != '\0' || log->missing_unlogged;
}

/* ---- what the broker dropped: its count, compared with the last one ---- */

enum {
    DIGITS_MAX = 18, /* so that sums stay far from the limit of a number */
    /* The broker publishes a change within its sys_interval, 10 s by default. */
    PUBLISHED_WITHIN_S = 60,
};

static bool read_count(const char *bytes, size_t len, int64_t *ret)
{
    int64_t count = 0;
    if (len == 0 || len > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (bytes[i] < '0' || bytes[i] > '9')
            return false;
        count = count * 10 + (bytes[i] - '0');
    }
    *ret = count;
    return true;
}

int dropped_load(struct dropped *dropped, struct sw_store *store)
{
    char *text = NULL;
    *dropped = (struct dropped){.is_known = false};
    int r = sw_store_get_meta(store, SW_META_DROPPED, &text);
    if (r == 0)
        dropped->is_known = read_count(text, strlen(text), &dropped->count);
    free(text);
    return r < 0 ? r : 0;
}

void dropped_away(struct dropped *dropped, const struct online_spans *online_spans)
{
    dropped->is_first = true;
    dropped->away_s = online_until_s(online_spans);
}

static void note_drops(struct dropped *dropped, int64_t n, struct incidents *incidents,
                       int64_t now_s)
{
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    bool grows = incidents_grows(incidents, SW_INCIDENT_MESSAGES_DROPPED, now_s);
    if (!grows) {
        /* Since when? If the count comes while we are connected, that is at most
         * PUBLISHED_WITHIN_S ago. */
        int64_t from_s =
            dropped->is_first ? dropped->away_s : now_s - PUBLISHED_WITHIN_S;
        if (!dropped->is_first && dropped->told_at_s > from_s)
            from_s = dropped->told_at_s;
        dropped->from_s = from_s > 0 && from_s < now_s ? from_s : now_s;
        dropped->sum = 0;
    }
    dropped->sum += n;
    sw_instant_format(dropped->from_s, from);
    sw_instant_format(now_s, to);
    incidents_grow(
        incidents, SW_INCIDENT_MESSAGES_DROPPED, now_s, !grows,
        "from %s to %s the broker dropped %" PRId64
        " message%s, because a client's queue was full: readings that it had "
        "acknowledged may be among them",
        from, to, dropped->sum, sw_plural(dropped->sum));
}

bool broker_drops_on_message(struct dropped *dropped, const char *bytes, size_t len,
                             struct incidents *incidents, int64_t now_s)
{
    int64_t count;
    if (!read_count(bytes, len, &count))
        return false;
    bool is_new_broker = count < dropped->count; /* it counts from its start on */
    int64_t n = is_new_broker ? count : count - dropped->count;
    bool is_news = dropped->is_known && n > 0;
    if (is_news)
        note_drops(dropped, n, incidents, now_s);
    dropped->unstored |= !dropped->is_known || count != dropped->count;
    dropped->is_known = true;
    dropped->is_first = false;
    dropped->count = count;
    dropped->told_at_s = now_s;
    return is_news;
}

int dropped_store(const struct dropped *dropped, struct sw_store *store)
{
    char text[DIGITS_MAX + 2];
    if (!dropped->unstored)
        return 0;
    snprintf(text, sizeof text, "%" PRId64, dropped->count);
    return sw_store_put_meta(store, SW_META_DROPPED, text);
}
