/* paho_calls.c -- every call into Paho, with its options.
 *
 * MQTT 5 and 3.1.1 differ in options and callbacks; the differences end here and in
 * paho_callbacks.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/paho_client.h"
#include "stepward/fault.h"

enum {
    KEEP_ALIVE_S = 30,      /* a dead broker is noticed within 75 s */
    CONNECT_TIMEOUT_S = 30, /* Paho's own; the session gives up a little later */
    /* The broker may send us packets of four payloads, so that one that is too long
     * still arrives and is refused by name. Beyond that the broker drops it. */
    PACKET_MAX = 4 * SW_PAYLOAD_MAX,
    QOS = 1, /* of everything */
};

static bool is_v5(const struct sw_paho *link)
{
    return link->options.protocol == 5;
}

static const char *or_null(const char *text)
{
    return text && *text ? text : NULL;
}

bool sw_uri_is_tls(const char *uri)
{
    return strncmp(uri, "mqtts:", 6) == 0 || strncmp(uri, "ssl:", 4) == 0;
}

uint32_t sw_paho_expiry_s(const struct sw_session_options *options)
{
    if (options->clean || options->session_expiry_s < 0)
        return 0;
    /* the largest means "never" */
    return options->session_expiry_s > UINT32_MAX ? UINT32_MAX
                                                  : (uint32_t)options->session_expiry_s;
}

/* Turn mqtt://host into tcp://host and mqtts:// into ssl://. The caller frees it. NULL
 * for another scheme or without memory. */
static char *paho_uri(const char *uri)
{
    static const struct {
        const char *ours, *theirs;
    } schemes[] = {
        {"mqtt://", "tcp://"},
        {"tcp://", "tcp://"},
        {"mqtts://", "ssl://"},
        {"ssl://", "ssl://"},
    };
    for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++) {
        size_t n = strlen(schemes[i].ours);
        char *result;
        if (strncmp(uri, schemes[i].ours, n) != 0 || uri[n] == '\0')
            continue;
        if (asprintf(&result, "%s%s", schemes[i].theirs, uri + n) < 0)
            return NULL;
        return result;
    }
    return NULL;
}

int sw_paho_create_client(struct sw_paho *link)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer;
    char *uri = paho_uri(link->options.uri);
    options.MQTTVersion = is_v5(link) ? MQTTVERSION_5 : MQTTVERSION_3_1_1;
    /* Nobody reads Paho's trace, and one of its threads that is late when the last
     * client ends would leak the buffer. */
    MQTTAsync_setTraceLevel(MQTTASYNC_TRACE_ERROR);
    sw_paho_hide_lost_writes();
    options.maxBufferedMessages =
        2 * SW_PUBLISHES_MAX; /* never the limit that counts */
    int code = MQTTASYNC_BAD_PROTOCOL;
    if (uri)
        code = MQTTAsync_createWithOptions(&link->client, uri, link->options.client_id,
                                           MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (code == MQTTASYNC_SUCCESS)
        sw_paho_set_callbacks(link);
    free(uri);
    return code;
}

static void paho_add_number(MQTTProperties *properties,
                            enum MQTTPropertyCodes identifier, uint32_t value)
{
    MQTTProperty property = {.identifier = identifier};
    property.value.integer4 = value;
    MQTTProperties_add(properties, &property);
}

static void set_credentials(MQTTAsync_connectOptions *connect,
                            MQTTAsync_SSLOptions *tls, struct sw_paho *link)
{
    const struct sw_session_options *options = &link->options;
    connect->username = or_null(options->username);
    connect->password = or_null(options->password);
    tls->trustStore = or_null(options->ca_file);
    tls->keyStore = or_null(options->cert_file);
    tls->privateKey = or_null(options->key_file);
    tls->enableServerCertAuth = 1;
    tls->verify = 1; /* the host's name too */
    tls->ssl_error_cb = sw_paho_on_tls_error;
    tls->ssl_error_context = link;
    if (sw_uri_is_tls(options->uri)) /* the library without TLS refuses to be asked */
        connect->ssl = tls;
}

int sw_paho_connect(struct sw_paho *link)
{
    const struct sw_session_options *options = &link->options;
    MQTTAsync_connectOptions connect3 = MQTTAsync_connectOptions_initializer,
                             connect5 = MQTTAsync_connectOptions_initializer5,
                             *connect = is_v5(link) ? &connect5 : &connect3;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTProperties properties = MQTTProperties_initializer;

    set_credentials(connect, &tls, link);
    connect->keepAliveInterval = KEEP_ALIVE_S;
    connect->connectTimeout = CONNECT_TIMEOUT_S;
    will.topicName = options->will_topic;
    will.message = SW_SESSION_WILL;
    will.retained = 1;
    will.qos = QOS;
    connect->will = options->will_topic ? &will : NULL;
    if (is_v5(link)) {
        paho_add_number(&properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL,
                        sw_paho_expiry_s(options));
        paho_add_number(&properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, PACKET_MAX);
        connect->connectProperties = &properties;
        connect->cleanstart = options->clean;
    } else {
        connect->MQTTVersion = MQTTVERSION_3_1_1;
        connect->cleansession = options->clean;
    }
    sw_paho_on_connect(connect, link);
    int code = MQTTAsync_connect(link->client, connect);
    MQTTProperties_free(&properties);
    return code;
}

/* Paho's prototypes lack a const that its code keeps. */
static char *const *paho_texts(const char *const *texts)
{
    return (char *const *)(uintptr_t)texts;
}

