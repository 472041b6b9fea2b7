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
 *     MESSAGES READINGS BYTES STEPS SECONDS
 *
 * BYTES as the broker hands it on by MQTT 5.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"
#include "steps.h"

enum {
    ITEMS_MAX = 1440,
    PACKET_MAX = 16 * 1024, /* a payload of 1440 items, and its topic */
    BUFFER = 256 * 1024,
    WINDOW = 16384, /* messages that the broker has not acknowledged */
    PATIENCE_MS = 60 * 1000,
};

struct load {
    int64_t n, patients, items, start_s, seconds;
    double rate; /* messages a second; 0: as many as it takes */
    int fd;
    int64_t n_made, n_acknowledged, bytes, steps;
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

static size_t put_payload(struct load *load, int64_t i, char *out)
{
    int64_t patient = i % load->patients, slot = i / load->patients * load->items;
    int64_t minute = load->start_s / 60 + slot;
    int n = sprintf(out, "{\"start\":%" PRId64 ",\"seconds\":%" PRId64 ",\"steps\":",
                    load->start_s + slot * load->seconds, load->seconds);
    for (int64_t k = 0; k < load->items; k++) {
        uint32_t steps = steps_of(patient, minute + k);
        const char *before = load->items == 1 ? "" : k == 0 ? "[" : ",";
        n += sprintf(out + n, "%s%" PRIu32, before, steps);
        load->steps += steps;
    }
    return (size_t)(n + sprintf(out + n, load->items == 1 ? "}" : "]}"));
}

static void make_one(struct load *load)
{
    char topic[64], payload[PACKET_MAX];
    sprintf(topic, "clinic/main/patient/p%04" PRId64 "/steps",
            load->n_made % load->patients);
    size_t len = put_payload(load, load->n_made, payload);
    uint16_t id = (uint16_t)(load->n_made % UINT16_MAX + 1);
    load->held += raw_publish(load->out + load->held, id, topic, payload, len);
    load->bytes += (int64_t)raw_length_v5(topic, len);
    load->n_made++;
}

/* ---- the socket ---- */

/* How many may have been made by now. */
static int64_t due(const struct load *load)
{
    int64_t by_rate =
        load->rate > 0 ? (int64_t)((now_s() - load->began_s) * load->rate) : load->n;
    int64_t by_window = load->n_acknowledged + WINDOW;
    int64_t most = by_rate < by_window ? by_rate : by_window;
    return most < load->n ? most : load->n;
}

static void make_all_due(struct load *load)
{
    int64_t most = due(load);
    if (load->sent == load->held)
        load->sent = load->held = 0;
    while (load->n_made < most && load->held + PACKET_MAX + RAW_OVERHEAD <= BUFFER)
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
    load->n_acknowledged = (int64_t)(load->ack_bytes / RAW_PUBACK_LEN);
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
    int r = load->fd = raw_connect(port, "load");
    if (r >= 0)
        r = fcntl(load->fd, F_SETFL, O_NONBLOCK);
    load->began_s = now_s();
    while (r >= 0 && load->n_acknowledged < load->n)
        r = turn(load);
    if (r < 0) {
        fprintf(stderr, "load: %s\n", strerror(-r));
        return 1;
    }
    printf("%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 " %.3f\n", load->n,
           load->n * load->items, load->bytes, load->steps, now_s() - load->began_s);
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
        if (key == 'r') {
            load.rate = atof(optarg);
            continue;
        }
        int64_t *number = key == 'p'   ? &port
                          : key == 'n' ? &load.n
                          : key == 'P' ? &load.patients
                          : key == 'b' ? &load.items
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
