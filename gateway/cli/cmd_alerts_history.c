/* cmd_alerts_history.c -- `alerts --history ID`: every transition of one alert: who,
 * when, from, to, why. */
#include "cli/cmd_alerts_history.h"

#include "cli/table.h"
#include "stepward/wire.h"

static const struct cli_column columns[] = {
    {"at", "at", CLI_TEXT, 0, 0},     {"who", "who", CLI_TEXT, 0, 0},
    {"from", "from", CLI_TEXT, 0, 0}, {"to", "to", CLI_TEXT, 0, 0},
    {"why", "why", CLI_WORDS, 0, 0},
};

static int print_transition(void *ctx, const struct sw_transition *found)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, found->at_s);
    cli_cell_text(table, found->who);
    cli_cell_text(table, found->from);
    cli_cell_text(table, found->to);
    cli_cell_text(table, found->why);
    return 0;
}

int cli_alerts_history(struct cli *cli, const char *id)
{
    struct sw_alert alert;
    char message[SW_MESSAGE_MAX];
    int64_t patient_key;
    int r = sw_store_find_alert(cli->store, id, &patient_key, &alert);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return cli_fail(cli, "no alert %s: see `stepward alerts --all`", id);
    sw_alert_message(&alert, message);
    cli_heading(cli, "%s, of therapist %s: %s", id, alert.therapist.str, message);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    r = sw_store_each_transition_of(cli->store, id, print_transition, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "nothing is recorded of it");
}
