/* fingerprint.c -- FNV-1a, eight bytes at a time: it is taken of every message. */
#include "util/fingerprint.h"

#include <string.h>

#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static uint64_t fingerprint_add(uint64_t sum, const char *bytes, size_t len)
{
    uint64_t word;
    sum = (sum ^ len) * FNV_PRIME;
    for (; len >= sizeof word; bytes += sizeof word, len -= sizeof word) {
        memcpy(&word, bytes, sizeof word);
        sum = (sum ^ word) * FNV_PRIME;
        sum ^= sum >> 32; /* the high bits of a word reach the low ones of the sum */
    }
    for (; len > 0; bytes++, len--)
        sum = (sum ^ (unsigned char)*bytes) * FNV_PRIME;
    return sum;
}

uint64_t sw_fingerprint(const char *topic, size_t topic_len, const char *payload,
                        size_t payload_len)
{
    return fingerprint_add(fingerprint_add(FNV_BASIS, topic, topic_len), payload,
                           payload_len);
}
