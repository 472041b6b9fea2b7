/* probe.c -- send a message round by each subscription, and report what does not come
 * back.
 *
 * While the connection is lost, or the inbox cannot take anything, nothing is concluded
 * here: other files report that. */
#include "daemon/probe.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"

#define PREFIX "{\"stepward\":\"probe "
#define COOKIE CONNECTION_LOG_PROBE_COOKIE

enum { EXPIRY_S = PROBE_EVERY_MS / 1000, PAYLOAD_LEN = 64, COUNT_MS = 1000 };

void probe_init(struct probe *probe, const char *site,
                const struct subscriptions *subscriptions,
                const struct patients *patients, struct incidents *incidents,
                struct probe_ears *ears)
{
    *probe = (struct probe){.site = site,
                            .subscriptions = subscriptions,
                            .patients = patients,
                            .incidents = incidents,
                            .ears = ears};
}

void probe_ears_init(struct probe_ears *ears)
{
    *ears = (struct probe_ears){.nonce = 0};
    pthread_mutex_init(&ears->lock, NULL);
}

void probe_ears_fini(struct probe_ears *ears)
{
    pthread_mutex_destroy(&ears->lock);
}

/* ---- which there are: one per filter, then those with a dot ---- */

static size_t n_filters(const struct probe *probe)
{
    return probe->subscriptions->n_filters;
}

static const char *filter_of(const struct probe *probe, size_t i)
{
    return probe->subscriptions->filters[i % n_filters(probe)];
}

/* The part after the site in a filter of our own; NULL if the filter is a source's. */
static const char *own_part(const struct probe *probe, const char *filter)
{
    static const char root[] = "clinic/";
    size_t root_len = sizeof root - 1, site_len = strlen(probe->site);
    bool is_own = strncmp(filter, root, root_len) == 0 &&
                  strncmp(filter + root_len, probe->site, site_len) == 0 &&
                  filter[root_len + site_len] == '/';
    return is_own ? filter + root_len + site_len + 1 : NULL;
}

static bool is_of_alerts(const struct probe *probe, size_t i)
{
    const char *part = own_part(probe, filter_of(probe, i));
    return part && strcmp(part, "alerts/+/+/+") == 0;
}

static bool is_dotted(const struct probe *probe, size_t i)
{
    return i >= n_filters(probe);
}

/* Nothing is sent where others read, such as the gateway's status, nor where it would not
 * come back, nor below $SYS, where the broker alone publishes: it disconnects others. A source's
 * devices are not ours to name, so only our own ids are tried with a dot. */
static bool is_sent_at_all(const struct probe *probe, size_t i)
{
    const char *filter = filter_of(probe, i), *part = own_part(probe, filter);
    if (filter[0] == '$' || (part && sw_topic_filter_is_no_local(filter)))
        return false;
    bool has_id = part && strchr(part, '+');
    if (is_dotted(probe, i))
        return has_id;
    return !part || has_id || strcmp(part, "gateway/echo") == 0;
}

/* ---- receiving, in Paho's thread ---- */

bool probe_on_message(struct probe_ears *ears, const char *site, const char *topic,
                      size_t topic_len, const char *payload, size_t payload_len)
{
    struct sw_topic native;
    char text[PAYLOAD_LEN];
    uint64_t nonce;
    size_t i;
    enum sw_topic_kind kind = sw_topic_parse(site, topic, topic_len, &native);
    bool may_be = kind == SW_TOPIC_OTHER || kind == SW_TOPIC_ECHO_END;
    bool has_prefix =
        payload_len >= strlen(PREFIX) && memcmp(payload, PREFIX, strlen(PREFIX)) == 0;
    if (kind != SW_TOPIC_PROBE && !(may_be && has_prefix)) {
        atomic_fetch_add(&ears->n_others, 1);
        return false;
    }
    if (!has_prefix)
        return true;
    snprintf(text, sizeof text, "%.*s",
             (int)(payload_len < sizeof text ? payload_len : sizeof text - 1), payload);
    if (sscanf(text, PREFIX "%" SCNx64 "-%zu\"}", &nonce, &i) != 2 || i >= PROBES_MAX)
        return true;
    pthread_mutex_lock(&ears->lock);
    if (nonce == ears->nonce && nonce != 0)
        ears->back[i] = true;
    pthread_mutex_unlock(&ears->lock);
    return true;
}

/* ---- sending ---- */

static void begin_round(struct probe *probe)
{
    pthread_mutex_lock(&probe->ears->lock);
    do
        arc4random_buf(&probe->ears->nonce, sizeof probe->ears->nonce);
    while (probe->ears->nonce == 0);
    memset(probe->ears->back, 0, sizeof probe->ears->back);
    pthread_mutex_unlock(&probe->ears->lock);
    memset(probe->back, 0, sizeof probe->back);
    memset(probe->too_large, 0, sizeof probe->too_large);
    probe->n_sent = 0;
    probe->is_first_due = false;
    probe->is_out = true;
    probe->is_judged = probe->was_busy = false;
}

