/* cmd_patient_list.c -- all patients and the plans in force today. */
#include "cli/plan_fields.h"
#include "cli/window.h"

enum { COLUMNS_MAX = 32 };

const struct cli_option cmd_patient_list_options[] = {CLI_FORMAT_OPTION, {0}};

static const struct cli_column first_columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"name", "name", CLI_WORDS, 0, 1},
    {"added_at", "added", CLI_TEXT, 0, 20},
    {"heard_at", "last heard", CLI_TEXT, 0, 2},
};
enum { N_FIRST = sizeof first_columns / sizeof *first_columns };

static int patient_list_print_patient(void *ctx, const struct sw_patient *patient,
                                      const struct sw_plan *plan)
{
    struct cli_table *table = ctx;
    cli_cell_text(table, patient->id.str);
    cli_cell_text(table, patient->name);
    cli_cell_time(table, patient->added_at_s);
    cli_cell_time(table, patient->heard_at_s);
    cli_plan_cells(table, plan);
    return 0;
}

int cmd_patient_list(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct cli_column columns[COLUMNS_MAX];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    for (size_t i = 0; i < N_FIRST; i++)
        columns[i] = first_columns[i];
    size_t n = cli_plan_columns(columns, N_FIRST, COLUMNS_MAX);
    struct cli_table *table = cli_table_new(cli, columns, n);
    int r = sw_store_each_patient_on(cli->store, cli_today(cli),
                                     patient_list_print_patient, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "no patients: add one with `stepward patient add`");
}
