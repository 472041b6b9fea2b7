/* pack_bytes.h -- what readings as bytes have in common: a buffer, numbers as LEB128
 * varints, and in front of all a format (1 byte) and the CRC-32 of what follows (4).
 *
 *     r = sw_pack_begin(&pack);
 *     r = sw_pack_reserve(&pack, 2 * SW_VARINT_MAX);
 *     sw_put_varint(&pack, n);  sw_put_difference(&pack, (uint64_t)b - (uint64_t)a);
 *     sw_pack_seal(&pack, FORMAT);
 *
 *     r = sw_bytes_open(&rest, FORMAT, pack.bytes, pack.len);
 *     sw_take_varint(&rest, &n) && sw_take_difference(&rest, &difference)
 *
 * What the numbers mean is the business of pack.c and slip.c.
 */
#ifndef STORE_PACK_BYTES_H
#define STORE_PACK_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SW_VARINT_MAX = 10 }; /* bytes of one */

struct sw_pack { /* all zero: no bytes */
    unsigned char *bytes;
    size_t len, cap;
};
int sw_pack_begin(struct sw_pack *pack); /* nothing but the head; 0, or -ENOMEM */
int sw_pack_reserve(struct sw_pack *pack, size_t more); /* 0, or -ENOMEM */
void sw_pack_seal(struct sw_pack *pack, unsigned char format);
void sw_pack_fini(struct sw_pack *pack); /* leaves it empty */

/* What is put must have been reserved. */
void sw_put_byte(struct sw_pack *pack, unsigned value);
void sw_put_varint(struct sw_pack *pack, uint64_t value);
/* Modulo 2^64, as zigzag: a small one either way is one byte. */
void sw_put_difference(struct sw_pack *pack, uint64_t difference);

/* Bytes that are still to be read; they must stay meanwhile. */
struct sw_bytes {
    const unsigned char *at, *end;
};
/* 0, or -EUCLEAN: this is nothing that was sealed with that format. */
int sw_bytes_open(struct sw_bytes *ret, unsigned char format, const void *bytes,
                  size_t len);
/* false: there is none; what was read is lost. */
bool sw_take_varint(struct sw_bytes *rest, uint64_t *ret);
bool sw_take_difference(struct sw_bytes *rest, uint64_t *ret);

#endif
