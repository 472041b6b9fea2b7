/* receiver.c -- a client of the broker that does nothing: what the gateway is held to.
 *
 *     receiver -p PORT [-i CLIENT_ID] [-n 0]
 *
 * Paho's MQTTAsync with the options and the subscriptions of the gateway, and a
 * messageArrived that counts and returns 1. Ends at SIGTERM. With -n 0: when it is
 * subscribed, so that the broker keeps what comes then. Measuring it is watch.c's
 * business.
 */
#include <MQTTAsync.h>
#include <getopt.h>
#include <inttypes.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    N_FILTERS = 3,
    KEEP_ALIVE_S = 30,
    PACKET_MAX = 256 * 1024,
    EXPIRY_S = 31 * 86400,
};

static MQTTAsync client;
static sem_t over; /* posted by signals and by callbacks: nothing is left to wait for */
static atomic_bool failed;
static atomic_llong n_arrived;
static bool is_only_subscribing;

static void end(int signal)
{
    (void)signal;
    sem_post(&over);
}

static void fail(const char *what)
{
    fprintf(stderr, "receiver: %s\n", what);
    failed = true;
    sem_post(&over);
}

static int arrived(void *ctx, char *topic, int topic_len, MQTTAsync_message *message)
{
    (void)ctx, (void)topic_len;
    n_arrived++;
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void lost(void *ctx, char *cause)
{
    (void)ctx;
    fail(cause ? cause : "the connection was lost");
}

static void refused(void *ctx, MQTTAsync_failureData5 *data)
{
    (void)ctx;
    fail(data->message ? data->message : "the broker refused");
}

static void subscribed(void *ctx, MQTTAsync_successData5 *data)
{
    (void)ctx, (void)data;
    if (is_only_subscribing)
        sem_post(&over);
}

static void connected(void *ctx, MQTTAsync_successData5 *data)
{
    static char steps[] = "clinic/main/patient/+/steps",
                pain[] = "clinic/main/patient/+/pain",
                set[] = "clinic/main/alerts/+/+/+/set";
    char *const filters[N_FILTERS] = {steps, pain, set};
    static int qos[N_FILTERS] = {1, 1, 1};
    MQTTAsync_responseOptions response = MQTTAsync_responseOptions_initializer;
    (void)ctx, (void)data;
    response.onSuccess5 = subscribed;
    response.onFailure5 = refused;
    if (MQTTAsync_subscribeMany(client, N_FILTERS, filters, qos, &response) !=
        MQTTASYNC_SUCCESS)
        fail("cannot subscribe");
}

static void add_number(MQTTProperties *properties, enum MQTTPropertyCodes identifier,
                       unsigned number)
{
    MQTTProperty property = {.identifier = identifier};
    property.value.integer4 = number;
    MQTTProperties_add(properties, &property);
}

static int connect_to(const char *uri, const char *client_id)
{
    MQTTAsync_createOptions create = MQTTAsync_createOptions_initializer5;
    MQTTAsync_connectOptions connect = MQTTAsync_connectOptions_initializer5;
    MQTTProperties properties = MQTTProperties_initializer;
    int code = MQTTAsync_createWithOptions(&client, uri, client_id,
                                           MQTTCLIENT_PERSISTENCE_NONE, NULL, &create);
    if (code != MQTTASYNC_SUCCESS)
        return code;
    MQTTAsync_setCallbacks(client, NULL, lost, arrived, NULL);
    add_number(&properties, MQTTPROPERTY_CODE_SESSION_EXPIRY_INTERVAL, EXPIRY_S);
    add_number(&properties, MQTTPROPERTY_CODE_MAXIMUM_PACKET_SIZE, PACKET_MAX);
    connect.keepAliveInterval = KEEP_ALIVE_S;
    connect.cleanstart = 0;
    connect.connectProperties = &properties;
    connect.onSuccess5 = connected;
    connect.onFailure5 = refused;
    code = MQTTAsync_connect(client, &connect);
    MQTTProperties_free(&properties);
    return code;
}

static void closed(void *ctx, MQTTAsync_successData5 *data)
{
    (void)ctx, (void)data;
    sem_post(&over);
}

static void say_goodbye(void)
{
    MQTTAsync_disconnectOptions options = MQTTAsync_disconnectOptions_initializer5;
    options.onSuccess5 = closed;
    if (MQTTAsync_disconnect(client, &options) == MQTTASYNC_SUCCESS)
        sem_wait(&over);
}

static int usage(void)
{
    fprintf(stderr, "usage: receiver -p PORT [-i CLIENT_ID] [-n 0]\n");
    return 2;
}

int main(int argc, char **argv)
{
    const char *port = NULL, *client_id = "receiver";
    char uri[64];
    for (int key; (key = getopt(argc, argv, "p:i:n:")) != -1;) {
        if (key == 'p')
            port = optarg;
        else if (key == 'i')
            client_id = optarg;
        else if (key == 'n' && strcmp(optarg, "0") == 0)
            is_only_subscribing = true;
        else
            return usage();
    }
    if (!port || optind < argc)
        return usage();
    sem_init(&over, 0, 0);
    signal(SIGTERM, end);
    signal(SIGINT, end);
    snprintf(uri, sizeof(uri), "tcp://127.0.0.1:%s", port);
    if (connect_to(uri, client_id) != MQTTASYNC_SUCCESS)
        return 1;
    while (sem_wait(&over) != 0)
        continue; /* a signal came, and posts */
    if (!failed)
        say_goodbye();
    printf("%lld\n", (long long)n_arrived);
    return failed;
}
