/* publish.c -- send what the store holds for publication, in order, and what may be lost;
 * list what the session subscribes to. What is to be published is decided elsewhere.
 */
#include "daemon/publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/fault.h"

/* ---- the outbox ---- */

int outbox_pump(struct outbox *outbox, struct sw_store *store,
                struct sw_session *session, struct instant now)
{
    struct sw_outbound row;
    if (outbox->refused != 0 && now.now_ms >= outbox->retry_at_ms) {
        outbox->sent_to = outbox->refused - 1;
        outbox->refused = 0;
        outbox->maybe_more = true;
    }
    if (outbox->epoch != sw_store_epoch(store)) { /* others may have added rows */
        outbox->epoch = sw_store_epoch(store);
        outbox->maybe_more = true;
    }
    if (outbox->in_flight != 0 || !outbox->maybe_more)
        return 0;
    int r = sw_store_next_outbound(store, outbox->sent_to, &row);
    if (r == SW_STORE_NONE)
        outbox->maybe_more = false;
    if (r != 0)
        return r < 0 ? r : 0;
    FAULT_POINT(before_publish);
    bool is_reading = sw_topic_is_steps(row.topic); /* somebody runs `stepward try` */
    if (is_reading && sw_try_is_over(row.about, now.now_s)) {
        free(row.payload);
        return sw_store_outbound_done(store, row.seq);
    }
    bool is_sent =
        sw_session_publish(session, row.topic, row.payload, strlen(row.payload),
                           !is_reading, 0, (uint64_t)row.seq) == 0;
    if (is_sent) {
        outbox->in_flight = row.seq;
        outbox->is_awaited = is_reading || sw_topic_is_test_alert(row.topic);
    }
    FAULT_POINT(after_publish);
    free(row.payload);
    return 0;
}

bool outbox_waits(const struct outbox *outbox)
{
    return outbox->refused != 0 || (outbox->maybe_more && outbox->in_flight == 0);
}

int64_t outbox_event(struct outbox *outbox, const struct sw_session_event *event,
                     int64_t now_ms)
{
    int64_t seq = outbox->in_flight;
    bool is_ours = seq != 0 && event->cookie == (uint64_t)seq;
    if (is_ours || event->kind == SW_SESSION_DOWN) /* then it will be sent again */
        outbox->in_flight = 0;
    if (!is_ours)
        return 0;
    if (event->refused && outbox->refused == 0) {
        outbox->refused = seq;
        outbox->retry_at_ms = now_ms + OUTBOX_RETRY_MS;
    }
    bool is_delivered = event->kind == SW_SESSION_DELIVERED;
    if (event->refused || is_delivered)
        outbox->sent_to = seq;
    return is_delivered ? seq : 0;
}

/* ---- without the outbox ---- */

/* Frees the payload, which is NULL if there was no memory for it. Returns whether it is
 * on its way. */
static bool publish_payload(struct sw_session *session, const char *topic,
                            char *payload, bool retain, uint32_t expiry_s)
{
    bool is_sent =
        payload && sw_session_publish(session, topic, payload, strlen(payload), retain,
                                      expiry_s, 0) == 0;
    free(payload);
    return is_sent;
}

bool publish_has_room(const struct sw_session *session)
{
    return sw_session_under_way(session) < PUBLISH_AT_ONCE;
}

bool publish_status(struct sw_session *session, const char *site)
{
    static const char online[] = "online";
    sw_topic_text topic;
    sw_topic_gateway(topic, site, "status");
    return sw_session_publish(session, topic, online, strlen(online), true, 0, 0) == 0;
}

void publish_health(struct sw_session *session, const char *site,
                    const struct sw_health *health)
{
    sw_topic_text topic;
    sw_topic_gateway(topic, site, "health");
    publish_payload(session, topic, sw_encode_health(health), true, 0);
}

int64_t publish_patients(struct sw_session *session, const char *site,
                         struct patients *patients, int64_t now_ms)
{
    sw_topic_text topic;
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < patients->n; i++) {
        struct patient *patient = patients->all[i];
        struct publication *news = &patient->unpublished;
        if (news->nudge_min > 0) {
            sw_topic_nudge(topic, site, patient->known.id);
            publish_payload(session, topic, sw_encode_nudge(news->nudge_min), false,
                            NUDGE_EXPIRY_S);
            news->nudge_min = 0;
        }
        if (!news->has_day)
            continue;
        bool is_first = news->day_ms == 0;
        int64_t due_ms = is_first ? now_ms : news->day_ms + TODAY_EVERY_MS;
        if (now_ms >= due_ms) {
            sw_topic_today(topic, site, patient->known.id);
            news->has_day = !publish_has_room(session) ||
                            !publish_payload(session, topic,
                                             sw_encode_day(&patient->day.row), true, 0);
            if (!news->has_day) {
                news->day_ms = now_ms;
                continue;
            }
            due_ms = now_ms + PUBLISH_RETRY_MS;
        }
        next_ms = due_ms < next_ms ? due_ms : next_ms;
    }
    return next_ms;
}

