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

static void digest_add_row(struct cli_table *table, const struct sw_digest *digest,
                           const char *message)
{
    char date[SW_DATE_LEN + 1];
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
}

static int print_digest(void *ctx, const struct sw_digest *digest)
{
    struct printing *printing = ctx;
    struct cli *cli = printing->cli;
    printing->any = true;
    if (cli->format == CLI_TABLE)
        return digest_print_lines(printing, digest);
    if (cli->format == CLI_JSON) {
        cli_row_json(printing->table, sw_encode_digest(cli->config.site, digest));
        return 0;
    }
    char *message = sw_digest_message(digest);
    if (!message)
        return -ENOMEM;
    digest_add_row(printing->table, digest, message);
    free(message);
    return 0;
}

static void digest_print_heading(struct cli *cli, int32_t day)
{
    char date[SW_DATE_LEN + 1], time[SW_HHMM_LEN + 1];
    bool is_today = day == cli_today(cli);
    sw_date_format(day, date);
    sw_hhmm_format(sw_local_minute(&cli->zone, cli->now_s), time);
    cli_heading(cli, "%s%s%s, %s", date, is_today ? " until " : "",
                is_today ? time : "", cli->config.timezone);
}

static int print_digests(struct cli *cli, const char *therapist, int32_t day)
{
    bool is_listing = cli->format != CLI_TABLE;
    struct sw_digest_order order = {.zone = &cli->zone,
                                    .day = day,
                                    .now_s = cli->now_s,
                                    .budget = cli->config.alert_budget,
                                    .therapist = therapist};
    struct printing printing = {.cli = cli};
    digest_print_heading(cli, day);
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

static int digest_read_day(struct cli *cli, const struct cli_args *args,
                           int32_t *ret_day)
{
    const char *day = cli_value(cli, args, "day");
    *ret_day = cli_today(cli);
    if (!day)
        return CLI_OK;
    if (cli_day(cli, "day", day, ret_day) != CLI_OK)
        return CLI_USAGE;
    if (*ret_day > cli_today(cli))
        return cli_usage(cli, "--day %s: that day is still to come", day);
    return CLI_OK;
}

int cmd_digest(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    int32_t day = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_no_words(cli, &args);
    if (code == CLI_OK)
        code = digest_read_day(cli, &args, &day);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    const char *therapist = code == CLI_OK ? cli_value(cli, &args, "therapist") : NULL;
    if (therapist)
        code = cli_find_therapist(cli, therapist);
    if (code == CLI_OK)
        code = cli_note_freshness(cli, cli_end_of_day(cli, day));
    return code == CLI_OK ? print_digests(cli, therapist, day) : code;
}
