/* decode_fixture.h -- payloads decoded at a fixed moment, and samples as a line of
 * text.
 *
 *     1774778400+60:37 @band u b80    37 steps from then for 60 s; device, unworn, battery
 *     1774778400=10423                a counter's total
 *     1774778400 pain 4.5             a score
 */
#ifndef DECODE_FIXTURE_H
#define DECODE_FIXTURE_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stepward/wire.h"

#define NOW_S 1774779300 /* 2026-03-29T10:15:00Z */
#define DAY_S 86400

static const struct sw_receipt live = {
    .at_s = NOW_S, .oldest_s = NOW_S - 31 * DAY_S, .newest_s = NOW_S + 600};
static const struct sw_receipt retained = {.at_s = NOW_S,
                                           .retained = true,
                                           .oldest_s = NOW_S - 31 * DAY_S,
                                           .newest_s = NOW_S + 600};

struct decoded {
    int refusal;
    struct sw_samples samples;
    char why[SW_WHY_MAX];
};

/* From a copy of exactly len bytes, so that a byte read beyond it is found. */
static inline void decode_bytes(struct decoded *decoded, const char *bytes, size_t len,
                                const struct sw_receipt *receipt)
{
    char *copy = malloc(len);
    assert_true(copy || len == 0);
    if (len > 0)
        memcpy(copy, bytes, len);
    memset(decoded->why, '?', sizeof(decoded->why));
    decoded->refusal =
        sw_decode_steps(copy, len, receipt, &decoded->samples, decoded->why);
    assert_non_null(memchr(decoded->why, '\0', sizeof(decoded->why)));
    assert_null(strchr(decoded->why, '\n'));
    free(copy);
}

static inline size_t draw_sample(const struct sw_sample *sample, char *out, size_t size)
{
    int n = sample->kind == SW_SAMPLE_TOTAL
                ? snprintf(out, size, "%" PRId64 "=%" PRId64, sample->total.at_s,
                           sample->total.total)
            : sample->kind == SW_SAMPLE_PAIN
                ? snprintf(out, size, "%" PRId64 " pain %g", sample->pain.at_s,
                           sample->pain.score)
                : snprintf(out, size, "%" PRId64 "+%d:%d", sample->reading.start_s,
                           sample->reading.seconds, sample->reading.steps);
    bool has_device = sample->device.str[0] != '\0';
    bool is_unworn = sample->kind == SW_SAMPLE_READING && !sample->reading.worn;
    n += snprintf(out + n, size - (size_t)n, "%s%s%s", has_device ? " @" : "",
                  sample->device.str, is_unworn ? " u" : "");
    if (sample->battery >= 0)
        n += snprintf(out + n, size - (size_t)n, " b%d", sample->battery);
    return (size_t)n;
}

/* All samples, joined by ", ". */
static inline void draw_samples(const struct sw_samples *samples, char *out,
                                size_t size)
{
    size_t n = 0;
    out[0] = '\0';
    for (size_t i = 0; i < samples->n; i++) {
        n += (size_t)snprintf(out + n, size - n, "%s", i ? ", " : "");
        n += draw_sample(&samples->items[i], out + n, size - n);
    }
}

static inline void check_decoded(const char *payload, const struct sw_receipt *receipt,
                                 enum sw_refusal refusal, const char *samples,
                                 const char *why)
{
    struct decoded decoded = {0};
    char drawn[1000];
    decode_bytes(&decoded, payload, strlen(payload), receipt);
    draw_samples(&decoded.samples, drawn, sizeof(drawn));
    if (decoded.refusal != (int)refusal)
        print_error("%s: %s\n", payload, decoded.why);
    assert_int_equal(decoded.refusal, refusal);
    assert_string_equal(drawn, samples);
    assert_string_equal(decoded.why, why);
    sw_samples_fini(&decoded.samples);
}

/* What is taken, and each refusal with the part of the message that it is about:
 * "shape [1].seconds: 0 is not in 1..90000 {"start":…}", joined by newlines. */
static inline void check_items(const char *payload, const struct sw_receipt *receipt,
                               const char *samples, const char *refused)
{
    struct decoded decoded = {0};
    char drawn[2000] = "", refusals[4000] = "", why[SW_WHY_MAX];
    decode_bytes(&decoded, payload, strlen(payload), receipt);
    draw_samples(&decoded.samples, drawn, sizeof(drawn));
    for (size_t i = 0, n = 0; i < decoded.samples.n_refused; i++) {
        const struct sw_refused_items *items = &decoded.samples.refused[i];
        char *part = sw_steps_part(payload, strlen(payload), items);
        sw_refused_why(items, why);
        n += (size_t)snprintf(refusals + n, sizeof(refusals) - n, "%s%s %s%s%s",
                              i ? "\n" : "", sw_refusal_code(items->refusal), why,
                              part ? " " : "", part ? part : "");
        free(part);
    }
    assert_string_equal(drawn, samples);
    assert_string_equal(refusals, refused);
    sw_samples_fini(&decoded.samples);
}

#endif
