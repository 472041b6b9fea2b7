/* pack.c -- readings to bytes and back.
 * Which readings, and where the bytes are kept, is store_reading.c's business. */
#include "store/pack.h"

#include <errno.h>

enum {
    FORMAT = 1,
    STEPS_MAX_PLAIN = 239,
    ZEROS = 240, /* two of them; up to ZEROS_MAX */
    ZEROS_MAX = 16,
    STEPS_FOLLOW = 255,
    SECONDS_MAX = 86400,
};

int64_t sw_pack_period(int64_t at_s)
{
    return at_s / SW_PACK_SECONDS - (at_s % SW_PACK_SECONDS < 0);
}

/* Modulo 2^64: at both ends of time a period begins or ends beyond it. */
static uint64_t begin_of(int64_t period)
{
    return (uint64_t)period * SW_PACK_SECONDS;
}

static uint64_t end_of(const struct sw_reading *reading)
{
    return (uint64_t)reading->start_s + (uint64_t)reading->seconds;
}

/* ---- writing ---- */

static bool continues(const struct sw_reading *last, const struct sw_reading *next)
{
    return (uint64_t)next->start_s == end_of(last) && next->seconds == last->seconds &&
           next->worn == last->worn;
}

static size_t run_of(const struct sw_reading *readings, size_t n)
{
    size_t run = 1;
    while (run < n && continues(&readings[run - 1], &readings[run]))
        run++;
    return run;
}

static size_t zeros_of(const struct sw_reading *readings, size_t n)
{
    size_t zeros = 0;
    while (zeros < n && zeros < ZEROS_MAX && readings[zeros].steps == 0)
        zeros++;
    return zeros;
}

static void put_steps(struct sw_pack *pack, const struct sw_reading *readings, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t zeros = zeros_of(readings + i, n - i);
        int32_t steps = readings[i].steps;
        if (zeros >= 2) {
            sw_put_byte(pack, ZEROS + (unsigned)zeros - 2);
            i += zeros;
            continue;
        }
        sw_put_byte(pack, steps <= STEPS_MAX_PLAIN ? (unsigned)steps : STEPS_FOLLOW);
        if (steps > STEPS_MAX_PLAIN)
            sw_put_varint(pack, (uint64_t)steps);
        i++;
    }
}

int sw_pack_encode(struct sw_pack *pack, int64_t period,
                   const struct sw_reading *readings, size_t n)
{
    uint64_t expected = begin_of(period);
    int r = sw_pack_begin(pack);
    if (r < 0)
        return r;
    for (size_t i = 0, run; i < n; i += run) {
        const struct sw_reading *first = &readings[i];
        run = run_of(first, n - i);
        r = sw_pack_reserve(pack, 3 * SW_VARINT_MAX + run * (1 + SW_VARINT_MAX / 2));
        if (r < 0)
            return r;
        sw_put_difference(pack, (uint64_t)first->start_s - expected);
        sw_put_varint(pack, (uint64_t)first->seconds * 2 + first->worn);
        sw_put_varint(pack, run);
        put_steps(pack, first, run);
        expected = end_of(&first[run - 1]);
    }
    sw_pack_seal(pack, FORMAT);
    return 0;
}

/* ---- reading ---- */

int sw_pack_open(struct sw_pack_reader *reader, int64_t period, const void *bytes,
                 size_t len)
{
    *reader = (struct sw_pack_reader){
        .period = period,
        .last = {.start_s = (int64_t)begin_of(period)},
    };
    return sw_bytes_open(&reader->rest, FORMAT, bytes, len);
}

/* The run's first reading in all but its steps, as if it continued one before it. */
static bool take_run(struct sw_pack_reader *reader)
{
    uint64_t difference, length, n;
    bool is_whole = sw_take_difference(&reader->rest, &difference) &&
                    sw_take_varint(&reader->rest, &length) &&
                    sw_take_varint(&reader->rest, &n);
    if (!is_whole || n == 0 || length / 2 < 1 || length / 2 > SECONDS_MAX)
        return false;
    uint64_t from = end_of(&reader->last) + difference;
    reader->last.seconds = (int32_t)(length / 2);
    reader->last.worn = length & 1;
    reader->last.start_s = (int64_t)(from - length / 2);
    reader->n_left = n;
    return true;
}

static bool take_steps(struct sw_pack_reader *reader, int32_t *ret)
{
    uint64_t steps = 0;
    if (reader->n_zero > 0) {
        reader->n_zero--;
        *ret = 0;
        return true;
    }
    if (reader->rest.at == reader->rest.end)
        return false;
    unsigned char byte = *reader->rest.at++;
    if (byte >= ZEROS && byte < STEPS_FOLLOW) {
        reader->n_zero = byte - ZEROS + 1u; /* after this one */
    } else if (byte < ZEROS) {
        steps = byte;
    } else if (!sw_take_varint(&reader->rest, &steps) || steps > INT32_MAX) {
        return false;
    }
    *ret = (int32_t)steps;
    return true;
}

int sw_pack_next(struct sw_pack_reader *reader, struct sw_reading *ret)
{
    struct sw_reading *last = &reader->last;
    if (reader->n_left == 0) {
        if (reader->rest.at == reader->rest.end && reader->n_zero == 0)
            return 0;
        if (reader->n_zero > 0 || !take_run(reader))
            return -EUCLEAN;
    }
    last->start_s = (int64_t)end_of(last);
    reader->n_left--;
    if (!take_steps(reader, &last->steps) ||
        sw_pack_period(last->start_s) != reader->period)
        return -EUCLEAN;
    *ret = *last;
    return 1;
}
