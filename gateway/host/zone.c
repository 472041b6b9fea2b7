/* zone.c -- the shifts of a time zone as a table, which glibc gives us.
 *
 * We ask for the offset every few days and narrow each change down to its second. glibc
 * reads tzdata. What a civil day is follows from the table and is core's business. */
#include "host/zone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stepward/host.h"
#include "util/array.h"

#define TZDIR_DEFAULT "/usr/share/zoneinfo"

enum {
    HOUR_S = 3600,
    /* No shift in tzdata since 1970, or foreseen there, lasts less than 6 days and 23
     * hours, as in Recife in 2000 and in Gaza in 2040. */
    PROBE_EVERY_S = 6 * 24 * HOUR_S,
    NAME_MAX_LEN = 64, /* tzdata's longest is 32 */
    PATH_LEN = 4096,
};
/* tzdata lists the shifts one by one until 2037. What comes later glibc works out from
 * a rule that it reads again for every question, which takes fifty times as long. So we
 * ask only for the years that matter, and a clock in the far future must not make us
 * ask for thousands of them. */
static const int64_t listed_until_s = INT64_C(2145916800); /* 2038-01-01T00:00Z */
static const int64_t ahead_s = INT64_C(315576000);         /* ten years */
static const int64_t latest_s = INT64_C(4291747200);       /* 2106-01-01T00:00Z */

/* ---- names ---- */

/* Words of letters, digits, '_', '+' and '-' between single slashes: no "..", no
 * absolute path, no leading ':', no POSIX rule in disguise. */
static bool zone_is_name(const char *name)
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

/* False: tzdata has no zone of this name. Other files are beside the zones. */
static bool zone_find(const char *name, char ret_path[static PATH_LEN])
{
    char magic[4] = "";
    const char *folder = getenv("TZDIR");
    if (!zone_is_name(name))
        return false;
    if (!folder || !*folder)
        folder = TZDIR_DEFAULT;
    int len = snprintf(ret_path, PATH_LEN, "%s/%s", folder, name);
    FILE *file = len > 0 && len < PATH_LEN ? fopen(ret_path, "rbe") : NULL;
    if (!file)
        return false;
    bool is_zone = fread(magic, 1, sizeof magic, file) == sizeof magic &&
                   memcmp(magic, "TZif", sizeof magic) == 0;
    fclose(file);
    return is_zone;
}

bool sw_zone_exists(const char *name)
{
    char path[PATH_LEN];
    return zone_find(name, path);
}

/* ---- asking glibc, whose zone is TZ's ---- */

static int zone_set_tz(const char *tz) /* NULL: none */
{
    if ((tz ? setenv("TZ", tz, 1) : unsetenv("TZ")) < 0)
        return -errno;
    tzset();
    return 0;
}

static int32_t zone_offset_at(int64_t at_s)
{
    time_t t = (time_t)at_s;
    struct tm tm = {0};
    localtime_r(&t, &tm);
    return (int32_t)tm.tm_gmtoff;
}

/* ---- the table ---- */

struct shifts {
    struct sw_zone_shift *items;
    size_t n, cap;
};

static int zone_push(struct shifts *shifts, int64_t at_s, int32_t offset_s)
{
    int r = GROW(shifts->items, shifts->n, shifts->cap);
    if (r == 0)
        shifts->items[shifts->n++] =
            (struct sw_zone_shift){.at_s = at_s, .offset_s = offset_s};
    return r;
}

/* Push every shift in (from_s, to_s], which is one probe long. A change between two
 * others in it is found too, as long as the offsets at its ends differ. */
static int zone_push_changes(struct shifts *shifts, int64_t from_s, int64_t to_s)
{
    int r = 0;
    int32_t last = zone_offset_at(to_s), now;
    while (r == 0 && (now = shifts->items[shifts->n - 1].offset_s) != last) {
        int64_t before_s = from_s, after_s = to_s, apart_s;
        while ((apart_s = after_s - before_s) > 1) {
            int64_t middle_s = before_s + apart_s / 2;
            /* Nearly all changes come at a full hour, which saves half the
             * questions. */
            if (apart_s % HOUR_S == 0)
                middle_s = apart_s > HOUR_S ? before_s + apart_s / HOUR_S / 2 * HOUR_S
                                            : after_s - 1;
            if (zone_offset_at(middle_s) == now)
                before_s = middle_s;
            else
                after_s = middle_s;
        }
        r = zone_push(shifts, after_s, zone_offset_at(after_s));
        from_s = after_s;
    }
    return r;
}

int zone_load_until(struct sw_zone *ret, const char *name, int64_t until_s)
{
    char path[PATH_LEN], *tz_before = getenv("TZ");
    struct shifts shifts = {0};
    if (!zone_find(name, path))
        return -ENOENT;
    if (tz_before && !(tz_before = strdup(tz_before)))
        return -ENOMEM;
    int r = zone_set_tz(path);
    /* For a path that it does not understand glibc takes UTC, and has no name for
     * it. */
    time_t t = 0;
    struct tm tm = {0};
    if (r == 0 && !(localtime_r(&t, &tm) && tm.tm_zone && *tm.tm_zone))
        r = -ENOENT;
    if (r == 0)
        r = zone_push(&shifts, 0, zone_offset_at(0));
    for (int64_t at_s = 0; r == 0 && at_s < until_s; at_s += PROBE_EVERY_S)
        r = zone_push_changes(&shifts, at_s, at_s + PROBE_EVERY_S);
    int back = zone_set_tz(tz_before);
    free(tz_before);
    if (r == 0)
        r = back;
    if (r < 0) {
        free(shifts.items);
        return r;
    }
    *ret = (struct sw_zone){.shifts = shifts.items, .n = shifts.n};
    return 0;
}

int64_t zone_covered_until(int64_t now_s)
{
    if (now_s < listed_until_s - ahead_s)
        return listed_until_s;
    return now_s < latest_s - ahead_s ? now_s + ahead_s : latest_s;
}

int sw_zone_load(struct sw_zone *ret, const char *name)
{
    return zone_load_until(ret, name, zone_covered_until(sw_clock_now_s()));
}

int sw_zone_be_local(const char *name)
{
    char path[PATH_LEN];
    return zone_find(name, path) ? zone_set_tz(path) : -ENOENT;
}

void sw_zone_fini(struct sw_zone *zone)
{
    free((void *)(uintptr_t)zone->shifts); /* ours; const for everybody else */
    *zone = (struct sw_zone){0};
}
