/* certificate.c -- the end dates of certificates: as much of PEM (RFC 7468), DER and X.509
 * (RFC 5280) as leads to them. */
#include "stepward/certificate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/civil.h"

enum {
    DER_INTEGER = 0x02,
    DER_UTC_TIME = 0x17,
    DER_GENERAL_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_VERSION = 0xa0,
    LENGTH_BYTES_MAX = 4,
    DAY_S = 86400,
};
static const char begin_line[] = "-----BEGIN CERTIFICATE-----";
static const char end_line[] = "-----END CERTIFICATE-----";

/* ---- DER ---- */

struct der {
    const uint8_t *at, *end;
};

/* Step over the next value, whose tag and content it gives. */
static bool der_next(struct der *der, int *ret_tag, struct der *ret)
{
    const uint8_t *at = der->at;
    if (der->end - at < 2)
        return false;
    *ret_tag = *at++;
    size_t len = *at++;
    if (len & 0x80) {
        size_t n = len & 0x7f;
        if (n == 0 || n > LENGTH_BYTES_MAX || (size_t)(der->end - at) < n)
            return false;
        for (len = 0; n > 0; n--)
            len = len << 8 | *at++;
    }
    if ((size_t)(der->end - at) < len)
        return false;
    *ret = (struct der){at, at + len};
    der->at = at + len;
    return true;
}

static bool der_enter(struct der *der, int tag, struct der *ret)
{
    int found;
    return der_next(der, &found, ret) && found == tag;
}

static bool two_digits(const uint8_t *at, int max, int *ret)
{
    if (at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *ret = (at[0] - '0') * 10 + at[1] - '0';
    return *ret <= max;
}

/* "261130120000Z", or with a year of four digits; years beyond those of the calendar are
 * its end. */
static bool der_time(int tag, struct der value, int64_t *ret_s)
{
    size_t year_len = tag == DER_UTC_TIME ? 2 : 4;
    size_t len = (size_t)(value.end - value.at);
    const uint8_t *at = value.at + year_len;
    char date[SW_DATE_LEN + 1] = "2000-00-00";
    int year, hour, minute, second;
    int32_t day;
    bool is_time = tag == DER_UTC_TIME || tag == DER_GENERAL_TIME;
    if (!is_time || len != year_len + 11 || value.end[-1] != 'Z' ||
        !two_digits(at + 4, 23, &hour) || !two_digits(at + 6, 59, &minute) ||
        !two_digits(at + 8, 60, &second) || !two_digits(value.at, 99, &year))
        return false;
    memcpy(date + 4 - year_len, value.at, year_len);
    if (tag == DER_UTC_TIME && year >= 50) /* by RFC 5280 */
        memcpy(date, "19", 2);
    memcpy(date + 5, at, 2);
    memcpy(date + 8, at + 2, 2);
    if (tag == DER_GENERAL_TIME && year > 20) { /* "99991231…" means for ever */
        *ret_s = INT64_MAX;
        return true;
    }
    if (!sw_date_parse(date, SW_DATE_LEN, &day))
        return false;
    *ret_s = (int64_t)day * DAY_S + hour * 3600 + minute * 60 + second;
    return true;
}

/* Certificate { TBSCertificate { [0] version, serial, signature, issuer, Validity {
 * notBefore, notAfter } … */
static bool find_end(const uint8_t *bytes, size_t len, int64_t *ret_s)
{
    struct der der = {bytes, bytes + len}, certificate, signed_part, value, validity;
    int tag;
    if (!der_enter(&der, DER_SEQUENCE, &certificate) ||
        !der_enter(&certificate, DER_SEQUENCE, &signed_part) ||
        !der_next(&signed_part, &tag, &value))
        return false;
    if (tag == DER_VERSION && !der_next(&signed_part, &tag, &value))
        return false;
    return tag == DER_INTEGER && der_enter(&signed_part, DER_SEQUENCE, &value) &&
           der_enter(&signed_part, DER_SEQUENCE, &value) &&
           der_enter(&signed_part, DER_SEQUENCE, &validity) &&
           der_next(&validity, &tag, &value) && der_next(&validity, &tag, &value) &&
           der_time(tag, value, ret_s);
}

/* ---- PEM ---- */

static int digit_of(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* Into out, which has room for len / 4 * 3 + 3 bytes; returns how many, or -EINVAL. */
static int64_t decode_base64(const char *text, size_t len, uint8_t *out)
{
    uint32_t bits = 0;
    size_t n = 0, n_bits = 0;
    for (size_t i = 0; i < len && text[i] != '='; i++) {
        if (strchr(" \t\r\n", text[i]) && text[i])
            continue;
        int digit = digit_of(text[i]);
        if (digit < 0)
            return -EINVAL;
        bits = bits << 6 | (uint32_t)digit;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            out[n++] = (uint8_t)(bits >> n_bits);
        }
    }
    return (int64_t)n;
}

static int read_one(const char *text, size_t len, int64_t *ret_s)
{
    uint8_t *bytes = malloc(len / 4 * 3 + 3);
    if (!bytes)
        return -ENOMEM;
    int64_t n = decode_base64(text, len, bytes);
    bool ok = n > 0 && find_end(bytes, (size_t)n, ret_s);
    free(bytes);
    return ok ? 0 : -EINVAL;
}

int sw_certificates_read(const char *pem, size_t len, struct sw_certificates *ret)
{
    const char *at = pem, *end = pem + len;
    *ret = (struct sw_certificates){.n = 0};
    while ((at = memmem(at, (size_t)(end - at), begin_line, strlen(begin_line)))) {
        int64_t end_s;
        at += strlen(begin_line);
        const char *to = memmem(at, (size_t)(end - at), end_line, strlen(end_line));
        int r = to ? read_one(at, (size_t)(to - at), &end_s) : -EINVAL;
        if (r < 0)
            return r;
        if (ret->n == 0 || end_s < ret->first_end_s)
            ret->first_end_s = end_s;
        if (ret->n == 0 || end_s > ret->last_end_s)
            ret->last_end_s = end_s;
        ret->n++;
        at = to;
    }
    return ret->n > 0 ? 0 : -ENOENT;
}
