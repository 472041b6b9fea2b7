/* zone_file.c -- read a compiled time zone (TZif, RFC 8536).
 *
 * Its first half, of 32-bit instants, is skipped. What the rule at its end means is
 * left to libc. */
#include "host/zone_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 44, TYPE_BYTES = 6 };

/* Counts of the header, in their order. */
struct counts {
    size_t is_uts, is_stds, leaps, times, types, chars;
};

static uint32_t big_endian_32(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static struct counts read_counts(const unsigned char *header)
{
    const unsigned char *at = header + 20;
    return (struct counts){big_endian_32(at),      big_endian_32(at + 4),
                           big_endian_32(at + 8),  big_endian_32(at + 12),
                           big_endian_32(at + 16), big_endian_32(at + 20)};
}

/* Of the data that follow a header, with instants of 4 or 8 bytes. */
static uint64_t data_bytes(const struct counts *n, uint64_t instant)
{
    return n->times * (instant + 1) + n->types * TYPE_BYTES + n->chars +
           n->leaps * (instant + 4) + n->is_stds + n->is_uts;
}

/* At *at, with all of its data before end; *at moves behind the header. */
static bool read_header(const unsigned char **at, const unsigned char *end,
                        uint64_t instant, struct counts *ret)
{
    if (end - *at < HEADER_BYTES || memcmp(*at, "TZif", 4) != 0 || (*at)[4] < '2')
        return false;
    *ret = read_counts(*at);
    *at += HEADER_BYTES;
    return data_bytes(ret, instant) <= (uint64_t)(end - *at);
}

/* A line of its own at the end. */
static bool read_rule(struct zone_file *file, const unsigned char *at,
                      const unsigned char *end)
{
    size_t room = (size_t)(end - at);
    const unsigned char *last =
        room >= 2 && *at == '\n' ? memchr(at + 1, '\n', room - 1) : NULL;
    if (!last || last - at > ZONE_RULE_MAX)
        return false;
    size_t len = (size_t)(last - at - 1);
    memcpy(file->rule, at + 1, len);
    file->rule[len] = '\0';
    return true;
}

static bool are_types_known(const struct zone_file *file)
{
    for (size_t i = 0; i < file->n_times; i++)
        if (file->type_of[i] >= file->n_types)
            return false;
    return true;
}

static bool parse(struct zone_file *file, size_t len)
{
    const unsigned char *at = file->bytes, *end = at + len;
    struct counts n;
    if (!read_header(&at, end, 4, &n))
        return false;
    at += data_bytes(&n, 4);
    if (!read_header(&at, end, 8, &n))
        return false;
    file->n_times = n.times;
    file->n_types = n.types;
    file->times = at;
    file->type_of = file->times + 8 * n.times;
    file->types = file->type_of + n.times;
    return read_rule(file, at + data_bytes(&n, 8), end) && are_types_known(file);
}

static size_t slurp(const char *path, unsigned char *out, size_t size)
{
    FILE *file = fopen(path, "rb");
    size_t len = file ? fread(out, 1, size, file) : 0;
    if (file)
        fclose(file);
    return len;
}

bool zone_file_read(struct zone_file *ret, const char *path)
{
    struct zone_file file = {.bytes = malloc(ZONE_FILE_BYTES_MAX)};
    size_t len = file.bytes ? slurp(path, file.bytes, ZONE_FILE_BYTES_MAX) : 0;
    if (len == 0 || !parse(&file, len)) {
        free(file.bytes);
        return false;
    }
    *ret = file;
    return true;
}

void zone_file_free(struct zone_file *file)
{
    free(file->bytes);
    *file = (struct zone_file){0};
}

int64_t zone_file_at(const struct zone_file *file, size_t i)
{
    const unsigned char *at = file->times + 8 * i;
    return (int64_t)((uint64_t)big_endian_32(at) << 32 | big_endian_32(at + 4));
}

int32_t zone_file_offset(const struct zone_file *file, size_t i)
{
    return (int32_t)big_endian_32(file->types + TYPE_BYTES * file->type_of[i]);
}
