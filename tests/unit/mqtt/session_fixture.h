/* session_fixture.h -- a client of the session under test, what it heard, and its time.
 *
 *     struct client client;
 *     struct sw_session_options options = options_for(uri, "id", 5);
 *     client_open(&client, &options);
 *     expect(&client, SW_SESSION_UP);
 *     await_messages(&client, 1);  client.payloads[0] …
 *     client.ahead_ms += 60 * 1000;   // the session's clock, not ours
 *     client_close(&client);
 *
 * struct bad is a client whose broker misbehaves (fake_broker.h).
 */
#ifndef SESSION_FIXTURE_H
#define SESSION_FIXTURE_H

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_broker.h"
#include "real_broker.h"
#include "stepward/session.h"

enum { MESSAGES_MAX = 64 };

struct client {
    struct sw_session *session;
    struct fake *fake; /* served while we wait */
    int64_t ahead_ms;  /* the test's clock is this far ahead */
    int last_wait_ms;
    pthread_mutex_t lock;
    size_t n; /* messages */
    char topics[MESSAGES_MAX][64], payloads[MESSAGES_MAX][64];
    bool retained[MESSAGES_MAX];
    enum sw_session_copy copies[MESSAGES_MAX];
    sem_t *hold; /* the callback waits for it */
    atomic_bool is_holding;
};

static inline void on_message(void *ctx, const char *topic, size_t topic_len,
                              const char *payload, size_t payload_len, bool retained,
                              enum sw_session_copy copy)
{
    struct client *client = ctx;
    if (client->hold) {
        client->is_holding = true;
        sem_wait(client->hold);
    }
    pthread_mutex_lock(&client->lock);
    if (client->n < MESSAGES_MAX) {
        size_t i = client->n++;
        snprintf(client->topics[i], 64, "%.*s", (int)topic_len, topic);
        snprintf(client->payloads[i], 64, "%.*s", (int)payload_len, payload);
        client->retained[i] = retained;
        client->copies[i] = copy;
    }
    pthread_mutex_unlock(&client->lock);
}

static inline size_t n_messages(struct client *client)
{
    pthread_mutex_lock(&client->lock);
    size_t n = client->n;
    pthread_mutex_unlock(&client->lock);
    return n;
}

static inline struct sw_session_options options_for(const char *uri, const char *id,
                                                    int protocol)
{
    return (struct sw_session_options){.uri = uri,
                                       .client_id = id,
                                       .protocol = protocol,
                                       .username = "",
                                       .password = "",
                                       .ca_file = "",
                                       .cert_file = "",
                                       .key_file = "",
                                       .session_expiry_s = 3600,
                                       .message = on_message};
}

static inline void client_open(struct client *client,
                               struct sw_session_options *options)
{
    char why[SW_WHY_MAX];
    *client = (struct client){0};
    pthread_mutex_init(&client->lock, NULL);
    options->ctx = client;
    if (sw_session_new(&client->session, options, why) < 0)
        fail_msg("%s", why);
}

/* One turn of the loop; false when no event came within a short while. */
static inline bool turn(struct client *client, struct sw_session_event *ret)
{
    client->last_wait_ms =
        sw_session_tick(client->session, now_ms() + client->ahead_ms);
    struct pollfd fd = {.fd = sw_session_fd(client->session), .events = POLLIN};
    if (client->fake)
        fake_step(client->fake);
    poll(&fd, 1, 5);
    return sw_session_next(client->session, ret);
}

/* The next event, which must be of this kind. */
static inline struct sw_session_event expect(struct client *client,
                                             enum sw_session_event_kind kind)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!turn(client, &event))
        if (now_ms() > deadline_ms)
            fail_msg("no event of kind %d", (int)kind);
    if (event.kind != kind)
        fail_msg("event %d instead of %d: %s", (int)event.kind, (int)kind, event.why);
    return event;
}

/* Whatever comes before the first of this kind is skipped. */
static inline struct sw_session_event await(struct client *client,
                                            enum sw_session_event_kind kind)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (!turn(client, &event) || event.kind != kind)
        if (now_ms() > deadline_ms)
            fail_msg("no event of kind %d", (int)kind);
    return event;
}

static inline void await_messages(struct client *client, size_t n)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (n_messages(client) < n) {
        turn(client, &event);
        if (now_ms() > deadline_ms)
            fail_msg("%zu messages instead of %zu", n_messages(client), n);
    }
}

static inline int say(struct client *client, const char *topic, const char *payload,
                      bool retain, uint64_t cookie)
{
    return sw_session_publish(client->session, topic, payload, strlen(payload), retain,
                              0, cookie);
}

static inline void client_close(struct client *client)
{
    assert_true(sw_session_free(client->session, 5000));
    pthread_mutex_destroy(&client->lock);
}

/* ---- a client of a bad broker ---- */

struct bad {
    struct fake fake;
    struct client client;
    char uri[64];
};

static inline void bad_open_as(struct bad *bad, int protocol,
                               const char *const *filters, size_t n)
{
    fake_open(&bad->fake);
    bad->fake.is_old = protocol != 5;
    snprintf(bad->uri, sizeof bad->uri, "mqtt://127.0.0.1:%d", bad->fake.port);
    struct sw_session_options options = options_for(bad->uri, "victim", protocol);
    options.size_topic = "size";
    options.filters = filters;
    options.n_filters = n;
    client_open(&bad->client, &options);
    bad->client.fake = &bad->fake;
}

static inline void bad_open(struct bad *bad, const char *const *filters, size_t n)
{
    bad_open_as(bad, 5, filters, n);
}

/* The fake cannot answer a goodbye while we wait for it: hang up first. */
static inline void bad_close(struct bad *bad)
{
    fake_hang_up(&bad->fake);
    client_close(&bad->client);
    fake_close(&bad->fake);
}

static inline void bad_await_publishes(struct bad *bad, size_t n)
{
    struct sw_session_event event;
    int64_t deadline_ms = now_ms() + PATIENCE_MS;
    while (bad->fake.n_publishes < n) {
        assert_false(turn(&bad->client, &event));
        assert_true(now_ms() < deadline_ms);
    }
}

#endif
