/* alert_rows.c -- alerts as rows of a listing, for `alerts` and `patient show`. */
#include "cli/alert_rows.h"

#include "stepward/wire.h"

static const struct cli_column columns[] = {
    {"id", "id", CLI_TEXT, 0},
    {"patient", "patient", CLI_TEXT, 0},
    {"kind", "kind", CLI_TEXT, 0},
    {"level", "level", CLI_TEXT, 0},
    {"state", "state", CLI_TEXT, 0},
    {"opened", "opened", CLI_TEXT, 0},
    {"updated", "updated", CLI_TEXT, 0},
    {"shelved_until", "shelved until", CLI_TEXT, 0},
    {"over_budget", "over budget", CLI_TEXT, 0},
    {"message", "message", CLI_TEXT, 0},
};

struct cli_table *cli_alert_table(struct cli *cli)
{
    return cli_table_new(cli, columns, sizeof columns / sizeof *columns);
}

int cli_alert_row(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct cli_table *table = ctx;
    char id[SW_ALERT_ID_MAX + 1], message[SW_MESSAGE_MAX];
    (void)patient_key;
    if (!table)
        return 0;
    const struct cli *cli = cli_table_cli(table);
    if (cli->format == CLI_JSON) {
        cli_row_json(table, sw_encode_alert(cli->config.site, alert));
        return 0;
    }
    bool is_shelved = sw_alert_is_open(alert) && alert->shelved_until_s > cli->now_s;
    sw_alert_id_format(alert, id);
    sw_alert_message(alert, message);
    cli_cell_text(table, id);
    cli_cell_text(table, alert->patient.str);
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
    return 0;
}
