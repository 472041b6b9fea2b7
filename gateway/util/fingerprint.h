/* fingerprint.h -- a number for a message's topic and payload, to tell one that comes
 * again. No secret is in it: who makes two messages of one number on purpose must find
 * that this alone decides on counts, never on what is kept. */
#ifndef UTIL_FINGERPRINT_H
#define UTIL_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

uint64_t sw_fingerprint(const char *topic, size_t topic_len, const char *payload,
                        size_t payload_len);

#endif
