/* cmd_summary.c -- the rows of days, as they are stored. */
#include <stdlib.h>
#include <string.h>

#include "cli/gateway_state.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "stepward/wire.h"

enum { DEFAULT_DAYS = 7 }; /* a week, today included */

const struct cli_option cmd_summary_options[] = {
    {"day", "DAY", "one day: YYYY-MM-DD, today or yesterday"},
    {"days", "N", "the last N days, today included (default 7)"},
    {"from", "DAY", "from this day..."},
    {"to", "DAY", "...to this one, both included (default today)"},
    CLI_FORMAT_OPTION,
    {0},
};

/* The titles are shorter, for people; the names are those of sw_day_csv_header(). */
static const struct cli_column columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"day", "day", CLI_TEXT, 0, 0},
    {"steps", "steps", CLI_NUMBER, 0, 0},
    {"active_min", "active", CLI_NUMBER, 0, 4},
    {"still_min", "still", CLI_NUMBER, 0, 3},
    {"unworn_min", "unworn", CLI_NUMBER, 0, 8},
    {"unknown_min", "unknown", CLI_NUMBER, 0, 9},
    {"coverage_pct", "cover %", CLI_NUMBER, 0, 7},
    {"longest_rest_min", "longest rest", CLI_NUMBER, 0, 1},
    {"longest_rest_from", "from", CLI_TEXT, 0, 2},
    {"rests_60", "rests 1 h+", CLI_NUMBER, 0, 10},
    {"active_hours", "active hours", CLI_NUMBER, 0, 13},
    {"brisk_min", "brisk", CLI_NUMBER, 0, 14},
    {"valid", "valid", CLI_NUMBER, 0, 11},
    {"goal", "goal", CLI_NUMBER, 0, 15},
    {"goal_pct", "goal %", CLI_NUMBER, 0, 5},
    {"pain_max", "pain max", CLI_NUMBER, 0, 6},
    {"pain_mean", "pain mean", CLI_NUMBER, 0, 12},
};
enum { N_COLUMNS = sizeof columns / sizeof *columns, FROM = 9 };
_Static_assert(N_COLUMNS <= (int)SW_DAY_FIELDS, "each column is a field of a day");

/* ---- for people ---- */

static void summary_minutes_cell(struct cli_table *table, int32_t minutes)
{
    char text[CLI_SPAN_MAX];
    cli_span_format_short(minutes, text);
    cli_cell_text(table, text);
}

/* A number that means something only if there are data. */
static void count_cell(struct cli_table *table, int64_t count, bool is_known)
{
    if (is_known)
        cli_cell_number(table, count);
    else
        cli_cell_none(table);
}

static void print_for_people(struct cli_table *table, const struct sw_day_row *row,
                             char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX])
{
    bool is_known = sw_day_row_knows_steps(row);
    cli_cell_text(table, fields[0]);
    cli_cell_text(table, fields[1]);
    count_cell(table, row->steps, is_known);
    summary_minutes_cell(table, row->active_min);
    summary_minutes_cell(table, row->still_min);
    summary_minutes_cell(table, row->unworn_min);
    summary_minutes_cell(table, row->unknown_min);
    cli_cell_number(table, row->coverage_pct);
    if (row->longest_rest_from >= 0)
        summary_minutes_cell(table, row->longest_rest_min);
    else
        cli_cell_none(table);
    cli_cell_text(table, fields[FROM]);
    count_cell(table, row->rests_60, is_known);
    count_cell(table, row->active_hours, is_known);
    summary_minutes_cell(table, row->brisk_min);
    cli_cell_bool(table, row->valid);
    count_cell(table, row->goal, row->goal > 0);
    count_cell(table, row->goal_pct, is_known && row->goal > 0);
    cli_cell_text(table, fields[N_COLUMNS - 2]);
    cli_cell_text(table, fields[N_COLUMNS - 1]);
}

/* ---- a row ---- */

static int summary_print_row(void *ctx, const struct sw_day_row *row)
{
    struct cli_table *table = ctx;
    char fields[SW_DAY_FIELDS][SW_DAY_FIELD_MAX];
    if (!table)
        return 0;
    enum cli_format format = cli_table_cli(table)->format;
    sw_day_fields(row, fields);
    if (format == CLI_JSON)
        cli_row_json(table, sw_encode_day(row));
    else if (format == CLI_TABLE)
        print_for_people(table, row, fields);
    else
        for (size_t i = 0; i < N_COLUMNS; i++)
            cli_cell_text(table, fields[i]);
    return 0;
}

static int by_id(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static int count_patient(void *ctx, const struct sw_patient *patient)
{
    (void)patient;
    ++*(int64_t *)ctx;
    return 0;
}

/* Who waits for one listing of the board must not wait for a hundred years of everybody. */
static int check_rows(struct cli *cli, const struct cli_args *args,
                      const struct cli_window *window)
{
    int64_t n = (int64_t)args->n_words, days = window->to_day - window->from_day + 1;
    int r = 0;
    if (cli->rows_max == 0)
        return CLI_OK;
    if (n == 0)
        r = sw_store_each_patient(cli->store, count_patient, &n);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (n * days <= cli->rows_max)
        return CLI_OK;
    return cli_usage(cli,
                     "%lld days of %lld patients are too many at once: at most %lld "
                     "rows: ask for fewer days, or for one patient",
                     (long long)days, (long long)n, (long long)cli->rows_max);
}

/* The rows of the patients that are named, in order of their ids; of all if none is. */
static int print_days(struct cli *cli, const struct cli_args *args,
                      const struct cli_window *window)
{
    struct cli_table *table = cli_table_new(cli, columns, N_COLUMNS);
    int r = 0;
    qsort(args->words, args->n_words, sizeof *args->words, by_id);
    if (args->n_words == 0)
        r = sw_store_each_day(cli->store, NULL, window->from_day, window->to_day,
                              summary_print_row, table);
    for (size_t i = 0; i < args->n_words && r >= 0; i++) {
        struct sw_patient_id id;
        bool is_repeated = i > 0 && strcmp(args->words[i], args->words[i - 1]) == 0;
        if (!is_repeated && cli_patient_id(cli, args->words[i], &id) == CLI_OK)
            r = sw_store_each_day(cli->store, &id, window->from_day, window->to_day,
                                  summary_print_row, table);
    }
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "no readings and no scores in these days");
}

int cmd_summary(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct cli_window window;
    struct sw_patient patient;
    char from[SW_DATE_LEN + 1], to[SW_DATE_LEN + 1];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_window(cli, &args, DEFAULT_DAYS, &window);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    for (size_t i = 0; i < args.n_words && code == CLI_OK; i++)
        code = cli_show_patient(cli, args.words[i], &patient);
    if (code == CLI_OK)
        code = check_rows(cli, &args, &window);
    if (code == CLI_OK)
        code = cli_print_freshness(cli, cli_end_of_day(cli, window.to_day));
    if (code != CLI_OK)
        return code;
    sw_date_format(window.from_day, from);
    sw_date_format(window.to_day, to);
    cli_heading(cli, "%s to %s, %s", from, to, cli->config.timezone);
    return print_days(cli, &args, &window);
}
