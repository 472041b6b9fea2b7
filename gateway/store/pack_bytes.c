/* pack_bytes.c -- a buffer of numbers with a checksum. */
#include "store/pack_bytes.h"

#include <errno.h>
#include <stdlib.h>
#include <zlib.h>

#include "util/array.h"

enum { HEAD_LEN = 5 };

int sw_pack_reserve(struct sw_pack *pack, size_t more)
{
    return RESERVE(pack->bytes, pack->len + more, pack->cap);
}

int sw_pack_begin(struct sw_pack *pack)
{
    pack->len = 0;
    int r = sw_pack_reserve(pack, HEAD_LEN);
    if (r == 0)
        pack->len = HEAD_LEN;
    return r;
}

void sw_pack_seal(struct sw_pack *pack, unsigned char format)
{
    uLong crc = crc32(0, pack->bytes + HEAD_LEN, (uInt)(pack->len - HEAD_LEN));
    pack->bytes[0] = format;
    for (int i = 0; i < 4; i++)
        pack->bytes[1 + i] = (unsigned char)(crc >> (8 * i));
}

void sw_pack_fini(struct sw_pack *pack)
{
    free(pack->bytes);
    *pack = (struct sw_pack){0};
}

void sw_put_byte(struct sw_pack *pack, unsigned value)
{
    pack->bytes[pack->len++] = (unsigned char)value;
}

void sw_put_varint(struct sw_pack *pack, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        sw_put_byte(pack, (unsigned)(value & 0x7f) | 0x80);
    sw_put_byte(pack, (unsigned)value);
}

void sw_put_difference(struct sw_pack *pack, uint64_t difference)
{
    bool is_negative = difference >> 63;
    sw_put_varint(pack, difference << 1 ^ (is_negative ? UINT64_MAX : 0));
}

int sw_bytes_open(struct sw_bytes *ret, unsigned char format, const void *bytes,
                  size_t len)
{
    const unsigned char *at = bytes;
    uint32_t crc = 0;
    if (len < HEAD_LEN || at[0] != format)
        return -EUCLEAN;
    for (int i = 0; i < 4; i++)
        crc |= (uint32_t)at[1 + i] << (8 * i);
    if (crc != crc32(0, at + HEAD_LEN, (uInt)(len - HEAD_LEN)))
        return -EUCLEAN;
    *ret = (struct sw_bytes){at + HEAD_LEN, at + len};
    return 0;
}

bool sw_take_varint(struct sw_bytes *rest, uint64_t *ret)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && rest->at < rest->end; shift += 7) {
        unsigned char byte = *rest->at++;
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) {
            *ret = value;
            return true;
        }
    }
    return false;
}

bool sw_take_difference(struct sw_bytes *rest, uint64_t *ret)
{
    uint64_t zigzag;
    if (!sw_take_varint(rest, &zigzag))
        return false;
    *ret = zigzag >> 1 ^ (zigzag & 1 ? UINT64_MAX : 0);
    return true;
}
