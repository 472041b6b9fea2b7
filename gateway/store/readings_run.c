/* readings_run.c -- encode readings as rows of table `readings_run`, and decode them.
 * Which readings are stored, and when, is store_readings.c's business. */
#include "store/readings_run.h"

#include <endian.h>
#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "util/array.h"

int64_t sw_run_period(int64_t at_s)
{
    return at_s / SW_RUN_PERIOD_S - (at_s % SW_RUN_PERIOD_S < 0);
}

int64_t sw_run_period_begin(int64_t period)
{
    bool is_earliest = period <= INT64_MIN / SW_RUN_PERIOD_S - 1;
    return is_earliest ? INT64_MIN : period * SW_RUN_PERIOD_S;
}

int64_t sw_run_period_end(int64_t period)
{
    bool is_latest = period >= INT64_MAX / SW_RUN_PERIOD_S;
    return is_latest ? INT64_MAX : (period + 1) * SW_RUN_PERIOD_S - 1;
}

/* ---- writing ---- */

static int by_length_then_start(const void *a, const void *b)
{
    const struct sw_reading *x = a, *y = b;
    if (x->seconds != y->seconds)
        return x->seconds < y->seconds ? -1 : 1;
    return (x->start_s > y->start_s) - (x->start_s < y->start_s);
}

/* Series of different lengths come interleaved; sorting by length makes one
 * run of each. */
static int sort_by_length(struct sw_runs *runs, const struct sw_reading **readings,
                          size_t n)
{
    bool is_mixed = false;
    for (size_t i = 1; i < n && !is_mixed; i++)
        is_mixed = (*readings)[i].seconds != (*readings)[0].seconds;
    if (!is_mixed)
        return 0;
    int r = RESERVE(runs->by_length, n, runs->cap_by_length);
    if (r < 0)
        return r;
    memcpy(runs->by_length, *readings, n * sizeof **readings);
    qsort(runs->by_length, n, sizeof **readings, by_length_then_start);
    *readings = runs->by_length;
    return 0;
}

static size_t count_run(const struct sw_reading *readings, size_t n)
{
    const struct sw_reading *first = readings;
    size_t i = 1;
    while (i < n && i < SW_RUN_READINGS_MAX && readings[i].seconds == first->seconds &&
           readings[i].worn == first->worn &&
           readings[i].start_s - readings[i - 1].start_s == first->seconds)
        i++;
    return i;
}

static int32_t width_of(const struct sw_reading *readings, size_t n)
{
    int32_t most = 0;
    for (size_t i = 0; i < n; i++)
        most = readings[i].steps > most ? readings[i].steps : most;
    return most <= 0xff ? 1 : most <= 0xffff ? 2 : 4;
}

int sw_runs_encode(struct sw_runs *runs, int64_t device_key,
                   const struct sw_reading *readings, size_t n)
{
    enum { WIDTH_MAX = 4 };
    int r = sort_by_length(runs, &readings, n);
    if (r == 0)
        r = RESERVE(runs->bytes, WIDTH_MAX * n, runs->cap_bytes);
    if (r < 0)
        return r;
    unsigned char *at = runs->bytes;
    runs->n = 0;
    for (size_t i = 0, count; i < n; i += count) {
        if ((r = GROW(runs->items, runs->n, runs->cap)) < 0)
            return r;
        count = count_run(readings + i, n - i);
        struct sw_run *run = &runs->items[runs->n++];
        *run = (struct sw_run){
            .device_key = device_key,
            .start_s = readings[i].start_s,
            .seconds = readings[i].seconds,
            .worn = readings[i].worn,
            .width = width_of(readings + i, count),
            .steps = at,
        };
        run->steps_len = count * (size_t)run->width;
        for (size_t j = i; j < i + count; j++)
            for (int32_t shift = 8 * (run->width - 1); shift >= 0; shift -= 8)
                *at++ = (unsigned char)(readings[j].steps >> shift);
        run->crc = sw_run_crc(run);
    }
    return 0;
}

void sw_runs_fini(struct sw_runs *runs)
{
    free(runs->items);
    free(runs->bytes);
    free(runs->by_length);
    *runs = (struct sw_runs){0};
}

/* ---- reading ---- */

int32_t sw_run_crc(const struct sw_run *run)
{
    const uint64_t head[] = {htobe64((uint64_t)run->device_key),
                             htobe64((uint64_t)run->start_s),
                             htobe64((uint64_t)run->seconds), htobe64(run->worn),
                             htobe64((uint64_t)run->width)};
    uLong crc = crc32(0, (const unsigned char *)head, sizeof head);
    crc = crc32(crc, run->steps, (uInt)run->steps_len);
    return (int32_t)(uint32_t)crc;
}

bool sw_run_is_sound(const struct sw_run *run)
{
    bool has_width = run->width == 1 || run->width == 2 || run->width == 4;
    if (!has_width || run->steps_len == 0 || run->steps_len % (size_t)run->width != 0 ||
        run->steps_len / (size_t)run->width > SW_RUN_READINGS_MAX || run->seconds < 1 ||
        run->seconds > SW_READING_SECONDS_MAX || run->crc != sw_run_crc(run))
        return false;
    for (size_t i = 0; run->width == 4 && i < run->steps_len; i += 4)
        if (run->steps[i] > 0x7f) /* larger than INT32_MAX */
            return false;
    int64_t last_s = (int64_t)(sw_run_count(run) - 1) * run->seconds;
    return run->start_s <= INT64_MAX - last_s &&
           sw_run_period(run->start_s) == sw_run_period(run->start_s + last_s);
}

size_t sw_run_count(const struct sw_run *run)
{
    return run->steps_len / (size_t)run->width;
}

struct sw_reading sw_run_reading(const struct sw_run *run, size_t i)
{
    const unsigned char *at = run->steps + i * (size_t)run->width;
    uint32_t steps = 0;
    for (int32_t byte = 0; byte < run->width; byte++)
        steps = steps << 8 | at[byte];
    return (struct sw_reading){.start_s = run->start_s + (int64_t)i * run->seconds,
                               .seconds = run->seconds,
                               .steps = (int32_t)steps,
                               .worn = run->worn};
}
