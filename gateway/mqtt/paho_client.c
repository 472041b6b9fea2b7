/* paho_client.c -- the thread that calls into Paho, and what it shares with others.
 *
 * The calls are in paho_calls.c, Paho's answers come in paho_callbacks.c. */
#include "mqtt/paho_client.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

void sw_paho_poke(struct sw_paho *link)
{
    uint64_t one = 1;
    /* the counter would have to overflow for this to fail, and is then readable */
    ssize_t n = write(link->event_fd, &one, sizeof one);
    (void)n;
}

/* What to do next: a task, or a publication in *ret_entry. */
static enum sw_paho_task wait_for_work(struct sw_paho *link,
                                       struct sw_publish **ret_entry)
{
    enum sw_paho_task task;
    *ret_entry = NULL;
    pthread_mutex_lock(&link->lock);
    for (;;) {
        task = link->task;
        link->task = SW_PAHO_NOTHING;
        if (task == SW_PAHO_NOTHING && link->sizes.tried == 0)
            *ret_entry =
                sw_publish_queue_send(&link->queue, link->window, link->sizes.taken);
        if (task == SW_PAHO_NOTHING && !*ret_entry && sw_sizes_begin(link))
            task = SW_PAHO_TRY_SIZE;
        if (task != SW_PAHO_NOTHING || *ret_entry)
            break;
        pthread_cond_wait(&link->wake, &link->lock);
    }
    pthread_mutex_unlock(&link->lock);
    return task;
}

static void send_one(struct sw_paho *link, struct sw_publish *entry)
{
    /* once sent, the flight may have landed and be another: hands off */
    if (sw_paho_send(link, entry) == MQTTASYNC_SUCCESS)
        return;
    pthread_mutex_lock(&link->lock);
    sw_publish_queue_complete(&link->queue, entry, false);
    pthread_mutex_unlock(&link->lock);
    sw_paho_poke(link);
}

static void report(struct sw_paho *link, bool connecting, const char *what,
                   const char *why)
{
    pthread_mutex_lock(&link->lock);
    link->news.failed |= connecting;
    link->news.refused |= !connecting;
    snprintf(link->news.why, SW_WHY_MAX, "%s: %s", what, why ? why : "failed");
    pthread_mutex_unlock(&link->lock);
    sw_paho_poke(link);
}

/* The library would look the name up while it holds its lock, and not say why it could
 * not. */
static void connect_or_report(struct sw_paho *link)
{
    const char *why = sw_paho_look_up(link);
    if (why) {
        report(link, true, "cannot connect", why);
        return;
    }
    int code = sw_paho_connect(link);
    if (code != MQTTASYNC_SUCCESS && code != MQTTASYNC_COMMAND_IGNORED)
        report(link, true, "cannot connect", MQTTAsync_strerror(code));
}

static void do_task(struct sw_paho *link, enum sw_paho_task task)
{
    int code;
    switch (task) {
    case SW_PAHO_CONNECT:
        connect_or_report(link);
        break;
    case SW_PAHO_SUBSCRIBE:
        code = sw_paho_subscribe(link);
        if (code != MQTTASYNC_SUCCESS)
            report(link, false, "cannot subscribe", MQTTAsync_strerror(code));
        break;
    case SW_PAHO_CLOSE:
        sw_paho_close(link); /* fails only if it is closed */
        break;
    case SW_PAHO_TRY_SIZE:
        sw_sizes_try(link);
        break;
    case SW_PAHO_NOTHING:
    case SW_PAHO_STOP:
        break;
    }
}

static void *run(void *arg)
{
    struct sw_paho *link = arg;
    struct sw_publish *entry;
    enum sw_paho_task task;
    while ((task = wait_for_work(link, &entry)) != SW_PAHO_STOP) {
        if (entry)
            send_one(link, entry);
        else
            do_task(link, task);
    }
    pthread_mutex_lock(&link->lock);
    link->ended = true;
    sw_paho_poke(link);
    pthread_mutex_unlock(&link->lock);
    return NULL;
}

/* With all signals blocked, which Paho's threads inherit: they belong to the loop. */
static int start_thread(struct sw_paho *link)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&link->thread, NULL, run, link);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

static int init(struct sw_paho *link, const struct sw_session_options *options,
                char why[static SW_WHY_MAX])
{
    int r = sw_options_copy(&link->options, &link->options_memory, options);
    if (r < 0)
        return r;
    link->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (link->event_fd < 0)
        return -errno;
    int code = sw_paho_create_client(link);
    if (code != MQTTASYNC_SUCCESS) {
        const char *text = MQTTAsync_strerror(code);
        snprintf(why, SW_WHY_MAX, "broker uri \"%s\", client id \"%s\": %s",
                 options->uri, options->client_id,
                 text ? text : "not accepted by the MQTT library");
        return -EINVAL;
    }
    return start_thread(link);
}

static void release(struct sw_paho *link)
{
    if (link->client)
        MQTTAsync_destroy(&link->client);
    if (link->event_fd >= 0)
        close(link->event_fd);
    sw_publish_queue_fini(&link->queue);
    free(link->options_memory);
    pthread_cond_destroy(&link->wake);
    pthread_mutex_destroy(&link->lock);
    free(link);
}

int sw_paho_new(struct sw_paho **ret, const struct sw_session_options *options,
                char why[static SW_WHY_MAX])
{
    struct sw_paho *link = calloc(1, sizeof *link);
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

void sw_paho_ask(struct sw_paho *link, enum sw_paho_task task)
{
    pthread_mutex_lock(&link->lock);
    link->task = task;
    pthread_cond_signal(&link->wake);
    pthread_mutex_unlock(&link->lock);
}

void sw_paho_take_news(struct sw_paho *link, struct sw_paho_news *ret)
{
    pthread_mutex_lock(&link->lock);
    *ret = link->news;
    link->news = (struct sw_paho_news){0};
    pthread_mutex_unlock(&link->lock);
}

size_t sw_paho_outstanding(struct sw_paho *link, uint64_t *ret_signs)
{
    pthread_mutex_lock(&link->lock);
    size_t n = link->queue.n_queued + link->queue.n_sent;
    *ret_signs = link->queue.landings + link->received_list;
    pthread_mutex_unlock(&link->lock);
    return n;
}

bool sw_paho_ended(struct sw_paho *link)
{
    pthread_mutex_lock(&link->lock);
    bool ended = link->ended;
    pthread_mutex_unlock(&link->lock);
    return ended;
}

void sw_paho_free(struct sw_paho *link)
{
    pthread_join(link->thread, NULL);
    release(link);
}

void sw_paho_abandon(struct sw_paho *link)
{
    pthread_mutex_lock(&link->lock);
    link->abandoned = true;
    pthread_mutex_unlock(&link->lock);
}
