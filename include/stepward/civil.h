/* civil.h -- civil days in a time zone, as pure functions of a table of shifts.
 *
 *     struct sw_zone zone;                      // filled by sw_zone_load(), see host.h
 *     int32_t day = sw_day_of(&zone, now_s);
 *     int64_t begin_s = sw_day_begin(&zone, day), end_s = sw_day_begin(&zone, day + 1);
 *
 * A civil day runs from its first instant to the first instant of the next day. It has
 * 23, 24 or 25 hours, and begins at 01:00 where a zone skips midnight. A date that a
 * zone skipped altogether has no length.
 */
#ifndef STEPWARD_CIVIL_H
#define STEPWARD_CIVIL_H

#include "stepward/types.h"

enum {
    SW_DAY_MINUTES_MAX = 1800, /* 30 h: tzdata's longest civil day since 1970 is 27 h */
    SW_DATE_LEN = 10,          /* YYYY-MM-DD */
    SW_HHMM_LEN = 5,
};

/* From at_s on, local time is UTC + offset_s. */
struct sw_zone_shift {
    int64_t at_s;
    int32_t offset_s;
};

/* The shifts are sorted by at_s; the first also holds for all time before it.
 * n >= 1. */
struct sw_zone {
    const struct sw_zone_shift *shifts;
    size_t n;
};

int32_t sw_zone_offset(const struct sw_zone *zone, int64_t at_s); /* seconds */
/* The same; *ret_until_s becomes the end of that offset, INT64_MAX: it has no end. */
int32_t sw_zone_offset_until(const struct sw_zone *zone, int64_t at_s,
                             int64_t *ret_until_s);
int32_t sw_day_of(const struct sw_zone *zone, int64_t at_s);
int64_t sw_day_begin(const struct sw_zone *zone, int32_t day); /* its first instant */
int32_t sw_local_minute(const struct sw_zone *zone, int64_t at_s); /* 0..1439 */
/* When the clocks of the day first show that local minute, or the instant right after
 * it if they skip it; minute 1440 is the end of the day. */
int64_t sw_minute_begin(const struct sw_zone *zone, int32_t day, int32_t minute);
/* Seconds of [from_s, to_s) in which the wall clock shows a local minute in
 * [window_from_min, window_to_min). */
int64_t sw_wake_seconds(const struct sw_zone *zone, int32_t window_from_min,
                        int32_t window_to_min, int64_t from_s, int64_t to_s);

/* "2026-03-29" to days since 1970-01-01 and back. The parser takes exactly such text of
 * a real date in 1970..2199; otherwise it returns false and leaves *ret_day alone. */
void sw_date_format(int32_t day, char out[static SW_DATE_LEN + 1]);
bool sw_date_parse(const char *str, size_t len, int32_t *ret_day);
/* ISO 8601 weeks: the Monday of the day's week, and its name, "2026-W13". */
enum { SW_WEEK_LEN = 8 };
int32_t sw_week_begin(int32_t day);
void sw_week_format(int32_t day, char out[static SW_WEEK_LEN + 1]);
void sw_hhmm_format(int32_t minute, char out[static SW_HHMM_LEN + 1]);
/* For people: "2026-03-29 12:15", or "12:15" if that is on the day today. */
enum { SW_WHEN_LEN = SW_DATE_LEN + 1 + SW_HHMM_LEN };
void sw_when_format(const struct sw_zone *zone, int64_t at_s, int32_t today,
                    char out[static SW_WHEN_LEN + 1]);
/* When the zone's clocks show once more what they show at at_s, because they are set back
 * meanwhile; at_s if they do not. */
int64_t sw_shown_again(const struct sw_zone *zone, int64_t at_s);

/* RFC 3339 in UTC, "2026-03-29T10:15:00Z". */
enum { SW_INSTANT_LEN = 20 };
void sw_instant_format(int64_t at_s, char out[static SW_INSTANT_LEN + 1]);
/* RFC 3339, also with a blank for the T, with blanks before the offset, and with an
 * offset without a colon: "2026-03-29 12:15:00 +0200". A fraction of a second is
 * dropped. A text without an offset is by the clocks of the zone, and of two instants at
 * which they show it the first; NULL: it is no instant. */
bool sw_instant_parse(const char *str, size_t len, const struct sw_zone *zone,
                      int64_t *ret_at_s);

#endif
