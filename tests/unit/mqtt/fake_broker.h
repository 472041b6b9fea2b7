/* fake_broker.h -- a broker that misbehaves on request (MQTT 5, one client at a time;
 * of MQTT 3.1.1 what it takes to publish).
 *
 *     struct fake fake;
 *     fake_open(&fake);             // listens on fake.port of 127.0.0.1
 *     fake.hold_acks = true;        // and so on
 *     fake_step(&fake);             // serve what came; call it in the waiting loop
 *     fake.publishes[i].payload …   // what came in, in order
 *     fake_close(&fake);
 *
 * It knows just enough to test one session; what a real broker does is tested with one.
 */
#ifndef FAKE_BROKER_H
#define FAKE_BROKER_H

#include <arpa/inet.h>
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FAKE_BUF = 64 * 1024, FAKE_PUBLISHES = 256, FAKE_TEXT = 64 };

struct fake {
    int listen_fd, fd, port;
    bool is_old;          /* MQTT 3.1.1 */
    size_t hangs_up_over; /* a packet of so many bytes; 0: over none */
    bool mute;            /* accept, and never say a word */
    bool hold_acks;       /* no PUBACK */
    bool hold_subacks;    /* no SUBACK */
    bool drop_when_up;    /* hang up right after CONNACK */
    bool session_present; /* as told in CONNACK */
    uint16_t receive_max; /* 0: not told, as the next two */
    uint16_t packet_max, kept_s;
    const char *reason; /* told with every answer that is no; NULL: none */
    bool drop_at_subscribe;
    uint8_t connect_code;   /* 0: taken; below 0x80 as MQTT 3.1.1 says no */
    uint8_t subscribe_code; /* 1: granted */
    uint8_t first_code;     /* of the first filter instead; 0: the same */
    uint8_t publish_code;   /* 0: taken */
    size_t connects, subscribes, n_publishes;
    struct {
        char topic[FAKE_TEXT], payload[FAKE_TEXT];
        uint16_t id;
        bool dup;
    } publishes[FAKE_PUBLISHES];
    uint8_t buf[FAKE_BUF];
    size_t n;
};

static inline void fake_open(struct fake *fake)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    *fake = (struct fake){.fd = -1, .subscribe_code = 1};
    fake->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert(bind(fake->listen_fd, (struct sockaddr *)&address, sizeof address) == 0);
    assert(listen(fake->listen_fd, 8) == 0);
    assert(getsockname(fake->listen_fd, (struct sockaddr *)&address, &len) == 0);
    fake->port = ntohs(address.sin_port);
}

static inline void fake_hang_up(struct fake *fake)
{
    if (fake->fd >= 0)
        close(fake->fd);
    fake->fd = -1;
    fake->n = 0;
}

static inline void fake_close(struct fake *fake)
{
    fake_hang_up(fake);
    close(fake->listen_fd);
}

static inline void fake_send(struct fake *fake, const uint8_t *bytes, size_t n)
{
    if (fake->fd >= 0)
        assert(send(fake->fd, bytes, n, MSG_NOSIGNAL) == (ssize_t)n);
}

/* A packet's end: its code, and the reason if there is one. */
static inline void fake_refuse(struct fake *fake, const uint8_t *begin, size_t n,
                               uint8_t code)
{
    uint8_t packet[256];
    size_t len = fake->reason ? strlen(fake->reason) : 0, at = n;
    memcpy(packet, begin, n);
    packet[at++] = code;
    packet[at++] = (uint8_t)(len > 0 ? len + 3 : 0);
    if (len > 0) {
        packet[at++] = 0x1F;
        packet[at++] = 0;
        packet[at++] = (uint8_t)len;
        memcpy(packet + at, fake->reason, len);
        at += len;
    }
    packet[1] = (uint8_t)(at - 2);
    fake_send(fake, packet, at);
}

static inline void fake_ack(struct fake *fake, uint16_t id)
{
    uint8_t hi = (uint8_t)(id >> 8), lo = (uint8_t)id;
    if (fake->publish_code)
        fake_refuse(fake, (uint8_t[]){0x40, 0, hi, lo}, 4, fake->publish_code);
    else
        fake_send(fake, (uint8_t[]){0x40, 2, hi, lo}, 4);
}

/* A goodbye with a reason code. */
static inline void fake_disconnect(struct fake *fake, uint8_t code)
{
    fake_refuse(fake, (uint8_t[]){0xE0, 0}, 2, code);
    fake_hang_up(fake);
}

