/* plan_cells.c -- the fields of a plan as columns of a listing.
 * Durations and the window are texts that `patient set` reads back. */
#include "cli/plan_cells.h"

#include <inttypes.h>

size_t cli_plan_columns(struct cli_column *columns, size_t n, size_t max)
{
    const struct sw_plan_field *field;
    for (size_t i = 0; n < max && (field = sw_plan_field(i)); i++)
        columns[n++] = (struct cli_column){
            .name = field->key,
            .title = field->key,
            .type = field->type == SW_PLAN_NUMBER ? CLI_NUMBER : CLI_TEXT,
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
