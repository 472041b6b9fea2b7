/* cmd_explain.c -- the story of a patient's day, and a verdict for each kind of alert.
 * Gathering the story is explain_gather.c's business. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/explain.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"

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

/* For people: HH:MM for a time of the day, with its date for one of another day. */
static bool is_by_clock(const struct explain *explain, int64_t at_s)
{
    bool is_of_day = at_s >= explain->span.from_s && at_s <= explain->span.to_s;
    return at_s != 0 && is_of_day && explain->cli->format == CLI_TABLE;
}

static void print_from(struct cli_table *table, const struct explain *explain,
                       int64_t at_s)
{
    char clock[SW_HHMM_LEN + 1];
    if (!is_by_clock(explain, at_s)) {
        cli_cell_time(table, at_s);
        return;
    }
    sw_hhmm_format(sw_local_minute(&explain->cli->zone, at_s), clock);
    cli_cell_text(table, clock);
}

static void print_to(struct cli_table *table, const struct explain *explain,
                     int64_t at_s)
{
    char clock[SW_HHMM_LEN + 1];
    if (!is_by_clock(explain, at_s) || at_s == explain->span.from_s) {
        print_from(table, explain, at_s);
        return;
    }
    cli_end_format(&explain->cli->zone, at_s, clock);
    cli_cell_text(table, clock);
}

static void explain_print_heading(const struct explain *explain)
{
    struct cli *cli = explain->cli;
    char date[SW_DATE_LEN + 1], wake[SW_PLAN_TEXT_MAX], limit[SW_PLAN_TEXT_MAX],
        silent[SW_PLAN_TEXT_MAX], fresh[SW_PLAN_TEXT_MAX];
    sw_date_format(explain->day_number, date);
    sw_plan_get(&explain->plan, "wake", wake);
    sw_plan_get(&explain->plan, "rest_limit", limit);
    sw_plan_get(&explain->plan, "silent_after", silent);
    sw_plan_get(&explain->plan, "fresh", fresh);
    char *name = cli_shown(explain->patient.name, strlen(explain->patient.name), 0);
    bool has_name = name && *name;
    cli_heading(cli, "%s%s%s%s, %s, %s", explain->patient.id.str, has_name ? " (" : "",
                has_name ? name : "", has_name ? ")" : "", date, cli->config.timezone);
    free(name);
    cli_heading(cli,
                "plan of that day: therapist %s, wake %s, rest_limit %s, silent_after "
                "%s, fresh %s, break_steps %d, floor %d, ceiling %d",
                explain->plan.therapist.str, wake, limit, silent, fresh,
                explain->plan.break_steps, explain->plan.floor, explain->plan.ceiling);
    cli_heading(cli,
                "Data are shown at the time they speak of; \"late\" is where an alert "
                "would have come sooner, had they been here.");
}

/* ---- the verdicts ---- */

static bool explain_alert(const struct explain *explain, enum sw_alert_kind kind,
                          char out[static EXPLAIN_TEXT_MAX])
{
    const struct sw_alert *last = NULL;
    char message[SW_MESSAGE_MAX];
    int n = 0;
    for (size_t i = 0; i < explain->n_alerts; i++) {
        const struct sw_alert *alert = &explain->alerts[i];
        if (alert->kind != kind)
            continue;
        n++;
        if (!last || alert->opened_at_s > last->opened_at_s)
            last = alert;
    }
    if (!last)
        return false;
    char opened[SW_HHMM_LEN + 1];
    sw_hhmm_format(sw_local_minute(&explain->cli->zone, last->opened_at_s), opened);
    sw_alert_message(last, message);
    bool is_older = last->opened_at_s < explain->span.from_s;
    snprintf(out, EXPLAIN_TEXT_MAX, "%d alert%s; the last, opened %s%s: %s", n,
             sw_plural(n), is_older ? "on an earlier day at " : "", opened, message);
    return true;
}

/* The alerts of this kind on that day, or the rule's reason why there was none. */
static void verdict(const struct explain *explain, enum sw_alert_kind kind,
                    char out[static EXPLAIN_TEXT_MAX])
{
    const struct sw_judged_day *judged = &explain->judged;
    const struct sw_rule *rule = sw_rule(kind);
    struct sw_sentence sentence = {.n_words = 0};
    char why[EXPLAIN_TEXT_MAX];
    if (explain_alert(explain, kind, out))
        return;
    bool came_late =
        (judged->opened & SW_KIND_BIT(kind)) && !(rule->traits & SW_RULE_TELLS_LATE);
    rule->why_not(judged, &sentence);
    sw_sentence_format(&sentence, &explain->cli->zone, why, sizeof why);
    snprintf(out, EXPLAIN_TEXT_MAX, "none: %.340s%s", why,
             came_late ? "; these data came late" : "");
}

/* ---- all of it ---- */

static int explain_print(const struct explain *explain)
{
    struct cli_table *table =
        cli_table_new(explain->cli, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < explain->n_lines; i++) {
        const struct explain_line *line = &explain->lines[i];
        print_from(table, explain, line->from_s);
        print_to(table, explain, line->to_s);
        cli_cell_text(table, line->what);
        cli_cell_quoted(table, line->text);
    }
    for (int kind = 0; kind < SW_ALERT_KINDS; kind++) {
        char what[SW_ID_MAX + 1], text[EXPLAIN_TEXT_MAX];
        const char *name = sw_alert_kind_name((enum sw_alert_kind)kind);
        verdict(explain, (enum sw_alert_kind)kind, text);
        snprintf(what, sizeof what, "verdict %s", name);
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
    struct explain explain = {.cli = cli};
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
        code = cli_find_patient(cli, word, &explain.patient);
    if (code == CLI_OK)
        code = explain_gather(&explain);
    if (code == CLI_OK) {
        explain_print_heading(&explain);
        code = explain_print(&explain);
    }
    explain_fini(&explain);
    return code;
}
