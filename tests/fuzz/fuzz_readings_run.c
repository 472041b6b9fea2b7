/* fuzz_readings_run.c -- any row as a run of readings: refused, or read to readings that come
 * back unchanged when they are stored and read again. */
#include "store/readings_run.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "stepward/day.h"

enum { DEVICE = 7, HEAD_LEN = 12 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_into(struct sw_day_set *set, const struct sw_run *run)
{
    int64_t period = sw_run_period(run->start_s);
    for (size_t i = 0; i < sw_run_count(run); i++) {
        struct sw_reading reading = sw_run_reading(run, i);
        assert(reading.seconds >= 1 && reading.seconds <= SW_READING_SECONDS_MAX);
        assert(reading.steps >= 0);
        assert(sw_run_period(reading.start_s) == period);
        assert(sw_day_set_add_reading(set, DEVICE, &reading) == 1);
    }
}

static void check_comes_back(const struct sw_device_set *device)
{
    struct sw_day_set again = {0};
    struct sw_runs runs = {0};
    assert(sw_runs_encode(&runs, DEVICE, device->readings, device->n_readings) == 0);
    for (size_t i = 0; i < runs.n; i++) {
        assert(sw_run_is_sound(&runs.items[i]));
        read_into(&again, &runs.items[i]);
    }
    assert(again.devices[0].n_readings == device->n_readings);
    for (size_t i = 0; i < device->n_readings; i++) {
        const struct sw_reading *a = &again.devices[0].readings[i];
        const struct sw_reading *b = &device->readings[i];
        assert(a->start_s == b->start_s && a->seconds == b->seconds &&
               a->steps == b->steps && a->worn == b->worn);
    }
    sw_runs_fini(&runs);
    sw_day_set_fini(&again);
}

/* start_s, seconds, then a byte of worn and width, then the steps. The checksum is set right:
 * no mutation would ever hit it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sw_day_set set = {0};
    struct sw_run run = {.device_key = DEVICE};
    if (size < HEAD_LEN + 1)
        return 0;
    memcpy(&run.start_s, data, sizeof run.start_s);
    run.seconds = (int32_t)data[8] << 16 | data[9] << 8 | data[10];
    run.worn = data[11] & 1;
    run.width = data[11] >> 1 & 7;
    run.steps = data + HEAD_LEN;
    run.steps_len = size - HEAD_LEN;
    run.crc = sw_run_crc(&run);
    if (sw_run_is_sound(&run)) {
        read_into(&set, &run);
        check_comes_back(&set.devices[0]);
    }
    sw_day_set_fini(&set);
    return 0;
}
