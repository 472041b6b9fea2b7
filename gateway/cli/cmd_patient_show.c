/* cmd_patient_show.c -- all patients and the plans in force today; and of one patient
 * the name, all plans and the open alerts, where CSV and JSON have one row per plan,
 * which repeats what is known of the patient.
 * The fields of a plan are the table in core/plan.c. Durations and the window are
 * printed as `patient set` takes them. */
#include <stdlib.h>
#include <string.h>

#include "cli/contact.h"
#include "cli/listed.h"
#include "cli/patient.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/window.h"
#include "stepward/wire.h"

const struct cli_option cmd_patient_list_options[] = {CLI_FORMAT_OPTION, {0}};
const struct cli_option cmd_patient_show_options[] = {CLI_FORMAT_OPTION, {0}};

/* ---- the columns: some of these, then the plan's ---- */

enum { COLUMNS_MAX = 32, TITLE_MAX = 32 };

static const struct cli_column patient_columns[] = {
    {"patient", "patient", CLI_TEXT, 0, 0},
    {"name", "name", CLI_WORDS, 0, 1},
    {"added_at", "added", CLI_TEXT, 0, 20},
    {"heard_at", "last heard", CLI_TEXT, 0, 2},
    {"open_alerts", "alerts", CLI_NUMBER, 0, 0},
    {"from", "from", CLI_TEXT, 0, 0},
};
enum { N_COLUMNS = sizeof patient_columns / sizeof *patient_columns, N_OF_LIST = 4 };

/* The fields of a plan that stay longest where there is no room, see struct cli_column;
 * they come after the patient's name and when a device was last heard. */
static const char *const kept[] = {
    "therapist", "rest_limit", "goal",         "wake",
    "floor",     "ceiling",    "silent_after", "nudge_after",
};
enum { N_KEPT = sizeof kept / sizeof *kept, KEEP_FIRST = 3 };

/* A table with the columns [first, end) of a patient, then those of a plan. */
static struct cli_table *new_table(struct cli *cli, struct cli_column *columns,
                                   size_t first, size_t end)
{
    static char titles[COLUMNS_MAX][TITLE_MAX]; /* "rest limit": it wraps at blanks */
    const struct sw_plan_field *field;
    size_t n = 0;
    for (size_t i = first; i < end; i++)
        columns[n++] = patient_columns[i];
    for (size_t i = 0; n < COLUMNS_MAX && (field = sw_plan_field(i)); i++) {
        int keep = 0;
        while (keep < N_KEPT && strcmp(kept[keep], field->key) != 0)
            keep++;
        snprintf(titles[i], TITLE_MAX, "%s", field->key);
        for (char *at = titles[i]; (at = strchr(at, '_'));)
            *at = ' ';
        columns[n++] = (struct cli_column){
            .name = field->key,
            .title = titles[i],
            .type = field->type == SW_PLAN_NUMBER ? CLI_NUMBER : CLI_TEXT,
            .keep = KEEP_FIRST + keep,
        };
    }
    return cli_table_new(cli, columns, n);
}

static void patient_cells(struct cli_table *table, const struct sw_patient *patient)
{
    cli_cell_text(table, patient->id.str);
    cli_cell_text(table, patient->name);
    cli_cell_time(table, patient->added_at_s);
    cli_cell_time(table, patient->heard_at_s);
}

static void plan_cells(struct cli_table *table, const struct sw_plan *plan)
{
    const struct sw_plan_field *field;
    for (size_t i = 0; (field = sw_plan_field(i)); i++) {
        char text[SW_PLAN_TEXT_MAX] = "";
        int64_t number;
        sw_plan_get(plan, field->key, text);
        bool is_number = field->type == SW_PLAN_NUMBER &&
                         sw_number_parse(text, 0, INT32_MAX, &number);
        if (is_number)
            cli_cell_number(table, number);
        else
            cli_cell_text(table, text);
    }
}

/* ---- patient list ---- */

static int list_patient(void *ctx, const struct sw_patient *patient,
                        const struct sw_plan *plan)
{
    patient_cells(ctx, patient);
    plan_cells(ctx, plan);
    return 0;
}

int cmd_patient_list(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct cli_column columns[COLUMNS_MAX];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    struct cli_table *table = new_table(cli, columns, 0, N_OF_LIST);
    int r = sw_store_each_patient_on(cli->store, cli_today(cli), list_patient, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "no patients: add one with `stepward patient add`");
}

