/* publish.c -- publications that may be lost or are soon replaced by the next. */
#include "daemon/publish.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int publish_publish(struct sw_session *session, const char *topic,
                           const char *payload, bool retain, uint32_t expiry_s)
{
    return sw_session_publish(session, topic, payload, strlen(payload), retain,
                              expiry_s, 0);
}

int publish_status(struct sw_session *session, const char *site)
{
    sw_topic_text topic;
    sw_topic_gateway(topic, site, "status");
    return publish_publish(session, topic, "online", true, 0);
}

void publish_health(struct sw_session *session, const char *site,
                    const struct sw_health *health)
{
    sw_topic_text topic;
    char *payload = sw_encode_health(health);
    sw_topic_gateway(topic, site, "health");
    if (payload)
        publish_publish(session, topic, payload, true, 0);
    free(payload);
}

static void publish_nudge(struct sw_session *session, const char *site,
                          struct patient *patient)
{
    sw_topic_text topic;
    char *payload = sw_encode_nudge(patient->unpublished.nudge_min);
    sw_topic_nudge(topic, site, patient->known.id);
    if (payload)
        publish_publish(session, topic, payload, false, NUDGE_EXPIRY_S);
    free(payload);
    patient->unpublished.nudge_min = 0;
}

static void publish_today(struct sw_session *session, const char *site,
                          struct patient *patient, int64_t now_ms)
{
    sw_topic_text topic;
    char *payload = sw_encode_day(&patient->day.row);
    sw_topic_today(topic, site, patient->known.id);
    bool is_sent = payload && publish_publish(session, topic, payload, true, 0) == 0;
    if (is_sent) {
        patient->unpublished.has_day = false;
        patient->unpublished.day_ms = now_ms;
    }
    free(payload);
}

/* Returns when the patient's day is to be published next; INT64_MAX if it did not
 * change. */
static int64_t publish_patient(struct sw_session *session, const char *site,
                               struct patient *patient, int64_t now_ms)
{
    bool is_first = patient->unpublished.day_ms == 0;
    int64_t due_ms = is_first ? now_ms : patient->unpublished.day_ms + TODAY_EVERY_MS;
    if (patient->unpublished.nudge_min > 0)
        publish_nudge(session, site, patient);
    if (patient->unpublished.has_day && now_ms >= due_ms)
        publish_today(session, site, patient, now_ms);
    if (!patient->unpublished.has_day)
        return INT64_MAX;
    return now_ms >= due_ms ? now_ms + TODAY_RETRY_MS : due_ms;
}

int64_t publish_patients(struct sw_session *session, const char *site,
                         struct patients *patients, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    for (size_t i = 0; i < patients->n; i++) {
        int64_t at_ms = publish_patient(session, site, patients->all[i], now_ms);
        next_ms = at_ms < next_ms ? at_ms : next_ms;
    }
    return next_ms;
}

void publish_drop_nudges(struct patients *patients)
{
    for (size_t i = 0; i < patients->n; i++)
        patients->all[i]->unpublished.nudge_min = 0;
}

/* ---- subscriptions ---- */

static bool publish_is_listed(const char *const *filters, size_t n, const char *filter)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(filters[i], filter) == 0)
            return true;
    return false;
}

static size_t count_own(const char *site)
{
    sw_topic_text filter;
    size_t n = 0;
    while (sw_topic_filter(filter, site, n))
        n++;
    return n;
}

/* The i-th filter: our own, then those of the sources. These may overlap, and a broker
 * may then deliver a message twice, which changes nothing. */
static bool wanted_filter(sw_topic_text out, const char *site,
                          const struct sw_adapters *adapters, size_t i)
{
    size_t n_own = count_own(site);
    return i < n_own ? sw_topic_filter(out, site, i)
                     : sw_adapters_filter(adapters, i - n_own, out);
}

/* On a source's topic the retained message may be the only one. */
static void list_one(struct subscriptions *subscriptions, const char *filter,
                     bool is_own)
{
    size_t n = subscriptions->n_filters++;
    snprintf(subscriptions->texts[n], sizeof(subscriptions->texts[n]), "%s", filter);
    subscriptions->filters[n] = subscriptions->texts[n];
    subscriptions->live[n] = is_own && sw_topic_filter_is_live(filter);
}

static void list_wanted(struct subscriptions *subscriptions, const char *site,
                        const struct sw_adapters *adapters)
{
    sw_topic_text filter;
    for (size_t i = 0;
         subscriptions->n_filters < SUBSCRIPTIONS_MAX - SUBSCRIPTIONS_OPTIONAL &&
         wanted_filter(filter, site, adapters, i);
         i++) {
        if (!publish_is_listed(subscriptions->filters, subscriptions->n_filters,
                               filter))
            list_one(subscriptions, filter, i < count_own(site));
    }
    list_one(subscriptions, SW_TOPIC_DROPPED, false);
}

int subscriptions_init(struct subscriptions *subscriptions, struct sw_store *store,
                       const char *site, const struct sw_adapters *adapters)
{
    memset(subscriptions, 0, sizeof(*subscriptions));
    list_wanted(subscriptions, site, adapters);
    int r = sw_store_get_meta(store, SW_META_FILTERS, &subscriptions->remembered);
    if (r != 0)
        return r < 0 ? r : 0;
    char *rest = subscriptions->remembered;
    for (char *filter; (filter = strsep(&rest, "\n"));) {
        bool is_stale = filter[0] != '\0' &&
                        subscriptions->n_stale < SUBSCRIPTIONS_MAX &&
                        !publish_is_listed(subscriptions->filters,
                                           subscriptions->n_filters, filter);
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
    bool same = sw_store_get_meta(store, SW_META_FILTERS, &remembered) == 0 &&
                strcmp(remembered, text) == 0;
    free(remembered);
    return same;
}

static void publish_print_lines(FILE *out, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s\n", lines[i]);
}

int subscriptions_remember(struct sw_store *store,
                           const struct subscriptions *subscriptions, bool with_stale)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return -ENOMEM;
    publish_print_lines(out, subscriptions->filters, subscriptions->n_filters);
    if (with_stale)
        publish_print_lines(out, subscriptions->stale, subscriptions->n_stale);
    int r = fclose(out) == 0 ? 0 : -ENOMEM;
    if (r == 0 && !is_remembered(store, text))
        r = sw_store_put_meta(store, SW_META_FILTERS, text);
    free(text);
    return r;
}
