/* store_day.c -- the computed days, one row per patient and day, as the contract names
 * them. What a row contains is core/day.c's business. */
#include "store/store_private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { DAY_MAX = 84005 /* 2199-12-31, the last day that sw_date_parse() reads */ };

/* "07:05" to minutes; "", which stands for no rest, to -1. */
static int32_t store_day_parse_hhmm(const char *text)
{
    char *end;
    long hour = strtol(text, &end, 10);
    return *end == ':' ? (int32_t)(hour * 60 + strtol(end + 1, NULL, 10)) : -1;
}

/* Rounded as it is printed, so that the database and every listing agree. */
static double one_decimal(double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.1f", value);
    return strtod(text, NULL);
}

static void bind_counts(struct sw_query *q, const struct sw_day_row *row,
                        const char *rest_from)
{
    sw_bind_int(q, row->steps);
    sw_bind_int(q, row->active_min);
    sw_bind_int(q, row->still_min);
    sw_bind_int(q, row->unworn_min);
    sw_bind_int(q, row->unknown_min);
    sw_bind_int(q, row->coverage_pct);
    sw_bind_int(q, row->longest_rest_min);
    sw_bind_text(q, rest_from);
    sw_bind_int(q, row->rests_60);
    sw_bind_int(q, row->active_hours);
    sw_bind_int(q, row->brisk_min);
    sw_bind_int(q, row->valid);
}

static void bind_goal(struct sw_query *q, const struct sw_day_row *row)
{
    if (row->goal == 0) {
        sw_bind_null(q);
        sw_bind_null(q);
        return;
    }
    sw_bind_int(q, row->goal);
    sw_bind_int(q, row->goal_pct);
}

static void bind_pain(struct sw_query *q, const struct sw_day_row *row)
{
    if (row->n_pains == 0) {
        sw_bind_null(q);
        sw_bind_null(q);
        return;
    }
    sw_bind_real(q, row->pain_max);
    sw_bind_real(q, one_decimal(row->pain_mean));
}

static int remove_day(struct sw_store *store, int64_t patient_key, const char *date)
{
    struct sw_query q = sw_query(store, SQL_REMOVE_DAY);
    sw_bind_int(&q, patient_key);
    sw_bind_text(&q, date);
    return sw_query_run(&q);
}

int sw_store_put_day(struct sw_store *store, int64_t patient_key, int32_t day,
                     const struct sw_day_row *row)
{
    char date[SW_DATE_LEN + 1], rest_from[SW_HHMM_LEN + 1] = "";
    if (day < 0 || day > DAY_MAX)
        return -EINVAL;
    sw_date_format(day, date);
    if (!row)
        return remove_day(store, patient_key, date);
    if (row->longest_rest_from >= 0)
        sw_hhmm_format(row->longest_rest_from, rest_from);
    struct sw_query q = sw_query(store, SQL_PUT_DAY);
    sw_bind_int(&q, patient_key);
    sw_bind_text(&q, date);
    bind_counts(&q, row, rest_from);
    bind_goal(&q, row);
    bind_pain(&q, row);
    return sw_query_run(&q);
}

static void read_counts(const struct sw_query *q, struct sw_day_row *ret)
{
    ret->steps = sw_column_int(q, 2);
    ret->active_min = sw_column_int32(q, 3);
    ret->still_min = sw_column_int32(q, 4);
    ret->unworn_min = sw_column_int32(q, 5);
    ret->unknown_min = sw_column_int32(q, 6);
    ret->coverage_pct = sw_column_int32(q, 7);
    ret->longest_rest_min = sw_column_int32(q, 8);
    ret->longest_rest_from = store_day_parse_hhmm(sw_column_str(q, 9));
    ret->rests_60 = sw_column_int32(q, 10);
    ret->active_hours = sw_column_int32(q, 11);
    ret->brisk_min = sw_column_int32(q, 12);
    ret->valid = sw_column_int(q, 13) != 0;
}

static void store_day_read_day(const struct sw_query *q, struct sw_day_row *ret)
{
    const char *date = sw_column_str(q, 1);
    *ret = (struct sw_day_row){0};
    sw_column_text(q, 0, ret->patient.str, sizeof ret->patient.str);
    sw_date_parse(date, SW_DATE_LEN, &ret->day);
    read_counts(q, ret);
    ret->goal = sw_column_int32(q, 14);
    ret->goal_pct = sw_column_int(q, 15);
    ret->n_pains = sw_column_is_null(q, 16) ? 0 : 1;
    ret->pain_max = sw_column_real(q, 16);
    ret->pain_mean = sw_column_real(q, 17);
}

static int32_t clamp_day(int32_t day)
{
    if (day < 0)
        return 0;
    return day > DAY_MAX ? DAY_MAX : day;
}

int sw_store_each_day(struct sw_store *store, const struct sw_patient_id *patient,
                      int32_t from_day, int32_t to_day,
                      int (*each)(void *ctx, const struct sw_day_row *row), void *ctx)
{
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    struct sw_day_row row;
    int r;
    if (from_day > to_day || to_day < 0 || from_day > DAY_MAX)
        return 0; /* no such day can be stored */
    sw_date_format(clamp_day(from_day), from);
    sw_date_format(clamp_day(to_day), to);
    bool is_one_day = !patient && from_day == to_day;
    struct sw_query q = sw_query(store, patient      ? SQL_EACH_DAY
                                        : is_one_day ? SQL_EACH_OF_DAY
                                                     : SQL_EACH_DAY_OF_ALL);
    if (patient)
        sw_bind_text(&q, patient->str);
    sw_bind_text(&q, from);
    if (!is_one_day)
        sw_bind_text(&q, to);
    while ((r = sw_query_row(&q)) > 0) {
        store_day_read_day(&q, &row);
        r = each(ctx, &row);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}

int sw_store_last_valid_days(struct sw_store *store, int64_t patient_key,
                             int32_t before_day, int32_t max,
                             int (*each)(void *ctx, const struct sw_day_row *row),
                             void *ctx)
{
    char before[SW_DATE_LEN + 1];
    struct sw_day_row row;
    int r;
    sw_date_format(clamp_day(before_day), before);
    struct sw_query q = sw_query(store, SQL_LAST_VALID_DAYS);
    sw_bind_int(&q, patient_key);
    sw_bind_text(&q, before);
    sw_bind_int(&q, max);
    while ((r = sw_query_row(&q)) > 0) {
        store_day_read_day(&q, &row);
        r = each(ctx, &row);
        if (r != 0)
            break;
    }
    return sw_query_end(&q, r);
}
