/* publish_queue.c -- the publications on their way to the broker: which may leave, and
 * in which order their completions are reported.
 *
 * Sending them is the link's business; sending a failed one again is the caller's. */
#include "mqtt/publish_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { VARINT_STEP = 128 }; /* in MQTT a byte of a length holds so many values */

/* The entry of lowest order in that state, or NULL. */
static struct sw_publish *first_of(struct sw_publish_queue *queue,
                                   enum sw_publish_state state)
{
    struct sw_publish *first = NULL;
    for (size_t i = 0; i < SW_PUBLISHES_MAX; i++) {
        struct sw_publish *entry = &queue->items[i];
        bool is_earlier = !first || entry->order < first->order;
        if (entry->state == state && is_earlier)
            first = entry;
    }
    return first;
}

static bool is_same_topic(const struct sw_publish *a, const struct sw_publish *b)
{
    return a->retain && b->retain && strcmp(a->topic, b->topic) == 0;
}

/* A later publication must not overtake one that waits for its size to be tried. */
static bool may_leave(struct sw_publish_queue *queue, const struct sw_publish *entry)
{
    for (size_t i = 0; i < SW_PUBLISHES_MAX && entry->retain; i++) {
        const struct sw_publish *other = &queue->items[i];
        bool is_before =
            other->state == SW_PUBLISH_SENT ||
            (other->state == SW_PUBLISH_QUEUED && other->order < entry->order);
        if (is_before && is_same_topic(other, entry))
            return false;
    }
    return true;
}

size_t sw_publish_packet(const struct sw_publish *publication, bool is_v5)
{
    enum { ID = 2, TOPIC_LEN = 2, EXPIRY = 5, NO_PROPERTIES = 1 };
    size_t length = TOPIC_LEN + strlen(publication->topic) + ID + publication->len;
    if (is_v5)
        length += NO_PROPERTIES + (size_t)(publication->expiry_s > 0 ? EXPIRY : 0);
    size_t n_length = 1;
    for (size_t left = length; left >= VARINT_STEP; left /= VARINT_STEP)
        n_length++;
    return 1 + n_length + length;
}

static void complete(struct sw_publish_queue *queue, struct sw_publish *entry,
                     bool delivered)
{
    if (entry->state == SW_PUBLISH_QUEUED)
        queue->n_queued--;
    else
        queue->n_sent--;
    queue->completions++;
    entry->state = SW_PUBLISH_COMPLETE;
    entry->order = ++queue->last_order;
    entry->delivered = delivered;
}

static void queue_clear(struct sw_publish *entry)
{
    free(entry->copies);
    *entry = (struct sw_publish){0};
}

int sw_publish_queue_add(struct sw_publish_queue *queue,
                         const struct sw_publish *publication)
{
    struct sw_publish *entry = first_of(queue, SW_PUBLISH_FREE);
    size_t topic_size = strlen(publication->topic) + 1;
    if (!entry)
        return -EAGAIN;
    char *copies = malloc(topic_size + publication->len);
    if (!copies)
        return -ENOMEM;
    *entry = *publication;
    entry->copies = copies;
    entry->topic = memcpy(copies, publication->topic, topic_size);
    entry->payload = copies + topic_size;
    if (publication->len > 0)
        memcpy(copies + topic_size, publication->payload, publication->len);
    entry->state = SW_PUBLISH_QUEUED;
    entry->order = ++queue->last_order;
    queue->n_queued++;
    if (*entry->refusal)
        complete(queue, entry, false);
    return 0;
}

/* The first that is queued and may leave, of at most `taken` bytes or, if is_larger, of
 * more. */
static struct sw_publish *first_queued(struct sw_publish_queue *queue, size_t taken,
                                       bool is_larger)
{
    struct sw_publish *first = NULL;
    for (size_t i = 0; i < SW_PUBLISHES_MAX; i++) {
        struct sw_publish *entry = &queue->items[i];
        bool is_earlier = !first || entry->order < first->order;
        bool is_wanted =
            entry->state == SW_PUBLISH_QUEUED && (entry->packet > taken) == is_larger;
        if (is_wanted && is_earlier && may_leave(queue, entry))
            first = entry;
    }
    return first;
}

struct sw_publish *sw_publish_queue_send(struct sw_publish_queue *queue, size_t window,
                                         size_t taken)
{
    if (queue->n_queued == 0 || queue->n_sent >= window)
        return NULL;
    struct sw_publish *entry = first_queued(queue, taken, false);
    if (entry) {
        entry->state = SW_PUBLISH_SENT;
        queue->n_queued--;
        queue->n_sent++;
    }
    return entry;
}

size_t sw_publish_queue_untried(struct sw_publish_queue *queue, size_t taken)
{
    if (queue->n_queued == 0)
        return 0;
    struct sw_publish *entry = first_queued(queue, taken, true);
    return entry ? entry->packet : 0;
}

size_t sw_publish_queue_largest(const struct sw_publish_queue *queue)
{
    size_t largest = 0;
    for (size_t i = 0; i < SW_PUBLISHES_MAX; i++) {
        const struct sw_publish *entry = &queue->items[i];
        if (entry->state == SW_PUBLISH_SENT && entry->packet > largest)
            largest = entry->packet;
    }
    return largest;
}

void sw_publish_queue_complete(struct sw_publish_queue *queue, struct sw_publish *entry,
                               bool delivered)
{
    if (entry->state != SW_PUBLISH_SENT)
        return; /* Paho reported it twice */
    complete(queue, entry, delivered);
    for (size_t i = 0; i < SW_PUBLISHES_MAX && !delivered; i++) {
        struct sw_publish *behind = &queue->items[i];
        if (behind->state == SW_PUBLISH_QUEUED && is_same_topic(behind, entry))
            complete(queue, behind, false);
    }
    if (entry->cookie == 0 && !*entry->refusal)
        queue_clear(entry);
}

void sw_publish_queue_fail_queued(struct sw_publish_queue *queue)
{
    struct sw_publish *entry;
    while ((entry = first_of(queue, SW_PUBLISH_QUEUED)))
        complete(queue, entry, false);
}

bool sw_publish_queue_take(struct sw_publish_queue *queue, struct sw_completion *ret)
{
    struct sw_publish *entry;
    while ((entry = first_of(queue, SW_PUBLISH_COMPLETE))) {
        bool is_wanted = entry->cookie != 0 || *entry->refusal;
        if (is_wanted) {
            *ret = (struct sw_completion){.cookie = entry->cookie,
                                          .delivered = entry->delivered,
                                          .is_too_large = entry->is_too_large};
            memcpy(ret->refusal, entry->refusal, sizeof ret->refusal);
        }
        queue_clear(entry);
        if (is_wanted)
            return true;
    }
    return false;
}

void sw_publish_queue_fini(struct sw_publish_queue *queue)
{
    for (size_t i = 0; i < SW_PUBLISHES_MAX; i++)
        queue_clear(&queue->items[i]);
    *queue = (struct sw_publish_queue){0};
}
