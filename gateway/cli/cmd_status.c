/* cmd_status.c -- the gateway's counters, and whether it is doing its job.
 * The counters are as the gateway last stored them. */
#include "cli/gateway_state.h"
#include "cli/table.h"

const struct cli_option cmd_status_options[] = {CLI_FORMAT_OPTION, {0}};

/* CSV and JSON: one row, a column each. */
static const struct cli_column wide_columns[] = {
#define X(name, help) {#name, #name, CLI_NUMBER, 0},
    SW_HEALTH_COUNTERS(X)
#undef X
        {"running", "running", CLI_TEXT, 0},
    {"connected", "connected", CLI_TEXT, 0},
    {"clock_trusted", "clock_trusted", CLI_TEXT, 0},
    {"last_message_at", "last_message_at", CLI_TEXT, 0},
    {"last_commit_at", "last_commit_at", CLI_TEXT, 0},
    {"reported_at", "reported_at", CLI_TEXT, 0},
    {"db_bytes", "db_bytes", CLI_NUMBER, 0},
    {"version", "version", CLI_TEXT, 0},
    {"problem", "problem", CLI_TEXT, 0},
    {"incident", "incident", CLI_TEXT, 0},
    {"disk_free_bytes", "disk_free_bytes", CLI_NUMBER, 0},
};
/* A table: a row each. */
static const struct cli_column tall_columns[] = {
    {"name", "name", CLI_TEXT, 0},
    {"value", "value", CLI_TEXT, 0},
};

/* ---- printing ---- */

/* The name of the next cell, where each stands in a row of its own. */
static void name_cell(struct cli_table *table, const char *name)
{
    if (table && cli_table_cli(table)->format == CLI_TABLE)
        cli_cell_text(table, name);
}

static void print_cells(struct cli *cli, struct cli_table *table,
                        const struct cli_gateway *gateway)
{
    const struct sw_health *health = &gateway->health;
#define X(name, help)                                                                  \
    name_cell(table, #name);                                                           \
    cli_cell_number(table, health->name);
    SW_HEALTH_COUNTERS(X)
#undef X
    name_cell(table, "running");
    cli_cell_bool(table, gateway->running);
    name_cell(table, "connected");
    cli_cell_bool(table, gateway->running && health->connected);
    name_cell(table, "clock_trusted");
    cli_cell_bool(table, health->clock_trusted);
    name_cell(table, "last_message_at");
    cli_cell_time(table, health->last_message_at_s);
    name_cell(table, "last_commit_at");
    cli_cell_time(table, health->last_commit_at_s);
    name_cell(table, "reported_at");
    cli_cell_time(table, health->written_at_s);
    name_cell(table, "db_bytes");
    cli_cell_number(table, sw_store_bytes(cli->store));
    name_cell(table, "version");
    cli_cell_text(table, health->version);
    name_cell(table, "problem");
    cli_cell_told(table, health->problem);
    name_cell(table, "incident");
    cli_cell_told(table, health->incident);
    name_cell(table, "disk_free_bytes");
    cli_cell_number(table, gateway->disk_free_bytes);
}

static int print_status(struct cli *cli, const struct cli_gateway *gateway)
{
    bool is_tall = cli->format == CLI_TABLE;
    size_t n = is_tall ? sizeof tall_columns / sizeof *tall_columns
                       : sizeof wide_columns / sizeof *wide_columns;
    struct cli_table *table =
        cli_table_new(cli, is_tall ? tall_columns : wide_columns, n);
    print_cells(cli, table, gateway);
    return cli_table_end(table, "");
}

int cmd_status(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct cli_gateway gateway;
    char why[SW_WHY_MAX], complaint[CLI_GATEWAY_WHY_MAX];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_gateway_look(cli, &gateway);
    int r = code == CLI_OK ? cli_reach_store(cli, SW_STORE_READ, why) : 0;
    if (r < 0) /* the gateway may know why, or the disk */
        return cli_gateway_may_be_well(cli, &gateway, complaint)
                   ? cli_out_of_reach(cli, r, why)
                   : cli_fail(cli, "%s", complaint);
    if (code == CLI_OK)
        code = cli_gateway_read(cli, &gateway);
    if (code == CLI_OK)
        code = print_status(cli, &gateway);
    if (code != CLI_OK || cli_gateway_is_well(cli, &gateway, complaint))
        return code;
    return cli_fail(cli, "%s", complaint);
}
