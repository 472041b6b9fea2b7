/* pack.h -- readings as bytes: those of one device that begin in the same six hours.
 *
 *     struct sw_pack pack = {0};                    // all zero: no bytes
 *     sw_pack_encode(&pack, period, readings, n);
 *     … store pack.bytes, pack.len …
 *     sw_pack_fini(&pack);
 *
 *     struct sw_pack_reader reader;
 *     r = sw_pack_open(&reader, period, bytes, len);
 *     while (r == 0 && (r = sw_pack_next(&reader, &reading)) == 1) … r = 0;
 *
 * A minute of a wearable takes about one byte, sixteen minutes of rest take one too.
 * The bytes, of format 1 of pack_bytes.h, are runs, all numbers varints:
 *
 *     run:   start, as a zigzag difference to where the reading before it ended, the
 *            first of all to the period's beginning
 *            seconds * 2 + worn
 *            n > 0 readings, each beginning where the one before it ends; then of each:
 *     steps: 0..239 themselves; 240..254: 2..16 times 0; 255: a varint follows
 */
#ifndef STORE_PACK_H
#define STORE_PACK_H

#include "stepward/types.h"
#include "store/pack_bytes.h"

enum { SW_PACK_SECONDS = 6 * 3600 };

/* The six hours an instant lies in, counted from 1970. */
int64_t sw_pack_period(int64_t at_s);

/* Replaces what the pack holds. Of the period, sorted by start, then length, no two
 * alike; 0, or -ENOMEM. */
int sw_pack_encode(struct sw_pack *pack, int64_t period,
                   const struct sw_reading *readings, size_t n);

struct sw_pack_reader {
    struct sw_bytes rest;
    int64_t period;
    struct sw_reading last;  /* its end is where the next is expected */
    uint64_t n_left, n_zero; /* of the run; of the zeros under way */
};
/* -EUCLEAN: these are not bytes that we wrote. They must stay while they are read. */
int sw_pack_open(struct sw_pack_reader *reader, int64_t period, const void *bytes,
                 size_t len);
int sw_pack_next(struct sw_pack_reader *reader, struct sw_reading *ret); /* 1, 0 */

#endif