void probe_begin(struct probe *probe, int64_t now_ms)
{
    probe->is_up = true;
    probe->begun_ms = now_ms;
    if (probe->n_breaks < PROBE_BREAKS_MAX)
        begin_round(probe);
    else
        probe->next_ms = now_ms + PROBE_SHY_MS;
}

/* The payload is an object with one string: no program takes it for a measurement.
 * Returns false if it cannot be sent now. */
static bool send_one(struct probe *probe, struct sw_session *session, size_t i)
{
    sw_topic_text topic;
    char payload[PROBE_ALERT_BYTES];
    bool is_dot = is_dotted(probe, i);
    if (!is_sent_at_all(probe, i))
        return true;
    sw_topic_probe(topic, filter_of(probe, i), is_dot ? SW_PROBE_DOTTED : SW_PROBE_ID);
    size_t len = (size_t)snprintf(
        payload, sizeof payload, PREFIX "%016" PRIx64 "-%zu\"}", probe->ears->nonce, i);
    if (is_of_alerts(probe, i) && !is_dot) {
        memset(payload + len, ' ', sizeof payload - len);
        len = sizeof payload;
    }
    return sw_session_publish_once(session, topic, payload, len, EXPIRY_S,
                                   COOKIE | i) >= 0;
}

/* The alerts' probe is the largest, and goes alone first: if the broker disconnects
 * because of its size, that is not mistaken for a missing right. The others follow;
 * filter 0's takes the place of the alerts'. */
static size_t probe_kth(const struct probe *probe, size_t k)
{
    size_t alerts = 0;
    while (alerts + 1 < n_filters(probe) && !is_of_alerts(probe, alerts))
        alerts++;
    if (k == 0)
        return alerts;
    return k == alerts ? 0 : k;
}

static void send_rest(struct probe *probe, struct sw_session *session, int64_t now_ms)
{
    size_t n = 2 * n_filters(probe);
    if (probe->n_sent == n || (probe->is_first_due && session))
        return;
    while (probe->n_sent < n) {
        if (session && !send_one(probe, session, probe_kth(probe, probe->n_sent)))
            break;
        probe->is_first_due = probe->n_sent++ == 0;
        if (probe->is_first_due && session)
            break;
    }
    probe->sent_ms = now_ms;
}

bool probe_event(struct probe *probe, const struct sw_session_event *event)
{
    size_t i = (size_t)(event->cookie & ~COOKIE);
    if (event->kind == SW_SESSION_DOWN) {
        bool is_ours = !event->too_large && probe->n_sent > 1;
        probe->n_breaks += probe->is_out && !probe->is_judged && is_ours;
        probe->is_up = probe->is_out = false;
    }
    if (!(event->cookie & COOKIE) || i >= PROBES_MAX)
        return false;
    if (event->kind == SW_SESSION_DELIVERED || event->too_large)
        probe->is_first_due = false; /* otherwise the connection is about to be lost */
    probe->too_large[i] |= event->too_large; /* alerts will be, too: that is logged */
    return !event->too_large;
}

/* ---- what came back ---- */

struct missing {
    size_t n, n_in, first_in; /* all; those that keep messages from us */
    bool has_out, has_dots, has_large, has_back;
};

static struct missing find_missing(const struct probe *probe)
{
    struct missing found = {0};
    for (size_t i = 0; i < 2 * n_filters(probe); i++) {
        bool is_sent = is_sent_at_all(probe, i), is_away = is_sent && !probe->back[i];
        found.has_back |= is_sent && !is_away;
        found.n += is_away;
        found.has_large |= probe->too_large[i];
        if (!is_away || probe->too_large[i])
            continue;
        if (is_dotted(probe, i))
            found.has_dots |= probe->back[i - n_filters(probe)];
        else if (is_of_alerts(probe, i))
            found.has_out = true;
        else if (found.n_in++ == 0)
            found.first_in = i;
    }
    return found;
}

/* The first id in use that a broker which changes dots would lose; NULL if there is
 * none. */
static const char *dotted_id(const struct probe *probe)
{
    for (size_t i = 0; probe->patients && i < probe->patients->n; i++) {
        const struct patient *patient = probe->patients->all[i];
        if (strchr(patient->known.id.str, '.'))
            return patient->known.id.str;
        if (strchr(patient->plan.therapist.str, '.'))
            return patient->plan.therapist.str;
    }
    return NULL;
}

