/* readings_run.h -- readings as rows of table `readings_run`. A row is a run: readings
 * of one device that are equally long and follow each other without a gap, all worn or
 * all not.
 *
 *     struct sw_runs runs = {0};                  // all zero: no runs
 *     r = sw_runs_encode(&runs, device_key, readings, n);
 *     … store runs.items[0] to [runs.n - 1] …
 *     sw_runs_fini(&runs);
 *
 *     if (!sw_run_is_sound(&run)) … it is damaged …
 *     for (size_t i = 0; i < sw_run_count(&run); i++)
 *         … sw_run_reading(&run, i) …
 *
 * A minute takes a byte. Step counts are as wide as the largest of the run needs, the
 * most significant byte first, so that the view `reading` of schema-1.sql can read
 * them. The CRC covers device, start_s, seconds, worn and width as numbers of 8 bytes,
 * the most significant first, and the steps.
 */
#ifndef STORE_READINGS_RUN_H
#define STORE_READINGS_RUN_H

#include "stepward/types.h"

enum {
    /* A run begins and ends within a period of so many seconds, counted from 1970, so
     * an addition to a device's day rewrites only a third of it. A page of 1 KiB takes
     * two such runs of minutes. */
    SW_RUN_PERIOD_S = 8 * 3600,
    SW_RUN_READINGS_MAX = 480, /* the view counts that far */
};

/* The period an instant lies in; a period's first and last second. */
int64_t sw_run_period(int64_t at_s);
int64_t sw_run_period_begin(int64_t period);
int64_t sw_run_period_end(int64_t period);

struct sw_run { /* a row */
    int64_t device_key;
    int64_t start_s; /* of the first reading */
    int32_t seconds; /* of each */
    bool worn;
    int32_t width; /* bytes per step count: 1, 2 or 4 */
    const unsigned char *steps;
    size_t steps_len;
    int32_t crc;
};

struct sw_runs {
    struct sw_run *items;
    size_t n, cap;
    unsigned char *bytes; /* the steps of all runs */
    size_t cap_bytes;
    struct sw_reading *by_length; /* scratch memory */
    size_t cap_by_length;
};
/* Replace what *runs holds. The readings are of one device and period, sorted by start,
 * then length, without duplicates. 0, or -ENOMEM. */
int sw_runs_encode(struct sw_runs *runs, int64_t device_key,
                   const struct sw_reading *readings, size_t n);
void sw_runs_fini(struct sw_runs *runs);

int32_t sw_run_crc(const struct sw_run *run);
bool sw_run_is_sound(const struct sw_run *run); /* as it was written */
/* Only for a sound run. */
size_t sw_run_count(const struct sw_run *run);
struct sw_reading sw_run_reading(const struct sw_run *run, size_t i);

#endif
