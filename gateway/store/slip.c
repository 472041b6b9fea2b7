/* slip.c -- readings of many devices to bytes and back.
 * When there is a slip, and when it is packed, is store_recent.c's business. */
#include "store/slip.h"

#include <errno.h>

enum {
    FORMAT = 2,
    SECONDS_MAX = 86400,
};

/* ---- writing ---- */

int sw_slip_add(struct sw_slip *slip, int64_t device_key,
                const struct sw_reading *reading)
{
    int r = slip->n == 0 ? sw_pack_begin(&slip->pack) : 0;
    if (r == 0)
        r = sw_pack_reserve(&slip->pack, 4 * SW_VARINT_MAX);
    if (r < 0)
        return r;
    sw_put_difference(&slip->pack, (uint64_t)device_key - (uint64_t)slip->device_key);
    sw_put_difference(&slip->pack,
                      (uint64_t)reading->start_s - (uint64_t)slip->start_s);
    sw_put_varint(&slip->pack, (uint64_t)reading->seconds * 2 + reading->worn);
    sw_put_varint(&slip->pack, (uint64_t)reading->steps);
    slip->device_key = device_key;
    slip->start_s = reading->start_s;
    slip->n++;
    return 0;
}

void sw_slip_seal(struct sw_slip *slip)
{
    sw_pack_seal(&slip->pack, FORMAT);
}

void sw_slip_clear(struct sw_slip *slip)
{
    slip->n = 0;
    slip->device_key = slip->start_s = 0;
}

void sw_slip_fini(struct sw_slip *slip)
{
    sw_pack_fini(&slip->pack);
    sw_slip_clear(slip);
}

/* ---- reading ---- */

int sw_slip_open(struct sw_slip_reader *reader, const void *bytes, size_t len)
{
    *reader = (struct sw_slip_reader){.start_s = 0};
    return sw_bytes_open(&reader->rest, FORMAT, bytes, len);
}

int sw_slip_next(struct sw_slip_reader *reader, int64_t *ret_device_key,
                 struct sw_reading *ret)
{
    uint64_t device, start, length, steps;
    if (reader->rest.at == reader->rest.end)
        return 0;
    bool is_whole = sw_take_difference(&reader->rest, &device) &&
                    sw_take_difference(&reader->rest, &start) &&
                    sw_take_varint(&reader->rest, &length) &&
                    sw_take_varint(&reader->rest, &steps);
    if (!is_whole || length / 2 < 1 || length / 2 > SECONDS_MAX || steps > INT32_MAX)
        return -EUCLEAN;
    reader->device_key = (int64_t)((uint64_t)reader->device_key + device);
    reader->start_s = (int64_t)((uint64_t)reader->start_s + start);
    *ret_device_key = reader->device_key;
    *ret = (struct sw_reading){.start_s = reader->start_s,
                               .seconds = (int32_t)(length / 2),
                               .steps = (int32_t)steps,
                               .worn = length & 1};
    return 1;
}