/* What does not come back is an incident until it does. */
static void probe_judge(struct probe *probe, const struct missing *missing,
                        struct instant instant)
{
    char more[32] = "";
    if (missing->n_in > 1)
        snprintf(more, sizeof more, " and %d more topic%s", (int)missing->n_in - 1,
                 sw_plural((int64_t)missing->n_in - 1));
    if (missing->n_in > 0)
        incidents_begin(
            probe->incidents, SW_INCIDENT_DEAF, instant.now_s,
            "messages to %.50s%s do not arrive: let the gateway's user read and write "
            "there (the broker's access list: `sudo scripts/install`)",
            filter_of(probe, missing->first_in), more);
    else
        incidents_end(probe->incidents, SW_INCIDENT_DEAF, instant.now_s,
                      "messages to the gateway arrive");
    if (missing->has_out)
        incidents_begin(
            probe->incidents, SW_INCIDENT_MUTE, instant.now_s,
            "alerts do not come through the broker: let the gateway's user "
            "write and read clinic/%.32s/alerts/# (`sudo scripts/install`), "
            "of any size (mosquitto: message_size_limit)",
            probe->site);
    else
        incidents_end(probe->incidents, SW_INCIDENT_MUTE, instant.now_s,
                      "alerts come through the broker");
    /* Lost dots harm only those who have such an id. */
    const char *id = missing->has_dots ? dotted_id(probe) : NULL;
    if (id)
        incidents_begin(
            probe->incidents, SW_INCIDENT_DOTS_LOST, instant.now_s,
            "the broker does not deliver topics with a dot in an id, as "
            "RabbitMQ does not: give %s one without, or take another broker",
            id);
    else
        incidents_end(probe->incidents, SW_INCIDENT_DOTS_LOST, instant.now_s,
                      "no topic with a dot in an id is lost any more");
    /* Those with a dot alone are no reason to hurry: they stay away for ever. */
    bool is_soon = missing->n_in > 0 || missing->has_out || missing->has_large;
    probe->is_judged = true;
    probe->n_breaks = 0;
    probe->next_ms = instant.now_ms + (is_soon ? PROBE_AGAIN_MS : PROBE_EVERY_MS);
}

/* ---- when ---- */

static bool is_busy(struct probe *probe, int64_t now_ms)
{
    uint64_t n = atomic_load(&probe->ears->n_others);
    int64_t took_ms = now_ms - probe->counted_ms;
    bool pours =
        n - probe->n_counted >
        (uint64_t)(PROBE_BUSY_PER_S * (took_ms > COUNT_MS ? took_ms : COUNT_MS) / 1000);
    if (took_ms >= COUNT_MS) {
        probe->counted_ms = now_ms;
        probe->n_counted = n;
    }
    bool may_wait = now_ms - probe->begun_ms < PROBE_BUSY_MOST_MS;
    return may_wait && (pours || atomic_load(&probe->ears->is_jammed));
}

/* A round during which messages poured in proves nothing: the broker may have had no
 * room. */
static bool is_overdue(struct probe *probe, const struct missing *missing,
                       int64_t now_ms)
{
    int64_t waited_ms = now_ms - probe->sent_ms;
    if (is_busy(probe, now_ms)) {
        probe->was_busy = true;
        probe->sent_ms = now_ms;
        return false;
    }
    if (probe->was_busy) {
        begin_round(probe);
        return false;
    }
    return waited_ms >= (missing->has_back ? PROBE_BEHIND_MS : PROBE_WAIT_MS);
}

bool probe_tick(struct probe *probe, struct sw_session *session, struct instant instant)
{
    bool is_due = !probe->is_out || probe->is_judged;
    if (!probe->is_up || n_filters(probe) == 0)
        return false;
    if (is_due && instant.now_ms >= probe->next_ms) {
        probe->begun_ms = instant.now_ms;
        begin_round(probe);
    } else if (!probe->is_out && probe->n_breaks >= PROBE_BREAKS_MAX) {
        incidents_begin(
            probe->incidents, SW_INCIDENT_DEAF, instant.now_s,
            "the broker hangs up on the test whether messages arrive: let the "
            "gateway's "
            "user read and write clinic/%.32s/# and its sources' topics (`sudo "
            "scripts/install`)",
            probe->site);
        return probe->incidents->unstored[SW_INCIDENT_DEAF];
    }
    if (!probe->is_out)
        return false;
    send_rest(probe, session, instant.now_ms);
    pthread_mutex_lock(&probe->ears->lock);
    bool is_more = memcmp(probe->back, probe->ears->back, sizeof probe->back) != 0;
    memcpy(probe->back, probe->ears->back, sizeof probe->back);
    pthread_mutex_unlock(&probe->ears->lock);
    struct missing missing = find_missing(probe);
    if (missing.n == 0)
        probe->is_out = false;
    bool is_late = probe->n_sent == 2 * n_filters(probe) && !probe->is_judged &&
                   missing.n > 0 && is_overdue(probe, &missing, instant.now_ms);
    bool has_news = missing.n == 0 || (probe->is_judged && is_more) || is_late;
    if (!has_news)
        return false;
    probe_judge(probe, &missing, instant);
    return probe->incidents->unstored[SW_INCIDENT_DEAF] ||
           probe->incidents->unstored[SW_INCIDENT_MUTE] ||
           probe->incidents->unstored[SW_INCIDENT_DOTS_LOST];
}

bool probe_waits(const struct probe *probe)
{
    return probe->is_up && probe->is_out && !probe->is_judged;
}
