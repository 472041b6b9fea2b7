/* store_readings.h -- what the files of the store share of the readings. */
#ifndef STORE_STORE_READINGS_H
#define STORE_STORE_READINGS_H

#include "store/pack.h"
#include "store/store_private.h"

typedef int sw_each_reading(void *ctx, const struct sw_reading *reading);

/* All of a device that begin in periods [first, last], in no order; the same may come
 * twice. Stops at the first non-zero return and returns it. */
int sw_readings_each(struct sw_store *store, int64_t device_key, int64_t first,
                     int64_t last, sw_each_reading *each, void *ctx);
/* The same of those in `recent` alone. */
int sw_readings_each_recent(struct sw_store *store, int64_t device_key,
                            sw_each_reading *each, void *ctx);
/* Put them to the device's set, in a transaction; fastest if they are sorted. */
int sw_readings_put(struct sw_store *store, int64_t device_key,
                    const struct sw_reading *readings, size_t n);
/* Those that lie within [from_s, to_s) become the other device's. */
int sw_readings_move(struct sw_store *store, int64_t from_key, int64_t to_key,
                     int64_t from_s, int64_t to_s);
/* Add those of one period to the page, a set whose only device is 0. */
int sw_readings_page(struct sw_store *store, int64_t device_key, int64_t period,
                     struct sw_day_set *page);
/* The pack of a period is these from now on, sorted and unique as a page has them. */
int sw_readings_pack(struct sw_store *store, int64_t device_key, int64_t period,
                     const struct sw_reading *readings, size_t n);
/* Every pack is as it was written: 0, -EUCLEAN. */
int sw_readings_check(struct sw_store *store);
int sw_readings_each_device(struct sw_store *store, int64_t patient_key,
                            int (*each)(void *ctx, int64_t key, const char *id),
                            void *ctx);
/* The readings' part of sw_store_load_day(). */
int sw_readings_load(struct sw_store *store, int64_t patient_key, int64_t begin_s,
                     int64_t end_s, struct sw_day_set *set);

/* ---- table `recent`, kept in memory too: it has no index ---- */

/* Call first: what is in memory is what the table says. */
int sw_recent_need(struct sw_store *store);
/* In a transaction; the table has it when that is committed. */
int sw_recent_add(struct sw_store *store, int64_t device_key,
                  const struct sw_reading *reading);
/* Move all of it into packs, as part of the open transaction. */
int sw_recent_fold(struct sw_store *store);
/* Before a commit: what was added goes into the table, or all of it into packs. */
int sw_recent_committed(struct sw_store *store);
int sw_recent_check(struct sw_store *store); /* every slip is as written: 0, -EUCLEAN */
/* More than a gateway leaves: of a migration, which may have been interrupted. */
int sw_recent_has_backlog(struct sw_store *store, bool *ret);
int sw_recent_fold_backlog(struct sw_store *store); /* in transactions of its own */
void sw_recent_drop(struct sw_store *store);        /* what is in memory */

#endif
