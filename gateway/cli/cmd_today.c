/* cmd_today.c -- who needs attention now; one line per patient.
 * The order is records/worklist.c's business. */
#include <string.h>

#include "cli/gateway_state.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/therapist.h"
#include "cli/watch.h"
#include "cli/window.h"
#include "records/worklist.h"

enum { NAME_WIDTH = 24 };

const struct cli_option cmd_today_options[] = {
    {"therapist", "ID", "only patients of this therapist"},
    {"watch", NULL, "stay, and draw it again when something changes; q ends it"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"name", "name", CLI_WORDS, NAME_WIDTH, 1},
    {"therapist", "therapist", CLI_TEXT, 0, 7},
    {"attention", "attention", CLI_WORDS, 0, 0},
    {"steps", "steps", CLI_NUMBER, 0, 2},
    {"goal_pct", "goal %", CLI_NUMBER, 0, 6},
    {"rest_min", "rest now", CLI_NUMBER, 0, 3},
    {"longest_rest_min", "longest", CLI_NUMBER, 0, 5},
    {"heard_at", "last heard", CLI_TEXT, 0, 4},
    {"late_min", "late", CLI_NUMBER, 0, 0}, /* people read it in `attention` */
};

/* What stays on a terminal has the day, too. */
static const struct cli_column watch_columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"name", "name", CLI_WORDS, NAME_WIDTH, 1},
    {"day", "day", CLI_TEXT, 0, 0},
    {"attention", "attention", CLI_WORDS, 0, 0},
    {"steps", "steps", CLI_NUMBER, 0, 2},
    {"goal_pct", "goal %", CLI_NUMBER, 0, 4},
    {"rest_min", "rest now", CLI_NUMBER, 0, 3},
    {"heard_at", "last heard", CLI_TEXT, 0, 5},
};

static const enum cli_style styles[] = {
    [SW_RANK_MEDIUM] = CLI_RED,      [SW_RANK_LOW] = CLI_YELLOW,
    [SW_RANK_SEEN_MEDIUM] = CLI_DIM, [SW_RANK_SEEN_LOW] = CLI_DIM,
    [SW_RANK_LATE] = CLI_PLAIN,      [SW_RANK_OVER] = CLI_PLAIN,
    [SW_RANK_NO_DATA] = CLI_DIM,     [SW_RANK_NONE] = CLI_PLAIN,
};

static void today_minutes_cell(struct cli_table *table, const struct cli *cli,
                               int64_t minutes)
{
    char text[CLI_SPAN_MAX];
    cli_span_format(minutes, text);
    if (minutes <= 0)
        cli_cell_none(table);
    else if (cli->format == CLI_TABLE)
        cli_cell_text(table, text);
    else
        cli_cell_number(table, minutes);
}

static void today_steps_cells(struct cli_table *table,
                              const struct sw_worklist_line *line)
{
    const struct sw_day_row *row = &line->row;
    if (line->knows_steps)
        cli_cell_number(table, row->steps);
    else
        cli_cell_none(table);
    if (line->knows_steps && row->goal > 0)
        cli_cell_number(table, row->goal_pct);
    else
        cli_cell_none(table);
}

/* The day's strip in characters that differ in more than their shade; what is yet to
 * come is left out. */
static void today_day_cell(struct cli_table *table, const struct sw_glance *glance)
{
    char text[SW_STRIP_MAX * 3 + 1] = ""; /* of three bytes each */
    for (const char *letter = glance->strip; *letter && *letter != '.'; letter++)
        strcat(text, *letter == 'a'   ? "█"
                     : *letter == 's' ? "░"
                     : *letter == 'u' ? "·"
                                      : " ");
    cli_cell_text(table, text);
}

static void today_print_line(struct cli_table *table, const struct cli *cli,
                             const struct sw_worklist *list,
                             const struct sw_worklist_line *line)
{
    bool has_day = list->glances;
    char attention[SW_WORKLIST_TEXT_MAX];
    sw_worklist_text(list, line, attention);
    cli_cell_text(table, line->patient.id.str);
    cli_cell_text(table, line->patient.name);
    if (has_day)
        today_day_cell(table, &line->glance);
    else
        cli_cell_text(table, line->plan.therapist.str);
    cli_cell_style(table, styles[line->rank]);
    cli_cell_text(table, attention);
    today_steps_cells(table, line);
    today_minutes_cell(table, cli, line->rest_min);
    if (!has_day)
        today_minutes_cell(table, cli, line->row.longest_rest_min);
    if (line->patient.heard_at_s == 0)
        cli_cell_either(table, "never", "");
    else
        cli_cell_time(table, line->patient.heard_at_s);
    if (cli->format != CLI_TABLE)
        today_minutes_cell(table, cli, line->late_min);
}

static int print_list(struct cli *cli, const struct sw_worklist *list)
{
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    bool has_day = list->glances;
    sw_date_format(cli_today(cli), date);
    sw_hhmm_format(sw_local_minute(&cli->zone, cli->now_s), time);
    cli_heading(cli, "%s %s, %s", date, time, cli->config.timezone);
    size_t n_columns = sizeof columns / sizeof *columns;
    if (has_day)
        cli_heading(cli, "day: half hours since waking: █ moved, ░ still, · not worn, "
                         "blank no data");
    struct cli_table *table =
        has_day ? cli_table_new(cli, watch_columns,
                                sizeof watch_columns / sizeof *watch_columns)
                : cli_table_new(cli, columns, n_columns - (cli->format == CLI_TABLE));
    for (size_t i = 0; i < list->n; i++)
        today_print_line(table, cli, list, &list->lines[i]);
    return cli_table_end(table, "no patients: add one with `stepward patient add ID`");
}

/* What every drawing of the list has in common. */
struct today {
    const char *therapist; /* NULL: all patients */
    struct sw_glances *glances;
};

static int today_draw(struct cli *cli, void *ctx)
{
    const struct today *today = ctx;
    struct sw_worklist list = {.store = cli->store,
                               .zone = &cli->zone,
                               .now_s = cli->now_s,
                               .therapist = today->therapist,
                               .glances = today->glances};
    int code = cli_note_freshness(cli, cli->now_s);
    if (code != CLI_OK)
        return code;
    int r = sw_worklist_gather(&list);
    code = r < 0 ? cli_store_failed(cli, r) : print_list(cli, &list);
    sw_worklist_fini(&list);
    return code;
}

static int today_watch(struct cli *cli, struct today *today)
{
    struct sw_glances glances = {.day = NULL};
    if (cli->format != CLI_TABLE)
        return cli_usage(cli, "--watch is for people: leave out --format");
    today->glances = &glances;
    int code = cli_watch(cli, today_draw, today);
    sw_glances_fini(&glances);
    return code;
}

int cmd_today(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct today today = {.glances = NULL};
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        today.therapist = cli_value(cli, &args, "therapist");
    if (code == CLI_OK && today.therapist)
        code = cli_find_therapist(cli, today.therapist);
    if (code != CLI_OK)
        return code;
    return cli_value(cli, &args, "watch") ? today_watch(cli, &today)
                                          : today_draw(cli, &today);
}
