/* fuzz_slip.c -- any bytes as a slip of readings: refused, or read to readings that
 * come back unchanged when they are written and read again. */
#include "store/slip.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

enum { FORMAT = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The head is set right: no mutation would ever hit a checksum. */
static struct sw_pack with_head(const uint8_t *data, size_t size)
{
    struct sw_pack pack = {0};
    assert(sw_pack_begin(&pack) == 0 && sw_pack_reserve(&pack, size) == 0);
    for (size_t i = 0; i < size; i++)
        sw_put_byte(&pack, data[i]);
    sw_pack_seal(&pack, FORMAT);
    return pack;
}

/* Up to where they stop being readings; returns what the reader said there. */
static int copy(const struct sw_pack *pack, struct sw_slip *to)
{
    struct sw_slip_reader reader;
    struct sw_reading reading;
    int64_t device_key;
    int r = sw_slip_open(&reader, pack->bytes, pack->len);
    assert(r == 0);
    while ((r = sw_slip_next(&reader, &device_key, &reading)) == 1) {
        assert(reading.seconds >= 1 && reading.seconds <= SW_READING_SECONDS_MAX);
        assert(reading.steps >= 0);
        assert(sw_slip_add(to, device_key, &reading) == 0);
    }
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_slip once = {0}, again = {0};
    struct sw_pack pack = with_head(data, size);
    int r = copy(&pack, &once);
    assert(r == 0 || r == -EUCLEAN);
    if (once.n > 0) {
        sw_slip_seal(&once);
        assert(copy(&once.pack, &again) == 0);
        sw_slip_seal(&again);
        assert(again.n == once.n && again.pack.len == once.pack.len);
        assert(memcmp(again.pack.bytes, once.pack.bytes, once.pack.len) == 0);
    }
    sw_slip_fini(&once);
    sw_slip_fini(&again);
    sw_pack_fini(&pack);
    return 0;
}
