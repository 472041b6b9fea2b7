/* raw.h -- just enough MQTT 3.1.1 on a socket to send and to listen, where a library
 * would be what is measured.
 *
 *     fd = raw_connect(port, "load");          // negative errno
 *     n = raw_publish(buffer, 7, topic, payload, payload_len);
 *     write(fd, buffer, n);                    // is answered by RAW_PUBACK_LEN bytes
 *     raw_subscribe(fd, "clinic/#");           // at QoS 0: nothing is to be answered
 */
#ifndef BENCH_RAW_H
#define BENCH_RAW_H

#include <stddef.h>
#include <stdint.h>

enum {
    RAW_OVERHEAD = 128, /* bytes of a packet beside its payload, with our topics */
    RAW_PUBACK_LEN = 4,
};

/* To 127.0.0.1, a clean session without a keep-alive. */
int raw_connect(int port, const char *client_id);
/* A QoS 1 publication; id 1 to 65535. Returns its length. */
size_t raw_publish(unsigned char *out, uint16_t id, const char *topic,
                   const char *payload, size_t payload_len);
/* How many bytes that takes when the broker hands it on by MQTT 5. */
size_t raw_length_v5(const char *topic, size_t payload_len);
/* Waits for the answer; retained messages come after it. */
int raw_subscribe(int fd, const char *filter);

#endif
