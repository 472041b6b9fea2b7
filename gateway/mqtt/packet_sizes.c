/* packet_sizes.c -- what size of packet the broker takes.
 *
 * A broker hangs up on a packet that is larger than its limit, and Paho sends it again
 * at every connect, so that nothing else would ever leave. MQTT 5 tells the limit when
 * we connect. A broker of 3.1.1 has to be tried: a publication that is larger than
 * anything the broker took so far waits, while a message of the same size and QoS 0
 * goes where nobody listens, and behind it a fence that the broker acknowledges. Once
 * that comes back, the size was taken.
 *
 * A limit that was found this way may be none, so after a while it is tried once more.
 * The fence is an UNSUBSCRIBE, which Paho does not send again at the next connect. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqtt/paho_client.h"

enum {
    /* Every useful broker takes so much. Our status and marks are smaller. */
    TAKEN_BY_ALL = 128,
    HANG_UPS = 2, /* a single one may have had another reason */
    /* On a shaky link all of them may. So a limit is believed for this long, and for
     * twice as long each time that another try ended the connection, too. */
    BELIEVED_MIN_MS = 5 * 60 * 1000,
    BELIEVED_MAX_MS = 24 * 60 * 60 * 1000,
};

static bool is_trying(const struct sw_paho *link)
{
    return link->options.protocol != 5 && link->options.size_topic;
}

void sw_sizes_connected(struct sw_paho *link, size_t told)
{
    struct sw_sizes *sizes = &link->sizes;
    if (!is_trying(link)) {
        *sizes = (struct sw_sizes){.max = told, .taken = SIZE_MAX, .is_open = true};
        return;
    }
    sizes->taken = TAKEN_BY_ALL;
    sizes->tried = 0;
    sizes->is_open = true;
    sizes->epoch++;
}

bool sw_sizes_lost(struct sw_paho *link, char why[static SW_WHY_MAX])
{
    struct sw_sizes *sizes = &link->sizes;
    bool is_first = sizes->is_open; /* Paho may report it twice */
    sizes->is_open = false;
    sizes->taken = SIZE_MAX; /* nothing waits for its size now, but fails */
    if (!is_trying(link) || !is_first)
        return false;
    if (sizes->tried == 0) { /* the broker may come back with another limit */
        *sizes = (struct sw_sizes){.taken = SIZE_MAX, .epoch = sizes->epoch};
        return false;
    }
    bool was_doubted = sizes->max > 0 && sizes->tried > sizes->max;
    bool is_again = sizes->suspect == sizes->tried;
    sizes->n_hang_ups = is_again ? sizes->n_hang_ups + 1 : 1;
    sizes->suspect = sizes->tried;
    sizes->tried = 0;
    if (was_doubted) {
        int64_t longer_ms = 2 * sizes->believed_ms;
        sizes->believed_ms = longer_ms < BELIEVED_MAX_MS ? longer_ms : BELIEVED_MAX_MS;
        sizes->since_ms = 0;
    } else if (sizes->n_hang_ups >= HANG_UPS || sizes->max > 0) {
        sizes->max = sizes->suspect - 1; /* there is a limit */
    }
    snprintf(why, SW_WHY_MAX, "the broker hung up on a message of %zu bytes",
             sizes->suspect);
    return true;
}

void sw_sizes_fenced(struct sw_paho *link, unsigned epoch, bool is_taken)
{
    struct sw_sizes *sizes = &link->sizes;
    if (epoch != sizes->epoch)
        return;
    bool has_no_limit = is_taken && sizes->max > 0 && sizes->tried > sizes->max;
    link->queue.completions++; /* a sign of life */
    if (has_no_limit) {
        sizes->max = sizes->suspect = 0;
        sizes->n_hang_ups = 0;
        sizes->since_ms = sizes->believed_ms = 0;
    }
    if (is_taken && sizes->tried > sizes->taken)
        sizes->taken = sizes->tried;
    sizes->tried = 0;
}

bool sw_sizes_begin(struct sw_paho *link)
{
    struct sw_sizes *sizes = &link->sizes;
    if (!is_trying(link) || sizes->tried > 0)
        return false;
    sizes->tried = sw_publish_queue_untried(&link->queue, sizes->taken);
    return sizes->tried > 0;
}

/* A limit that the broker told is certain. One that we found is not believed for
 * ever. */
static bool is_doubted(struct sw_paho *link, int64_t now_ms)
{
    struct sw_sizes *sizes = &link->sizes;
    if (!is_trying(link))
        return false;
    if (sizes->believed_ms == 0)
        sizes->believed_ms = BELIEVED_MIN_MS;
    if (sizes->since_ms == 0)
        sizes->since_ms = now_ms;
    return now_ms - sizes->since_ms >= sizes->believed_ms;
}

void sw_sizes_judge(struct sw_paho *link, struct sw_publish *publication,
                    int64_t now_ms)
{
    const struct sw_sizes *sizes = &link->sizes;
    publication->packet = sw_publish_packet(publication, link->options.protocol == 5);
    if (sizes->max == 0 || publication->packet <= sizes->max ||
        is_doubted(link, now_ms))
        return;
    publication->is_too_large = true;
    snprintf(publication->refusal, SW_WHY_MAX,
             "too large for the broker: %.90s has %" PRIu32 " bytes, it takes %" PRIu32
             " (mosquitto: max_packet_size)",
             publication->topic, (uint32_t)publication->packet, (uint32_t)sizes->max);
}

/* A message of QoS 0 has no message id, so its payload may have two bytes more. */
void sw_sizes_try(struct sw_paho *link)
{
    struct sw_publish trial = {.topic = link->options.size_topic};
    pthread_mutex_lock(&link->lock);
    size_t size = link->sizes.tried;
    unsigned epoch = link->sizes.epoch;
    pthread_mutex_unlock(&link->lock);
    size_t empty = sw_publish_packet(&trial, false);
    trial.len = size > empty ? size - empty : 0;
    while (trial.len > 0 && sw_publish_packet(&trial, false) > size)
        trial.len--; /* the longer length itself took a byte more */
    char *blanks = malloc(trial.len + 2);
    int code = MQTTASYNC_FAILURE;
    if (blanks) {
        memset(blanks, ' ', trial.len + 2);
        code = sw_paho_send_and_forget(link, trial.topic, blanks, trial.len + 2);
    }
    free(blanks);
    if (code == MQTTASYNC_SUCCESS)
        code = sw_paho_send_fence(link, epoch);
    if (code == MQTTASYNC_SUCCESS)
        return;
    pthread_mutex_lock(&link->lock);
    sw_sizes_fenced(link, epoch, false);
    pthread_mutex_unlock(&link->lock);
}
