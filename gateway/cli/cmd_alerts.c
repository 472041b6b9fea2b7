/* cmd_alerts.c -- the alerts, open or closed; the history of one, with --history; and
 * how many therapists get, by week, with --stats.
 * Only the gateway judges which alerts there are; records/alert_stats.c counts them. */
#include "cli/gateway_state.h"
#include "cli/listed.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/therapist.h"
#include "cli/window.h"
#include "records/alert_stats.h"
#include "stepward/wire.h"
#include "util/line.h"

enum {
    DEFAULT_DAYS = 7, /* of closed alerts: a week, today included */
    STATS_DAYS = 28,
    NAME_WIDTH = 24,
    TOP_TEXT_MAX = SW_ALERT_STATS_TOP * (SW_ID_MAX + 16),
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

/* ---- the list, which `patient show` has too ---- */

static const struct column {
    struct cli_column column;
    bool is_of_listed; /* only in a listing with line numbers */
} list_columns[] = {
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
enum { LIST_COLUMNS = sizeof list_columns / sizeof *list_columns };

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
    struct cli_column shown[LIST_COLUMNS];
    size_t n = 0;
    for (size_t i = 0; i < LIST_COLUMNS; i++)
        if (listed || !list_columns[i].is_of_listed)
            shown[n++] = list_columns[i].column;
    struct alert_rows rows = {cli, cli_table_new(cli, shown, n), listed};
    int r = sw_store_each_alert(cli->store, filter, alert_row, &rows);
    if (r < 0)
        return cli_table_drop(rows.table, cli_store_failed(cli, r));
    return cli_table_end(rows.table,
                         filter->closed_too ? "no alerts" : "no open alerts");
}

/* ---- the history of one ---- */

static const struct cli_column history_columns[] = {
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

static int print_history(struct cli *cli, const char *id)
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
    struct cli_table *table = cli_table_new(
        cli, history_columns, sizeof history_columns / sizeof *history_columns);
    r = sw_store_each_transition_of(cli->store, id, print_transition, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "nothing is recorded of it");
}

/* ---- how many there are, by therapist and week ---- */

static const struct cli_column stats_columns[] = {
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

static int print_week(void *ctx, const struct sw_alert_week *week)
{
    struct cli_table *table = ctx;
    char name[SW_WEEK_LEN + 1], median[CLI_SPAN_MAX], patients[TOP_TEXT_MAX];
    struct sw_line line = sw_line(patients, sizeof patients); /* "p1 5, p7 3" */
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
    cli_span_format((week->median_ack_s + 30) / 60, median);
    if (week->median_ack_s < 0)
        cli_cell_none(table);
    else if (cli->format == CLI_TABLE)
        cli_cell_text(table, median);
    else
        cli_cell_number(table, week->median_ack_s);
    cli_cell_number(table, week->closed_soon);
    cli_cell_number(table, week->withdrawn);
    for (size_t i = 0; i < week->n_top; i++)
        sw_line_add(&line, "%s%s %d", i > 0 ? ", " : "", week->top[i].patient.str,
                    week->top[i].n);
    cli_cell_text(table, patients);
    return 0;
}

/* For one therapist, or for all ("" in therapist), in the last days, today included. */
static int print_stats(struct cli *cli, const struct sw_therapist_id *therapist,
                       int32_t days)
{
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    struct sw_alert_stats load = {.zone = &cli->zone,
                                  .from_day = cli_today(cli) - days + 1,
                                  .to_day = cli_today(cli),
                                  .budget = cli->config.alert_budget};
    struct sw_span span = {sw_day_begin(&cli->zone, load.from_day),
                           sw_day_begin(&cli->zone, load.to_day + 1)};
    int r = sw_store_each_life(cli->store, therapist, span, sw_alert_stats_add, &load);
    if (r < 0) {
        sw_alert_stats_fini(&load);
        return cli_store_failed(cli, r);
    }
    sw_date_format(load.from_day, from);
    sw_date_format(load.to_day, to);
    cli_heading(cli, "alerts that opened from %s to %s, %s", from, to,
                cli->config.timezone);
    struct cli_table *table =
        cli_table_new(cli, stats_columns, sizeof stats_columns / sizeof *stats_columns);
    sw_alert_stats_each_week(&load, print_week, table);
    sw_alert_stats_fini(&load);
    return cli_table_end(table, "no alerts");
}

/* ---- which of these ---- */

/* Options that do not go together. */
static int check_options(struct cli *cli, const struct cli_args *args)
{
    static const char *const others[] = {"all", "days", "patient", "therapist",
                                         "stats"};
    if (!cli_value(cli, args, "history")) {
        if (cli_value(cli, args, "stats") &&
            (cli_value(cli, args, "all") || cli_value(cli, args, "patient")))
            return cli_usage(cli, "--stats counts every patient's alerts: leave out "
                                  "--all and --patient");
        return CLI_OK;
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (cli_value(cli, args, others[i]))
            return cli_usage(cli, "--history shows one alert: leave out --%s",
                             others[i]);
    return CLI_OK;
}

/* The lines of the list get the numbers that `ack` takes, if they can be stored. */
static int print_list(struct cli *cli, const struct sw_alert_filter *filter,
                      struct cli_listed *listed)
{
    char date[SW_DATE_LEN + 1];
    sw_date_format(sw_day_of(&cli->zone, filter->updated_from_s), date);
    if (filter->closed_too)
        cli_heading(cli, "open, and closed since %s, %s", date, cli->config.timezone);
    return cli_print_alerts(cli, filter, listed);
}

int cmd_alerts(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_alert_filter filter = {0};
    struct sw_patient known;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = check_options(cli, &args);
    if (code != CLI_OK)
        return code;
    const char *history = cli_value(cli, &args, "history");
    const char *patient = cli_value(cli, &args, "patient");
    const char *therapist = cli_value(cli, &args, "therapist");
    bool is_stats = cli_value(cli, &args, "stats");
    bool is_list = !history && !is_stats;
    int64_t days = is_stats ? STATS_DAYS : DEFAULT_DAYS;
    code = cli_number(cli, &args, "days", 1, CLI_DAYS_MAX, &days);
    if (code == CLI_OK && patient)
        code = cli_patient_id(cli, patient, &filter.patient);
    if (code == CLI_OK && therapist)
        code = cli_therapist_id(cli, therapist, &filter.therapist);
    if (code != CLI_OK)
        return code;
    filter.closed_too = cli_value(cli, &args, "all") || cli_value(cli, &args, "days");
    filter.updated_from_s =
        sw_day_begin(&cli->zone, cli_today(cli) - (int32_t)days + 1);
    struct cli_listed *listed =
        is_list && cli->format == CLI_TABLE ? cli_listed_new(cli) : NULL;
    code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK && patient)
        code = cli_show_patient(cli, patient, &known);
    if (code == CLI_OK && therapist)
        code = cli_find_therapist(cli, therapist);
    if (code == CLI_OK && is_list)
        code = cli_note_freshness(cli, cli->now_s);
    if (code == CLI_OK && is_stats) /* a history is of the past */
        code = cli_print_freshness(cli, cli->now_s);
    if (code == CLI_OK && is_list)
        code = print_list(cli, &filter, listed);
    else if (code == CLI_OK && is_stats)
        code = print_stats(cli, &filter.therapist, (int32_t)days);
    else if (code == CLI_OK)
        code = print_history(cli, history);
    cli_listed_keep(listed, code == CLI_OK);
    return code;
}
