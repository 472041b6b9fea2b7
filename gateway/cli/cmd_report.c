/* cmd_report.c -- the board's screen of a patient as one file that stands alone, for the
 * record or a doctor. What is on it is board/screen_patient.c's business. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "board/board.h"
#include "cli/gateway_state.h"
#include "cli/out_file.h"
#include "cli/patient.h"

enum { DEFAULT_DAYS = 28 };

const struct cli_option cmd_report_options[] = {
    {"days", "N", "the last N days, today included (default 28, at most 366)"},
    {"out", "FILE", "into this file, for its maker alone to read (default: print it)"},
    {0},
};

static const char *report_query(void *ctx, const char *name)
{
    return strcmp(name, "days") == 0 ? ctx : NULL;
}

static int draw_report(struct cli *cli, const char *patient, int64_t days, char **ret,
                       size_t *ret_n)
{
    char text[24];
    struct mk page = {0};
    struct board_view view = {.store = cli->store,
                              .config = &cli->config,
                              .zone = &cli->zone,
                              .now_s = cli->now_s,
                              .role = BOARD_ADMIN,
                              .is_file = true,
                              .stale_since_s = cli->stale_since_s,
                              .query = report_query,
                              .ctx = text};
    snprintf(text, sizeof text, "%" PRId64, days);
    int r = sw_store_begin_reading(cli->store); /* all of one moment */
    if (r >= 0)
        r = board_patient(&view, patient, &page);
    sw_store_rollback(cli->store);
    if (r < 0) {
        mk_fini(&page);
        return cli_store_failed(cli, r);
    }
    return mk_end(&page, ret, ret_n) < 0 ? cli_fail(cli, "out of memory") : CLI_OK;
}

int cmd_report(struct cli *cli, int argc, char **argv)
{
    struct cli_args args;
    struct sw_patient patient;
    int64_t days = DEFAULT_DAYS;
    char *bytes = NULL;
    size_t n = 0;
    int code = cli_parse(cli, argc, argv, &args);
    if (code == CLI_OK)
        code = cli_number(cli, &args, "days", 1, BOARD_DAYS_MAX, &days);
    if (code == CLI_OK)
        code = cli_open_store(cli, SW_STORE_READ);
    if (code == CLI_OK)
        code = cli_show_patient(cli, args.words[0], &patient);
    cli->format = CLI_CSV; /* what is said beside the page goes to standard error */
    if (code == CLI_OK)
        code = cli_note_freshness(cli, cli->now_s);
    if (code == CLI_OK)
        code = draw_report(cli, patient.id.str, days, &bytes, &n);
    const char *path = cli_value(cli, &args, "out");
    if (code == CLI_OK && path)
        code = cli_write_file(cli, path, bytes, n);
    else if (code == CLI_OK)
        fwrite(bytes, 1, n, cli->out);
    free(bytes);
    return code;
}