/* ---- patient show ---- */

struct show {
    struct cli_table *table;
    const struct sw_patient *patient; /* NULL: its cells are left out */
    int64_t open_alerts;
};

static int count_alert(void *ctx, int64_t patient_key, const struct sw_alert *alert)
{
    struct show *show = ctx;
    (void)patient_key;
    (void)alert;
    show->open_alerts++;
    return 0;
}

static int show_plan(void *ctx, int32_t from_day, const struct sw_plan *plan)
{
    struct show *show = ctx;
    char from[SW_DATE_LEN + 1];
    sw_date_format(from_day, from);
    if (show->patient) {
        patient_cells(show->table, show->patient);
        cli_cell_number(show->table, show->open_alerts);
    }
    if (from_day == 0)
        cli_cell_either(show->table, "the start", "");
    else
        cli_cell_text(show->table, from);
    plan_cells(show->table, plan);
    return 0;
}

static void show_heading(struct cli *cli, const struct sw_patient *patient)
{
    char added[CLI_WHEN_MAX], heard[CLI_WHEN_MAX] = "never";
    char *name = cli_shown(patient->name, strlen(patient->name), 0);
    cli_when_format(&cli->zone, patient->added_at_s, cli->now_s, added);
    if (patient->heard_at_s)
        cli_when_format(&cli->zone, patient->heard_at_s, cli->now_s, heard);
    bool has_name = name && *name;
    cli_heading(cli, "%s%s%s, added %s, last heard %s", patient->id.str,
                has_name ? ", " : "", has_name ? name : "", added, heard);
    free(name);
}

/* "last contact 12:15 called by anna", where there was one. */
static int show_contact(struct cli *cli, const struct sw_patient *patient)
{
    struct sw_contact contact;
    char text[CLI_CONTACT_MAX];
    int r = sw_store_last_contact(cli->store, patient->key, &contact);
    if (r < 0)
        return cli_store_failed(cli, r);
    if (r == SW_STORE_NONE)
        return CLI_OK;
    cli_contact_format(cli, &contact, text);
    char *shown = cli_shown(text, strlen(text), 0);
    cli_heading(cli, "last contact %s", shown ? shown : "");
    free(shown);
    return CLI_OK;
}

static int show_lateness(struct cli *cli, const struct sw_patient *patient)
{
    struct sw_lateness lateness;
    struct sw_plan plan = sw_plan_default();
    char text[SW_LATENESS_ADVICE_MAX];
    int r = sw_store_get_lateness(cli->store, patient->key, &lateness);
    if (r >= 0)
        r = sw_store_plan_on(cli->store, patient->key, cli_today(cli), &plan);
    if (r < 0)
        return r;
    int32_t late_min = sw_lateness_min(&lateness, plan.fresh_min, cli->now_s);
    if (late_min == 0)
        return 0;
    sw_lateness_advice(patient->id, &plan, &lateness, late_min, text);
    cli_heading(cli, "%s\n", text);
    return 0;
}

static int show_patient(struct cli *cli, const struct sw_patient *patient)
{
    struct sw_alert_filter filter = {.patient = patient->id};
    struct cli_column columns[COLUMNS_MAX];
    bool for_people = cli->format == CLI_TABLE;
    struct show show = {.patient = for_people ? NULL : patient};
    int r = sw_store_each_alert(cli->store, &filter, count_alert, &show);
    if (r < 0)
        return cli_store_failed(cli, r);
    show_heading(cli, patient);
    if (show_contact(cli, patient) != CLI_OK)
        return CLI_FAILED;
    cli_heading(cli, "%s", "");
    r = show_lateness(cli, patient);
    if (r < 0)
        return cli_store_failed(cli, r);
    show.table = new_table(cli, columns, for_people ? N_COLUMNS - 1 : 0, N_COLUMNS);
    r = sw_store_each_plan(cli->store, patient->key, show_plan, &show);
    if (r < 0)
        return cli_table_drop(show.table, cli_store_failed(cli, r));
    int code = cli_table_end(show.table, "no plan");
    if (code != CLI_OK || !for_people)
        return code;
    cli_heading(cli, "%s", "");
    return cli_print_alerts(cli, &filter, NULL);
}

int cmd_patient_show(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient patient;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_show_patient(cli, args.words[0], &patient);
    return code == CLI_OK ? show_patient(cli, &patient) : code;
}
