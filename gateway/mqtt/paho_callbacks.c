/* paho_callbacks.c -- what Paho calls, in its own threads and under its lock.
 *
 * Nothing here waits or calls into Paho, except to free what Paho handed over. The one
 * exception is the caller's message function, whose return acknowledges the message.
 * News and completions are left for whoever polls. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "mqtt/paho_client.h"
#include "stepward/fault.h"
#include "util/fingerprint.h"

enum {
    FILTERS_MAX = 256, /* we look at so many answers: nobody has more filters */
    REASON_LEN = 100,
};

/* ---- news, which are written under our lock and announced by a poke ---- */

static struct sw_paho_news *begin_news(struct sw_paho *link)
{
    pthread_mutex_lock(&link->lock);
    return &link->news;
}

static void end_news(struct sw_paho *link)
{
    pthread_mutex_unlock(&link->lock);
    sw_paho_poke(link);
}

/* is_explained: the broker itself said why. */
static void note_lost(struct sw_paho *link, bool taken_over, bool is_explained,
                      const char *why)
{
    struct sw_paho_news *news = begin_news(link);
    char size_why[SW_WHY_MAX];
    bool is_size = sw_sizes_lost(link, size_why);
    news->lost = true;
    news->taken_over |= taken_over;
    news->is_explained |= is_explained || is_size;
    news->is_size |= is_size;
    if (!*news->why || is_explained || is_size)
        snprintf(news->why, SW_WHY_MAX, "%s", is_size ? size_why : why);
    sw_publish_queue_fail_queued(&link->queue);
    end_news(link);
}

/* A reason code in words, with the text that the broker may have added. */
static void print_reason(int code, MQTTProperties *properties,
                         char out[static REASON_LEN])
{
    const char *text = MQTTReasonCode_toString((enum MQTTReasonCodes)code);
    MQTTProperty *said =
        properties
            ? MQTTProperties_getProperty(properties, MQTTPROPERTY_CODE_REASON_STRING)
            : NULL;
    int n = snprintf(out, REASON_LEN, "%s", text ? text : "unknown reason");
    if (said && said->value.data.len > 0 && n < REASON_LEN)
        snprintf(out + n, (size_t)(REASON_LEN - n), " (%.*s)", said->value.data.len,
                 said->value.data.data);
    for (char *at = out; *at; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7F)
            *at = '?';
}

/* ---- connecting ---- */

/* What the broker said it allows; 0 where it did not say. */
struct allowance {
    bool session_present;
    size_t window, packet_max;
    int64_t kept_s; /* how long it keeps the session; < 0: as long as we asked */
};

static void note_connected(struct sw_paho *link, const struct allowance *allowance)
{
    struct sw_paho_news *news = begin_news(link);
    size_t window = allowance->window > 0 ? allowance->window : 1;
    *news = (struct sw_paho_news){.connected = true,
                                  .session_present = allowance->session_present,
                                  .kept_s = allowance->kept_s};
    link->window = window < SW_PUBLISHES_MAX ? window : SW_PUBLISHES_MAX;
    sw_sizes_connected(link, allowance->packet_max);
    news->is_stuck = allowance->session_present && allowance->packet_max > 0 &&
                     sw_publish_queue_largest(&link->queue) > allowance->packet_max;
    *link->tls_why = '\0';
    if (!allowance->session_present) /* a new session numbers its packets anew */
        link->n_taken = 0;
    end_news(link);
}

static void connected3(void *ctx, MQTTAsync_successData *data)
{
    struct allowance allowance = {.session_present = data->alt.connect.sessionPresent,
                                  .window = SW_PUBLISHES_MAX,
                                  .kept_s = -1};
    note_connected(ctx, &allowance);
}

static int64_t paho_number_of(MQTTProperties *properties, enum MQTTPropertyCodes code,
                              int64_t otherwise)
{
    /* Paho makes a negative number of a large one; an error is negative, too. */
    int64_t value = MQTTProperties_hasProperty(properties, code)
                        ? MQTTProperties_getNumericValue(properties, code)
                        : otherwise;
    return value == otherwise ? otherwise : value & UINT32_MAX;
}

