/* plan_fields.h -- the fields of a plan, as options and as columns of a listing.
 * The fields, their texts and their limits are the table in core/plan.c. */
#ifndef CLI_PLAN_FIELDS_H
#define CLI_PLAN_FIELDS_H

#include "cli/table.h"

enum { CLI_PLAN_NAME_MAX = 32 };
/* "rest_limit" -> "rest-limit" */
void cli_plan_option_name(const struct sw_plan_field *field,
                          char out[static CLI_PLAN_NAME_MAX]);
const char *cli_plan_value_name(const struct sw_plan_field *field);

bool cli_plan_is_given(const struct cli_args *args);
/* Set the fields that were given; CLI_USAGE after printing what is wrong. */
int cli_plan_apply(struct cli *cli, const struct cli_args *args, struct sw_plan *plan);

/* Append a column for each field to columns[n..max); returns how many there are now. */
size_t cli_plan_columns(struct cli_column *columns, size_t n, size_t max);
void cli_plan_cells(struct cli_table *table, const struct sw_plan *plan);

#endif
