/* fuzz_steps.c -- any bytes as readings: what is taken is in range, what is refused is a
 * part that is refused by itself, and a retained copy says no more. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stepward/wire.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct sw_receipt live = {
    .at_s = 1774779300, .oldest_s = 1000, .newest_s = 1774779900};

static void check_sample(const struct sw_sample *sample)
{
    const char *device = sample->device.str;
    assert(device[0] == '\0' || sw_id_is_valid(device, strlen(device)));
    assert(sample->battery >= -1 && sample->battery <= 100);
    if (sample->kind == SW_SAMPLE_TOTAL) {
        assert(sample->total.total >= 0);
        assert(sample->total.at_s >= live.oldest_s);
        assert(sample->total.at_s <= live.newest_s);
        return;
    }
    const struct sw_reading *reading = &sample->reading;
    assert(reading->steps >= 0);
    assert(reading->seconds >= 1 && reading->seconds <= SW_READING_SECONDS_MAX);
    assert(!sw_is_implausible(reading->steps, reading->seconds));
    assert(reading->start_s >= live.oldest_s);
    assert(reading->start_s + reading->seconds <= live.newest_s);
}

static int decode(const uint8_t *data, size_t size, const struct sw_receipt *receipt,
                  struct sw_samples *samples)
{
    char why[SW_WHY_MAX];
    memset(why, '?', sizeof(why));
    int r = sw_decode_steps((const char *)data, size, receipt, samples, why);
    assert(memchr(why, '\0', sizeof(why)));
    assert((why[0] != '\0') == (r > 0));
    assert((samples->n_refused > 0) == (r > 0));
    assert(samples->n_refused <= SW_REFUSED_ITEMS_MAX);
    return r;
}

/* Taken by itself the part is refused for the same reason, unless it became too long. The
 * last part may hold what is right, too. */
static void check_part(const uint8_t *data, size_t size,
                       const struct sw_refused_items *refused, bool is_last)
{
    struct sw_samples samples = {0};
    char *part = sw_steps_part((const char *)data, size, refused);
    int r = part ? decode((const uint8_t *)part, strlen(part), &live, &samples) : 0;
    assert(is_last || samples.n == 0);
    assert(!part || is_last || r == SW_REFUSED_SIZE || r == (int)refused->refusal);
    free(part);
    sw_samples_fini(&samples);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_receipt retained = live;
    struct sw_samples samples = {0};
    decode(data, size, &live, &samples);
    size_t n = samples.n;
    int32_t n_items = (int32_t)n;
    for (size_t i = 0; i < n; i++)
        check_sample(&samples.items[i]);
    for (size_t i = 0; i < samples.n_refused; i++) {
        n_items += samples.refused[i].n;
        check_part(data, size, &samples.refused[i], i + 1 == SW_REFUSED_ITEMS_MAX);
    }
    assert(n_items == samples.n_items);
    retained.retained = true;
    decode(data, size, &retained, &samples);
    assert(samples.n <= n && samples.n_items == n_items);
    sw_samples_fini(&samples);
    return 0;
}