void publish_drop_nudges(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++)
        patients->all[i]->unpublished.nudge_min = 0;
}

/* ---- subscriptions ---- */

static bool subscriptions_have(const struct subscriptions *subscriptions,
                               const char *filter)
{
    for (size_t i = 0; i < subscriptions->n_filters; i++)
        if (strcmp(subscriptions->filters[i], filter) == 0)
            return true;
    return false;
}

static void subscriptions_add(struct subscriptions *subscriptions, const char *filter,
                              bool is_own)
{
    size_t n = subscriptions->n_filters++;
    snprintf(subscriptions->texts[n], sizeof(subscriptions->texts[n]), "%s", filter);
    subscriptions->filters[n] = subscriptions->texts[n];
    subscriptions->live[n] = is_own && sw_topic_filter_is_live(filter);
    subscriptions->no_local[n] = is_own && sw_topic_filter_is_no_local(filter);
}

/* Filters of sources may overlap with others, and a broker may then deliver a message
 * twice, which changes nothing. On a source's topic the retained message may be the
 * only one. */
int subscriptions_init(struct subscriptions *subscriptions, struct sw_store *store,
                       const char *site, const struct sw_adapters *adapters)
{
    sw_topic_text filter;
    memset(subscriptions, 0, sizeof(*subscriptions));
    size_t n_no_local = 0;
    for (size_t i = 0; sw_topic_filter(filter, site, i); i++)
        if (sw_topic_filter_is_no_local(filter))
            n_no_local++;
        else
            subscriptions_add(subscriptions, filter, true);
    for (size_t i = 0; subscriptions->n_filters + n_no_local <
                           SUBSCRIPTIONS_MAX - SUBSCRIPTIONS_OPTIONAL &&
                       sw_adapters_filter(adapters, i, filter);
         i++)
        if (!subscriptions_have(subscriptions, filter))
            subscriptions_add(subscriptions, filter, false);
    subscriptions_add(subscriptions, SW_TOPIC_DROPPED, false);
    for (size_t i = 0; sw_topic_filter(filter, site, i);
         i++) /* in a packet of their own */
        if (sw_topic_filter_is_no_local(filter))
            subscriptions_add(subscriptions, filter, true);

    int r = sw_store_get_meta(store, SW_META_FILTERS, &subscriptions->remembered);
    if (r != 0)
        return r < 0 ? r : 0;
    char *rest = subscriptions->remembered;
    for (char *before; (before = strsep(&rest, "\n"));) {
        bool is_stale = before[0] != '\0' &&
                        subscriptions->n_stale < SUBSCRIPTIONS_MAX &&
                        !subscriptions_have(subscriptions, before);
        if (is_stale)
            subscriptions->stale[subscriptions->n_stale++] = before;
    }
    return 0;
}

void subscriptions_fini(struct subscriptions *subscriptions)
{
    free(subscriptions->remembered);
    subscriptions->remembered = NULL;
}

/* It is written only when it changes, so that a connect costs no write. */
int subscriptions_remember(struct sw_store *store,
                           const struct subscriptions *subscriptions, bool with_stale)
{
    char *text = NULL, *before = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return -ENOMEM;
    for (size_t i = 0; i < subscriptions->n_filters; i++)
        fprintf(out, "%s\n", subscriptions->filters[i]);
    for (size_t i = 0; with_stale && i < subscriptions->n_stale; i++)
        fprintf(out, "%s\n", subscriptions->stale[i]);
    int r = fclose(out) == 0 ? 0 : -ENOMEM;
    if (r == 0) {
        bool is_same = sw_store_get_meta(store, SW_META_FILTERS, &before) == 0 &&
                       strcmp(before, text) == 0;
        r = is_same ? 0 : sw_store_put_meta(store, SW_META_FILTERS, text);
    }
    free(before);
    free(text);
    return r;
}
