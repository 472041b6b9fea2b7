/* cmd_audit.c -- who did what, and who looked at whom, as it was put down with the act
 * itself, the newest first; and whether all of it is still as it was put down. */
#include <inttypes.h>
#include <string.h>

#include "cli/patient.h"
#include "cli/table.h"
#include "cli/window.h"

enum { DEFAULT_DAYS = 7, DEFAULT_LIMIT = 1000, LIMIT_MAX = 1000000 };

const struct cli_option cmd_audit_options[] = {
    {"patient", "ID", "only what was about this patient"},
    {"who", "NAME", "only what this user did"},
    {"days", "N", "of the last N days (default 7)"},
    {"limit", "N", "list at most N rows (default 1000)"},
    {"verify", NULL, "check that no row was changed, removed or put in; lists none"},
    {"holds", "HASH", "with --verify: and that an earlier --verify printed HASH"},
    CLI_FORMAT_OPTION,
    {0},
};

static const struct cli_column columns[] = {
    {"at", "at", CLI_TEXT, 0, 0},           {"who", "who", CLI_TEXT, 0, 0},
    {"how", "how", CLI_TEXT, 0, 2},         {"what", "what", CLI_WORDS, 0, 0},
    {"patient", "patient", CLI_TEXT, 0, 0}, {"detail", "detail", CLI_WORDS, 0, 1},
};

static int print_row(void *ctx, const struct sw_audit_row *row)
{
    struct cli_table *table = ctx;
    cli_cell_time(table, row->at_s);
    cli_cell_text(table, row->who);
    cli_cell_text(table, row->how);
    cli_cell_text(table, row->what);
    cli_cell_text(table, row->patient);
    cli_cell_text(table, row->detail);
    return 0;
}

/* ---- is it whole? ---- */

/* A hash that somebody noted can only have come from rows that are still there, or were
 * too old. */
static int print_verdict(struct cli *cli, const struct sw_audit_verdict *verdict,
                         const char *holds)
{
    char until[SW_DATE_LEN + 1];
    if (verdict->broken_key != 0)
        return cli_fail(cli,
                        "the audit is broken at row %" PRId64 ": %s; %" PRId64
                        " rows before it are as they were written: keep this "
                        "database, and compare it with the backups",
                        verdict->broken_key, verdict->why, verdict->n);
    if (holds && !verdict->holds)
        return cli_fail(cli,
                        "the audit is whole, but it is not the one of which %.12s… "
                        "was printed, or that row was removed for its age",
                        holds);
    fprintf(cli->out,
            "the audit is whole: %" PRId64 " rows, the last is row %" PRId64 "\n",
            verdict->n, verdict->last_key);
    if (verdict->n_emptied > 0)
        fprintf(cli->out, "%" PRId64 " of them are of patients who were erased\n",
                verdict->n_emptied);
    if (verdict->cut_key > 0) {
        sw_date_format(sw_day_of(&cli->zone, verdict->cut_at_s), until);
        fprintf(cli->out,
                "rows 1 to %" PRId64 ", until %s, were removed for their age\n",
                verdict->cut_key, until);
    }
    fprintf(cli->out, "its hash, to note elsewhere for --holds: %s\n", verdict->hash);
    return CLI_OK;
}

static int verify(struct cli *cli, const struct cli_args *args)
{
    static const char *const filters[] = {"patient", "who", "days", "limit", "format"};
    struct sw_audit_verdict verdict;
    const char *holds = cli_value(cli, args, "holds");
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++)
        if (cli_value(cli, args, filters[i]))
            return cli_usage(cli, "--verify looks at every row: leave out --%s",
                             filters[i]);
    if (holds && (strlen(holds) != SW_AUDIT_HASH_LEN ||
                  strspn(holds, "0123456789abcdefABCDEF") != SW_AUDIT_HASH_LEN))
        return cli_usage(cli, "--holds takes the %d digits that --verify printed",
                         SW_AUDIT_HASH_LEN);
    int code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    int r = sw_store_verify_audit(cli->store, holds, &verdict);
    return r < 0 ? cli_store_failed(cli, r) : print_verdict(cli, &verdict, holds);
}

int cmd_audit(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient_id id;
    struct sw_audit_filter filter = {.limit = DEFAULT_LIMIT};
    int64_t days = DEFAULT_DAYS;
    char date[SW_DATE_LEN + 1];
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK && cli_value(cli, &args, "verify"))
        return verify(cli, &args);
    if (code == CLI_OK && cli_value(cli, &args, "holds"))
        code = cli_usage(cli, "--holds goes with --verify");
    if (code == CLI_OK)
        code = cli_number(cli, &args, "days", 1, CLI_DAYS_MAX, &days);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "limit", 1, LIMIT_MAX, &filter.limit);
    filter.patient = code == CLI_OK ? cli_value(cli, &args, "patient") : NULL;
    if (filter.patient)
        code = cli_patient_id(cli, filter.patient, &id);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code != CLI_OK)
        return code;
    int32_t from_day = cli_today(cli) - (int32_t)days + 1;
    filter.who = cli_value(cli, &args, "who");
    filter.from_s = sw_day_begin(&cli->zone, from_day);
    sw_date_format(from_day, date);
    cli_heading(cli, "since %s, %s", date, cli->config.timezone);
    struct cli_table *table =
        cli_table_new(cli, columns, sizeof columns / sizeof *columns);
    int r = sw_store_each_audit(cli->store, &filter, print_row, table);
    if (r < 0)
        return cli_table_drop(table, cli_store_failed(cli, r));
    return cli_table_end(table, "nobody did anything");
}
