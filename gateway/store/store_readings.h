/* store_readings.h -- access to stored readings, for the files of the store. */
#ifndef STORE_STORE_READINGS_H
#define STORE_STORE_READINGS_H

#include "store/store_private.h"

typedef int sw_each_reading(void *ctx, const struct sw_reading *reading);

/* All readings of a device that begin in the periods from first_s's to last_s's,
 * in no order; the same one may come twice. Stops at the first non-zero return
 * and returns it. */
int sw_readings_each(struct sw_store *store, int64_t device_key, int64_t first_s,
                     int64_t last_s, sw_each_reading *each, void *ctx);
/* Each reading of the run in the query's row, whose columns SQL_RUN
 * begin at `first`. */
int sw_readings_each_of_run(const struct sw_query *q, int first, sw_each_reading *each,
                            void *ctx);
/* Each of a device's readings in table `recent` alone. */
int sw_readings_each_recent(struct sw_store *store, int64_t device_key,
                            sw_each_reading *each, void *ctx);
int sw_readings_each_device(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, int64_t key, const char *id),
                            void *ctx);
/* Readings that lie within [from_s, to_s) become the other device's. */
int sw_readings_move(struct sw_store *store, int64_t from_key, int64_t to_key,
                     int64_t from_s, int64_t to_s);
/* Check that every row is as it was written: 0, -EUCLEAN or another errno. */
int sw_readings_check(struct sw_store *store);

/* Move all of `recent` into runs, as part of the open transaction. */
int sw_recent_fold(struct sw_store *store);
/* Called after a commit: does the same in a transaction of its own if `recent` has
 * become long. If that fails, what was committed stays, and a later commit tries again;
 * but after damage no further transaction begins. */
void sw_recent_committed(struct sw_store *store);
void sw_recent_drop(struct sw_store *store); /* its copy in memory */

#endif
