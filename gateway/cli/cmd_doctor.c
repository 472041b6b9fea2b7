/* cmd_doctor.c -- everything that usually goes wrong, a line each: well, or what to do.
 * What is looked at is records/doctor.c's table. */
#include "records/doctor.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/table.h"
#include "stepward/host.h"

const struct cli_option cmd_doctor_options[] = {CLI_FORMAT_OPTION, {0}};

static const struct cli_column columns[] = {
    {"check", "check", CLI_TEXT, 0, 0},
    {"state", "state", CLI_TEXT, 0, 0},
    {"text", "what was found", CLI_WORDS, 0, 0},
    {"remedy", "what to do", CLI_WORDS, 0, 0},
};

static int print_finding(void *ctx, const struct sw_finding *finding)
{
    static const enum cli_style styles[] = {
        [SW_WELL] = CLI_PLAIN, [SW_WRONG] = CLI_RED, [SW_UNKNOWN] = CLI_DIM};
    struct cli_table *table = ctx;
    cli_cell_text(table, finding->check);
    cli_cell_style(table, styles[finding->found]);
    cli_cell_text(table, sw_found_name(finding->found));
    cli_cell_quoted(table, finding->text);
    cli_cell_quoted(table, finding->remedy);
    return 0;
}

int cmd_doctor(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    char why[SW_WHY_MAX] = "";
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    bool has_config = cli->config_why == NULL;
    if (has_config && cli_reach_store(cli, SW_STORE_READ, why) < 0)
        cli->store = NULL;
    struct sw_doctor doctor = {.config = has_config ? &cli->config : NULL,
                               .config_why = cli->config_why,
                               .zone = &cli->zone,
                               .store = cli->store,
                               .store_why = why,
                               .now_s = cli->now_s,
                               .clock = sw_clock_read(),
                               .root = ""};
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int n_wrong = sw_doctor_each(&doctor, print_finding, table);
    code = cli_table_end(table, "");
    if (code != CLI_OK || n_wrong == 0) {
        if (code == CLI_OK)
            cli_heading(cli, "all is well");
        return code;
    }
    return cli_fail(cli, "%d of these %s wrong", n_wrong, n_wrong == 1 ? "is" : "are");
}
