/* fuzz_certificate.c -- any bytes as a certificate, as PEM and as what is in it: nothing is
 * read beyond the end. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/certificate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *text, size_t len)
{
    struct sw_certificates found;
    if (sw_certificates_read(text, len, &found) == 0)
        assert(found.n > 0 && found.first_end_s <= found.last_end_s);
}

/* The bytes as DER, wrapped as PEM: the fuzzer need not find base64. */
static void check_wrapped(const uint8_t *data, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    static const char begin[] = "-----BEGIN CERTIFICATE-----\n";
    static const char end[] = "\n-----END CERTIFICATE-----\n";
    char *text = malloc(sizeof begin + sizeof end + size * 2 + 4), *to = text;
    if (!text)
        return;
    to = stpcpy(to, begin);
    for (size_t i = 0; i < size; i += 3) {
        uint32_t bits = (uint32_t)data[i] << 16;
        bits |= i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0;
        bits |= i + 2 < size ? data[i + 2] : 0;
        for (int shift = 18; shift >= 0; shift -= 6)
            *to++ = digits[bits >> shift & 63];
    }
    to = stpcpy(to, end);
    check(text, (size_t)(to - text));
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    check(text, size);
    free(text);
    check_wrapped(data, size);
    return 0;
}