static int unsubscribe_stale(struct sw_paho *link)
{
    const struct sw_session_options *options = &link->options;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    pthread_mutex_lock(&link->lock);
    bool is_done = link->stale_removed || options->n_stale_filters == 0;
    pthread_mutex_unlock(&link->lock);
    if (is_done)
        return MQTTASYNC_SUCCESS;
    sw_paho_on_unsubscribe(&response, link);
    return MQTTAsync_unsubscribeMany(link->client, (int)options->n_stale_filters,
                                     paho_texts(options->stale_filters), &response);
}

/* MQTT 5's options for each filter, of which Paho takes a copy; NULL without memory. */
static MQTTSubscribe_options *subscribe_options(const struct sw_session_options *from)
{
    enum { RETAINED_AT_SUBSCRIBE = 0, NO_RETAINED = 2 };
    MQTTSubscribe_options *options = calloc(from->n_filters, sizeof *options);
    for (size_t i = 0; options && i < from->n_filters; i++) {
        bool is_live = from->filters_live && from->filters_live[i];
        options[i] = (MQTTSubscribe_options)MQTTSubscribe_options_initializer;
        options[i].retainHandling = is_live ? NO_RETAINED : RETAINED_AT_SUBSCRIBE;
        options[i].noLocal = from->filters_no_local && from->filters_no_local[i];
    }
    return options;
}

size_t sw_paho_first_filters(const struct sw_session_options *options)
{
    size_t n = options->n_filters;
    while (n > 1 && options->filters_no_local && options->filters_no_local[n - 1])
        n--;
    return n;
}

/* Subscribe to n filters from the first-th on. */
static int subscribe_some(struct sw_paho *link, MQTTSubscribe_options *v5, int *qos,
                          size_t first, size_t n, MQTTAsync_responseOptions *response)
{
    if (v5) {
        response->subscribeOptions = v5[first]; /* of a single filter */
        response->subscribeOptionsList = v5 + first;
        response->subscribeOptionsCount = (int)n;
    }
    return MQTTAsync_subscribeMany(
        link->client, (int)n, paho_texts(link->options.filters) + first, qos, response);
}

/* What is only looked at at a connect follows in a packet of its own: a broker may take
 * none that is larger than an alert. If it is refused, less is compared. */
int sw_paho_subscribe(struct sw_paho *link)
{
    const struct sw_session_options *options = &link->options;
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer,
                              second = MQTTAsync_responseOptions_initializer;
    size_t n_first = sw_paho_first_filters(options);
    int *qos = calloc(options->n_filters, sizeof *qos);
    MQTTSubscribe_options *v5 = is_v5(link) ? subscribe_options(options) : NULL;
    if (!qos || (is_v5(link) && !v5)) {
        free(qos);
        free(v5);
        return MQTTASYNC_FAILURE;
    }
    for (size_t i = 0; i < options->n_filters; i++)
        qos[i] = QOS;
    /* This comes first, so that a filter that is in both lists ends up subscribed. */
    int code = unsubscribe_stale(link);
    if (code == MQTTASYNC_SUCCESS) {
        sw_paho_on_subscribe(&response, link);
        code = subscribe_some(link, v5, qos, 0, n_first, &response);
    }
    if (code == MQTTASYNC_SUCCESS && n_first < options->n_filters)
        code = subscribe_some(link, v5, qos, n_first, options->n_filters - n_first,
                              &second);
    free(qos);
    free(v5);
    return code;
}

int sw_paho_close(struct sw_paho *link)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer;
    if (is_v5(link))
        options = (MQTTAsync_disconnectOptions)MQTTAsync_disconnectOptions_initializer5;
    options.timeout = 0; /* we have waited for what is under way, or it is stuck */
    if (is_v5(link) && link->options.will_topic) /* see sw_session_free() */
        options.reasonCode = MQTTREASONCODE_DISCONNECT_WITH_WILL_MESSAGE;
    sw_paho_on_close(&options, link);
    return MQTTAsync_disconnect(link->client, &options);
}

int sw_paho_send_and_forget(struct sw_paho *link, const char *topic,
                            const char *payload, size_t len)
{
    enum { QOS_0 = 0 };
    return MQTTAsync_send(link->client, topic, (int)len, payload, QOS_0, false, NULL);
}

/* An UNSUBSCRIBE of a topic to which we are not subscribed changes nothing, and is
 * answered. */
int sw_paho_send_fence(struct sw_paho *link, unsigned epoch)
{
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    struct sw_fence *fence = &link->fences[epoch % SW_FENCES];
    pthread_mutex_lock(&link->lock);
    fence->epoch = epoch;
    pthread_mutex_unlock(&link->lock);
    sw_paho_on_fence(&response, fence);
    return MQTTAsync_unsubscribe(link->client, link->options.size_topic, &response);
}

int sw_paho_send(struct sw_paho *link, struct sw_publish *entry)
{
    bool is_awaited = entry->cookie != 0; /* it may complete before the call returns */
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    sw_paho_on_send(&response, entry);
    if (is_v5(link) && entry->expiry_s > 0)
        paho_add_number(&response.properties, MQTTPROPERTY_CODE_MESSAGE_EXPIRY_INTERVAL,
                        entry->expiry_s);
    int code =
        MQTTAsync_send(link->client, entry->topic, (int)entry->len, entry->payload,
                       entry->is_once ? 0 : QOS, entry->retain, &response);
    if (is_awaited)
        FAULT_POINT(after_send);
    MQTTProperties_free(&response.properties); /* Paho took a copy */
    return code;
}
