/* cmd_patient_show.c -- a patient's name, plans and open alerts.
 * CSV and JSON have one row per plan, which repeats what is known of the patient. */
#include <stdlib.h>
#include <string.h>

#include "cli/listed.h"
#include "cli/patient.h"
#include "cli/plan_fields.h"
#include "cli/text.h"

enum { COLUMNS_MAX = 32 };

const struct cli_option cmd_patient_show_options[] = {CLI_FORMAT_OPTION, {0}};

static const struct cli_column patient_columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"name", "name", CLI_WORDS, 0, 1},
    {"added_at", "added", CLI_WORDS, 0, 20},
    {"heard_at", "last heard", CLI_WORDS, 0, 2},
    {"open_alerts", "alerts", CLI_NUMBER, 0, 0},
    {"from", "from", CLI_TEXT, 0, 0},
};
enum {
    N_PATIENT = sizeof patient_columns / sizeof *patient_columns,
    I_FROM = N_PATIENT - 1, /* where a plan's own columns begin */
};

struct show {
    struct cli_table *table;
    const struct sw_patient *patient; /* NULL: its cells are left out */
    int64_t open_alerts;
};

static int count_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    (void)patient_key;
    (void)alert;
    ++*(int64_t *)ctx;
    return 0;
}

static int print_plan(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct show *show = ctx;
    char from[SW_DATE_LEN + 1];
    sw_date_format(from_day, from);
    if (show->patient) {
        cli_cell_text(show->table, show->patient->id.str);
        cli_cell_text(show->table, show->patient->name);
        cli_cell_time(show->table, show->patient->added_at_s);
        cli_cell_time(show->table, show->patient->heard_at_s);
        cli_cell_number(show->table, show->open_alerts);
    }
    bool is_first = from_day == 0;
    if (is_first)
        cli_cell_either(show->table, "the start", "");
    else
        cli_cell_text(show->table, from);
    cli_plan_cells(show->table, plan);
    return 0;
}

static int print_plans(struct cli *cli, const struct sw_patient *patient,
                       int64_t open_alerts)
{
    struct cli_column columns[COLUMNS_MAX];
    size_t first = cli->format == CLI_TABLE ? I_FROM : 0, n = 0;
    for (size_t i = first; i < N_PATIENT; i++)
        columns[n++] = patient_columns[i];
    n = cli_plan_columns(columns, n, COLUMNS_MAX);
    struct show show = {.table = cli_table_new(cli, columns, n),
                        .patient = cli->format == CLI_TABLE ? NULL : patient,
                        .open_alerts = open_alerts};
    int r = sw_store_each_plan(cli->store, patient->key, print_plan, &show);
    if (r < 0)
        return cli_table_drop(show.table, cli_store_failed(cli, r));
    return cli_table_end(show.table, "no plan");
}

static void patient_show_print_patient(struct cli *cli,
                                       const struct sw_patient *patient)
{
    char added[CLI_WHEN_MAX], heard[CLI_WHEN_MAX] = "never";
    char *name = cli_shown(patient->name, strlen(patient->name), 0);
    cli_when_format(&cli->zone, patient->added_at_s, cli->now_s, added);
    if (patient->heard_at_s)
        cli_when_format(&cli->zone, patient->heard_at_s, cli->now_s, heard);
    bool has_name = name && *name;
    cli_heading(cli, "%s%s%s, added %s, last heard %s\n", patient->id.str,
                has_name ? ", " : "", has_name ? name : "", added, heard);
    free(name);
}

static int show_patient(struct cli *cli, const struct sw_patient *patient)
{
    struct sw_alert_filter filter = {.patient = patient->id};
    int64_t open_alerts = 0;
    int r = sw_store_each_alert(cli->store, &filter, count_alert, &open_alerts);
    if (r < 0)
        return cli_store_failed(cli, r);
    patient_show_print_patient(cli, patient);
    int code = print_plans(cli, patient, open_alerts);
    if (code != CLI_OK || cli->format != CLI_TABLE)
        return code;
    cli_heading(cli, "%s", "");
    return cli_print_alerts(cli, &filter, NULL);
}

int cmd_patient_show(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient patient;
    const char *word;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_one_word(cli, &args, &word);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_find_patient(cli, word, &patient);
    return code == CLI_OK ? show_patient(cli, &patient) : code;
}
