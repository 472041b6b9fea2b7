/* session_link.c -- the thread that calls into Paho, and what it shares with others.
 *
 * The calls are in session_calls.c, Paho's answers come in session_callbacks.c. */
#include "mqtt/session_link.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void sw_link_poke(struct sw_link *link)
{
    uint64_t one = 1;
    /* the counter would have to overflow for this to fail, and is then readable */
    ssize_t n = write(link->event_fd, &one, sizeof one);
    (void)n;
}

/* What to do next: a task, or a publication in *ret_flight. */
static enum sw_link_task wait_for_work(struct sw_link *link,
                                       struct sw_flight **ret_flight)
{
    enum sw_link_task task;
    *ret_flight = NULL;
    pthread_mutex_lock(&link->lock);
    for (;;) {
        task = link->task;
        link->task = SW_LINK_NOTHING;
        if (task == SW_LINK_NOTHING && link->sizes.tried == 0)
            *ret_flight =
                sw_flights_launch(&link->flights, link->window, link->sizes.taken);
        if (task == SW_LINK_NOTHING && !*ret_flight && sw_sizes_begin(link))
            task = SW_LINK_TRY_SIZE;
        if (task != SW_LINK_NOTHING || *ret_flight)
            break;
        pthread_cond_wait(&link->wake, &link->lock);
    }
    pthread_mutex_unlock(&link->lock);
    return task;
}

static void send_one(struct sw_link *link, struct sw_flight *flight)
{
    /* once sent, the flight may have landed and be another: hands off */
    if (sw_link_send(link, flight) == MQTTASYNC_SUCCESS)
        return;
    pthread_mutex_lock(&link->lock);
    sw_flights_land(&link->flights, flight, false);
    pthread_mutex_unlock(&link->lock);
    sw_link_poke(link);
}

static void report(struct sw_link *link, bool connecting, const char *what,
                   const char *why)
{
    pthread_mutex_lock(&link->lock);
    link->news.failed |= connecting;
    link->news.refused |= !connecting;
    snprintf(link->news.why, SW_WHY_MAX, "%s: %s", what, why ? why : "failed");
    pthread_mutex_unlock(&link->lock);
    sw_link_poke(link);
}

/* The library would look the name up while it holds its lock, and not say why it could
 * not. */
static void connect_or_report(struct sw_link *link)
{
    const char *why = sw_link_look_up(link);
    if (why) {
        report(link, true, "cannot connect", why);
        return;
    }
    int code = sw_link_connect(link);
    if (code != MQTTASYNC_SUCCESS && code != MQTTASYNC_COMMAND_IGNORED)
        report(link, true, "cannot connect", MQTTAsync_strerror(code));
}

static void do_task(struct sw_link *link, enum sw_link_task task)
{
    int code;
    switch (task) {
    case SW_LINK_CONNECT:
        connect_or_report(link);
        break;
    case SW_LINK_SUBSCRIBE:
        code = sw_link_subscribe(link);
        if (code != MQTTASYNC_SUCCESS)
            report(link, false, "cannot subscribe", MQTTAsync_strerror(code));
        break;
    case SW_LINK_CLOSE:
        sw_link_close(link); /* fails only if it is closed */
        break;
    case SW_LINK_TRY_SIZE:
        sw_sizes_try(link);
        break;
    case SW_LINK_NOTHING:
    case SW_LINK_STOP:
        break;
    }
}

static void *run(void *arg)
{
    struct sw_link *link = arg;
    struct sw_flight *flight;
    enum sw_link_task task;
    while ((task = wait_for_work(link, &flight)) != SW_LINK_STOP) {
        if (flight)
            send_one(link, flight);
        else
            do_task(link, task);
    }
    pthread_mutex_lock(&link->lock);
    link->ended = true;
    sw_link_poke(link);
    pthread_mutex_unlock(&link->lock);
    return NULL;
}

/* With all signals blocked, which Paho's threads inherit: they belong to the loop. */
static int start_thread(struct sw_link *link)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&link->thread, NULL, run, link);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

static int init(struct sw_link *link, const struct sw_session_options *options,
                char why[static SW_WHY_MAX])
{
    int r = sw_options_copy(&link->options, options);
    if (r < 0)
        return r;
    link->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (link->event_fd < 0)
        return -errno;
    int code = sw_link_create_client(link);
    if (code != MQTTASYNC_SUCCESS) {
        const char *text = MQTTAsync_strerror(code);
        snprintf(why, SW_WHY_MAX, "broker uri \"%s\", client id \"%s\": %s",
                 options->uri, options->client_id,
                 text ? text : "not accepted by the MQTT library");
        return -EINVAL;
    }
    return start_thread(link);
}

static void release(struct sw_link *link)
{
    if (link->client)
        MQTTAsync_destroy(&link->client);
    if (link->event_fd >= 0)
        close(link->event_fd);
    sw_flights_fini(&link->flights);
    sw_options_fini(&link->options);
    pthread_cond_destroy(&link->wake);
    pthread_mutex_destroy(&link->lock);
    free(link);
}

int sw_link_new(struct sw_link **ret, const struct sw_session_options *options,
                char why[static SW_WHY_MAX])
{
    struct sw_link *link = calloc(1, sizeof *link);
    if (!link)
        return -ENOMEM;
    link->event_fd = -1;
    link->window = SW_FLIGHTS_MAX;
    for (size_t i = 0; i < SW_FENCES; i++)
        link->fences[i].link = link;
    pthread_mutex_init(&link->lock, NULL);
    pthread_cond_init(&link->wake, NULL);
    int r = init(link, options, why);
    if (r < 0) {
        release(link);
        return r;
    }
    *ret = link;
    return 0;
}

void sw_link_ask(struct sw_link *link, enum sw_link_task task)
{
    pthread_mutex_lock(&link->lock);
    link->task = task;
    pthread_cond_signal(&link->wake);
    pthread_mutex_unlock(&link->lock);
}

void sw_link_take_news(struct sw_link *link, struct sw_link_news *ret)
{
    pthread_mutex_lock(&link->lock);
    *ret = link->news;
    link->news = (struct sw_link_news){0};
    pthread_mutex_unlock(&link->lock);
}

size_t sw_link_outstanding(struct sw_link *link, uint64_t *ret_signs)
{
    pthread_mutex_lock(&link->lock);
    size_t n = link->flights.n_queued + link->flights.n_launched;
    *ret_signs = link->flights.landings + link->arrivals;
    pthread_mutex_unlock(&link->lock);
    return n;
}

bool sw_link_ended(struct sw_link *link)
{
    pthread_mutex_lock(&link->lock);
    bool ended = link->ended;
    pthread_mutex_unlock(&link->lock);
    return ended;
}

void sw_link_free(struct sw_link *link)
{
    pthread_join(link->thread, NULL);
    release(link);
}

void sw_link_abandon(struct sw_link *link)
{
    pthread_mutex_lock(&link->lock);
    link->abandoned = true;
    pthread_mutex_unlock(&link->lock);
}
