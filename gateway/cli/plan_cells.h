/* plan_cells.h -- the fields of a plan as columns of a listing. */
#ifndef CLI_PLAN_CELLS_H
#define CLI_PLAN_CELLS_H

#include "cli/table.h"

/* Append a column for each field to columns[n..max); returns how many there are now. */
size_t cli_plan_columns(struct cli_column *columns, size_t n, size_t max);
void cli_plan_cells(struct cli_table *table, const struct sw_plan *plan);

#endif