static inline void fake_on_connect(struct fake *fake)
{
    uint8_t answer[32] = {0x20, 0, fake->session_present, 0, 0};
    const struct {
        uint8_t code, zeros;
        uint16_t value;
    } properties[] = {{0x21, 0, fake->receive_max},
                      {0x27, 2, fake->packet_max},
                      {0x11, 2, fake->kept_s}};
    size_t at = 5;
    fake->connects++;
    if (fake->mute)
        return;
    if (fake->connect_code) {
        bool is_old = fake->connect_code < 0x80;
        fake_send(fake, (uint8_t[]){0x20, is_old ? 2 : 3, 0, fake->connect_code, 0},
                  is_old ? 4 : 5);
        fake_hang_up(fake);
        return;
    }
    for (size_t i = 0; !fake->is_old && i < sizeof properties / sizeof *properties;
         i++) {
        if (properties[i].value == 0)
            continue;
        answer[at] = properties[i].code;
        at += 1 + properties[i].zeros;
        answer[at++] = (uint8_t)(properties[i].value >> 8);
        answer[at++] = (uint8_t)properties[i].value;
    }
    if (fake->is_old)
        at = 4;
    else
        answer[4] = (uint8_t)(at - 5);
    answer[1] = (uint8_t)(at - 2);
    fake_send(fake, answer, at);
    if (fake->drop_when_up)
        fake_hang_up(fake);
}

/* One filter at most has more than its code; but for the first all get the same. */
static inline void fake_on_subscribe(struct fake *fake, const uint8_t *body, size_t n)
{
    uint8_t answer[32] = {0x90, 3, body[0], body[1], 0};
    size_t at = 3, len = 5; /* after the id and empty properties */
    fake->subscribes++;
    if (fake->drop_at_subscribe)
        fake_hang_up(fake);
    while (at + 2 < n && len < sizeof answer) {
        at += 2 + (size_t)(body[at] << 8 | body[at + 1]) + 1;
        bool is_first = len == 5 && fake->first_code;
        answer[len++] = is_first ? fake->first_code : fake->subscribe_code;
        answer[1]++;
    }
    if (!fake->hold_subacks)
        fake_send(fake, answer, len);
}

/* A message at QoS 1, to the topic "t"; dup: marked as sent before. */
static inline void fake_publish(struct fake *fake, uint8_t id, bool dup)
{
    fake_send(fake, (uint8_t[]){dup ? 0x3A : 0x32, 7, 0, 1, 't', 0, id, 0, 'x'}, 9);
}

static inline void fake_copy(char out[FAKE_TEXT], const uint8_t *bytes, size_t n)
{
    snprintf(out, FAKE_TEXT, "%.*s", (int)n, (const char *)bytes);
}

static inline void fake_on_publish(struct fake *fake, bool dup, const uint8_t *body,
                                   size_t n)
{
    size_t topic_len = (size_t)(body[0] << 8 | body[1]), at = 2 + topic_len;
    uint16_t id = (uint16_t)(body[at] << 8 | body[at + 1]);
    at += 2;
    if (!fake->is_old)
        at += 1 + (size_t)body[at]; /* properties */
    if (fake->n_publishes < FAKE_PUBLISHES) {
        size_t i = fake->n_publishes++;
        fake_copy(fake->publishes[i].topic, body + 2, topic_len);
        fake_copy(fake->publishes[i].payload, body + at, n - at);
        fake->publishes[i].id = id;
        fake->publishes[i].dup = dup;
    }
    if (!fake->hold_acks)
        fake_ack(fake, id);
}

/* Serve the first packet in the buffer; false if it is not complete. */
static inline bool fake_serve(struct fake *fake)
{
    size_t length = 0, at = 1;
    for (int shift = 0;; shift += 7) {
        if (at >= fake->n)
            return false;
        length |= (size_t)(fake->buf[at] & 0x7F) << shift;
        if (!(fake->buf[at++] & 0x80))
            break;
    }
    if (at + length > fake->n)
        return false;
    if (fake->hangs_up_over > 0 && at + length > fake->hangs_up_over) {
        fake_hang_up(fake);
        return false;
    }
    const uint8_t *body = fake->buf + at;
    bool is_unasked = (fake->buf[0] & 6) == 0; /* QoS 0 */
    switch (fake->buf[0] >> 4) {
    case 1:
        fake_on_connect(fake);
        break;
    case 3:
        if (!is_unasked)
            fake_on_publish(fake, fake->buf[0] & 8, body, length);
        break;
    case 8:
        fake_on_subscribe(fake, body, length);
        break;
    case 10:
        if (fake->is_old)
            fake_send(fake, (uint8_t[]){0xB0, 2, body[0], body[1]}, 4);
        break;
    }
    if (fake->fd < 0)
        return false; /* hung up meanwhile */
    memmove(fake->buf, fake->buf + at + length, fake->n - at - length);
    fake->n -= at + length;
    return true;
}

static inline void fake_step(struct fake *fake)
{
    if (fake->fd < 0)
        fake->fd = accept4(fake->listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fake->fd < 0)
        return;
    ssize_t n = recv(fake->fd, fake->buf + fake->n, FAKE_BUF - fake->n, 0);
    if (n == 0) {
        fake_hang_up(fake);
        return;
    }
    if (n > 0)
        fake->n += (size_t)n;
    while (fake_serve(fake))
        ;
}

#endif
