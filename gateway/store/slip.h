/* slip.h -- readings as bytes: what a commit brought, of whichever devices.
 *
 *     struct sw_slip slip = {0};                      // all zero: nothing
 *     r = sw_slip_add(&slip, device_key, &reading);   // as often as there is one
 *     sw_slip_seal(&slip);                            // if slip.n > 0
 *     … store slip.pack.bytes, slip.pack.len …
 *     sw_slip_clear(&slip);  sw_slip_fini(&slip);
 *
 *     struct sw_slip_reader reader;
 *     r = sw_slip_open(&reader, bytes, len);
 *     while (r == 0 && (r = sw_slip_next(&reader, &device_key, &reading)) == 1) …
 *
 * A minute of each of many wearables takes about four bytes. They are, of format 2 of
 * pack_bytes.h, of each reading: device and start, each as a difference to those of the
 * one before (at first 0), seconds * 2 + worn, steps.
 */
#ifndef STORE_SLIP_H
#define STORE_SLIP_H

#include "stepward/types.h"
#include "store/pack_bytes.h"

struct sw_slip {
    struct sw_pack pack;
    size_t n;                    /* readings */
    int64_t device_key, start_s; /* of the last */
};
int sw_slip_add(struct sw_slip *slip, int64_t device_key,
                const struct sw_reading *reading); /* 0, or -ENOMEM */
void sw_slip_seal(struct sw_slip *slip);
void sw_slip_clear(struct sw_slip *slip); /* its memory serves the next */
void sw_slip_fini(struct sw_slip *slip);

struct sw_slip_reader {
    struct sw_bytes rest;
    int64_t device_key, start_s; /* of the last */
};
/* -EUCLEAN: these are not bytes that we wrote. They must stay while they are read. */
int sw_slip_open(struct sw_slip_reader *reader, const void *bytes, size_t len);
int sw_slip_next(struct sw_slip_reader *reader, int64_t *ret_device_key,
                 struct sw_reading *ret); /* 1, 0 */

#endif
