/* cmd_digest.c -- each therapist's day in a few lines, as the gateway publishes it.
 * What is in it is records/digest.c's business. */
#include "records/digest.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/gateway_state.h"
#include "cli/table.h"
#include "cli/text.h"
#include "cli/therapist.h"
#include "cli/window.h"
#include "stepward/wire.h"

enum { INDENT = 2 };

const struct cli_option cmd_digest_options[] = {
    {"therapist", "ID", "of this therapist only"},
    {"day", "DAY", "of another day (default today, so far)"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"therapist", "therapist", CLI_TEXT, 0, 0},
    {"day", "day", CLI_TEXT, 0, 0},
    {"patients", "patients", CLI_NUMBER, 0, 0},
    {"open", "open", CLI_NUMBER, 0, 0},
    {"raised", "raised", CLI_NUMBER, 0, 0},
    {"acknowledged", "acknowledged", CLI_NUMBER, 0, 0},
    {"closed", "closed", CLI_NUMBER, 0, 0},
    {"withdrawn", "withdrawn", CLI_NUMBER, 0, 0},
    {"over_budget", "over budget", CLI_NUMBER, 0, 0},
    {"no_data", "no data", CLI_NUMBER, 0, 0},
    {"goal_met", "goal met", CLI_NUMBER, 0, 0},
    {"message", "message", CLI_WORDS, 0, 0},
};

struct printing {
    struct cli *cli;
    struct cli_table *table; /* of CSV and JSON */
    bool any;
    struct sw_patient patient; /* the patient found last... */
    int error;                 /* ...and the error, if any */
};

/* ---- for people: with names ---- */

static const char *digest_name_of(void *ctx, const struct sw_patient_id *id)
{
    struct printing *printing = ctx;
    int r = sw_store_find_patient(printing->cli->store, *id, &printing->patient);
    if (r < 0)
        printing->error = r;
    return r == 0 ? printing->patient.name : "";
}

/* The therapist, and the lines indented below. */
static int digest_print_lines(struct printing *printing, const struct sw_digest *digest)
{
    struct cli *cli = printing->cli;
    char *message = sw_digest_message_named(digest, digest_name_of, printing);
    char *rest = message;
    int r = message ? printing->error : -ENOMEM;
    if (r == 0)
        fprintf(cli->out, "\n%s\n", digest->therapist.str);
    for (char *line; r == 0 && (line = strsep(&rest, "\n"));) {
        char *shown = cli_shown(line, strlen(line), 0);
        fprintf(cli->out, "%*s", INDENT, "");
        cli_print_wrapped(cli->out, shown ? shown : "", cli->width, INDENT);
        r = shown ? 0 : -ENOMEM;
        free(shown);
    }
    free(message);
    return r;
}

/* ---- for programs: as it is published ---- */

static int print_digest(void *ctx, const struct sw_digest *digest)
{
    struct printing *printing = ctx;
    struct cli_table *table = printing->table;
    enum cli_format format = printing->cli->format;
    char date[SW_DATE_LEN + 1];
    printing->any = true;
    if (format == CLI_TABLE)
        return digest_print_lines(printing, digest);
    if (format == CLI_JSON) {
        cli_row_json(table, sw_encode_digest(printing->cli->config.site, digest));
        return 0;
    }
    char *message = sw_digest_message(digest);
    if (!message)
        return -ENOMEM;
    sw_date_format(digest->day, date);
    cli_cell_text(table, digest->therapist.str);
    cli_cell_text(table, date);
    cli_cell_number(table, digest->patients);
    cli_cell_number(table, digest->n_attention);
    cli_cell_number(table, digest->raised);
    cli_cell_number(table, digest->acknowledged);
    cli_cell_number(table, digest->closed);
    cli_cell_number(table, digest->withdrawn);
    cli_cell_number(table, digest->over_budget);
    cli_cell_number(table, digest->no_data.n);
    cli_cell_number(table, digest->goal_met.n);
    cli_cell_text(table, message);
    free(message);
    return 0;
}

static int print_digests(struct cli *cli, const char *therapist, int32_t day)
{
    bool is_today = day == cli_today(cli), is_listing = cli->format != CLI_TABLE;
    struct sw_digest_order order = {.zone = &cli->zone,
                                    .day = day,
                                    .now_s = cli->now_s,
                                    .budget = cli->config.alert_budget,
                                    .therapist = therapist};
    struct printing printing = {.cli = cli};
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    sw_date_format(day, date);
    sw_hhmm_format(sw_local_minute(&cli->zone, cli->now_s), time);
    cli_heading(cli, "%s%s%s, %s", date, is_today ? " until " : "",
                is_today ? time : "", cli->config.timezone);
    if (is_listing)
        printing.table = cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = sw_records_each_digest(cli->store, &order, print_digest, &printing);
    if (r < 0)
        return cli_table_drop(printing.table, cli_store_failed(cli, r));
    if (is_listing)
        return cli_table_end(printing.table, "");
    if (!printing.any)
        fprintf(cli->out, "no patients\n");
    return CLI_OK;
}

int cmd_digest(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int32_t day = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code != CLI_OK)
        return code;
    const char *therapist = cli_value(cli, &args, "therapist");
    const char *value = cli_value(cli, &args, "day");
    code = cli_day(cli, "day", value ? value : "today", &day);
    if (code == CLI_OK && day > cli_today(cli))
        code = cli_usage(cli, "--day %s: that day is yet to come", value);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK && therapist)
        code = cli_find_therapist(cli, therapist);
    if (code == CLI_OK)
        code = cli_note_freshness(cli, cli_end_of_day(cli, day));
    return code == CLI_OK ? print_digests(cli, therapist, day) : code;
}
