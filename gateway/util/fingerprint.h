/* fingerprint.h -- a number for a message's topic and payload, to recognise one that
 * comes again. There is no secret in it, so anybody can make two messages with the same
 * number on purpose. That may change what is counted, never what is kept. */
#ifndef UTIL_FINGERPRINT_H
#define UTIL_FINGERPRINT_H

#include <stddef.h>
#include <stdint.h>

uint64_t sw_fingerprint(const char *topic, size_t topic_len, const char *payload,
                        size_t payload_len);

#endif
