/* fuzz_steps.c -- any bytes as readings: what is taken is in range, what is refused as
 * a whole leaves nothing, and a retained copy says the same unless it lacks a time. */
#include <assert.h>
#include <stdint.h>
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

static bool is_refused_alone(int r)
{
    return r == SW_REFUSED_IMPLAUSIBLE || r == SW_REFUSED_TOO_OLD ||
           r == SW_REFUSED_FUTURE;
}

static int decode(const uint8_t *data, size_t size, const struct sw_receipt *receipt,
                  struct sw_samples *samples)
{
    char why[SW_WHY_MAX];
    memset(why, '?', sizeof(why));
    int r = sw_decode_steps((const char *)data, size, receipt, samples, why);
    assert(memchr(why, '\0', sizeof(why)));
    assert((why[0] != '\0') == (r > 0));
    assert(r == SW_ACCEPTED || is_refused_alone(r) || samples->n == 0);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_receipt retained = live;
    struct sw_samples samples = {0};
    int r = decode(data, size, &live, &samples);
    size_t n = samples.n;
    for (size_t i = 0; i < n; i++)
        check_sample(&samples.items[i]);
    retained.retained = true;
    int again = decode(data, size, &retained, &samples);
    assert(again == SW_REFUSED_NO_TIME || (again == r && samples.n == n));
    sw_samples_fini(&samples);
    return 0;
}
