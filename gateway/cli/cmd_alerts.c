/* cmd_alerts.c -- the alerts, open or closed.
 * Which alerts there are is judged by the gateway alone. */
#include "cli/alert_rows.h"
#include "cli/cmd_alerts_history.h"
#include "cli/cmd_alerts_stats.h"
#include "cli/freshness.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/therapist.h"
#include "cli/window.h"

enum {
    DEFAULT_DAYS = 7, /* of closed ones: a week, today included */
    STATS_DAYS = 28,
};

const struct cli_option cmd_alerts_options[] = {
    {"all", NULL, "closed ones too"},
    {"days", "N", "of the closed ones those of the last N days (default 7)"},
    {"patient", "ID", "of this patient only"},
    {"therapist", "ID", "of this therapist only"},
    {"history", "ID", "what became of one alert: who, when, from, to, why"},
    {"stats", NULL, "counts by therapist and week instead (of the last 28 days)"},
    CLI_FORMAT_OPTION,
    {0},
};

static int make_filter(struct cli *cli, const struct cli_args *args, int64_t days,
                       struct sw_alert_filter *filter)
{
    const char *patient = cli_value(cli, args, "patient");
    const char *therapist = cli_value(cli, args, "therapist");
    if (patient && cli_patient_id(cli, patient, &filter->patient) != CLI_OK)
        return CLI_USAGE;
    if (therapist && cli_therapist_id(cli, therapist, &filter->therapist) != CLI_OK)
        return CLI_USAGE;
    filter->closed_too = cli_value(cli, args, "all") || cli_value(cli, args, "days");
    filter->updated_from_s =
        sw_day_begin(&cli->zone, cli_today(cli) - (int32_t)days + 1);
    return CLI_OK;
}

static void print_heading(struct cli *cli, const struct sw_alert_filter *filter)
{
    char date[SW_DATE_LEN + 1];
    if (!filter->closed_too)
        return;
    sw_date_format(sw_day_of(&cli->zone, filter->updated_from_s), date);
    cli_heading(cli, "open, and closed since %s, %s", date, cli->config.timezone);
}

static int print_alerts(struct cli *cli, const struct sw_alert_filter *filter,
                        struct cli_listed *listed)
{
    struct cli_alert_rows rows = {.listed = listed};
    cli_alert_rows_begin(cli, &rows);
    int r = sw_store_each_alert(cli->store, filter, cli_alert_row, &rows);
    if (r < 0)
        return cli_table_drop(rows.table, cli_store_failed(cli, r));
    return cli_table_end(rows.table,
                         filter->closed_too ? "no alerts" : "no open alerts");
}

static int check_history(struct cli *cli, const struct cli_args *args)
{
    static const char *const others[] = {"all", "days", "patient", "therapist",
                                         "stats"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (cli_value(cli, args, others[i]))
            return cli_usage(cli, "--history tells of one alert: leave out --%s",
                             others[i]);
    return CLI_OK;
}

static int check_stats(struct cli *cli, const struct cli_args *args)
{
    if (cli_value(cli, args, "all") || cli_value(cli, args, "patient"))
        return cli_usage(cli, "--stats counts every patient's alerts: leave out --all "
                              "and --patient");
    return CLI_OK;
}

static int find_whom(struct cli *cli, const struct sw_alert_filter *filter)
{
    struct sw_patient patient;
    int code = CLI_OK;
    if (*filter->patient.str)
        code = cli_find_patient(cli, filter->patient.str, &patient);
    if (code == CLI_OK && *filter->therapist.str)
        code = cli_find_therapist(cli, filter->therapist.str);
    return code;
}

static int list(struct cli *cli, const struct sw_alert_filter *filter,
                struct cli_listed *listed)
{
    int code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = find_whom(cli, filter);
    if (code == CLI_OK)
        code = cli_note_freshness(cli, cli->now_s);
    if (code != CLI_OK)
        return code;
    print_heading(cli, filter);
    return print_alerts(cli, filter, listed);
}

/* Lines get the numbers that `ack` takes, if it can be remembered what they stood for.
 */
static int list_and_remember(struct cli *cli, const struct sw_alert_filter *filter)
{
    struct cli_listed *listed = cli->format == CLI_TABLE ? cli_listed_new(cli) : NULL;
    int code = list(cli, filter, listed);
    cli_listed_keep(listed, code == CLI_OK);
    return code;
}

int cmd_alerts(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_alert_filter filter = {0};
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    const char *history = code == CLI_OK ? cli_value(cli, &args, "history") : NULL;
    bool stats = code == CLI_OK && !history && cli_value(cli, &args, "stats");
    int64_t days = stats ? STATS_DAYS : DEFAULT_DAYS;
    if (history)
        code = check_history(cli, &args);
    if (stats)
        code = check_stats(cli, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "days", 1, CLI_DAYS_MAX, &days);
    if (code == CLI_OK)
        code = make_filter(cli, &args, days, &filter);
    if (code == CLI_OK && !history && !stats)
        return list_and_remember(cli, &filter);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = find_whom(cli, &filter);
    if (code == CLI_OK && stats) /* what became of one is a matter of the past */
        code = cli_print_freshness(cli, cli->now_s);
    if (code != CLI_OK)
        return code;
    return history ? cli_alerts_history(cli, history)
                   : cli_alerts_stats(cli, &filter.therapist, (int32_t)days);
}
