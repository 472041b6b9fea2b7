/* week.c -- ISO 8601 weeks: they begin on Monday and belong to the year of their
 * Thursday. */
#include <string.h>

#include "core/digits.h"
#include "stepward/civil.h"

enum { DAYS = 7, MONDAY_TO_THURSDAY = 3, YEAR_DIGITS = 4 };

int32_t sw_week_begin(int32_t day)
{
    int32_t weekday = (day % DAYS + DAYS + MONDAY_TO_THURSDAY) % DAYS;
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
    sw_digits_put(out + YEAR_DIGITS + 2, (thursday - new_year) / DAYS + 1, 2);
    out[SW_WEEK_LEN] = '\0';
}
