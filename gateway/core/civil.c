/* civil.c -- civil days in a time zone, and dates and times as text.
 *
 * The host reads a zone's shifts; here they are a sorted table. The day arithmetic is
 * Howard Hinnant's days_from_civil / civil_from_days
 * (https://howardhinnant.github.io/date_algorithms.html).
 */
#include "stepward/civil.h"

#include <assert.h>
#include <string.h>

#include "core/digits.h"

enum { MINUTE_S = 60, DAY_S = 86400, YEAR_FIRST = 1970, YEAR_LAST = 2199 };

static int64_t floor_div(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return a % b < 0 ? quotient - 1 : quotient;
}

/* The index of the shift in force at at_s. */
static size_t shift_at(const struct sw_zone *zone, int64_t at_s)
{
    size_t low = 0, high = zone->n; /* the answer is in [low, high) */
    assert(zone->n >= 1);
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->shifts[middle].at_s <= at_s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int32_t sw_zone_offset(const struct sw_zone *zone, int64_t at_s)
{
    return zone->shifts[shift_at(zone, at_s)].offset_s;
}

int32_t sw_zone_offset_until(const struct sw_zone *zone, int64_t at_s,
                             int64_t *ret_until_s)
{
    size_t i = shift_at(zone, at_s);
    *ret_until_s = i + 1 < zone->n ? zone->shifts[i + 1].at_s : INT64_MAX;
    return zone->shifts[i].offset_s;
}

/* The first instant at which the zone's clocks show local_s, or the one right after it
 * if they skip it. */
static int64_t first_instant_at(const struct sw_zone *zone, int64_t local_s)
{
    /* No zone is two days from UTC, so no earlier instant shows that time. */
    size_t i = shift_at(zone, local_s - 2 * DAY_S);
    for (;; i++) {
        int64_t at_s = local_s - zone->shifts[i].offset_s;
        bool was_skipped = i > 0 && at_s < zone->shifts[i].at_s;
        if (was_skipped)
            at_s = zone->shifts[i].at_s;
        if (i + 1 == zone->n || at_s < zone->shifts[i + 1].at_s)
            return at_s;
    }
}

int64_t sw_shown_again(const struct sw_zone *zone, int64_t at_s)
{
    int64_t until_s;
    int32_t offset_s = sw_zone_offset_until(zone, at_s, &until_s);
    if (until_s == INT64_MAX)
        return at_s;
    int32_t back_s = offset_s - sw_zone_offset(zone, until_s);
    bool is_shown = back_s > 0 && at_s + back_s >= until_s &&
                    sw_zone_offset(zone, at_s + back_s) == offset_s - back_s;
    return is_shown ? at_s + back_s : at_s;
}

int64_t sw_day_begin(const struct sw_zone *zone, int32_t day)
{
    return first_instant_at(zone, (int64_t)day * DAY_S);
}

int32_t sw_day_of(const struct sw_zone *zone, int64_t at_s)
{
    int64_t local_s = at_s + sw_zone_offset(zone, at_s);
    int32_t day = (int32_t)floor_div(local_s, DAY_S);
    /* A shift back across midnight repeats yesterday's date, but the day has begun. */
    while (sw_day_begin(zone, day + 1) <= at_s)
        day++;
    return day;
}

int32_t sw_local_minute(const struct sw_zone *zone, int64_t at_s)
{
    int64_t local_s = at_s + sw_zone_offset(zone, at_s);
    return (int32_t)((local_s - floor_div(local_s, DAY_S) * DAY_S) / 60);
}

/* The seconds of the window between local second 0 and local_s, with days of 24
 * hours. */
static int64_t window_seconds_until(int64_t local_s, int64_t from_s, int64_t length_s)
{
    int64_t day = floor_div(local_s, DAY_S);
    int64_t into_s = local_s - day * DAY_S - from_s;
    if (into_s < 0)
        into_s = 0;
    return day * length_s + (into_s < length_s ? into_s : length_s);
}

int64_t sw_minute_begin(const struct sw_zone *zone, int32_t day, int32_t minute)
{
    int64_t begin_s = sw_day_begin(zone, day), end_s = sw_day_begin(zone, day + 1);
    for (int64_t at_s = begin_s; at_s < end_s; at_s += MINUTE_S)
        if (sw_local_minute(zone, at_s) >= minute)
            return at_s;
    return end_s;
}

int64_t sw_wake_seconds(const struct sw_zone *zone, int32_t window_from_min,
                        int32_t window_to_min, int64_t from_s, int64_t to_s)
{
    int64_t window_s = (int64_t)window_from_min * 60, sum_s = 0;
    int64_t length_s = (int64_t)(window_to_min - window_from_min) * 60;
    for (size_t i = shift_at(zone, from_s); from_s < to_s; i++) {
        bool shift_comes = i + 1 < zone->n && zone->shifts[i + 1].at_s < to_s;
        int64_t until_s = shift_comes ? zone->shifts[i + 1].at_s : to_s;
        int64_t offset_s = zone->shifts[i].offset_s;
        sum_s += window_seconds_until(until_s + offset_s, window_s, length_s) -
                 window_seconds_until(from_s + offset_s, window_s, length_s);
        from_s = until_s;
    }
    return sum_s;
}

struct date {
    int32_t year, month, day;
};

static struct date date_of_day(int32_t days)
{
    int32_t shifted = days + 719468; /* since 0000-03-01 */
    int32_t era = shifted / 146097;
    int32_t day_of_era = shifted - era * 146097;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
        365;
    int32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t march_month = (5 * day_of_year + 2) / 153;
    int32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    return (struct date){
        .year = year_of_era + era * 400 + (month <= 2),
        .month = month,
        .day = day_of_year - (153 * march_month + 2) / 5 + 1,
    };
}

static int32_t day_of_date(struct date date)
{
    int32_t year = date.month <= 2 ? date.year - 1 : date.year;
    int32_t era = year / 400;
    int32_t year_of_era = year - era * 400;
    int32_t march_month = date.month > 2 ? date.month - 3 : date.month + 9;
    int32_t day_of_year = (153 * march_month + 2) / 5 + date.day - 1;
    int32_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

void sw_date_format(int32_t day, char out[static SW_DATE_LEN + 1])
{
    /* A date outside what can be parsed is written as the nearest one that can. */
    const int32_t last = 84005; /* 2199-12-31 */
    struct date date = date_of_day(day < 0 ? 0 : day > last ? last : day);
    sw_digits_put(out, date.year, 4);
    out[4] = '-';
    sw_digits_put(out + 5, date.month, 2);
    out[7] = '-';
    sw_digits_put(out + 8, date.day, 2);
    out[10] = '\0';
}

bool sw_date_parse(const char *str, size_t len, int32_t *ret_day)
{
    struct date date;
    if (len != SW_DATE_LEN || str[4] != '-' || str[7] != '-' ||
        !sw_digits_get(str, 4, &date.year) || !sw_digits_get(str + 5, 2, &date.month) ||
        !sw_digits_get(str + 8, 2, &date.day) || date.year < YEAR_FIRST ||
        date.year > YEAR_LAST || date.month < 1 || date.month > 12 || date.day < 1 ||
        date.day > 31)
        return false;
    int32_t day = day_of_date(date);
    if (date_of_day(day).month != date.month) /* the 31st of April is a day in May */
        return false;
    *ret_day = day;
    return true;
}

/* ---- ISO 8601 weeks: they begin on Monday and belong to the year of their Thursday */

enum { WEEK_DAYS = 7, MONDAY_TO_THURSDAY = 3, YEAR_DIGITS = 4 };

int32_t sw_week_begin(int32_t day)
{
    int32_t weekday = (day % WEEK_DAYS + WEEK_DAYS + MONDAY_TO_THURSDAY) % WEEK_DAYS;
    return day - weekday; /* day 0 was a Thursday */
}

void sw_week_format(int32_t day, char out[static SW_WEEK_LEN + 1])
{
    int32_t thursday = sw_week_begin(day) + MONDAY_TO_THURSDAY, new_year = thursday;
    char date[SW_DATE_LEN + 1];
    sw_date_format(thursday, date);
    memcpy(date + YEAR_DIGITS, "-01-01", sizeof("-01-01"));
    sw_date_parse(date, SW_DATE_LEN, &new_year);
    memcpy(out, date, YEAR_DIGITS);
    memcpy(out + YEAR_DIGITS, "-W", 2);
    sw_digits_put(out + YEAR_DIGITS + 2, (thursday - new_year) / WEEK_DAYS + 1, 2);
    out[SW_WEEK_LEN] = '\0';
}

/* ---- times ---- */

void sw_hhmm_format(int32_t minute, char out[static SW_HHMM_LEN + 1])
{
    assert(minute >= 0 && minute <= 1440);
    sw_digits_put(out, minute / 60, 2);
    out[2] = ':';
    sw_digits_put(out + 3, minute % 60, 2);
    out[5] = '\0';
}

void sw_when_format(const struct sw_zone *zone, int64_t at_s, int32_t today,
                    char out[static SW_WHEN_LEN + 1])
{
    int32_t day = sw_day_of(zone, at_s);
    if (day != today) {
        sw_date_format(day, out);
        out += SW_DATE_LEN;
        *out++ = ' ';
    }
    sw_hhmm_format(sw_local_minute(zone, at_s), out);
}

void sw_instant_format(int64_t at_s, char out[static SW_INSTANT_LEN + 1])
{
    int64_t day = floor_div(at_s, DAY_S);
    int32_t second = (int32_t)(at_s - day * DAY_S);
    day = day < 0 ? 0 : day > 84005 ? 84005 : day;
    sw_date_format((int32_t)day, out);
    out[10] = 'T';
    sw_hhmm_format(second / 60, out + 11);
    out[16] = ':';
    sw_digits_put(out + 17, second % 60, 2);
    out[19] = 'Z';
    out[20] = '\0';
}

/* "10:15:00" with an optional fraction; *ret_len is the length that was read. */
static bool parse_time_of_day(const char *str, size_t len, int32_t *ret_second,
                              size_t *ret_len)
{
    int32_t hour, minute, second;
    if (len < 8 || str[2] != ':' || str[5] != ':' || !sw_digits_get(str, 2, &hour) ||
        !sw_digits_get(str + 3, 2, &minute) || !sw_digits_get(str + 6, 2, &second))
        return false;
    bool is_leap_second =
        second == 60; /* RFC 3339 5.6; Unix time counts it as the next */
    if (hour > 23 || minute > 59 || (second > 59 && !is_leap_second))
        return false;
    size_t n = 8;
    if (n < len && str[n] == '.') {
        size_t digits = 0;
        while (n + 1 + digits < len && str[n + 1 + digits] >= '0' &&
               str[n + 1 + digits] <= '9')
            digits++;
        if (digits == 0)
            return false;
        n += 1 + digits;
    }
    *ret_second = hour * 3600 + minute * 60 + second;
    *ret_len = n;
    return true;
}

/* "Z", "+02:00" or "+0200" behind any number of blanks, and nothing after it. */
static bool parse_offset(const char *str, size_t len, int32_t *ret_offset_s)
{
    int32_t hour, minute;
    for (; len > 0 && *str == ' '; len--)
        str++;
    if (len == 1 && (str[0] == 'Z' || str[0] == 'z')) {
        *ret_offset_s = 0;
        return true;
    }
    size_t minute_at = len == 6 && str[3] == ':' ? 4 : 3;
    if (len != minute_at + 2 || (str[0] != '+' && str[0] != '-') ||
        !sw_digits_get(str + 1, 2, &hour) ||
        !sw_digits_get(str + minute_at, 2, &minute) || hour > 23 || minute > 59)
        return false;
    *ret_offset_s = (str[0] == '-' ? -60 : 60) * (hour * 60 + minute);
    return true;
}

bool sw_instant_parse(const char *str, size_t len, const struct sw_zone *zone,
                      int64_t *ret_at_s)
{
    int32_t day, second, offset_s;
    size_t n;
    if (len < SW_DATE_LEN + 1 || !sw_date_parse(str, SW_DATE_LEN, &day))
        return false;
    char separator = str[SW_DATE_LEN];
    if (separator != 'T' && separator != 't' && separator != ' ')
        return false;
    str += SW_DATE_LEN + 1;
    len -= SW_DATE_LEN + 1;
    if (!parse_time_of_day(str, len, &second, &n))
        return false;
    int64_t at_s = (int64_t)day * DAY_S + second;
    if (n == len && zone)
        at_s = first_instant_at(zone, at_s);
    else if (parse_offset(str + n, len - n, &offset_s))
        at_s -= offset_s;
    else
        return false;
    if (at_s < 0)
        return false;
    *ret_at_s = at_s;
    return true;
}
