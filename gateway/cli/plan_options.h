/* plan_options.h -- an option for each field of a plan: --rest-limit 2h.
 * The fields, their texts and their limits are the table in core/plan.c. */
#ifndef CLI_PLAN_OPTIONS_H
#define CLI_PLAN_OPTIONS_H

#include "cli/cli.h"

enum { CLI_PLAN_NAME_MAX = 32 };
/* "rest_limit" -> "rest-limit" */
void cli_plan_option_name(const struct sw_plan_field *field,
                          char out[static CLI_PLAN_NAME_MAX]);
const char *cli_plan_value_name(const struct sw_plan_field *field);

bool cli_plan_is_given(const struct cli_args *args);
/* Set the fields that were given; CLI_USAGE after saying what is wrong. */
int cli_plan_apply(struct cli *cli, const struct cli_args *args, struct sw_plan *plan);

#endif
