/* mqtt_tap.h -- listens to recorded connections with the broker: puts packets together
 * from the bytes as they were sent and received, and tells of three kinds.
 *
 * MQTT 3.1.1 and 5, as the CONNECT says; without TLS.
 */
#ifndef TEST_MQTT_TAP_H
#define TEST_MQTT_TAP_H

#include "journal.h"

struct tap_listener {
    /* A QoS 1 message came. The number it returns is acknowledged's message later. */
    int (*received)(void *ctx, const char *topic, size_t topic_len, const char *payload,
                    size_t payload_len);
    void (*acknowledged)(void *ctx, int message);
    void (*published)(void *ctx, const char *topic, size_t topic_len,
                      const char *payload, size_t payload_len);
    void *ctx;
};

struct tap;
struct tap *tap_new(const struct tap_listener *listener);
void tap_free(struct tap *tap);
void tap_hear(struct tap *tap, const struct journal_entry *entry);

#endif
