/* cmd_explain.c -- the story of a patient's day, and a verdict for each kind of alert.
 * Gathering the story is records/explain.c's business. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "records/explain.h"

const struct cli_option cmd_explain_options[] = {
    {"day", "DAY", "YYYY-MM-DD, today (the default) or yesterday"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"from", "from", CLI_TEXT, 0, 0},
    {"to", "to", CLI_TEXT, 0, 0},
    {"what", "what", CLI_TEXT, 0, 0},
    {"text", "text", CLI_WORDS, 0, 0},
};

/* For people: HH:MM for a time of the day, 24:00 for its end; others have a date. */
static void time_cell(struct cli_table *table, const struct cli *cli,
                      const struct sw_explain *explain, int64_t at_s, bool is_end)
{
    const struct sw_span *day = &explain->span;
    char clock[SW_HHMM_LEN + 1];
    if (cli->format != CLI_TABLE || at_s < day->from_s || at_s > day->to_s) {
        cli_cell_time(table, at_s);
        return;
    }
    if (is_end && at_s != day->from_s)
        cli_end_format(&cli->zone, at_s, clock);
    else
        sw_hhmm_format(sw_local_minute(&cli->zone, at_s), clock);
    cli_cell_text(table, clock);
}

static void explain_print_heading(struct cli *cli, const struct sw_explain *explain)
{
    const struct sw_plan *plan = &explain->judged.plan;
    char date[SW_DATE_LEN + 1], wake[SW_PLAN_TEXT_MAX], limit[SW_PLAN_TEXT_MAX],
        silent[SW_PLAN_TEXT_MAX], fresh[SW_PLAN_TEXT_MAX];
    sw_date_format(explain->day_number, date);
    sw_plan_get(plan, "wake", wake);
    sw_plan_get(plan, "rest_limit", limit);
    sw_plan_get(plan, "silent_after", silent);
    sw_plan_get(plan, "fresh", fresh);
    char *name = cli_shown(explain->patient.name, strlen(explain->patient.name), 0);
    bool has_name = name && *name;
    cli_heading(cli, "%s%s%s%s, %s, %s", explain->patient.id.str, has_name ? " (" : "",
                has_name ? name : "", has_name ? ")" : "", date, cli->config.timezone);
    free(name);
    cli_heading(cli,
                "plan of that day: therapist %s, wake %s, rest_limit %s, silent_after "
                "%s, fresh %s, break_steps %d, floor %d, ceiling %d",
                plan->therapist.str, wake, limit, silent, fresh, plan->break_steps,
                plan->floor, plan->ceiling);
    cli_heading(cli,
                "Data are shown at the time they speak of; \"late\" is where an alert "
                "would have come sooner, had they been here.");
}

static int explain_print(struct cli *cli, const struct sw_explain *explain)
{
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < explain->n_lines; i++) {
        const struct sw_explain_line *line = &explain->lines[i];
        time_cell(table, cli, explain, line->from_s, false);
        time_cell(table, cli, explain, line->to_s, true);
        cli_cell_text(table, line->what);
        cli_cell_quoted(table, line->text);
    }
    for (enum sw_alert_kind kind = 0; kind < SW_ALERT_KINDS; kind++) {
        char what[SW_ID_MAX + 1], text[SW_EXPLAIN_TEXT_MAX];
        sw_explain_verdict(explain, kind, text);
        snprintf(what, sizeof what, "verdict %s", sw_alert_kind_name(kind));
        cli_cell_none(table);
        cli_cell_none(table);
        cli_cell_text(table, what);
        cli_cell_text(table, text);
    }
    return cli_table_end(table, "nothing");
}

int cmd_explain(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_explain explain = {.now_s = cli->now_s};
    const char *word, *value;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &word);
    if (code != CLI_OK)
        return code;
    value = cli_value(cli, &args, "day");
    code = cli_day(cli, "day", value ? value : "today", &explain.day_number);
    if (code == CLI_OK && explain.day_number > cli_today(cli))
        code = cli_usage(cli, "--day %s: that day is yet to come", value);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_show_patient(cli, word, &explain.patient);
    if (code != CLI_OK)
        return code;
    explain.store = cli->store;
    explain.zone = &cli->zone;
    explain.is_for_people = cli->format == CLI_TABLE;
    int r = sw_explain_gather(&explain);
    if (r >= 0) {
        explain_print_heading(cli, &explain);
        code = explain_print(cli, &explain);
    }
    sw_explain_fini(&explain);
    return r < 0 ? cli_store_failed(cli, r) : code;
}
