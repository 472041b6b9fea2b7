/* uplink.c -- the connection to the broker in words: log, trouble, health. */
#include "daemon/uplink.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "stepward/civil.h"
#include "stepward/host.h"

struct sw_session_options uplink_options(const struct sw_config *config)
{
    return (struct sw_session_options){
        .uri = config->broker.uri,
        .client_id = config->broker.client_id,
        .protocol = config->broker.protocol,
        .username = config->broker.username,
        .password = config->broker.password,
        .ca_file = config->broker.ca_file,
        .cert_file = config->broker.cert_file,
        .key_file = config->broker.key_file,
    };
}

void uplink_init(struct uplink *uplink, const struct sw_config *config,
                 struct trouble *trouble, const struct watched *watched)
{
    *uplink = (struct uplink){.config = config,
                              .trouble = trouble,
                              .watched = watched,
                              .lines = UPLINK_LINES_MAX};
}

/* ---- a bounded number of lines, the newest never lost ---- */

static void earn_lines(struct uplink *uplink, int64_t now_ms)
{
    int64_t n = (now_ms - uplink->lines_at_ms) / UPLINK_LINE_EVERY_MS;
    if (n <= 0)
        return;
    uplink->lines_at_ms = now_ms;
    uplink->lines = n < UPLINK_LINES_MAX - uplink->lines ? uplink->lines + (int)n
                                                         : UPLINK_LINES_MAX;
}

static void flush_line(struct uplink *uplink, int64_t now_ms)
{
    earn_lines(uplink, now_ms);
    if (uplink->line[0] == '\0' || uplink->lines == 0)
        return;
    uplink->lines--;
    if (uplink->n_left_out > 0)
        sw_log(SW_LOG_WARNING, "%s (it came and went; lines left out: %u)",
               uplink->line, uplink->n_left_out);
    else
        sw_log(uplink->up ? SW_LOG_NOTICE : SW_LOG_WARNING, "%s", uplink->line);
    uplink->line[0] = '\0';
    uplink->n_left_out = 0;
}

__attribute__((format(printf, 3, 4))) static void
say_line(struct uplink *uplink, int64_t now_ms, const char *format, ...)
{
    va_list args;
    uplink->n_left_out += uplink->line[0] != '\0';
    va_start(args, format);
    vsnprintf(uplink->line, sizeof uplink->line, format, args);
    va_end(args);
    flush_line(uplink, now_ms);
}

/* ---- up ---- */

/* After every flap it is noted, so that no end of ours can lose it; but of what lies
 * between only the last word is logged. */
static void log_missing(struct uplink *uplink, struct moment moment)
{
    bool is_early = uplink->missing_said_ms != 0 &&
                    moment.now_ms - uplink->missing_said_ms < UPLINK_LINE_EVERY_MS;
    if (!uplink->missing_unsaid || is_early)
        return;
    sw_log(SW_LOG_ERROR, "%s", uplink->trouble->last[SW_INCIDENT_SESSION_LOST].text);
    uplink->missing_said_ms = moment.now_ms;
    uplink->missing_unsaid = false;
}

/* The broker forgot us, or somebody else was heard in our name, and with it went what
 * it should have kept for us meanwhile. What is noted again soon is one incident: then
 * the first gap's beginning stays. */
static void note_missing(struct uplink *uplink, const char *how, struct moment moment)
{
    char from[SW_INSTANT_LEN + 1], to[SW_INSTANT_LEN + 1];
    bool is_same =
        trouble_grows(uplink->trouble, SW_INCIDENT_SESSION_LOST, moment.now_s);
    if (!is_same || uplink->missing_from_s == 0)
        uplink->missing_from_s = uplink->away_s;
    if (uplink->missing_from_s == 0) /* it never knew us */
        return;
    sw_instant_format(uplink->missing_from_s, from);
    sw_instant_format(moment.now_s, to);
    trouble_grow(uplink->trouble, SW_INCIDENT_SESSION_LOST, moment.now_s, false,
                 "%s %.60s: messages sent from %s to %s may be missing", how,
                 uplink->config->broker.client_id, from, to);
    uplink->missing_unsaid = true;
    log_missing(uplink, moment);
}

void uplink_expect_mark(struct uplink *uplink)
{
    uplink->expects_mark = true;
}

void uplink_hear_mark(struct uplink *uplink)
{
    uplink->expects_mark = false;
}

bool uplink_miss_mark(struct uplink *uplink, struct moment moment)
{
    bool is_missed = uplink->expects_mark;
    uplink->expects_mark = false;
    if (is_missed)
        note_missing(uplink,
                     "another client, or the end of a killed broker, emptied the "
                     "session of",
                     moment);
    return is_missed;
}

/* The broker may forget us sooner than we asked. */
static void hear_cut(struct uplink *uplink, const struct sw_session_event *event,
                     struct moment moment)
{
    enum { MINUTE_S = 60, LONG_S = 2 * 24 * 3600, HOUR_S = 3600 };
    bool is_long = event->kept_s >= LONG_S;
    if (event->is_cut)
        trouble_begin(uplink->trouble, SW_INCIDENT_SESSION_CUT, moment.now_s,
                      "the broker keeps messages for the gateway only %" PRId64
                      " %s, and %" PRId64 " h are asked for: what is sent in a longer "
                      "absence is lost",
                      event->kept_s / (is_long ? HOUR_S : MINUTE_S),
                      is_long ? "h" : "min", uplink->config->max_age_s / HOUR_S);
    else
        trouble_end(uplink->trouble, SW_INCIDENT_SESSION_CUT, moment.now_s,
                    "the broker keeps messages for the gateway as long as asked");
}