/* More than the broker's receive maximum would stall Paho for a second at a time. */
static void connected5(void *ctx, MQTTAsync_successData5 *data)
{
    MQTTProperties *told = &data->properties;
    struct allowance allowance = {
        .session_present = data->alt.connect.sessionPresent,
        .window = (size_t)paho_number_of(told, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM,
                                         SW_PUBLISHES_MAX),
        .packet_max =
            (size_t)paho_number_of(told, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, 0),
        .kept_s = paho_number_of(told, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, -1)};
    if (allowance.kept_s >= sw_paho_expiry_s(&((struct sw_paho *)ctx)->options))
        allowance.kept_s = -1;
    note_connected(ctx, &allowance);
}

static void note_failed(struct sw_paho *link, int code, const char *message)
{
    struct sw_paho_news *news = begin_news(link);
    news->failed = true;
    sw_paho_explain_failure(link, code, message, news->why);
    *link->tls_why = '\0';
    end_news(link);
}

static void connect_failed3(void *ctx, MQTTAsync_failureData *data)
{
    note_failed(ctx, data->code, data->message);
}

static void connect_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    note_failed(ctx, data->code, data->message);
}

void sw_paho_on_connect(MQTTAsync_connectOptions *options, struct sw_paho *link)
{
    bool is_v5 = link->options.protocol == 5;
    options->context = link;
    options->onSuccess = is_v5 ? NULL : connected3;
    options->onFailure = is_v5 ? NULL : connect_failed3;
    options->onSuccess5 = is_v5 ? connected5 : NULL;
    options->onFailure5 = is_v5 ? connect_failed5 : NULL;
}

/* ---- subscribing ---- */

/* all: every filter was refused; else the others are subscribed. */
static void paho_note_refused(struct sw_paho *link, size_t filter, int code,
                              MQTTProperties *properties, bool all)
{
    struct sw_paho_news *news = begin_news(link);
    char reason[REASON_LEN] = "not authorised";
    if (link->options.protocol == 5)
        print_reason(code, properties, reason);
    news->refused = true;
    news->subscribed = !all;
    snprintf(
        news->why, SW_WHY_MAX, "the broker refused the subscription to %.80s: %.70s",
        filter < link->options.n_filters ? link->options.filters[filter] : "?", reason);
    end_news(link);
}

static void note_lowered(struct sw_paho *link, size_t filter)
{
    struct sw_paho_news *news = begin_news(link);
    news->subscribed = news->lowered = true;
    snprintf(news->why, SW_WHY_MAX,
             "the broker grants QoS 0 alone for %.80s: what is sent while the gateway "
             "is away is lost (mosquitto: max_qos)",
             filter < link->options.n_filters ? link->options.filters[filter] : "?");
    end_news(link);
}

/* codes holds the broker's answer to each filter. */
static void note_subscribed(struct sw_paho *link, const int *codes, size_t n,
                            MQTTProperties *properties)
{
    size_t n_refused = 0, n_lowered = 0, refused = 0, lowered = 0;
    size_t n_optional = link->options.n_optional;
    n -= n_optional < n ? n_optional : 0;
    for (size_t i = n; i-- > 0;) {
        if (codes[i] >= SW_PAHO_REFUSED_FROM) {
            n_refused++;
            refused = i;
        } else if (codes[i] == 0) {
            n_lowered++;
            lowered = i;
        }
    }
    if (n_refused > 0) {
        paho_note_refused(link, refused, codes[refused], properties, n_refused == n);
    } else if (n_lowered > 0) {
        note_lowered(link, lowered);
    } else {
        begin_news(link)->subscribed = true;
        end_news(link);
    }
}

static void subscribed3(void *ctx, MQTTAsync_successData *data)
{
    struct sw_paho *link = ctx;
    size_t n = sw_paho_first_filters(&link->options);
    note_subscribed(link, n == 1 ? &data->alt.qos : data->alt.qosList, n, NULL);
}

