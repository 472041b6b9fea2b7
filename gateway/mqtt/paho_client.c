/* paho_client.c -- the thread that calls into Paho, and what it shares with others.
 *
 * The calls themselves are in paho_calls.c; Paho's answers arrive in
 * paho_callbacks.c. */
#include "mqtt/paho_client.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

void sw_paho_poke(struct sw_paho *link)
{
    uint64_t one = 1;
    /* It fails only if the counter would overflow, and then it is readable anyway. */
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

static void send_publication(struct sw_paho *link, struct sw_publish *entry)
{
    /* Once it was sent, its completion may have come and freed the entry for
     * another. */
    if (sw_paho_send(link, entry) == MQTTASYNC_SUCCESS)
        return;
    pthread_mutex_lock(&link->lock);
    sw_publish_queue_complete(&link->queue, entry, false);
    pthread_mutex_unlock(&link->lock);
    sw_paho_poke(link);
}

/* Why the broker's name has no address; NULL: it has one. The library would look the
 * name up while it holds its lock, and not say why it could not. */
static const char *paho_look_up(const char *uri)
{
    enum { NAME_LEN = 254 }; /* of a host, with its NUL */
    char name[NAME_LEN];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    /* scheme://host:port, scheme://[address]:port, or either without a port */
    const char *host = strstr(uri, "://");
    host = host ? host + strlen("://") : uri;
    bool is_bracketed = *host == '[';
    host += is_bracketed;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(host, is_bracketed ? "]" : ":/"),
             host);
    int r = getaddrinfo(name, NULL, &hints, &found);
    if (r != 0)
        return gai_strerror(r);
    freeaddrinfo(found);
    return NULL;
}

static void paho_report(struct sw_paho *link, bool connecting, const char *what,
                        const char *why)
{
    pthread_mutex_lock(&link->lock);
    link->news.failed |= connecting;
    link->news.refused |= !connecting;
    snprintf(link->news.why, SW_WHY_MAX, "%s: %s", what, why ? why : "failed");
    pthread_mutex_unlock(&link->lock);
    sw_paho_poke(link);
}

static void do_task(struct sw_paho *link, enum sw_paho_task task)
{
    const char *why;
    int code;
    switch (task) {
    case SW_PAHO_CONNECT:
        why = paho_look_up(link->options.uri);
        code = why ? MQTTASYNC_FAILURE : sw_paho_connect(link);
        if (code != MQTTASYNC_SUCCESS && code != MQTTASYNC_COMMAND_IGNORED)
            paho_report(link, true, "cannot connect",
                        why ? why : MQTTAsync_strerror(code));
        break;
    case SW_PAHO_SUBSCRIBE:
        code = sw_paho_subscribe(link);
        if (code != MQTTASYNC_SUCCESS)
            paho_report(link, false, "cannot subscribe", MQTTAsync_strerror(code));
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

static void *paho_run(void *arg)
{
    struct sw_paho *link = arg;
    struct sw_publish *entry;
    enum sw_paho_task task;
    while ((task = wait_for_work(link, &entry)) != SW_PAHO_STOP) {
        if (entry)
            send_publication(link, entry);
        else
            do_task(link, task);
    }
    pthread_mutex_lock(&link->lock);
    link->ended = true;
    sw_paho_poke(link);
    pthread_mutex_unlock(&link->lock);
    return NULL;
}

/* One piece of memory for all copies. Without memory their bytes are only counted. */
struct block {
    char *begin;
    size_t n;
};

static void *copy_bytes(struct block *block, const void *bytes, size_t n)
{
    void *copy = block->begin ? block->begin + block->n : NULL;
    if (copy && n > 0)
        memcpy(copy, bytes, n);
    block->n +=
        (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    return copy;
}

/* NULL stays NULL. */
static const char *copy_text(struct block *block, const char *text)
{
    return text ? copy_bytes(block, text, strlen(text) + 1) : NULL;
}

static const char *const *copy_texts(struct block *block, const char *const *texts,
                                     size_t n)
{
    const char **copies = copy_bytes(block, texts, n * sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        const char *copy = copy_text(block, texts[i]);
        if (copies)
            copies[i] = copy;
    }
    return copies;
}

static void copy_options(struct block *block, struct sw_session_options *ret,
                         const struct sw_session_options *options)
{
    *ret = *options;
    ret->uri = copy_text(block, options->uri);
    ret->client_id = copy_text(block, options->client_id);
    ret->username = copy_text(block, options->username);
    ret->password = copy_text(block, options->password);
    ret->ca_file = copy_text(block, options->ca_file);
    ret->cert_file = copy_text(block, options->cert_file);
    ret->key_file = copy_text(block, options->key_file);
    ret->will_topic = copy_text(block, options->will_topic);
    ret->size_topic = copy_text(block, options->size_topic);
    ret->filters = copy_texts(block, options->filters, options->n_filters);
    if (options->filters_live)
        ret->filters_live =
            copy_bytes(block, options->filters_live, options->n_filters * sizeof(bool));
    if (options->filters_no_local)
        ret->filters_no_local = copy_bytes(block, options->filters_no_local,
                                           options->n_filters * sizeof(bool));
    ret->stale_filters =
        copy_texts(block, options->stale_filters, options->n_stale_filters);
}

/* What *ret points at is in *ret_memory, which the caller frees. 0 or -ENOMEM. */
static int paho_copy_options(struct sw_session_options *ret, void **ret_memory,
                             const struct sw_session_options *options)
{
    struct block block = {.begin = NULL};
    copy_options(&block, ret, options);
    block.begin = malloc(block.n);
    block.n = 0;
    if (!block.begin)
        return -ENOMEM;
    copy_options(&block, ret, options);
    *ret_memory = block.begin;
    return 0;
}

static int paho_init(struct sw_paho *link, const struct sw_session_options *options,
                     char why[static SW_WHY_MAX])
{
    if (paho_copy_options(&link->options, &link->options_memory, options) < 0)
        return -ENOMEM;
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
    /* Signals belong to the loop. Paho's threads inherit that they are blocked here. */
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int r = pthread_create(&link->thread, NULL, paho_run, link);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -r;
}

static void paho_release(struct sw_paho *link)
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
    link->window = SW_PUBLISHES_MAX;
    for (size_t i = 0; i < SW_FENCES; i++)
        link->fences[i].link = link;
    pthread_mutex_init(&link->lock, NULL);
    pthread_cond_init(&link->wake, NULL);
    int r = paho_init(link, options, why);
    if (r < 0) {
        paho_release(link);
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
    *ret_signs = link->queue.completions + link->n_received;
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
    paho_release(link);
}

void sw_paho_abandon(struct sw_paho *link)
{
    pthread_mutex_lock(&link->lock);
    link->abandoned = true;
    pthread_mutex_unlock(&link->lock);
}