static void hear_up(struct uplink *uplink, const struct sw_session_event *event,
                    struct moment moment)
{
    hear_cut(uplink, event, moment);
    uplink->up = true;
    uplink->up_at_ms = moment.now_ms;
    uplink->away_s = watched_until(uplink->watched);
    uplink->trouble->offline[0] = '\0';
    say_line(uplink, moment.now_ms, "connected to %s", uplink->config->broker.uri);
    if (!event->session_present) {
        uplink->expects_mark = false;
        note_missing(uplink, "the broker kept no session for", moment);
    }
}

/* The others are heard: that is no reason to be without them. */
static bool hear_subscribed(struct uplink *uplink, const struct sw_session_event *event,
                            struct moment moment)
{
    if (event->refused)
        trouble_begin(uplink->trouble, SW_INCIDENT_SUBSCRIPTION_REFUSED, moment.now_s,
                      "%s", event->why);
    else
        trouble_end(uplink->trouble, SW_INCIDENT_SUBSCRIPTION_REFUSED, moment.now_s,
                    "the broker grants all subscriptions");
    if (event->lowered && !event->refused)
        trouble_begin(uplink->trouble, SW_INCIDENT_QOS_LOWERED, moment.now_s, "%s",
                      event->why);
    else if (!event->refused)
        trouble_end(uplink->trouble, SW_INCIDENT_QOS_LOWERED, moment.now_s,
                    "the broker grants QoS 1");
    return true;
}

/* ---- down ---- */

static bool hear_down(struct uplink *uplink, const struct sw_session_event *event,
                      struct moment moment)
{
    bool was_up = uplink->up;
    bool is_news = was_up || strcmp(uplink->trouble->offline, event->why) != 0;
    bool is_due = moment.now_ms - uplink->still_at_ms >= UPLINK_STILL_EVERY_MS;
    uplink->up = false;
    memcpy(uplink->trouble->offline, event->why, sizeof uplink->trouble->offline);
    if (event->taken_over)
        trouble_begin(uplink->trouble, SW_INCIDENT_CLIENT_ID_TAKEN, moment.now_s, "%s",
                      event->why);
    if (!event->taken_over && (is_news || is_due)) {
        uplink->still_at_ms = moment.now_ms;
        say_line(uplink, moment.now_ms, "not connected to %s: %s",
                 uplink->config->broker.uri, event->why);
    }
    return is_news;
}

/* ---- what the broker does not take ---- */

static bool hear_refused(struct uplink *uplink, const struct sw_session_event *event,
                         struct moment moment)
{
    bool is_news = !trouble_lasts(uplink->trouble, SW_INCIDENT_PUBLICATION_REFUSED);
    uplink->refused_at_ms = moment.now_ms;
    if (is_news) /* the first of many: all say the same */
        trouble_begin(uplink->trouble, SW_INCIDENT_PUBLICATION_REFUSED, moment.now_s,
                      "%s", event->why);
    return is_news;
}

/* The first of many, and then the first that is an alert or a digest. */
static bool hear_too_large(struct uplink *uplink, const struct sw_session_event *event,
                           struct moment moment)
{
    bool lasts = trouble_lasts(uplink->trouble, SW_INCIDENT_TOO_LARGE);
    bool is_alert = event->cookie != 0 && !(event->cookie & UPLINK_PROBE_COOKIE);
    bool is_news = !lasts || (is_alert && !uplink->is_alert_told);
    uplink->too_large_at_ms = moment.now_ms;
    if (is_news) {
        uplink->is_alert_told = is_alert;
        trouble_begin(uplink->trouble, SW_INCIDENT_TOO_LARGE, moment.now_s, "%s",
                      event->why);
    }
    return is_news;
}

bool uplink_event(struct uplink *uplink, const struct sw_session_event *event,
                  struct moment moment)
{
    switch (event->kind) {
    case SW_SESSION_UP:
        hear_up(uplink, event, moment);
        return hear_subscribed(uplink, event, moment);
    case SW_SESSION_SUBSCRIBED:
        return hear_subscribed(uplink, event, moment);
    case SW_SESSION_DOWN:
        return hear_down(uplink, event, moment);
    case SW_SESSION_FAILED:
        if (event->too_large)
            return hear_too_large(uplink, event, moment);
        return event->refused && hear_refused(uplink, event, moment);
    case SW_SESSION_DELIVERED:
        break;
    }
    return false;
}

void uplink_tick(struct uplink *uplink, struct moment moment)
{
    int64_t up_ms = uplink->up ? moment.now_ms - uplink->up_at_ms : 0;
    bool is_taken = moment.now_ms - uplink->refused_at_ms >= UPLINK_TAKEN_MS &&
                    up_ms >= UPLINK_TAKEN_MS;
    bool fits = moment.now_ms - uplink->too_large_at_ms >= UPLINK_TAKEN_MS &&
                up_ms >= UPLINK_TAKEN_MS;
    flush_line(uplink, moment.now_ms);
    log_missing(uplink, moment);
    if (up_ms >= SW_SESSION_SETTLED_MS)
        trouble_end(uplink->trouble, SW_INCIDENT_CLIENT_ID_TAKEN, moment.now_s,
                    "no other client uses the client id %s any more",
                    uplink->config->broker.client_id);
    if (is_taken)
        trouble_end(uplink->trouble, SW_INCIDENT_PUBLICATION_REFUSED, moment.now_s,
                    "the broker takes what is published again");
    if (fits)
        trouble_end(uplink->trouble, SW_INCIDENT_TOO_LARGE, moment.now_s,
                    "nothing is too large for the broker any more");
}

bool uplink_waits(const struct uplink *uplink)
{
    return uplink->line[0] != '\0' || uplink->missing_unsaid;
}