static void subscribed5(void *ctx, MQTTAsync_successData5 *data)
{
    struct sw_paho *link = ctx;
    size_t n = sw_paho_first_filters(&link->options),
           answered = (size_t)data->alt.sub.reasonCodeCount;
    const enum MQTTReasonCodes *reasons =
        answered == 1 ? &data->reasonCode : data->alt.sub.reasonCodes;
    int codes[FILTERS_MAX] = {0};
    for (size_t i = 0; i < n && i < FILTERS_MAX; i++)
        codes[i] = i < answered ? (int)reasons[i] : MQTTREASONCODE_PROTOCOL_ERROR;
    note_subscribed(link, codes, n < FILTERS_MAX ? n : FILTERS_MAX, &data->properties);
}

/* The only filter failed; or the connection broke first, and note_lost() reports
 * that. */
static void subscribe_failed3(void *ctx, MQTTAsync_failureData *data)
{
    paho_note_refused(ctx, 0, data->code, NULL, true);
}

static void subscribe_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    paho_note_refused(ctx, 0, (int)data->reasonCode, &data->properties, true);
}

void sw_paho_on_subscribe(MQTTAsync_responseOptions *options, struct sw_paho *link)
{
    bool is_v5 = link->options.protocol == 5;
    options->context = link;
    options->onSuccess = is_v5 ? NULL : subscribed3;
    options->onFailure = is_v5 ? NULL : subscribe_failed3;
    options->onSuccess5 = is_v5 ? subscribed5 : NULL;
    options->onFailure5 = is_v5 ? subscribe_failed5 : NULL;
}

static void note_stale_removed(struct sw_paho *link)
{
    pthread_mutex_lock(&link->lock);
    link->stale_removed = true;
    pthread_mutex_unlock(&link->lock);
}

static void unsubscribed3(void *ctx, MQTTAsync_successData *data)
{
    (void)data;
    note_stale_removed(ctx);
}

static void unsubscribed5(void *ctx, MQTTAsync_successData5 *data)
{
    (void)data;
    note_stale_removed(ctx);
}

void sw_paho_on_unsubscribe(MQTTAsync_responseOptions *options, struct sw_paho *link)
{
    bool is_v5 = link->options.protocol == 5;
    options->context = link;
    options->onSuccess = is_v5 ? NULL : unsubscribed3;
    options->onSuccess5 = is_v5 ? unsubscribed5 : NULL;
}

/* ---- publications ---- */

/* refusal: the broker's reason, or NULL if it did not refuse the publication. */
static void note_completed(struct sw_publish *entry, bool delivered,
                           const char *refusal)
{
    struct sw_paho *link = entry->link;
    if (delivered && entry->cookie != 0)
        FAULT_POINT(before_delivered);
    pthread_mutex_lock(&link->lock);
    if (refusal)
        snprintf(entry->refusal, SW_WHY_MAX,
                 "the broker refused what was published to %.80s: %.70s", entry->topic,
                 refusal);
    sw_publish_queue_complete(&link->queue, entry, delivered);
    pthread_cond_signal(&link->wake); /* the next may leave */
    pthread_mutex_unlock(&link->lock);
    sw_paho_poke(link);
}

static void sent3(void *ctx, MQTTAsync_successData *data)
{
    (void)data;
    note_completed(ctx, true, NULL);
}

static void sent5(void *ctx, MQTTAsync_successData5 *data)
{
    (void)data;
    note_completed(ctx, true, NULL);
}

static void send_failed3(void *ctx, MQTTAsync_failureData *data)
{
    (void)data;
    note_completed(ctx, false, NULL);
}

static void send_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    struct sw_publish *entry = ctx;
    char reason[REASON_LEN];
    bool is_refused = (int)data->reasonCode >= SW_PAHO_REFUSED_FROM;
    entry->is_too_large = data->reasonCode == MQTTREASONCODE_PACKET_TOO_LARGE;
    print_reason((int)data->reasonCode, &data->properties, reason);
    note_completed(entry, false, is_refused ? reason : NULL);
}

void sw_paho_on_send(MQTTAsync_responseOptions *options, struct sw_publish *entry)
{
    bool is_v5 = entry->link->options.protocol == 5;
    options->context = entry;
    options->onSuccess = is_v5 ? NULL : sent3;
    options->onFailure = is_v5 ? NULL : send_failed3;
    options->onSuccess5 = is_v5 ? sent5 : NULL;
    options->onFailure5 = is_v5 ? send_failed5 : NULL;
}

