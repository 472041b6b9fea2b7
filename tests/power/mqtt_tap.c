/* mqtt_tap.c -- MQTT packets out of recorded bytes. What they promise is promises.c's
 * business. */
#include "mqtt_tap.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

enum {
    CONNECTIONS_MAX = 64, /* of a recorded life: one a run of the gateway, and a few */
    IDS = 65536,
    PACKET_CONNECT = 1,
    PACKET_PUBLISH = 3,
    PACKET_PUBACK = 4,
    LEVEL_AT = 6, /* in a CONNECT: after the protocol's name, "MQTT" */
    LEVEL_5 = 5,
};

struct stream {
    unsigned char *bytes;
    size_t len;
};

struct connection {
    int32_t pid, fd;
    int level; /* 4: MQTT 3.1.1, 5 */
    struct stream sent, received;
    int *messages; /* by packet id: what received() returned */
};

struct tap {
    struct tap_listener listener;
    struct connection connections[CONNECTIONS_MAX];
    int n;
};

struct tap *tap_new(const struct tap_listener *listener)
{
    struct tap *tap = calloc(1, sizeof *tap);
    if (!tap)
        err(2, "memory");
    tap->listener = *listener;
    return tap;
}

void tap_free(struct tap *tap)
{
    for (int i = 0; i < tap->n; i++) {
        free(tap->connections[i].sent.bytes);
        free(tap->connections[i].received.bytes);
        free(tap->connections[i].messages);
    }
    free(tap);
}

static void begin_connection(struct tap *tap, const struct journal_head *head)
{
    if (tap->n == CONNECTIONS_MAX)
        errx(2, "too many connections");
    struct connection *connection = &tap->connections[tap->n++];
    *connection = (struct connection){.pid = head->pid, .fd = head->fd};
    connection->messages = calloc(IDS, sizeof *connection->messages);
    if (!connection->messages)
        err(2, "memory");
}

static struct connection *find_connection(struct tap *tap,
                                          const struct journal_head *head)
{
    for (int i = tap->n - 1; i >= 0; i--)
        if (tap->connections[i].pid == head->pid && tap->connections[i].fd == head->fd)
            return &tap->connections[i];
    errx(2, "the journal speaks on a connection that it never made");
}

/* ---- packets ---- */

struct packet {
    int kind, flags;
    const unsigned char *at, *end; /* what is left of it */
};

/* MQTT's number of up to four times seven bits. False if it goes on past the end. */
static bool take_varint(const unsigned char **at, const unsigned char *end,
                        size_t *ret_value)
{
    size_t value = 0;
    for (int shift = 0; shift < 28; shift += 7) {
        if (*at == end)
            return false;
        unsigned char byte = *(*at)++;
        value |= (size_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret_value = value;
            return true;
        }
    }
    errx(2, "the journal holds no MQTT");
}

static unsigned take_number(struct packet *packet)
{
    if (packet->end - packet->at < 2)
        errx(2, "the journal holds a broken packet");
    unsigned number = (unsigned)(packet->at[0] << 8 | packet->at[1]);
    packet->at += 2;
    return number;
}

static const char *take_bytes(struct packet *packet, size_t len)
{
    const char *bytes = (const char *)packet->at;
    if ((size_t)(packet->end - packet->at) < len)
        errx(2, "the journal holds a broken packet");
    packet->at += len;
    return bytes;
}

static void publish(struct tap *tap, struct connection *connection,
                    struct packet *packet, bool is_received)
{
    const struct tap_listener *listener = &tap->listener;
    size_t properties = 0, topic_len = take_number(packet);
    const char *topic = take_bytes(packet, topic_len);
    bool is_acknowledged = (packet->flags >> 1 & 3) == 1; /* QoS 1 */
    unsigned id = is_acknowledged ? take_number(packet) : 0;
    if (connection->level == LEVEL_5 &&
        take_varint(&packet->at, packet->end, &properties))
        take_bytes(packet, properties);
    const char *payload = (const char *)packet->at;
    size_t payload_len = (size_t)(packet->end - packet->at);
    if (!is_received)
        listener->published(listener->ctx, topic, topic_len, payload, payload_len);
    else if (is_acknowledged)
        connection->messages[id] =
            listener->received(listener->ctx, topic, topic_len, payload, payload_len);
}

static void hear_packet(struct tap *tap, struct connection *connection,
                        struct packet *packet, bool is_received)
{
    bool is_connect = packet->kind == PACKET_CONNECT && !is_received;
    bool is_puback = packet->kind == PACKET_PUBACK && !is_received;
    if (is_connect)
        connection->level = (unsigned char)take_bytes(packet, LEVEL_AT + 1)[LEVEL_AT];
    if (packet->kind == PACKET_PUBLISH)
        publish(tap, connection, packet, is_received);
    if (is_puback)
        tap->listener.acknowledged(tap->listener.ctx,
                                   connection->messages[take_number(packet)]);
}

/* The length of the first packet, 0 if it is not yet whole. */
static size_t first_packet(const struct stream *stream, struct packet *ret)
{
    size_t len;
    if (stream->len < 2)
        return 0;
    ret->kind = stream->bytes[0] >> 4;
    ret->flags = stream->bytes[0] & 0xf;
    ret->at = stream->bytes + 1;
    ret->end = stream->bytes + stream->len;
    if (!take_varint(&ret->at, ret->end, &len) || (size_t)(ret->end - ret->at) < len)
        return 0;
    ret->end = ret->at + len;
    return (size_t)(ret->end - stream->bytes);
}

static void hear_bytes(struct tap *tap, struct connection *connection,
                       const struct journal_entry *entry, bool is_received)
{
    struct stream *stream = is_received ? &connection->received : &connection->sent;
    struct packet packet;
    stream->bytes = realloc(stream->bytes, stream->len + entry->head.data_len);
    if (!stream->bytes)
        err(2, "memory");
    memcpy(stream->bytes + stream->len, entry->data, entry->head.data_len);
    stream->len += entry->head.data_len;
    for (size_t len; (len = first_packet(stream, &packet)) > 0;) {
        hear_packet(tap, connection, &packet, is_received);
        stream->len -= len;
        memmove(stream->bytes, stream->bytes + len, stream->len);
    }
}

void tap_hear(struct tap *tap, const struct journal_entry *entry)
{
    const struct journal_head *head = &entry->head;
    if (head->kind == JOURNAL_CONNECT)
        begin_connection(tap, head);
    if (head->kind == JOURNAL_SENT || head->kind == JOURNAL_RECEIVED)
        hear_bytes(tap, find_connection(tap, head), entry,
                   head->kind == JOURNAL_RECEIVED);
}
