/* encode_day.c -- a summary row as fields of text, as CSV columns and as JSON.
 *
 * One list of columns with one text each serves all three, so they cannot disagree.
 * The decimal point relies on LC_NUMERIC "C", which no program of ours changes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "stepward/civil.h"
#include "stepward/wire.h"
#include "wire/compose.h"

enum column_type { TEXT, NUMBER };

/* The contract's order, which is that of the CSV header and of table `day`. */
#define COLUMNS(FIRST, X)                                                              \
    FIRST(patient, TEXT)                                                               \
    X(day, TEXT)                                                                       \
    X(steps, NUMBER)                                                                   \
    X(active_min, NUMBER)                                                              \
    X(still_min, NUMBER)                                                               \
    X(unworn_min, NUMBER)                                                              \
    X(unknown_min, NUMBER)                                                             \
    X(coverage_pct, NUMBER)                                                            \
    X(longest_rest_min, NUMBER)                                                        \
    X(longest_rest_from, TEXT)                                                         \
    X(rests_60, NUMBER)                                                                \
    X(active_hours, NUMBER)                                                            \
    X(brisk_min, NUMBER)                                                               \
    X(valid, NUMBER)                                                                   \
    X(goal, NUMBER)                                                                    \
    X(goal_pct, NUMBER)                                                                \
    X(pain_max, NUMBER)                                                                \
    X(pain_mean, NUMBER)

#define COLUMN(name, type) {#name, type},
static const struct {
    const char *name;
    enum column_type type;
} columns[] = {COLUMNS(COLUMN, COLUMN)};
_Static_assert(sizeof(columns) / sizeof(columns[0]) == SW_DAY_FIELDS,
               "the header announces every column");

enum column {
#define COLUMN_INDEX(name, type) C_##name,
    COLUMNS(COLUMN_INDEX, COLUMN_INDEX)
};

const char *sw_day_csv_header(void)
{
#define HEADER_FIRST(name, type) #name
#define HEADER_NEXT(name, type)  "," #name
    return COLUMNS(HEADER_FIRST, HEADER_NEXT);
}

typedef char field_text[SW_DAY_FIELD_MAX];

static void day_put_number(field_text out, int64_t number)
{
    snprintf(out, SW_DAY_FIELD_MAX, "%" PRId64, number);
}

/* The shortest text that reads back as the same number: 6.5, not 6.5000. */
static void put_shortest(field_text out, double number)
{
    int digits = 2; /* with one, 10 is 1e+01 */
    do {
        snprintf(out, SW_DAY_FIELD_MAX, "%.*g", digits, number);
    } while (digits++ < 17 && strtod(out, NULL) != number);
}

static void put_optional(const struct sw_day_row *row, field_text *out)
{
    if (row->longest_rest_from >= 0)
        sw_hhmm_format(row->longest_rest_from, out[C_longest_rest_from]);
    if (row->goal > 0) {
        day_put_number(out[C_goal], row->goal);
        day_put_number(out[C_goal_pct], row->goal_pct);
    }
    if (row->n_pains > 0) {
        put_shortest(out[C_pain_max], row->pain_max);
        snprintf(out[C_pain_mean], SW_DAY_FIELD_MAX, "%.1f", row->pain_mean);
    }
}

void sw_day_fields(const struct sw_day_row *row,
                   char out[static SW_DAY_FIELDS][SW_DAY_FIELD_MAX])
{
    for (size_t i = 0; i < SW_DAY_FIELDS; i++)
        out[i][0] = '\0';
    snprintf(out[C_patient], SW_DAY_FIELD_MAX, "%s", row->patient.str);
    sw_date_format(row->day, out[C_day]);
    day_put_number(out[C_steps], row->steps);
    day_put_number(out[C_active_min], row->active_min);
    day_put_number(out[C_still_min], row->still_min);
    day_put_number(out[C_unworn_min], row->unworn_min);
    day_put_number(out[C_unknown_min], row->unknown_min);
    day_put_number(out[C_coverage_pct], row->coverage_pct);
    day_put_number(out[C_longest_rest_min], row->longest_rest_min);
    day_put_number(out[C_rests_60], row->rests_60);
    day_put_number(out[C_active_hours], row->active_hours);
    day_put_number(out[C_brisk_min], row->brisk_min);
    day_put_number(out[C_valid], row->valid);
    put_optional(row, out);
}

char *sw_encode_day(const struct sw_day_row *row)
{
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX];
    struct sw_json_object object = sw_json_object();
    sw_day_fields(row, fields);
    for (size_t i = 0; i < SW_DAY_FIELDS; i++) {
        bool is_number = columns[i].type == NUMBER && fields[i][0] != '\0';
        if (is_number)
            sw_json_raw(&object, columns[i].name, fields[i]);
        else
            sw_json_text_or_null(&object, columns[i].name, fields[i]);
    }
    return sw_json_finish(&object);
}
