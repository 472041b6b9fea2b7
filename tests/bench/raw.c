/* raw.c -- packets of MQTT 3.1.1, as far as load.c and probe.c need them. */
#include "raw.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    CONNECT = 0x10,
    PUBLISH_QOS1 = 0x32,
    SUBSCRIBE = 0x82,
    SUBACK = 0x90,
    CLEAN_SESSION = 2,
    PACKET_MAX = 256, /* of those with a short text */
    TEXT_MAX = 200,
    PROPERTIES_V5_LEN = 1, /* none */
};

static size_t put_length(unsigned char *out, size_t len)
{
    size_t n = 0;
    do {
        out[n] = (unsigned char)(len % 128);
        len /= 128;
        out[n++] |= len > 0 ? 128 : 0;
    } while (len > 0);
    return n;
}

static size_t put_two(unsigned char *out, size_t number)
{
    out[0] = (unsigned char)(number >> 8);
    out[1] = (unsigned char)number;
    return 2;
}

static size_t put_text(unsigned char *out, const char *text)
{
    size_t len = strlen(text);
    put_two(out, len);
    memcpy(out + 2, text, len);
    return len + 2;
}

static int say(int fd, const unsigned char *packet, size_t len)
{
    ssize_t n = write(fd, packet, len);
    if (n < 0)
        return -errno;
    return (size_t)n == len ? 0 : -EIO;
}

static int greet(int fd, const char *client_id)
{
    static const unsigned char version[] = {0,   4, 'M',           'Q', 'T',
                                            'T', 4, CLEAN_SESSION, 0,   0};
    unsigned char packet[PACKET_MAX] = {CONNECT}, answer[4];
    size_t n = 2; /* the length is below 128 */
    memcpy(packet + n, version, sizeof(version));
    n += sizeof(version);
    n += put_text(packet + n, client_id);
    packet[1] = (unsigned char)(n - 2);
    int r = say(fd, packet, n);
    if (r < 0)
        return r;
    if (recv(fd, answer, sizeof(answer), MSG_WAITALL) != sizeof(answer))
        return -ECONNRESET;
    return answer[3] == 0 ? 0 : -ECONNREFUSED;
}

int raw_connect(int port, const char *client_id)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int one = 1, r = 0, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
        r = -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (r == 0)
        r = greet(fd, client_id);
    if (r == 0)
        return fd;
    close(fd);
    return r;
}

static size_t rest_len(const char *topic, size_t payload_len)
{
    return 2 + strlen(topic) + 2 + payload_len;
}

size_t raw_publish(unsigned char *out, uint16_t id, const char *topic,
                   const char *payload, size_t payload_len)
{
    size_t n = 0;
    out[n++] = PUBLISH_QOS1;
    n += put_length(out + n, rest_len(topic, payload_len));
    n += put_text(out + n, topic);
    n += put_two(out + n, id);
    memcpy(out + n, payload, payload_len);
    return n + payload_len;
}

size_t raw_length_v5(const char *topic, size_t payload_len)
{
    unsigned char length[4];
    size_t rest = rest_len(topic, payload_len) + PROPERTIES_V5_LEN;
    return 1 + put_length(length, rest) + rest;
}

int raw_subscribe(int fd, const char *filter)
{
    unsigned char packet[PACKET_MAX] = {SUBSCRIBE}, answer[5];
    size_t n = 2;
    if (strlen(filter) > TEXT_MAX)
        return -EINVAL;
    n += put_two(packet + n, 1);
    n += put_text(packet + n, filter);
    packet[n++] = 0; /* QoS */
    packet[1] = (unsigned char)(n - 2);
    int r = n < 130 ? say(fd, packet, n) : -EINVAL;
    if (r < 0)
        return r;
    if (recv(fd, answer, sizeof(answer), MSG_WAITALL) != sizeof(answer))
        return -ECONNRESET;
    return answer[0] == SUBACK && answer[4] == 0 ? 0 : -EACCES;
}
