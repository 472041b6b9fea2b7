/* publish.c -- publications that may be lost or are soon replaced by the next. */
#include "daemon/publish.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int publish(struct sw_session *session, const char *topic, const char *payload,
                   bool retain, uint32_t expiry_s)
{
    return sw_session_publish(session, topic, payload, strlen(payload), retain,
                              expiry_s, 0);
}

void publish_status(struct sw_session *session, const char *site)
{
    sw_topic_text topic;
    sw_topic_gateway(topic, site, "status");
    publish(session, topic, "online", true, 0);
}

void publish_health(struct sw_session *session, const char *site,
                    const struct sw_health *health)
{
    sw_topic_text topic;
    char *payload = sw_encode_health(health);
    sw_topic_gateway(topic, site, "health");
    if (payload)
        publish(session, topic, payload, true, 0);
    free(payload);
}

static void publish_nudge(struct sw_session *session, const char *site,
                          struct patient *patient)
{
    sw_topic_text topic;
    char *payload = sw_encode_nudge(patient->nudge_min);
    sw_topic_nudge(topic, site, patient->known.id);
    if (payload)
        publish(session, topic, payload, false, NUDGE_EXPIRY_S);
    free(payload);
    patient->nudge_min = 0;
}

static void publish_today(struct sw_session *session, const char *site,
                          struct patient *patient, int64_t now_ms)
{
    sw_topic_text topic;
    char *payload = sw_encode_day(&patient->row);
    sw_topic_today(topic, site, patient->known.id);
    bool is_sent = payload && publish(session, topic, payload, true, 0) == 0;
    if (is_sent) {
        patient->today_unpublished = false;
        patient->today_published_ms = now_ms;
    }
    free(payload);
}

void publish_patients(struct sw_session *session, const char *site, struct ward *ward,
                      int64_t now_ms)
{
    for (size_t i = 0; i < ward->n; i++) {
        struct patient *patient = ward->patients[i];
        bool may_show_today = patient->today_published_ms == 0 ||
                              now_ms - patient->today_published_ms >= TODAY_EVERY_MS;
        if (patient->nudge_min > 0)
            publish_nudge(session, site, patient);
        if (patient->today_unpublished && may_show_today)
            publish_today(session, site, patient, now_ms);
    }
}

void publish_forget_nudges(struct ward *ward)
{
    for (size_t i = 0; i < ward->n; i++)
        ward->patients[i]->nudge_min = 0;
}

/* ---- subscriptions ---- */

static const char MEMO_FILTERS[] = "filters";

static bool is_listed(const char *const *filters, size_t n, const char *filter)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(filters[i], filter) == 0)
            return true;
    return false;
}

static void list_wanted(struct subscriptions *subscriptions, const char *site)
{
    size_t n = 0;
    while (n < SUBSCRIPTIONS_MAX && sw_topic_filter(subscriptions->texts[n], site, n)) {
        subscriptions->filters[n] = subscriptions->texts[n];
        n++;
    }
    subscriptions->n_filters = n;
}

int subscriptions_init(struct subscriptions *subscriptions, struct sw_store *store,
                       const char *site)
{
    memset(subscriptions, 0, sizeof(*subscriptions));
    list_wanted(subscriptions, site);
    int r = sw_store_get_memo(store, MEMO_FILTERS, &subscriptions->remembered);
    if (r != 0)
        return r < 0 ? r : 0;
    char *rest = subscriptions->remembered;
    for (char *filter; (filter = strsep(&rest, "\n"));) {
        bool is_stale =
            filter[0] != '\0' && subscriptions->n_stale < SUBSCRIPTIONS_MAX &&
            !is_listed(subscriptions->filters, subscriptions->n_filters, filter);
        if (is_stale)
            subscriptions->stale[subscriptions->n_stale++] = filter;
    }
    return 0;
}

void subscriptions_fini(struct subscriptions *subscriptions)
{
    free(subscriptions->remembered);
    subscriptions->remembered = NULL;
}

static bool is_remembered(struct sw_store *store, const char *text)
{
    char *remembered = NULL;
    bool same = sw_store_get_memo(store, MEMO_FILTERS, &remembered) == 0 &&
                strcmp(remembered, text) == 0;
    free(remembered);
    return same;
}

static void append_lines(char *text, size_t size, const char *const *lines, size_t n)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < n && len + strlen(lines[i]) + 2 <= size; i++)
        len += (size_t)snprintf(text + len, size - len, "%s\n", lines[i]);
}

int subscriptions_remember(struct sw_store *store,
                           const struct subscriptions *subscriptions, bool with_stale)
{
    char text[2 * SUBSCRIPTIONS_MAX * 64] = "";
    append_lines(text, sizeof text, subscriptions->filters, subscriptions->n_filters);
    if (with_stale)
        append_lines(text, sizeof text, subscriptions->stale, subscriptions->n_stale);
    return is_remembered(store, text) ? 0
                                      : sw_store_put_memo(store, MEMO_FILTERS, text);
}
