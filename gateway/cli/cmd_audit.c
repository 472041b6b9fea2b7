/* cmd_audit.c -- who did what, and who looked at whom, as it was put down with the act
 * itself, the newest first. */
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/window.h"

enum { DEFAULT_DAYS = 7, DEFAULT_LIMIT = 1000, LIMIT_MAX = 1000000 };

const struct cli_option cmd_audit_options[] = {
    {"patient", "ID", "only what was about this patient"},
    {"who", "NAME", "only what this user did"},
    {"days", "N", "of the last N days (default 7)"},
    {"limit", "N", "list at most N rows (default 1000)"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"at", "at", CLI_TEXT, 0, 0},           {"who", "who", CLI_TEXT, 0, 0},
    {"how", "how", CLI_TEXT, 0, 2},         {"what", "what", CLI_WORDS, 0, 0},
    {"patient", "patient", CLI_TEXT, 0, 0}, {"detail", "detail", CLI_WORDS, 0, 1},
};

static int print_row(void *ctx, const struct sw_audit_row *row)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, row->at_s);
    cli_cell_text(table, row->who);
    cli_cell_text(table, row->how);
    cli_cell_text(table, row->what);
    cli_cell_text(table, row->patient);
    cli_cell_text(table, row->detail);
    return 0;
}

int cmd_audit(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient_id id;
    struct sw_audit_filter filter = {.limit = DEFAULT_LIMIT};
    int64_t days = DEFAULT_DAYS;
    char date[SW_DATE_LEN + 1];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "days", 1, CLI_DAYS_MAX, &days);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "limit", 1, LIMIT_MAX, &filter.limit);
    filter.patient = code == CLI_OK ? cli_value(cli, &args, "patient") : NULL;
    if (filter.patient)
        code = cli_patient_id(cli, filter.patient, &id);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    int32_t from_day = cli_today(cli) - (int32_t)days + 1;
    filter.who = cli_value(cli, &args, "who");
    filter.from_s = sw_day_begin(&cli->zone, from_day);
    sw_date_format(from_day, date);
    cli_heading(cli, "since %s, %s", date, cli->config.timezone);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = sw_store_each_audit(cli->store, &filter, print_row, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "nobody did anything");
}
