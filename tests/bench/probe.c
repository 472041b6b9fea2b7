/* probe.c -- how long from a device's deciding reading to the alert at a subscriber.
 *
 *     probe -p PORT -n PATIENTS [-g GAP_MS]
 *
 * Sends for each of the patients probe0, probe1, … (each of a therapist of their own,
 * with a rest limit of an hour) 59 minutes of rest; then one after the other,
 * GAP_MS (100) apart on average, the sixtieth, and waits for the alert. Prints a line
 * of milliseconds each, from before the write of the one to after the read of the
 * other. Ends with 1 if an alert does not come. Load beside it is load.c's business.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "raw.h"

enum {
    REST_MIN = 60,
    PACKET_MAX = 2048,
    PATIENCE_MS = 20 * 1000, /* more than the default commit_interval */
    SETTLE_MS = 500,
};

struct probe {
    int sender, listener;
    int64_t minute_s; /* the first of the rest */
    int n, gap_ms;
    uint16_t id;
    char heard[64 * 1024]; /* what was read, NULs replaced */
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

/* n zeros from the i-th minute on. */
static int send_still(struct probe *probe, int patient, int from, int n)
{
    unsigned char packet[PACKET_MAX], answer[RAW_PUBACK_LEN];
    char topic[64], payload[PACKET_MAX / 2];
    snprintf(topic, sizeof(topic), "clinic/main/patient/probe%d/steps", patient);
    int len = snprintf(payload, sizeof(payload),
                       "{\"start\":%" PRId64 ",\"seconds\":60,\"steps\":[0",
                       probe->minute_s + from * 60);
    for (int i = 1; i < n; i++)
        len += snprintf(payload + len, sizeof(payload) - (size_t)len, ",0");
    len += snprintf(payload + len, sizeof(payload) - (size_t)len, "]}");
    if (++probe->id == 0)
        probe->id = 1;
    size_t size = raw_publish(packet, probe->id, topic, payload, (size_t)len);
    if (write(probe->sender, packet, size) != (ssize_t)size)
        return -EIO;
    return recv(probe->sender, answer, sizeof(answer), MSG_WAITALL) == sizeof(answer)
               ? 0
               : -ECONNRESET;
}

/* Until something of the listener names the patient's alert. */
static int wait_for_alert(struct probe *probe, int patient)
{
    char wanted[64];
    snprintf(wanted, sizeof(wanted), "/probe%d/rest{", patient);
    double until_ms = now_ms() + PATIENCE_MS;
    for (double left; (left = until_ms - now_ms()) > 0;) {
        struct pollfd fd = {.fd = probe->listener, .events = POLLIN};
        if (poll(&fd, 1, (int)left + 1) <= 0)
            continue;
        ssize_t n = read(probe->listener, probe->heard, sizeof(probe->heard) - 1);
        if (n <= 0)
            return -ECONNRESET;
        if (memmem(probe->heard, (size_t)n, wanted, strlen(wanted)))
            return 0;
    }
    return -ETIMEDOUT;
}

static int measure(struct probe *probe, int patient)
{
    double sent_ms = now_ms();
    int r = send_still(probe, patient, REST_MIN - 1, 1);
    if (r == 0)
        r = wait_for_alert(probe, patient);
    if (r == 0)
        printf("%.3f\n", now_ms() - sent_ms);
    return r;
}

static int run(struct probe *probe)
{
    int r = 0;
    for (int i = 0; r == 0 && i < probe->n; i++)
        r = send_still(probe, i, 0, REST_MIN - 1);
    poll(NULL, 0, SETTLE_MS);
    for (int i = 0; r == 0 && i < probe->n; i++) {
        r = measure(probe, i);
        poll(NULL, 0, probe->gap_ms / 2 + rand() % (probe->gap_ms + 1));
    }
    return r;
}

int main(int argc, char **argv)
{
    static struct probe probe = {.gap_ms = 100};
    int port = 0;
    for (int key; (key = getopt(argc, argv, "p:n:g:")) != -1;) {
        int *number = key == 'p'   ? &port
                      : key == 'n' ? &probe.n
                      : key == 'g' ? &probe.gap_ms
                                   : NULL;
        if (!number)
            return 2;
        *number = atoi(optarg);
    }
    if (port == 0 || probe.n == 0) {
        fprintf(stderr, "usage: probe -p PORT -n PATIENTS [-g GAP_MS]\n");
        return 2;
    }
    probe.minute_s = time(NULL) / 60 * 60 - REST_MIN * 60;
    int r = probe.sender = raw_connect(port, "probe-sender");
    if (r >= 0)
        r = probe.listener = raw_connect(port, "probe-listener");
    if (r >= 0)
        r = raw_subscribe(probe.listener, "clinic/main/alerts/+/+/rest");
    if (r >= 0)
        r = run(&probe);
    if (r < 0)
        fprintf(stderr, "probe: %s\n", strerror(-r));
    return r < 0;
}
