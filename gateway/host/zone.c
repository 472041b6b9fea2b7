/* zone.c -- a time zone's shifts as a table, read from the system's tzdata.
 *
 * The file lists the shifts of the past, and often some of those to come. The rule that
 * goes on after its last entry glibc understands: we ask it for the offset every few
 * days and narrow each change down to its second, until both changes of a year are
 * known; later ones are where the rule moves them to. What a civil day is follows from
 * the table and is core's business. */
#include "stepward/host.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "host/zone.h"
#include "host/zone_file.h"
#include "util/array.h"

#define TZDIR_DEFAULT "/usr/share/zoneinfo"

enum {
    HOUR_S = 3600,
    DAY_S = 24 * HOUR_S,
    /* Shorter than the shortest time tzdata has ever kept a shift since 1970 (and
     * foresees): 6 days 23 hours, in Recife in 2000 and in Gaza in 2040. */
    PROBE_EVERY_S = 6 * DAY_S,
    CHANGES_A_YEAR = 2, /* of a POSIX rule, or none */
    SURELY_A_YEAR_S = 400 * DAY_S,
    NAME_MAX_LEN = 64, /* tzdata's longest is 32 */
    PATH_LEN = 4096,
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

/* False: no file of tzdata can have this name. */
static bool path_of(const char *name, char out[static PATH_LEN])
{
    const char *folder = getenv("TZDIR");
    if (!is_zone_name(name))
        return false;
    if (!folder || !*folder)
        folder = TZDIR_DEFAULT;
    int len = snprintf(out, PATH_LEN, "%s/%s", folder, name);
    return len > 0 && len < PATH_LEN;
}

bool sw_zone_exists(const char *name)
{
    char path[PATH_LEN];
    struct zone_file file;
    if (!path_of(name, path) || !zone_file_read(&file, path))
        return false;
    zone_file_free(&file);
    return true;
}

/* ---- the rule: libc's clock in the zone TZ ---- */

static int set_libc_zone(const char *tz)
{
    if (setenv("TZ", tz, 1) < 0)
        return -ENOMEM;
    tzset();
    return 0;
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

static int push(struct shifts *shifts, int64_t at_s, int32_t offset_s)
{
    int r = GROW(shifts->items, shifts->n, shifts->cap);
    if (r == 0)
        shifts->items[shifts->n++] =
            (struct sw_zone_shift){.at_s = at_s, .offset_s = offset_s};
    return r;
}

static const struct sw_zone_shift *last_of(const struct shifts *shifts)
{
    return &shifts->items[shifts->n - 1];
}

/* Every shift in (from_s, to_s], to_s - from_s being one probe. A change between two
 * others of the same probe is found too, as long as the offsets at its ends differ. */
static int push_changes(struct shifts *shifts, int64_t from_s, int64_t to_s)
{
    int32_t last = offset_at(to_s);
    while (last_of(shifts)->offset_s != last) {
        int64_t at_s = find_change(from_s, to_s);
        int r = push(shifts, at_s, offset_at(at_s));
        if (r < 0)
            return r;
        from_s = at_s;
    }
    return 0;
}

/* The change after the last one: what the last but one was, moved by the rule, whose
 * days are weekdays, or days of the year. 0: not there. */
static int64_t a_year_later(const struct shifts *shifts)
{
    static const int32_t days[] = {364, 371, 365, 366};
    const struct sw_zone_shift *same = &shifts->items[shifts->n - CHANGES_A_YEAR];
    for (size_t i = 0; i < sizeof(days) / sizeof(*days); i++) {
        int64_t at_s = same->at_s + (int64_t)days[i] * DAY_S;
        bool is_next = at_s > last_of(shifts)->at_s &&
                       offset_at(at_s - 1) == last_of(shifts)->offset_s;
        if (is_next && offset_at(at_s) == same->offset_s)
            return at_s;
    }
    return 0;
}

/* Once both changes of a year are known from one to the next, else by a probe; *at_s
 * moves behind what was looked at. */
static int push_next(struct shifts *shifts, bool are_known, int64_t *at_s)
{
    int64_t from_s = *at_s, next_s = are_known ? a_year_later(shifts) : 0;
    *at_s = next_s != 0 ? next_s : from_s + PROBE_EVERY_S;
    if (next_s == 0)
        return push_changes(shifts, from_s, *at_s);
    return next_s < covered_until_s ? push(shifts, next_s, offset_at(next_s)) : 0;
}

/* After the file's last entry. Named by itself the rule is read once, not once for each
 * question. */
static int push_by_rule(struct shifts *shifts, const char *rule, int64_t from_s)
{
    const size_t n_before = shifts->n;
    int r = *rule ? set_libc_zone(rule) : 0;
    bool goes_on = *rule;
    for (int64_t at_s = from_s; goes_on && r == 0 && at_s < covered_until_s;) {
        r = push_next(shifts, shifts->n >= n_before + CHANGES_A_YEAR, &at_s);
        goes_on = shifts->n > n_before || at_s < from_s + SURELY_A_YEAR_S;
    }
    return r;
}

/* ---- the table ---- */

/* An entry may change no more than the name of the time. */
static int push_entry(struct shifts *shifts, int64_t at_s, int32_t offset_s)
{
    bool is_shift = at_s > 0 && offset_s != last_of(shifts)->offset_s;
    return is_shift ? push(shifts, at_s, offset_s) : 0;
}

static int push_all(struct shifts *shifts, const struct zone_file *file)
{
    int64_t last_s = 0;
    int r = push(shifts, 0, offset_at(0));
    for (size_t i = 0; r == 0 && i < file->n_times; i++) {
        int64_t at_s = zone_file_at(file, i);
        r = push_entry(shifts, at_s, zone_file_offset(file, i));
        if (at_s > last_s)
            last_s = at_s;
    }
    return r < 0 ? r : push_by_rule(shifts, file->rule, last_s);
}

int sw_zone_load(struct sw_zone *ret, const char *name)
{
    char path[PATH_LEN];
    struct zone_file file;
    struct shifts shifts = {0};
    if (!path_of(name, path) || !zone_file_read(&file, path))
        return -ENOENT;
    int r = set_libc_zone(name);
    if (r == 0)
        r = push_all(&shifts, &file);
    if (r == 0)
        r = set_libc_zone(name); /* for whoever asks libc for the local time */
    zone_file_free(&file);
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
