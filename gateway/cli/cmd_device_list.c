/* cmd_device_list.c -- who wears which device, and who did. */
#include "cli/table.h"

const struct cli_option cmd_device_list_options[] = {
    {"all", NULL, "also who wore them before"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"device", "device", CLI_TEXT, 0, 0},
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"from", "from", CLI_TEXT, 0, 0},
    {"to", "to", CLI_TEXT, 0, 0},
};

struct list {
    struct cli_table *table;
    bool all;
};

static int print_assignment(void *ctx, const struct sw_assignment *assignment)
{
    struct list *list = ctx;
    bool is_open = assignment->to_s == INT64_MAX;
    if (assignment->patient_key == 0 || (!is_open && !list->all))
        return 0;
    cli_cell_text(list->table, assignment->device.str);
    cli_cell_text(list->table, assignment->patient.str);
    cli_cell_time(list->table, assignment->from_s);
    if (is_open)
        cli_cell_none(list->table);
    else
        cli_cell_time(list->table, assignment->to_s);
    return 0;
}

int cmd_device_list(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    struct list list = {
        .table = cli_table_new(cli, columns, sizeof columns / sizeof *columns),
        .all = cli_value(cli, &args, "all"),
    };
    int r = sw_store_each_assignment(cli->store, NULL, print_assignment, &list);
    if (r < 0)
        return cli_table_drop(list.table, cli_store_failed(cli, r));
    return cli_table_end(list.table,
                         "no device is assigned: see `stepward device assign --help`");
}
