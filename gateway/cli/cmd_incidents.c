/* cmd_incidents.c -- what happened to the gateway itself, newest first: since when,
 * whether it is over, and what to do about it. */
#include "cli/table.h"
#include "cli/window.h"

enum { DEFAULT_DAYS = 30 };

const struct cli_option cmd_incidents_options[] = {
    {"days", "N", "those of the last N days (default 30)"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"at", "at", CLI_WORDS, 0, 0},         {"over_at", "over", CLI_WORDS, 0, 1},
    {"what", "what", CLI_TEXT, 0, 2},      {"text", "text", CLI_WORDS, 0, 0},
    {"remedy", "remedy", CLI_WORDS, 0, 0},
};

static int print_incident(void *ctx, const struct sw_incident *incident)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, incident->at_s);
    cli_cell_time(table, incident->over_at_s);
    cli_cell_text(table, sw_incident_code(incident->kind));
    cli_cell_quoted(table, incident->text);
    cli_cell_quoted(table, sw_incident_remedy(incident->kind));
    return 0;
}

static int print_incidents(struct cli *cli, int32_t from_day)
{
    char date[SW_DATE_LEN + 1];
    sw_date_format(from_day, date);
    cli_heading(cli, "since %s, %s", date, cli->config.timezone);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = sw_store_each_incident(cli->store, sw_day_begin(&cli->zone, from_day),
                                   print_incident, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "nothing happened");
}

int cmd_incidents(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int64_t days = DEFAULT_DAYS;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "days", 1, CLI_DAYS_MAX, &days);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    return print_incidents(cli, cli_today(cli) - (int32_t)days + 1);
}
