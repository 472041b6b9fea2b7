/* load.c -- the devices of a whole clinic, as fast as the broker takes it or at a rate.
 *
 *     load -p PORT -n MESSAGES [-P PATIENTS] [-b ITEMS] [-r MESSAGES_A_SECOND]
 *          [-s START_S] [-S SECONDS]
 *
 * The patients p0000, p0001, … send in turn, minute after minute each: the n-th message
 * of a patient is of the n-th minute from START_S on (as it stands, so many minutes ago
 * that the last one is over now), or of its n-th ITEMS minutes. QoS 1, MQTT 3.1.1,
 * written straight to the socket: a library here would be what is measured. Ends when
 * the broker has acknowledged everything, and prints
 *
 *     MESSAGES READINGS BYTES SECONDS
 *
 * BYTES as the broker hands it on by MQTT 5.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    ITEMS_MAX = 1440,
    PACKET_MAX = 16 * 1024, /* a payload of 1440 items, and its topic */
    BUFFER = 256 * 1024,
    WINDOW = 16384, /* messages that the broker has not acknowledged */
    PATIENCE_MS = 60 * 1000,
    PUBACK_LEN = 4,
    PROPERTIES_LEN = 1, /* none: what MQTT 5 adds to a message */
    QOS1_PUBLISH = 0x32,
};

struct load {
    int64_t n, patients, items, rate, start_s, seconds;
    int fd;
    int64_t n_made, n_acknowledged, bytes;
    double began_s;
    unsigned char out[BUFFER];
    size_t held, sent;
    size_t ack_bytes;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- what is sent ---- */

static uint32_t mix(uint64_t x)
{
    x *= 0x9e3779b97f4a7c15u;
    x ^= x >> 32;
    x *= 0xd6e8feb86659fd93u;
    return (uint32_t)(x >> 32);
}

/* Somebody who sits most of the time and walks a few minutes now and then. */
static unsigned steps_of(int64_t patient, int64_t minute)
{
    enum { STRETCH_MIN = 8, WALKS_IN = 5, FIDGETS_IN = 12 };
    uint64_t who = (uint64_t)patient << 32;
    bool walks = mix(who + (uint64_t)minute / STRETCH_MIN) % WALKS_IN == 0;
    uint32_t chance = mix(who + (uint64_t)minute + 0x80000000u);
    if (walks)
        return 20 + chance % 90;
    return chance % FIDGETS_IN == 0 ? 1 + chance / FIDGETS_IN % 12 : 0;
}

static size_t put_payload(const struct load *load, int64_t i, char *out)
{
    int64_t patient = i % load->patients, slot = i / load->patients * load->items;
    int64_t minute = load->start_s / 60 + slot;
    int n = sprintf(out, "{\"start\":%" PRId64 ",\"seconds\":%" PRId64 ",\"steps\":",
                    load->start_s + slot * load->seconds, load->seconds);
    if (load->items == 1)
        return (size_t)(n + sprintf(out + n, "%u}", steps_of(patient, minute)));
    for (int64_t k = 0; k < load->items; k++)
        n += sprintf(out + n, "%c%u", k ? ',' : '[', steps_of(patient, minute + k));
    return (size_t)(n + sprintf(out + n, "]}"));
}

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

static void make_one(struct load *load)
{
    char topic[64], payload[PACKET_MAX];
    unsigned char *out = load->out + load->held;
    size_t topic_len =
        (size_t)sprintf(topic, "clinic/main/patient/p%04" PRId64 "/steps",
                        load->n_made % load->patients);
    size_t payload_len = put_payload(load, load->n_made, payload);
    size_t rest = 2 + topic_len + 2 + payload_len, n = 0;
    out[n++] = QOS1_PUBLISH;
    n += put_length(out + n, rest);
    n += put_two(out + n, topic_len);
    memcpy(out + n, topic, topic_len);
    n += topic_len;
    n += put_two(out + n, (size_t)(load->n_made % 65535) + 1);
    memcpy(out + n, payload, payload_len);
    n += payload_len;
    load->held += n;
    load->bytes += 1 + (int64_t)put_length((unsigned char *)payload, rest + 1) +
                   (int64_t)rest + PROPERTIES_LEN;
    load->n_made++;
}

/* ---- the socket ---- */

static int connect_to(int port)
{
    static const unsigned char hello[] = {0x10, 16, 0, 4, 'M', 'Q', 'T', 'T', 4,
                                          2,    0,  0, 0, 4,   'l', 'o', 'a', 'd'};
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    unsigned char answer[4];
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    if (write(fd, hello, sizeof(hello)) != sizeof(hello) ||
        recv(fd, answer, sizeof(answer), MSG_WAITALL) != sizeof(answer) ||
        answer[3] != 0)
        return -ECONNREFUSED;
    return fcntl(fd, F_SETFL, O_NONBLOCK) == 0 ? fd : -errno;
}

/* How many may have been made by now. */
static int64_t due(const struct load *load)
{
    int64_t by_rate = load->rate == 0
                          ? load->n
                          : (int64_t)((now_s() - load->began_s) * (double)load->rate);
    int64_t by_window = load->n_acknowledged + WINDOW;
    int64_t most = by_rate < by_window ? by_rate : by_window;
    return most < load->n ? most : load->n;
}

static void make_all_due(struct load *load)
{
    int64_t most = due(load);
    if (load->sent == load->held)
        load->sent = load->held = 0;
    while (load->n_made < most && load->held + PACKET_MAX <= BUFFER)
        make_one(load);
}

static int send_some(struct load *load)
{
    ssize_t n = write(load->fd, load->out + load->sent, load->held - load->sent);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    load->sent += (size_t)n;
    return 0;
}

/* The broker sends nothing but acknowledgements. */
static int hear_some(struct load *load)
{
    static unsigned char in[64 * 1024];
    ssize_t n = read(load->fd, in, sizeof(in));
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (n == 0)
        return -ECONNRESET;
    load->ack_bytes += (size_t)n;
    load->n_acknowledged = (int64_t)(load->ack_bytes / PUBACK_LEN);
    return 0;
}

static int turn(struct load *load)
{
    make_all_due(load);
    bool has_more = load->sent < load->held;
    bool waits_for_clock = load->rate > 0 && load->n_made < load->n;
    struct pollfd fd = {.fd = load->fd,
                        .events = (short)(POLLIN | (has_more ? POLLOUT : 0))};
    int n = poll(&fd, 1, waits_for_clock ? 1 : PATIENCE_MS);
    if (n == 0 && !waits_for_clock)
        return -ETIMEDOUT;
    int r = fd.revents & POLLOUT ? send_some(load) : 0;
    if (r == 0 && fd.revents & (POLLIN | POLLHUP | POLLERR))
        r = hear_some(load);
    return r;
}

static int run(struct load *load, int port)
{
    int r = load->fd = connect_to(port);
    load->began_s = now_s();
    while (r >= 0 && load->n_acknowledged < load->n)
        r = turn(load);
    if (r < 0) {
        fprintf(stderr, "load: %s\n", strerror(-r));
        return 1;
    }
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %.3f\n", load->n, load->n * load->items,
           load->bytes, now_s() - load->began_s);
    return 0;
}

