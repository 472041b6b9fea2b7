/* zone_file.h -- a compiled time zone (TZif, RFC 8536) as it stands in its file. */
#ifndef HOST_ZONE_FILE_H
#define HOST_ZONE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    ZONE_FILE_BYTES_MAX = 64 * 1024, /* tzdata's largest has 4 KB */
    ZONE_RULE_MAX = 128,             /* "CET-1CEST,M3.5.0,M10.5.0/3" */
};

struct zone_file {
    unsigned char *bytes;
    /* The parts of its 64-bit half: instants, the type of each, what a type is. */
    const unsigned char *times, *type_of, *types;
    size_t n_times, n_types;
    char rule[ZONE_RULE_MAX]; /* what holds after the last instant; "": no change */
};

/* False: it cannot be read, or is none of version 2 or later. */
bool zone_file_read(struct zone_file *ret, const char *path);
void zone_file_free(struct zone_file *file);

int64_t zone_file_at(const struct zone_file *file, size_t i);     /* i < n_times */
int32_t zone_file_offset(const struct zone_file *file, size_t i); /* from then on */

#endif
