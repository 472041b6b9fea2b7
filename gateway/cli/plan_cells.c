/* plan_cells.c -- the fields of a plan as columns of a listing.
 * Durations and the window are texts that `patient set` reads back. */
#include "cli/plan_cells.h"

#include <inttypes.h>
#include <string.h>

#include "cli/plan_options.h"

/* What matters least goes first where there is no room: see struct cli_column. The
 * columns before those of a plan are 1 and 2. */
static const struct {
    const char *key;
    int keep;
} keeps[] = {
    {"therapist", 3}, {"rest_limit", 4}, {"goal", 5},         {"wake", 6},
    {"floor", 7},     {"ceiling", 8},    {"silent_after", 9}, {"nudge_after", 10},
};
enum { N_KEEPS = sizeof keeps / sizeof *keeps, KEEP_LEAST = 11 };

static int keep_of(const char *key)
{
    for (size_t i = 0; i < N_KEEPS; i++)
        if (strcmp(keeps[i].key, key) == 0)
            return keeps[i].keep;
    return KEEP_LEAST;
}

/* "rest limit": a title can be wrapped where it has a blank. */
static const char *title_of(size_t i, const char *key)
{
    static char titles[CLI_OPTIONS_MAX][CLI_PLAN_NAME_MAX];
    if (i >= CLI_OPTIONS_MAX)
        return key;
    snprintf(titles[i], sizeof titles[i], "%s", key);
    for (char *at = titles[i]; (at = strchr(at, '_'));)
        *at = ' ';
    return titles[i];
}

size_t cli_plan_columns(struct cli_column *columns, size_t n, size_t max)
{
    const struct sw_plan_field *field;
    for (size_t i = 0; n < max && (field = sw_plan_field(i)); i++)
        columns[n++] = (struct cli_column){
            .name = field->key,
            .title = title_of(i, field->key),
            .type = field->type == SW_PLAN_NUMBER ? CLI_NUMBER : CLI_TEXT,
            .keep = keep_of(field->key),
        };
    return n;
}

void cli_plan_cells(struct cli_table *table, const struct sw_plan *plan)
{
    const struct sw_plan_field *field;
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        char text[SW_PLAN_TEXT_MAX] = "";
        int64_t number;
        sw_plan_get(plan, field->key, text);
        bool is_number = field->type == SW_PLAN_NUMBER &&
                         sw_number_parse(text, 0, INT32_MAX, &number);
        if (is_number)
            cli_cell_number(table, number);
        else
            cli_cell_text(table, text);
    }
}
