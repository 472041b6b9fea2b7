/* fuzz_pack.c -- any bytes as a pack of readings: refused, or read to readings that
 * come back unchanged when they are packed and read again. */
#include "store/pack.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "stepward/day.h"

enum { PERIOD = 76000, FORMAT = 1, HEAD_LEN = 5, READINGS_MAX = 100000 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The head is set right: no mutation would ever hit a checksum. */
static uint8_t *with_head(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(HEAD_LEN + size);
    assert(bytes);
    if (size > 0)
        memcpy(bytes + HEAD_LEN, data, size);
    uLong crc = crc32(0, bytes + HEAD_LEN, (uInt)size);
    bytes[0] = FORMAT;
    for (int i = 0; i < 4; i++)
        bytes[1 + i] = (uint8_t)(crc >> 8 * i);
    return bytes;
}

/* How many there are in it, or -EUCLEAN; at most READINGS_MAX are looked at. */
static int read_into(struct sw_day_set *set, const uint8_t *bytes, size_t size)
{
    struct sw_pack_reader reader;
    struct sw_reading reading;
    int n = 0;
    int r = sw_pack_open(&reader, PERIOD, bytes, size);
    while (r == 0 && n < READINGS_MAX && (r = sw_pack_next(&reader, &reading)) == 1) {
        assert(reading.seconds >= 1 && reading.seconds <= SW_READING_SECONDS_MAX);
        assert(reading.steps >= 0);
        assert(sw_pack_period(reading.start_s) == PERIOD);
        assert(sw_day_set_add_reading(set, 0, &reading) >= 0);
        n++;
        r = 0;
    }
    return r < 0 ? r : n;
}

static void check_comes_back(const struct sw_device_set *device)
{
    struct sw_day_set again = {0};
    struct sw_pack pack = {0};
    assert(sw_pack_encode(&pack, PERIOD, device->readings, device->n_readings) == 0);
    int n = read_into(&again, pack.bytes, pack.len);
    assert(n == (int)device->n_readings);
    for (int i = 0; i < n; i++) {
        const struct sw_reading *a = &again.devices[0].readings[i];
        const struct sw_reading *b = &device->readings[i];
        assert(a->start_s == b->start_s && a->seconds == b->seconds &&
               a->steps == b->steps && a->worn == b->worn);
    }
    sw_pack_fini(&pack);
    sw_day_set_fini(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_day_set set = {0};
    uint8_t *bytes = with_head(data, size);
    int n = read_into(&set, bytes, HEAD_LEN + size);
    assert(n >= 0 || n == -EUCLEAN);
    if (set.n_devices > 0)
        check_comes_back(&set.devices[0]);
    sw_day_set_fini(&set);
    free(bytes);
    return 0;
}