static int usage(void)
{
    fprintf(stderr, "usage: load -p PORT -n MESSAGES [-P PATIENTS] [-b ITEMS] "
                    "[-r MESSAGES_A_SECOND] [-s START_S] [-S SECONDS]\n");
    return 2;
}

int main(int argc, char **argv)
{
    static struct load load = {.patients = 1000, .items = 1, .seconds = 60};
    int64_t port = 0;
    for (int key; (key = getopt(argc, argv, "p:n:P:b:r:s:S:")) != -1;) {
        int64_t *number = key == 'p'   ? &port
                          : key == 'n' ? &load.n
                          : key == 'P' ? &load.patients
                          : key == 'b' ? &load.items
                          : key == 'r' ? &load.rate
                          : key == 's' ? &load.start_s
                          : key == 'S' ? &load.seconds
                                       : NULL;
        if (!number)
            return usage();
        *number = atoll(optarg);
    }
    bool is_right = port > 0 && load.n > 0 && load.patients > 0 && load.items > 0 &&
                    load.items <= ITEMS_MAX && load.seconds > 0 && optind == argc;
    if (!is_right)
        return usage();
    int64_t slots = (load.n + load.patients - 1) / load.patients * load.items;
    if (load.start_s == 0)
        load.start_s = time(NULL) / 60 * 60 - slots * load.seconds;
    return run(&load, (int)port);
}
