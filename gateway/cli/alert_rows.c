/* alert_rows.c -- alerts as rows of a listing, for `alerts` and `patient show`. */
#include "cli/alert_rows.h"

#include "stepward/wire.h"

enum { NAME_WIDTH = 24 };

static const struct column {
    struct cli_column column;
    bool is_of_listed; /* only in a listing with line numbers */
} columns[] = {
    {{"line", "#", CLI_NUMBER, 0, 0}, true},
    {{"id", "id", CLI_TEXT, 0, 9}, false},
    {{"patient", "patient", CLI_TEXT, 0, 0}, false},
    {{"name", "name", CLI_WORDS, NAME_WIDTH, 2}, true},
    {{"kind", "kind", CLI_TEXT, 0, 6}, false},
    {{"level", "level", CLI_TEXT, 0, 4}, false},
    {{"state", "state", CLI_TEXT, 0, 3}, false},
    {{"opened", "opened", CLI_WORDS, 0, 5}, false},
    {{"updated", "updated", CLI_WORDS, 0, 8}, false},
    {{"shelved_until", "shelved until", CLI_WORDS, 0, 1}, false},
    {{"over_budget", "over budget", CLI_TEXT, 0, 7}, false},
    {{"message", "message", CLI_WORDS, 0, 0}, false},
};
enum { N_COLUMNS = sizeof columns / sizeof *columns };

struct alert_rows {
    struct cli *cli;
    struct cli_table *table;
    struct cli_listed *listed;
};

static int alert_row(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct alert_rows *rows = ctx;
    struct cli_table *table = rows->table;
    const struct cli *cli = rows->cli;
    struct sw_patient patient = {.name = ""}; /* an erased patient has no name */
    char id[SW_ALERT_ID_MAX + 1], message[SW_MESSAGE_MAX];
    int r = 0;
    (void)patient_key;
    if (cli->format == CLI_JSON) {
        cli_row_json(table, sw_encode_alert(cli->config.site, alert));
        return 0;
    }
    bool is_shelved = sw_alert_is_open(alert) && alert->shelved_until_s > cli->now_s;
    sw_alert_id_format(alert, id);
    sw_alert_message(alert, message);
    if (rows->listed)
        cli_cell_number(table, cli_listed_add(rows->listed, alert));
    cli_cell_text(table, id);
    cli_cell_text(table, alert->patient.str);
    if (rows->listed) {
        r = sw_store_find_patient(cli->store, alert->patient, &patient);
        cli_cell_text(table, patient.name);
    }
    cli_cell_text(table, sw_alert_kind_name(alert->kind));
    cli_cell_style(table, alert->level == SW_LEVEL_MEDIUM ? CLI_RED : CLI_YELLOW);
    cli_cell_text(table, sw_alert_level_name(alert->level));
    cli_cell_text(table, sw_alert_state_name(alert->state));
    cli_cell_time(table, alert->opened_at_s);
    cli_cell_time(table, alert->updated_at_s);
    cli_cell_time(table, is_shelved ? alert->shelved_until_s : 0);
    if (cli->format == CLI_TABLE)
        cli_cell_text(table, alert->over_budget ? "yes" : "");
    else
        cli_cell_bool(table, alert->over_budget);
    cli_cell_text(table, message);
    return r < 0 ? r : 0;
}

int cli_print_alerts(struct cli *cli, const struct sw_alert_filter *filter,
                     struct cli_listed *listed)
{
    struct cli_column shown[N_COLUMNS];
    size_t n = 0;
    for (size_t i = 0; i < N_COLUMNS; i++)
        if (listed || !columns[i].is_of_listed)
            shown[n++] = columns[i].column;
    struct alert_rows rows = {cli, cli_table_new(cli, shown, n), listed};
    int r = sw_store_each_alert(cli->store, filter, alert_row, &rows);
    if (r < 0)
        return cli_table_drop(rows.table, cli_store_failed(cli, r));
    return cli_table_end(rows.table,
                         filter->closed_too ? "no alerts" : "no open alerts");
}
