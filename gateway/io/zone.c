/* zone.c -- a time zone's shifts as a table, read from the system's tzdata.
 *
 * glibc knows the file format and the rule that goes on after its last entry; we ask it
 * for the offset every few days and narrow each change down to its second. What a civil
 * day is follows from the table and is core's business. */
#include "stepward/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "io/zone.h"

#define TZDIR_DEFAULT "/usr/share/zoneinfo"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    /* Shorter than the shortest time tzdata has ever kept a shift since 1970 (and
     * foresees): 6 days 23 hours, in Recife in 2000 and in Gaza in 2040. */
    PROBE_EVERY_S = 6 * DAY_S,
    NAME_MAX_LEN = 64, /* tzdata's longest is 32 */
};
static const int64_t covered_until_s = INT64_C(4291747200); /* 2106-01-01T00:00Z */

/* Words of letters, digits, '_', '+' and '-' between single slashes: no "..", no
 * absolute path, no leading ':', no POSIX rule in disguise. */
static bool is_zone_name(const char *name)
{
    static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                               "0123456789_+-";
    if (strlen(name) > NAME_MAX_LEN)
        return false;
    for (;;) {
        size_t len = strspn(name, word);
        if (len == 0)
            return false;
        name += len;
        if (*name == '\0')
            return true;
        if (*name++ != '/')
            return false;
    }
}

static bool is_tzif_file(const char *path)
{
    char magic[4];
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    bool ok = fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
              memcmp(magic, "TZif", sizeof(magic)) == 0;
    fclose(file);
    return ok;
}

bool sw_zone_exists(const char *name)
{
    const char *folder = getenv("TZDIR");
    char path[4096];

    if (!is_zone_name(name))
        return false;
    if (!folder || !*folder)
        folder = TZDIR_DEFAULT;
    int len = snprintf(path, sizeof(path), "%s/%s", folder, name);
    return len > 0 && (size_t)len < sizeof(path) && is_tzif_file(path);
}

static int32_t offset_at(int64_t at_s)
{
    time_t t = (time_t)at_s;
    struct tm tm = {0};
    localtime_r(&t, &tm);
    return (int32_t)tm.tm_gmtoff;
}

/* The first of lo_s + n * unit_s with another offset than lo_s; hi_s is one of them. */
static int64_t narrow(int64_t lo_s, int64_t hi_s, int64_t unit_s)
{
    int32_t before = offset_at(lo_s);
    while (hi_s - lo_s > unit_s) {
        int64_t middle_s = lo_s + (hi_s - lo_s) / unit_s / 2 * unit_s;
        if (offset_at(middle_s) == before)
            lo_s = middle_s;
        else
            hi_s = middle_s;
    }
    return hi_s;
}

/* The second of a change in (lo_s, hi_s]. Nearly all fall on a full hour, which saves
 * most of the questions. */
static int64_t find_change(int64_t lo_s, int64_t hi_s)
{
    if ((hi_s - lo_s) % HOUR_S == 0) {
        hi_s = narrow(lo_s, hi_s, HOUR_S);
        bool at_the_hour = offset_at(hi_s - 1) == offset_at(lo_s);
        if (at_the_hour)
            return hi_s;
        lo_s = hi_s - HOUR_S;
    }
    return narrow(lo_s, hi_s, 1);
}

struct shifts {
    struct sw_zone_shift *items;
    size_t n, cap;
};

static int push(struct shifts *shifts, int64_t at_s)
{
    if (shifts->n == shifts->cap) {
        size_t cap = shifts->cap ? 2 * shifts->cap : 64;
        struct sw_zone_shift *grown =
            reallocarray(shifts->items, cap, sizeof(*shifts->items));
        if (!grown)
            return -ENOMEM;
        shifts->items = grown;
        shifts->cap = cap;
    }
    shifts->items[shifts->n++] =
        (struct sw_zone_shift){.at_s = at_s, .offset_s = offset_at(at_s)};
    return 0;
}

/* Every shift in (from_s, to_s], to_s - from_s being one probe. A change between two
 * others of the same probe is found too, as long as the offsets at its ends differ. */
static int push_changes(struct shifts *shifts, int64_t from_s, int64_t to_s)
{
    int32_t last = offset_at(to_s);
    while (shifts->items[shifts->n - 1].offset_s != last) {
        int64_t at_s = find_change(from_s, to_s);
        int r = push(shifts, at_s);
        if (r < 0)
            return r;
        from_s = at_s;
    }
    return 0;
}

static int scan(struct shifts *shifts)
{
    int r = push(shifts, 0);
    for (int64_t at_s = 0; r == 0 && at_s < covered_until_s; at_s += PROBE_EVERY_S)
        r = push_changes(shifts, at_s, at_s + PROBE_EVERY_S);
    return r;
}

int sw_zone_load(struct sw_zone *ret, const char *name)
{
    struct shifts shifts = {0};
    int r;

    if (!sw_zone_exists(name))
        return -ENOENT;
    if (setenv("TZ", name, 1) < 0)
        return -ENOMEM;
    tzset();
    r = scan(&shifts);
    if (r < 0) {
        free(shifts.items);
        return r;
    }
    *ret = (struct sw_zone){.shifts = shifts.items, .n = shifts.n};
    return 0;
}

void sw_zone_fini(struct sw_zone *zone)
{
    free((void *)(uintptr_t)zone->shifts); /* ours; const for everybody else */
    *zone = (struct sw_zone){0};
}