/* A broker of MQTT 3.1.1 went on reading after the message that tried its size. */
static void fenced3(void *ctx, MQTTAsync_successData *data)
{
    struct sw_fence *fence = ctx;
    struct sw_paho *link = fence->link;
    (void)data;
    pthread_mutex_lock(&link->lock);
    sw_sizes_fenced(link, fence->epoch, true);
    pthread_cond_signal(&link->wake);
    pthread_mutex_unlock(&link->lock);
}

void sw_paho_on_fence(MQTTAsync_responseOptions *options, struct sw_fence *fence)
{
    options->context = fence;
    options->onSuccess = fenced3;
}

/* ---- the end of a connection ---- */

static void closed3(void *ctx, MQTTAsync_successData *data)
{
    (void)data;
    note_lost(ctx, false, false, "disconnected");
}

static void closed5(void *ctx, MQTTAsync_successData5 *data)
{
    (void)data;
    note_lost(ctx, false, false, "disconnected");
}

void sw_paho_on_close(MQTTAsync_disconnectOptions *options, struct sw_paho *link)
{
    bool is_v5 = link->options.protocol == 5;
    options->context = link;
    options->onSuccess = is_v5 ? NULL : closed3;
    options->onSuccess5 = is_v5 ? closed5 : NULL;
}

static void connection_lost(void *ctx, char *cause)
{
    note_lost(ctx, false, false,
              cause ? cause : "the connection to the broker was lost");
}

/* The broker says goodbye (MQTT 5); connection_lost() does not follow. */
static void disconnected_by_broker(void *ctx, MQTTProperties *properties,
                                   enum MQTTReasonCodes code)
{
    char why[SW_WHY_MAX], reason[REASON_LEN];
    print_reason((int)code, properties, reason);
    snprintf(why, sizeof why, "the broker disconnected us: %s", reason);
    note_lost(ctx, code == MQTTREASONCODE_SESSION_TAKEN_OVER, true, why);
}

/* ---- messages ---- */

/* Returning would acknowledge, so the thread stays here: the broker keeps the message
 * for the next process. */
static void hold_if_abandoned(struct sw_paho *link)
{
    pthread_mutex_lock(&link->lock);
    link->n_received++;
    bool is_abandoned = link->abandoned;
    pthread_mutex_unlock(&link->lock);
    while (is_abandoned)
        pause();
}

/* Whether this process took the message earlier in this session. */
static bool was_taken(const struct sw_paho *link, const struct sw_taken *message)
{
    size_t n = link->n_taken < SW_PAHO_TAKEN_MAX ? link->n_taken : SW_PAHO_TAKEN_MAX;
    for (size_t i = 0; i < n; i++)
        if (link->taken[i].packet_id == message->packet_id &&
            link->taken[i].fingerprint == message->fingerprint)
            return true;
    return false;
}

/* topic_len is 0 for a topic from Paho's own queue. */
static int message_arrived(void *ctx, char *topic, int topic_len,
                           MQTTAsync_message *message)
{
    struct sw_paho *link = ctx;
    size_t len = topic_len > 0 ? (size_t)topic_len : strlen(topic);
    size_t payload_len = (size_t)message->payloadlen;
    struct sw_taken taken = {message->msgid,
                             sw_fingerprint(topic, len, message->payload, payload_len)};
    enum sw_session_copy copy = SW_COPY_NONE;
    if (message->dup)
        copy = was_taken(link, &taken) ? SW_COPY_OF_OURS : SW_COPY_MAYBE;
    hold_if_abandoned(link);
    if (link->options.message)
        link->options.message(link->options.ctx, topic, len, message->payload,
                              payload_len, message->retained, copy);
    link->taken[link->n_taken++ % SW_PAHO_TAKEN_MAX] = taken;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1; /* with 0 Paho would acknowledge all the same, and keep it in memory */
}

void sw_paho_set_callbacks(struct sw_paho *link)
{
    MQTTAsync_setCallbacks(link->client, link, connection_lost, message_arrived, NULL);
    MQTTAsync_setDisconnected(link->client, link, disconnected_by_broker);
}
