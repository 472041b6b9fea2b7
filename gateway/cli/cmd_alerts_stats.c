/* cmd_alerts_stats.c -- `alerts --stats`: how many alerts therapists get, by week.
 * The counting is book/load.c's business. */
#include "cli/cmd_alerts_stats.h"

#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "records/alert_stats.h"
#include "util/line.h"

enum { TOP_TEXT_MAX = SW_ALERT_STATS_TOP * (SW_ID_MAX + 16) };

static const struct cli_column columns[] = {
    {"therapist", "therapist", CLI_TEXT, 0, 0},
    {"week", "week", CLI_TEXT, 0, 0},
    {"days", "days", CLI_NUMBER, 0, 9},
    {"raised", "raised", CLI_NUMBER, 0, 0},
    {"busiest_day", "busiest day", CLI_NUMBER, 0, 2},
    {"budget", "budget a day", CLI_NUMBER, 0, 10},
    {"days_over", "days over", CLI_NUMBER, 0, 3},
    {"over_budget", "over budget", CLI_NUMBER, 0, 4},
    {"acknowledged", "acknowledged", CLI_NUMBER, 0, 1},
    {"median_ack_s", "median time", CLI_NUMBER, 0, 5},
    {"closed_soon", "closed in 10 min", CLI_NUMBER, 0, 7},
    {"withdrawn", "withdrawn", CLI_NUMBER, 0, 6},
    {"patients", "most frequent", CLI_WORDS, 0, 8},
};

static void ack_cell(struct cli_table *table, const struct cli *cli, int64_t median_s)
{
    char text[CLI_SPAN_MAX];
    cli_span_format((median_s + 30) / 60, text);
    if (median_s < 0)
        cli_cell_none(table);
    else if (cli->format == CLI_TABLE)
        cli_cell_text(table, text);
    else
        cli_cell_number(table, median_s);
}

/* "p1 5, p7 3" */
static void patients_cell(struct cli_table *table, const struct sw_alert_week *week)
{
    char text[TOP_TEXT_MAX];
    struct sw_line line = sw_line(text, sizeof text);
    for (size_t i = 0; i < week->n_top; i++)
        sw_line_add(&line, "%s%s %d", i > 0 ? ", " : "", week->top[i].patient.str,
                    week->top[i].n);
    cli_cell_text(table, text);
}

static int print_week(void *ctx, const struct sw_alert_week *week)
{
    struct cli_table *table = ctx;
    char name[SW_WEEK_LEN + 1];
    if (!table)
        return 0;
    const struct cli *cli = cli_table_cli(table);
    sw_week_format(week->monday, name);
    cli_cell_text(table, week->therapist.str);
    cli_cell_text(table, name);
    cli_cell_number(table, week->days);
    cli_cell_number(table, week->raised);
    cli_cell_number(table, week->busiest_day);
    if (cli->config.alert_budget > 0)
        cli_cell_number(table, cli->config.alert_budget);
    else
        cli_cell_none(table);
    cli_cell_number(table, week->days_over);
    cli_cell_number(table, week->over_budget);
    cli_cell_number(table, week->acknowledged);
    ack_cell(table, cli, week->median_ack_s);
    cli_cell_number(table, week->closed_soon);
    cli_cell_number(table, week->withdrawn);
    patients_cell(table, week);
    return 0;
}

static int gather(struct cli *cli, const struct sw_therapist_id *therapist,
                  struct sw_alert_stats *load)
{
    struct sw_span span = {sw_day_begin(&cli->zone, load->from_day),
                           sw_day_begin(&cli->zone, load->to_day + 1)};
    return sw_store_each_life(cli->store, therapist, span, sw_alert_stats_add, load);
}

int cli_alerts_stats(struct cli *cli, const struct sw_therapist_id *therapist,
                     int32_t days)
{
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    struct sw_alert_stats load = {.zone = &cli->zone,
                                  .from_day = cli_today(cli) - days + 1,
                                  .to_day = cli_today(cli),
                                  .budget = cli->config.alert_budget};
    int r = gather(cli, therapist, &load);
    if (r < 0) {
        sw_alert_stats_fini(&load);
        return cli_store_failed(cli, r);
    }
    sw_date_format(load.from_day, from);
    sw_date_format(load.to_day, to);
    cli_heading(cli, "alerts that opened from %s to %s, %s", from, to,
                cli->config.timezone);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    sw_alert_stats_each_week(&load, print_week, table);
    sw_alert_stats_fini(&load);
    return cli_table_end(table, "no alerts");
}
